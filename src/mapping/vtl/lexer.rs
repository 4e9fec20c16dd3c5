//! Cuts a template into tokens.
//!
//! What a character means depends on where it stands: a dot is text, unless it follows a reference
//! and a name follows it. So the lexer keeps a stack of [`Mode`]s: text at the bottom, then a
//! reference, then the brackets and parentheses inside it, then references inside those.
//! It never fails; what makes no sense is for the parser to say.
//!
//! See: Velocity 1.7 user guide, "Reference"; a hyphen belongs to a name there.

use super::token::{Token, TokenKind};

/// The directives that Velocity and AppSync know. Any other `#name` is a macro call when a
/// parenthesis follows, and text when not.
const DIRECTIVES: [&str; 15] = [
    "set", "if", "elseif", "else", "end", "foreach", "break", "stop", "return", "macro", "define",
    "include", "parse", "evaluate", "literal",
];

/// An iterator over the tokens of a template.
#[derive(Debug)]
pub(super) struct Lexer<'s> {
    source: &'s str,
    position: usize,
    modes: Vec<Mode>,
}

/// What surrounds the next character, apart from text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// After the `$`: `!` and `{` belong to the reference, then the root's name.
    Start,
    /// After a name, bracket or parenthesis: what may continue the reference.
    Chain { braced: bool, callable: bool },
    /// Between brackets or parentheses.
    Inside,
}

// === impl Lexer ===

impl<'s> Lexer<'s> {
    pub(super) fn new(source: &'s str) -> Self {
        Lexer {
            source,
            position: 0,
            modes: Vec::new(),
        }
    }

    fn rest(&self) -> &'s str {
        self.source.get(self.position..).unwrap_or_default()
    }

    fn take(&mut self, kind: TokenKind, length: usize) -> Token {
        let start = self.position;
        self.position += length;
        Token {
            kind,
            span: start..self.position,
        }
    }

    fn enter(&mut self, mode: Mode, kind: TokenKind, length: usize) -> Token {
        self.modes.push(mode);
        self.take(kind, length)
    }

    fn leave(&mut self, kind: TokenKind, length: usize) -> Token {
        self.modes.pop();
        self.take(kind, length)
    }

    /// Replaces the innermost mode.
    fn turn(&mut self, mode: Mode) {
        self.modes.pop();
        self.modes.push(mode);
    }

    fn text(&mut self) -> Token {
        let rest = self.rest();
        match rest.as_bytes() {
            [b'\\', ..] => {
                if let Some(length) = escape_length(rest) {
                    return self.take(TokenKind::Escape, length);
                }
            }
            [b'$', ..] if starts_reference(rest) => {
                return self.enter(Mode::Start, TokenKind::Dollar, 1);
            }
            [b'#', ..] => {
                if let Some((kind, length)) = hash_word(rest) {
                    return self.take(kind, length);
                }
            }
            _ => {}
        }
        self.take(TokenKind::Text, text_length(rest))
    }

    fn start(&mut self) -> Token {
        let rest = self.rest();
        match rest.as_bytes().first() {
            Some(b'!') => self.take(TokenKind::Bang, 1),
            Some(b'{') => self.take(TokenKind::OpenBrace, 1),
            _ => {
                let braced = self.source.as_bytes()[..self.position].ends_with(b"{");
                // A root is no method: `$name(` ends before the parenthesis.
                self.turn(Mode::Chain {
                    braced,
                    callable: false,
                });
                match name_length(rest) {
                    0 => self.chain(braced, false),
                    length => self.take(TokenKind::Name, length),
                }
            }
        }
    }

    fn chain(&mut self, braced: bool, callable: bool) -> Token {
        let rest = self.rest();
        match rest.as_bytes() {
            [b'.', after @ ..] if starts_name(after) => self.take(TokenKind::Dot, 1),
            [b'(', ..] if callable => {
                self.turn(Mode::Chain {
                    braced,
                    callable: false,
                });
                self.enter(Mode::Inside, TokenKind::OpenParen, 1)
            }
            [b'[', ..] => {
                self.turn(Mode::Chain {
                    braced,
                    callable: false,
                });
                self.enter(Mode::Inside, TokenKind::OpenBracket, 1)
            }
            [b'}', ..] if braced => self.leave(TokenKind::CloseBrace, 1),
            bytes if starts_name(bytes) && self.follows_dot() => {
                self.turn(Mode::Chain {
                    braced,
                    callable: true,
                });
                self.take(TokenKind::Name, name_length(rest))
            }
            _ => {
                self.modes.pop();
                self.step()
            }
        }
    }

    fn follows_dot(&self) -> bool {
        self.source.as_bytes()[..self.position].ends_with(b".")
    }

    fn inside(&mut self) -> Token {
        let rest = self.rest();
        let bytes = rest.as_bytes();
        match bytes {
            [b'$', ..] if starts_reference(rest) => self.enter(Mode::Start, TokenKind::Dollar, 1),
            [b'[', ..] => self.enter(Mode::Inside, TokenKind::OpenBracket, 1),
            [b'(', ..] => self.enter(Mode::Inside, TokenKind::OpenParen, 1),
            [b']', ..] => self.leave(TokenKind::CloseBracket, 1),
            [b')', ..] => self.leave(TokenKind::CloseParen, 1),
            [b',', ..] => self.take(TokenKind::Comma, 1),
            [b'"', ..] => self.quoted(TokenKind::DoubleQuoted, b'"'),
            [b'\'', ..] => self.quoted(TokenKind::SingleQuoted, b'\''),
            [b'-', b'0'..=b'9', ..] | [b'0'..=b'9', ..] => {
                let digits = bytes[1..]
                    .iter()
                    .take_while(|byte| byte.is_ascii_digit())
                    .count();
                self.take(TokenKind::Integer, 1 + digits)
            }
            [b' ' | b'\t' | b'\r' | b'\n', ..] => {
                let blanks = bytes.iter().take_while(|byte| byte.is_ascii_whitespace());
                let length = blanks.count();
                self.take(TokenKind::Blank, length)
            }
            _ if starts_name(bytes) => self.take(TokenKind::Name, name_length(rest)),
            _ => {
                let length = rest.chars().next().map_or(1, char::len_utf8);
                self.take(TokenKind::Other, length)
            }
        }
    }

    /// A quoted string; a lone quote is [`TokenKind::Other`].
    fn quoted(&mut self, kind: TokenKind, quote: u8) -> Token {
        match memchr::memchr(quote, &self.rest().as_bytes()[1..]) {
            Some(length) => self.take(kind, length + 2),
            None => self.take(TokenKind::Other, 1),
        }
    }

    /// The next token; there is at least one more character.
    fn step(&mut self) -> Token {
        match self.modes.last().copied() {
            None => self.text(),
            Some(Mode::Start) => self.start(),
            Some(Mode::Chain { braced, callable }) => self.chain(braced, callable),
            Some(Mode::Inside) => self.inside(),
        }
    }
}

