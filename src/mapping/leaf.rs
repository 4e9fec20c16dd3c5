//! Leaves that are text and plain references: the part of the template language that builds nothing
//! and runs nothing, rendered without an interpreter.
//!
//! A reference is found once, at load, and borrows what it stands for. Whatever else a leaf says is
//! a program of [`vtl`](super::vtl).

mod error;
mod eval;
mod method;
mod operand;
mod program;

pub(crate) use error::EvalError;
pub(crate) use operand::{Buffer, Operand};
pub(crate) use program::{Bound, Names, Program, Reference, Scope};

use super::vtl::{self, SyntaxError};

/// Compiles a leaf.
pub(crate) fn compile<N: Names>(source: &str, names: &N) -> Result<Program<N::Place>, SyntaxError> {
    let template = vtl::parse_leaf(source)?;
    Program::compile(source, &template, names)
}

#[cfg(test)]
mod tests;
