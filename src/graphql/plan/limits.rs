//! What one operation may ask: each bound is checked before the work it bounds.
//!
//! Tokens are bounded while parsing, aliases before validation, depth, resolvers and fields while
//! planning. The size of the text is the front's to bound.

use apollo_compiler::{
    ast::{self, Definition},
    executable::{Selection as Ast, SelectionSet},
};
use rustc_hash::FxHashMap;

use crate::{
    config::api::Limits,
    graphql::{RequestError, plan::Document},
};

/// How deeply syntax may nest: selections, lists, objects. Keeps the parser's stack bounded.
pub(super) const PARSER_RECURSION: usize = 128;

/// A limit, overstepped.
pub(super) fn too_many(what: &str, limit: usize) -> RequestError {
    RequestError::new(format!(
        "the operation has too many {what}: at most {limit} are allowed"
    ))
}

/// Where the parser stopped at a limit, that alone is told: what follows from it would mislead.
pub(super) fn from_parser(errors: Vec<RequestError>, bounds: &Limits) -> Vec<RequestError> {
    let stopped = |at: &RequestError| match &at.message {
        message if message.starts_with("token limit") => {
            Some(too_many("lexical tokens", bounds.tokens))
        }
        message if message.contains("recursion limit") => Some(RequestError::new(format!(
            "the syntax of the operation nests too deeply: at most {PARSER_RECURSION} levels are allowed"
        ))),
        _ => None,
    };
    match errors
        .iter()
        .find_map(|error| Some((stopped(error)?, error.location)))
    {
        Some((limit, location)) => vec![RequestError { location, ..limit }],
        None => errors,
    }
}

/// Checks what can be seen before validation.
pub(super) fn check_document(
    document: &ast::Document,
    bounds: &Limits,
) -> Result<(), RequestError> {
    let aliases: usize = document
        .definitions
        .iter()
        .map(|definition| match definition {
            Definition::OperationDefinition(operation) => aliases(&operation.selection_set),
            Definition::FragmentDefinition(fragment) => aliases(&fragment.selection_set),
            _ => 0,
        })
        .sum();
    if aliases > bounds.aliases {
        return Err(too_many("aliases", bounds.aliases));
    }
    Ok(())
}

fn aliases(selections: &[ast::Selection]) -> usize {
    selections
        .iter()
        .map(|selection| match selection {
            ast::Selection::Field(field) => {
                usize::from(field.alias.is_some()) + aliases(&field.selection_set)
            }
            ast::Selection::InlineFragment(fragment) => aliases(&fragment.selection_set),
            ast::Selection::FragmentSpread(_) => 0,
        })
        .sum()
}

/// Checks how deeply fields nest, through fragments.
pub(super) fn check_depth(document: &Document, bounds: &Limits) -> Result<(), RequestError> {
    let depth = Depth {
        document,
        fragments: FxHashMap::default(),
    }
    .of(&document.operation().selection_set);
    if depth > bounds.depth {
        return Err(RequestError::new(format!(
            "the operation has a depth of {depth}: at most {} levels of fields are allowed",
            bounds.depth
        )));
    }
    Ok(())
}

struct Depth<'a> {
    document: &'a Document,
    fragments: FxHashMap<&'a str, usize>,
}

impl<'a> Depth<'a> {
    fn of(&mut self, set: &'a SelectionSet) -> usize {
        set.selections
            .iter()
            .map(|selection| self.of_selection(selection))
            .max()
            .unwrap_or(0)
    }

    fn of_selection(&mut self, selection: &'a Ast) -> usize {
        match selection {
            Ast::Field(field) => 1 + self.of(&field.selection_set),
            Ast::InlineFragment(fragment) => self.of(&fragment.selection_set),
            Ast::FragmentSpread(spread) => {
                if let Some(depth) = self.fragments.get(spread.fragment_name.as_str()) {
                    return *depth;
                }
                let depth = spread
                    .fragment_def(&self.document.document)
                    .map_or(0, |fragment| self.of(&fragment.selection_set));
                self.fragments.insert(&spread.fragment_name, depth);
                depth
            }
        }
    }
}
