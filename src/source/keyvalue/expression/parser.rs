//! Tokens into conditions and paths. What names and values stand for is not looked at here.

use super::{
    Clause, Comparison, Condition, Operand, Path,
    lexer::{Token, TokenKind, tokens},
};
use crate::source::keyvalue::refusal::Refusal;

/// DynamoDB's bound, in bytes.
const MAX_LENGTH: usize = 4096;

/// Parentheses within each other.
const MAX_DEPTH: usize = 64;

/// Reads a whole expression as a condition.
pub(crate) fn parse_condition(clause: Clause, text: &str) -> Result<Condition<'_>, Refusal> {
    let mut parser = Parser::new(clause, text)?;
    let condition = parser.condition(0)?;
    parser.end()?;
    Ok(condition)
}

/// Reads a whole expression as a list of paths.
pub(crate) fn parse_paths(clause: Clause, text: &str) -> Result<Vec<Path<'_>>, Refusal> {
    let mut parser = Parser::new(clause, text)?;
    let mut paths = vec![parser.path()?];
    while parser.take(TokenKind::Comma).is_some() {
        paths.push(parser.path()?);
    }
    parser.end()?;
    Ok(paths)
}

struct Parser<'e> {
    clause: Clause,
    text: &'e str,
    tokens: Vec<Token>,
    at: usize,
}

// === impl Parser ===

impl<'e> Parser<'e> {
    fn new(clause: Clause, text: &'e str) -> Result<Self, Refusal> {
        if text.trim().is_empty() {
            return Err(clause.invalid(format_args!("The expression can not be empty;")));
        }
        if text.len() > MAX_LENGTH {
            return Err(clause.invalid(format_args!(
                "Expression size has exceeded the maximum allowed size; expression size: {}",
                text.len()
            )));
        }
        Ok(Parser {
            clause,
            text,
            tokens: tokens(text),
            at: 0,
        })
    }

