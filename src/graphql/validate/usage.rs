//! The rules that look at how an operation uses its variables.

use std::collections::{HashMap, HashSet};

use apollo_compiler::{Name, Node, ast, executable::Operation, parser::SourceSpan};

use super::{Found, Violation, value::Place};

/// One use of a variable.
#[derive(Debug)]
pub(super) struct Usage<'a> {
    pub(super) name: &'a Name,
    pub(super) place: Place<'a>,
    pub(super) location: Option<SourceSpan>,
}

/// What each fragment uses and spreads itself.
#[derive(Debug, Default)]
pub(super) struct Fragments<'a> {
    by_name: HashMap<&'a str, Found<'a>>,
}

// === impl Fragments ===

impl<'a> Fragments<'a> {
    pub(super) fn insert(&mut self, name: &'a str, found: Found<'a>) {
        self.by_name.insert(name, found);
    }

    /// Hands over all that is reachable from an operation, each fragment once.
    fn reachable<'s>(&'s self, operation: &'s Found<'a>) -> impl Iterator<Item = &'s Usage<'a>> {
        let mut seen = HashSet::new();
        let mut open = vec![operation];
        let next = move || {
            let found = open.pop()?;
            let spreads = found.spreads.iter().filter(|name| seen.insert(**name));
            open.extend(spreads.filter_map(|name| self.by_name.get(name)));
            Some(&found.usages)
        };
        std::iter::from_fn(next).flatten()
    }
}

/// Checks an operation with all fragments that it reaches.
pub(super) fn check<'a>(
    operation: &Operation,
    found: &Found<'a>,
    fragments: &Fragments<'a>,
    violations: &mut Vec<Violation>,
) {
    let defs = operation.variables.iter().map(|def| (&def.name, def));
    let defs: HashMap<&Name, &Node<ast::VariableDefinition>> = defs.collect();
    for usage in fragments.reachable(found) {
        match defs.get(usage.name) {
            Some(def) => {
                violations.extend(in_allowed_position(def, usage));
                violations.extend(non_null_in_one_of(def, usage));
            }
            None => violations.push(undefined(operation, usage)),
        }
    }
}

/// A variable is defined by the operation that uses it.
///
/// <https://spec.graphql.org/October2021/#sec-All-Variable-Uses-Defined>
fn undefined(operation: &Operation, usage: &Usage<'_>) -> Violation {
    let name = usage.name;
    let message = match &operation.name {
        Some(operation) => {
            format!("Variable \"${name}\" is not defined by operation \"{operation}\".")
        }
        None => format!("Variable \"${name}\" is not defined."),
    };
    Violation {
        message,
        locations: usage.location.into_iter().collect(),
    }
}

/// A variable's type fits the place where it is used, also inside lists and objects.
///
/// <https://spec.graphql.org/October2021/#sec-All-Variable-Usages-are-Allowed>
fn in_allowed_position(
    def: &Node<ast::VariableDefinition>,
    usage: &Usage<'_>,
) -> Option<Violation> {
    let written = usage.place.ty?;
    let nullable = || written.clone().nullable();
    let expected = if usage.place.nullable {
        &nullable()
    } else {
        written
    };
    let has_value = def
        .default_value
        .as_ref()
        .is_some_and(|default| !default.is_null());
    let default_helps = (has_value || usage.place.has_default) && !def.ty.is_non_null();
    let fits = match default_helps {
        true => def.ty.is_assignable_to(&nullable()),
        false => def.ty.is_assignable_to(expected),
    };
    let message = || {
        format!(
            "Variable \"${}\" of type \"{}\" used in position expecting type \"{expected}\".",
            def.name, def.ty
        )
    };
    (!fits).then(|| violation(def, usage, message()))
}

/// The one field of a `@oneOf` object cannot turn out to be missing.
///
/// <https://spec.graphql.org/draft/#sec-OneOf-Input-Objects>
fn non_null_in_one_of(def: &Node<ast::VariableDefinition>, usage: &Usage<'_>) -> Option<Violation> {
    let object = usage.place.one_of.filter(|_| !def.ty.is_non_null())?;
    let message = format!(
        "Variable \"${}\" is of type \"{}\" but must be non-nullable to be used for OneOf Input Object \"{object}\".",
        def.name, def.ty
    );
    Some(violation(def, usage, message))
}

fn violation(def: &Node<ast::VariableDefinition>, usage: &Usage<'_>, message: String) -> Violation {
    let locations = def.location().into_iter().chain(usage.location).collect();
    Violation { message, locations }
}
