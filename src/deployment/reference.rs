//! Whether the references of a resolver file can ever have a value: here the file meets the field
//! that it is bound to.

use apollo_compiler::{Name, ast::FieldDefinition, schema::Schema as Sdl};

use crate::{
    config::{
        Diagnostics, ResolverFile, StepFile, did_you_mean,
        resolver::{BoundFile, Written},
        route::RouteStep,
        yaml::Node,
    },
    mapping::{Mention, Subject, mentions},
};

/// Checks all mappings of a file against the field that it is bound to.
pub(super) fn check(
    file: &ResolverFile,
    field: &FieldDefinition,
    sdl: &Sdl,
    diagnostics: &mut Diagnostics,
) {
    let roots = &sdl.schema_definition;
    let is_root = [&roots.query, &roots.mutation, &roots.subscription]
        .into_iter()
        .flatten()
        .any(|root| root.as_str() == file.type_name);
    let mut checker = Checker {
        file,
        field,
        is_root,
        diagnostics,
    };
    for step in file.bound.iter().flat_map(BoundFile::steps) {
        for (what, node) in before_the_answer(step) {
            for mention in mentions(node) {
                result(&mention, what, checker.diagnostics);
                checker.mention(&mention);
            }
        }
        let answer = step.response.iter().filter_map(Written::tree);
        for mention in answer.flat_map(mentions) {
            checker.mention(&mention);
        }
    }
}

/// Checks all mappings of a route, which has no parent. Its arguments are whatever a client sends.
pub(super) fn check_route(file: &RouteStep, key: &str, diagnostics: &mut Diagnostics) {
    let steps = || file.bound.steps().iter();
    for (what, node) in steps().flat_map(before_the_answer) {
        for mention in mentions(node) {
            result(&mention, what, diagnostics);
        }
    }
    let before = steps().flat_map(before_the_answer).map(|(_, node)| node);
    let responses = steps().filter_map(|step| step.response.as_ref()?.tree());
    let answer = responses.chain(&file.status).chain(&file.headers);
    for mention in before.chain(answer).flat_map(mentions) {
        if mention.subject == Subject::Source {
            let message = format!("`$ctx.source` is always null here: `{key}` has no parent");
            let help = "the parameters of path and query are in `$ctx.args`".to_owned();
            diagnostics.warning(Some(mention.span), message, Some(help));
        }
    }
}

/// The mappings that are rendered before the source has answered, and what they are called.
fn before_the_answer(file: &StepFile) -> impl Iterator<Item = (&'static str, &Node)> {
    let batch = file.batch.iter().flat_map(|batch| {
        let overlay = batch.overlay.iter().map(|(_, node)| ("the batch", node));
        std::iter::once(("the batch key", &batch.key)).chain(overlay)
    });
    let keys = file.cache.iter().flat_map(|cache| &cache.keys).flatten();
    let request = file.request.iter().filter_map(Written::tree);
    let request = request.map(|node| ("the request", node));
    request
        .chain(batch)
        .chain(keys.map(|node| ("a cache key", node)))
}

struct Checker<'a> {
    file: &'a ResolverFile,
    field: &'a FieldDefinition,
    is_root: bool,
    diagnostics: &'a mut Diagnostics,
}

/// Reports a mapping that reads an answer before there is one.
fn result(mention: &Mention, what: &str, diagnostics: &mut Diagnostics) {
    if mention.subject != Subject::Result {
        return;
    }
    let message = format!("{what} cannot read `$ctx.result`: the source has not answered yet");
    let help = "only `response` can read it".to_owned();
    diagnostics.error(Some(mention.span), message, Some(help));
}

impl Checker<'_> {
    fn mention(&mut self, mention: &Mention) {
        match (mention.subject, mention.member.as_deref()) {
            (Subject::Args, Some(name)) => self.argument(mention, name),
            (Subject::Source, _) if self.is_root => {
                let ResolverFile { type_name, .. } = self.file;
                let message =
                    format!("`$ctx.source` is always null here: `{type_name}` has no parent");
                let help = "arguments are in `$ctx.args`".to_owned();
                self.diagnostics
                    .warning(Some(mention.span), message, Some(help));
            }
            (Subject::RequestBody, _) => {
                let message = "`$ctx.request.body` is always null here: only routes have a body";
                let help = "arguments are in `$ctx.args`".to_owned();
                self.diagnostics
                    .warning(Some(mention.span), message, Some(help));
            }
            _ => {}
        }
    }

    fn argument(&mut self, mention: &Mention, name: &str) {
        let names = || self.field.arguments.iter().map(|it| &it.name);
        if names().any(|known| known == name) {
            return;
        }
        let field = format!("{}.{}", self.file.type_name, self.file.field_name);
        let help = match self.field.arguments.is_empty() {
            true => Some(format!("`{field}` takes no arguments")),
            false => did_you_mean(name, names().map(Name::as_str)),
        };
        let message = format!("`{field}` has no argument `{name}`");
        self.diagnostics.error(Some(mention.span), message, help);
    }
}
