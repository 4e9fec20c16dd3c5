//! Cuts a template into tokens.
//!
//! What a character means depends on where it stands: a dot is text, unless it follows a reference
//! and a letter follows it. Templates are full of text that nearly means something, and where
//! Velocity draws the line follows from how its own lexer is built; so this one is built the same
//! way, with the same modes and the same stack of them, also where they are odd.
//!
//! Signs (`$`, `$!`, `#`, with backslashes before a `$`) are gathered until something follows that
//! makes them a word; when nothing does, they are handed on with the next token.
//!
//! See: Velocity 1.7, the grammar of its parser.

mod letters;
mod state;
mod words;

pub(super) use letters::Letters;

use super::token::{Token, TokenKind};

/// Who writes the templates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// Velocity 1.7, to the letter.
    Velocity,
    /// A leaf of a tree, where a backslash always keeps a `$` or `#` from meaning anything, and
    /// one that means nothing is text wherever it stands.
    Leaf,
}

/// A source of tokens.
#[derive(Debug)]
pub(super) struct Lexer<'s> {
    pub(super) letters: Letters<'s>,
    dialect: Dialect,
    position: usize,
    state: State,
    /// What the states around this one were.
    stack: Vec<State>,
    commented: bool,
    /// Whether a `#set(` is open.
    setting: bool,
}

/// Where the lexer is, and how many parentheses have been opened and closed there.
#[derive(Debug, Clone, Copy)]
struct State {
    mode: Mode,
    opened: usize,
    closed: usize,
}

/// What surrounds the next character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Text,
    /// After a `$`, a name, or what follows one.
    Reference,
    /// After the dot of a reference, and the name that follows it.
    Member,
    /// Between the brackets of an index.
    Index,
    /// Between the parentheses of a method.
    Call,
    /// After a `#`.
    Hash,
    /// Between the parentheses of a directive.
    Directive,
    LineComment,
    BlockComment,
    Unparsed,
}

/// What a match does.
#[derive(Debug, Clone, Copy)]
enum Match {
    /// Ends a token, this many bytes on.
    Word(TokenKind, usize),
    /// A sign that may belong to what follows.
    Sign(Sign, usize),
    /// A character of a comment.
    Skip(usize),
    /// Nothing can follow the signs before here.
    Nothing,
}

#[derive(Debug, Clone, Copy)]
enum Sign {
    Dollar,
    Hash,
    /// `#*`
    Comment,
    /// `#[[`
    Unparsed,
    /// A character of an unparsed text.
    Inside,
}

// === impl Lexer ===

impl<'s> Lexer<'s> {
    pub(super) fn new(letters: Letters<'s>, dialect: Dialect) -> Self {
        Lexer {
            letters,
            dialect,
            position: 0,
            state: State {
                mode: Mode::Text,
                opened: 0,
                closed: 0,
            },
            stack: Vec::new(),
            commented: false,
            setting: false,
        }
    }

    /// The next token; at the end of the letters always the same one.
    pub(super) fn token(&mut self) -> Token {
        let mut before = Vec::new();
        let mut start = self.position;
        loop {
            if self.rest().is_empty() {
                let kind = match self.position == start {
                    true => TokenKind::Eof,
                    false => TokenKind::Unfinished,
                };
                let span = start..self.position;
                return Token { kind, span, before };
            }
            let Some(found) = self.matched() else {
                let length = self.character();
                self.position += length;
                let span = start..self.position;
                let kind = TokenKind::Unknown;
                return Token { kind, span, before };
            };
            match found {
                Match::Word(kind, length) => {
                    self.position += length;
                    let kind = self.enter(kind);
                    let span = start..self.position;
                    return Token { kind, span, before };
                }
                Match::Sign(sign, length) => {
                    self.position += length;
                    self.sign(sign);
                }
                Match::Skip(length) => {
                    self.position += length;
                    start = self.position;
                }
                Match::Nothing => {
                    self.pop();
                    self.printed_signs(start, &mut before);
                    start = self.position;
                }
            }
        }
    }

    fn rest(&self) -> &[u8] {
        let bytes = self.letters.text.as_bytes();
        bytes.get(self.position..).unwrap_or_default()
    }

    fn character(&self) -> usize {
        self.character_at(0)
    }

    /// The length of the character so many bytes further on.
    fn character_at(&self, further: usize) -> usize {
        let rest = self.letters.text.get(self.position + further..);
        let c = rest.and_then(|rest| rest.chars().next());
        c.map_or(1, char::len_utf8)
    }

