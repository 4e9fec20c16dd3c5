//! Java's regular expressions, for the methods of strings and for `$util.matches`.
//!
//! A pattern is translated into what `fancy-regex` reads. What differs still: case is ignored for
//! all letters and not only for ASCII ones, and a pair of surrogates is one character.

mod class;
mod replacement;
mod translate;

use std::{
    cell::RefCell,
    sync::{Arc, OnceLock},
    time::Duration,
};

use fancy_regex::{Captures, Error, Regex, RegexBuilder};
use rustc_hash::FxHashMap;
use tokio::time::Instant;

use replacement::Replacement;

/// The longest pattern, in bytes.
const MAX_PATTERN: usize = 4096;

/// The longest text that is searched, in bytes.
const MAX_TEXT: usize = 1 << 20;

/// How often one search may take back a choice.
const MAX_BACKTRACKS: usize = 100_000;

/// How long all the searches of one call may take together.
const MAX_TIME: Duration = Duration::from_millis(100);

/// How large a compiled pattern may be, in bytes.
const MAX_COMPILED: usize = 1 << 20;

/// How many patterns each thread remembers.
const MAX_REMEMBERED: usize = 64;

/// A compiled pattern. Cloning is cheap.
#[derive(Debug, Clone)]
pub(crate) struct Pattern(Arc<Compiled>);

#[derive(Debug)]
struct Compiled {
    translated: String,
    regex: Regex,
    /// The same, for a whole text.
    whole: OnceLock<Option<Regex>>,
}

/// Why a pattern does not compile, or does not come to an end.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PatternError {
    #[error("the pattern is longer than {MAX_PATTERN} bytes")]
    Long,
    #[error("`{pattern}` is no pattern: {message}")]
    Syntax { pattern: String, message: String },
    #[error("the pattern takes too long for this text")]
    Endless,
    #[error("a text of more than {MAX_TEXT} bytes is not searched")]
    LongText,
    #[error("{0}")]
    Replacement(String),
    #[error("what the pattern makes is too large")]
    TooLarge,
}

thread_local! {
    static REMEMBERED: RefCell<FxHashMap<String, Pattern>> = RefCell::default();
}

// === impl Pattern ===

impl Pattern {
    /// Compiles a pattern, or remembers it.
    pub(crate) fn compile(pattern: &str) -> Result<Self, PatternError> {
        if pattern.len() > MAX_PATTERN {
            return Err(PatternError::Long);
        }
        if let Some(known) = REMEMBERED.with_borrow(|known| known.get(pattern).cloned()) {
            return Ok(known);
        }
        let syntax = |message| PatternError::Syntax {
            pattern: pattern.to_owned(),
            message,
        };
        let translated = translate::translate(pattern).map_err(syntax)?;
        let regex = build(&translated).map_err(|error| syntax(error.to_string()))?;
        let compiled = Pattern(Arc::new(Compiled {
            translated,
            regex,
            whole: OnceLock::new(),
        }));
        REMEMBERED.with_borrow_mut(|known| {
            if known.len() >= MAX_REMEMBERED {
                known.clear();
            }
            known.insert(pattern.to_owned(), compiled.clone());
        });
        Ok(compiled)
    }

    /// Whether the whole text matches.
    pub(crate) fn matches(&self, text: &str) -> Result<bool, PatternError> {
        check(text)?;
        let whole = self.0.whole.get_or_init(|| {
            let whole = format!("\\A(?:{})\\z", self.0.translated);
            build(&whole).ok()
        });
        let whole = whole.as_ref().ok_or(PatternError::TooLarge)?;
        whole.is_match(text).map_err(endless)
    }

    /// Whether any part of the text matches.
    #[cfg(test)]
    pub(crate) fn find(&self, text: &str) -> Result<bool, PatternError> {
        check(text)?;
        self.0.regex.is_match(text).map_err(endless)
    }