impl Iterator for Lexer<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        if self.rest().is_empty() {
            return None;
        }
        Some(self.step())
    }
}

// === Words ===

fn starts_name(bytes: &[u8]) -> bool {
    matches!(bytes.first(), Some(byte) if byte.is_ascii_alphabetic() || *byte == b'_')
}

fn name_length(text: &str) -> usize {
    if !starts_name(text.as_bytes()) {
        return 0;
    }
    text.bytes()
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
        .count()
}

/// Whether the `$` that the text starts with begins a reference. `$5` and `$ ` are text; `${` is
/// not, so that a forgotten name is told.
fn starts_reference(text: &str) -> bool {
    let after = &text.as_bytes()[1..];
    let after = after.strip_prefix(b"!").unwrap_or(after);
    starts_name(after) || after.starts_with(b"{")
}

/// The length of a run of backslashes before `$` or `#`. An odd run takes that character with it;
/// an even one is backslashes that escape each other.
fn escape_length(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let backslashes = bytes.iter().take_while(|byte| **byte == b'\\').count();
    matches!(bytes.get(backslashes), Some(b'$' | b'#')).then_some(backslashes + backslashes % 2)
}

/// What the `#` that the text starts with begins, unless it is text.
fn hash_word(text: &str) -> Option<(TokenKind, usize)> {
    match text.as_bytes() {
        [_, b'#', ..] => {
            let length = memchr::memchr(b'\n', text.as_bytes()).unwrap_or(text.len());
            Some((TokenKind::Comment, length))
        }
        [_, b'*', ..] => {
            let length = text.find("*#").map_or(text.len(), |end| end + 2);
            Some((TokenKind::Comment, length))
        }
        [_, b'[', b'[', ..] => {
            let length = text.find("]]#").map_or(text.len(), |end| end + 3);
            Some((TokenKind::Unparsed, length))
        }
        _ => directive_length(text).map(|length| (TokenKind::Directive, length)),
    }
}

fn directive_length(text: &str) -> Option<usize> {
    let (open, close) = match text.as_bytes() {
        [_, b'{', ..] => (2, "}"),
        [_, b'@', ..] => (2, ""),
        _ => (1, ""),
    };
    let length = name_length(text.get(open..)?);
    let (name, after) = text.get(open..)?.split_at(length);
    let after = after.strip_prefix(close)?;
    let called = after.trim_start_matches([' ', '\t']).starts_with('(');
    let known = DIRECTIVES.contains(&name);
    (length > 0 && (known || called)).then_some(open + length + close.len())
}

/// How far the text reaches: up to the next character that may mean something. The first
/// character has been found to mean nothing.
fn text_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    // Backslashes that escape nothing are text as a run, or their last one would be looked at again.
    let first = match bytes.iter().take_while(|byte| **byte == b'\\').count() {
        0 => text.chars().next().map_or(0, char::len_utf8),
        backslashes => backslashes,
    };
    memchr::memchr3(b'$', b'#', b'\\', &bytes[first..]).map_or(text.len(), |next| first + next)
}
