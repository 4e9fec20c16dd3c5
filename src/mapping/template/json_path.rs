//! JSONPath as Jayway reads it, for `$input.path` and `$input.json`.
//!
//! A path is parsed once, into steps; reading a document allocates only what it finds. A definite
//! path, which can name one place at the most, has that value or none. Any other has a list.
//!
//! Where the versions of Jayway differ, the older one's answers are kept and the newer one's syntax
//! is accepted: `[-1]`, double quotes, `in`, functions.
//!
//! See: apigateway.md 4.1 (`$input`).

mod compare;
mod cursor;
mod filter;
mod function;
mod parse;
mod parse_filter;
mod read;

#[cfg(test)]
mod tests;

use crate::json::{Value, View};

use filter::Filter;
use function::Function;

/// The longest path, in bytes.
const MAX_LENGTH: usize = 4096;

/// The most steps of a path.
const MAX_STEPS: usize = 64;

/// How deep conditions, lists in them, and conditions in their paths may nest. Each costs stack when
/// a path is followed.
const MAX_NESTING: usize = 8;

/// How many nodes reading may look at, how many values it may find, and how long the texts of these
/// may be together.
const MAX_VISITS: u32 = 1_000_000;
const MAX_FOUND: usize = 100_000;
const MAX_BYTES: usize = 64 << 20;

/// A path, parsed.
#[derive(Debug)]
pub(super) struct JsonPath {
    steps: Vec<Step>,
    /// `.length()` at the end.
    function: Option<Function>,
}

/// From a node to some of those below it.
#[derive(Debug)]
struct Step {
    /// `..`: from the node and from all that is below it.
    scan: bool,
    pick: Pick,
}

/// Which of the nodes below.
#[derive(Debug)]
enum Pick {
    /// `.name`, `['name']`, `['a','b']`
    Names(Vec<Box<str>>),
    /// `*`
    Every,
    /// `[0]`, `[-1]`, `[0,2]`
    Indexes(Vec<i64>),
    /// `[1:3]`
    Slice(Option<i64>, Option<i64>),
    /// `[?(…)]`
    Filter(Filter),
}

/// Why a text is no path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message} at character {column} of the path")]
pub(super) struct JsonPathError {
    message: String,
    /// Counted from 1.
    column: usize,
}

/// What a path finds, or looks at, is beyond the bounds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the path finds too much")]
pub(super) struct TooMuch;

// === impl JsonPath ===

impl JsonPath {
    /// Parses a path; `$.` in front of it may be left out.
    pub(super) fn parse(text: &str) -> Result<JsonPath, JsonPathError> {
        parse::path(text)
    }

    /// What the path names in a document; `None` when there is no such thing. Null is a thing.
    pub(super) fn read(&self, document: View<'_>) -> Result<Option<Value>, TooMuch> {
        read::from_root(self, document)
    }

    /// Whether the path can name one place at the most.
    fn is_definite(&self) -> bool {
        let last = self.steps.len().saturating_sub(1);
        let mut steps = self.steps.iter().enumerate();
        steps.all(|(index, step)| !step.scan && step.pick.is_definite(index == last))
    }
}

impl Pick {
    fn is_definite(&self, is_last: bool) -> bool {
        match self {
            // At the end several names make one object.
            Pick::Names(names) => names.len() == 1 || is_last,
            Pick::Indexes(indexes) => indexes.len() == 1,
            Pick::Every | Pick::Slice(..) | Pick::Filter(_) => false,
        }
    }
}
