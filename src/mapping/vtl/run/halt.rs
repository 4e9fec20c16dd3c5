//! Why a program does not go on to the next node.

use crate::mapping::vtl::{
    compile::Span,
    error::{EvalError, EvalFault, Exceeded},
    value::Val,
};

/// What ends a block early: it travels up to whom it concerns.
#[derive(Debug)]
pub(super) enum Halt<T> {
    /// `#break`, for the innermost loop, macro or body.
    Break,
    /// `#stop`, for the template.
    Stop,
    /// `#return`, for the template.
    Return(Val),
    /// Something went wrong.
    Failed(Box<EvalError<T>>),
}

/// What running something comes to.
pub(super) type Flow<T, V = ()> = Result<V, Halt<T>>;

impl<T> Halt<T> {
    #[cold]
    pub(super) fn failed(span: Span, fault: EvalFault<T>) -> Self {
        let span = span.range();
        Halt::Failed(Box::new(EvalError { span, fault }))
    }

    #[cold]
    pub(super) fn bound(span: Span, exceeded: Exceeded) -> Self {
        Halt::failed(span, EvalFault::Bound(exceeded))
    }
}

/// Lets a `#break` end here.
pub(super) fn caught<T>(flow: Flow<T>) -> Flow<T> {
    match flow {
        Err(Halt::Break) => Ok(()),
        flow => flow,
    }
}
