//! Runs a program: what it prints, and how it ended.

mod arithmetic;
mod comparison;
mod evaluate;
mod expression;
mod foreach;
mod halt;
mod machine;
mod macros;
mod meter;
mod output;
mod own;
mod print;
mod reference;
mod scope;

use super::{
    compile::Program,
    error::EvalError,
    host::{Host, Names},
    value::Val,
};

use evaluate::Fragments;
use machine::Machine;

/// How a program is run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Settings {
    /// What prints for a reference that has no value.
    pub(crate) absent: Absent,
    /// Whether a list prints as JSON, as API Gateway does it, and not as Java does.
    pub(crate) lists_as_json: bool,
    /// Whether `#set` of nothing makes the name nothing (API Gateway), or leaves what it was
    /// (Velocity).
    pub(crate) set_null: bool,
    /// Whether nothing equals an empty text (API Gateway).
    pub(crate) null_is_empty: bool,
    /// How much it may do.
    pub(crate) bounds: Bounds,
}

/// What prints for a reference that has no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Absent {
    /// The reference as it is written, as Velocity and AppSync do.
    AsWritten,
    /// Nothing, as API Gateway does.
    Nothing,
    /// It is an error: in the leaves of a tree, where the text would be wrong without it.
    Error,
}

/// How much a template may do.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// Things it may do: each directive, reference and turn of a loop is one, and so are a thousand
    /// bytes that a method or a function copies or looks at.
    pub(crate) steps: u64,
    /// Bytes it may print, and characters of any one text it makes.
    pub(crate) output: usize,
    /// Turns of one `#foreach`.
    pub(crate) turns: usize,
    /// How deep macros, `#define`s, `#evaluate`s and values may nest.
    pub(crate) depth: usize,
}

/// What a program came to.
#[derive(Debug)]
pub(crate) struct Printed {
    /// What it printed.
    pub(crate) text: String,
    /// Set when it ended with `#return`; null for `#return` alone.
    pub(crate) returned: Option<Val>,
    /// Which place of the template wrote from where on: pairs of an offset in the text and an
    /// offset in the template, in order.
    pub(crate) origins: Vec<(u32, u32)>,
}

impl Program {
    /// Runs the program.
    pub(crate) fn run<H: Host + Names>(
        &self,
        host: &mut H,
        settings: &Settings,
    ) -> Result<Printed, EvalError<H::Thrown>> {
        let fragments = Fragments::default();
        Machine::new(self, host, settings, &fragments).run(self)
    }

    /// The value of a program that is one reference and nothing else; `None`: it is more than that.
    pub(crate) fn value<H: Host + Names>(
        &self,
        host: &mut H,
        settings: &Settings,
    ) -> Option<Result<Val, EvalError<H::Thrown>>> {
        let reference = self.single()?;
        let fragments = Fragments::default();
        Some(Machine::new(self, host, settings, &fragments).value(reference))
    }
}

#[cfg(test)]
mod tests;
