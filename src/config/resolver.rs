//! A resolver file: `resolvers/<api>/<Type>.<field>.yaml`.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use crate::config::{
    Diagnostic, Diagnostics, Span, Spanned,
    fields::{Decoded, Fields, Wrong, not_supported, unknown_name},
    load::{Reading, reason},
    nearest::is_respelled,
    unit,
    yaml::{self, Data, Node},
};

/// Keys of later versions.
const LATER: [&str; 2] = ["code", "pipeline"];

/// The folder of step files, which belong to pipelines.
const FUNCTIONS: &str = "functions";

/// The keys of `batch:` that mean something; every other one is laid over `request:`.
const BATCH_KEYS: [&str; 4] = ["key", "group_by", "order", "max"];

/// What a field is bound to, as written.
#[derive(Debug, Clone)]
pub struct ResolverFile {
    /// The type, from the file's name.
    pub type_name: String,
    /// The field, from the file's name.
    pub field_name: String,
    /// The whole file, for faults that have no better place.
    pub span: Span,
    /// `source:`
    pub source: Spanned<String>,
    /// `request:`
    pub request: Option<Node>,
    /// `batch:`
    pub batch: Option<Batch>,
    /// `response:`
    pub response: Option<Node>,
    /// `cache:`
    pub cache: Option<Cache>,
}

/// How many parents become one call.
#[derive(Debug, Clone)]
pub struct Batch {
    /// Where `batch:` stands.
    pub span: Span,
    /// `key:` what names a parent.
    pub key: Node,
    /// `group_by:` which field of a returned item names its parent.
    pub group_by: Option<Spanned<String>>,
    /// `order: true`: the answers come in the order of the keys.
    pub order: bool,
    /// `max:` keys in one call. Default: 100.
    pub max: usize,
    /// Every other key of `batch:` (`query`, `path`, `keys`, …): laid over `request:`.
    pub overlay: Vec<(Spanned<String>, Node)>,
}

/// How long an answer is remembered.
#[derive(Debug, Clone)]
pub struct Cache {
    /// Where `cache:` stands.
    pub span: Span,
    /// `ttl:`
    pub ttl: Duration,
    /// `keys:` what an entry is kept under, beside the field. Default: arguments, source, identity.
    pub keys: Option<Vec<Node>>,
    /// `max_entries:` Default: 10000.
    pub max_entries: u64,
    /// `max_bytes:` Default: `64MiB`.
    pub max_bytes: u64,
}

/// Reads the resolver files of a folder, in the order of their names; says whether these are all.
pub(crate) fn read_folder(cx: &mut Reading, folder: &Spanned<String>) -> (Vec<ResolverFile>, bool) {
    let path = cx.resolve(&folder.value);
    let paths = match list(&path) {
        Ok(paths) => paths,
        Err(error) => {
            let message = format!(
                "cannot read the folder `{}`: {}",
                path.display(),
                reason(&error)
            );
            cx.faults.push(
                Diagnostic::error(
                    Some(folder.span),
                    message.replace("such file", "such folder"),
                )
                .help("make it; it holds one file a field, such as `Query.product.yaml`"),
            );
            return (Vec::new(), false);
        }
    };
    let mut files: Vec<ResolverFile> = Vec::new();
    let mut are_all = true;
    for path in paths {
        let Some((type_name, field_name)) = field_of(&path) else {
            unused(cx, &path);
            continue;
        };
        let Some(file) = ResolverFile::read(cx, &path, type_name, field_name) else {
            are_all = false;
            continue;
        };
        match files.iter().find(|it| it.is_for(&file)) {
            Some(first) => two_files(&mut cx.faults, first, &file),
            None => files.push(file),
        }
    }
    (files, are_all)
}

/// The files of a folder, sorted, without hidden ones and without step files.
fn list(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        if !name.to_string_lossy().starts_with('.') && name != FUNCTIONS {
            paths.push(folder.join(name));
        }
    }
    paths.sort();
    Ok(paths)
}

