//! Which events a subscriber wants: those whose fields equal the arguments of its field, or those that
//! the field's own resolver said.
//!
//! See: appsync.md 6.1 (argument filtering), 6.2 (enhanced filters).

mod enhanced;

use std::sync::Arc;

pub(crate) use enhanced::Enhanced;

use crate::json::{Kind, Value, View};

/// Events say it of every object; nobody asked for it.
const TYPE_NAME: &str = "__typename";

/// The arguments of a subscription field, as a condition on payloads. All must hold.
///
/// An argument that was not given asks nothing. A given null asks for a field that is null or
/// absent; any other value for a field that equals it as JSON, so that `1` equals `1.0` and `"1"`
/// does not; the type names that events say of their objects count for nothing. An argument that no field has the name of is therefore never satisfied, unless it is
/// null.
#[derive(Debug, Clone)]
pub(super) enum Filter {
    /// Arguments, as said above.
    Arguments(Vec<(Arc<str>, Value)>),
    /// What the field's own resolver set in their place.
    Enhanced(Enhanced),
}

impl Filter {
    /// The filter of these arguments: an object of those that were given.
    pub(super) fn new(arguments: &Value) -> Self {
        let given = arguments.view().entries();
        let given = given.map(|(name, value)| (Arc::from(&*name), value.to_value().compact()));
        Filter::Arguments(given.collect())
    }

    /// The filter of a subscriber: what its field's resolver set, or its arguments.
    pub(super) fn of(arguments: &Value, set: Option<&Value>) -> Self {
        let Some(set) = set else {
            return Filter::new(arguments);
        };
        // One that cannot be used has refused the subscription; it would want nothing.
        Filter::Enhanced(Enhanced::parse(set.view()).unwrap_or_default())
    }

    /// Whether a subscriber with these arguments is told of this payload.
    pub(super) fn matches(&self, payload: View<'_>) -> bool {
        match self {
            Filter::Arguments(wanted) => wanted.iter().all(|(name, wanted)| {
                let found = payload.get(name).unwrap_or(View::NULL);
                equals(found, wanted.view())
            }),
            Filter::Enhanced(rules) => rules.matches(payload),
        }
    }
}

/// Whether a value of an event is the wanted one, but for the names of types.
fn equals(found: View<'_>, wanted: View<'_>) -> bool {
    match (found.kind(), wanted.kind()) {
        (Kind::Object, Kind::Object) => {
            let fields = found.entries().filter(|(name, _)| *name != TYPE_NAME);
            let equal = |name: &str, wanted| found.get(name).is_some_and(|it| equals(it, wanted));
            fields.count() == wanted.len()
                && wanted.entries().all(|(name, wanted)| equal(&name, wanted))
        }
        (Kind::List, Kind::List) => {
            let mut items = found.items().zip(wanted.items());
            found.len() == wanted.len() && items.all(|(found, wanted)| equals(found, wanted))
        }
        _ => found == wanted,
    }
}

#[cfg(test)]
mod tests;
