//! `sources:`, one file for all types as long as they are few.

use std::{path::PathBuf, time::Duration};

use ::http::{HeaderName, HeaderValue};
use indexmap::IndexMap;
use url::Url;

pub use crate::config::secret::Secret;
use crate::config::{
    Diagnostic, Diagnostics, Spanned,
    fields::{Decoded, Fields, Wrong, not_supported, unknown_name},
    load::Reading,
    unit,
    yaml::{self, Data, Node},
};

const TYPES: [&str; 3] = ["http", "keyvalue", "none"];

/// Types of later versions.
const LATER_TYPES: [&str; 4] = ["lambda", "dynamodb", "sql", "aws"];

/// One entry of `sources:`.
#[derive(Debug, Clone)]
pub enum Source {
    /// `type: http`
    Http(Http),
    /// `type: keyvalue`
    KeyValue(KeyValue),
    /// `type: none`
    None,
}

/// An HTTP service.
#[derive(Debug, Clone)]
pub struct Http {
    /// Scheme, host, port and base path of every request.
    pub url: Spanned<Url>,
    /// How long a call may take, from the first byte sent to the last byte read. Default: `10s`.
    pub timeout: Duration,
    /// Calls in flight at once; more wait. Default: 256.
    pub concurrency: usize,
    /// Largest answer, in bytes. Default: `10MiB`.
    pub max_response: u64,
    /// Header fields sent with every call; values may be secrets (`env:NAME`, `file:PATH`).
    pub headers: Vec<(Spanned<String>, Secret)>,
}

/// A table of the embedded key-value store.
#[derive(Debug, Clone)]
pub struct KeyValue {
    /// The table's name in the store. Default: the source's name.
    pub table: Spanned<String>,
    /// The partition key.
    pub partition_key: Key,
    /// The sort key, if the table has one.
    pub sort_key: Option<Key>,
    /// A JSON or YAML file with a list of items, loaded when the table is empty.
    pub seed: Option<Spanned<PathBuf>>,
    /// The items of the seed file, read.
    pub seed_items: Option<Node>,
}

/// A key attribute.
#[derive(Debug, Clone)]
pub struct Key {
    /// The attribute's name.
    pub name: Spanned<String>,
    /// Its type. Default: `S`.
    pub kind: KeyKind,
}

/// The types that a key may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// A string.
    String,
    /// A number.
    Number,
    /// Bytes.
    Binary,
}

/// Refuses two sources that mean one table but not the same keys.
pub(crate) fn check_tables(faults: &mut Diagnostics, sources: &IndexMap<String, Source>) {
    let mut tables: IndexMap<&str, &KeyValue> = IndexMap::new();
    for source in sources.values() {
        let Source::KeyValue(table) = source else {
            continue;
        };
        let first = *tables.entry(&table.table.value).or_insert(table);
        if !first.has_keys_of(table) {
            let message = format!("the table `{}` has other keys elsewhere", table.table.value);
            faults.push(
                Diagnostic::error(Some(table.table.span), message)
                    .label(first.table.span, "first described here")
                    .help("describe its keys alike, or name another `table`"),
            );
        }
    }
}

// === impl Source ===

impl Source {
    pub(crate) fn decode(cx: &mut Reading, name: &Spanned<String>, node: &Node) -> Option<Self> {
        let owner = format!("the source `{}`", name.value);
        let mut fields = Fields::open(&mut cx.faults, owner, name.span, node)?;
        let Some(ty) = fields.required(&mut cx.faults, "type", "type: http", unit::word) else {
            // Without a type nobody can say which keys belong here.
            fields.finish_open(&mut cx.faults);
            return None;
        };
        match ty.value.as_str() {
            "http" => Http::decode(cx, fields).map(Source::Http),
            "keyvalue" => KeyValue::decode(cx, name, fields).map(Source::KeyValue),
            "none" => {
                fields.finish(&mut cx.faults);
                Some(Source::None)
            }
            later if LATER_TYPES.contains(&later) => {
                let what = format!("the source type `{later}`");
                cx.faults.push(not_supported(ty.span, &what));
                None
            }
            unknown => {
                let fault = unknown_name(ty.span, "source type", unknown, &TYPES);
                cx.faults.push(fault);
                None
            }
        }
    }
}

// === impl Http ===

