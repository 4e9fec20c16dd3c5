//! What can be called on a value: the methods of Java's strings, lists, maps and numbers.
//!
//! Which of several methods of one name is meant, what they give and what they throw is Java's and
//! Velocity's. What is not here does not exist for a template: no classes, no streams, no callbacks.

mod arguments;
mod format;
mod hash;
mod list;
mod map;
mod number;
mod text;
mod units;

use std::sync::Arc;

use tokio::time::Instant;

use super::{
    run::Bounds,
    value::{List, Map, Oversized, Refused, Val},
};
use crate::mapping::pattern::PatternError;

/// Why a method has no result.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub(crate) enum MethodFault {
    /// There is no such method for such a value and such arguments; the reference has no value.
    #[error("there is no such method")]
    Unknown,
    /// Java would throw: an index out of range, a pattern that is none.
    #[error("{0}")]
    Thrown(String),
    /// What it makes is too large.
    #[error("what the method makes is too large")]
    TooLarge,
}

/// How much one call may make and look at.
struct Room {
    /// Bytes of a text, items of a list.
    output: usize,
    /// What was copied or looked at, in bytes.
    work: usize,
}

/// How many values one call may compare.
const MAX_LOOKS: u32 = 1 << 22;

/// What an item of a list or a member of a map weighs, in bytes.
pub(super) const ITEM: usize = 32;

/// What a look at a value counts for, in bytes that could be copied meanwhile.
const LOOK: usize = 4;

/// What a microsecond of searching counts for, in the same way.
const MICROSECOND: usize = 500;

/// Calls a method. Costs are counted by the caller: `work` is raised by the bytes that are copied
/// or looked at.
pub(crate) fn call(
    receiver: &Val,
    name: &str,
    arguments: &[Val],
    bounds: &Bounds,
    work: &mut usize,
) -> Result<Val, MethodFault> {
    let mut room = Room {
        output: bounds.output,
        work: 0,
    };
    let result = dispatch(receiver, name, arguments, &mut room);
    *work = work.saturating_add(room.work);
    result.map_err(|fault| match fault {
        MethodFault::Thrown(cause) => {
            MethodFault::Thrown(thrown(receiver, name, arguments, &cause))
        }
        other => other,
    })
}

/// What `$value.name` reads where it is no call: a map's member, an entry's key, a getter such as
/// `empty` of a list, which is `isEmpty()`.
pub(crate) fn property(receiver: &Val, name: &str) -> Option<Val> {
    match (receiver, name) {
        (Val::Map(map), _) => map.get(name),
        (Val::List(list), "empty") => Some(Val::Bool(list.is_empty())),
        (Val::Range(..), "empty") => Some(Val::Bool(false)),
        (Val::Text(text), "empty") => Some(Val::Bool(text.is_empty())),
        (Val::Text(text), "blank") => Some(Val::Bool(text::is_blank(text))),
        (Val::Entry(_, key), "key") => Some(Val::Text(Arc::clone(key))),
        (Val::Entry(map, key), "value") => Some(map.get(key).unwrap_or_default()),
        _ => None,
    }
}

fn dispatch(
    receiver: &Val,
    name: &str,
    arguments: &[Val],
    room: &mut Room,
) -> Result<Val, MethodFault> {
    match receiver {
        Val::Text(text) => text::call(text, name, arguments, room),
        Val::List(list) => list::call(list, name, arguments, room),
        Val::Map(map) => map::call(map, name, arguments, room),
        Val::Entry(map, key) => map::call_entry(map, key, name, arguments, room),
        Val::Number(number) => number::call(number, name, arguments, room),
        Val::Bool(bool) => number::call_bool(*bool, name, arguments, room),
        // A change would be lost: a range that has a name is a list.
        Val::Range(first, last) => {
            list::call(&list::of_range(*first, *last, room)?, name, arguments, room)
        }
        Val::Null | Val::Object(_) => Err(MethodFault::Unknown),
    }
}

/// What every value has.
fn any(receiver: &Val, name: &str, arguments: &[Val], room: &mut Room) -> Result<Val, MethodFault> {
    match (name, arguments) {
        ("equals", [other]) => Ok(Val::Bool(room.equal(receiver, other, &mut { MAX_LOOKS })?)),
        ("toString", []) => {
            let text = receiver.printed(room.output)?;
            room.work(text.len());
            Ok(Val::from(text))
        }
        ("hashCode", []) => Ok(Val::from(i64::from(hash::code(receiver, room)?))),
        _ => Err(MethodFault::Unknown),
    }
}

