//! Reads of concurrent callers that become one call.
//!
//! A GraphQL operation has its levels, on which many parents are one call already. A route or an
//! event asks for one thing; here it meets its neighbours. Two kinds of reads are joined:
//!
//! - requests to a source that makes one call of many reads: each caller has its own reply, and
//!   equal requests are made once;
//! - the keys of a step with `batch`, when neither of its mappings reads anything of the caller:
//!   each caller has the items of its own key.
//!
//! Nothing else is. What a caller may see was decided by the guard before it came here, and what is
//! asked in the name of one caller is never answered to another.
//!
//! There is no timer. Who comes first opens a round; others join while everything that is ready to
//! run on the runtime gets its turn, which is how [`dataloader`] waits. Then the round is closed and
//! asked for, and whoever comes now opens the next, so that a read is never answered with what was
//! true before it was made. A round has a loader of its own, because a loader keeps what it has
//! seen, and lets one call run at a time.
//!
//! Rounds are run by tasks of their own: a caller that goes away takes no one's answer with it.

use std::{
    collections::HashMap,
    fmt,
    hash::{Hash, Hasher},
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

use dataloader::{BatchFn, cached::Loader};
use futures::future::BoxFuture;

use crate::{
    json::{Value, View},
    mapping::{Mapping, context::Info},
    observe,
    request::Call,
    resolver::{Answer, Asked, Failure, Inputs, step::Step},
    source::{Reply, Source, SourceError},
};

/// Most requests of one call to a source that joins reads.
const MAX_READS: usize = 100;

/// How often a round lets everything else that is ready run before it is asked for.
const TURNS: usize = 2;

/// What a step's concurrent callers ask for together.
#[derive(Debug)]
pub(crate) struct Joined {
    step: Weak<Step>,
    /// Whether its keys are all that the step reads of its caller.
    joins_keys: bool,
    reads: Rounds<Reads>,
    keys: Rounds<Keys>,
}

/// One thing that is asked for, known by its text.
#[derive(Clone)]
pub(super) struct Wanted {
    text: Arc<[u8]>,
    value: Value,
}

/// How the things of a round are asked for.
trait Ask: Send + Sync + 'static {
    type Answer: Clone + Send + Sync + 'static;

    /// Asks for all of them: one answer each, in their order.
    fn ask<'a>(&'a self, wanted: &'a [Wanted]) -> BoxFuture<'a, Vec<Self::Answer>>;
}

/// Requests to a source.
struct Reads(Arc<dyn Source>);

/// Keys of a batch. The call is that of whoever opened the round; nothing reads it.
struct Keys {
    step: Arc<Step>,
    call: Call,
    /// The variables of the api: the same for all.
    env: Value,
}

/// The round that can be joined now, if there is one.
struct Rounds<A: Ask> {
    open: Open<A>,
}

/// Where a round can be found as long as it can be joined.
type Open<A> = Arc<Mutex<Option<Arc<Round<A>>>>>;

type Round<A> = Loader<Wanted, <A as Ask>::Answer, Opened<A>>;

/// What a round does when it is asked for.
struct Opened<A: Ask> {
    ask: A,
    open: Open<A>,
}

// === impl Joined ===

impl Joined {
    /// Nothing is asked for yet. The mappings are those of the step.
    pub(super) fn new(step: Weak<Step>, request: &Mapping, response: Option<&Mapping>) -> Self {
        let is_neutral = |mapping: &Mapping| {
            let reads = mapping.reads();
            mapping.caller_reads().is_empty() && !(reads.args || reads.source || reads.info)
        };
        Joined {
            step,
            joins_keys: is_neutral(request) && response.is_none_or(is_neutral),
            reads: Rounds::default(),
            keys: Rounds::default(),
        }
    }

    /// Whether the keys of a batch may be fetched together with those of others.
    pub(super) fn joins_keys(&self) -> bool {
        self.joins_keys
    }

    /// Makes a read, together with those of others. The source must join reads.
    pub(super) async fn read(
        &self,
        source: &Arc<dyn Source>,
        request: &Value,
    ) -> Result<Reply, SourceError> {
        let mut text = Vec::with_capacity(64);
        request.view().write(&mut text);
        let wanted = Wanted::new(text, request.clone());
        let reads = || Reads(Arc::clone(source));
        let reply = self.reads.ask(wanted, MAX_READS, reads).await;
        reply.unwrap_or_else(|| Err(SourceError::no_answer()))
    }

