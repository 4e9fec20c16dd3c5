//! Reads tokens into a [`Block`]; stops at the first thing that is wrong.
//!
//! The productions are those of Velocity's own grammar, in its words: see each file. Text comes
//! out as Velocity prints it, because the lexer takes in the blanks and line ends that belong to a
//! directive.
//!
//! A `#name` is text unless a macro of that name exists, and it may be defined further down. So a
//! template that calls a macro before its definition is read twice.

mod directive;
mod expression;
mod literal;
mod reference;
mod text;

use std::{
    collections::{HashSet, VecDeque},
    ops::Range,
};

pub(super) use directive::is_directive;

use super::{
    MAX_DEPTH, MAX_LENGTH,
    ast::{Block, Name, Part},
    error::{Fault, SyntaxError},
    lexer::{Dialect, Letters, Lexer},
    token::{Token, TokenKind},
};

type Parsed<T> = Result<T, SyntaxError>;

/// Parses a template; `is_macro` knows macros that are defined elsewhere.
pub(super) fn parse<'s>(
    source: &'s str,
    dialect: Dialect,
    is_macro: &dyn Fn(&str) -> bool,
) -> Parsed<Block<'s>> {
    if source.len() > MAX_LENGTH {
        return Err(SyntaxError::new(0..source.len(), Fault::TooLong));
    }
    let mut macros = Macros {
        is_macro,
        defined: HashSet::new(),
        known: HashSet::new(),
        missed: HashSet::new(),
    };
    let read = |macros: &mut Macros<'_>| {
        let mut parser = Parser::new(Letters::of(source), dialect, 0);
        parser.template(macros)
    };
    let template = read(&mut macros)?;
    if macros.defined.is_disjoint(&macros.missed) {
        return Ok(template);
    }
    macros.known = std::mem::take(&mut macros.defined);
    read(&mut macros)
}

/// Which macros there are.
struct Macros<'a> {
    is_macro: &'a dyn Fn(&str) -> bool,
    /// Those that have been defined so far.
    defined: HashSet<String>,
    /// Those that an earlier reading of the template found.
    known: HashSet<String>,
    /// Names that were called, and were none so far.
    missed: HashSet<String>,
}

struct Parser<'s> {
    lexer: Lexer<'s>,
    dialect: Dialect,
    /// Tokens that have been looked at and not taken.
    ahead: VecDeque<Token>,
    /// How many blocks, brackets and quotes are open.
    depth: usize,
    /// The directives whose blocks are open, outermost first.
    open: Vec<(String, Range<usize>)>,
}

// === impl Macros ===

impl Macros<'_> {
    /// Whether there is a macro of that name anywhere.
    fn has(&mut self, name: &str) -> bool {
        if self.defined.contains(name) || self.known.contains(name) || (self.is_macro)(name) {
            return true;
        }
        self.missed.insert(name.to_owned());
        false
    }

    /// Whether a macro of that name has been defined up to here, which is what escapes go by.
    fn has_yet(&self, name: &str) -> bool {
        self.defined.contains(name) || (self.is_macro)(name)
    }
}

// === impl Parser ===

impl<'s> Parser<'s> {
    fn new(letters: Letters<'s>, dialect: Dialect, depth: usize) -> Self {
        Parser {
            lexer: Lexer::new(letters, dialect),
            dialect,
            ahead: VecDeque::new(),
            depth,
            open: Vec::new(),
        }
    }

