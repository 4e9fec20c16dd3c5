//! What a field or a route is bound to: a step, or a pipeline of steps.
//!
//! A resolver is run once for all the parents of a level. It knows neither GraphQL nor routes: it
//! is handed the parents and gives back one answer for each.

mod step;
mod turns;

mod batch;
mod joined;
mod memory;
mod overrides;
mod pipeline;

mod asked;
mod effects;
mod failure;

mod compile;
mod display;

use std::sync::Arc;

use tracing::Instrument;

use crate::{
    cache::Stats,
    json::{Value, View},
    mapping::{
        ConnectionView, Context, Outcome, Reads,
        context::{Caller, Info},
    },
    request::Call,
};

pub(crate) use asked::Asked;
pub(crate) use compile::{Bound, compile, compile_route};
pub(crate) use effects::Effects;
pub(crate) use failure::{Failure, unauthorized_message};
pub(crate) use step::Step;

use pipeline::Pipeline;

/// What a field is bound to.
#[derive(Debug)]
pub(crate) enum Resolver {
    /// One call of one source.
    Step(Arc<Step>),
    /// Several, one after the other.
    Pipeline(Box<Pipeline>),
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
    /// `$ctx.env`, `$stageVariables`: the variables of the api.
    pub(crate) env: View<'a>,
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
    /// Errors that stand beside an answer, by its place among the distinct ones and in that order.
    pub(crate) appended: Vec<(u32, Arc<Failure>)>,
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

// === impl Resolver ===

impl Resolver {
    /// What its cache did, if it has one.
    pub(crate) fn cache_stats(&self) -> Option<Stats> {
        match self {
            Resolver::Step(step) => step.cache_stats(),
            Resolver::Pipeline(pipeline) => pipeline.cache_stats(),
        }
    }

    /// Whether any of its mappings reads a part of the context.
    pub(crate) fn reads(&self, part: impl Fn(Reads) -> bool) -> bool {
        match self {
            Resolver::Step(step) => step.mappings().any(|mapping| part(mapping.reads())),
            Resolver::Pipeline(pipeline) => {
                pipeline.mappings().any(|mapping| part(mapping.reads()))
            }
        }
    }

    /// Forgets what is remembered under these values of its cache's keys, and says whether there was
    /// something.
    pub(crate) fn evict(&self, keys: View<'_>) -> bool {
        match self {
            Resolver::Step(step) => step.cache.as_ref().is_some_and(|it| it.evict(keys)),
            Resolver::Pipeline(pipeline) => pipeline.evict(keys),
        }
    }

    /// Whether its answers are `{ statusCode, headers, body }`.
    pub(crate) fn has_head(&self) -> bool {
        match self {
            Resolver::Step(step) => step.head.is_some(),
            Resolver::Pipeline(pipeline) => pipeline.head.is_some(),
        }
    }

    /// Answers for all parents.
    pub(crate) async fn resolve(&self, inputs: Inputs<'_>, parents: &[View<'_>]) -> Answers {
        match self {
            Resolver::Step(step) => {
                let span = tracing::debug_span!("step", source = &*step.source_name);
                step.resolve(inputs, parents).instrument(span).await
            }
            // Boxed, so that steps are not as large as what they never are.
            Resolver::Pipeline(pipeline) => {
                let span = tracing::debug_span!("pipeline");
                Box::pin(pipeline.resolve(inputs, parents).instrument(span)).await
            }
        }
    }

    /// Answers where there is no parent: a route, or an event. Nobody is shown the errors that stand
    /// beside the answer; they are logged.
    pub(crate) async fn resolve_one(&self, inputs: Inputs<'_>) -> Answer {
        let answers = self.resolve(inputs, &[View::NULL]).await;
        for (_, failure) in &answers.appended {
            let (field, error_type) = (inputs.info.field_name, failure.kind());
            tracing::warn!(field, error_type, "a mapping added an error: {failure}");
        }
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

// === impl Inputs ===

impl<'a> Inputs<'a> {
    /// The context of a request mapping for one parent.
    fn context(&self, parent: View<'a>) -> Context<'a> {
        Context {
            caller: Caller::Call(self.call),
            args: self.args,
            source: parent,
            prev: None,
            stash: View::NULL,
            error: None,
            env: self.env,
            result: Outcome::None,
            keys: None,
            body: self.body,
            connection: self.connection,
            info: self.info,
        }
    }
}

// === impl Answers ===

impl Answers {
    /// One answer for all parents.
    pub(crate) fn shared(answer: Answer) -> Self {
        Answers::new(vec![answer], Places::Shared)
    }

    /// One answer for each parent, in their order.
    fn in_order(answers: Vec<Answer>) -> Self {
        Answers::new(answers, Places::InOrder)
    }

    fn new(distinct: Vec<Answer>, places: Places) -> Self {
        Answers {
            distinct,
            places,
            appended: Vec::new(),
        }
    }

    /// The errors that stand beside an answer, by its place among the distinct ones.
    pub(crate) fn beside(&self, answer: usize) -> impl Iterator<Item = &Arc<Failure>> {
        let from = self.appended.partition_point(|it| (it.0 as usize) < answer);
        let beside = self.appended[from..].iter();
        beside
            .take_while(move |it| it.0 as usize == answer)
            .map(|(_, failure)| failure)
    }

    /// Puts errors beside an answer; those before it have theirs already.
    fn append(&mut self, answer: usize, failures: Vec<Failure>) {
        let place = u32::try_from(answer).unwrap_or(u32::MAX);
        let failures = failures.into_iter().map(Arc::new);
        self.appended
            .extend(failures.map(|failure| (place, failure)));
    }
}

#[cfg(test)]
pub(crate) mod tests;
