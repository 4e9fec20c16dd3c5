//! From a resolver file to a resolver; every fault is reported where it stands.

use std::sync::{Arc, Weak};

use crate::{
    cache::{Bounds, Cache},
    config::{self, Diagnostics, Span, Spanned, StepFile, did_you_mean, route::RouteStep},
    json::Value,
    mapping::{CallerRead, Mapping, Reads},
    resolver::{
        Resolver,
        batch::{Batch, Spread},
        joined::Joined,
        step::{ResponseHead, Step, StepCache},
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
    file: &StepFile,
    bound: Bound,
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) -> Option<Resolver> {
    step(file, None, bound, sources, diagnostics).map(Resolver::Step)
}

/// Compiles what a route file says. With `status:` or `headers:` its answer is
/// `{ statusCode, headers, body }`.
pub(crate) fn compile_route(
    file: &RouteStep,
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) -> Option<Resolver> {
    let bound = Bound {
        many: false,
        mutation: false,
    };
    let written = [&file.status, &file.headers];
    let head = written.iter().any(|node| node.is_some()).then(|| {
        let [status, headers] = written.map(|node| {
            let node = node.as_ref()?;
            Some(Mapping::compile(node, diagnostics))
        });
        ResponseHead { status, headers }
    });
    if let (Some(_), Some(batch)) = (&head, &file.step.batch) {
        let message =
            "a batch serves many callers: it has no `status` and `headers` for one of them";
        let help = "remove `batch`, or leave the head of the answer as it is".to_owned();
        diagnostics.error(Some(batch.span), message, Some(help));
    }
    step(&file.step, head, bound, sources, diagnostics).map(Resolver::Step)
}

fn step(
    file: &StepFile,
    head: Option<ResponseHead>,
    bound: Bound,
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) -> Option<Arc<Step>> {
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
    let answer = || {
        response
            .iter()
            .chain(head.iter().flat_map(ResponseHead::mappings))
    };
    if file.batch.is_none() && (request.reads().keys || answer().any(|one| one.reads().keys)) {
        let message = "`$keys` are the keys of a batch, and there is no `batch`";
        diagnostics.error(
            Some(file.span),
            message,
            Some("add `batch: { key: …, group_by: … }`".to_owned()),
        );
    }
    let judges_status = answer().any(|one| one.reads().status);
    let read = request.caller_reads().iter();
    let read: Vec<CallerRead> = read
        .chain(answer().flat_map(Mapping::caller_reads))
        .cloned()
        .collect();
    let cache = file
        .cache
        .as_ref()
        .map(|written| cache(written, bound, &read, diagnostics));
    let source = source?;
    Some(Arc::new_cyclic(|step| Step {
        joined: Joined::new(Weak::clone(step), &request, response.as_ref()),
        source_name: Arc::from(file.source.value.as_str()),
        source,
        request,
        response,
        head,
        judges_status,
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
