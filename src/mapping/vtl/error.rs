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
    #[error("expected a number or a quoted text")]
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

/// Why a reference has no text or a method no result, and where it stands.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{fault}")]
pub(crate) struct EvalError {
    /// Where the reference begins, in bytes.
    pub(crate) at: usize,
    /// What happened.
    pub(crate) fault: EvalFault,
}

/// What goes wrong while a template runs. Names the reference as it was written.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub(crate) enum EvalFault {
    #[error("`{written}` has no value; write `$!{{{bare}}}` where it may be missing")]
    Missing { written: String, bare: String },
    #[error("`{written}`: `{method}` needs {expected}")]
    Receiver {
        written: String,
        method: &'static str,
        expected: &'static str,
    },
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
            Fault::ExpectedName(_) => "write `\\$` for a `$` that is meant as text",
            Fault::TooLong
            | Fault::TooManySegments
            | Fault::TooDeep
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
