//! Modules as teams write them, and what is made of them.

mod lint;
mod program;
mod run;
mod text;
mod uses;

use std::{collections::BTreeMap, path::Path, sync::Arc};

use super::{Library, Prepared, prepare};
use crate::config::{Diagnostic, Diagnostics, Span};

/// Files by their paths; the first in the alphabet of those named `main` is the entry.
pub(super) struct Files(BTreeMap<String, String>);

/// What became of them.
pub(super) struct Outcome {
    pub(super) prepared: Option<Prepared>,
    pub(super) diagnostics: Diagnostics,
}

impl Files {
    pub(super) fn new(files: &[(&str, &str)]) -> Self {
        let owned = |(path, text): &(&str, &str)| ((*path).to_owned(), (*text).to_owned());
        Files(files.iter().map(owned).collect())
    }

    pub(super) fn prepare(&self, entry: &str) -> Outcome {
        let root = Path::new("/team");
        let mut diagnostics = Diagnostics::default();
        let mut read = |path: &Path, named: Option<Span>, diagnostics: &mut Diagnostics| {
            let name = path.strip_prefix(root).ok()?.to_string_lossy().into_owned();
            let Some(text) = self.0.get(&name) else {
                if named.is_some() {
                    diagnostics.push(Diagnostic::error(named, format!("cannot read `{name}`")));
                }
                return None;
            };
            let text: Arc<str> = Arc::from(text.as_str());
            let file = diagnostics.files.find(Path::new(&name));
            let file = file.unwrap_or_else(|| diagnostics.files.register(name, Arc::clone(&text)));
            Some((file, text))
        };
        let mut library = Library {
            root,
            read: &mut read,
            exports: &exports,
        };
        let prepared = prepare(&root.join(entry), None, &mut library, &mut diagnostics);
        prepared.iter().for_each(is_javascript);
        Outcome {
            prepared,
            diagnostics,
        }
    }
}

/// Whatever is prepared must be plain JavaScript.
fn is_javascript(prepared: &Prepared) {
    for module in &prepared.modules {
        let allocator = oxc_allocator::Allocator::default();
        let kind = oxc_span::SourceType::mjs();
        let parsed = oxc_parser::Parser::new(&allocator, &module.code, kind).parse();
        assert!(
            parsed.diagnostics.is_empty(),
            "{:?} in\n{}",
            parsed.diagnostics,
            module.code
        );
    }
}

fn exports(module: &str) -> Option<Vec<String>> {
    let names: &[&str] = match module {
        "@aws-appsync/utils" => &["util", "extensions", "runtime"],
        "@aws-appsync/utils/dynamodb" => &["get", "put", "update", "remove", "query", "operations"],
        "@aws-appsync/utils/rds" => &["select", "insert", "sql", "toJsonObject"],
        "util" => &[
            "appendError",
            "autoId",
            "base64Encode",
            "dynamodb",
            "error",
            "platform",
            "time",
            "toJson",
        ],
        "util.platform" => &["autoId"],
        _ => return None,
    };
    Some(names.iter().map(|it| (*it).to_owned()).collect())
}

/// One file, `main.js`.
pub(super) fn js(text: &str) -> Outcome {
    Files::new(&[("main.js", text)]).prepare("main.js")
}

/// One file, `main.ts`.
pub(super) fn ts(text: &str) -> Outcome {
    Files::new(&[("main.ts", text)]).prepare("main.ts")
}

impl Outcome {
    /// The faults in few words, each with the text it points at.
    pub(super) fn faults(&self) -> String {
        let mut out = String::new();
        for entry in self.diagnostics.iter() {
            let marked = entry.span.and_then(|span| {
                let text = self.diagnostics.files.text(span.file)?;
                text.get(span.range())
            });
            let severity = format!("{:?}", entry.severity).to_lowercase();
            let marked = marked.unwrap_or_default().replace('\n', "⏎");
            out.push_str(&format!("  {severity} `{marked}`: {}\n", entry.message));
            for (_, words) in &entry.labels {
                out.push_str(&format!("    label: {words}\n"));
            }
            if let Some(help) = &entry.help {
                out.push_str(&format!("    help: {help}\n"));
            }
        }
        out
    }

    /// The code of the entry without what freezes it.
    pub(super) fn code(&self) -> &str {
        let prepared = self.prepared.as_ref();
        let code = prepared.map(|it| it.modules[0].code.as_str());
        let code = code.unwrap_or("(nothing)");
        code.split("\n;function __loomgate_keep")
            .next()
            .unwrap_or(code)
    }

    /// The last line of the entry: what is frozen.
    pub(super) fn frozen(&self) -> &str {
        let prepared = self.prepared.as_ref();
        prepared
            .and_then(|it| it.modules[0].code.lines().last())
            .unwrap_or_default()
    }
}