impl Http {
    fn decode(cx: &mut Reading, mut fields: Fields<'_>) -> Option<Self> {
        let faults = &mut cx.faults;
        if let Some((_, node)) = fields.entry("url") {
            conceal_credentials(faults, node);
        }
        let url = fields.required(faults, "url", "url: http://127.0.0.1:9000", base_url);
        let timeout = fields.optional(faults, "timeout", unit::positive_duration);
        let concurrency = fields.optional(faults, "concurrency", unit::count);
        let max_response = fields.optional(faults, "max_response", unit::size);
        let headers = headers(cx, &mut fields);
        fields.later(&mut cx.faults, &["share"]);
        fields.finish(&mut cx.faults);
        Some(Http {
            url: url?,
            timeout: timeout.map_or(Duration::from_secs(10), |it| it.value),
            concurrency: concurrency.map_or(256, |it| it.value),
            max_response: max_response.map_or(10 << 20, |it| it.value),
            headers,
        })
    }
}

fn conceal_credentials(faults: &mut Diagnostics, node: &Node) {
    if node.as_str().is_some_and(|text| text.contains('@')) {
        faults.files.conceal(node.span);
    }
}

fn base_url(node: &Node) -> Decoded<Url> {
    let help = "write scheme, host and base path: `https://api.example.com/v1`";
    // The text is not repeated: it may hold a password.
    let wrong = |message: &str| Wrong::new(message, help);
    let Some(text) = node.as_str() else {
        return Err(Wrong::expected("a URL", node, help));
    };
    let url = Url::parse(text).map_err(|error| match error {
        url::ParseError::RelativeUrlWithoutBase => wrong("must begin with `http://` or `https://`"),
        error => wrong(&format!("is not a URL: {error}")),
    })?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong(&format!(
            "must begin with `http://` or `https://`, not `{}:`",
            url.scheme()
        )));
    }
    if !url.username().is_empty() || url.password().is_some() {
        let help = "send them in a header: `headers: { authorization: env:NAME }`";
        return Err(Wrong::new("must not hold credentials", help));
    }
    if url.query().is_some() || url.fragment().is_some() {
        let help = "put the query into the `request` of a resolver: `query: { name: value }`";
        return Err(Wrong::new("must not hold a query or a fragment", help));
    }
    Ok(url)
}

fn headers(cx: &mut Reading, fields: &mut Fields<'_>) -> Vec<(Spanned<String>, Secret)> {
    let Some((_, node)) = fields.entry("headers") else {
        return Vec::new();
    };
    let Data::Map(entries) = &node.data else {
        let help = "write `headers: { x-api-key: env:NAME }`";
        // The text is not repeated: it may hold a secret.
        let wrong = Wrong::new("must be a mapping of names to values", help);
        cx.faults.push(wrong.at("headers", node.span));
        return Vec::new();
    };
    let mut headers: Vec<(Spanned<String>, Secret)> = Vec::with_capacity(entries.len());
    for (name, node) in entries {
        Secret::conceal(&mut cx.faults, node);
        if let Some(twin) = headers
            .iter()
            .find(|(it, _)| it.value.eq_ignore_ascii_case(&name.value))
        {
            let message = format!("the header `{}` stands here twice", name.value);
            cx.faults.push(
                Diagnostic::error(Some(name.span), message)
                    .label(twin.0.span, "first written here")
                    .help("keep one of them; case makes no difference"),
            );
            continue;
        }
        if let Err(wrong) = header_name(&name.value) {
            cx.faults.push(wrong.at(&name.value, name.span));
            continue;
        }
        match header_value(cx, node) {
            Ok(value) => headers.push((name.clone(), value)),
            Err(wrong) => cx.faults.push(wrong.at(&name.value, node.span)),
        }
    }
    headers
}

fn header_name(name: &str) -> Decoded<()> {
    let Ok(name) = name.parse::<HeaderName>() else {
        return Err(Wrong::new(
            "is not a header name",
            "write letters, digits and `-`",
        ));
    };
    if unit::is_of_the_connection(&name) {
        return Err(Wrong::new(
            "belongs to the connection and cannot be set",
            "remove it",
        ));
    }
    Ok(())
}

fn header_value(cx: &mut Reading, node: &Node) -> Decoded<Secret> {
    let secret = Secret::decode(cx, node)?;
    match HeaderValue::from_str(secret.reveal()) {
        Ok(_) => Ok(secret),
        Err(_) => Err(Wrong::new(
            "holds characters that no header may carry",
            "header values are one line of visible ASCII",
        )),
    }
}

