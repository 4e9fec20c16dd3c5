//! Subscribers who are told the same: one filter, one execution and one serialization an event,
//! however many they are.

use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures::FutureExt;
use indexmap::IndexMap;
use tokio::{sync::mpsc, task::yield_now, time::timeout};

use crate::{
    graphql::envelope,
    json::Document,
    observe,
    subscribe::{
        Envelope, Utf8Bytes,
        envelope::Frames,
        filter::{Enhanced, Filter},
        hub::{Notice, Overrun, Sink, Standing},
    },
};

/// How many events may wait for the answers before them.
pub(super) const WAITING: usize = 512;

/// After so many members others may have the processor.
const TURN: usize = 1024;

/// Subscribers who are told the same.
pub(super) struct Group<S> {
    number: u64,
    filter: Filter,
    /// What ends it; `None`: nothing does.
    invalidation: Option<Enhanced>,
    /// Not in `work`, so that the task, which has that, ends when the group is forgotten.
    events: mpsc::Sender<Arc<Document>>,
    work: Arc<Work<S>>,
}

/// What a group's task needs.
struct Work<S> {
    standing: S,
    api: Arc<str>,
    timeout: Duration,
    members: Mutex<Members>,
}

/// By number. Copied when it changes while somebody delivers.
type Members = Arc<IndexMap<u64, Arc<Member>>>;

/// One subscriber.
pub(super) struct Member {
    envelope: Envelope,
    /// `None`: it has unsubscribed. Locked while it is told something, so that afterwards it is not.
    sink: Mutex<Option<Sink>>,
}

// === impl Group ===

impl<S: Standing> Group<S> {
    /// A group without members, and its task.
    pub(super) fn open(number: u64, standing: S, api: &Arc<str>, timeout: Duration) -> Arc<Self> {
        let filter = Filter::of(standing.arguments(), standing.filter());
        // One that cannot be used has refused the subscription; it would match nothing.
        let invalidation = standing.invalidation();
        let invalidation =
            invalidation.map(|filter| Enhanced::parse(filter.view()).unwrap_or_default());
        let (events, queue) = mpsc::channel(WAITING);
        let work = Arc::new(Work {
            standing,
            api: Arc::clone(api),
            timeout,
            members: Mutex::default(),
        });
        tokio::spawn(Arc::clone(&work).run(queue));
        Arc::new(Group {
            number,
            filter,
            invalidation,
            events,
            work,
        })
    }

    /// Tells it from every other group of its hub.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// What its members want.
    pub(super) fn standing(&self) -> &S {
        &self.work.standing
    }

    /// Queues an event, if the group wants it. `false`: it wanted it and had no room.
    pub(super) fn offer(&self, payload: &Arc<Document>) -> bool {
        !self.filter.matches(payload.root()) || self.events.try_send(Arc::clone(payload)).is_ok()
    }

    /// Whether its members are to be ended by what a mutation said.
    pub(super) fn is_ended_by(&self, payload: &Arc<Document>) -> bool {
        let filter = self.invalidation.as_ref();
        filter.is_some_and(|filter| filter.matches(payload.root()))
    }

    /// Ends all members, and says how many there were. The group must have been forgotten, so that
    /// there will be no others. What waits for it is not answered.
    pub(super) async fn end(&self) -> u64 {
        let members = std::mem::take(&mut *self.work.members());
        for (index, member) in members.values().enumerate() {
            member.end();
            if index % TURN == TURN - 1 {
                yield_now().await;
            }
        }
        members.len() as u64
    }

    /// Adds a member.
    pub(super) fn insert(&self, number: u64, member: Arc<Member>) {
        Arc::make_mut(&mut self.work.members()).insert(number, member);
    }

    /// Removes a member, if it is there, and says how many are left.
    pub(super) fn remove(&self, number: u64) -> usize {
        self.work.remove(number)
    }
}

// === impl Work ===

impl<S: Standing> Work<S> {
    fn members(&self) -> MutexGuard<'_, Members> {
        self.members.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn remove(&self, number: u64) -> usize {
        let mut members = self.members();
        if members.contains_key(&number) {
            Arc::make_mut(&mut members).swap_remove(&number);
        }
        members.len()
    }

    /// Answers the events in their order.
    async fn run(self: Arc<Self>, mut events: mpsc::Receiver<Arc<Document>>) {
        while let Some(payload) = events.recv().await {
            if self.members().is_empty() {
                continue;
            }
            let outcome = match self.answer(&payload).await {
                Some(answer) => {
                    self.deliver(&answer).await;
                    "answered"
                }
                None => "failed",
            };
            let api = Arc::clone(&self.api);
            metrics::counter!(observe::EVENTS, "api" => api, "outcome" => outcome).increment(1);
        }
    }

    /// The whole answer to an event.
    async fn answer(&self, payload: &Arc<Document>) -> Option<String> {
        let answer = self.standing.answer(payload, envelope::begin());
        // A fault of our own must not leave the group deaf.
        let answer = AssertUnwindSafe(answer).catch_unwind();
        let executed = match timeout(self.timeout, answer).await {
            Ok(Ok(executed)) => executed,
            Ok(Err(_)) => return None,
            Err(_) => {
                tracing::warn!(api = &*self.api, "the answer to an event took too long");
                return None;
            }
        };
        String::from_utf8(envelope::end(executed)).ok()
    }

    async fn deliver(&self, answer: &str) {
        let members = Arc::clone(&self.members());
        let mut frames = Frames::new(answer);
        let mut delivered = 0;
        for (index, (&number, member)) in members.iter().enumerate() {
            match member.tell(frames.of(&member.envelope)) {
                Ok(()) => delivered += 1,
                Err(Overrun) => {
                    self.remove(number);
                    // What the sink held, such as the end of a stream, goes now.
                    member.silence();
                }
            }
            if index % TURN == TURN - 1 {
                yield_now().await;
            }
        }
        let api = Arc::clone(&self.api);
        metrics::counter!(observe::DELIVERIES, "api" => api).increment(delivered);
    }
}

// === impl Member ===

impl Member {
    pub(super) fn new(envelope: Envelope, sink: Sink) -> Self {
        Member {
            envelope,
            sink: Mutex::new(Some(sink)),
        }
    }

    fn tell(&self, text: Utf8Bytes) -> Result<(), Overrun> {
        let sink = self.sink.lock().unwrap_or_else(PoisonError::into_inner);
        sink.as_ref().ok_or(Overrun)?(Notice::Answer(text))
    }

    /// From now on it is told nothing.
    pub(super) fn silence(&self) {
        drop(self.take());
    }

    /// It is told that it is ended, and then nothing. Not under the lock: to be ended is to be
    /// dropped, which silences.
    fn end(&self) {
        if let Some(sink) = self.take() {
            // Who does not take this either is being disconnected.
            let _ = sink(Notice::End);
        }
    }

    fn take(&self) -> Option<Sink> {
        let mut sink = self.sink.lock().unwrap_or_else(PoisonError::into_inner);
        sink.take()
    }
}