    /// The longest word here; of equally long ones, the more special.
    fn matched(&mut self) -> Option<Match> {
        if self.dialect == Dialect::Leaf
            && let Some(text) = self.leaf()
        {
            return Some(text);
        }
        match self.state.mode {
            Mode::Text => Some(self.text()),
            Mode::Reference | Mode::Member => Some(self.reference()),
            Mode::Index => self.value().or_else(|| self.signs()),
            Mode::Call => self
                .call()
                .or_else(|| self.value())
                .or_else(|| self.signs()),
            Mode::Hash => Some(self.hash()),
            Mode::Directive => self.directive(),
            Mode::LineComment | Mode::BlockComment | Mode::Unparsed => Some(self.comment()),
        }
    }

    /// What a leaf has instead of signs that mean nothing.
    fn leaf(&mut self) -> Option<Match> {
        if !matches!(self.state.mode, Mode::Text | Mode::Reference | Mode::Member) {
            return None;
        }
        let rest = self.rest();
        if self.state.mode != Mode::Text {
            let around = self.stack.last().map_or(Mode::Text, |state| state.mode);
            if around != Mode::Text || !matches!(rest, [b'$' | b'#' | b'\\', ..]) {
                return None;
            }
            self.pop();
        }
        let rest = self.rest();
        let backslashes = words::backslashes(rest);
        match rest.get(backslashes..).unwrap_or_default() {
            [b'$' | b'#', ..] if backslashes > 0 => {
                let length = backslashes + backslashes % 2;
                Some(Match::Word(TokenKind::Escaped, length))
            }
            _ if backslashes > 0 => Some(Match::Word(TokenKind::Text, backslashes)),
            [b'$', after @ ..] => {
                let after = after.strip_prefix(b"!").unwrap_or(after);
                let begins = after.first() == Some(&b'{') || words::identifier(after) > 0;
                (!begins).then_some(Match::Word(TokenKind::Text, 1))
            }
            after @ [b'#', ..] => (!hash_means(after)).then_some(Match::Word(TokenKind::Text, 1)),
            _ => None,
        }
    }

    fn text(&self) -> Match {
        let rest = self.rest();
        let set = words::set(rest);
        if set > 0 {
            return Match::Word(TokenKind::Set, set);
        }
        let backslashes = words::backslashes(rest);
        let after = rest.get(backslashes..).unwrap_or_default();
        match (backslashes, after) {
            (_, [b'$', ..]) => self.dollar(backslashes),
            (0, [b'#', b'#', ..]) => Match::Word(TokenKind::LineComment, 2),
            (0, [b'#', ..]) => hash_sign(after),
            (0, _) => {
                let text = rest
                    .iter()
                    .position(|byte| matches!(byte, b'$' | b'#' | b'\\'));
                Match::Word(TokenKind::Text, text.unwrap_or(rest.len()))
            }
            (_, [b'#', name @ ..]) if backslashes % 2 == 1 && named(name) > 0 => {
                Match::Word(TokenKind::EscapedDirective, backslashes + 1 + named(name))
            }
            (1, _) => Match::Word(TokenKind::Escape, 1),
            _ => Match::Word(TokenKind::DoubleEscape, 2),
        }
    }

    /// `$`, `$!`, or one of them before a bracket, or `$` before a dot.
    fn dollar(&self, backslashes: usize) -> Match {
        let rest = self.rest();
        let after = rest.get(backslashes + 1..).unwrap_or_default();
        let plain = matches!(self.state.mode, Mode::Text | Mode::Reference) && backslashes == 0;
        let between = words::backslashes(after);
        match after.get(between..).unwrap_or_default() {
            [b'[' | b'.', ..] if plain && between == 0 => Match::Word(TokenKind::EmptyIndex, 2),
            [b'!', b'[', ..] if plain && between < 2 => {
                Match::Word(TokenKind::EmptyIndex, between + 3)
            }
            [b'!', ..] => Match::Sign(Sign::Dollar, backslashes + between + 2),
            _ => Match::Sign(Sign::Dollar, backslashes + 1),
        }
    }

    /// What may stand anywhere.
    fn signs(&self) -> Option<Match> {
        let rest = self.rest();
        let backslashes = words::backslashes(rest);
        match rest.get(backslashes..).unwrap_or_default() {
            [b'$', ..] => Some(self.dollar(backslashes)),
            [b'#', ..] if backslashes == 0 => Some(hash_sign(rest)),
            _ => None,
        }
    }

    fn reference(&self) -> Match {
        let rest = self.rest();
        let set = words::set(rest);
        if set > 0 {
            return Match::Word(TokenKind::Set, set);
        }
        let member = self.state.mode == Mode::Member;
        let kind = match rest {
            [b'[', ..] => TokenKind::OpenIndex,
            [b'(', ..] if member => TokenKind::OpenParen,
            [b'{', ..] => TokenKind::OpenReference,
            [b'}', ..] => TokenKind::CloseReference,
            [b'.', after, ..] if after.is_ascii_alphabetic() => TokenKind::Dot,
            [b'#', b'#', ..] if !member => return Match::Word(TokenKind::LineComment, 2),
            _ => match self.name() {
                Some(name) => return name,
                None => return self.signs().unwrap_or(Match::Nothing),
            },
        };
        Match::Word(kind, 1)
    }

