//! Several calls of sources, one after the other: before, functions, after.
//!
//! All parents of a level go through it in step, so that each function's requests go out together.
//! Each parent has its own turn, result so far, and end: one that fails or returns early holds up no
//! other.
//!
//! See: appsync.md 2.2 (data flow), 2.4 (`#return`), 2.5 (`runtime.earlyReturn`).

use std::sync::Arc;

use futures::future::join_all;
use tracing::Instrument;

use crate::{
    cache::Stats,
    json::View,
    mapping::Mapping,
    resolver::{
        Answer, Answers, Inputs,
        memory::{Fetch, Memory},
        step::{ResponseHead, Step},
        turns::{self, Run, Shaped, Stage},
    },
};

/// What a pipeline is made of.
#[derive(Debug)]
pub(crate) struct Pipeline {
    /// What runs before the functions; its value is the previous result of the first.
    pub(super) before: Option<Mapping>,
    /// What becomes of what `before` returns early.
    pub(super) shortcut: Shortcut,
    /// The functions, in their order.
    pub(super) functions: Vec<Arc<Step>>,
    /// What runs after them; without it the answer is what the last of them came to.
    pub(super) after: Option<Mapping>,
    /// What makes the answer one with a head.
    pub(super) head: Option<ResponseHead>,
    pub(super) cache: Option<Memory>,
}

/// What becomes of what is returned before the functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shortcut {
    /// It is the answer, as a template's is.
    Answers,
    /// It is handed to what runs after the functions, as a module's is.
    SkipsFunctions,
}

/// How far a run has come.
#[derive(Debug)]
enum Progress {
    /// The next function is for it.
    Running,
    /// The functions that are left are not for it.
    AtEnd,
    /// It has its answer.
    Done(Answer),
}

impl Pipeline {
    pub(super) fn cache_stats(&self) -> Option<Stats> {
        self.cache.as_ref().map(Memory::stats)
    }

    pub(super) fn evict(&self, keys: View<'_>) -> bool {
        self.cache.as_ref().is_some_and(|it| it.evict(keys))
    }

    /// All that shapes its requests and answers.
    pub(super) fn mappings(&self) -> impl Iterator<Item = &Mapping> {
        let keys = self.cache.iter().flat_map(|cache| &cache.keys).flatten();
        let functions = self.functions.iter().flat_map(|step| step.mappings());
        let around = self.before.iter().chain(&self.after);
        around.chain(functions).chain(keys)
    }

    /// Answers for all parents.
    pub(super) async fn resolve(&self, inputs: Inputs<'_>, parents: &[View<'_>]) -> Answers {
        match &self.cache {
            Some(memory) => memory.resolve(self, inputs, parents).await,
            None => self.fetch(inputs, parents).await,
        }
    }

    async fn begin(&self, inputs: Inputs<'_>, run: &mut Run<'_>) -> Progress {
        let Some(before) = &self.before else {
            return Progress::Running;
        };
        match run.shape(before, inputs, Stage::Request).await {
            Ok(Shaped::Value(value)) => {
                run.prev = Some(value);
                Progress::Running
            }
            Ok(Shaped::Returned { value, .. }) => match self.shortcut {
                Shortcut::SkipsFunctions => {
                    run.prev = Some(value);
                    Progress::AtEnd
                }
                Shortcut::Answers => {
                    let head = self.head.as_ref();
                    Progress::Done(run.dress(head, value, inputs, Stage::After).await)
                }
            },
            Err(failure) => Progress::Done(Err(failure)),
        }
    }

    /// Runs a function for all that have come so far.
    async fn step(
        &self,
        function: &Step,
        inputs: Inputs<'_>,
        runs: &mut [Run<'_>],
        progress: &mut [Progress],
    ) {
        let at = runs.iter_mut().zip(progress);
        let at = at.filter(|(_, progress)| matches!(progress, Progress::Running));
        let (mut active, places): (Vec<&mut Run<'_>>, Vec<&mut Progress>) = at.unzip();
        if active.is_empty() {
            return;
        }
        let span = tracing::debug_span!("step", source = &*function.source_name);
        let ended = function.run_function(inputs, &mut active);
        let ended = ended.instrument(span).await;
        for ((run, progress), ended) in active.into_iter().zip(places).zip(ended) {
            match ended.answer {
                Ok(value) => {
                    run.prev = Some(value);
                    if ended.to_end {
                        *progress = Progress::AtEnd;
                    }
                }
                Err(failure) => *progress = Progress::Done(Err(failure)),
            }
        }
    }

    async fn end(&self, inputs: Inputs<'_>, run: &mut Run<'_>, progress: Progress) -> Answer {
        if let Progress::Done(answer) = progress {
            return answer;
        }
        let value = match &self.after {
            None => run.prev.clone().unwrap_or_default(),
            Some(after) => match run.shape(after, inputs, Stage::After).await? {
                Shaped::Value(value) | Shaped::Returned { value, .. } => value,
            },
        };
        let head = self.head.as_ref();
        run.dress(head, value, inputs, Stage::After).await
    }
}

impl Fetch for Pipeline {
    async fn fetch(&self, inputs: Inputs<'_>, parents: &[View<'_>]) -> Answers {
        let mut runs = turns::runs(parents);
        let begun = runs.iter_mut().map(|run| self.begin(inputs, run));
        let mut progress: Vec<Progress> = join_all(begun).await;
        for function in &self.functions {
            self.step(function, inputs, &mut runs, &mut progress).await;
        }
        let ended = runs.iter_mut().zip(progress);
        let ended = ended.map(|(run, progress)| self.end(inputs, run, progress));
        let ended: Vec<Answer> = join_all(ended).await;
        let mut answers = Answers::in_order(ended);
        turns::settle_all(&mut answers, inputs, runs);
        answers
    }
}