/// The type and field that a file's name speaks of.
fn field_of(path: &Path) -> Option<(String, String)> {
    let name = path.file_name()?.to_str()?;
    let stem = name
        .strip_suffix(".yaml")
        .or_else(|| name.strip_suffix(".yml"))?;
    let (type_name, field_name) = stem.split_once('.')?;
    (is_name(type_name) && is_name(field_name) && path.is_file())
        .then(|| (type_name.to_owned(), field_name.to_owned()))
}

/// See: <https://spec.graphql.org/September2025/#Name>
fn is_name(word: &str) -> bool {
    let is_start = |c: char| c.is_ascii_alphabetic() || c == '_';
    word.starts_with(is_start) && word.chars().all(|c| is_start(c) || c.is_ascii_digit())
}

fn unused(cx: &mut Reading, path: &Path) {
    // A schema or a seed may stand here as well.
    if cx.has_read(path) {
        return;
    }
    // It may be anything, so it is not read; the empty text makes the excerpt a bare path.
    let file = cx.faults.files.register(path, "");
    let what = if path.is_dir() { "folder" } else { "file" };
    cx.faults.push(
        Diagnostic::warning(
            Some(Span::new(file, 0..0)),
            format!("nothing uses this {what}"),
        )
        .help("a resolver file is named `Type.field.yaml`, such as `Query.product.yaml`"),
    );
}

fn two_files(faults: &mut Diagnostics, first: &ResolverFile, second: &ResolverFile) {
    let field = format!("{}.{}", second.type_name, second.field_name);
    faults.push(
        Diagnostic::error(
            Some(second.span),
            format!("`{field}` has two resolver files"),
        )
        .label(first.span, "the first")
        .help("keep one of them"),
    );
}

// === impl ResolverFile ===

impl ResolverFile {
    fn read(cx: &mut Reading, path: &Path, type_name: String, field_name: String) -> Option<Self> {
        let (file, text) = cx.read(path, None)?;
        let root = yaml::parse(file, &text, &mut cx.faults)?;
        let faults = &mut cx.faults;
        let owner = format!("the resolver of `{type_name}.{field_name}`");
        let mut fields = Fields::open(faults, owner, Span::new(file, 0..0), &root)?;
        let source = fields.required(faults, "source", "source: name", unit::word);
        let request = mapping(faults, &mut fields, "request");
        let batch = fields.entry("batch");
        let batch = batch.and_then(|(span, node)| Batch::decode(faults, span, node));
        let response = mapping(faults, &mut fields, "response");
        let cache = fields.entry("cache");
        let cache = cache.and_then(|(span, node)| Cache::decode(faults, span, node));
        fields.later(faults, &LATER);
        fields.finish(faults);
        let source = source?;
        check_source(cx, &source);
        Some(ResolverFile {
            type_name,
            field_name,
            span: Span::new(file, 0..text.len()),
            source,
            request,
            batch,
            response,
            cache,
        })
    }

    fn is_for(&self, other: &ResolverFile) -> bool {
        self.type_name == other.type_name && self.field_name == other.field_name
    }
}

fn check_source(cx: &mut Reading, source: &Spanned<String>) {
    let names: Vec<&str> = cx.source_names.iter().map(String::as_str).collect();
    if !names.contains(&source.value.as_str()) {
        let fault = unknown_name(source.span, "source", &source.value, &names);
        cx.faults.push(fault);
    }
}

/// A tree. Templates and modules in files of their own are for a later version.
fn mapping(faults: &mut Diagnostics, fields: &mut Fields<'_>, key: &'static str) -> Option<Node> {
    let (_, node) = fields.entry(key)?;
    let is_file = |text: &str| {
        !text.contains(char::is_whitespace) && (text.ends_with(".vtl") || text.ends_with(".js"))
    };
    if node.as_str().is_some_and(is_file) {
        faults.push(not_supported(node.span, "a mapping in a file of its own"));
        return None;
    }
    Some(node.clone())
}

// === impl Batch ===

