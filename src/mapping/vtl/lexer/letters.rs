//! What a lexer reads: a template, or what a double-quoted text in it says.
//!
//! In a double-quoted text `""` is one quote and `\u0041` an `A`, before anything else is looked
//! at. So the letters of such a text are no slice of the template, and each remembers where it
//! comes from.

use std::{borrow::Cow, ops::Range};

use super::super::ast::Part;

/// Characters to read, and where each of them stands in the template.
#[derive(Debug)]
pub(in super::super) struct Letters<'s> {
    source: &'s str,
    pub(super) text: Cow<'s, str>,
    /// The offset of every byte and of the end; `None`: they are the template itself.
    origins: Option<Vec<usize>>,
    /// Where the letters end, but for a blank that was put behind them.
    end: usize,
}

// === impl Letters ===

impl<'s> Letters<'s> {
    pub(in super::super) fn of(source: &'s str) -> Self {
        Letters {
            source,
            text: Cow::Borrowed(source),
            origins: None,
            end: source.len(),
        }
    }

    /// What a quoted text says, the quotes of which are the first and the last of the letters;
    /// the error is where a `\u` is followed by something else than four digits.
    pub(in super::super) fn quoted(&self, span: Range<usize>) -> Result<Self, Range<usize>> {
        let written = self.text.get(span.clone()).unwrap_or_default();
        let mut quoted = Letters {
            source: self.source,
            text: Cow::Owned(String::with_capacity(written.len())),
            origins: Some(Vec::with_capacity(written.len())),
            end: 0,
        };
        let double = written.starts_with('"');
        let inner = written.get(1..written.len() - 1).unwrap_or_default();
        let mut at = 0;
        while let Some(c) = inner.get(at..).and_then(|rest| rest.chars().next()) {
            let here = span.start + 1 + at;
            let rest = inner.get(at..).unwrap_or_default();
            let (c, length) = if c == if double { '"' } else { '\'' } {
                (c, 2)
            } else if double && rest.starts_with("\\u") {
                let length = if rest.len() < 6 { rest.len() } else { 6 };
                let wrong = self.offset(here)..self.offset(here + 2);
                hexadecimal(rest).ok_or(wrong).map(|c| match c {
                    Ok(c) => (c, length),
                    Err(pair) => (pair, 12),
                })?
            } else {
                (c, c.len_utf8())
            };
            quoted.push(c, |byte| self.offset(here + byte.min(length - 1)));
            at += length;
        }
        quoted.end = quoted.text.len();
        let end = self.offset(span.end - 1);
        quoted.origins.iter_mut().for_each(|all| all.push(end));
        Ok(quoted)
    }

    fn push(&mut self, c: char, origin: impl Fn(usize) -> usize) {
        self.text.to_mut().push(c);
        if let Some(origins) = &mut self.origins {
            origins.extend((0..c.len_utf8()).map(origin));
        }
    }

    /// Puts a blank behind the letters, which nobody prints: Velocity does so with a quoted text,
    /// so that a sign at its end is text there.
    pub(in super::super) fn pad(&mut self) {
        self.text.to_mut().push(' ');
        let last = self.offset(self.end);
        self.origins.iter_mut().for_each(|all| all.push(last));
    }

    /// Where a letter stands in the template.
    pub(in super::super) fn offset(&self, at: usize) -> usize {
        match &self.origins {
            Some(origins) => origins.get(at).or(origins.last()).copied().unwrap_or(0),
            None => at.min(self.end),
        }
    }

    /// Where some letters stand in the template.
    pub(in super::super) fn span(&self, letters: &Range<usize>) -> Range<usize> {
        let start = self.offset(letters.start);
        start..self.offset(letters.end).max(start)
    }

    pub(in super::super) fn written(&self, letters: &Range<usize>) -> &str {
        self.text.get(letters.clone()).unwrap_or_default()
    }

    /// The letters as slices of the template, wherever they are.
    pub(in super::super) fn pieces(&self, letters: &Range<usize>) -> Vec<Part<'s>> {
        let letters = letters.start..letters.end.min(self.end);
        let mut pieces = Vec::new();
        let mut run: Option<Range<usize>> = None;
        for (at, c) in self.written(&letters).char_indices() {
            let from = self.offset(letters.start + at);
            let here = from..from + c.len_utf8();
            let mut buffer = [0; 4];
            let verbatim = self.source.get(here.clone()) == Some(c.encode_utf8(&mut buffer));
            match &mut run {
                Some(run) if verbatim && run.end == here.start => run.end = here.end,
                _ => {
                    let before = run.take().and_then(|run| self.source.get(run));
                    pieces.extend(before.map(Part::Text));
                    if verbatim {
                        run = Some(here);
                    } else {
                        pieces.push(Part::Char(c));
                    }
                }
            }
        }
        let last = run.and_then(|run| self.source.get(run));
        pieces.extend(last.map(Part::Text));
        pieces
    }

    /// The letters as one slice of the template; `None` when they are none.
    pub(in super::super) fn slice(&self, letters: &Range<usize>) -> Option<&'s str> {
        match self.pieces(letters).as_slice() {
            [] => Some(""),
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }
}

/// The character that `\uXXXX` names; an error holds the one that a pair of them names.
fn hexadecimal(text: &str) -> Option<Result<char, char>> {
    let unit = |at: usize| -> Option<u16> {
        let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
        let all = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        all.then(|| u16::from_str_radix(digits, 16).ok()).flatten()
    };
    let first = unit(0)?;
    if let Some(c) = char::from_u32(u32::from(first)) {
        return Some(Ok(c));
    }
    let pair = char::decode_utf16([first, unit(6).unwrap_or(first)]).next();
    Some(match pair {
        Some(Ok(c)) => Err(c),
        _ => Ok(char::REPLACEMENT_CHARACTER),
    })
}
