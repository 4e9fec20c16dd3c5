//! One call of one source, as a resolver file or a route file says it.

use crate::config::{
    Diagnostic, Diagnostics, Span, Spanned,
    fields::{Decoded, Fields, Wrong, not_supported, unknown_name},
    load::Reading,
    nearest::is_respelled,
    resolver::{Batch, Cache, StepFile},
    unit,
    yaml::{Data, Node},
};

/// Keys of later versions.
pub(crate) const LATER: [&str; 2] = ["code", "pipeline"];

/// The keys of `batch:` that mean something; every other one is laid over `request:`.
const BATCH_KEYS: [&str; 4] = ["key", "group_by", "order", "max"];

/// The keys of a step, before its file's other keys are read.
pub(crate) struct Draft {
    source: Option<Spanned<String>>,
    request: Option<Node>,
    batch: Option<Batch>,
    response: Option<Node>,
    cache: Option<Cache>,
}

/// Whether a file has a key of a step beside its source.
pub(crate) fn asks(root: &Node) -> bool {
    ["request", "batch", "response", "cache"]
        .iter()
        .any(|key| root.get(key).is_some())
}

/// A tree. Templates and modules in files of their own are for a later version.
pub(crate) fn mapping(
    faults: &mut Diagnostics,
    fields: &mut Fields<'_>,
    key: &'static str,
) -> Option<Node> {
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

/// Refuses the name of a source that is not there.
pub(crate) fn check_source(cx: &mut Reading, source: &Spanned<String>) {
    let names: Vec<&str> = cx.source_names.iter().map(String::as_str).collect();
    if !names.contains(&source.value.as_str()) {
        let fault = unknown_name(source.span, "source", &source.value, &names);
        cx.faults.push(fault);
    }
}

// === impl Draft ===

impl Draft {
    /// `source:`, `request:` and `response:` of a file that must have a source.
    pub(crate) fn required(faults: &mut Diagnostics, fields: &mut Fields<'_>) -> Self {
        let source = fields.required(faults, "source", "source: name", unit::word);
        Draft::new(source, faults, fields)
    }

    /// The same of a file that may do without one.
    pub(crate) fn optional(faults: &mut Diagnostics, fields: &mut Fields<'_>) -> Self {
        let source = fields.optional(faults, "source", unit::word);
        Draft::new(source, faults, fields)
    }

    fn new(
        source: Option<Spanned<String>>,
        faults: &mut Diagnostics,
        fields: &mut Fields<'_>,
    ) -> Self {
        Draft {
            source,
            request: mapping(faults, fields, "request"),
            response: mapping(faults, fields, "response"),
            batch: None,
            cache: None,
        }
    }

    /// `batch:` and `cache:` as well.
    pub(crate) fn shared(mut self, faults: &mut Diagnostics, fields: &mut Fields<'_>) -> Self {
        let batch = fields.entry("batch");
        self.batch = batch.and_then(|(span, node)| Batch::decode(faults, span, node));
        let cache = fields.entry("cache");
        self.cache = cache.and_then(|(span, node)| Cache::decode(faults, span, node));
        self
    }

    /// The step; nothing when it has no source. The source must be there.
    pub(crate) fn finish(self, cx: &mut Reading, owner: String, span: Span) -> Option<StepFile> {
        let source = self.source?;
        check_source(cx, &source);
        Some(StepFile {
            owner,
            span,
            source,
            request: self.request,
            batch: self.batch,
            response: self.response,
            cache: self.cache,
        })
    }
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
