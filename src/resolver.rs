//! What a field or a route is bound to: a step, or (later) a pipeline of steps.
//!
//! A resolver is run once for all the parents of a level. It knows neither GraphQL nor routes: it
//! is handed the parents and gives back one answer for each.

mod asked;
mod batch;
mod compile;
mod display;
mod step;

use std::{borrow::Cow, sync::Arc};

use crate::{
    cache::Stats,
    json::{Value, View},
    mapping::context::Info,
    request::Call,
    source::SourceError,
};

pub(crate) use asked::Asked;
pub(crate) use compile::{Bound, compile};
pub(crate) use step::Step;

/// What a field is bound to.
#[derive(Debug)]
pub(crate) enum Resolver {
    /// One call of one source.
    Step(Step),
}

/// What a resolver is told beside the parents: the same for all of them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Inputs<'a> {
    /// Who asks.
    pub(crate) call: &'a Call,
    /// The field's arguments.
    pub(crate) args: View<'a>,
    /// Which field this is.
    pub(crate) info: Info<'a>,
    /// What the operation has asked for so far.
    pub(crate) asked: &'a Asked,
}

/// One answer for each parent.
#[derive(Debug)]
pub(crate) struct Answers {
    /// The distinct answers.
    pub(crate) distinct: Vec<Answer>,
    /// Which of them belongs to which parent.
    pub(crate) places: Places,
}

/// What a resolver came to for a parent.
pub(crate) type Answer = Result<Value, Arc<Failure>>;

/// Which answer belongs to which parent.
#[derive(Debug)]
pub(crate) enum Places {
    /// The first to the first, the second to the second.
    InOrder,
    /// The first to all.
    Shared,
    /// By index.
    At(Vec<u32>),
}

/// Why a field has no value: what AppSync puts into an error beside path and location.
///
/// See: appsync.md 2.8, 2.9.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Failure {
    /// A sentence for the client.
    pub(crate) message: String,
    /// AppSync's name for the kind of error.
    pub(crate) error_type: Cow<'static, str>,
}

// === impl Resolver ===

impl Resolver {
    /// What its cache did, if it has one.
    pub(crate) fn cache_stats(&self) -> Option<Stats> {
        match self {
            Resolver::Step(step) => step.cache_stats(),
        }
    }

    /// Answers for all parents.
    pub(crate) async fn resolve(&self, inputs: Inputs<'_>, parents: &[View<'_>]) -> Answers {
        match self {
            Resolver::Step(step) => step.resolve(inputs, parents).await,
        }
    }
}

// === impl Places ===

impl Places {
    /// Which answer belongs to this parent.
    pub(crate) fn of(&self, parent: usize) -> usize {
        match self {
            Places::InOrder => parent,
            Places::Shared => 0,
            Places::At(places) => places[parent] as usize,
        }
    }
}

// === impl Failure ===

impl From<SourceError> for Failure {
    fn from(error: SourceError) -> Self {
        Failure {
            message: error.message,
            error_type: error.error_type,
        }
    }
}

impl From<crate::mapping::MappingError> for Failure {
    fn from(error: crate::mapping::MappingError) -> Self {
        Failure {
            message: error.to_string(),
            error_type: Cow::Borrowed("MappingTemplate"),
        }
    }
}
