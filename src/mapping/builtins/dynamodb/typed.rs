//! From JSON to typed values, within bounds.

use std::sync::Arc;

use super::super::Thrown;
use crate::json::{Kind, Object, Value, View};

/// The most a function makes, in bytes.
pub(in super::super) const MAX_MADE: usize = 16 << 20;

/// How deep values may nest.
const MAX_DEPTH: usize = 128;

/// About what a tag such as `{"S":…}` takes in memory.
const TAG: usize = 96;

/// Makes typed values; counts what it makes. Lists and objects may share parts with each other, so
/// that a small value unfolds into a large one.
#[derive(Debug)]
pub(in super::super) struct Typed {
    room: usize,
    depth: usize,
    keeps_sets: bool,
}

impl Default for Typed {
    fn default() -> Self {
        Typed {
            room: MAX_MADE,
            depth: 0,
            keeps_sets: false,
        }
    }
}

impl Typed {
    /// For values among which sets that were made before may be: `{"SS":[…]}` stays what it is.
    pub(in super::super) fn keeping_sets() -> Self {
        Typed {
            keeps_sets: true,
            ..Typed::default()
        }
    }

    /// A value with its type. A list is never a set.
    pub(in super::super) fn value(&mut self, view: View<'_>) -> Result<Value, Thrown> {
        self.spend(TAG)?;
        let (tag, value) = match view.kind() {
            Kind::Null => ("NULL", Value::Null),
            Kind::Bool => ("BOOL", view.to_value()),
            kind @ (Kind::Number | Kind::String) => {
                self.spend(view.size())?;
                let tag = if kind == Kind::Number { "N" } else { "S" };
                (tag, view.to_value())
            }
            Kind::List => ("L", self.items(view)?),
            Kind::Object if self.keeps_sets && Typed::is_set(view) => return Ok(view.to_value()),
            Kind::Object => ("M", self.members(view)?),
        };
        Ok(object([(tag, value)]))
    }

    /// An object whose values have their types.
    pub(in super::super) fn members(&mut self, object: View<'_>) -> Result<Value, Thrown> {
        self.enter()?;
        let mut members = Object::default();
        for (name, value) in object.entries() {
            self.spend(name.len())?;
            let value = self.value(value)?;
            // Of a repeated name the first member counts.
            members.entry(Arc::from(&*name)).or_insert(value);
        }
        self.depth -= 1;
        Ok(Value::from(members))
    }

    fn items(&mut self, list: View<'_>) -> Result<Value, Thrown> {
        self.enter()?;
        let items: Result<Vec<_>, _> = list.items().map(|item| self.value(item)).collect();
        self.depth -= 1;
        Ok(Value::from(items?))
    }

    fn enter(&mut self) -> Result<(), Thrown> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Thrown::wrong(format!(
                "a value for DynamoDB nests deeper than {MAX_DEPTH} levels"
            )));
        }
        Ok(())
    }

    /// Whether an object says a set and nothing else. A set is never empty.
    pub(in super::super) fn is_set(object: View<'_>) -> bool {
        let mut entries = object.entries();
        let (Some((tag, list)), None) = (entries.next(), entries.next()) else {
            return false;
        };
        let kind = match &*tag {
            "SS" | "BS" => Kind::String,
            "NS" => Kind::Number,
            _ => return false,
        };
        !list.is_empty() && list.items().all(|item| item.kind() == kind)
    }

    /// Counts what is about to be made.
    pub(in super::super) fn spend(&mut self, bytes: usize) -> Result<(), Thrown> {
        self.room = self.room.checked_sub(bytes).ok_or_else(too_large)?;
        Ok(())
    }
}

/// An object of these members, in this order.
pub(in super::super) fn object<const N: usize>(members: [(&'static str, Value); N]) -> Value {
    let members = members.into_iter();
    Value::from(
        members
            .map(|(name, value)| (Arc::from(name), value))
            .collect::<Object>(),
    )
}

/// A value as JSON text.
pub(in super::super) fn text_of(value: &Value) -> Result<Value, Thrown> {
    check_size(value.view(), MAX_MADE)?;
    let mut out = Vec::new();
    value.view().write(&mut out);
    match String::from_utf8(out) {
        Ok(text) => Ok(Value::from(text)),
        Err(_) => Err(Thrown::wrong("the value is no text")),
    }
}

/// Refuses a value whose text would be longer than this: the parts of a value can be the same over
/// and over, so that walking through a small one takes forever.
pub(in super::super) fn check_size(view: View<'_>, most: usize) -> Result<(), Thrown> {
    let mut room = most;
    match fits(view, &mut room, 0) {
        true => Ok(()),
        false => Err(too_large()),
    }
}

fn fits(view: View<'_>, room: &mut usize, depth: usize) -> bool {
    let own = match (view, view.kind()) {
        (View::Node(..), _) | (_, Kind::Number | Kind::String) => view.size(),
        _ => 1,
    };
    let Some(left) = room.checked_sub(own) else {
        return false;
    };
    *room = left;
    if matches!(view, View::Node(..)) {
        return true;
    }
    depth <= MAX_DEPTH
        && view.items().all(|item| fits(item, room, depth + 1))
        && view.entries().all(|(name, value)| {
            *room = room.saturating_sub(name.len());
            fits(value, room, depth + 1)
        })
}

fn too_large() -> Thrown {
    Thrown::wrong("what is made here is larger than 16 MiB")
}
