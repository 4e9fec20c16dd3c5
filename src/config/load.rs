//! Reads `loomgate.yaml` and the files it names.

use std::{
    fs::{self, File},
    io::{ErrorKind, Read},
    path::{Path, PathBuf},
    sync::Arc,
};

use indexmap::IndexMap;
use rustc_hash::FxHashMap;

use crate::config::{
    Api, Config, Diagnostic, Diagnostics, Server, Source, Span, Spanned,
    access::{self, Provider, UsagePlan},
    api,
    diagnostic::FileId,
    fields::Fields,
    secret, source,
    yaml::{self, Data, Node},
};

/// The largest file that is read. Seeds are loaded whole, so this also bounds memory.
const MAX_FILE: u64 = 64 << 20;

/// The usual name of the configuration, and the one looked for in a folder.
const FILE_NAME: &str = "loomgate.yaml";

/// Sections of later versions.
const LATER: [&str; 1] = ["cluster"];

/// What is at hand while files are read.
pub(crate) struct Reading {
    /// The folder of `loomgate.yaml`.
    pub(crate) directory: PathBuf,
    /// What was found wrong so far, and the files.
    pub(crate) faults: Diagnostics,
    /// The names under `sources:`, those of broken sources too.
    pub(crate) source_names: Vec<String>,
    /// Those of them that are surely no `http` sources.
    pub(crate) not_http: Vec<String>,
    /// The names under `auth:`, those of broken providers too.
    pub(crate) provider_names: Vec<String>,
    /// The names under `usage_plans:`, those of broken plans too.
    pub(crate) plan_names: Vec<String>,
    /// The files that were read; nothing for those that are no text.
    read: FxHashMap<PathBuf, Option<FileId>>,
}

/// Reads a configuration: a file, or a folder that holds a `loomgate.yaml`. `None` when it is too
/// broken to be looked at further; the diagnostics say why, and also hold the warnings of a good
/// one.
pub fn load(path: &Path) -> (Option<Config>, Diagnostics) {
    let path = match path.is_dir() {
        true => path.join(FILE_NAME),
        false => path.to_owned(),
    };
    let mut cx = Reading {
        directory: path.parent().map(Path::to_owned).unwrap_or_default(),
        faults: Diagnostics::default(),
        source_names: Vec::new(),
        not_http: Vec::new(),
        provider_names: Vec::new(),
        plan_names: Vec::new(),
        read: FxHashMap::default(),
    };
    let config = configuration(&mut cx, &path);
    cx.faults.sort();
    (config, cx.faults)
}

fn configuration(cx: &mut Reading, path: &Path) -> Option<Config> {
    if !path.exists() {
        cx.faults.error(
            None,
            format!("there is no configuration at `{}`", path.display()),
            Some(format!(
                "go to a folder with a `{FILE_NAME}`, or name the file: `loomgate serve --config path/to/{FILE_NAME}`"
            )),
        );
        return None;
    }
    let (file, text) = cx.read(path, None)?;
    let Some(root) = yaml::parse(file, &text, &mut cx.faults) else {
        secret::conceal_values(&mut cx.faults, file, &text);
        return None;
    };
    secret::conceal_secrets(&mut cx.faults, &root);
    let top = Span::new(file, 0..0);
    let mut fields = Fields::open(&mut cx.faults, "the configuration", top, &root)?;
    let server = Server::decode(cx, fields.entry("server"));
    let sources = sources(cx, fields.entry("sources"));
    let auth = providers(cx, fields.entry("auth"));
    let usage_plans = usage_plans(cx, fields.entry("usage_plans"));
    let api_keys = access::api_keys(cx, fields.entry("api_keys"));
    let example = "apis: { shop: { type: graphql, schema: …, resolvers: … } }";
    let apis = apis(cx, fields.required_entry("apis", example));
    fields.later(&mut cx.faults, &LATER);
    fields.finish(&mut cx.faults);
    Some(Config {
        directory: cx.directory.clone(),
        server,
        sources,
        auth,
        usage_plans,
        api_keys,
        apis,
    })
}

fn sources(cx: &mut Reading, section: Option<(Span, &Node)>) -> IndexMap<String, Source> {
    let mut sources = IndexMap::new();
    let entries = entries(cx, "`sources`", "name: { type: … }", section);
    cx.source_names = entries.iter().map(|(name, _)| name.value.clone()).collect();
    for (name, node) in entries {
        if let Some(source) = Source::decode(cx, name, node) {
            if !matches!(source, Source::Http(_)) {
                cx.not_http.push(name.value.clone());
            }
            sources.insert(name.value.clone(), source);
        }
    }
    source::check_tables(&mut cx.faults, &sources);
    sources
}

fn providers(cx: &mut Reading, section: Option<(Span, &Node)>) -> IndexMap<String, Provider> {
    let mut providers = IndexMap::new();
    let entries = entries(cx, "`auth`", "name: { type: … }", section);
    cx.provider_names = entries.iter().map(|(name, _)| name.value.clone()).collect();
    for (name, node) in entries {
        if let Some(provider) = Provider::decode(cx, name, node) {
            providers.insert(name.value.clone(), provider);
        }
    }
    providers
}

fn usage_plans(cx: &mut Reading, section: Option<(Span, &Node)>) -> IndexMap<String, UsagePlan> {
    let mut plans = IndexMap::new();
    let entries = entries(cx, "`usage_plans`", "name: { rate: … }", section);
    cx.plan_names = entries.iter().map(|(name, _)| name.value.clone()).collect();
    for (name, node) in entries {
        if let Some(plan) = UsagePlan::decode(&mut cx.faults, name, node) {
            plans.insert(name.value.clone(), plan);
        }
    }
    plans
}

