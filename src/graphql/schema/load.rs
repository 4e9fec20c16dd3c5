//! SDL files in, a validated schema or diagnostics out.

use apollo_compiler::{
    diagnostic::ToCliReport,
    parser::{Parser, SourceMap, SourceSpan},
    schema::Schema as Sdl,
    validation::{DiagnosticList, Valid},
};

use crate::{
    config::{Diagnostics, GraphqlApi, Span, api::SchemaFile},
    graphql::schema::{default, directive, subscribe},
};

/// Parses the files of an api as one schema and validates it.
pub(crate) fn parse(api: &GraphqlApi, diagnostics: &mut Diagnostics) -> Option<Valid<Sdl>> {
    let mut builder = Sdl::builder();
    let mut documents = Vec::with_capacity(api.schema.len());
    for file in &api.schema {
        match Parser::new().parse_ast(&*file.text, &file.path) {
            Ok(document) => documents.push(document),
            Err(broken) => {
                report(&broken.errors, api, diagnostics);
                documents.push(broken.partial);
            }
        }
        Parser::new().parse_into_schema_builder(&*file.text, &file.path, &mut builder);
    }
    if !api.schema_is_whole {
        return None;
    }
    if let Some((sdl, name)) = directive::missing(&documents) {
        Parser::new().parse_into_schema_builder(sdl, name, &mut builder);
    }
    let schema = match builder.build() {
        Ok(schema) => schema,
        Err(broken) => {
            report(&broken.errors, api, diagnostics);
            return None;
        }
    };
    match schema.validate() {
        Ok(valid) => {
            default::check(&valid, api, diagnostics);
            subscribe::check(&valid, api, diagnostics);
            Some(valid)
        }
        Err(broken) => {
            report(&broken.errors, api, diagnostics);
            None
        }
    }
}

/// Reports what apollo-compiler found. What stands nowhere, such as a missing `Query`, is said of the
/// whole schema.
fn report(found: &DiagnosticList, api: &GraphqlApi, diagnostics: &mut Diagnostics) {
    for fault in found.iter() {
        let message = fault.error.to_string();
        match locate(fault.error.location(), fault.sources, &api.schema) {
            Some(span) => diagnostics.error(Some(span), message, None),
            None => {
                let help = message.contains("query root").then(|| {
                    "add `type Query { … }` to one of these files, or name another type: \
                     `schema { query: … }`"
                        .to_owned()
                });
                diagnostics.error(Some(api.schema_span), message, help);
            }
        }
    }
}

/// Where in our files something of a schema stands.
pub(crate) fn span(
    location: Option<SourceSpan>,
    schema: &Sdl,
    files: &[SchemaFile],
) -> Option<Span> {
    locate(location, &schema.sources, files)
}

/// The same, for a schema that is not built.
pub(super) fn locate(
    location: Option<SourceSpan>,
    sources: &SourceMap,
    files: &[SchemaFile],
) -> Option<Span> {
    let location = location?;
    let path = sources.get(&location.file_id())?.path();
    let file = files.iter().find(|file| file.path == path)?;
    let start = u32::try_from(location.offset()).ok()?;
    let end = u32::try_from(location.end_offset()).ok()?;
    Some(Span {
        file: file.file,
        start,
        end,
    })
}
