//! Values as templates see them: Java's, with lists and maps that several names may share and that
//! change in place.
//!
//! What comes from outside is borrowed from its document until somebody changes it. A list or map
//! that was reached once stays the same object, so that a change through one name is seen through
//! the other.
//!
//! No list or map can come to hold itself, and none nests deeper than [`MAX_NESTING`]: see `nest`.
//! Hence nothing leaks, and whoever walks a value may recurse. As the same list may stand in many
//! places, a value can still be far larger than the memory it takes; whoever spells it out asks
//! [`Val::weight`] first, or has a limit.

mod equal;
mod from;
mod list;
mod map;
mod nest;
mod number;
mod print;
mod write;

use std::sync::Arc;

use crate::json::Number;

pub(crate) use from::range;
pub(crate) use list::{List, Shape};
pub(crate) use map::Map;
pub(crate) use nest::{MAX_NESTING, Refused};
pub(crate) use number::{approximate, compare};
pub(crate) use print::Oversized;

/// An object of the embedding, such as `$ctx` or `$util`: it alone knows what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ObjectId(pub(crate) u16);

/// A value. Cloning is cheap; lists and maps are shared, not copied.
#[derive(Debug, Clone, Default)]
pub(crate) enum Val {
    /// `null`, and everything that is not there.
    #[default]
    Null,
    /// A `Boolean`.
    Bool(bool),
    /// An `Integer`, a `Long`, a `Double` or, when neither holds it, a `BigDecimal`.
    Number(Number),
    /// A `String`.
    Text(Arc<str>),
    /// An `ArrayList`; also what `keySet()`, `values()` and `entrySet()` give, see [`Shape`].
    List(List),
    /// A `LinkedHashMap`.
    Map(Map),
    /// `[1..5]`, from the first to the last; downwards when the first is larger.
    Range(i64, i64),
    /// What `entrySet()` holds: `key`, `value`.
    Entry(Map, Arc<str>),
    /// Something of the embedding.
    Object(ObjectId),
}

impl Val {
    /// What `#if` makes of it: only `null` and `false` are not.
    pub(crate) fn truthy(&self) -> bool {
        !matches!(self, Val::Null | Val::Bool(false))
    }

    /// Whether it is `null`.
    pub(crate) fn is_null(&self) -> bool {
        matches!(self, Val::Null)
    }

    /// A text.
    #[cfg(test)]
    pub(crate) fn text(text: impl Into<Arc<str>>) -> Self {
        Val::Text(text.into())
    }

    /// Java's name for what it is, for messages.
    pub(crate) fn class_name(&self) -> &'static str {
        match self {
            Val::Null => "null",
            Val::Bool(_) => "java.lang.Boolean",
            Val::Number(number) => number::class_name(number),
            Val::Text(_) => "java.lang.String",
            Val::List(list) => list.shape().class_name(),
            Val::Range(..) => "java.util.ArrayList",
            Val::Map(_) => "java.util.LinkedHashMap",
            Val::Entry(..) => "java.util.LinkedHashMap$Entry",
            Val::Object(_) => "java.lang.Object",
        }
    }

    /// Whether both are the very same list or map; of everything else, whether they are equal.
    #[cfg(test)]
    pub(crate) fn same(&self, other: &Val) -> bool {
        match (self, other) {
            (Val::List(a), Val::List(b)) => a.ptr_eq(b),
            (Val::Map(a), Val::Map(b)) => a.ptr_eq(b),
            (Val::Entry(a, key), Val::Entry(b, other)) => a.ptr_eq(b) && key == other,
            _ => self.equals(other),
        }
    }
}

impl From<bool> for Val {
    fn from(bool: bool) -> Self {
        Val::Bool(bool)
    }
}

impl From<i64> for Val {
    fn from(int: i64) -> Self {
        Val::Number(Number::Int(int))
    }
}

impl From<usize> for Val {
    fn from(int: usize) -> Self {
        Val::from(i64::try_from(int).unwrap_or(i64::MAX))
    }
}

impl From<&str> for Val {
    fn from(text: &str) -> Self {
        Val::Text(text.into())
    }
}

impl From<String> for Val {
    fn from(text: String) -> Self {
        Val::Text(text.into())
    }
}

impl From<List> for Val {
    fn from(list: List) -> Self {
        Val::List(list)
    }
}

impl From<Map> for Val {
    fn from(map: Map) -> Self {
        Val::Map(map)
    }
}

#[cfg(test)]
mod tests;
