//! From a resolver file to a resolver; every fault is reported where it stands.

mod cache;

use std::sync::Arc;

use crate::{
    config::{
        self, Diagnostics, Spanned, StepFile, did_you_mean,
        resolver::{BoundFile, CodeFile, PipelineFile, Written},
        route::RouteStep,
    },
    mapping::{CallerRead, Dialect, Mapping},
    resolver::{
        Resolver,
        batch::{Batch, Spread},
        pipeline::{Pipeline, Shortcut},
        step::{Parts, ResponseHead, Step},
    },
    source::{Source, Sources},
};

use cache::cache;

/// Functions of one pipeline.
const MAX_FUNCTIONS: usize = 50;

/// What a resolver is being bound to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bound {
    /// Whether the field holds a list.
    pub(crate) many: bool,
    /// Whether it is a field of the mutation type.
    pub(crate) mutation: bool,
    /// Whose templates its templates are.
    pub(crate) dialect: Dialect,
    /// Whether it is the whole of a route, whose answer has a head.
    pub(crate) is_route: bool,
}

impl Bound {
    /// A function of a pipeline, which answers the pipeline.
    fn of_function(self) -> Self {
        Bound {
            is_route: false,
            ..self
        }
    }
}

/// Compiles what a resolver file says.
pub(crate) fn compile(
    file: &BoundFile,
    bound: Bound,
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) -> Option<Resolver> {
    bind(file, None, bound, sources, diagnostics)
}

/// Compiles what a route file says. With `status:` or `headers:`, and where a template may set them,
/// its answer is `{ statusCode, headers, body }`.
pub(crate) fn compile_route(
    file: &RouteStep,
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) -> Option<Resolver> {
    let bound = Bound {
        many: false,
        mutation: false,
        dialect: Dialect::ApiGateway,
        is_route: true,
    };
    let written = [&file.status, &file.headers];
    let head = written.iter().any(|node| node.is_some()).then(|| {
        let [status, headers] = written.map(|node| {
            let node = node.as_ref()?;
            Some(Mapping::compile(node, diagnostics))
        });
        ResponseHead { status, headers }
    });
    let batch = match &file.bound {
        BoundFile::Step(step) => step.batch.as_ref(),
        BoundFile::Pipeline(_) => None,
    };
    if let (Some(_), Some(batch)) = (&head, batch) {
        let message =
            "a batch serves many callers: it has no `status` and `headers` for one of them";
        let help = "remove `batch`, or leave the head of the answer as it is".to_owned();
        diagnostics.error(Some(batch.span), message, Some(help));
    }
    bind(&file.bound, head, bound, sources, diagnostics)
}

fn bind(
    file: &BoundFile,
    head: Option<ResponseHead>,
    bound: Bound,
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) -> Option<Resolver> {
    match file {
        BoundFile::Step(file) => step(file, head, bound, sources, diagnostics).map(Resolver::Step),
        BoundFile::Pipeline(file) => pipeline(file, head, bound, sources, diagnostics)
            .map(|pipeline| Resolver::Pipeline(Box::new(pipeline))),
    }
}

fn pipeline(
    file: &PipelineFile,
    head: Option<ResponseHead>,
    bound: Bound,
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) -> Option<Pipeline> {
    if file.functions.len() > MAX_FUNCTIONS {
        let message = format!(
            "a pipeline has at most {MAX_FUNCTIONS} functions, and this one has {}",
            file.functions.len()
        );
        diagnostics.error(Some(file.span), message, None);
        return None;
    }
    let around = Around::compile(
        [&file.before, &file.after],
        file.code.as_ref(),
        bound.dialect,
        diagnostics,
    );
    let functions = file.functions.iter();
    // All are compiled, so that all faults are told at once.
    let functions: Vec<Option<Arc<Step>>> = functions
        .map(|file| step(file, None, bound.of_function(), sources, diagnostics))
        .collect();
    let mut pipeline = Pipeline {
        before: around.request,
        shortcut: match file.code {
            Some(_) => Shortcut::SkipsFunctions,
            None => Shortcut::Answers,
        },
        functions: functions.into_iter().collect::<Option<_>>()?,
        after: around.response,
        head,
        cache: None,
    };
    if bound.is_route && pipeline.mappings().any(|one| one.reads().head) {
        pipeline.head.get_or_insert_default();
    }
    let head = pipeline.head.iter().flat_map(ResponseHead::mappings);
    let read = pipeline.mappings().chain(head);
    let read: Vec<CallerRead> = read.flat_map(Mapping::caller_reads).cloned().collect();
    let written = file.cache.as_ref();
    pipeline.cache = written.map(|written| cache(written, bound, &read, diagnostics));
    Some(pipeline)
}

