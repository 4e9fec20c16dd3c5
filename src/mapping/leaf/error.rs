//! What goes wrong while a leaf is rendered.

/// Why a reference has no text or a method no result, and where it stands.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{fault}")]
pub(crate) struct EvalError {
    /// Where the reference begins, in bytes.
    pub(crate) at: usize,
    /// What happened.
    pub(crate) fault: EvalFault,
}

/// What goes wrong while a leaf is rendered. Names the reference as it was written.
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
