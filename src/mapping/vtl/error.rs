//! What may be wrong with a template: at load, and while it runs.

use std::ops::Range;

/// Why a template does not compile, and where.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{fault}")]
pub(crate) struct SyntaxError {
    /// The bytes of the template that are to blame.
    pub(crate) span: Range<usize>,
    /// What is wrong.
    pub(crate) fault: Fault,
}

/// What is wrong with a template.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub(crate) enum Fault {
    #[error("the template is longer than {} bytes", super::MAX_LENGTH)]
    TooLong,
    #[error(
        "the reference has more than {} members, indexes and calls",
        super::MAX_SEGMENTS
    )]
    TooManySegments,
    #[error(
        "references stand more than {} levels inside each other",
        super::MAX_DEPTH
    )]
    TooDeep,
    #[error("`{0}` is not supported yet")]
    Unsupported(String),
    #[error("`{0}` between brackets or parentheses is not supported yet")]
    Inside(String),
    #[error("`{0}` is not available: a template stands for itself")]
    Unavailable(String),
    #[error("`{0}` is never closed")]
    Unclosed(String),
    #[error("`{0}` has no `{1}` before it")]
    Stray(String, &'static str),
    #[error("`{directive}` takes {expected}")]
    Misused {
        directive: String,
        expected: &'static str,
    },
    #[error("`{0}` is no directive")]
    Misspelled(String, &'static str),
    #[error("`{0}` cannot be the last character of a template")]
    LoneSign(String),
    #[error("`{0}` means nothing here")]
    Unexpected(String),
    #[error("`\\u` needs four hexadecimal digits")]
    BadCharacter,
    #[error("comments are not supported yet")]
    Comment,
    #[error("`#[[…]]#` is not supported yet")]
    Unparsed,
    #[error("the method `{0}(…)` is not supported yet")]
    Method(String),
    #[error("`{name}` is called with {given} arguments, and takes {expected}")]
    Arity {
        name: &'static str,
        expected: usize,
        given: usize,
    },
    #[error("expected a name after `{0}`")]
    ExpectedName(&'static str),
    #[error("expected `{0}`")]
    Expected(&'static str),
    #[error("expected a value")]
    ExpectedValue,
    #[error("the quote is never closed")]
    OpenQuote,
    #[error("the number does not fit 64 bits")]
    HugeNumber,
    /// What the names of the embedding say: unknown, not supported, misused.
    #[error("{message}")]
    Name {
        message: String,
        help: Option<String>,
    },
}

/// Why a template stopped, and where.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct EvalError<T> {
    /// The bytes of the template that were at work.
    pub(crate) span: Range<usize>,
    /// What happened.
    pub(crate) fault: EvalFault<T>,
}

/// What goes wrong while a template runs.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub(crate) enum EvalFault<T> {
    /// A function of the embedding threw.
    #[error("a function threw")]
    Thrown(T),
    /// A reference without value where one is needed.
    #[error("`{0}` has no value")]
    Missing(String),
    /// A method of Java would throw.
    #[error("{message}")]
    Method { message: String },
    /// Something was asked of a value that cannot do it, such as a loop over a number.
    #[error("{0}")]
    Wrong(String),
    /// It did too much.
    #[error("{0}")]
    Bound(Exceeded),
    /// `#evaluate` of a text that is no template.
    #[error("`#evaluate`: {0}")]
    Evaluated(Fault),
}

/// Which bound was reached; see [`Bounds`](super::run::Bounds).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Exceeded {
    #[error("the template does too much: more than {0} steps")]
    Steps(u64),
    #[error("the template makes more than {0} characters")]
    Output(usize),
    #[error("a `#foreach` takes more than {0} turns")]
    Turns(usize),
    #[error("the template nests deeper than {0} levels")]
    Depth(usize),
}

// === impl Fault ===

impl Fault {
    /// Whether the fault is only that plain references cannot say it: the whole language may.
    pub(crate) fn is_of_the_whole_language(&self) -> bool {
        matches!(
            self,
            Fault::Unsupported(_)
                | Fault::Inside(_)
                | Fault::Comment
                | Fault::Unparsed
                | Fault::Method(_)
        )
    }
}

// === impl SyntaxError ===

impl SyntaxError {
    pub(crate) fn new(span: Range<usize>, fault: Fault) -> Self {
        SyntaxError { span, fault }
    }

    /// What would be right, when we know it.
    pub(crate) fn help(&self) -> Option<String> {
        let help = match &self.fault {
            Fault::Name { help, .. } => return help.clone(),
            Fault::Unsupported(word) if word.starts_with('#') => {
                "write `\\#` for a `#` that is meant as text"
            }
            Fault::Comment | Fault::Unparsed => "write `\\#` for a `#` that is meant as text",
            Fault::Method(_) => {
                "`join(\",\")` is; where no call is meant, put braces around the reference: `${…}(`"
            }
            Fault::Unclosed(opened) if opened == "#[[" => "put `]]#` where it ends",
            Fault::Unclosed(opened) if opened == "#*" => "put `*#` where it ends",
            Fault::Unclosed(_) => "put `#end` where it ends",
            Fault::Misspelled(_, meant) => return Some(format!("did you mean `{meant}`?")),
            Fault::Stray(..) => "write `\\#` for a `#` that is meant as text",
            Fault::LoneSign(_) => "put a blank or a line end after it",
            Fault::Unexpected(word) if word.starts_with('-') => "put a blank after the `-`",
            Fault::BadCharacter => "write a single-quoted text for a backslash that is one",
            Fault::ExpectedName(_) => "write `\\$` for a `$` that is meant as text",
            Fault::TooLong
            | Fault::TooManySegments
            | Fault::TooDeep
            | Fault::Unavailable(_)
            | Fault::Misused { .. }
            | Fault::Unexpected(_)
            | Fault::Unsupported(_)
            | Fault::Inside(_)
            | Fault::Arity { .. }
            | Fault::Expected(_)
            | Fault::ExpectedValue
            | Fault::OpenQuote
            | Fault::HugeNumber => return None,
        };
        Some(help.to_owned())
    }
}

/// Where a place of a template stands: line and column, both from 1, the column in characters.
pub(crate) fn line_and_column(source: &str, at: usize) -> (u32, u32) {
    let end = (0..=at.min(source.len()))
        .rev()
        .find(|end| source.is_char_boundary(*end));
    let before = source.get(..end.unwrap_or_default()).unwrap_or_default();
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let column = before.get(line_start..).unwrap_or_default().chars().count() + 1;
    let narrow = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    (narrow(line), narrow(column))
}
