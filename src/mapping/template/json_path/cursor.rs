//! A place in the text of a path.

use super::JsonPathError;

#[derive(Debug)]
pub(super) struct Cursor<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Cursor<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Cursor { text, at: 0 }
    }

    /// What has not been read yet.
    pub(super) fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.at >= self.text.len()
    }

    /// Goes past a text that stands here.
    pub(super) fn eat(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text);
        if found {
            self.at += text.len();
        }
        found
    }

    /// Goes past a word that stands here and ends here.
    pub(super) fn eat_word(&mut self, word: &str) -> bool {
        let Some(after) = self.rest().strip_prefix(word) else {
            return false;
        };
        if after.starts_with(|next: char| next.is_alphanumeric() || next == '_') {
            return false;
        }
        self.eat(word)
    }

    /// Goes past a text that must stand here.
    pub(super) fn expect(&mut self, text: &str) -> Result<(), JsonPathError> {
        if self.eat(text) {
            return Ok(());
        }
        Err(self.error(format!("expected `{text}`")))
    }

    pub(super) fn skip_blanks(&mut self) {
        self.take_while(char::is_whitespace);
    }

    /// Reads characters while they are of a kind.
    pub(super) fn take_while(&mut self, of_kind: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let end = rest.find(|next| !of_kind(next)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    /// Reads a text in quotes, single or double, when one stands here. A backslash keeps the
    /// character after it from ending the text.
    pub(super) fn quoted(&mut self) -> Result<Option<String>, JsonPathError> {
        let Some(quote @ ('\'' | '"')) = self.peek() else {
            return Ok(None);
        };
        let mut text = String::new();
        let mut characters = self.rest().char_indices().skip(1);
        while let Some((index, character)) = characters.next() {
            match character {
                '\\' => text.extend(characters.next().map(|(_, escaped)| escaped)),
                end if end == quote => {
                    self.at += index + 1;
                    return Ok(Some(text));
                }
                other => text.push(other),
            }
        }
        Err(self.error(format!("the text that begins here has no closing {quote}")))
    }

    /// Reads a whole number when one stands here.
    pub(super) fn integer(&mut self) -> Result<Option<i64>, JsonPathError> {
        let start = self.at;
        self.eat("-");
        self.take_while(|next| next.is_ascii_digit());
        if self.at == start {
            return Ok(None);
        }
        let digits = self.text.get(start..self.at).unwrap_or_default();
        match digits.parse() {
            Ok(number) => Ok(Some(number)),
            Err(_) => Err(self.error("expected a number")),
        }
    }

    /// An error about what stands here.
    pub(super) fn error(&self, message: impl Into<String>) -> JsonPathError {
        let before = self.text.get(..self.at).unwrap_or_default();
        JsonPathError {
            message: message.into(),
            column: before.chars().count() + 1,
        }
    }
}
