//! Steps whose mappings keep or cause something, or take their time: each parent has a turn of its
//! own, which its request and its response share.
//!
//! All parents of a level go side by side: their requests are sent together, and equal reads are sent
//! once. A mapping that takes longer than a worker may be held holds up nobody else.
//!
//! See: appsync.md 2.2, 2.3 (template versions), 2.5 (early return).

mod call;

use std::sync::Arc;

use crate::{
    json::{Object, Value, View},
    mapping::{
        Context, Mapping, MappingError, Outcome, Rendered, Stop, Turn, Yield, context::SourceFault,
    },
    resolver::{Answer, Answers, Failure, Inputs, effects, overrides, step::ResponseHead},
    source::{Reply, SourceError},
};

/// One execution of one resolver: one parent, with what its mappings keep.
#[derive(Debug)]
pub(super) struct Run<'a> {
    pub(super) parent: View<'a>,
    /// `$keys`: it stands for a chunk of a batch.
    keys: Option<View<'a>>,
    /// What the step before came to, in a pipeline.
    pub(super) prev: Option<Value>,
    turn: Turn,
}

/// What there is to see for a mapping, beside its caller.
#[derive(Debug, Clone, Copy)]
pub(super) enum Stage<'s> {
    /// Nothing has been asked yet.
    Request,
    /// The source has answered.
    Response(Option<&'s Reply>, Option<&'s SourceError>),
    /// All functions of a pipeline are through: what the last of them came to is the result.
    After,
}

/// What a mapping came to.
#[derive(Debug)]
pub(super) enum Shaped {
    /// Its value.
    Value(Value),
    /// It returned early.
    Returned { value: Value, to_end: bool },
}

/// How a step ended for a run.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) answer: Answer,
    /// Whether the other functions of the pipeline are skipped.
    pub(super) to_end: bool,
}

// === impl Run ===

impl<'a> Run<'a> {
    pub(super) fn new(parent: View<'a>) -> Self {
        Run {
            parent,
            keys: None,
            prev: None,
            turn: Turn::default(),
        }
    }

    /// For a chunk of a batch.
    pub(super) fn of_keys(keys: &'a Value) -> Self {
        Run {
            keys: Some(keys.view()),
            ..Run::new(View::NULL)
        }
    }

    /// What it keeps from mapping to mapping.
    pub(super) fn stash(&self) -> View<'_> {
        self.turn.stash.view()
    }

    /// Runs a mapping in this turn.
    pub(super) async fn shape(
        &mut self,
        mapping: &Mapping,
        inputs: Inputs<'_>,
        stage: Stage<'_>,
    ) -> Result<Shaped, Arc<Failure>> {
        let prev = self.prev.as_ref().map(Value::view);
        let (result, error) = match stage {
            Stage::Request => (Outcome::None, None),
            Stage::Response(reply, error) => (
                reply.map_or(Outcome::None, Outcome::from),
                error.map(SourceFault::from),
            ),
            Stage::After => (prev.map_or(Outcome::None, Outcome::Document), None),
        };
        let context = Context {
            prev,
            result,
            error,
            keys: self.keys,
            ..inputs.context(self.parent)
        };
        let failed = |error: MappingError| Arc::new(Failure::of(error, &inputs.info));
        let job = match mapping.run(&context, &mut self.turn) {
            Ok(yielded) => return Ok(Shaped::from(yielded)),
            Err(Stop::Error(error)) => return Err(failed(*error)),
            Err(Stop::Elsewhere(job)) => job,
        };
        let (yielded, turn) = job.finish().await;
        self.turn = turn;
        yielded.map(Shaped::from).map_err(|error| failed(*error))
    }

    /// Evaluates a key: of a batch, or of a cache.
    pub(super) fn key<'r>(
        &'r mut self,
        mapping: &'r Mapping,
        inputs: Inputs<'r>,
    ) -> Result<Rendered<'r>, Arc<Failure>> {
        let context = Context {
            prev: self.prev.as_ref().map(Value::view),
            ..inputs.context(self.parent)
        };
        match mapping.run(&context, &mut self.turn) {
            Ok(Yield::Value(rendered)) => Ok(rendered),
            Ok(Yield::Return { value, .. }) => Ok(Rendered::Built(value)),
            Err(Stop::Error(error)) => Err(Arc::new(Failure::of(*error, &inputs.info))),
            // Keys are trees, which never take their time.
            Err(Stop::Elsewhere(_)) => Ok(Rendered::Absent),
        }
    }

    /// Ends the turn: logs what it logged, notes what it caused, and hands back the errors it added.
    pub(super) fn settle(self, inputs: Inputs<'_>) -> Vec<Failure> {
        effects::settle(inputs, self.turn)
    }

    /// Puts the head of a route's answer on.
    pub(super) async fn dress(
        &mut self,
        head: Option<&ResponseHead>,
        body: Value,
        inputs: Inputs<'_>,
        stage: Stage<'_>,
    ) -> Answer {
        let Some(head) = head else {
            return Ok(body);
        };
        let mut answer = Object::default();
        for (name, mapping) in head.members() {
            match self.shape(mapping, inputs, stage).await? {
                Shaped::Value(value) | Shaped::Returned { value, .. } => {
                    if !value.view().is_null() {
                        answer.insert(Arc::from(name), value);
                    }
                }
            }
        }
        overrides::answer(&mut answer, self.turn.overrides.response.view());
        answer.insert(Arc::from("body"), body);
        Ok(Value::from(answer))
    }
}

/// One run for each of these parents.
pub(super) fn runs<'a>(parents: &[View<'a>]) -> Vec<Run<'a>> {
    parents.iter().map(|parent| Run::new(*parent)).collect()
}

/// Ends the turns of all runs: each has the answer of its place.
pub(super) fn settle_all(answers: &mut Answers, inputs: Inputs<'_>, runs: Vec<Run<'_>>) {
    for (index, run) in runs.into_iter().enumerate() {
        let appended = run.settle(inputs);
        answers.append(answers.places.of(index), appended);
    }
}

// === impl Shaped ===

impl From<Yield<'_>> for Shaped {
    fn from(yielded: Yield<'_>) -> Self {
        match yielded {
            Yield::Value(rendered) => Shaped::Value(rendered.into_value().unwrap_or_default()),
            Yield::Return { value, to_end } => Shaped::Returned { value, to_end },
        }
    }
}

// === impl Ended ===

impl Ended {
    fn with(answer: Answer) -> Self {
        Ended {
            answer,
            to_end: false,
        }
    }
}
