//! `type: graphql`

use std::time::Duration;

use crate::config::{
    Diagnostics, Span, Spanned,
    api::{GraphqlApi, Limits, SchemaFile, Subscriptions},
    fields::{Decoded, Fields, Wrong},
    glob,
    load::Reading,
    resolver, unit,
    websocket::Sockets,
    yaml::{Data, Node},
};

/// Keys of later versions.
const LATER: [&str; 2] = ["share_operations", "stages"];

// === impl GraphqlApi ===

impl GraphqlApi {
    pub(super) fn decode(cx: &mut Reading, mut fields: Fields<'_>) -> Option<Self> {
        let faults = &mut cx.faults;
        let schema = fields.required(faults, "schema", "schema: schemas/shop.graphql", patterns);
        let resolvers =
            fields.required(faults, "resolvers", "resolvers: resolvers/shop", unit::word);
        let introspection = fields.optional(faults, "introspection", unit::flag);
        let limits = Limits::decode(faults, fields.entry("limits"));
        let subscriptions = Subscriptions::decode(faults, &mut fields);
        fields.later(faults, &LATER);
        fields.finish(faults);
        let files = schema.as_ref().map(|it| schema_files(cx, it));
        let resolvers = resolvers.map(|folder| resolver::read_folder(cx, &folder));
        let (files, schema_is_whole) = files?;
        let (resolvers, resolvers_are_whole) = resolvers?;
        Some(GraphqlApi {
            schema: files,
            schema_span: schema?.span,
            schema_is_whole,
            resolvers,
            resolvers_are_whole,
            introspection: introspection.is_none_or(|it| it.value),
            limits,
            subscriptions,
        })
    }
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

// === impl Subscriptions ===

impl Default for Subscriptions {
    fn default() -> Self {
        Subscriptions {
            init_timeout: Duration::from_secs(10),
            keep_alive: Duration::from_secs(20),
            per_connection: 100,
            sockets: Sockets {
                frame: 256 << 10,
                message: 256 << 10,
                idle: Duration::from_secs(60),
                total: Duration::from_secs(24 * 60 * 60),
                ..Sockets::default()
            },
        }
    }
}

impl Subscriptions {
    fn decode(faults: &mut Diagnostics, fields: &mut Fields<'_>) -> Self {
        let mut subscriptions = Subscriptions::default();
        let Some(mut fields) = fields.section(faults, "subscriptions") else {
            return subscriptions;
        };
        for (key, duration) in [
            ("init_timeout", &mut subscriptions.init_timeout),
            ("keep_alive", &mut subscriptions.keep_alive),
        ] {
            if let Some(written) = fields.optional(faults, key, unit::positive_duration) {
                *duration = written.value;
            }
        }
        if let Some(count) = fields.optional(faults, "per_connection", unit::count) {
            subscriptions.per_connection = count.value;
        }
        subscriptions.sockets.decode(faults, &mut fields);
        fields.finish(faults);
        subscriptions
    }
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
