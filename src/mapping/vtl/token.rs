//! The words of the language.

use std::ops::Range;

/// A word of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    /// Where it stands among the lexer's letters, with the signs in front of it: `$!{` before a
    /// name, `#` before a directive, `$$` before a `$`.
    pub(super) span: Range<usize>,
    /// Signs that began nothing. They are printed when the token is text, and lost when not.
    pub(super) before: Vec<Range<usize>>,
}

/// What a word is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// The end of the template.
    Eof,
    /// Signs that the template ends in, or a comment or an unparsed text that it ends in.
    Unfinished,
    /// A character that means nothing where it stands.
    Unknown,
    /// Characters that stand for themselves.
    Text,
    /// `\`
    Escape,
    /// `\\`
    DoubleEscape,
    /// `\#name`, after an even number of backslashes.
    EscapedDirective,
    /// In leaves: backslashes before a sign, which an odd number of them takes in.
    Escaped,
    /// `##`
    LineComment,
    /// The line end after `## …`
    LineCommentEnd,
    /// `*#`
    BlockComment,
    /// `#[[ … ]]#`
    Unparsed,
    /// `#set(`, with the blanks before it.
    Set,
    /// `#if`
    If,
    /// `#elseif`
    ElseIf,
    /// `#else`, with the blanks and the line end after it.
    Else,
    /// `#end`, with the blanks and the line end after it.
    End,
    /// `#name`, `#{name}`; or a word among the arguments of one.
    Word,
    /// `#name` with a parenthesis after it.
    CalledWord,
    /// `$name`, `$!name`; or a name after a dot, a brace or a parenthesis.
    Identifier,
    /// `${`, `$!{`
    OpenReference,
    /// `}` while a reference may go on.
    CloseReference,
    /// `$[`
    EmptyIndex,
    /// `.` before a letter.
    Dot,
    /// `[` after a reference.
    OpenIndex,
    /// `]` after an index.
    CloseIndex,
    /// `(`
    OpenParen,
    /// `)` of a directive or a term, with the blanks and the line end after it.
    CloseParen,
    /// `)` of a method.
    CloseCall,
    /// `[` where a value begins.
    OpenBracket,
    /// `]` where a value ends.
    CloseBracket,
    /// `{` where a value begins.
    OpenBrace,
    /// `}` where a value ends.
    CloseBrace,
    /// `,`
    Comma,
    /// `:`
    Colon,
    /// `..`
    DoubleDot,
    /// Blanks between brackets or parentheses.
    Blank,
    /// `"…"`, `'…'`
    Quoted,
    /// `12`, `-1`
    Integer,
    /// `1.5`, `-2.`, `1e3`
    Float,
    /// `true`, `$true`
    True,
    /// `false`
    False,
    /// `=`
    Assign,
    /// `-`
    Minus,
    /// `+`
    Plus,
    /// `*`
    Times,
    /// `/`
    Over,
    /// `%`
    Modulo,
    /// `&&`, `and`
    And,
    /// `||`, `or`
    Or,
    /// `<`, `lt`
    Less,
    /// `<=`, `le`
    LessOrEqual,
    /// `>`, `gt`
    Greater,
    /// `>=`, `ge`
    GreaterOrEqual,
    /// `==`, `eq`
    Equal,
    /// `!=`, `ne`
    NotEqual,
    /// `!`, `not`
    Not,
}
