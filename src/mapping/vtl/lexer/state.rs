//! What words and signs do to the lexer's state.

use std::ops::Range;

use super::{Lexer, Mode, Sign, State, words};
use crate::mapping::vtl::token::TokenKind;

impl Lexer<'_> {
    fn push(&mut self, mode: Mode) {
        self.stack.push(self.state);
        self.state.opened = 0;
        self.state.mode = mode;
    }

    /// Back to what was before; at the bottom everything is text.
    pub(super) fn pop(&mut self) -> bool {
        let state = self.stack.pop();
        let closed = self.state.closed;
        self.state = state.unwrap_or(State {
            mode: Mode::Text,
            opened: 0,
            closed,
        });
        state.is_some()
    }

    pub(super) fn sign(&mut self, sign: Sign) {
        if self.commented {
            return;
        }
        let mode = self.state.mode;
        match sign {
            Sign::Dollar => {
                if mode == Mode::Reference {
                    self.pop();
                }
                self.push(Mode::Reference);
            }
            Sign::Hash => {
                if matches!(mode, Mode::Reference | Mode::Member) {
                    self.pop();
                }
                self.push(Mode::Hash);
            }
            Sign::Comment => {
                self.commented = true;
                self.push(Mode::BlockComment);
            }
            Sign::Unparsed => {
                self.commented = true;
                self.push(Mode::Unparsed);
            }
            Sign::Inside => {}
        }
    }

    /// Changes the state as a word asks for it. Says what the word is, now that it is known
    /// whether a parenthesis follows.
    pub(super) fn enter(&mut self, kind: TokenKind) -> TokenKind {
        let mode = self.state.mode;
        match kind {
            TokenKind::Set => {
                self.setting = true;
                self.push(Mode::Directive);
                self.state.opened = 1;
            }
            TokenKind::LineComment => {
                if mode == Mode::Reference {
                    self.pop();
                }
                self.commented = true;
                self.push(Mode::LineComment);
            }
            TokenKind::LineCommentEnd | TokenKind::BlockComment | TokenKind::Unparsed => {
                self.commented = false;
                self.pop();
            }
            TokenKind::If | TokenKind::ElseIf => self.state.mode = Mode::Directive,
            TokenKind::Else | TokenKind::End | TokenKind::CloseIndex => {
                self.pop();
            }
            TokenKind::CloseReference => {
                self.pop();
            }
            TokenKind::Word if mode == Mode::Hash => return self.called(),
            TokenKind::Dot => self.state.mode = Mode::Member,
            TokenKind::OpenIndex => self.push(Mode::Index),
            TokenKind::OpenParen => {
                self.state.opened += 1;
                if mode == Mode::Member {
                    self.state.mode = Mode::Call;
                }
            }
            TokenKind::CloseCall => self.state.mode = Mode::Reference,
            TokenKind::CloseParen => self.close(),
            TokenKind::Quoted if mode == Mode::Directive => self.bare(),
            TokenKind::Integer if !matches!(mode, Mode::Call | Mode::Index) => self.bare(),
            TokenKind::Float if mode != Mode::Call => self.bare(),
            _ => {}
        }
        kind
    }

    /// A constant right after a `#`, before any parenthesis, is text.
    fn bare(&mut self) {
        if self.state.opened == 0 && !self.setting {
            self.pop();
        }
    }

    /// A directive goes on when a parenthesis follows it, on whatever line.
    fn called(&mut self) -> TokenKind {
        let rest = self.rest();
        if rest.get(words::blanks(rest)) == Some(&b'(') {
            self.state.mode = Mode::Directive;
            return TokenKind::CalledWord;
        }
        self.pop();
        TokenKind::Word
    }

    /// Leaves the directive whose parenthesis is closed.
    fn close(&mut self) {
        while self.state.opened == 0 {
            if !self.pop() {
                return;
            }
        }
        if self.state.opened == self.state.closed + 1 {
            self.setting = false;
            self.pop();
        } else {
            self.state.closed += 1;
        }
    }

    /// Finds what is printed of signs that began nothing: a `!` among them is lost.
    pub(super) fn printed_signs(&self, start: usize, printed: &mut Vec<Range<usize>>) {
        let signs = self.letters.written(&(start..self.position)).as_bytes();
        let mut at = 0;
        while let Some(byte) = signs.get(at) {
            let backslashes = words::backslashes(signs.get(at..).unwrap_or_default());
            let escaped = backslashes > 0 && signs.get(at + backslashes) == Some(&b'$');
            let length = if escaped { backslashes + 1 } else { 1 };
            if escaped || matches!(byte, b'$' | b'#') {
                printed.push(start + at..start + at + length);
            }
            at += length;
        }
    }
}