// === impl KeyValue ===

impl KeyValue {
    fn decode(cx: &mut Reading, name: &Spanned<String>, mut fields: Fields<'_>) -> Option<Self> {
        let faults = &mut cx.faults;
        let table = fields.optional(faults, "table", table_name);
        let partition_key = key(faults, &mut fields, "partition_key", true);
        let sort_key = key(faults, &mut fields, "sort_key", false);
        let seed = fields.optional(faults, "seed", unit::word);
        fields.later(faults, &["indexes"]);
        fields.finish(faults);
        if let (Some(partition), Some(sort)) = (&partition_key, &sort_key)
            && partition.name.value == sort.name.value
        {
            let wrong = Wrong::new("is the partition key already", "name another attribute");
            let fault = wrong.at("sort_key", sort.name.span);
            faults.push(fault.label(partition.name.span, "the partition key"));
        }
        let seed_items = seed.as_ref().and_then(|seed| read_seed(cx, seed));
        Some(KeyValue {
            table: table.unwrap_or_else(|| name.clone()),
            partition_key: partition_key?,
            sort_key,
            seed: seed.map(|seed| Spanned::new(cx.resolve(&seed.value), seed.span)),
            seed_items,
        })
    }

    fn has_keys_of(&self, other: &KeyValue) -> bool {
        let shape = |key: &Key| (key.name.value.clone(), key.kind);
        shape(&self.partition_key) == shape(&other.partition_key)
            && self.sort_key.as_ref().map(shape) == other.sort_key.as_ref().map(shape)
    }
}

/// See: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html>
fn table_name(node: &Node) -> Decoded<String> {
    let name = unit::word(node)?;
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    if name.len() > 255 || !name.chars().all(is_allowed) {
        return Err(Wrong::expected(
            "a table name",
            node,
            "write up to 255 letters, digits, `_`, `-` and `.`",
        ));
    }
    Ok(name)
}

/// `name`, or `{ name, type: S | N | B }`.
fn key(
    faults: &mut Diagnostics,
    fields: &mut Fields<'_>,
    at: &'static str,
    is_required: bool,
) -> Option<Key> {
    let entry = match is_required {
        true => fields.required_entry(at, "partition_key: id"),
        false => fields.entry(at),
    };
    let (span, node) = entry?;
    if !matches!(node.data, Data::Map(_)) {
        return match unit::word(node) {
            Ok(name) => Some(Key {
                name: Spanned::new(name, node.span),
                kind: KeyKind::String,
            }),
            Err(_) => {
                let help = format!("write `{at}: id` or `{at}: {{ name: id, type: N }}`");
                let what = "an attribute's name, with or without its type";
                let span = if node.is_null() { span } else { node.span };
                faults.push(Wrong::expected(what, node, help).at(at, span));
                None
            }
        };
    }
    let mut fields = Fields::open(faults, format!("`{at}`"), span, node)?;
    let name = fields.required(faults, "name", "name: id", unit::word);
    let kind = fields.optional(faults, "type", key_kind);
    fields.finish(faults);
    Some(Key {
        name: name?,
        kind: kind.map_or(KeyKind::String, |it| it.value),
    })
}

fn key_kind(node: &Node) -> Decoded<KeyKind> {
    match node.as_str() {
        Some("S") => Ok(KeyKind::String),
        Some("N") => Ok(KeyKind::Number),
        Some("B") => Ok(KeyKind::Binary),
        _ => {
            let help = "`S` is a string, `N` a number, `B` bytes";
            Err(Wrong::expected("`S`, `N` or `B`", node, help))
        }
    }
}

fn read_seed(cx: &mut Reading, seed: &Spanned<String>) -> Option<Node> {
    let path = cx.resolve(&seed.value);
    let (file, text) = cx.read(&path, Some(seed.span))?;
    let node = match path
        .extension()
        .is_some_and(|it| it.eq_ignore_ascii_case("json"))
    {
        true => yaml::parse_json(file, &text, &mut cx.faults)?,
        false => yaml::parse(file, &text, &mut cx.faults)?,
    };
    // What the items must be is the store's to say.
    if !matches!(node.data, Data::List(_)) {
        let message = format!("a seed must be a list of items, not {}", node.describe());
        cx.faults.push(
            Diagnostic::error(Some(node.span), message)
                .label(seed.span, "named here")
                .help("write `- { id: …, name: … }` lines"),
        );
        return None;
    }
    Some(node)
}
