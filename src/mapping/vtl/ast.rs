//! What a template says, before anyone asks what its names mean.

use std::ops::Range;

/// A template: its parts in their order.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Template<'s> {
    pub(super) parts: Vec<Part<'s>>,
}

/// A part of a template.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Part<'s> {
    /// Characters that stand for themselves.
    Text(&'s str),
    /// Backslashes before `$` or `#`; an odd number of them ends with that character.
    Escape(&'s str),
    /// A value to print.
    Reference(Reference<'s>),
}

/// `$root.member[index].method(…)`, plain, quiet or braced.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reference<'s> {
    /// From the `$` to the last character.
    pub(super) span: Range<usize>,
    /// `$!`: nothing to print is fine.
    pub(super) quiet: bool,
    /// The first name.
    pub(super) root: Name<'s>,
    /// What follows it.
    pub(super) path: Vec<Segment<'s>>,
}

/// The first name of a reference, without its dollar.
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
    /// `"…$name…"`: a template between quotes.
    Interpolated,
    /// `12`, `-1`
    Integer(i64),
    /// `true`, `false`
    Word,
    /// `$name…`
    Reference(Box<Reference<'s>>),
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
