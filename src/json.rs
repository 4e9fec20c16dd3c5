//! JSON as it travels through the house: parsed once, read in place, copied as it stands.
//!
//! A [`Document`] is the bytes of a JSON text plus a tape of offsets into them. A [`Value`] is what
//! we hold on to: a node of a shared document, or something a mapping built. A [`View`] is how
//! either is read, by borrowing. Nothing here knows GraphQL, mappings or sources.
//!
//! Where an object repeats a name, its first member is read and the later ones are as if absent;
//! a text that is copied as it stands keeps them all.

mod document;
mod parse;
mod scan;

mod value;
mod view;

mod escape;
mod number;

mod decimal;
mod equal;
mod serialize;
mod write;

#[cfg(test)]
mod tests;

pub use document::Document;
pub use escape::write_string;
pub use number::Number;
pub use parse::ParseError;
pub use value::{Object, Value};
pub use view::{Entries, Items, Kind, View};