    /// Replaces each match, as Java's `Matcher` reads the replacement: `$1`, `${name}`, `\$`.
    /// What it makes is `limit` bytes at most.
    pub(crate) fn replace_all(
        &self,
        text: &str,
        replacement: &str,
        limit: usize,
    ) -> Result<String, PatternError> {
        self.replace(text, replacement, limit, usize::MAX)
    }

    /// Replaces the first match in the same way.
    pub(crate) fn replace_first(
        &self,
        text: &str,
        replacement: &str,
        limit: usize,
    ) -> Result<String, PatternError> {
        self.replace(text, replacement, limit, 1)
    }

    /// What stands between the matches. With a limit above 0 there are so many parts at most; with
    /// 0 as many as there are, without the empty ones at the end; below 0 with those.
    pub(crate) fn split<'t>(
        &self,
        text: &'t str,
        limit: i64,
    ) -> Result<Vec<&'t str>, PatternError> {
        let most = usize::try_from(limit).ok().filter(|most| *most > 0);
        let mut parts = Vec::new();
        let mut from = 0;
        self.each(text, |found| {
            let (start, end) = span(found);
            if most.is_some_and(|most| parts.len() + 1 >= most) {
                return Ok(false);
            }
            // Nothing at the very beginning splits nothing off.
            if end > 0 {
                parts.push(&text[from..start]);
                from = end;
            }
            Ok(true)
        })?;
        parts.push(&text[from..]);
        if limit == 0 && parts.len() > 1 {
            let full = parts.iter().rposition(|part| !part.is_empty());
            parts.truncate(full.map_or(0, |last| last + 1));
        }
        Ok(parts)
    }

    fn replace(
        &self,
        text: &str,
        replacement: &str,
        limit: usize,
        times: usize,
    ) -> Result<String, PatternError> {
        let mut parsed = None;
        let (mut out, mut from, mut count) = (String::new(), 0, 0);
        self.each(text, |found| {
            // A replacement is only looked at when there is something to replace.
            let parts = match &mut parsed {
                Some(parts) => parts,
                empty => empty.insert(Replacement::parse(replacement, &self.0.regex)?),
            };
            let (start, end) = span(found);
            out.push_str(&text[from..start]);
            parts.expand(found, &mut out, limit)?;
            from = end;
            count += 1;
            Ok(count < times)
        })?;
        out.push_str(&text[from..]);
        if out.len() > limit {
            return Err(PatternError::TooLarge);
        }
        Ok(out)
    }

    /// Goes from match to match as Java does: one of nothing may follow directly on another one.
    fn each<'t>(
        &self,
        text: &'t str,
        mut go: impl FnMut(&Captures<'t, str>) -> Result<bool, PatternError>,
    ) -> Result<(), PatternError> {
        check(text)?;
        let begun = Instant::now();
        let mut from = 0;
        while from <= text.len() {
            let found = self
                .0
                .regex
                .captures_from_pos(text, from)
                .map_err(endless)?;
            let Some(found) = found else {
                return Ok(());
            };
            if !go(&found)? {
                return Ok(());
            }
            let (start, end) = span(&found);
            let step = text[end..].chars().next().map_or(1, char::len_utf8);
            from = if start == end { end + step } else { end };
            if begun.elapsed() > MAX_TIME {
                return Err(PatternError::Endless);
            }
        }
        Ok(())
    }
}

fn build(pattern: &str) -> Result<Regex, Box<Error>> {
    RegexBuilder::new(pattern)
        .backtrack_limit(MAX_BACKTRACKS)
        .delegate_size_limit(MAX_COMPILED)
        .build()
        .map_err(Box::new)
}

fn check(text: &str) -> Result<(), PatternError> {
    if text.len() > MAX_TEXT {
        return Err(PatternError::LongText);
    }
    Ok(())
}

fn endless(_: Error) -> PatternError {
    PatternError::Endless
}

/// Where a match begins and ends.
fn span(found: &Captures<'_, str>) -> (usize, usize) {
    found
        .get(0)
        .map_or((0, 0), |found| (found.start(), found.end()))
}

#[cfg(test)]
mod tests;
