//! `cache:` of a step or of a pipeline.

use crate::{
    cache::{Bounds, Cache},
    config::{self, Diagnostics, Span},
    json::Value,
    mapping::{CallerRead, Mapping},
    resolver::{Answer, compile::Bound, memory::Memory},
};

/// Compiles the memory of what reads these of the caller.
pub(super) fn cache(
    written: &config::resolver::Cache,
    bound: Bound,
    read: &[CallerRead],
    diagnostics: &mut Diagnostics,
) -> Memory {
    if bound.mutation {
        let message = "a mutation must run every time: it cannot be cached";
        let help = "remove `cache`, or cache the queries that read the same".to_owned();
        diagnostics.error(Some(written.span), message, Some(help));
    }
    let keys: Option<Vec<Mapping>> = written.keys.as_ref().map(|nodes| {
        nodes
            .iter()
            .map(|node| Mapping::compile(node, diagnostics))
            .collect()
    });
    let covered: Vec<CallerRead> = match &keys {
        Some(keys) => keys
            .iter()
            .flat_map(Mapping::caller_reads)
            .cloned()
            .collect(),
        None => CallerRead::default_keys(),
    };
    for read in read {
        if !covered.iter().any(|key| key.covers(read)) {
            uncovered(written.span, read, diagnostics);
        }
    }
    let bounds = Bounds {
        ttl: written.ttl,
        max_entries: written.max_entries,
        max_bytes: written.max_bytes,
    };
    let weigh = |answer: &Answer| {
        answer
            .as_ref()
            .map_or(64, |value: &Value| value.view().size())
    };
    Memory {
        answers: Cache::new(bounds, weigh),
        ttl: written.ttl,
        keys,
        reads_variables: read.iter().any(CallerRead::is_variables),
    }
}

/// A cached answer must not reach a caller who would have asked for another.
fn uncovered(span: Span, read: &CallerRead, diagnostics: &mut Diagnostics) {
    let message = format!(
        "the mapping reads `{read}`, but the cache keys do not: callers would see each other's answers"
    );
    diagnostics.error(Some(span), message, Some(format!("add `{read}` to `keys`")));
}
