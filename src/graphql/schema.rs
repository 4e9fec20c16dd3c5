//! The type system, compiled from SDL.
//!
//! Parsing and validation are apollo-compiler's; what it finds becomes our diagnostics.

pub(crate) mod access;
mod default;
mod directive;
pub(crate) mod input;
mod load;
pub(crate) mod registry;
pub(crate) mod scalar;
mod subscribe;

pub(crate) use load::{parse, span};
pub(crate) use registry::{Binding, Schema, TypeId, TypeKind};
