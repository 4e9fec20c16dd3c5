//! Reads tokens into a [`Template`]; stops at the first thing that is wrong or not supported yet.

use std::{iter::Peekable, ops::Range};

use super::{
    MAX_DEPTH, MAX_SEGMENTS,
    ast::{Expression, ExpressionKind, Name, Part, Reference, Segment, SegmentKind, Template},
    error::{Fault, SyntaxError},
    lexer::Lexer,
    token::{Token, TokenKind},
};

type Parsed<T> = Result<T, SyntaxError>;

/// Parses a template.
pub(super) fn parse(source: &str) -> Parsed<Template<'_>> {
    let mut parser = Parser {
        source,
        tokens: Lexer::new(source).peekable(),
        depth: 0,
    };
    parser.template()
}

struct Parser<'s> {
    source: &'s str,
    tokens: Peekable<Lexer<'s>>,
    /// How many references stand around the one at hand.
    depth: usize,
}

// === impl Parser ===

impl<'s> Parser<'s> {
    fn template(&mut self) -> Parsed<Template<'s>> {
        let mut parts = Vec::new();
        while let Some(token) = self.tokens.next() {
            parts.push(self.part(token)?);
        }
        Ok(Template { parts })
    }

    fn part(&mut self, token: Token) -> Parsed<Part<'s>> {
        let written = self.written(&token.span);
        let fault = match token.kind {
            TokenKind::Dollar => return self.reference(token.span.start).map(Part::Reference),
            TokenKind::Escape => return Ok(Part::Escape(written)),
            TokenKind::Directive => Fault::Unsupported(written.to_owned()),
            TokenKind::Comment => Fault::Comment,
            TokenKind::Unparsed => Fault::Unparsed,
            // The lexer makes no other word outside a reference.
            _ => return Ok(Part::Text(written)),
        };
        Err(SyntaxError::new(token.span, fault))
    }

    /// `$name…`, `$!name…`, `${name…}`, `$!{name…}`; the dollar has been read.
    fn reference(&mut self, start: usize) -> Parsed<Reference<'s>> {
        let quiet = self.accept(TokenKind::Bang).is_some();
        let braced = self.accept(TokenKind::OpenBrace).is_some();
        let Some(name) = self.accept(TokenKind::Name) else {
            let opening = match (quiet, braced) {
                (false, false) => "$",
                (true, false) => "$!",
                (false, true) => "${",
                (true, true) => "$!{",
            };
            let span = start..start + opening.len();
            return Err(SyntaxError::new(span, Fault::ExpectedName(opening)));
        };
        let root = Name {
            text: self.written(&name),
            span: name.clone(),
        };
        let mut end = name.end;
        let mut path = Vec::new();
        while let Some(segment) = self.segment()? {
            end = segment.span.end;
            path.push(segment);
            if path.len() > MAX_SEGMENTS {
                return Err(SyntaxError::new(start..end, Fault::TooManySegments));
            }
        }
        if braced {
            end = self.expect(TokenKind::CloseBrace, "}")?.end;
        }
        Ok(Reference {
            span: start..end,
            quiet,
            root,
            path,
        })
    }

    /// `.member`, `.method(…)` or `[index]`, if one of them is next.
    fn segment(&mut self) -> Parsed<Option<Segment<'s>>> {
        if let Some(open) = self.accept(TokenKind::OpenBracket) {
            return self.index(open.start).map(Some);
        }
        if self.accept(TokenKind::Dot).is_none() {
            return Ok(None);
        }
        let name = self.expect(TokenKind::Name, "a name")?;
        let member = self.written(&name);
        if self.accept(TokenKind::OpenParen).is_none() {
            let kind = SegmentKind::Member(member);
            return Ok(Some(Segment { span: name, kind }));
        }
        let (arguments, end) = self.arguments()?;
        Ok(Some(Segment {
            span: name.start..end,
            kind: SegmentKind::Call(member, arguments),
        }))
    }

    fn index(&mut self, start: usize) -> Parsed<Segment<'s>> {
        self.skip_blanks();
        let value = self.expression()?;
        self.skip_blanks();
        let close = self.expect(TokenKind::CloseBracket, "]")?;
        Ok(Segment {
            span: start..close.end,
            kind: SegmentKind::Index(value),
        })
    }

    /// What stands between the parentheses, and where the closing one ends.
    fn arguments(&mut self) -> Parsed<(Vec<Expression<'s>>, usize)> {
        let mut arguments = Vec::new();
        self.skip_blanks();
        if let Some(close) = self.accept(TokenKind::CloseParen) {
            return Ok((arguments, close.end));
        }
        loop {
            self.skip_blanks();
            arguments.push(self.expression()?);
            self.skip_blanks();
            if self.accept(TokenKind::Comma).is_none() {
                let close = self.expect(TokenKind::CloseParen, ")")?;
                return Ok((arguments, close.end));
            }
        }
    }

    fn expression(&mut self) -> Parsed<Expression<'s>> {
        let Some(token) = self.tokens.next() else {
            return Err(self.at_end(Fault::ExpectedValue));
        };
        let written = self.written(&token.span);
        let kind = match token.kind {
            TokenKind::SingleQuoted => ExpressionKind::Text(unquoted(written)),
            TokenKind::DoubleQuoted if written.contains(['$', '#']) => ExpressionKind::Interpolated,
            TokenKind::DoubleQuoted => ExpressionKind::Text(unquoted(written)),
            TokenKind::Name => ExpressionKind::Word,
            TokenKind::Integer => match written.parse() {
                Ok(integer) => ExpressionKind::Integer(integer),
                Err(_) => return Err(SyntaxError::new(token.span, Fault::HugeNumber)),
            },
            TokenKind::Dollar => return self.inner_reference(&token.span),
            _ => return Err(no_value(token, written)),
        };
        let span = token.span;
        Ok(Expression { span, kind })
    }

    /// A reference inside another one; the dollar has been read.
    fn inner_reference(&mut self, dollar: &Range<usize>) -> Parsed<Expression<'s>> {
        if self.depth == MAX_DEPTH {
            return Err(SyntaxError::new(dollar.clone(), Fault::TooDeep));
        }
        self.depth += 1;
        let reference = self.reference(dollar.start)?;
        self.depth -= 1;
        Ok(Expression {
            span: reference.span.clone(),
            kind: ExpressionKind::Reference(Box::new(reference)),
        })
    }

    fn written(&self, span: &Range<usize>) -> &'s str {
        self.source.get(span.clone()).unwrap_or_default()
    }

    fn accept(&mut self, kind: TokenKind) -> Option<Range<usize>> {
        self.tokens
            .next_if(|token| token.kind == kind)
            .map(|token| token.span)
    }

    fn expect(&mut self, kind: TokenKind, what: &'static str) -> Parsed<Range<usize>> {
        match self.tokens.next() {
            Some(token) if token.kind == kind => Ok(token.span),
            Some(token) => Err(SyntaxError::new(token.span, Fault::Expected(what))),
            None => Err(self.at_end(Fault::Expected(what))),
        }
    }

    fn skip_blanks(&mut self) {
        while self.accept(TokenKind::Blank).is_some() {}
    }

    fn at_end(&self, fault: Fault) -> SyntaxError {
        SyntaxError::new(self.source.len()..self.source.len(), fault)
    }
}

fn unquoted(written: &str) -> &str {
    written.get(1..written.len() - 1).unwrap_or_default()
}

/// Says what is wrong with a token that begins no value.
fn no_value(token: Token, written: &str) -> SyntaxError {
    let fault = match token.kind {
        // Lists and calculations, which the language will have.
        TokenKind::OpenBracket | TokenKind::OpenParen => Fault::Inside(format!("{written}…")),
        TokenKind::Other => match written {
            "\"" | "'" => Fault::OpenQuote,
            "{" => Fault::Inside("{…".to_owned()),
            _ => Fault::ExpectedValue,
        },
        _ => Fault::ExpectedValue,
    };
    SyntaxError::new(token.span, fault)
}
