//! The rule that keeps introspection from going round in circles.

use std::collections::HashMap;

use apollo_compiler::{
    ExecutableDocument, Node,
    executable::{Field, Selection, SelectionSet},
};

use super::Violation;

/// So many lists of types in one another are too many; every field of every type has a type.
const MAX_LISTS: usize = 3;

/// Introspection does not nest the lists of types deeply: graphql-js's MaxIntrospectionDepthRule.
///
/// <https://spec.graphql.org/October2021/#sec-Introspection>
pub(super) fn check(document: &ExecutableDocument, violations: &mut Vec<Violation>) {
    let mut depth = Depth {
        document,
        passed: HashMap::new(),
    };
    let operations = document
        .operations
        .iter()
        .map(|operation| &operation.selection_set);
    let fragments = document
        .fragments
        .values()
        .map(|fragment| &fragment.selection_set);
    for set in operations.chain(fragments) {
        find_roots(set, &mut |root| {
            if depth.exceeds(&root.selection_set, 0) {
                violations.push(Violation {
                    message: "Maximum introspection depth exceeded".to_owned(),
                    locations: root.location().into_iter().collect(),
                });
            }
        });
    }
}

fn find_roots<'a>(set: &'a SelectionSet, found: &mut impl FnMut(&'a Node<Field>)) {
    for selection in &set.selections {
        match selection {
            Selection::Field(field) if matches!(&*field.name, "__schema" | "__type") => {
                found(field);
            }
            Selection::Field(field) => find_roots(&field.selection_set, found),
            Selection::InlineFragment(fragment) => find_roots(&fragment.selection_set, found),
            Selection::FragmentSpread(_) => {}
        }
    }
}

struct Depth<'a> {
    document: &'a ExecutableDocument,
    /// The greatest number of lists around it with which a fragment has passed.
    passed: HashMap<&'a str, usize>,
}

impl<'a> Depth<'a> {
    fn exceeds(&mut self, set: &'a SelectionSet, lists: usize) -> bool {
        set.selections.iter().any(|selection| match selection {
            Selection::Field(field) => {
                let lists = lists + usize::from(is_type_list(&field.name));
                lists >= MAX_LISTS || self.exceeds(&field.selection_set, lists)
            }
            Selection::InlineFragment(fragment) => self.exceeds(&fragment.selection_set, lists),
            Selection::FragmentSpread(spread) => self.spread_exceeds(&spread.fragment_name, lists),
        })
    }

    fn spread_exceeds(&mut self, name: &'a str, lists: usize) -> bool {
        if self.passed.get(name).is_some_and(|passed| *passed >= lists) {
            return false;
        }
        let Some(fragment) = self.document.fragments.get(name) else {
            return false;
        };
        let exceeds = self.exceeds(&fragment.selection_set, lists);
        if !exceeds {
            self.passed.insert(name, lists);
        }
        exceeds
    }
}

fn is_type_list(field: &str) -> bool {
    matches!(
        field,
        "fields" | "interfaces" | "possibleTypes" | "inputFields"
    )
}