/// What stands before and after a call.
struct Around {
    request: Option<Mapping>,
    response: Option<Mapping>,
}

impl Around {
    fn compile(
        written: [&Option<Written>; 2],
        code: Option<&CodeFile>,
        dialect: Dialect,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        if let Some(code) = code {
            let (request, response) = Mapping::of_code(code, diagnostics);
            return Around { request, response };
        }
        let [request, response] = written.map(|written| {
            let written = written.as_ref()?;
            Some(Mapping::of_written(written, dialect, diagnostics))
        });
        Around { request, response }
    }

    /// The mappings of a step. Its batch is laid over a request that is a tree.
    fn of_step(
        file: &StepFile,
        overlay: &[(Spanned<String>, config::yaml::Node)],
        dialect: Dialect,
        diagnostics: &mut Diagnostics,
    ) -> (Mapping, Option<Mapping>) {
        let is_tree = file.code.is_none() && file.request.as_ref().is_none_or(Written::is_tree);
        if let Some((name, _)) = overlay.first().filter(|_| !is_tree) {
            let message = format!("`{}` is laid over a request that is a tree", name.value);
            let help = "let the template or the module say it, from `$keys`".to_owned();
            diagnostics.error(Some(name.span), message, Some(help));
        }
        let overlay = if is_tree { overlay } else { &[] };
        let written = [&None, &file.response];
        let around = Around::compile(written, file.code.as_ref(), dialect, diagnostics);
        let request = around.request.unwrap_or_else(|| {
            Mapping::compile_with_overlay(file.request.as_ref(), overlay, dialect, diagnostics)
        });
        (request, around.response)
    }
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
    let (mut request, response) = Around::of_step(file, overlay, bound.dialect, diagnostics);
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
    // What a template may change, the answer must have room for.
    let changes_head = |mapping: &Mapping| mapping.reads().head;
    let may_change = changes_head(&request) || response.as_ref().is_some_and(changes_head);
    let head = head.or_else(|| (bound.is_route && may_change).then(ResponseHead::default));
    let answer = || {
        response
            .iter()
            .chain(head.iter().flat_map(ResponseHead::mappings))
    };
    // A program whose text is made while it runs counts as reading everything.
    let asks_keys = |mapping: &Mapping| mapping.reads().keys && !mapping.is_program();
    if file.batch.is_none() && (asks_keys(&request) || answer().any(asks_keys)) {
        let message = "`$keys` are the keys of a batch, and there is no `batch`";
        diagnostics.error(
            Some(file.span),
            message,
            Some("add `batch: { key: …, group_by: … }`".to_owned()),
        );
    }
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
    let parts = Parts {
        source_name: Arc::from(file.source.value.as_str()),
        source,
        request,
        response,
        head,
        batch,
        cache,
    };
    Some(parts.assemble())
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
    let mut refuse = |mapping: Option<&Mapping>, what: &str| {
        if mapping.is_some_and(Mapping::has_own_turn) {
            let message = format!(
                "the {what} of a batch serves many parents: it cannot keep or cause anything for one \
                 of them, or be different each time"
            );
            diagnostics.error(Some(written.span), message, None);
        }
        let reads = mapping.map(Mapping::reads).unwrap_or_default();
        if reads.source {
            let message =
                format!("the {what} of a batch serves many parents: it cannot read `$ctx.source`");
            let help = Some("use `$keys`, the keys of all parents of the call".to_owned());
            diagnostics.error(Some(written.span), message, help);
        }
    };
    refuse(Some(request), "request");
    refuse(response, "response");
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
