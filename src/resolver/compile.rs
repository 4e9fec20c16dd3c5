//! From a resolver file to a resolver; every fault is reported where it stands.

use std::sync::Arc;

use crate::{
    cache::{Bounds, Cache},
    config::{self, Diagnostics, ResolverFile, Span, Spanned, did_you_mean},
    json::Value,
    mapping::{CallerRead, Mapping, Reads},
    resolver::{
        Resolver,
        batch::{Batch, Spread},
        step::{Step, StepCache},
    },
    source::{Source, Sources},
};

/// What a resolver is being bound to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bound {
    /// Whether the field holds a list.
    pub(crate) many: bool,
    /// Whether it is a field of the mutation type.
    pub(crate) mutation: bool,
}

/// Compiles what a resolver file says.
pub(crate) fn compile(
    file: &ResolverFile,
    bound: Bound,
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) -> Option<Resolver> {
    // A name that no source has was reported when the file was read.
    let source = sources.get(&file.source.value);
    let overlay: &[(Spanned<String>, config::yaml::Node)] = file
        .batch
        .as_ref()
        .map(|batch| batch.overlay.as_slice())
        .unwrap_or_default();
    let mut request = Mapping::compile_with_overlay(file.request.as_ref(), overlay, diagnostics);
    let response = file
        .response
        .as_ref()
        .map(|node| Mapping::compile(node, diagnostics));
    if let Some(source) = &source {
        check_members(&request, &**source, diagnostics);
        for member in source.path_members() {
            request.guard_path(member, diagnostics);
        }
    }
    let batch = file
        .batch
        .as_ref()
        .map(|written| batch(written, bound, &request, response.as_ref(), diagnostics));
    if file.batch.is_none()
        && (request.reads().keys || response.as_ref().is_some_and(|one| one.reads().keys))
    {
        let message = "`$keys` are the keys of a batch, and there is no `batch`";
        diagnostics.error(
            Some(file.span),
            message,
            Some("add `batch: { key: …, group_by: … }`".to_owned()),
        );
    }
    let response_reads = response.as_ref().map(Mapping::reads).unwrap_or_default();
    let read = request.caller_reads().iter();
    let read: Vec<CallerRead> = read
        .chain(response.iter().flat_map(Mapping::caller_reads))
        .cloned()
        .collect();
    let cache = file
        .cache
        .as_ref()
        .map(|written| cache(written, bound, &read, diagnostics));
    Some(Resolver::Step(Step {
        source_name: Arc::from(file.source.value.as_str()),
        source: source?,
        request,
        response,
        judges_status: response_reads.status,
        batch,
        cache,
    }))
}

/// Reports members of a request that its source does not know.
fn check_members(request: &Mapping, source: &dyn Source, diagnostics: &mut Diagnostics) {
    let known = source.request_members();
    for member in request.members() {
        let name = member.value.as_str();
        if !known.contains(&name) {
            let help = did_you_mean(name, known.iter().copied());
            diagnostics.error(
                Some(member.span),
                format!("unknown request key `{name}`"),
                help,
            );
        }
    }
}

fn batch(
    written: &config::resolver::Batch,
    bound: Bound,
    request: &Mapping,
    response: Option<&Mapping>,
    diagnostics: &mut Diagnostics,
) -> Batch {
    let mut refuse = |reads: Reads, what: &str| {
        if reads.source {
            let message =
                format!("the {what} of a batch serves many parents: it cannot read `$ctx.source`");
            let help = Some("use `$keys`, the keys of all parents of the call".to_owned());
            diagnostics.error(Some(written.span), message, help);
        }
    };
    refuse(request.reads(), "request");
    refuse(response.map(Mapping::reads).unwrap_or_default(), "response");
    if !request.reads().keys {
        let message = "the request of this batch does not use `$keys`, so no parent is asked for";
        let help = Some("for example `query: { id: $keys }`".to_owned());
        diagnostics.error(Some(written.span), message, help);
    }
    let key = Mapping::compile(&written.key, diagnostics);
    let spread = match &written.group_by {
        Some(field) => Spread::GroupBy(field.value.as_str().into()),
        None => Spread::Order,
    };
    Batch {
        key,
        spread,
        max: written.max.max(1),
        many: bound.many,
    }
}

fn cache(
    written: &config::resolver::Cache,
    bound: Bound,
    read: &[CallerRead],
    diagnostics: &mut Diagnostics,
) -> StepCache {
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
    let weigh = |answer: &super::Answer| {
        answer
            .as_ref()
            .map_or(64, |value: &Value| value.view().size())
    };
    StepCache {
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
