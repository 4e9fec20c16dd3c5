//! `#name(…)`: those of the grammar (`#if`, `#set`), those that are looked up by name, and macros.

use std::ops::Range;

use super::{Macros, Parsed, Parser};
use crate::mapping::vtl::{
    ast::{Block, Directive, DirectiveKind, Expression, ExpressionKind, Name, Part},
    error::{Fault, SyntaxError},
    lexer::Dialect,
    token::{Token, TokenKind},
};

/// All that are no macros.
const DIRECTIVES: [&str; 15] = [
    "set", "if", "elseif", "else", "end", "foreach", "break", "stop", "return", "macro", "define",
    "include", "parse", "evaluate", "literal",
];

/// Whether a word after a `#` is a directive whatever macros there are.
pub(in super::super) fn is_directive(name: &[u8]) -> bool {
    DIRECTIVES.iter().any(|known| known.as_bytes() == name)
}

/// What stands between the parentheses of a directive.
enum Argument<'s> {
    /// A value, and the token it begins with.
    Value(Expression<'s>, Token),
    /// A bare word.
    Word(Name<'s>),
}

/// The beginning of a directive.
struct Opening<'s> {
    token: Token,
    /// Its name as it is written, for messages.
    written: String,
    /// From its `#` on.
    span: Range<usize>,
    /// `None`: it has no parentheses.
    arguments: Option<Vec<Argument<'s>>>,
    /// Where its letters end, with the line end behind its parentheses.
    end: usize,
}

// === impl Parser ===