fn apis(cx: &mut Reading, section: Option<(Span, &Node)>) -> IndexMap<String, Api> {
    let mut apis = IndexMap::new();
    for (name, node) in entries(cx, "`apis`", "name: { type: … }", section) {
        if let Some(api) = Api::decode(cx, name, node) {
            apis.insert(name.value.clone(), api);
        }
    }
    api::check_places(&mut cx.faults, &apis);
    let is_empty = |node: &Node| match &node.data {
        Data::Map(entries) => entries.is_empty(),
        _ => node.is_null(),
    };
    if let Some((span, _)) = section.filter(|(_, node)| is_empty(node)) {
        cx.faults.push(
            Diagnostic::error(
                Some(span),
                "`apis` names no api, so there is nothing to serve",
            )
            .help("add one: `shop: { type: graphql, schema: …, resolvers: … }`"),
        );
    }
    apis
}

/// The entries of a section whose keys are the team's own names.
fn entries<'a>(
    cx: &mut Reading,
    owner: &str,
    example: &str,
    section: Option<(Span, &'a Node)>,
) -> &'a [(Spanned<String>, Node)] {
    match section.map(|(_, node)| (node, &node.data)) {
        None | Some((_, Data::Null)) => &[],
        Some((_, Data::Map(entries))) => entries,
        Some((node, _)) => {
            let message = format!("{owner} must be a mapping, not {}", node.describe());
            cx.faults.push(
                Diagnostic::error(Some(node.span), message)
                    .help(format!("write `{example}` lines, indented below it")),
            );
            &[]
        }
    }
}

// === impl Reading ===

impl Reading {
    /// The file that a path in the configuration means.
    pub(crate) fn resolve(&self, path: &str) -> PathBuf {
        self.directory.join(path)
    }

    /// Reads a text file. What is wrong is said where the file was named, or where in it.
    pub(crate) fn read(
        &mut self,
        path: &Path,
        named_at: Option<Span>,
    ) -> Option<(FileId, Arc<str>)> {
        if let Some(known) = self.read.get(path) {
            let file = (*known)?;
            return Some((file, Arc::clone(self.faults.files.text(file)?)));
        }
        let bytes = match read_bounded(path) {
            Ok(bytes) => bytes,
            Err(why) => {
                let message = format!("cannot read `{}`: {why}", path.display());
                self.faults.push(
                    Diagnostic::error(named_at, message)
                        .help("paths are relative to the folder of the configuration"),
                );
                return None;
            }
        };
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                self.not_text(path, &error);
                self.read.insert(path.to_owned(), None);
                return None;
            }
        };
        let text: Arc<str> = text.strip_prefix('\u{feff}').unwrap_or(&text).into();
        let file = self.faults.files.register(path, Arc::clone(&text));
        self.read.insert(path.to_owned(), Some(file));
        Some((file, text))
    }

    /// Whether a path was read already.
    pub(crate) fn has_read(&self, path: &Path) -> bool {
        self.read.contains_key(path)
    }

    fn not_text(&mut self, path: &Path, error: &std::string::FromUtf8Error) {
        let at = error.utf8_error().valid_up_to();
        // The text before the fault stands in the lossy form byte for byte.
        let lossy = String::from_utf8_lossy(error.as_bytes());
        let width = char::REPLACEMENT_CHARACTER.len_utf8();
        let file = self.faults.files.register(path, lossy.as_ref());
        self.faults.push(
            Diagnostic::error(
                Some(Span::new(file, at..at + width)),
                "the file is not UTF-8 text",
            )
            .help("save it as UTF-8"),
        );
    }
}

/// Why a file cannot be read, in words that are the same on every system.
pub(crate) fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "there is no such file".to_owned(),
        ErrorKind::PermissionDenied => "it may not be read by this user".to_owned(),
        ErrorKind::IsADirectory => "it is a folder".to_owned(),
        ErrorKind::NotADirectory => "it is no folder".to_owned(),
        _ => error.to_string(),
    }
}

/// Reads a text file that a mapping is, or that it names; `named_at` is where.
pub(crate) fn read_source(
    path: &Path,
    named_at: Option<Span>,
    faults: &mut Diagnostics,
) -> Option<(FileId, Arc<str>)> {
    if let Some(file) = faults.files.find(path) {
        return Some((file, Arc::clone(faults.files.text(file)?)));
    }
    match read_text(path) {
        Ok(text) => {
            let text: Arc<str> = text.into();
            Some((faults.files.register(path, Arc::clone(&text)), text))
        }
        Err(why) => {
            let message = format!("cannot read `{}`: {why}", path.display());
            faults.push(Diagnostic::error(named_at, message));
            None
        }
    }
}

/// Reads a text that nobody needs excerpts of.
pub(crate) fn read_text(path: &Path) -> Result<String, String> {
    let bytes = read_bounded(path)?;
    String::from_utf8(bytes).map_err(|_| "it is not UTF-8 text".to_owned())
}

fn read_bounded(path: &Path) -> Result<Vec<u8>, String> {
    // Looked at before it is opened: opening a pipe waits for somebody who writes to it.
    let kind = fs::metadata(path).map_err(|error| reason(&error))?;
    if kind.is_dir() {
        return Err("it is a folder".to_owned());
    }
    if !kind.is_file() {
        return Err("it is no regular file".to_owned());
    }
    let file = File::open(path).map_err(|error| reason(&error))?;
    let mut bytes = Vec::new();
    file.take(MAX_FILE + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| reason(&error))?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(format!("it is larger than {} MiB", MAX_FILE >> 20));
    }
    Ok(bytes)
}
