//! Text, comments, and escapes: what prints itself, or nothing.
//!
//! In Velocity backslashes mean something only before what would mean something without them, and
//! then half of them are printed.

use super::{Macros, Parsed, Parser, directive::is_directive};
use crate::mapping::vtl::{
    ast::Part,
    error::{Fault, SyntaxError},
    lexer::Dialect,
    token::{Token, TokenKind},
};

impl<'s> Parser<'s> {
    /// Whatever is neither a reference nor a directive; `false` when nothing of that is next.
    pub(super) fn plain(&mut self, macros: &Macros<'_>, parts: &mut Vec<Part<'s>>) -> Parsed<bool> {
        match self.peek() {
            TokenKind::Text
            | TokenKind::Dot
            | TokenKind::OpenParen
            | TokenKind::CloseParen
            | TokenKind::Integer
            | TokenKind::Float
            | TokenKind::Quoted
            | TokenKind::Escape
            | TokenKind::OpenReference
            | TokenKind::CloseReference
            | TokenKind::EmptyIndex => self.text(parts),
            // Velocity takes a parenthesis after an index for a call, and refuses it where none can be.
            TokenKind::CloseCall if self.dialect == Dialect::Leaf => self.text(parts),
            TokenKind::Escaped => {
                let token = self.next();
                let written = self.lexer.letters.slice(&token.span);
                parts.extend(written.map(Part::Escape));
            }
            TokenKind::EscapedDirective => self.escaped_directive(macros, parts),
            TokenKind::DoubleEscape => self.double_escapes(macros, parts),
            TokenKind::LineComment | TokenKind::BlockComment => self.comment(parts)?,
            TokenKind::Unparsed => self.unparsed(parts)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn text(&mut self, parts: &mut Vec<Part<'s>>) {
        let token = self.next();
        for signs in &token.before {
            parts.extend(self.lexer.letters.pieces(signs));
        }
        parts.extend(self.lexer.letters.pieces(&token.span));
    }

    /// `\#name`: half of the backslashes go, when the name means something up to here.
    fn escaped_directive(&mut self, macros: &Macros<'_>, parts: &mut Vec<Part<'s>>) {
        let token = self.next();
        let written = self.written(&token);
        let name = written.trim_start_matches('\\');
        let backslashes = written.len() - name.len();
        let name = name.strip_prefix('#').unwrap_or(name);
        let name = name.strip_prefix('{').unwrap_or(name);
        let name = name.strip_suffix('}').unwrap_or(name);
        let gone = match is_directive(name.as_bytes()) || macros.has_yet(name) {
            true => backslashes - backslashes / 2,
            false => 0,
        };
        let printed = token.span.start + gone..token.span.end;
        parts.extend(self.lexer.letters.pieces(&printed));
    }

    /// `\\`, again and again: half of them go when a directive follows.
    fn double_escapes(&mut self, macros: &Macros<'_>, parts: &mut Vec<Part<'s>>) {
        let mut tokens = Vec::new();
        while let Some(token) = self.accept(TokenKind::DoubleEscape) {
            tokens.push(token);
        }
        let kind = self.peek();
        let name = self.ahead.front().map_or("", |next| self.written(next));
        let name = name.get(1..).unwrap_or_default();
        let halved = match kind {
            TokenKind::If | TokenKind::ElseIf | TokenKind::Else | TokenKind::End => true,
            _ => is_pluggable(name) || macros.has_yet(name),
        };
        for token in tokens {
            let end = token.span.end - usize::from(halved);
            parts.extend(self.lexer.letters.pieces(&(token.span.start..end)));
        }
    }

    /// `## …`, `#* … *#`; signs before it are printed.
    fn comment(&mut self, parts: &mut Vec<Part<'s>>) -> Parsed<()> {
        let token = self.next();
        if self.dialect == Dialect::Leaf {
            return Err(self.not_in_a_leaf(&token, Fault::Comment));
        }
        let written = self.written(&token);
        let signs = written
            .find("##")
            .or_else(|| written.find("#*"))
            .unwrap_or(0);
        let signs = token.span.start..token.span.start + signs;
        parts.extend(self.lexer.letters.pieces(&signs));
        if token.kind == TokenKind::LineComment {
            self.accept(TokenKind::LineCommentEnd);
        }
        Ok(())
    }

    /// `#[[ … ]]#`. Velocity counts its three signs from the first sign before it.
    fn unparsed(&mut self, parts: &mut Vec<Part<'s>>) -> Parsed<()> {
        let token = self.next();
        if self.dialect == Dialect::Leaf {
            return Err(self.not_in_a_leaf(&token, Fault::Unparsed));
        }
        let end = (token.span.end - 3).max(token.span.start + 3);
        let inner = token.span.start + 3..end;
        parts.extend(self.lexer.letters.pieces(&inner));
        Ok(())
    }

    fn not_in_a_leaf(&mut self, token: &Token, fault: Fault) -> SyntaxError {
        let mut span = self.span(token);
        match token.kind {
            TokenKind::LineComment => {
                // The comment goes on to the end of its line.
                let next = self.next();
                span.end = self.span(&next).start.max(span.end);
            }
            TokenKind::BlockComment => {
                let before = self.lexer.letters.written(&(0..token.span.end - 1));
                span.start = before.rfind("#*").unwrap_or(span.start);
            }
            _ => {}
        }
        SyntaxError::new(span, fault)
    }
}

/// Whether the name is a directive that is no part of the grammar itself.
fn is_pluggable(name: &str) -> bool {
    !matches!(name, "if" | "elseif" | "else" | "end" | "set") && is_directive(name.as_bytes())
}
