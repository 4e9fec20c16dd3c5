//! What apollo-compiler lets pass and graphql-js refuses: run on documents that it found valid.
//!
//! The rules look at values: the scalars of AppSync, `@oneOf`, repeated fields, variables inside
//! lists and objects; and at how deep introspection may go. `verdicts.txt` beside the tests lists
//! documents with the verdict of graphql-js.

mod introspection;
mod usage;
mod value;

#[cfg(test)]
mod tests;

use apollo_compiler::{
    ExecutableDocument, Node, Schema, ast,
    executable::{Operation, Selection, SelectionSet},
    parser::SourceSpan,
};

use usage::Usage;
use value::Place;

/// One fault of a document.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Violation {
    /// For the client.
    pub(crate) message: String,
    /// Where: of a variable, its definition and its use.
    pub(crate) locations: Vec<SourceSpan>,
}

/// Checks all operations and fragments of a document that apollo-compiler found valid.
pub(crate) fn document(
    schema: &Schema,
    document: &ExecutableDocument,
) -> Result<(), Vec<Violation>> {
    let mut violations = Vec::new();
    let mut fragments = usage::Fragments::default();
    for (name, fragment) in &document.fragments {
        let mut walk = Walk::new(schema, &mut violations);
        walk.directives(&fragment.directives);
        walk.selections(&fragment.selection_set);
        fragments.insert(name, walk.finish());
    }
    for operation in document.operations.iter() {
        let mut walk = Walk::new(schema, &mut violations);
        walk.operation(operation);
        let used = walk.finish();
        usage::check(operation, &used, &fragments, &mut violations);
    }
    introspection::check(document, &mut violations);
    if violations.is_empty() {
        Ok(())
    } else {
        Err(violations)
    }
}

/// A walk over one operation or fragment, without the fragments it spreads.
struct Walk<'a, 'v> {
    schema: &'a Schema,
    violations: &'v mut Vec<Violation>,
    usages: Vec<Usage<'a>>,
    spreads: Vec<&'a str>,
}

/// What a walk found for later.
#[derive(Debug, Default)]
struct Found<'a> {
    usages: Vec<Usage<'a>>,
    spreads: Vec<&'a str>,
}

// === impl Walk ===

impl<'a, 'v> Walk<'a, 'v> {
    fn new(schema: &'a Schema, violations: &'v mut Vec<Violation>) -> Self {
        Walk {
            schema,
            violations,
            usages: Vec::new(),
            spreads: Vec::new(),
        }
    }

    fn finish(self) -> Found<'a> {
        Found {
            usages: self.usages,
            spreads: self.spreads,
        }
    }

    fn operation(&mut self, operation: &'a Operation) {
        for variable in &operation.variables {
            self.directives(&variable.directives);
            if let Some(default) = &variable.default_value {
                self.value(Place::of_type(&variable.ty), default);
            }
        }
        self.directives(&operation.directives);
        self.selections(&operation.selection_set);
    }

    fn selections(&mut self, set: &'a SelectionSet) {
        for selection in &set.selections {
            self.directives(selection.directives());
            match selection {
                Selection::Field(field) => {
                    self.arguments(&field.definition.arguments, &field.arguments);
                    self.selections(&field.selection_set);
                }
                Selection::InlineFragment(fragment) => self.selections(&fragment.selection_set),
                Selection::FragmentSpread(spread) => self.spreads.push(&spread.fragment_name),
            }
        }
    }

    fn directives(&mut self, directives: &'a ast::DirectiveList) {
        for directive in directives.iter() {
            if let Some(definition) = self.schema.directive_definitions.get(&directive.name) {
                self.arguments(&definition.arguments, &directive.arguments);
            }
        }
    }

    fn arguments(
        &mut self,
        defs: &'a [Node<ast::InputValueDefinition>],
        given: &'a [Node<ast::Argument>],
    ) {
        for argument in given {
            let def = defs.iter().find(|def| def.name == argument.name);
            self.value(
                def.map_or_else(Place::anything, |def| Place::of_argument(def)),
                &argument.value,
            );
        }
    }
}
