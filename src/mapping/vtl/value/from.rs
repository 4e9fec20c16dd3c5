//! Values from JSON, and their way back.

use std::sync::Arc;

use super::{
    List, MAX_NESTING, Map, Val,
    nest::{DOCUMENT, Nest, Nested},
};
use crate::json::{Kind, Number, Object, Value, View};

/// The most values that one value may spell out on its way back to JSON; see [`Val::weight`].
pub(crate) const MAX_WEIGHT: usize = 1 << 22;

/// Copies nothing but short texts and numbers. A list or map that nests deeper than
/// [`MAX_NESTING`], which no document does, becomes null.
impl From<Value> for Val {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Val::Null,
            Value::Bool(bool) => Val::Bool(bool),
            Value::Number(number) => Val::Number(number),
            Value::String(text) => Val::Text(text),
            Value::List(_) | Value::Object(_) | Value::Node(..) => {
                let height = height(value.view(), MAX_NESTING);
                height.map_or(Val::Null, |height| Val::frozen(value.view(), height))
            }
        }
    }
}

impl From<View<'_>> for Val {
    fn from(view: View<'_>) -> Self {
        height(view, MAX_NESTING).map_or(Val::Null, |height| Val::frozen(view, height))
    }
}

impl Val {
    /// A value that nobody has changed. The height counts for lists and maps.
    pub(super) fn frozen(view: View<'_>, height: u16) -> Self {
        match view.kind() {
            Kind::Null => Val::Null,
            Kind::Bool => Val::Bool(view.as_bool().unwrap_or_default()),
            Kind::Number => Val::Number(view.as_number().unwrap_or(Number::Int(0))),
            Kind::String => match view {
                View::Built(Value::String(text)) => Val::Text(Arc::clone(text)),
                _ => Val::Text(view.as_str().unwrap_or_default().into()),
            },
            Kind::List => Val::List(List::frozen(view.to_value(), height)),
            Kind::Object => Val::Map(Map::frozen(view.to_value(), height)),
        }
    }

    /// The value as JSON: what has not been changed is shared with where it came from. Objects of
    /// the embedding are null, and so is what is beyond four million values: a caller that wants to
    /// know asks [`Val::weight`].
    pub(crate) fn to_value(&self) -> Value {
        self.thaw(&mut { MAX_WEIGHT })
    }

    pub(super) fn thaw(&self, left: &mut usize) -> Value {
        let Some(rest) = left.checked_sub(1) else {
            return Value::Null;
        };
        *left = rest;
        match self {
            Val::Null | Val::Object(_) => Value::Null,
            Val::Bool(bool) => Value::Bool(*bool),
            Val::Number(number) => Value::Number(number.clone()),
            Val::Text(text) => Value::String(Arc::clone(text)),
            Val::List(list) => list.thaw(left),
            Val::Map(map) => map.thaw(left),
            Val::Range(first, last) => range(*first, *last)
                .take(std::mem::take(left))
                .map(Value::from)
                .collect(),
            Val::Entry(map, key) => {
                let value = map.get(key).unwrap_or_default();
                let mut object = Object::default();
                object.insert(Arc::clone(key), value.thaw(left));
                Value::from(object)
            }
        }
    }

    /// About how many bytes the value takes when it is spelled out; `None` when it is more than the
    /// limit. It costs less than writing it, and what has not been changed costs nothing.
    pub(crate) fn weight(&self, limit: usize) -> Option<usize> {
        let mut left = limit;
        self.weigh(&mut left).then(|| limit - left)
    }

    /// Takes the weight from what is left; whether that was enough.
    pub(super) fn weigh(&self, left: &mut usize) -> bool {
        const EACH: usize = 4;
        match self {
            Val::Null | Val::Object(_) | Val::Bool(_) | Val::Number(_) => spend(left, EACH),
            Val::Text(text) => spend(left, text.len() + 2),
            Val::List(list) => spend(left, EACH) && list.weigh(left),
            Val::Map(map) => spend(left, EACH) && map.weigh(left),
            Val::Range(first, last) => {
                let count = usize::try_from(first.abs_diff(*last)).unwrap_or(usize::MAX);
                spend(left, count.saturating_add(1).saturating_mul(EACH))
            }
            Val::Entry(map, key) => {
                spend(left, key.len() + EACH) && map.get(key).unwrap_or_default().weigh(left)
            }
        }
    }

    /// Whether neither it nor anything in it has been changed since it came.
    pub(super) fn is_as_it_came(&self) -> bool {
        match self {
            Val::List(list) => list.origin().is_some(),
            Val::Map(map) => map.origin().is_some(),
            _ => true,
        }
    }

    /// Whether it is the cell with this place.
    pub(super) fn is_cell(&self, cell: *const Nest) -> bool {
        match self {
            Val::List(list) => list.is_cell(cell),
            Val::Map(map) | Val::Entry(map, _) => map.is_cell(cell),
            _ => false,
        }
    }

    /// What can hold values, if it can.
    pub(super) fn nested(&self) -> Option<std::rc::Rc<dyn Nested>> {
        match self {
            Val::List(list) => Some(list.nested()),
            Val::Map(map) | Val::Entry(map, _) => Some(map.nested()),
            _ => None,
        }
    }
}

/// The numbers of a range.
pub(crate) fn range(first: i64, last: i64) -> impl Iterator<Item = i64> {
    let step = if first <= last { 1 } else { -1 };
    let next = move |at: &i64| (*at != last).then(|| at + step);
    std::iter::successors(Some(first), next)
}

/// Takes from what is left; whether that was enough.
pub(super) fn spend(left: &mut usize, amount: usize) -> bool {
    let rest = left.checked_sub(amount);
    *left = rest.unwrap_or_default();
    rest.is_some()
}

/// How deep a value may nest: a document counts as its deepest. `None`: deeper than allowed.
fn height(view: View<'_>, allowed: u16) -> Option<u16> {
    let View::Built(value) = view else {
        let inside = matches!(view.kind(), Kind::List | Kind::Object);
        return if inside {
            (DOCUMENT <= allowed).then_some(DOCUMENT)
        } else {
            Some(0)
        };
    };
    let inner = match value {
        Value::List(items) => highest(items.iter(), allowed)?,
        Value::Object(members) => highest(members.values(), allowed)?,
        _ => return Some(0),
    };
    (inner < allowed).then_some(inner + 1)
}

fn highest<'a>(values: impl Iterator<Item = &'a Value>, allowed: u16) -> Option<u16> {
    let allowed = allowed.checked_sub(1)?;
    let mut heights = values.map(|value| height(value.view(), allowed));
    heights.try_fold(0, |highest, height| Some(highest.max(height?)))
}
