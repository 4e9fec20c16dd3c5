//! What a program is made of. It owns all of it, and any thread may run it.

use std::{ops::Range, sync::Arc};

use crate::{
    json::Number,
    mapping::vtl::{ast::Operator, host::FunctionId, value::ObjectId},
};

/// The number of a variable.
pub(in crate::mapping::vtl) type Slot = u32;

/// Bytes of the template; no template is longer than these can say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(in crate::mapping::vtl) struct Span {
    pub(in crate::mapping::vtl) start: u32,
    pub(in crate::mapping::vtl) end: u32,
}

/// A template or a body inside one.
#[derive(Debug, Default)]
pub(in crate::mapping::vtl) struct Code {
    pub(in crate::mapping::vtl) nodes: Box<[Node]>,
}

/// One thing a program does.
#[derive(Debug)]
pub(in crate::mapping::vtl) enum Node {
    /// Prints characters; they begin in the template where `at` says.
    Text { text: Box<str>, at: u32 },
    /// Prints a value.
    Print(Print),
    /// `#set`
    Set {
        span: Span,
        target: Box<Reference>,
        value: Expression,
    },
    /// `#if`
    If {
        span: Span,
        arms: Box<[(Expression, Code)]>,
        otherwise: Option<Code>,
    },
    /// `#foreach`
    Foreach(Box<Foreach>),
    /// `#break`
    Break,
    /// `#stop`
    Stop,
    /// `#return`
    Return {
        span: Span,
        value: Option<Expression>,
    },
    /// `#define`: the body with this number becomes the variable's value.
    Define { slot: Slot, body: u16 },
    /// `#name(…)`
    Call(Box<Call>),
    /// `#evaluate`
    Evaluate { span: Span, text: Expression },
}

/// A reference that is printed.
#[derive(Debug)]
pub(in crate::mapping::vtl) struct Print {
    pub(in crate::mapping::vtl) reference: Reference,
    pub(in crate::mapping::vtl) quiet: bool,
    pub(in crate::mapping::vtl) backslashes: usize,
    /// The variable, when the reference is written `$name` and nothing else: a parameter without
    /// value prints as the argument is written.
    pub(in crate::mapping::vtl) plain: Option<Slot>,
}

/// `$root.step.step`
#[derive(Debug)]
pub(in crate::mapping::vtl) struct Reference {
    pub(in crate::mapping::vtl) span: Span,
    pub(in crate::mapping::vtl) written: Box<str>,
    pub(in crate::mapping::vtl) root: Root,
    pub(in crate::mapping::vtl) steps: Box<[Step]>,
}

/// Where a reference begins.
#[derive(Debug, Clone, Copy)]
pub(in crate::mapping::vtl) enum Root {
    /// A variable.
    Slot(Slot),
    /// Something of the embedding, known at load.
    Object(ObjectId),
}

/// What one link of a reference does.
#[derive(Debug)]
pub(in crate::mapping::vtl) enum Step {
    /// `.name`
    Member(Arc<str>),
    /// `[…]`
    Index(Expression),
    /// `.name(…)`, of whatever the value is.
    Method(Box<str>, Box<[Expression]>),
    /// `.name(…)` of the embedding, known at load.
    Function(FunctionId, Box<[Expression]>),
}

/// A value between brackets or parentheses.
#[derive(Debug)]
pub(in crate::mapping::vtl) enum Expression {
    Null,
    Bool(bool),
    Number(Number),
    Text(Arc<str>),
    Reference(Box<Reference>),
    /// `"…$name…"`
    Interpolated(Code),
    List(Box<[Expression]>),
    Map(Box<[(Expression, Expression)]>),
    Range(Box<(Expression, Expression)>),
    Not(Box<Expression>),
    Binary(Operator, Box<(Operand, Operand)>),
}

/// One side of an operator.
#[derive(Debug)]
pub(in crate::mapping::vtl) struct Operand {
    pub(in crate::mapping::vtl) value: Expression,
    /// How it is written: what `+` adds to a text where there is no value.
    pub(in crate::mapping::vtl) written: Box<str>,
}

/// `#foreach`
#[derive(Debug)]
pub(in crate::mapping::vtl) struct Foreach {
    pub(in crate::mapping::vtl) span: Span,
    pub(in crate::mapping::vtl) item: Slot,
    pub(in crate::mapping::vtl) list: Expression,
    pub(in crate::mapping::vtl) body: Code,
    /// `$foreach`, `$velocityCount` and `$velocityHasNext`, where the program knows such names.
    pub(in crate::mapping::vtl) scope: Option<Slot>,
    pub(in crate::mapping::vtl) count: Option<Slot>,
    pub(in crate::mapping::vtl) has_next: Option<Slot>,
}

/// `#name(…)`
#[derive(Debug)]
pub(in crate::mapping::vtl) struct Call {
    pub(in crate::mapping::vtl) span: Span,
    pub(in crate::mapping::vtl) name: Box<str>,
    /// The number of the macro, when it is known at load.
    pub(in crate::mapping::vtl) number: Option<usize>,
    pub(in crate::mapping::vtl) arguments: Box<[Argument]>,
    /// `$bodyContent` and the number of the body.
    pub(in crate::mapping::vtl) body: Option<(Slot, u16)>,
    /// The whole directive as it is written: it prints when there is no such macro.
    pub(in crate::mapping::vtl) written: Box<str>,
}

/// What is passed to a macro: not a value, but how to come by it.
#[derive(Debug)]
pub(in crate::mapping::vtl) struct Argument {
    pub(in crate::mapping::vtl) value: Expression,
    /// As it is written, unless it is a constant.
    pub(in crate::mapping::vtl) written: Option<Box<str>>,
}

/// `#macro`
#[derive(Debug)]
pub(in crate::mapping::vtl) struct Macro {
    pub(in crate::mapping::vtl) name: Box<str>,
    pub(in crate::mapping::vtl) parameters: Box<[Slot]>,
    pub(in crate::mapping::vtl) body: Code,
}

// === impl Span ===

impl Span {
    pub(in crate::mapping::vtl) fn of(range: &Range<usize>) -> Self {
        let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Span {
            start: place(range.start),
            end: place(range.end),
        }
    }

    pub(in crate::mapping::vtl) fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}
