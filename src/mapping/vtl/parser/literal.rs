//! Quoted texts, lists, maps and ranges.

use super::{Macros, Parsed, Parser};
use crate::mapping::vtl::{
    ast::{Block, Expression, ExpressionKind, Part},
    error::{Fault, SyntaxError},
    lexer::Dialect,
    token::TokenKind,
};

impl<'s> Parser<'s> {
    /// `'…'` is text; `"…"` is a template when a sign is in it.
    pub(super) fn quoted(&mut self, macros: &mut Macros<'_>) -> Parsed<Expression<'s>> {
        let token = self.next();
        let span = self.span(&token);
        let written = self.written(&token);
        let template = written.starts_with('"') && written.contains(['$', '#']);
        let commented = written.contains("##");
        let mut letters = self
            .lexer
            .letters
            .quoted(token.span.clone())
            .map_err(|span| SyntaxError::new(span, Fault::BadCharacter))?;
        if !template {
            let parts = letters.pieces(&(0..usize::MAX));
            let kind = match parts.as_slice() {
                [] => ExpressionKind::Text(""),
                [Part::Text(text)] => ExpressionKind::Text(text),
                _ => ExpressionKind::Interpolated(Block { parts }),
            };
            return Ok(Expression { span, kind });
        }
        if !commented {
            letters.pad();
        }
        let depth = self.depth;
        let block = self.deeper(&span, |_| {
            Parser::new(letters, Dialect::Velocity, depth + 1).template(macros)
        })?;
        let kind = ExpressionKind::Interpolated(block);
        Ok(Expression { span, kind })
    }

    /// `[a, b]`, `[a..b]`
    pub(super) fn list(&mut self, macros: &mut Macros<'_>) -> Parsed<Expression<'s>> {
        let open = self.next();
        let span = self.span(&open);
        let kind = self.deeper(&span, |parser| {
            if parser.peek() == TokenKind::CloseBracket {
                return Ok(ExpressionKind::List(Vec::new()));
            }
            let first = parser.spaced_parameter(macros)?;
            if parser.peek() == TokenKind::DoubleDot && is_bound(&first) {
                parser.next();
                let last = parser.spaced_parameter(macros)?;
                if !is_bound(&last) {
                    return Err(SyntaxError::new(last.span, Fault::ExpectedValue));
                }
                return Ok(ExpressionKind::Range(Box::new(first), Box::new(last)));
            }
            let mut items = vec![first];
            while parser.accept(TokenKind::Comma).is_some() {
                items.push(parser.spaced_parameter(macros)?);
            }
            Ok(ExpressionKind::List(items))
        })?;
        let close = self.expect(TokenKind::CloseBracket, "]")?;
        let span = span.start..self.span(&close).end;
        Ok(Expression { span, kind })
    }

    /// `{"a": b}`
    pub(super) fn map(&mut self, macros: &mut Macros<'_>) -> Parsed<Expression<'s>> {
        let open = self.next();
        let span = self.span(&open);
        let mut entries = Vec::new();
        self.deeper(&span, |parser| {
            parser.skip_blanks();
            if closes_map(parser.peek()) {
                return Ok(());
            }
            loop {
                let key = parser.spaced_parameter(macros)?;
                parser.expect(TokenKind::Colon, ":")?;
                entries.push((key, parser.spaced_parameter(macros)?));
                if parser.accept(TokenKind::Comma).is_none() {
                    return Ok(());
                }
            }
        })?;
        let close = self.next();
        if !closes_map(close.kind) {
            return Err(self.instead(&close, Fault::Expected("}")));
        }
        Ok(Expression {
            span: span.start..self.span(&close).end,
            kind: ExpressionKind::Map(entries),
        })
    }
}

/// After a reference the lexer takes the brace for one of that.
fn closes_map(kind: TokenKind) -> bool {
    matches!(kind, TokenKind::CloseBrace | TokenKind::CloseReference)
}

fn is_bound(value: &Expression<'_>) -> bool {
    matches!(
        value.kind,
        ExpressionKind::Integer(_) | ExpressionKind::Reference(_) | ExpressionKind::Null
    )
}
