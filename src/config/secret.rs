//! Values that must not be seen.

use std::path::Path;

use crate::config::{
    Diagnostics, Span, Spanned,
    diagnostic::FileId,
    fields::{Decoded, Fields, Wrong},
    load::{Reading, read_text},
    yaml::{Data, Node},
};

/// A value that must not be seen: prints as `***`.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Wraps a value that was resolved already.
    #[must_use]
    pub fn new(value: String) -> Self {
        Secret(value)
    }

    /// The value itself. Never log it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Resolves `env:NAME`, `file:PATH` or a literal. No message ever repeats the value.
    pub(crate) fn decode(cx: &mut Reading, node: &Node) -> Decoded<Self> {
        Secret::conceal(&mut cx.faults, node);
        let Some(text) = node.as_str() else {
            return Err(Wrong::new(
                "must be text",
                "write `env:NAME`, `file:PATH`, or the value in quotes",
            ));
        };
        match (text.strip_prefix("env:"), text.strip_prefix("file:")) {
            (Some(name), _) => from_environment(name),
            (_, Some(path)) => from_file(&cx.resolve(path)),
            _ => Ok(Secret(text.to_owned())),
        }
    }

    /// The secret of a key that may be absent. A wrong one is recorded.
    pub(crate) fn optional(
        cx: &mut Reading,
        fields: &mut Fields<'_>,
        key: &'static str,
    ) -> Option<Spanned<Self>> {
        let (name, node) = fields.entry(key)?;
        let span = if node.is_null() { name } else { node.span };
        match Secret::decode(cx, node) {
            Ok(secret) => Some(Spanned::new(secret, span)),
            Err(wrong) => {
                cx.faults.push(wrong.at(key, span));
                None
            }
        }
    }

    /// Whether a header field can carry it without loss.
    pub(crate) fn is_visible(&self) -> bool {
        !self.0.is_empty() && self.0.bytes().all(|byte| byte.is_ascii_graphic())
    }

    /// Keeps a literal out of every excerpt, whatever else is wrong with it.
    pub(crate) fn conceal(faults: &mut Diagnostics, node: &Node) {
        let is_reference = |text: &str| text.starts_with("env:") || text.starts_with("file:");
        if !node.as_str().is_some_and(is_reference) {
            faults.files.conceal(node.span);
        }
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

/// Keeps what may be secret out of every excerpt, also where a fault keeps it from being read.
pub(crate) fn conceal_secrets(faults: &mut Diagnostics, root: &Node) {
    conceal_named(faults, root);
    if let Some(keys) = root.get("api_keys") {
        conceal_keys(faults, keys);
    }
}

/// The values below every `headers:`, and of every `value:` and `token:`.
fn conceal_named(faults: &mut Diagnostics, node: &Node) {
    match &node.data {
        Data::Map(entries) => {
            for (name, node) in entries {
                match (&node.data, name.value.as_str()) {
                    (Data::Map(headers), "headers") => {
                        for (_, value) in headers {
                            Secret::conceal(faults, value);
                        }
                    }
                    (_, "headers" | "value" | "token") => Secret::conceal(faults, node),
                    _ => conceal_named(faults, node),
                }
            }
        }
        Data::List(items) => items.iter().for_each(|item| conceal_named(faults, item)),
        _ => {}
    }
}

/// All of `api_keys:` that is surely something else.
fn conceal_keys(faults: &mut Diagnostics, node: &Node) {
    match &node.data {
        Data::Map(entries) => {
            for (name, node) in entries {
                if name.value.contains(':') {
                    faults.files.conceal(name.span);
                }
                if !matches!(name.value.as_str(), "name" | "plan" | "expires") {
                    conceal_keys(faults, node);
                }
            }
        }
        Data::List(items) => items.iter().for_each(|item| conceal_keys(faults, item)),
        _ => Secret::conceal(faults, node),
    }
}

/// Keeps all values out of every excerpt of a text that is no YAML, where nobody can tell which of
/// them are secrets. Keys and indentation stay.
pub(crate) fn conceal_values(faults: &mut Diagnostics, file: FileId, text: &str) {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim_end();
        let value = start + value_of(content)..start + content.len();
        faults.files.conceal(Span::new(file, value));
        start += line.len();
    }
}

/// Where the value of a line begins: behind `key: `, and where there is no key, with the line.
fn value_of(line: &str) -> usize {
    let is_before = |c: char| c.is_whitespace() || matches!(c, '-' | '#' | '?');
    let begin = line.len() - line.trim_start_matches(is_before).len();
    let is_key = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let key = line[begin..].find(|c| !is_key(c));
    let Some(rest) = key.and_then(|end| line[begin + end..].strip_prefix(':')) else {
        return begin;
    };
    if !rest.is_empty() && !rest.starts_with(char::is_whitespace) {
        return begin;
    }
    line.len() - rest.trim_start().len()
}

fn from_environment(name: &str) -> Decoded<Secret> {
    match std::env::var(name) {
        Ok(value) => Ok(Secret(value)),
        Err(std::env::VarError::NotPresent) => Err(Wrong::new(
            format!("reads the environment variable `{name}`, which is not set"),
            format!("start Loomgate with `{name}` set, or write `file:PATH`"),
        )),
        Err(std::env::VarError::NotUnicode(_)) => Err(Wrong::new(
            format!("reads the environment variable `{name}`, which is not UTF-8"),
            "set it to text",
        )),
    }
}

fn from_file(path: &Path) -> Decoded<Secret> {
    match read_text(path) {
        Ok(text) => Ok(Secret(text.trim_end_matches(['\r', '\n']).to_owned())),
        Err(why) => Err(Wrong::new(
            format!("reads the file `{}`: {why}", path.display()),
            "the path after `file:` is relative to the folder of the configuration",
        )),
    }
}