    fn name(&self) -> Option<Match> {
        let rest = self.rest();
        let length = words::identifier(rest);
        let kind = match rest.get(..length)? {
            b"" => return None,
            b"true" => TokenKind::True,
            b"false" => TokenKind::False,
            _ => TokenKind::Identifier,
        };
        Some(Match::Word(kind, length))
    }

    /// What begins or ends a value between the parentheses of a method.
    fn call(&self) -> Option<Match> {
        let rest = self.rest();
        let set = words::set(rest);
        if set > 0 {
            return Some(Match::Word(TokenKind::Set, set));
        }
        match rest {
            [b')', ..] => Some(Match::Word(TokenKind::CloseCall, 1)),
            [b'.', after, ..] if after.is_ascii_alphabetic() => {
                Some(Match::Word(TokenKind::Dot, 1))
            }
            _ => bracket(rest).or_else(|| self.name()),
        }
    }

    /// Constants, and the blanks around them.
    fn value(&self) -> Option<Match> {
        let rest = self.rest();
        if rest.first() == Some(&b']') {
            return Some(Match::Word(TokenKind::CloseIndex, 1));
        }
        let blanks = words::blanks(rest);
        if blanks > 0 {
            return Some(Match::Word(TokenKind::Blank, blanks));
        }
        let quoted = words::quoted(rest);
        if quoted > 0 {
            return Some(Match::Word(TokenKind::Quoted, quoted));
        }
        match words::identifier(rest) {
            // An index takes these two words alone, and no others.
            _ if rest.starts_with(b"true") => Some(Match::Word(TokenKind::True, 4)),
            _ if rest.starts_with(b"false") => Some(Match::Word(TokenKind::False, 5)),
            _ => number(rest),
        }
    }

    fn hash(&self) -> Match {
        let rest = self.rest();
        let word = words::word(rest);
        let braced = words::bracketed_word(rest);
        let name = match (word, braced) {
            (0, 0) => &[],
            (0, length) => rest.get(1..length - 1).unwrap_or_default(),
            (length, _) => rest.get(..length).unwrap_or_default(),
        };
        let length = word.max(braced);
        let line = words::rest_of_line(rest.get(length..).unwrap_or_default());
        match name {
            b"if" => Match::Word(TokenKind::If, length),
            b"elseif" => Match::Word(TokenKind::ElseIf, length),
            b"else" => Match::Word(TokenKind::Else, length + line),
            b"end" => Match::Word(TokenKind::End, length + line),
            b"" if rest.starts_with(b"##") => Match::Word(TokenKind::LineComment, 2),
            b"" => number(rest)
                .or_else(|| self.signs())
                .unwrap_or(Match::Nothing),
            _ => Match::Word(TokenKind::Word, length),
        }
    }

    fn directive(&self) -> Option<Match> {
        let rest = self.rest();
        let (kind, length) = match rest {
            [b')', after @ ..] => (TokenKind::CloseParen, 1 + words::rest_of_line(after)),
            [b'(', ..] => (TokenKind::OpenParen, 1),
            [b'#', b'#', ..] => (TokenKind::LineComment, 2),
            [b' ' | b'\t' | b'\r' | b'\n', ..] => (TokenKind::Blank, words::blanks(rest)),
            [b'"' | b'\'', ..] => match words::quoted(rest) {
                0 => return None,
                length => (TokenKind::Quoted, length),
            },
            _ => {
                return number(rest)
                    .or_else(|| operator(rest))
                    .or_else(|| directive_word(rest))
                    .or_else(|| bracket(rest))
                    .or_else(|| self.signs());
            }
        };
        Some(Match::Word(kind, length))
    }

    fn comment(&self) -> Match {
        let rest = self.rest();
        let mode = self.state.mode;
        match rest {
            [b'\r' | b'\n', ..] if mode == Mode::LineComment => {
                return Match::Word(TokenKind::LineCommentEnd, words::newline(rest));
            }
            [b'*', b'#', ..] if mode == Mode::BlockComment => {
                return Match::Word(TokenKind::BlockComment, 2);
            }
            [b']', b']', b'#', ..] if mode == Mode::Unparsed => {
                return Match::Word(TokenKind::Unparsed, 3);
            }
            _ => {}
        }
        match self.signs() {
            // A comment in a comment is none, but the character after its signs is taken with them.
            Some(Match::Sign(Sign::Comment, 3)) => {
                Match::Sign(Sign::Inside, 3 + self.character_at(3))
            }
            Some(sign) => sign,
            None if mode == Mode::Unparsed => Match::Sign(Sign::Inside, self.character()),
            None => Match::Skip(self.character()),
        }
    }
}

