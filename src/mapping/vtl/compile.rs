//! From a parsed template to a [`Program`]: names become slots, functions are looked up, texts are
//! joined, macros are found.

mod code;
mod lower;
mod mentions;
mod names;

use std::ops::Range;

use super::{ast::Block, error::SyntaxError, host::Names, value::ObjectId};

pub(super) use code::{
    Argument, Call, Code, Expression, Foreach, Macro, Node, Operand, Print, Reference, Root, Slot,
    Span, Step,
};
pub(super) use names::Known;

use lower::Lowering;
use names::Survey;

/// How deep blocks and expressions may stand inside each other.
pub(super) const MAX_NESTING: usize = 160;

/// A template, compiled. It holds no reference into its source but the source itself.
#[derive(Debug)]
pub(crate) struct Program {
    /// The template as it was written, for messages.
    pub(super) source: Box<str>,
    /// What it does.
    pub(super) code: Code,
    /// The names of its variables, by slot, and what the embedding gives them at first.
    pub(super) slots: Vec<(Box<str>, Option<ObjectId>)>,
    /// Its macros, by number.
    pub(super) macros: Vec<Macro>,
    /// The bodies of `#define` and of calls with a body, by number.
    pub(super) bodies: Vec<Code>,
    /// See [`Program::mentions`].
    pub(super) mentions: Vec<Mention>,
    /// See [`Program::unknown`].
    pub(super) unknown: Vec<Range<usize>>,
}

/// A reference to something of the embedding: `$ctx.args.id` is `["ctx", "args", "id"]`. Members
/// that are only known while it runs end the path; so do calls, whose name is in `call`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mention {
    pub(crate) path: Vec<Box<str>>,
    /// The method or function that is called there.
    pub(crate) call: Option<Box<str>>,
    /// Where the reference stands. Without a call, the whole value at the path may be used: it is
    /// printed, passed on, assigned or looped over.
    pub(crate) span: Range<usize>,
}

// === impl Program ===

impl Program {
    /// Compiles a parsed template.
    pub(super) fn compile(
        source: &str,
        template: &Block<'_>,
        names: &dyn Names,
    ) -> Result<Self, SyntaxError> {
        let survey = Survey::of(template)?;
        let nothing = Known::default();
        let found = mentions::find(&survey, names);
        let mut lowering = Lowering::new(source, names, &survey, &nothing);
        let code = lowering.block(template);
        let parts = lowering.finish()?;
        Ok(Program {
            source: source.into(),
            code,
            slots: parts.slots,
            macros: parts.macros,
            bodies: parts.bodies,
            mentions: found.mentions,
            unknown: found.unknown,
        })
    }

    /// Compiles the text of an `#evaluate`: what the program around it has defined is known to it,
    /// and every place in it is the place of the directive.
    pub(super) fn evaluated(
        source: &str,
        template: &Block<'_>,
        names: &dyn Names,
        known: &Known,
        place: Span,
    ) -> Result<Self, SyntaxError> {
        let survey = Survey::of(template)?;
        let mut lowering = Lowering::new(source, names, &survey, known).at(place);
        let code = lowering.block(template);
        let parts = lowering.finish()?;
        Ok(Program {
            source: source.into(),
            code,
            slots: parts.slots,
            macros: parts.macros,
            bodies: parts.bodies,
            mentions: Vec::new(),
            unknown: Vec::new(),
        })
    }

    /// Every reference to something of the embedding, as far as it can be known at load.
    pub(crate) fn mentions(&self) -> &[Mention] {
        &self.mentions
    }

    /// References whose root is neither known to the embedding nor given a value anywhere in the
    /// template: most likely misspelled.
    pub(crate) fn unknown(&self) -> &[Range<usize>] {
        &self.unknown
    }

    /// The template as it was written.
    pub(crate) fn source(&self) -> &str {
        &self.source
    }

    /// The reference, when the program is nothing else.
    pub(super) fn single(&self) -> Option<&Reference> {
        match &*self.code.nodes {
            [Node::Print(print)] if print.backslashes == 0 => Some(&print.reference),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
