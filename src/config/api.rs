//! `apis:`

use std::{path::PathBuf, sync::Arc};

use indexmap::IndexMap;

use crate::config::{
    Diagnostic, Diagnostics, ResolverFile, Span, Spanned,
    diagnostic::FileId,
    fields::{Decoded, Fields, Wrong, not_supported, unknown_name},
    glob,
    load::Reading,
    resolver, unit,
    yaml::{Data, Node},
};

/// Types of later versions.
const LATER_TYPES: [&str; 3] = ["rest", "http", "websocket"];

/// Keys of later versions.
const LATER: [&str; 3] = ["auth", "share_operations", "stages"];

/// One entry of `apis:`.
#[derive(Debug, Clone)]
pub enum Api {
    /// `type: graphql`
    Graphql(GraphqlApi),
}

/// A GraphQL api.
#[derive(Debug, Clone)]
pub struct GraphqlApi {
    /// The name under `apis:`.
    pub name: Spanned<String>,
    /// Where it is served. Default: `/graphql`.
    pub path: Spanned<String>,
    /// The schema files, read.
    pub schema: Vec<SchemaFile>,
    /// Where `schema:` stands.
    pub schema_span: Span,
    /// Whether every schema file could be read. What a missing one would have defined is missing
    /// too, which nobody needs to be told.
    pub schema_is_whole: bool,
    /// The resolver files, read.
    pub resolvers: Vec<ResolverFile>,
    /// Whether every resolver file could be read.
    pub resolvers_are_whole: bool,
    /// Whether `__schema` and `__type` answer. Default: true.
    pub introspection: bool,
    /// `limits:`
    pub limits: Limits,
}

/// One SDL file.
#[derive(Debug, Clone)]
pub struct SchemaFile {
    /// Its path as it is shown.
    pub path: PathBuf,
    /// Its text.
    pub text: Arc<str>,
    /// Its place among the files.
    pub file: FileId,
}

/// What one operation may ask.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Levels of nested fields. Default: 20.
    pub depth: usize,
    /// Fields with a resolver in one operation. Default: 1000.
    pub resolvers: usize,
    /// Aliases in one document. Default: 100.
    pub aliases: usize,
    /// Lexical tokens in one document, the blanks between them included. Default: 30000.
    pub tokens: usize,
    /// Bytes of one document. Default: `64KiB`.
    pub query_size: u64,
    /// Operations in one batched request. Default: 10.
    pub batch: usize,
    /// Bytes of one operation's answer, errors counted too. Default: `32MiB`.
    pub answer_size: u64,
    /// Objects of one level below which fields are resolved. Default: 1000000.
    pub level_objects: usize,
    /// Fields of a plan, after fragments are merged per concrete type. Default: 50000.
    pub plan_fields: usize,
}

/// Refuses two apis on one path.
pub(crate) fn check_paths(faults: &mut Diagnostics, apis: &IndexMap<String, Api>) {
    let mut taken: IndexMap<&str, &GraphqlApi> = IndexMap::new();
    for Api::Graphql(api) in apis.values() {
        let first = *taken.entry(&api.path.value).or_insert(api);
        if std::ptr::eq(first, api) {
            continue;
        }
        let message = format!(
            "the apis `{}` and `{}` are both served on `{}`",
            first.name.value, api.name.value, api.path.value
        );
        faults.push(
            Diagnostic::error(Some(api.path.span), message)
                .label(first.path.span, "taken here")
                .help("give one of them another `path`"),
        );
    }
}

// === impl Api ===

impl Api {
    pub(crate) fn decode(cx: &mut Reading, name: &Spanned<String>, node: &Node) -> Option<Self> {
        let owner = format!("the api `{}`", name.value);
        let mut fields = Fields::open(&mut cx.faults, owner, name.span, node)?;
        let Some(ty) = fields.required(&mut cx.faults, "type", "type: graphql", unit::word) else {
            fields.finish_open(&mut cx.faults);
            return None;
        };
        match ty.value.as_str() {
            "graphql" => GraphqlApi::decode(cx, name, fields).map(Api::Graphql),
            later if LATER_TYPES.contains(&later) => {
                let what = format!("the api type `{later}`");
                cx.faults.push(not_supported(ty.span, &what));
                None
            }
            unknown => {
                let fault = unknown_name(ty.span, "api type", unknown, &["graphql"]);
                cx.faults.push(fault);
                None
            }
        }
    }
}

// === impl GraphqlApi ===

