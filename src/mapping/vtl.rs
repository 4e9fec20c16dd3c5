//! The Velocity Template Language: text becomes tokens, a tree, a program, and then a value.
//!
//! It knows nothing of AppSync. Whoever embeds it says what the names mean ([`Names`], at load) and
//! what they stand for ([`Host`], per request).
//!
//! See: the Velocity 1.7 user guide and VTL reference.

pub(crate) mod ast;
mod compile;
mod error;
mod host;
mod lexer;
mod method;
mod parser;
mod run;
mod token;
mod value;

pub(crate) use ast::{Name, Segment, SegmentKind};
pub(crate) use compile::{Mention, Program};
#[cfg(test)]
pub(crate) use error::Exceeded;
pub(crate) use error::{EvalError, EvalFault, Fault, SyntaxError, line_and_column};
pub(crate) use host::{FunctionId, Host, Names};
use lexer::Dialect;
pub(crate) use run::{Absent, Bounds, Printed, Settings};
pub(crate) use value::{List, Map, ObjectId, Val};

/// The longest template, in bytes: AppSync's own limit for a mapping template.
pub(crate) const MAX_LENGTH: usize = 64 * 1024;

/// The most members, indexes and calls that one reference may chain.
pub(crate) const MAX_SEGMENTS: usize = 32;

/// How deep blocks, brackets and quotes may stand inside each other.
pub(crate) const MAX_DEPTH: usize = 32;

/// How many operators may stand above each other in one expression: as many as `&&`s in a row.
pub(crate) const MAX_OPERATORS: usize = 128;

/// Parses a template. Calls of macros that it does not define itself are text.
pub(crate) fn parse(source: &str) -> Result<ast::Block<'_>, SyntaxError> {
    parser::parse(source, Dialect::Velocity, &|_| false)
}

/// Parses a template that may also call the macros of another one, as the text of an `#evaluate`
/// does.
pub(crate) fn parse_within<'s>(
    source: &'s str,
    is_macro: &dyn Fn(&str) -> bool,
) -> Result<ast::Block<'s>, SyntaxError> {
    parser::parse(source, Dialect::Velocity, is_macro)
}

/// Parses a leaf of a tree: see [`Dialect::Leaf`].
pub(crate) fn parse_leaf(source: &str) -> Result<ast::Block<'_>, SyntaxError> {
    parser::parse(source, Dialect::Leaf, &|_| false)
}

/// Compiles a template.
pub(crate) fn compile(source: &str, names: &dyn Names) -> Result<Program, SyntaxError> {
    let template = parse(source)?;
    Program::compile(source, &template, names)
}

/// Writes a text as a template that prints it: the way back from a leaf that is constant.
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