impl Batch {
    fn decode(faults: &mut Diagnostics, span: Span, node: &Node) -> Option<Self> {
        let mut fields = Fields::open(faults, "`batch`", span, node)?;
        let key = fields.required_entry("key", "key: $ctx.source.id");
        let group_by = fields.optional(faults, "group_by", unit::word);
        let order = fields.optional(faults, "order", unit::flag);
        let max = fields.optional(faults, "max", unit::count);
        let overlay: Vec<_> = fields.rest().cloned().collect();
        fields.finish_open(faults);
        check_spelling(faults, &overlay);
        check_order(faults, span, node, group_by.as_ref(), order.as_ref());
        Some(Batch {
            span,
            key: key?.1.clone(),
            group_by,
            order: order.is_some_and(|it| it.value),
            max: max.map_or(100, |it| it.value),
            overlay,
        })
    }
}

/// A batch must say which answer belongs to which key, in one of two ways.
fn check_order(
    faults: &mut Diagnostics,
    span: Span,
    node: &Node,
    group_by: Option<&Spanned<String>>,
    order: Option<&Spanned<bool>>,
) {
    let is_ordered = order.is_some_and(|order| order.value);
    let fault = match (group_by, order) {
        (Some(group_by), Some(order)) if order.value => Diagnostic::error(
            Some(order.span),
            "`order` and `group_by` exclude each other",
        )
        .label(group_by.span, "`group_by` is here")
        .help(
            "keep `group_by` when items name their parent, \
                     `order: true` when the answers come in the keys' order",
        ),
        // What was tried, in another spelling or with a wrong value, was reported already.
        (None, _) if !is_ordered && !tries_order(node, order) => Diagnostic::error(
            Some(span),
            "`batch` does not say which answer belongs to which key",
        )
        .help(
            "add `group_by: field` when items name their parent, \
             or `order: true` when the answers come in the keys' order",
        ),
        _ => return,
    };
    faults.push(fault);
}

fn tries_order(node: &Node, order: Option<&Spanned<bool>>) -> bool {
    let Data::Map(entries) = &node.data else {
        return false;
    };
    entries.iter().any(|(name, _)| {
        let name = name.value.as_str();
        name == "group_by"
            || name == "order" && order.is_none()
            || is_respelled(name, "group_by")
            || is_respelled(name, "order")
    })
}

/// Every other key is laid over the request, so only another spelling of a known one is surely a
/// slip.
fn check_spelling(faults: &mut Diagnostics, overlay: &[(Spanned<String>, Node)]) {
    for (name, _) in overlay {
        let Some(word) = BATCH_KEYS
            .iter()
            .find(|word| is_respelled(&name.value, word))
        else {
            continue;
        };
        let message = format!("unknown key `{}` in `batch`", name.value);
        let help = format!("did you mean `{word}`?");
        faults.push(Diagnostic::error(Some(name.span), message).help(help));
    }
}

// === impl Cache ===

impl Cache {
    fn decode(faults: &mut Diagnostics, span: Span, node: &Node) -> Option<Self> {
        let mut fields = Fields::open(faults, "`cache`", span, node)?;
        let ttl = fields.required(faults, "ttl", "ttl: 60s", unit::positive_duration);
        let keys = fields.optional(faults, "keys", key_list);
        let max_entries = fields.optional(faults, "max_entries", unit::count);
        let max_bytes = fields.optional(faults, "max_bytes", unit::size);
        fields.finish(faults);
        Some(Cache {
            span,
            ttl: ttl?.value,
            keys: keys.map(|it| it.value),
            max_entries: max_entries.map_or(10_000, |it| it.value as u64),
            max_bytes: max_bytes.map_or(64 << 20, |it| it.value),
        })
    }
}

fn key_list(node: &Node) -> Decoded<Vec<Node>> {
    match &node.data {
        Data::List(items) if !items.is_empty() => Ok(items.clone()),
        _ => {
            let help = "write `keys: [$ctx.args.id]`, or remove it to key by arguments, source and identity";
            Err(Wrong::expected("a list of at least one key", node, help))
        }
    }
}