/// Whether a `#` in a leaf is more than text.
fn hash_means(text: &[u8]) -> bool {
    let after = text.get(1..).unwrap_or_default();
    if let [b'#' | b'*', ..] | [b'[', b'[', ..] = after {
        return true;
    }
    let length = named(after);
    let name = after.get(..length).unwrap_or_default();
    let bare = name.strip_prefix(b"{").unwrap_or(name);
    let bare = bare.strip_suffix(b"}").unwrap_or(bare);
    let rest = after.get(length..).unwrap_or_default();
    let called = rest.get(words::blanks(rest)) == Some(&b'(');
    length > 0 && (called || super::parser::is_directive(bare))
}

fn named(text: &[u8]) -> usize {
    words::word(text).max(words::bracketed_word(text))
}

/// What a `#` that begins no line comment may begin.
fn hash_sign(text: &[u8]) -> Match {
    match text {
        [_, b'[', b'[', ..] => Match::Sign(Sign::Unparsed, 3),
        [_, b'*', b'*', after, ..] if *after != b'#' => Match::Sign(Sign::Comment, 3),
        [_, b'*', ..] => Match::Sign(Sign::Comment, 2),
        _ => Match::Sign(Sign::Hash, 1),
    }
}

/// What lists, maps and ranges are made of.
fn bracket(text: &[u8]) -> Option<Match> {
    let (kind, length) = match text {
        [b'[', ..] => (TokenKind::OpenBracket, 1),
        [b']', ..] => (TokenKind::CloseBracket, 1),
        [b'{', ..] => (TokenKind::OpenBrace, 1),
        [b'}', ..] => (TokenKind::CloseBrace, 1),
        [b',', ..] => (TokenKind::Comma, 1),
        [b':', ..] => (TokenKind::Colon, 1),
        [b'.', b'.', ..] => (TokenKind::DoubleDot, 2),
        _ => return None,
    };
    Some(Match::Word(kind, length))
}

fn number(text: &[u8]) -> Option<Match> {
    let (integer, ranged) = words::integer(text);
    let float = words::float(text);
    match integer + usize::from(ranged) * 2 {
        0 if float == 0 => None,
        longest if longest >= float => Some(Match::Word(TokenKind::Integer, integer)),
        _ => Some(Match::Word(TokenKind::Float, float)),
    }
}

fn operator(text: &[u8]) -> Option<Match> {
    let (kind, length) = match text {
        [b'&', b'&', ..] => (TokenKind::And, 2),
        [b'|', b'|', ..] => (TokenKind::Or, 2),
        [b'<', b'=', ..] => (TokenKind::LessOrEqual, 2),
        [b'<', ..] => (TokenKind::Less, 1),
        [b'>', b'=', ..] => (TokenKind::GreaterOrEqual, 2),
        [b'>', ..] => (TokenKind::Greater, 1),
        [b'=', b'=', ..] => (TokenKind::Equal, 2),
        [b'=', ..] => (TokenKind::Assign, 1),
        [b'!', b'=', ..] => (TokenKind::NotEqual, 2),
        [b'!', ..] => (TokenKind::Not, 1),
        [b'-', ..] => (TokenKind::Minus, 1),
        [b'+', ..] => (TokenKind::Plus, 1),
        [b'*', ..] => (TokenKind::Times, 1),
        [b'/', ..] => (TokenKind::Over, 1),
        [b'%', ..] => (TokenKind::Modulo, 1),
        _ => return None,
    };
    Some(Match::Word(kind, length))
}

/// A word among the arguments of a directive: a constant, an operator, or just a word.
fn directive_word(text: &[u8]) -> Option<Match> {
    let length = words::word(text);
    let kind = match text.get(..length)? {
        b"" => match words::bracketed_word(text) {
            0 => return None,
            length => return Some(Match::Word(TokenKind::Word, length)),
        },
        b"true" => TokenKind::True,
        b"false" => TokenKind::False,
        b"and" => TokenKind::And,
        b"or" => TokenKind::Or,
        b"lt" => TokenKind::Less,
        b"le" => TokenKind::LessOrEqual,
        b"gt" => TokenKind::Greater,
        b"ge" => TokenKind::GreaterOrEqual,
        b"eq" => TokenKind::Equal,
        b"ne" => TokenKind::NotEqual,
        b"not" => TokenKind::Not,
        _ => TokenKind::Word,
    };
    Some(Match::Word(kind, length))
}
