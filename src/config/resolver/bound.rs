//! What a resolver file or a route file is bound to: one call of one source, or a pipeline of
//! functions.

use std::path::{Path, PathBuf};

use crate::config::{
    Diagnostic, Diagnostics, Span, Spanned,
    fields::{Decoded, Fields, Wrong, unknown_name},
    folder::{self, FUNCTIONS},
    load::Reading,
    nearest::did_you_mean,
    resolver::{Batch, BoundFile, Cache, CodeFile, PipelineFile, StepFile, Written, written},
    unit,
    yaml::{self, Data, Node},
};

/// The most functions of one pipeline. AppSync allows ten.
const MAX_FUNCTIONS: usize = 50;

/// What a kind of file may say.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules {
    /// Whether it must have a source, or be a pipeline.
    pub(crate) must_ask: bool,
    /// Whether it may have `batch:` and `cache:`.
    pub(crate) remembers: bool,
}

/// The keys of a step or a pipeline, before its file's other keys are read.
pub(crate) struct Draft {
    folder: PathBuf,
    source: Option<Spanned<String>>,
    functions: Option<Vec<Spanned<String>>>,
    request: Option<Written>,
    response: Option<Written>,
    code: Option<CodeFile>,
    batch: Option<Batch>,
    cache: Option<Cache>,
}

/// Whether a file has a key that only means something beside a source.
pub(crate) fn asks(root: &Node) -> bool {
    ["request", "batch", "response", "cache", "code", "pipeline"]
        .iter()
        .any(|key| root.get(key).is_some())
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
    /// Reads the keys; `path` is the file they stand in.
    pub(crate) fn decode(
        cx: &mut Reading,
        path: &Path,
        fields: &mut Fields<'_>,
        rules: Rules,
    ) -> Self {
        let folder = path.parent().map(Path::to_owned).unwrap_or_default();
        let is_pipeline = fields.is_written("pipeline");
        let faults = &mut cx.faults;
        let functions = fields.optional(faults, "pipeline", names);
        let source = match () {
            () if is_pipeline => {
                let why = "has no place beside `pipeline`, whose functions ask their own sources";
                fields.misplaced(
                    faults,
                    &["source", "batch"],
                    why,
                    "write it in the function's file",
                );
                None
            }
            () if rules.must_ask => fields.required(faults, "source", "source: name", unit::word),
            () => fields.optional(faults, "source", unit::word),
        };
        let mut draft = Draft {
            source,
            functions: functions.map(|it| it.value),
            code: written::code(cx, &folder, fields),
            request: None,
            response: None,
            batch: None,
            cache: None,
            folder,
        };
        draft.mappings(cx, fields);
        if rules.remembers {
            draft.memory(&mut cx.faults, fields, is_pipeline);
        }
        draft
    }

    /// `request:` and `response:`, or `code:` in the place of both.
    fn mappings(&mut self, cx: &mut Reading, fields: &mut Fields<'_>) {
        if fields.is_written("code") {
            let why = "has no place beside `code`, whose functions shape request and response";
            let help = "keep one of them";
            fields.misplaced(&mut cx.faults, &["request", "response"], why, help);
            return;
        }
        self.request = written::mapping(cx, &self.folder, fields, "request");
        self.response = written::mapping(cx, &self.folder, fields, "response");
    }

    fn memory(&mut self, faults: &mut Diagnostics, fields: &mut Fields<'_>, is_pipeline: bool) {
        if !is_pipeline {
            let batch = fields.entry("batch");
            self.batch = batch.and_then(|(span, node)| Batch::decode(faults, span, node));
        }
        let cache = fields.entry("cache");
        self.cache = cache.and_then(|(span, node)| Cache::decode(faults, span, node));
    }

    /// What the file is bound to; nothing when it has no source. Sources and functions must be
    /// there.
    pub(crate) fn finish(self, cx: &mut Reading, owner: String, span: Span) -> Option<BoundFile> {
        let Some(names) = self.functions else {
            return self.step(cx, owner, span).map(BoundFile::Step);
        };
        let folder = self.folder.join(FUNCTIONS);
        let functions: Vec<Option<StepFile>> = names
            .iter()
            .map(|name| function(cx, &folder, name))
            .collect();
        Some(BoundFile::Pipeline(PipelineFile {
            owner,
            span,
            before: self.request,
            after: self.response,
            code: self.code,
            functions: functions.into_iter().collect::<Option<_>>()?,
            cache: self.cache,
        }))
    }

    fn step(self, cx: &mut Reading, owner: String, span: Span) -> Option<StepFile> {
        let source = self.source?;
        check_source(cx, &source);
        Some(StepFile {
            owner,
            span,
            source,
            request: self.request,
            batch: self.batch,
            response: self.response,
            code: self.code,
            cache: self.cache,
        })
    }
}

/// Reads the file of a function.
fn function(cx: &mut Reading, folder: &Path, name: &Spanned<String>) -> Option<StepFile> {
    let files = folder::functions_in(folder);
    let Some((_, path)) = files.iter().find(|(known, _)| *known == name.value) else {
        let names: Vec<&str> = files.iter().map(|(known, _)| known.as_str()).collect();
        let message = format!("there is no function `{}`", name.value);
        let help = did_you_mean(&name.value, names)
            .unwrap_or_else(|| format!("write it in `functions/{}.yaml`", name.value));
        let fault = Diagnostic::error(Some(name.span), message).help(help);
        cx.faults.push(fault);
        return None;
    };
    let (file, text) = cx.read(path, Some(name.span))?;
    let root = yaml::parse(file, &text, &mut cx.faults)?;
    if let Some(node) = root.get("pipeline") {
        let message = "a function is one step of a pipeline, and cannot be one";
        let help = "name all functions in the resolver's file";
        cx.faults
            .push(Diagnostic::error(Some(node.span), message).help(help));
        return None;
    }
    let owner = format!("the function `{}`", name.value);
    let mut fields = Fields::open(&mut cx.faults, owner, Span::new(file, 0..0), &root)?;
    let rules = Rules {
        must_ask: true,
        remembers: true,
    };
    let draft = Draft::decode(cx, path, &mut fields, rules);
    fields.finish(&mut cx.faults);
    draft.step(cx, name.value.clone(), Span::new(file, 0..text.len()))
}

/// `pipeline:` the names of functions, at least one.
fn names(node: &Node) -> Decoded<Vec<Spanned<String>>> {
    let help = "write `pipeline: [checkStock, placeOrder]`; each stands in `functions/NAME.yaml`";
    let wrong = || Wrong::expected("a list of functions", node, help);
    let Data::List(items) = &node.data else {
        return Err(wrong());
    };
    if items.is_empty() {
        return Err(Wrong::new("has no functions", help));
    }
    if items.len() > MAX_FUNCTIONS {
        let message = format!(
            "has {} functions, and {MAX_FUNCTIONS} are allowed",
            items.len()
        );
        return Err(Wrong::new(message, "do more in each of them"));
    }
    let names = items.iter().map(|item| {
        let name = unit::word(item).map_err(|_| wrong())?;
        Ok(Spanned::new(name, item.span))
    });
    names.collect()
}
