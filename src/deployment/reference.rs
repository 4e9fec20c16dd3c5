//! Whether the references of a resolver file can ever have a value: here the file meets the field
//! that it is bound to.

use apollo_compiler::{Name, ast::FieldDefinition, schema::Schema as Sdl};

use crate::{
    config::{Diagnostics, ResolverFile, did_you_mean, yaml::Node},
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
    for (what, node) in before_the_answer(file) {
        for mention in mentions(node) {
            checker.result(&mention, what);
            checker.mention(&mention);
        }
    }
    for mention in file.response.iter().flat_map(mentions) {
        checker.mention(&mention);
    }
}

/// The mappings that are rendered before the source has answered, and what they are called.
fn before_the_answer(file: &ResolverFile) -> impl Iterator<Item = (&'static str, &Node)> {
    let batch = file.batch.iter().flat_map(|batch| {
        let overlay = batch.overlay.iter().map(|(_, node)| ("the batch", node));
        std::iter::once(("the batch key", &batch.key)).chain(overlay)
    });
    let keys = file.cache.iter().flat_map(|cache| &cache.keys).flatten();
    let request = file.request.iter().map(|node| ("the request", node));
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

impl Checker<'_> {
    fn result(&mut self, mention: &Mention, what: &str) {
        if mention.subject != Subject::Result {
            return;
        }
        let message = format!("{what} cannot read `$ctx.result`: the source has not answered yet");
        let help = "only `response` can read it".to_owned();
        self.diagnostics
            .error(Some(mention.span), message, Some(help));
    }

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