    /// `condition := term (AND term)*`
    fn condition(&mut self, depth: usize) -> Result<Condition<'e>, Refusal> {
        let mut condition = self.term(depth)?;
        while self.take_word("AND") {
            let right = self.term(depth)?;
            condition = Condition::And(Box::new(condition), Box::new(right));
        }
        if self.is_word("OR") {
            return Err(self.operator_refused("OR"));
        }
        Ok(condition)
    }

    /// `term := '(' condition ')' | begins_with '(' operand ',' operand ')' | operand test`
    fn term(&mut self, depth: usize) -> Result<Condition<'e>, Refusal> {
        if depth > MAX_DEPTH {
            return Err(self.clause.invalid(format_args!(
                "The expression contains too many operators and functions"
            )));
        }
        if self.take(TokenKind::Open).is_some() {
            let condition = self.condition(depth + 1)?;
            self.expect(TokenKind::Close)?;
            return Ok(condition);
        }
        if self.is_word("NOT") {
            return Err(self.operator_refused("NOT"));
        }
        if self.is_function() {
            return self.function();
        }
        let operand = self.operand()?;
        self.test(operand)
    }

    /// `test := comparison operand | BETWEEN operand AND operand`
    fn test(&mut self, left: Operand<'e>) -> Result<Condition<'e>, Refusal> {
        if self.take_word("BETWEEN") {
            let low = self.operand()?;
            if !self.take_word("AND") {
                return Err(self.syntax_error());
            }
            let high = self.operand()?;
            return Ok(Condition::Between(left, low, high));
        }
        if self.is_word("IN") {
            return Err(self.operator_refused("IN"));
        }
        let comparison = match self.kind() {
            TokenKind::Equal => Comparison::Equal,
            TokenKind::NotEqual => Comparison::NotEqual,
            TokenKind::Less => Comparison::Less,
            TokenKind::LessOrEqual => Comparison::LessOrEqual,
            TokenKind::Greater => Comparison::Greater,
            TokenKind::GreaterOrEqual => Comparison::GreaterOrEqual,
            _ => return Err(self.syntax_error()),
        };
        self.at += 1;
        let right = self.operand()?;
        Ok(Condition::Compare(left, comparison, right))
    }

    /// A word that an opening parenthesis follows.
    fn is_function(&self) -> bool {
        let next = self.tokens.get(self.at + 1).map(|token| token.kind);
        self.kind() == TokenKind::Word && next == Some(TokenKind::Open)
    }

    fn function(&mut self) -> Result<Condition<'e>, Refusal> {
        let name = self.token_text(self.at);
        match name {
            "begins_with" => self.at += 2,
            "attribute_exists"
            | "attribute_not_exists"
            | "attribute_type"
            | "contains"
            | "size" => return Err(self.operator_refused(name)),
            _ => {
                return Err(self
                    .clause
                    .invalid(format_args!("Invalid function name; function: {name}")));
            }
        }
        let operand = self.operand()?;
        self.expect(TokenKind::Comma)?;
        let beginning = self.operand()?;
        self.expect(TokenKind::Close)?;
        Ok(Condition::BeginsWith(operand, beginning))
    }

    /// `operand := path | ':' name`
    fn operand(&mut self) -> Result<Operand<'e>, Refusal> {
        match self.take(TokenKind::Value) {
            Some(value) => Ok(Operand::Value(value)),
            None => self.path().map(Operand::Path),
        }
    }

    /// `path := name ('.' name | '[' digits ']')*`
    fn path(&mut self) -> Result<Path<'e>, Refusal> {
        let root = self.name()?;
        let mut is_nested = false;
        loop {
            if self.take(TokenKind::Dot).is_some() {
                self.name()?;
            } else if self.take(TokenKind::OpenIndex).is_some() {
                self.expect(TokenKind::Digits)?;
                self.expect(TokenKind::CloseIndex)?;
            } else {
                return Ok(Path { root, is_nested });
            }
            is_nested = true;
        }
    }

    fn name(&mut self) -> Result<&'e str, Refusal> {
        let is_keyword = ["AND", "OR", "NOT", "IN", "BETWEEN"]
            .iter()
            .any(|word| self.is_word(word));
        match self.kind() {
            TokenKind::Word | TokenKind::Name if !is_keyword => {
                self.at += 1;
                Ok(self.token_text(self.at - 1))
            }
            _ => Err(self.syntax_error()),
        }
    }

    fn kind(&self) -> TokenKind {
        self.tokens
            .get(self.at)
            .map_or(TokenKind::End, |token| token.kind)
    }

    fn token_text(&self, at: usize) -> &'e str {
        self.tokens
            .get(at)
            .map_or("", |token| &self.text[token.span.clone()])
    }

    fn take(&mut self, kind: TokenKind) -> Option<&'e str> {
        if self.kind() != kind {
            return None;
        }
        self.at += 1;
        Some(self.token_text(self.at - 1))
    }

    fn expect(&mut self, kind: TokenKind) -> Result<(), Refusal> {
        match self.take(kind) {
            Some(_) => Ok(()),
            None => Err(self.syntax_error()),
        }
    }

    fn end(&mut self) -> Result<(), Refusal> {
        match self.kind() {
            TokenKind::End => Ok(()),
            _ => Err(self.syntax_error()),
        }
    }

    fn is_word(&self, word: &str) -> bool {
        self.kind() == TokenKind::Word && self.token_text(self.at).eq_ignore_ascii_case(word)
    }

    fn take_word(&mut self, word: &str) -> bool {
        let is_there = self.is_word(word);
        self.at += usize::from(is_there);
        is_there
    }

    /// Names the token that does not fit, with its neighbours.
    fn syntax_error(&self) -> Refusal {
        let last = self.tokens.len().saturating_sub(1);
        let start = self.tokens.get(self.at.saturating_sub(1));
        let end = self.tokens.get((self.at + 1).min(last));
        let near = match (start, end) {
            (Some(start), Some(end)) => &self.text[start.span.start..end.span.end],
            _ => self.text,
        };
        let token = match self.kind() {
            TokenKind::End => "<EOF>",
            _ => self.token_text(self.at),
        };
        self.clause.invalid(format_args!(
            "Syntax error; token: \"{token}\", near: \"{}\"",
            near.trim_end()
        ))
    }

    fn operator_refused(&self, operator: &str) -> Refusal {
        Refusal::Invalid(format!(
            "Invalid operator used in {}: {operator}",
            self.clause.name()
        ))
    }
}