/// What the time since then counts for, in bytes that could have been copied.
pub(super) fn searching(since: Instant) -> usize {
    let micros = usize::try_from(since.elapsed().as_micros()).unwrap_or(usize::MAX);
    micros.saturating_mul(MICROSECOND)
}

/// How AppSync says that a method threw, and why it did.
fn thrown(receiver: &Val, name: &str, arguments: &[Val], cause: &str) -> String {
    let classes: Vec<_> = arguments.iter().map(Val::class_name).collect();
    let class = receiver.class_name();
    let classes = classes.join(",");
    format!("Error invoking method '{name}({classes})' in {class}: {cause}")
}

// === impl Room ===

impl Room {
    /// Notes that so many bytes are copied or looked at.
    fn work(&mut self, amount: usize) {
        self.work = self.work.saturating_add(amount);
    }

    /// Notes that so many items are copied.
    fn copy(&mut self, items: usize) {
        self.work(items.saturating_mul(ITEM));
    }

    /// Notes what was searched by a pattern since then: nothing else tells how long it takes.
    fn searched(&mut self, since: Instant) {
        self.work(searching(since));
    }

    /// Allows a text of so many bytes to be made.
    fn make(&mut self, bytes: usize) -> Result<(), MethodFault> {
        self.work(bytes);
        self.fits(bytes)
    }

    /// Allows a list of so many items to be made.
    fn make_items(&mut self, items: usize) -> Result<(), MethodFault> {
        self.copy(items);
        self.fits(items)
    }

    /// Whether it may become so large.
    fn fits(&self, amount: usize) -> Result<(), MethodFault> {
        if amount > self.output {
            return Err(MethodFault::TooLarge);
        }
        Ok(())
    }

    /// Compares two values, as long as there are looks left.
    fn equal(&mut self, a: &Val, b: &Val, looks: &mut u32) -> Result<bool, MethodFault> {
        let before = *looks;
        let equal = a.equals_within(b, looks);
        self.work((before - *looks) as usize * LOOK);
        if *looks == 0 {
            return Err(MethodFault::TooLarge);
        }
        Ok(equal)
    }

    /// The index of the first that is equal.
    fn position<'v>(
        &mut self,
        mut values: impl Iterator<Item = &'v Val>,
        wanted: &Val,
        looks: &mut u32,
    ) -> Result<Option<usize>, MethodFault> {
        let mut fault = None;
        let found = values.position(|value| {
            let equal = self.equal(value, wanted, looks);
            equal.unwrap_or_else(|error| {
                fault = Some(error);
                true
            })
        });
        fault.map_or(Ok(found), Err)
    }
}

// === impl MethodFault ===

impl MethodFault {
    fn thrown(message: impl Into<String>) -> Self {
        MethodFault::Thrown(message.into())
    }
}

impl From<Oversized> for MethodFault {
    fn from(Oversized: Oversized) -> Self {
        MethodFault::TooLarge
    }
}

impl From<Refused> for MethodFault {
    fn from(refused: Refused) -> Self {
        MethodFault::Thrown(refused.to_string())
    }
}

impl From<PatternError> for MethodFault {
    fn from(error: PatternError) -> Self {
        match error {
            PatternError::TooLarge => MethodFault::TooLarge,
            error => MethodFault::Thrown(error.to_string()),
        }
    }
}

/// What Velocity makes of a method that gives nothing.
fn nothing() -> Val {
    Val::from("")
}

/// A list of texts.
fn texts<T: Into<Arc<str>>>(texts: impl IntoIterator<Item = T>) -> Result<Val, MethodFault> {
    let texts = texts.into_iter().map(|text| Val::Text(text.into()));
    Ok(Val::List(List::new(texts.collect())?))
}

/// The members of a map, for those who copy them.
fn members(map: &Map, room: &mut Room) -> Result<Vec<(Arc<str>, Val)>, MethodFault> {
    room.make_items(map.len())?;
    Ok(map.snapshot())
}

#[cfg(test)]
mod tests;
