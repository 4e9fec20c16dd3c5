//! Values, and what is calculated of them.
//!
//! Only `#if`, `#elseif` and `#set` calculate; the arguments of methods and directives and the
//! items of lists and maps are plain values.

use super::{Macros, Parsed, Parser};
use crate::mapping::vtl::{
    MAX_OPERATORS,
    ast::{Expression, ExpressionKind, Operator},
    error::{Fault, SyntaxError},
    token::{Token, TokenKind},
};

/// An expression, and how many operators stand above each other in it.
type Tall<'s> = (Expression<'s>, usize);

impl<'s> Parser<'s> {
    /// Anything that can be calculated.
    pub(super) fn expression(&mut self, macros: &mut Macros<'_>) -> Parsed<Expression<'s>> {
        self.binary(macros, 0).map(|(expression, _)| expression)
    }

    /// Operands with operators between them that bind at least so tightly.
    fn binary(&mut self, macros: &mut Macros<'_>, tightness: u8) -> Parsed<Tall<'s>> {
        let (mut left, mut height) = self.unary(macros)?;
        while let Some((operator, binds)) = operator(self.peek()) {
            if binds < tightness {
                break;
            }
            let token = self.next();
            let (right, other) = self.binary(macros, binds + 1)?;
            height = height.max(other) + 1;
            if height > MAX_OPERATORS {
                return Err(SyntaxError::new(self.span(&token), Fault::TooDeep));
            }
            left = Expression {
                span: left.span.start..right.span.end,
                kind: ExpressionKind::Binary(operator, Box::new(left), Box::new(right)),
            };
        }
        Ok((left, height))
    }

    fn unary(&mut self, macros: &mut Macros<'_>) -> Parsed<Tall<'s>> {
        self.skip_blanks();
        let tall = match self.peek() {
            TokenKind::Not => {
                let token = self.next();
                let span = self.span(&token);
                let (operand, height) = self.deeper(&span, |parser| parser.unary(macros))?;
                let expression = Expression {
                    span: span.start..operand.span.end,
                    kind: ExpressionKind::Not(Box::new(operand)),
                };
                (expression, height + 1)
            }
            TokenKind::OpenParen => {
                let token = self.next();
                let span = self.span(&token);
                let tall = self.deeper(&span, |parser| parser.binary(macros, 0))?;
                self.close_paren(")")?;
                tall
            }
            _ => (self.parameter(macros)?, 0),
        };
        self.skip_blanks();
        Ok(tall)
    }

    /// `)` of a directive or a term.
    pub(super) fn close_paren(&mut self, what: &'static str) -> Parsed<Token> {
        let token = self.next();
        match token.kind {
            TokenKind::CloseParen => Ok(token),
            // `1 -1` is two numbers for Velocity.
            TokenKind::Integer | TokenKind::Float if self.written(&token).starts_with('-') => {
                Err(self.unexpected(&token))
            }
            _ => Err(self.instead(&token, Fault::Expected(what))),
        }
    }

    /// A plain value with blanks around it.
    pub(super) fn spaced_parameter(&mut self, macros: &mut Macros<'_>) -> Parsed<Expression<'s>> {
        self.skip_blanks();
        let value = self.parameter(macros)?;
        self.skip_blanks();
        Ok(value)
    }

    /// A plain value.
    pub(super) fn parameter(&mut self, macros: &mut Macros<'_>) -> Parsed<Expression<'s>> {
        let kind = match self.peek() {
            TokenKind::Identifier | TokenKind::OpenReference => return self.operand(macros),
            TokenKind::OpenBracket => return self.list(macros),
            TokenKind::OpenBrace => return self.map(macros),
            TokenKind::Quoted => return self.quoted(macros),
            kind => kind,
        };
        let bare = |kind| !matches!(kind, TokenKind::True | TokenKind::False);
        if bare(kind) && !matches!(kind, TokenKind::Integer | TokenKind::Float) {
            return Err(self.no_value());
        }
        let token = self.next();
        let span = self.span(&token);
        let Some(written) = self.lexer.letters.slice(&token.span) else {
            return Err(SyntaxError::new(span, Fault::BadCharacter));
        };
        let kind = match kind {
            TokenKind::True if written == "true" => ExpressionKind::Bool(true),
            TokenKind::False if written == "false" => ExpressionKind::Bool(false),
            TokenKind::Integer => ExpressionKind::Integer(written),
            TokenKind::Float => ExpressionKind::Float(written),
            // `$true`, which is a constant for Velocity's lexer.
            _ => ExpressionKind::Bool(written.ends_with("true")),
        };
        Ok(Expression { span, kind })
    }

    /// A reference, or a bare name that stands for nothing.
    fn operand(&mut self, macros: &mut Macros<'_>) -> Parsed<Expression<'s>> {
        let dollar = self
            .ahead
            .front()
            .is_some_and(|token| self.written(token).contains('$'));
        let reference = self.reference(macros)?;
        let span = reference.span.clone();
        let kind = match dollar {
            true => ExpressionKind::Reference(Box::new(reference)),
            false => ExpressionKind::Null,
        };
        Ok(Expression { span, kind })
    }

    /// Says what is wrong with a token that begins no value.
    pub(super) fn no_value(&mut self) -> SyntaxError {
        let token = self.next();
        self.instead(&token, Fault::ExpectedValue)
    }
}

/// The operator that a token is, and how tightly it binds.
fn operator(kind: TokenKind) -> Option<(Operator, u8)> {
    let found = match kind {
        TokenKind::Or => (Operator::Or, 0),
        TokenKind::And => (Operator::And, 1),
        TokenKind::Equal => (Operator::Equal, 2),
        TokenKind::NotEqual => (Operator::NotEqual, 2),
        TokenKind::Less => (Operator::Less, 3),
        TokenKind::LessOrEqual => (Operator::LessOrEqual, 3),
        TokenKind::Greater => (Operator::Greater, 3),
        TokenKind::GreaterOrEqual => (Operator::GreaterOrEqual, 3),
        TokenKind::Plus => (Operator::Add, 4),
        TokenKind::Minus => (Operator::Subtract, 4),
        TokenKind::Times => (Operator::Multiply, 5),
        TokenKind::Over => (Operator::Divide, 5),
        TokenKind::Modulo => (Operator::Modulo, 5),
        _ => return None,
    };
    Some(found)
}