    /// All there is.
    fn template(&mut self, macros: &mut Macros<'_>) -> Parsed<Block<'s>> {
        let block = self.statements(macros)?;
        let token = self.next();
        match token.kind {
            TokenKind::Eof => Ok(block),
            _ => Err(self.unexpected(&token)),
        }
    }

    /// Everything up to something that is no part of a block.
    fn statements(&mut self, macros: &mut Macros<'_>) -> Parsed<Block<'s>> {
        let mut parts = Vec::new();
        while self.statement(macros, &mut parts)? {}
        Ok(Block { parts })
    }

    /// One production; `false` when the next token begins none.
    fn statement(&mut self, macros: &mut Macros<'_>, parts: &mut Vec<Part<'s>>) -> Parsed<bool> {
        match self.peek() {
            TokenKind::If => parts.push(self.if_(macros)?),
            TokenKind::Set => parts.push(self.set(macros)?),
            TokenKind::Word | TokenKind::CalledWord => self.directive(macros, parts)?,
            TokenKind::Identifier => self.printed_reference(macros, parts)?,
            TokenKind::OpenReference if self.peek_at(1) == TokenKind::Identifier => {
                self.printed_reference(macros, parts)?;
            }
            TokenKind::OpenReference if self.dialect == Dialect::Leaf => {
                return Err(self.nameless());
            }
            _ => return self.plain(macros, parts),
        }
        Ok(true)
    }

    /// The body of a directive, up to its `#end`, `#else` or `#elseif`.
    fn block(&mut self, macros: &mut Macros<'_>) -> Parsed<Block<'s>> {
        let span = self.open.last().map_or(0..0, |(_, span)| span.clone());
        self.deeper(&span, |parser| parser.statements(macros))
    }

    /// `#end` of the innermost directive. Returns where it ends.
    fn end(&mut self) -> Parsed<usize> {
        let token = self.next();
        if token.kind != TokenKind::End {
            return Err(self.unexpected(&token));
        }
        self.open.pop();
        Ok(self.trimmed(&token.span).end)
    }

    /// Reads something that stands inside of something else.
    fn deeper<T>(
        &mut self,
        span: &Range<usize>,
        read: impl FnOnce(&mut Self) -> Parsed<T>,
    ) -> Parsed<T> {
        if self.depth == MAX_DEPTH {
            return Err(SyntaxError::new(span.clone(), Fault::TooDeep));
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    fn peek(&mut self) -> TokenKind {
        self.peek_at(0)
    }

    fn peek_at(&mut self, index: usize) -> TokenKind {
        while self.ahead.len() <= index {
            let token = self.lexer.token();
            self.ahead.push_back(token);
        }
        self.ahead
            .get(index)
            .map_or(TokenKind::Eof, |token| token.kind)
    }

    fn next(&mut self) -> Token {
        let next = self.ahead.pop_front();
        next.unwrap_or_else(|| self.lexer.token())
    }

    fn accept(&mut self, kind: TokenKind) -> Option<Token> {
        (self.peek() == kind).then(|| self.next())
    }

    fn expect(&mut self, kind: TokenKind, what: &'static str) -> Parsed<Token> {
        let token = self.next();
        if token.kind == kind {
            return Ok(token);
        }
        Err(self.instead(&token, Fault::Expected(what)))
    }

    fn skip_blanks(&mut self) {
        while self.accept(TokenKind::Blank).is_some() {}
    }

    fn written(&self, token: &Token) -> &str {
        self.lexer.letters.written(&token.span)
    }

    /// Where a token stands in the template.
    fn span(&self, token: &Token) -> Range<usize> {
        self.lexer.letters.span(&token.span)
    }

    /// Where letters stand in the template, without the blanks at their end.
    fn trimmed(&self, letters: &Range<usize>) -> Range<usize> {
        let written = self.lexer.letters.written(letters);
        let length = written.trim_end().len();
        self.lexer
            .letters
            .span(&(letters.start..letters.start + length))
    }

    /// A name; what stands for `$` or `#` has been left out of the letters.
    fn name(&self, letters: &Range<usize>) -> Parsed<Name<'s>> {
        let span = self.lexer.letters.span(letters);
        match self.lexer.letters.slice(letters) {
            Some(text) => Ok(Name { text, span }),
            None => Err(SyntaxError::new(span, Fault::BadCharacter)),
        }
    }

    /// A fault at a token, unless the token itself says better what is wrong.
    fn instead(&self, token: &Token, fault: Fault) -> SyntaxError {
        match token.kind {
            TokenKind::Unfinished => self.unexpected(token),
            TokenKind::Unknown if matches!(self.written(token), "\"" | "'") => {
                SyntaxError::new(self.span(token), Fault::OpenQuote)
            }
            _ => SyntaxError::new(self.span(token), fault),
        }
    }

    /// What is wrong with a token that no statement begins with.
    fn unexpected(&self, token: &Token) -> SyntaxError {
        let span = self.trimmed(&token.span);
        let written = self.written(token).trim_end().to_owned();
        let fault = match token.kind {
            TokenKind::Unfinished if written.contains("#[[") => Fault::Unclosed("#[[".to_owned()),
            TokenKind::Unfinished if written.contains("#*") => Fault::Unclosed("#*".to_owned()),
            TokenKind::Unfinished => Fault::LoneSign(written),
            TokenKind::Unknown if matches!(written.as_str(), "\"" | "'") => Fault::OpenQuote,
            TokenKind::End => Fault::Stray(written, "#if"),
            TokenKind::Else | TokenKind::ElseIf => return self.misplaced_else(written, span),
            TokenKind::Eof => match self.open.last() {
                Some((directive, span)) => {
                    return SyntaxError::new(span.clone(), Fault::Unclosed(directive.clone()));
                }
                None => Fault::ExpectedValue,
            },
            _ => Fault::Unexpected(written),
        };
        SyntaxError::new(span, fault)
    }

    fn misplaced_else(&self, written: String, span: Range<usize>) -> SyntaxError {
        let fault = match self.open.last() {
            Some((directive, _)) if directive == "#if" => Fault::Misused {
                directive: "#if".to_owned(),
                expected: "one `#else`, after every `#elseif`",
            },
            _ => Fault::Stray(written, "#if"),
        };
        SyntaxError::new(span, fault)
    }
}
