//! Objects of the language itself, which a variable may hold: the `$foreach` of a loop, and what
//! `#define` made.
//!
//! They share their numbers with the objects of the embedding, which begin at the other end.

use crate::mapping::vtl::value::{ObjectId, Val};

/// The first loop; the bodies come after all loops.
const LOOPS: u16 = 0x8000;
const BODIES: u16 = 0xC000;

/// An object of the language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Own {
    /// A loop, by its place among those that are known.
    Loop(usize),
    /// A body, by its number.
    Body(u16),
}

impl Own {
    /// What an object is, if it is the language's own.
    #[inline]
    pub(super) fn of(object: ObjectId) -> Option<Own> {
        match object.0 {
            number if number >= BODIES => Some(Own::Body(number - BODIES)),
            number if number >= LOOPS => Some(Own::Loop(usize::from(number - LOOPS))),
            _ => None,
        }
    }

    /// Of a value.
    #[inline]
    pub(super) fn of_value(value: &Val) -> Option<Own> {
        match value {
            Val::Object(object) => Own::of(*object),
            _ => None,
        }
    }

    /// A loop; `None` when there are too many.
    pub(super) fn new_loop(place: usize) -> Option<ObjectId> {
        let place = u16::try_from(place).ok()?;
        (place < BODIES - LOOPS).then(|| ObjectId(LOOPS + place))
    }

    /// A body. Programs have no more than fit.
    pub(super) fn body(number: u16) -> ObjectId {
        ObjectId(BODIES | number)
    }
}
