//! What Java takes an argument for.

use std::sync::Arc;

use super::{MethodFault, Room, Val, list};
use crate::json::Number;

/// An `int`: a `Long`, a `Double` or a text is none, as Java finds no method for it then.
pub(super) fn int(value: &Val) -> Result<i64, MethodFault> {
    match value {
        Val::Number(Number::Int(int)) if i32::try_from(*int).is_ok() => Ok(*int),
        _ => Err(MethodFault::Unknown),
    }
}

/// A `String`.
pub(super) fn text(value: &Val) -> Result<&Arc<str>, MethodFault> {
    match value {
        Val::Text(text) => Ok(text),
        // Java finds the method, and the method finds nothing.
        Val::Null => Err(MethodFault::thrown("the argument is null")),
        _ => Err(MethodFault::Unknown),
    }
}

/// A `Collection`: its items as they are now.
pub(super) fn items(value: &Val, room: &mut Room) -> Result<Vec<Val>, MethodFault> {
    match value {
        Val::List(list) => {
            room.make_items(list.len())?;
            Ok(list.snapshot())
        }
        Val::Range(first, last) => Ok(list::of_range(*first, *last, room)?.snapshot()),
        Val::Null => Err(MethodFault::thrown("the argument is null")),
        _ => Err(MethodFault::Unknown),
    }
}

/// The key of a map: the text it prints.
pub(super) fn key(value: &Val, room: &mut Room) -> Result<Arc<str>, MethodFault> {
    match value {
        Val::Text(text) => Ok(Arc::clone(text)),
        Val::Object(_) => Err(MethodFault::Unknown),
        other => {
            let key = other.printed(room.output)?;
            room.work(key.len());
            Ok(key.into())
        }
    }
}
