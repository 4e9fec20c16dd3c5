//! Expression text into tokens, each with the place it stands.

use std::ops::Range;

/// One word or sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) span: Range<usize>,
}

/// What a token is. Its text is the expression's at the token's span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// A name, a keyword or a function: keywords are told apart by whoever expects one.
    Word,
    /// `#name`
    Name,
    /// `:value`
    Value,
    /// A list index.
    Digits,
    /// `=`
    Equal,
    /// `<>`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `(`
    Open,
    /// `)`
    Close,
    /// `[`
    OpenIndex,
    /// `]`
    CloseIndex,
    /// `,`
    Comma,
    /// `.`
    Dot,
    /// `+`
    Plus,
    /// `-`
    Minus,
    /// A character that no expression has.
    Unknown,
    /// Behind the last one.
    End,
}

/// Splits an expression. Never fails: what is not known becomes [`TokenKind::Unknown`].
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        if first.is_ascii_whitespace() {
            at += 1;
            continue;
        }
        let (kind, length) = next(&text[at..], first);
        tokens.push(Token {
            kind,
            span: at..at + length,
        });
        at += length;
    }
    tokens.push(Token {
        kind: TokenKind::End,
        span: at..at,
    });
    tokens
}

/// The token that a text starts with, and its length.
fn next(text: &str, first: char) -> (TokenKind, usize) {
    let word = |from: usize| {
        let is_outside = |c: char| !(c.is_ascii_alphanumeric() || c == '_');
        from + text[from..].find(is_outside).unwrap_or(text.len() - from)
    };
    match first {
        'a'..='z' | 'A'..='Z' | '_' => (TokenKind::Word, word(0)),
        '#' => (TokenKind::Name, word(1)),
        ':' => (TokenKind::Value, word(1)),
        '0'..='9' => (TokenKind::Digits, word(0)),
        '<' if text.starts_with("<>") => (TokenKind::NotEqual, 2),
        '<' if text.starts_with("<=") => (TokenKind::LessOrEqual, 2),
        '>' if text.starts_with(">=") => (TokenKind::GreaterOrEqual, 2),
        '<' => (TokenKind::Less, 1),
        '>' => (TokenKind::Greater, 1),
        '=' => (TokenKind::Equal, 1),
        '(' => (TokenKind::Open, 1),
        ')' => (TokenKind::Close, 1),
        '[' => (TokenKind::OpenIndex, 1),
        ']' => (TokenKind::CloseIndex, 1),
        ',' => (TokenKind::Comma, 1),
        '.' => (TokenKind::Dot, 1),
        '+' => (TokenKind::Plus, 1),
        '-' => (TokenKind::Minus, 1),
        other => (TokenKind::Unknown, other.len_utf8()),
    }
}
