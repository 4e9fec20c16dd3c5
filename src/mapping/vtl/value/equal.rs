//! Java's `equals`.

use super::{List, Map, Val, number};
use crate::json::{Number, Value};

/// How many values one comparison looks at; what is beyond counts as different. Lists that stand in
/// many places could otherwise be compared for ever.
const MAX_LOOKS: u32 = 1 << 20;

impl Val {
    /// Whether both are equal, deep: maps in any order, and a number only to one of its kind.
    pub(crate) fn equals(&self, other: &Val) -> bool {
        equal(self, other, &mut { MAX_LOOKS })
    }

    /// The same, for those who compare many: `looks` is how many values may still be looked at, and
    /// is 0 when that was not enough.
    pub(crate) fn equals_within(&self, other: &Val, looks: &mut u32) -> bool {
        equal(self, other, looks)
    }
}

/// What is known of two that nobody has changed, without making values of them.
fn origins(a: &Value, b: &Value, looks: &mut u32) -> Option<bool> {
    let looked = a.view().size().min(b.view().size()) / 16;
    *looks = looks.saturating_sub(u32::try_from(looked).unwrap_or(u32::MAX));
    if *looks == 0 {
        return Some(false);
    }
    match (a.view().raw(), b.view().raw()) {
        (Some(a), Some(b)) if a == b => Some(true),
        // To JSON `1` is `1.0`, and to Java it is not.
        _ => (a != b).then_some(false),
    }
}

fn equal(a: &Val, b: &Val, looks: &mut u32) -> bool {
    let Some(left) = looks.checked_sub(1) else {
        return false;
    };
    *looks = left;
    match (a, b) {
        (Val::Null, Val::Null) => true,
        (Val::Bool(a), Val::Bool(b)) => a == b,
        (Val::Number(a), Val::Number(b)) => number::same(a, b),
        (Val::Text(a), Val::Text(b)) => a == b,
        (Val::List(a), Val::List(b)) => a.ptr_eq(b) || lists(a, b, looks),
        (Val::Map(a), Val::Map(b)) => a.ptr_eq(b) || maps(a, b, looks),
        (Val::Range(first, last), Val::Range(a, b)) => (first, last) == (a, b),
        (Val::List(list), Val::Range(first, last)) | (Val::Range(first, last), Val::List(list)) => {
            let numbers = super::from::range(*first, *last);
            list.read(|items| {
                u64::try_from(items.len()) == Ok(first.abs_diff(*last).saturating_add(1))
                    && items.iter().zip(numbers).all(|(item, number)| {
                        matches!(item, Val::Number(Number::Int(item)) if *item == number)
                    })
            })
        }
        (Val::Entry(a, key), Val::Entry(b, other)) => {
            let value = |map: &Map, key| map.get(key).unwrap_or_default();
            key == other && (a.ptr_eq(b) || equal(&value(a, key), &value(b, key), looks))
        }
        (Val::Object(a), Val::Object(b)) => a == b,
        _ => false,
    }
}

fn lists(a: &List, b: &List, looks: &mut u32) -> bool {
    if let (Some(a), Some(b)) = (a.origin(), b.origin())
        && let Some(known) = origins(&a, &b, looks)
    {
        return known;
    }
    a.read(|a| b.read(|b| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b, looks))))
}

fn maps(a: &Map, b: &Map, looks: &mut u32) -> bool {
    if let (Some(a), Some(b)) = (a.origin(), b.origin())
        && let Some(known) = origins(&a, &b, looks)
    {
        return known;
    }
    a.read(|a| {
        b.read(|b| {
            let found = |(key, a)| b.get(key).is_some_and(|b| equal(a, b, looks));
            a.len() == b.len() && a.iter().all(found)
        })
    })
}
