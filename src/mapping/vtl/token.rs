//! The words of the language.

use std::ops::Range;

/// A word of a template and where it stands, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) span: Range<usize>,
}

/// What a word is. Tokens follow each other without gaps: together they are the template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// Characters that stand for themselves.
    Text,
    /// Backslashes before a `$` or `#`; an odd number of them takes that character in.
    Escape,
    /// `#if`, `#{else}`, or a macro call up to its name.
    Directive,
    /// `## …`, `#* … *#`
    Comment,
    /// `#[[ … ]]#`
    Unparsed,
    /// `$`, where a reference begins.
    Dollar,
    /// `!` after the dollar.
    Bang,
    /// `{` after the dollar.
    OpenBrace,
    /// `}` at the end of a braced reference.
    CloseBrace,
    /// A name: a root, a member or a method.
    Name,
    /// `.` before a member.
    Dot,
    /// `[`
    OpenBracket,
    /// `]`
    CloseBracket,
    /// `(`
    OpenParen,
    /// `)`
    CloseParen,
    /// `,`
    Comma,
    /// Blanks between brackets or parentheses.
    Blank,
    /// `"…"`, with its quotes.
    DoubleQuoted,
    /// `'…'`, with its quotes.
    SingleQuoted,
    /// `12`, `-1`
    Integer,
    /// Anything else between brackets or parentheses: one character.
    Other,
}