    /// Fetches the items of a key, together with those of others.
    pub(super) async fn fetch(
        &self,
        inputs: Inputs<'_>,
        text: &str,
        key: &Value,
        max: usize,
    ) -> Answer {
        let no_answer = || Err(Arc::new(Failure::from(SourceError::no_answer())));
        let Some(step) = self.step.upgrade() else {
            return no_answer();
        };
        let keys = || Keys {
            step,
            call: inputs.call.clone(),
            env: inputs.env.to_value(),
        };
        let wanted = Wanted::new(text.as_bytes().to_vec(), key.clone());
        let answer = self.keys.ask(wanted, max, keys).await;
        answer.unwrap_or_else(no_answer)
    }
}

// === impl Rounds ===

impl<A: Ask> Rounds<A> {
    /// Joins the open round, or opens one. `None`: asking panicked.
    async fn ask(&self, wanted: Wanted, max: usize, ask: impl FnOnce() -> A) -> Option<A::Answer> {
        let round = self.round(max, ask);
        let loading = tokio::spawn(async move { round.try_load(wanted).await });
        loading.await.ok()?.ok()
    }

    fn round(&self, max: usize, ask: impl FnOnce() -> A) -> Arc<Round<A>> {
        let mut open = lock(&self.open);
        if let Some(round) = &*open {
            metrics::counter!(observe::JOINED_READS).increment(1);
            return Arc::clone(round);
        }
        let opened = Opened {
            ask: ask(),
            open: Arc::clone(&self.open),
        };
        let round = Loader::new(opened)
            .with_max_batch_size(max)
            .with_yield_count(TURNS);
        let round = Arc::new(round);
        *open = Some(Arc::clone(&round));
        round
    }
}

impl<A: Ask> Default for Rounds<A> {
    fn default() -> Self {
        Rounds {
            open: Arc::default(),
        }
    }
}

impl<A: Ask> fmt::Debug for Rounds<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rounds").finish_non_exhaustive()
    }
}

// === impl Opened ===

impl<A: Ask> BatchFn<Wanted, A::Answer> for Opened<A> {
    async fn load(&mut self, wanted: &[Wanted]) -> HashMap<Wanted, A::Answer> {
        // From now on others open a new round. If it is the next one already that is closed here,
        // because somebody joined this one late, a call is made more; nothing else.
        drop(lock(&self.open).take());
        let answers = self.ask.ask(wanted).await;
        wanted.iter().cloned().zip(answers).collect()
    }
}

// === impl Ask ===

impl Ask for Reads {
    type Answer = Result<Reply, SourceError>;

    fn ask<'a>(&'a self, wanted: &'a [Wanted]) -> BoxFuture<'a, Vec<Self::Answer>> {
        Box::pin(async move {
            let requests: Vec<Value> = wanted.iter().map(|one| one.value.clone()).collect();
            self.0.send(&requests).await
        })
    }
}

impl Ask for Keys {
    type Answer = Answer;

    fn ask<'a>(&'a self, wanted: &'a [Wanted]) -> BoxFuture<'a, Vec<Answer>> {
        Box::pin(async move {
            let Some(batch) = &self.step.batch else {
                return Vec::new();
            };
            let keys: Vec<_> = wanted
                .iter()
                .map(|one| (String::from_utf8_lossy(&one.text), one.value.clone()))
                .collect();
            batch
                .ask(&self.step, self.inputs(&Asked::default()), &keys)
                .await
        })
    }
}

impl Keys {
    /// What the mappings are handed beside the keys: they read none of it.
    fn inputs<'a>(&'a self, asked: &'a Asked) -> Inputs<'a> {
        Inputs {
            call: &self.call,
            args: View::NULL,
            connection: None,
            body: View::NULL,
            info: Info {
                field_name: "",
                parent_type_name: "",
                variables: View::NULL,
                selection: None,
            },
            env: self.env.view(),
            asked,
            // Joined here already.
            alone: false,
        }
    }
}

// === impl Wanted ===

impl Wanted {
    fn new(text: Vec<u8>, value: Value) -> Self {
        Wanted {
            text: text.into(),
            value,
        }
    }
}

impl PartialEq for Wanted {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Wanted {}

impl Hash for Wanted {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

/// The loader puts it into an error that nobody sees; what a client sent stays out of it anyway.
impl fmt::Debug for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wanted").finish_non_exhaustive()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