impl GraphqlApi {
    fn decode(cx: &mut Reading, name: &Spanned<String>, mut fields: Fields<'_>) -> Option<Self> {
        let faults = &mut cx.faults;
        let path = fields.optional(faults, "path", http_path);
        let fallback = match fields.entry("path") {
            None => Spanned::new("/graphql".to_owned(), name.span),
            // A wrong path must not look taken; a name has no slash, so nobody else is served there.
            Some((span, _)) => Spanned::new(name.value.clone(), span),
        };
        let schema = fields.required(faults, "schema", "schema: schemas/shop.graphql", patterns);
        let resolvers =
            fields.required(faults, "resolvers", "resolvers: resolvers/shop", unit::word);
        let introspection = fields.optional(faults, "introspection", unit::flag);
        let limits = Limits::decode(faults, fields.entry("limits"));
        fields.later(faults, &LATER);
        fields.finish(faults);
        let files = schema.as_ref().map(|it| schema_files(cx, it));
        let resolvers = resolvers.map(|folder| resolver::read_folder(cx, &folder));
        let (files, schema_is_whole) = files?;
        let (resolvers, resolvers_are_whole) = resolvers?;
        Some(GraphqlApi {
            name: name.clone(),
            path: path.unwrap_or(fallback),
            schema: files,
            schema_span: schema?.span,
            schema_is_whole,
            resolvers,
            resolvers_are_whole,
            introspection: introspection.is_none_or(|it| it.value),
            limits,
        })
    }
}

fn http_path(node: &Node) -> Decoded<String> {
    let help = "write `/graphql` or `/shop/graphql`";
    let path = unit::text(node)?;
    if !path.starts_with('/') {
        let wrong = format!("must begin with `/`, not {}", node.describe());
        return Err(Wrong::new(wrong, format!("write `/{path}`")));
    }
    if path.len() > 1 && path.ends_with('/') {
        let right = path.trim_end_matches('/');
        return Err(Wrong::new(
            "must not end with `/`",
            format!("write `/{}`", right.trim_start_matches('/')),
        ));
    }
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "/-_.~".contains(c);
    if !path.chars().all(is_allowed) || path.contains("//") {
        return Err(Wrong::expected("a plain path", node, help));
    }
    Ok(path)
}

/// A file or a glob, or a list of them.
fn patterns(node: &Node) -> Decoded<Vec<Spanned<String>>> {
    let help = "write a file, a list of files, or a glob: `schemas/**/*.graphql`";
    let one = |node: &Node| match unit::word(node) {
        Ok(pattern) => Ok(Spanned::new(pattern, node.span)),
        Err(_) => Err(Wrong::expected(
            "a file, a list of files or a glob",
            node,
            help,
        )),
    };
    match &node.data {
        Data::List(items) if items.is_empty() => Err(Wrong::new("names no file", help)),
        Data::List(items) => items.iter().map(one).collect(),
        _ => Ok(vec![one(node)?]),
    }
}

/// The files, and whether these are all.
fn schema_files(
    cx: &mut Reading,
    patterns: &Spanned<Vec<Spanned<String>>>,
) -> (Vec<SchemaFile>, bool) {
    let mut files: Vec<SchemaFile> = Vec::new();
    let mut are_all = true;
    for pattern in &patterns.value {
        let paths = glob::expand(cx, pattern);
        are_all &= !paths.is_empty();
        for path in paths {
            if files.iter().any(|file| file.path == path) {
                continue;
            }
            match cx.read(&path, Some(pattern.span)) {
                Some((file, text)) => files.push(SchemaFile { path, text, file }),
                None => are_all = false,
            }
        }
    }
    (files, are_all)
}

// === impl Limits ===

impl Default for Limits {
    fn default() -> Self {
        Limits {
            depth: 20,
            resolvers: 1000,
            aliases: 100,
            tokens: 30_000,
            query_size: 64 << 10,
            batch: 10,
            plan_fields: 50_000,
            answer_size: 32 << 20,
            level_objects: 1_000_000,
        }
    }
}

impl Limits {
    fn decode(faults: &mut Diagnostics, section: Option<(Span, &Node)>) -> Self {
        let mut limits = Limits::default();
        let Some((span, node)) = section else {
            return limits;
        };
        let Some(mut fields) = Fields::open(faults, "`limits`", span, node) else {
            return limits;
        };
        for (key, limit) in [
            ("depth", &mut limits.depth),
            ("resolvers", &mut limits.resolvers),
            ("aliases", &mut limits.aliases),
            ("tokens", &mut limits.tokens),
            ("batch", &mut limits.batch),
            ("plan_fields", &mut limits.plan_fields),
            ("level_objects", &mut limits.level_objects),
        ] {
            if let Some(count) = fields.optional(faults, key, unit::count) {
                *limit = count.value;
            }
        }
        if let Some(size) = fields.optional(faults, "query_size", unit::size) {
            limits.query_size = size.value;
        }
        if let Some(size) = fields.optional(faults, "answer_size", unit::size) {
            limits.answer_size = size.value;
        }
        fields.finish(faults);
        limits
    }
}
