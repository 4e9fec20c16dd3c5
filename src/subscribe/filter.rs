//! Which events a subscriber wants: those whose fields equal the arguments of its field.
//!
//! See: appsync.md 6.1 (argument filtering).

use std::sync::Arc;

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
pub(super) struct Filter {
    wanted: Vec<(Arc<str>, Value)>,
}

impl Filter {
    /// The filter of these arguments: an object of those that were given.
    pub(super) fn new(arguments: &Value) -> Self {
        let given = arguments.view().entries();
        Filter {
            wanted: given
                .map(|(name, value)| (Arc::from(&*name), value.to_value().compact()))
                .collect(),
        }
    }

    /// Whether a subscriber with these arguments is told of this payload.
    pub(super) fn matches(&self, payload: View<'_>) -> bool {
        self.wanted.iter().all(|(name, wanted)| {
            let found = payload.get(name).unwrap_or(View::NULL);
            equals(found, wanted.view())
        })
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