impl<'s> Parser<'s> {
    /// `#if(…) … #elseif(…) … #else … #end`
    pub(super) fn if_(&mut self, macros: &mut Macros<'_>) -> Parsed<Part<'s>> {
        let token = self.next();
        let span = self.hash_span(&token);
        self.open.push(("#if".to_owned(), span.clone()));
        let mut arms = vec![self.arm(macros)?];
        while self.accept(TokenKind::ElseIf).is_some() {
            arms.push(self.arm(macros)?);
        }
        let otherwise = match self.accept(TokenKind::Else) {
            Some(_) => Some(self.block(macros)?),
            None => None,
        };
        let end = self.end()?;
        Ok(Part::Directive(Directive {
            span: span.start..end,
            kind: DirectiveKind::If { arms, otherwise },
        }))
    }

    fn arm(&mut self, macros: &mut Macros<'_>) -> Parsed<(Expression<'s>, Block<'s>)> {
        self.skip_blanks();
        self.expect(TokenKind::OpenParen, "(")?;
        let condition = self.expression(macros)?;
        self.close_paren(")")?;
        Ok((condition, self.block(macros)?))
    }

    /// `#set($target = value)`
    pub(super) fn set(&mut self, macros: &mut Macros<'_>) -> Parsed<Part<'s>> {
        let token = self.next();
        let span = self.hash_span(&token);
        self.skip_blanks();
        if !matches!(
            self.peek(),
            TokenKind::Identifier | TokenKind::OpenReference
        ) {
            let token = self.next();
            return Err(self.instead(&token, Fault::Expected("$name")));
        }
        let first = self.ahead.front().cloned();
        let mut target = self.reference(macros)?;
        if let Some(first) = first.filter(|_| target.path.is_empty()) {
            target.root = self.assigned_name(&first)?;
        }
        self.skip_blanks();
        self.expect(TokenKind::Assign, "=")?;
        let value = self.expression(macros)?;
        let close = self.close_paren(")")?;
        Ok(Part::Directive(Directive {
            span: span.start..self.trimmed(&close.span).end,
            kind: DirectiveKind::Set { target, value },
        }))
    }

    /// `#name`, `#name(…)`, `#name(…) … #end`
    pub(super) fn directive(
        &mut self,
        macros: &mut Macros<'_>,
        parts: &mut Vec<Part<'s>>,
    ) -> Parsed<()> {
        let opening = self.opening(macros)?;
        let name = self.directive_name(&opening.token);
        let kind = match self.written_name(&name).as_str() {
            "foreach" => self.foreach(macros, &opening)?,
            "macro" => self.macro_(macros, &opening)?,
            "define" => self.define(macros, &opening)?,
            "literal" => return self.literal(macros, &opening, parts),
            "evaluate" => evaluate(opening.arguments.as_deref(), &opening)?,
            "break" => break_(&opening)?,
            "stop" => DirectiveKind::Stop,
            "return" => return_(&opening)?,
            "include" | "parse" => {
                let fault = Fault::Unavailable(opening.written);
                return Err(SyntaxError::new(opening.span, fault));
            }
            _ => return self.macro_call(macros, &name, opening, parts),
        };
        let kind = match kind {
            // Only the body tells where these end.
            DirectiveKind::Foreach { .. }
            | DirectiveKind::Macro { .. }
            | DirectiveKind::Define { .. } => Directive {
                span: opening.span.start..self.end()?,
                kind,
            },
            _ => Directive {
                span: opening.span.start
                    ..self.trimmed(&(opening.token.span.start..opening.end)).end,
                kind,
            },
        };
        parts.push(Part::Directive(kind));
        Ok(())
    }

    fn written_name(&self, name: &Range<usize>) -> String {
        self.lexer.letters.written(name).to_owned()
    }

    /// The letters of a directive's name; signs before its `#` belong to it, so that it is none.
    fn directive_name(&self, token: &Token) -> Range<usize> {
        let Range { start, end } = token.span;
        match self.written(token).ends_with('}') {
            true => start + 2..end - 1,
            false => start + 1..end,
        }
    }

    /// From the `#` of a token to its last character that is no blank.
    fn hash_span(&self, token: &Token) -> Range<usize> {
        let hash = self.written(token).find('#').unwrap_or(0);
        let mut span = token.span.start + hash..token.span.end;
        if let Some(paren) = self.written(token).find('(') {
            span.end = token.span.start + paren;
        }
        self.trimmed(&span)
    }

    /// The name of a directive, and its arguments if it has parentheses.
    fn opening(&mut self, macros: &mut Macros<'_>) -> Parsed<Opening<'s>> {
        let token = self.next();
        let mut opening = Opening {
            written: self.written(&token).to_owned(),
            span: self.hash_span(&token),
            end: token.span.end,
            arguments: None,
            token,
        };
        if opening.token.kind == TokenKind::CalledWord {
            self.skip_blanks();
            let open = self.expect(TokenKind::OpenParen, "(")?;
            let span = self.span(&open);
            let arguments = self.deeper(&span, |parser| parser.arguments(macros))?;
            opening.arguments = Some(arguments);
            opening.end = self.close_paren(")")?.span.end;
        }
        Ok(opening)
    }

    /// Values or words, with blanks and commas between them as one likes.
    fn arguments(&mut self, macros: &mut Macros<'_>) -> Parsed<Vec<Argument<'s>>> {
        let mut arguments = Vec::new();
        loop {
            let (first, second) = (self.peek(), self.peek_at(1));
            let goes_on = match first {
                TokenKind::Blank => second == TokenKind::Comma || begins_argument(second),
                TokenKind::Comma => second == TokenKind::Blank || begins_argument(second),
                _ => begins_argument(first),
            };
            if !goes_on {
                self.skip_blanks();
                return Ok(arguments);
            }
            self.accept(TokenKind::Blank);
            if self.accept(TokenKind::Comma).is_some() {
                self.accept(TokenKind::Blank);
            }
            arguments.push(self.argument(macros)?);
        }
    }

    fn argument(&mut self, macros: &mut Macros<'_>) -> Parsed<Argument<'s>> {
        if let Some(token) = self.accept(TokenKind::Word) {
            return Ok(Argument::Word(self.name(&token.span)?));
        }
        self.peek();
        let first = self.ahead.front().cloned();
        let value = self.parameter(macros)?;
        match first {
            Some(first) => Ok(Argument::Value(value, first)),
            None => Err(SyntaxError::new(value.span, Fault::ExpectedValue)),
        }
    }

    /// A name that is given a value.
    fn assigned(&self, argument: &Argument<'s>) -> Parsed<Option<Name<'s>>> {
        match argument {
            Argument::Value(value, first) if matches!(value.kind, ExpressionKind::Reference(_)) => {
                self.assigned_name(first).map(Some)
            }
            _ => Ok(None),
        }
    }

    fn foreach(
        &mut self,
        macros: &mut Macros<'_>,
        opening: &Opening<'s>,
    ) -> Parsed<DirectiveKind<'s>> {
        let wrong = || opening.misused("`($name in list)`");
        let Some([item, Argument::Word(_), Argument::Value(list, _)]) =
            opening.arguments.as_deref()
        else {
            return Err(wrong());
        };
        let name = match item {
            // Here braces and a `!` do no harm.
            Argument::Value(Expression { kind, .. }, _) => match kind {
                ExpressionKind::Reference(reference) => reference.root.clone(),
                _ => return Err(wrong()),
            },
            Argument::Word(_) => return Err(wrong()),
        };
        self.open("#foreach", opening);
        let body = self.block(macros)?;
        let list = list.clone();
        Ok(DirectiveKind::Foreach { name, list, body })
    }

    fn define(
        &mut self,
        macros: &mut Macros<'_>,
        opening: &Opening<'s>,
    ) -> Parsed<DirectiveKind<'s>> {
        let name = match opening.arguments.as_deref() {
            Some([argument]) => self.assigned(argument)?,
            _ => None,
        };
        let Some(name) = name else {
            return Err(opening.misused("one `$name`"));
        };
        self.open("#define", opening);
        let body = self.block(macros)?;
        Ok(DirectiveKind::Define { name, body })
    }

    fn macro_(
        &mut self,
        macros: &mut Macros<'_>,
        opening: &Opening<'s>,
    ) -> Parsed<DirectiveKind<'s>> {
        let wrong = || opening.misused("a name and then `$name`s");
        let Some([Argument::Word(name), rest @ ..]) = opening.arguments.as_deref() else {
            return Err(wrong());
        };
        let mut parameters = Vec::with_capacity(rest.len());
        for argument in rest {
            match argument {
                Argument::Value(_, first) => parameters.push(self.parameter_name(first)?),
                Argument::Word(_) => return Err(wrong()),
            }
        }
        self.open("#macro", opening);
        let body = self.block(macros)?;
        macros.defined.insert(name.text.to_owned());
        Ok(DirectiveKind::Macro {
            name: name.clone(),
            parameters,
            body,
        })
    }

    /// Velocity takes anything for a parameter, and calls it by what follows its first character.
    fn parameter_name(&self, first: &Token) -> Parsed<Name<'s>> {
        if self.written(first).contains('$') {
            return self.assigned_name(first);
        }
        let start = self.written(first).chars().next().map_or(0, char::len_utf8);
        self.name(&(first.span.start + start..first.span.end))
    }

    /// `#literal() … #end`: its body as it is written.
    fn literal(
        &mut self,
        macros: &mut Macros<'_>,
        opening: &Opening<'s>,
        parts: &mut Vec<Part<'s>>,
    ) -> Parsed<()> {
        if opening.arguments.is_none() {
            return Err(opening.misused("`()`"));
        }
        self.open("#literal", opening);
        self.block(macros)?;
        self.peek();
        let end = self.ahead.front().map_or(opening.end, |end| end.span.start);
        self.end()?;
        let pieces = self.lexer.letters.pieces(&(opening.end..end));
        parts.extend(pieces);
        Ok(())
    }

    /// `#name`, `#name(…)`, `#@name(…) … #end`: text, when there is no such macro.
    fn macro_call(
        &mut self,
        macros: &mut Macros<'_>,
        letters: &Range<usize>,
        opening: Opening<'s>,
        parts: &mut Vec<Part<'s>>,
    ) -> Parsed<()> {
        let written = self.written_name(letters);
        let called = opening.arguments.is_some();
        let mut letters = letters.clone();
        let mut body = None;
        let mut end = opening.end;
        let with_body = called && written.starts_with('@');
        if with_body {
            letters.start += 1;
            self.open(&opening.written, &opening);
            body = Some(self.block(macros)?);
            self.peek();
            end = self.ahead.front().map_or(end, |token| token.span.end);
            self.end()?;
        }
        let bare = written.strip_prefix('@').filter(|_| with_body);
        if self.dialect == Dialect::Leaf && called {
            let fault = Fault::Unsupported(opening.written);
            return Err(SyntaxError::new(opening.span, fault));
        }
        if !macros.has(bare.unwrap_or(&written)) {
            if let Some(meant) = self.misspelled(&opening) {
                let fault = Fault::Misspelled(opening.written, meant);
                return Err(SyntaxError::new(opening.span, fault));
            }
            let literal = opening.token.span.start..end;
            parts.extend(self.lexer.letters.pieces(&literal));
            return Ok(());
        }
        let mut arguments = Vec::new();
        for argument in opening.arguments.into_iter().flatten() {
            match argument {
                Argument::Value(value, _) => arguments.push(value),
                Argument::Word(name) => {
                    return Err(SyntaxError::new(name.span, Fault::ExpectedValue));
                }
            }
        }
        let end = self.trimmed(&(opening.token.span.start..end)).end;
        parts.push(Part::Directive(Directive {
            span: opening.span.start..end,
            kind: DirectiveKind::Call {
                name: self.name(&letters)?,
                arguments,
                body,
            },
        }));
        Ok(())
    }

    /// The directive that a call of an unknown macro was most likely meant to be. Velocity prints
    /// the call, which nobody wants.
    fn misspelled(&self, opening: &Opening<'s>) -> Option<&'static str> {
        opening.arguments.as_ref()?;
        let name = opening.written.strip_prefix('#')?;
        let meant = match name.to_ascii_lowercase().as_str() {
            "elsif" | "elif" | "elseif" | "else_if" => "#elseif",
            "foreach" | "for_each" => "#foreach",
            "if" => "#if",
            "set" => "#set",
            "define" => "#define",
            "evaluate" => "#evaluate",
            "macro" => "#macro",
            "return" => "#return",
            _ => return None,
        };
        Some(meant)
    }

    fn open(&mut self, name: &str, opening: &Opening<'s>) {
        self.open.push((name.to_owned(), opening.span.clone()));
    }
}

// === impl Opening ===

impl Opening<'_> {
    fn misused(&self, expected: &'static str) -> SyntaxError {
        let fault = Fault::Misused {
            directive: self.written.clone(),
            expected,
        };
        SyntaxError::new(self.span.clone(), fault)
    }
}

// === Directives without a body ===

fn evaluate<'s>(
    arguments: Option<&[Argument<'s>]>,
    opening: &Opening<'s>,
) -> Parsed<DirectiveKind<'s>> {
    match arguments {
        Some([Argument::Value(value, _)]) if is_text_or_reference(value) => {
            Ok(DirectiveKind::Evaluate(value.clone()))
        }
        _ => Err(opening.misused("one text or reference")),
    }
}

fn is_text_or_reference(value: &Expression<'_>) -> bool {
    matches!(
        value.kind,
        ExpressionKind::Text(_) | ExpressionKind::Interpolated(_) | ExpressionKind::Reference(_)
    )
}

/// `#break($foreach)` is the same as `#break`; other scopes cannot be left.
fn break_<'s>(opening: &Opening<'s>) -> Parsed<DirectiveKind<'s>> {
    match opening.arguments.as_deref() {
        None | Some([]) => Ok(DirectiveKind::Break),
        Some([Argument::Value(value, _)]) => match &value.kind {
            ExpressionKind::Reference(scope)
                if scope.root.text == "foreach" && scope.path.is_empty() =>
            {
                Ok(DirectiveKind::Break)
            }
            _ => Err(opening.misused("nothing, or `$foreach`")),
        },
        Some(_) => Err(opening.misused("nothing, or `$foreach`")),
    }
}

fn return_<'s>(opening: &Opening<'s>) -> Parsed<DirectiveKind<'s>> {
    match opening.arguments.as_deref() {
        None | Some([]) => Ok(DirectiveKind::Return(None)),
        Some([Argument::Value(value, _)]) => Ok(DirectiveKind::Return(Some(value.clone()))),
        Some(_) => Err(opening.misused("one value, or nothing")),
    }
}

fn begins_argument(kind: TokenKind) -> bool {
    matches!(
        kind,
        TokenKind::Identifier
            | TokenKind::OpenReference
            | TokenKind::Word
            | TokenKind::Quoted
            | TokenKind::Integer
            | TokenKind::Float
            | TokenKind::OpenBracket
            | TokenKind::OpenBrace
            | TokenKind::True
            | TokenKind::False
    )
}
