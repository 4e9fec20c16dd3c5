//! `$name.member[index].method(…)`

use std::ops::Range;

use super::{Macros, Parsed, Parser};
use crate::mapping::vtl::{
    MAX_SEGMENTS,
    ast::{Name, Part, Reference, Segment, SegmentKind},
    error::{Fault, SyntaxError},
    token::{Token, TokenKind},
};

/// What stands in front of a root.
struct Head {
    /// Letters up to the sign that begins the reference.
    before: Range<usize>,
    /// How many of those are backslashes that escape it.
    backslashes: usize,
    /// The sign.
    sign: usize,
    /// A `$` begins it; a bare name in parentheses does without.
    dollar: bool,
    quiet: bool,
    /// Where the root begins.
    name: usize,
}

// === impl Parser ===

impl<'s> Parser<'s> {
    /// A reference among text.
    pub(super) fn printed_reference(
        &mut self,
        macros: &mut Macros<'_>,
        parts: &mut Vec<Part<'s>>,
    ) -> Parsed<()> {
        self.peek();
        let Some(first) = self.ahead.front().cloned() else {
            return Ok(());
        };
        let head = self.head(&first);
        let reference = self.reference(macros)?;
        let letters = &self.lexer.letters;
        let written = self.written(&first);
        if let Some(at) = written.find("\\!") {
            // `$\!name` is text, one backslash of which goes.
            let at = first.span.start + at;
            parts.extend(letters.pieces(&(first.span.start..at)));
            parts.extend(letters.pieces(&(at + 1..first.span.end)));
        } else if !head.dollar {
            parts.extend(letters.pieces(&first.span));
        } else {
            let mut reference = reference;
            let more = head.before.start + head.backslashes..head.before.end;
            if head.backslashes.is_multiple_of(2) && !more.is_empty() {
                // Signs stand between the backslashes and the reference.
                let half = head.before.start..head.before.start + head.backslashes / 2;
                parts.extend(letters.pieces(&half));
                parts.extend(letters.pieces(&more));
                reference.backslashes = 0;
            }
            parts.push(Part::Reference(reference));
        }
        Ok(())
    }

    /// `$name…`, `$!name…`, `${name…}`, `$!{name…}`
    pub(super) fn reference(&mut self, macros: &mut Macros<'_>) -> Parsed<Reference<'s>> {
        let first = self.next();
        let head = self.head(&first);
        let braced = first.kind == TokenKind::OpenReference;
        let root = match braced {
            true => {
                let name = self.expect(TokenKind::Identifier, "$name")?;
                self.name(&name.span)?
            }
            false => self.name(&(head.name..first.span.end))?,
        };
        let start = self.lexer.letters.offset(head.sign);
        let mut end = root.span.end;
        let mut path = Vec::new();
        while let Some(segment) = self.segment(macros)? {
            end = segment.span.end;
            path.push(segment);
            if path.len() > MAX_SEGMENTS {
                return Err(SyntaxError::new(start..end, Fault::TooManySegments));
            }
        }
        if braced {
            let close = self.next();
            if close.kind != TokenKind::CloseReference {
                return Err(self.instead_of_brace(&close));
            }
            end = self.span(&close).end;
        }
        Ok(Reference {
            backslashes: head.backslashes,
            span: start..end,
            quiet: head.quiet,
            root,
            path,
        })
    }

    /// What `#set` and the like call a reference: what follows the `$` of its first token, so that
    /// `${name}` and `$!name` are no names.
    pub(super) fn assigned_name(&self, first: &Token) -> Parsed<Name<'s>> {
        let sign = self.head(first).sign;
        self.name(&(sign + 1..first.span.end))
    }

