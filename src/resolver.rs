//! What a field or a route is bound to: a step, or (later) a pipeline of steps.
//!
//! A resolver is run once for all the parents of a level. It knows neither GraphQL nor routes: it
//! is handed the parents and gives back one answer for each.

mod asked;
mod batch;
mod compile;
mod display;
mod joined;
mod step;

use std::{borrow::Cow, sync::Arc};

use tracing::Instrument;

use crate::{
    cache::Stats,
    json::{Value, View},
    mapping::{ConnectionView, Reads, context::Info},
    request::Call,
    source::SourceError,
};

pub(crate) use asked::Asked;
pub(crate) use compile::{Bound, compile, compile_route};
pub(crate) use step::Step;

/// What a field is bound to.
#[derive(Debug)]
pub(crate) enum Resolver {
    /// One call of one source.
    Step(Arc<Step>),
}

/// What a resolver is told beside the parents: the same for all of them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Inputs<'a> {
    /// Who asks.
    pub(crate) call: &'a Call,
    /// The field's arguments; the parameters of a route's path and query.
    pub(crate) args: View<'a>,
    /// What the client sent to a route; null below a GraphQL field.
    pub(crate) body: View<'a>,
    /// The connection that a message came over, below a route of a WebSocket api.
    pub(crate) connection: Option<ConnectionView<'a>>,
    /// Which field or route this is.
    pub(crate) info: Info<'a>,
    /// What the operation has asked for so far.
    pub(crate) asked: &'a Asked,
    /// Whether the caller asks for one thing, as a route or an event does: then it may be asked for
    /// together with what concurrent callers want. A GraphQL operation has its levels instead.
    pub(crate) alone: bool,
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

    /// Whether any of its mappings reads a part of the context.
    pub(crate) fn reads(&self, part: impl Fn(Reads) -> bool) -> bool {
        match self {
            Resolver::Step(step) => step.mappings().any(|mapping| part(mapping.reads())),
        }
    }

    /// Answers for all parents.
    pub(crate) async fn resolve(&self, inputs: Inputs<'_>, parents: &[View<'_>]) -> Answers {
        match self {
            Resolver::Step(step) => {
                let span = tracing::debug_span!("step", source = &*step.source_name);
                step.resolve(inputs, parents).instrument(span).await
            }
        }
    }

    /// Answers where there is no parent: a route, or an event.
    pub(crate) async fn resolve_one(&self, inputs: Inputs<'_>) -> Answer {
        let answers = self.resolve(inputs, &[View::NULL]).await;
        let place = answers.places.of(0);
        let answer = answers.distinct.into_iter().nth(place);
        answer.expect("every parent has an answer")
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
