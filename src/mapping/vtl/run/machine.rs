//! The interpreter: it walks the program and writes what it prints.

use super::{
    Printed, Settings,
    evaluate::{Evaluated, Fragments},
    foreach::Loop,
    halt::{Flow, Halt},
    meter::Meter,
    output::Output,
    own::Own,
    scope::Scope,
};
use crate::mapping::vtl::{
    compile::{Code, Expression, Macro, Node, Program, Reference, Span},
    error::EvalError,
    host::{Host, Names},
    value::{ObjectId, Val},
};

/// A program at work. `'p` is how long programs live: the template, and what it evaluates.
pub(super) struct Machine<'p, 'h, H> {
    pub(super) host: &'h mut H,
    pub(super) settings: &'h Settings,
    pub(super) scope: Scope<'p>,
    pub(super) out: Output,
    pub(super) meter: Meter,
    /// Macros and bodies by their numbers.
    pub(super) macros: Vec<&'p Macro>,
    pub(super) bodies: Vec<&'p Code>,
    /// The bodies at work, innermost last.
    pub(super) open: Vec<u16>,
    /// The loops at work, and those that a variable still knows.
    pub(super) loops: Vec<Loop>,
    pub(super) evaluated: Evaluated<'p>,
}

// === impl Machine ===

impl<'p, 'h, H: Host + Names> Machine<'p, 'h, H> {
    pub(super) fn new(
        program: &'p Program,
        host: &'h mut H,
        settings: &'h Settings,
        fragments: &'p Fragments,
    ) -> Self {
        Machine {
            host,
            settings,
            scope: Scope::new(initial(program).collect()),
            out: Output::default(),
            meter: Meter::new(settings.bounds),
            macros: program.macros.iter().collect(),
            bodies: program.bodies.iter().collect(),
            open: Vec::new(),
            loops: Vec::new(),
            evaluated: Evaluated::new(program, fragments),
        }
    }

    /// Runs the template.
    pub(super) fn run(mut self, program: &'p Program) -> Result<Printed, EvalError<H::Thrown>> {
        let returned = match self.block(&program.code) {
            Ok(()) | Err(Halt::Break | Halt::Stop) => None,
            Err(Halt::Return(value)) => Some(value),
            Err(Halt::Failed(error)) => return Err(*error),
        };
        Ok(Printed {
            text: self.out.text,
            returned,
            origins: self.out.origins,
        })
    }

    /// The value of a reference.
    pub(super) fn value(mut self, reference: &'p Reference) -> Result<Val, EvalError<H::Thrown>> {
        let value = self.reference(reference);
        match value.and_then(|value| self.settled(value, reference.span)) {
            Ok(value) | Err(Halt::Return(value)) => Ok(value),
            Err(Halt::Break | Halt::Stop) => Ok(Val::Null),
            Err(Halt::Failed(error)) => Err(*error),
        }
    }

    /// Runs a block.
    pub(super) fn block(&mut self, code: &'p Code) -> Flow<H::Thrown> {
        let Some(first) = code.nodes.first() else {
            return Ok(());
        };
        self.meter.enter(first.span())?;
        let flow = code.nodes.iter().try_for_each(|node| self.node(node));
        self.meter.leave();
        flow
    }

    fn node(&mut self, node: &'p Node) -> Flow<H::Thrown> {
        match node {
            Node::Text { text, at } => {
                self.out.from(*at);
                self.write(text, node.span())
            }
            Node::Print(print) => self.print(print),
            Node::Set {
                span,
                target,
                value,
            } => self.set(*span, target, value),
            Node::If {
                span,
                arms,
                otherwise,
            } => self.branch(*span, arms, otherwise.as_ref()),
            Node::Foreach(foreach) => self.foreach(foreach),
            Node::Break => Err(Halt::Break),
            Node::Stop => Err(Halt::Stop),
            Node::Return { span, value } => self.give_back(*span, value.as_ref()),
            Node::Define { slot, body } => {
                self.scope.set(*slot, Val::Object(Own::body(*body)));
                Ok(())
            }
            Node::Call(call) => self.call_macro(call),
            Node::Evaluate { span, text } => self.evaluate(*span, text),
        }
    }

    fn branch(
        &mut self,
        span: Span,
        arms: &'p [(Expression, Code)],
        otherwise: Option<&'p Code>,
    ) -> Flow<H::Thrown> {
        self.meter.pay(1, span)?;
        for (condition, block) in arms {
            if self.truth(condition, span)? {
                return self.block(block);
            }
        }
        otherwise.map_or(Ok(()), |block| self.block(block))
    }

    fn give_back(&mut self, span: Span, value: Option<&'p Expression>) -> Flow<H::Thrown> {
        let Some(value) = value else {
            return Err(Halt::Return(Val::Null));
        };
        let value = self.expression(value, span)?;
        let value = self.settled(value, span)?;
        Err(Halt::Return(value))
    }

    fn set(&mut self, span: Span, target: &'p Reference, value: &'p Expression) -> Flow<H::Thrown> {
        self.meter.pay(1, span)?;
        let value = self.expression(value, span)?;
        if value.is_null() && !self.settings.set_null {
            return Ok(());
        }
        self.assign(target, value)
    }

    /// Prints characters.
    #[inline]
    pub(super) fn write(&mut self, text: &str, span: Span) -> Flow<H::Thrown> {
        self.meter.check(self.out.text.len() + text.len(), span)?;
        self.out.text.push_str(text);
        Ok(())
    }
}

/// What the variables of a program are at first.
pub(super) fn initial(program: &Program) -> impl Iterator<Item = Val> {
    program
        .slots
        .iter()
        .map(|(_, object): &(_, Option<ObjectId>)| object.map_or(Val::Null, Val::Object))
}

// === impl Node ===

impl Node {
    /// Where it stands, for messages.
    fn span(&self) -> Span {
        match self {
            Node::Text { at, text } => Span {
                start: *at,
                end: at.saturating_add(u32::try_from(text.len()).unwrap_or(u32::MAX)),
            },
            Node::Print(print) => print.reference.span,
            Node::Set { span, .. }
            | Node::If { span, .. }
            | Node::Return { span, .. }
            | Node::Evaluate { span, .. } => *span,
            Node::Foreach(foreach) => foreach.span,
            Node::Call(call) => call.span,
            // None of these can go wrong.
            Node::Break | Node::Stop | Node::Define { .. } => Span::default(),
        }
    }
}