    fn head(&self, first: &Token) -> Head {
        let written = self.written(first);
        let start = first.span.start;
        let backslashes = written.len() - written.trim_start_matches('\\').len();
        let dollar = written.rfind('$');
        let sign = dollar.unwrap_or(0);
        let after = written.get(sign..).unwrap_or_default();
        let after = after.strip_prefix('$').unwrap_or(after);
        let quiet = dollar.is_some() && after.starts_with('!');
        let name = written.len() - after.len() + usize::from(quiet);
        Head {
            before: start..start + sign,
            backslashes,
            sign: start + sign,
            dollar: dollar.is_some(),
            quiet,
            name: start + name,
        }
    }

    /// `.member`, `.method(…)` or `[index]`, if one of them is next.
    fn segment(&mut self, macros: &mut Macros<'_>) -> Parsed<Option<Segment<'s>>> {
        match self.peek() {
            TokenKind::OpenIndex => self.index(macros).map(Some),
            TokenKind::Dot if self.peek_at(1) == TokenKind::Identifier => {
                self.next();
                let name = self.next();
                if self.peek() == TokenKind::OpenParen && begins_arguments(self.peek_at(1)) {
                    return self.call(macros, &name).map(Some);
                }
                let Name { text, span } = self.name(&name.span)?;
                let kind = SegmentKind::Member(text);
                Ok(Some(Segment { span, kind }))
            }
            _ => Ok(None),
        }
    }

    fn index(&mut self, macros: &mut Macros<'_>) -> Parsed<Segment<'s>> {
        let open = self.next();
        let span = self.span(&open);
        let value = self.deeper(&span, |parser| {
            parser.skip_blanks();
            let value = match parser.peek() {
                TokenKind::Float | TokenKind::OpenBracket => Err(parser.no_value()),
                _ => parser.parameter(macros),
            }?;
            parser.skip_blanks();
            Ok(value)
        })?;
        let close = self.expect(TokenKind::CloseIndex, "]")?;
        Ok(Segment {
            span: span.start..self.span(&close).end,
            kind: SegmentKind::Index(value),
        })
    }

    fn call(&mut self, macros: &mut Macros<'_>, name: &Token) -> Parsed<Segment<'s>> {
        let name = self.name(&name.span)?;
        let open = self.next();
        let span = self.span(&open);
        let mut arguments = Vec::new();
        self.deeper(&span, |parser| {
            if parser.peek() == TokenKind::CloseCall {
                return Ok(());
            }
            loop {
                arguments.push(parser.spaced_parameter(macros)?);
                if parser.accept(TokenKind::Comma).is_none() {
                    return Ok(());
                }
            }
        })?;
        let close = self.expect(TokenKind::CloseCall, ")")?;
        Ok(Segment {
            span: name.span.start..self.span(&close).end,
            kind: SegmentKind::Call(name.text, arguments),
        })
    }

    /// `${` in a leaf that no name follows.
    pub(super) fn nameless(&mut self) -> SyntaxError {
        let token = self.next();
        let opening = match self.written(&token).contains('!') {
            true => "$!{",
            false => "${",
        };
        SyntaxError::new(self.span(&token), Fault::ExpectedName(opening))
    }

    /// A braced reference goes on as text does not; the token is whatever the lexer made of it.
    fn instead_of_brace(&self, token: &Token) -> SyntaxError {
        let mut span = self.span(token);
        if token.kind == TokenKind::Text {
            let length = self.written(token).chars().next().map_or(0, char::len_utf8);
            span.end = span.start + length;
        }
        SyntaxError {
            span,
            ..self.instead(token, Fault::Expected("}"))
        }
    }
}

/// Whether a parenthesis with this behind it is one of a method. Velocity looks no further.
fn begins_arguments(kind: TokenKind) -> bool {
    matches!(
        kind,
        TokenKind::CloseCall
            | TokenKind::Blank
            | TokenKind::Quoted
            | TokenKind::Integer
            | TokenKind::Float
            | TokenKind::OpenBracket
            | TokenKind::OpenBrace
            | TokenKind::True
            | TokenKind::False
            | TokenKind::Identifier
            | TokenKind::OpenReference
            | TokenKind::Unknown
            | TokenKind::Unfinished
    )
}
