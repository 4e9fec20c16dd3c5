//! `batch:` and `cache:`.

use crate::config::{
    Diagnostic, Diagnostics, Span, Spanned,
    fields::{Decoded, Fields, Wrong},
    nearest::is_respelled,
    resolver::{Batch, Cache},
    unit,
    yaml::{Data, Node},
};

/// The keys of `batch:` that mean something; every other one is laid over `request:`.
const BATCH_KEYS: [&str; 4] = ["key", "group_by", "order", "max"];

// === impl Batch ===

impl Batch {
    pub(super) fn decode(faults: &mut Diagnostics, span: Span, node: &Node) -> Option<Self> {
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
    pub(super) fn decode(faults: &mut Diagnostics, span: Span, node: &Node) -> Option<Self> {
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
