//! What a template says, before anyone asks what its names mean.
//!
//! Spans are bytes of the whole template, also of what stands inside a double-quoted text.

use std::ops::Range;

/// A template, or a body inside one: its parts in their order.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Block<'s> {
    pub(crate) parts: Vec<Part<'s>>,
}

/// A part of a template.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Part<'s> {
    /// Characters that stand for themselves, also those of `#[[…]]#`.
    Text(&'s str),
    /// A character that a double-quoted text names by its number: `\u0041`.
    Char(char),
    /// Backslashes before a `$` or `#` that would begin something, and that character; an odd
    /// number of them keeps it from doing so. What follows is text.
    Escape(&'s str),
    /// A value to print.
    Reference(Reference<'s>),
    /// Any `#…` that does something.
    Directive(Directive<'s>),
}

/// `#name…`
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Directive<'s> {
    /// From the `#` to the last character of it, its `#end` included.
    pub(crate) span: Range<usize>,
    pub(crate) kind: DirectiveKind<'s>,
}

/// What a directive does.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum DirectiveKind<'s> {
    /// `#set($target = value)`
    Set {
        target: Reference<'s>,
        value: Expression<'s>,
    },
    /// `#if(…) … #elseif(…) … #else … #end`
    If {
        arms: Vec<(Expression<'s>, Block<'s>)>,
        otherwise: Option<Block<'s>>,
    },
    /// `#foreach($name in list) … #end`
    Foreach {
        name: Name<'s>,
        list: Expression<'s>,
        body: Block<'s>,
    },
    /// `#break`
    Break,
    /// `#stop`
    Stop,
    /// `#return`, `#return(value)`
    Return(Option<Expression<'s>>),
    /// `#define($name) … #end`
    Define { name: Name<'s>, body: Block<'s> },
    /// `#macro(name $parameter…) … #end`
    Macro {
        name: Name<'s>,
        parameters: Vec<Name<'s>>,
        body: Block<'s>,
    },
    /// `#name(argument…)`, or `#@name(argument…) … #end`, whose body is `$bodyContent`.
    Call {
        name: Name<'s>,
        arguments: Vec<Expression<'s>>,
        body: Option<Block<'s>>,
    },
    /// `#evaluate(text)`
    Evaluate(Expression<'s>),
}

/// `$root.member[index].method(…)`, plain, quiet or braced.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reference<'s> {
    /// Backslashes directly before the `$`, which are not in the span.
    pub(crate) backslashes: usize,
    /// From the `$` to the last character.
    pub(crate) span: Range<usize>,
    /// `$!`: nothing to print is fine.
    pub(crate) quiet: bool,
    /// The first name.
    pub(crate) root: Name<'s>,
    /// What follows it.
    pub(crate) path: Vec<Segment<'s>>,
}

/// A name, without its dollar or hash.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Name<'s> {
    pub(crate) text: &'s str,
    pub(crate) span: Range<usize>,
}

/// One link of a reference.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Segment<'s> {
    /// The name of a member or method, or the brackets with what is between them.
    pub(crate) span: Range<usize>,
    /// What it does.
    pub(crate) kind: SegmentKind<'s>,
}

/// What one link of a reference does.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum SegmentKind<'s> {
    /// `.name`
    Member(&'s str),
    /// `[0]`, `["name"]`
    Index(Expression<'s>),
    /// `.name(…)`
    Call(&'s str, Vec<Expression<'s>>),
}

/// A value between brackets or parentheses.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Expression<'s> {
    pub(crate) span: Range<usize>,
    pub(crate) kind: ExpressionKind<'s>,
}

/// What a value between brackets or parentheses is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum ExpressionKind<'s> {
    /// `'…'`, or `"…"` with nothing in it that could be printed: without the quotes.
    Text(&'s str),
    /// `"…$name…"`: what it prints.
    Interpolated(Block<'s>),
    /// `12`, `-1`: as it is written.
    Integer(&'s str),
    /// `1.5`, `-2.`, `1e3`: as it is written.
    Float(&'s str),
    /// `true`, `false`
    Bool(bool),
    /// A bare name among the arguments of a method, such as `null`: nothing, whatever it says.
    Null,
    /// `$name…`
    Reference(Box<Reference<'s>>),
    /// `[a, b]`
    List(Vec<Expression<'s>>),
    /// `{"a": b}`
    Map(Vec<(Expression<'s>, Expression<'s>)>),
    /// `[a..b]`
    Range(Box<Expression<'s>>, Box<Expression<'s>>),
    /// `!a`, `not a`
    Not(Box<Expression<'s>>),
    /// `a + b`
    Binary(Operator, Box<Expression<'s>>, Box<Expression<'s>>),
}

/// What stands between two values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    /// `||`, `or`
    Or,
    /// `&&`, `and`
    And,
    /// `==`, `eq`
    Equal,
    /// `!=`, `ne`
    NotEqual,
    /// `<`, `lt`
    Less,
    /// `<=`, `le`
    LessOrEqual,
    /// `>`, `gt`
    Greater,
    /// `>=`, `ge`
    GreaterOrEqual,
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%`
    Modulo,
}

// === impl Segment ===

impl Segment<'_> {
    /// The member this link asks for, in either spelling: `.name` or `["name"]`.
    pub(crate) fn member(&self) -> Option<&str> {
        match &self.kind {
            SegmentKind::Member(name) => Some(name),
            SegmentKind::Index(index) => match index.kind {
                ExpressionKind::Text(name) => Some(name),
                _ => None,
            },
            SegmentKind::Call(..) => None,
        }
    }
}
