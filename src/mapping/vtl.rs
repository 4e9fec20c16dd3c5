//! The Velocity Template Language: text becomes tokens, a tree, a program, and then a value.
//!
//! It knows nothing of AppSync. Whoever embeds it says what the names mean ([`Names`], at load) and
//! what they stand for ([`Scope`], per request). The language is text and references; everything
//! else that Velocity has is refused at load, never passed through as text.

mod ast;
mod error;
mod eval;
mod lexer;
mod method;
mod operand;
mod parser;
mod program;
mod token;

pub(crate) use ast::{Name, Segment, SegmentKind};
pub(crate) use error::{EvalError, Fault, SyntaxError};
pub(crate) use operand::{Buffer, Operand};
pub(crate) use program::{Bound, Names, Program, Reference, Scope};

/// The longest template, in bytes: AppSync's own limit for a mapping template.
pub(crate) const MAX_LENGTH: usize = 64 * 1024;

/// The most members, indexes and calls that one reference may chain.
pub(crate) const MAX_SEGMENTS: usize = 32;

/// How deep references may stand inside references.
pub(crate) const MAX_DEPTH: usize = 16;

/// Compiles a template.
pub(crate) fn compile<N: Names>(source: &str, names: &N) -> Result<Program<N::Place>, SyntaxError> {
    if source.len() > MAX_LENGTH {
        return Err(SyntaxError::new(0..source.len(), Fault::TooLong));
    }
    let template = parser::parse(source)?;
    Program::compile(source, &template, names)
}

/// Writes a text as a template that prints it: the way back from [`Program::constant`].
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut backslashes = 0;
    for c in text.chars() {
        if matches!(c, '$' | '#') {
            out.extend(std::iter::repeat_n('\\', backslashes + 1));
        }
        backslashes = if c == '\\' { backslashes + 1 } else { 0 };
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests;
