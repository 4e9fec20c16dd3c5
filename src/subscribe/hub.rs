//! The subscribers of one api: who is told of what.
//!
//! The hub listens at the broker to the events of a mutation field while somebody wants them. One
//! task takes the events in their order and offers each to the groups that want the field; a group
//! whose filter lets it pass queues it, and a task of the group's own executes and delivers. A group
//! that is slow holds up nobody else, and whoever subscribes once is told in order.
//!
//! What a mutation asks to end travels the same way, on a topic of each subscription field, and in its
//! order among the events: who is ended is told of nothing that came after. Groups whose invalidation
//! filter matches are forgotten at once, with what waits for them.
//!
//! Each deployment has its own hub. When a deployment is replaced, its subscribers stay with it and
//! hear what the new one publishes: topics bear the name of the api alone.
//!
//! What is lost, and it is counted: the newest event, when 1024 wait for the hub or 64 for a group.

use std::{
    collections::HashMap,
    fmt,
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use indexmap::IndexMap;
use tokio::{sync::mpsc, task::yield_now};

use crate::{
    cluster::{Broker, Ear, Heard, Listening, ear},
    graphql::{Event, Executed, Invalidation, Subscription},
    json::{Document, Value},
    observe,
    subscribe::{
        Envelope, Utf8Bytes,
        group::{Group, Member},
    },
};

/// How many events may wait to be offered to the groups.
const WAITING: usize = 1024;

/// After so many groups others may have the processor.
const TURN: usize = 1024;

/// What a subscriber wants to be told of each event. There is one besides [`Subscription`], for
/// tests.
pub(crate) trait Standing: Send + Sync + 'static {
    /// The field of the subscription type.
    fn field(&self) -> &Arc<str>;

    /// The mutation fields whose events it wants.
    fn mutations(&self) -> &[Arc<str>];

    /// The arguments that were given.
    fn arguments(&self) -> &Value;

    /// The filter that stands in the place of the arguments, if one was set.
    fn filter(&self) -> Option<&Value> {
        None
    }

    /// The filter of what ends it, if one was set: nothing else does.
    fn invalidation(&self) -> Option<&Value> {
        None
    }

    /// Equal for two that are answered with the same bytes, want the same events and end together.
    fn key(&self) -> &Arc<[u8]>;

    /// The answer to one event.
    fn answer(
        &self,
        payload: &Arc<Document>,
        out: Vec<u8>,
    ) -> impl Future<Output = Executed> + Send;
}

/// What a subscriber is told.
#[derive(Debug)]
pub(crate) enum Notice {
    /// The answer to an event, wrapped in the envelope.
    Answer(Utf8Bytes),
    /// A mutation has ended the subscription: nothing comes after this.
    End,
}

/// Takes what a subscriber is told, and never waits.
pub(crate) type Sink = Box<dyn Fn(Notice) -> Result<(), Overrun> + Send + Sync>;

/// The subscriber reads too slowly, or is gone: it is told nothing more.
#[derive(Debug)]
pub(crate) struct Overrun;

/// The subscribers of one api.
pub(crate) struct Hub<S: Standing = Subscription> {
    shared: Arc<Shared<S>>,
}

/// Keeps one subscriber subscribed. After it is dropped, its sink is not called any more.
pub(crate) struct Membership<S: Standing = Subscription> {
    shared: Arc<Shared<S>>,
    group: Arc<Group<S>>,
    member: Arc<Member>,
    number: u64,
}

struct Shared<S: Standing> {
    api: Arc<str>,
    broker: Arc<dyn Broker>,
    /// How long the answer to one event may take.
    timeout: Duration,
    state: Mutex<State<S>>,
}

struct State<S: Standing> {
    /// There is one while there are groups.
    hearing: Option<Hearing>,
    topics: HashMap<Arc<str>, Topic<S>>,
    groups: HashMap<Arc<[u8]>, Arc<Group<S>>>,
    /// How many groups and members there ever were: it numbers them.
    count: u64,
}

/// Hears the events. Numbered, because the one before may still hold some.
struct Hearing {
    number: u64,
    ear: Ear,
}

struct Topic<S: Standing> {
    subject: Subject,
    groups: Groups<S>,
    _listening: Listening,
}

/// What the messages of a topic are.
#[derive(Debug, Clone, Copy)]
enum Subject {
    /// Values of a mutation field.
    Events,
    /// What invalidation filters are asked about.
    Invalidations,
}

/// The groups of a topic, by number. Copied when it changes while events are being offered.
type Groups<S> = Arc<IndexMap<u64, Arc<Group<S>>>>;

// === impl Hub ===

impl<S: Standing> Hub<S> {
    /// A hub without subscribers, for the api of this name. An event that takes longer than
    /// `timeout` to answer is not answered.
    pub(crate) fn new(api: &str, broker: &Arc<dyn Broker>, timeout: Duration) -> Self {
        Hub {
            shared: Arc::new(Shared {
                api: Arc::from(api),
                broker: Arc::clone(broker),
                timeout,
                state: Mutex::default(),
            }),
        }
    }

    /// Tells all who subscribed, to this deployment or to another one of the api, what an execution
    /// caused. Never waits.
    pub(crate) fn publish(&self, events: &[Event]) {
        for event in events {
            self.shared.count_event("published");
            let topic = self.shared.topic(&event.field);
            self.shared.broker.publish(&topic, event.payload.clone());
        }
    }

    /// Ends the subscriptions whose invalidation filters match what a mutation said, whichever
    /// deployment of the api they began with. Never waits.
    pub(crate) fn invalidate(&self, invalidation: Invalidation) {
        let topic = self.shared.ending_topic(&invalidation.field);
        self.shared.broker.publish(&topic, invalidation.payload);
    }

    /// Subscribes: `sink` is handed the answer to each event, wrapped in the envelope. It is not
    /// called under a lock when the subscription is ended.
    ///
    /// Must be called on the runtime; it starts the tasks that are needed.
    pub(crate) fn join(&self, standing: S, envelope: Envelope, sink: Sink) -> Membership<S> {
        let shared = &self.shared;
        let member = Arc::new(Member::new(envelope, sink));
        let mut state = shared.lock();
        let group = match state.groups.get(standing.key()) {
            Some(group) => Arc::clone(group),
            None => state.open(shared, standing),
        };
        let number = state.number();
        group.insert(number, Arc::clone(&member));
        drop(state);
        metrics::gauge!(observe::SUBSCRIPTIONS, "api" => Arc::clone(&shared.api)).increment(1.0);
        Membership {
            shared: Arc::clone(shared),
            group,
            member,
            number,
        }
    }
}

impl<S: Standing> fmt::Debug for Hub<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let groups = self.shared.lock().groups.len();
        f.debug_struct("Hub").field("groups", &groups).finish()
    }
}

// === impl Membership ===

impl<S: Standing> Drop for Membership<S> {
    fn drop(&mut self) {
        self.shared.leave(&self.group, self.number);
        self.member.silence();
        let api = Arc::clone(&self.shared.api);
        metrics::gauge!(observe::SUBSCRIPTIONS, "api" => api).decrement(1.0);
    }
}

impl<S: Standing> fmt::Debug for Membership<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Membership").field(&self.number).finish()
    }
}

// === impl Shared ===

impl<S: Standing> Shared<S> {
    /// No code that may fail runs under the lock.
    fn lock(&self) -> MutexGuard<'_, State<S>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn topic(&self, field: &str) -> Arc<str> {
        format!("{}/{field}", self.api).into()
    }

    /// Where a subscription field hears of what ends. No mutation field has such a name.
    fn ending_topic(&self, field: &str) -> Arc<str> {
        format!("{}/end:{field}", self.api).into()
    }

    /// All that a group listens to.
    fn topics(&self, standing: &S) -> impl Iterator<Item = (Arc<str>, Subject)> {
        let events = standing.mutations().iter();
        let events = events.map(|mutation| (self.topic(mutation), Subject::Events));
        let ending = standing.invalidation().is_some();
        let ending = ending.then(|| self.ending_topic(standing.field()));
        events.chain(ending.map(|topic| (topic, Subject::Invalidations)))
    }

    fn count_event(&self, outcome: &'static str) {
        let api = Arc::clone(&self.api);
        metrics::counter!(observe::EVENTS, "api" => api, "outcome" => outcome).increment(1);
    }

    fn leave(&self, group: &Arc<Group<S>>, number: u64) {
        let mut state = self.lock();
        if group.remove(number) > 0 {
            return;
        }
        let closed = state.close(self, group);
        drop(state);
        // To stop listening is the broker's business, and it has locks of its own.
        drop(closed);
    }

    /// Hands the groups what they listen to, until nobody listens any more.
    async fn distribute(self: Arc<Self>, hearing: u64, mut heard: mpsc::Receiver<Heard>) {
        while let Some(Heard { topic, message }) = heard.recv().await {
            let Some((subject, groups)) = self.groups_of(&topic, hearing) else {
                continue;
            };
            let Ok(payload) = Document::parse(message) else {
                tracing::error!(api = &*self.api, topic = &*topic, "a message is no JSON");
                self.count_event("failed");
                continue;
            };
            for (index, group) in groups.values().enumerate() {
                match subject {
                    Subject::Events if group.offer(&payload) => {}
                    Subject::Events => self.count_event("lost"),
                    Subject::Invalidations if group.is_ended_by(&payload) => self.end(group).await,
                    Subject::Invalidations => {}
                }
                if index % TURN == TURN - 1 {
                    yield_now().await;
                }
            }
        }
    }

    /// Ends a group. It is forgotten first: whoever subscribes from now on begins another one.
    async fn end(&self, group: &Arc<Group<S>>) {
        let closed = self.lock().close(self, group);
        drop(closed);
        let ended = group.end().await;
        let api = Arc::clone(&self.api);
        metrics::counter!(observe::SUBSCRIPTIONS_ENDED, "api" => api).increment(ended);
    }

    /// What an ear still holds that was given up is for nobody: those who came since have an ear of
    /// their own, and are told in order.
    fn groups_of(&self, topic: &str, hearing: u64) -> Option<(Subject, Groups<S>)> {
        let state = self.lock();
        state.hearing.as_ref().filter(|it| it.number == hearing)?;
        let topic = state.topics.get(topic)?;
        Some((topic.subject, Arc::clone(&topic.groups)))
    }
}

// === impl State ===

impl<S: Standing> Default for State<S> {
    fn default() -> Self {
        State {
            hearing: None,
            topics: HashMap::new(),
            groups: HashMap::new(),
            count: 0,
        }
    }
}

impl<S: Standing> State<S> {
    fn number(&mut self) -> u64 {
        self.count += 1;
        self.count
    }

    /// A new group, which hears of its topics from now on.
    fn open(&mut self, shared: &Arc<Shared<S>>, standing: S) -> Arc<Group<S>> {
        let number = self.number();
        let group = Group::open(number, standing, &shared.api, shared.timeout);
        let hearing = self.hearing.get_or_insert_with(|| {
            let (ear, heard) = ear(WAITING);
            tokio::spawn(Arc::clone(shared).distribute(number, heard));
            Hearing { number, ear }
        });
        for (name, subject) in shared.topics(group.standing()) {
            let topic = self.topics.entry(name).or_insert_with_key(|name| Topic {
                subject,
                groups: Arc::default(),
                _listening: shared.broker.listen(name, &hearing.ear),
            });
            Arc::make_mut(&mut topic.groups).insert(number, Arc::clone(&group));
        }
        let key = Arc::clone(group.standing().key());
        self.groups.insert(key, Arc::clone(&group));
        group
    }

    /// Forgets a group without members; what is returned is to be dropped. Nothing, when it was
    /// forgotten before.
    fn close(
        &mut self,
        shared: &Shared<S>,
        group: &Arc<Group<S>>,
    ) -> Option<(Vec<Topic<S>>, Option<Hearing>)> {
        let key = group.standing().key();
        if !self
            .groups
            .get(key)
            .is_some_and(|open| Arc::ptr_eq(open, group))
        {
            return None;
        }
        self.groups.remove(key);
        let mut unheard = Vec::new();
        for (name, _) in shared.topics(group.standing()) {
            let Some(topic) = self.topics.get_mut(&name) else {
                continue;
            };
            Arc::make_mut(&mut topic.groups).swap_remove(&group.number());
            if topic.groups.is_empty() {
                unheard.extend(self.topics.remove(&name));
            }
        }
        let hearing = if self.groups.is_empty() {
            self.hearing.take()
        } else {
            None
        };
        Some((unheard, hearing))
    }
}

// === impl Standing for Subscription ===

impl Standing for Subscription {
    fn field(&self) -> &Arc<str> {
        &self.field
    }

    fn mutations(&self) -> &[Arc<str>] {
        &self.mutations
    }

    fn arguments(&self) -> &Value {
        &self.arguments
    }

    fn filter(&self) -> Option<&Value> {
        self.filter.as_ref()
    }

    fn invalidation(&self) -> Option<&Value> {
        self.invalidation.as_ref()
    }

    fn key(&self) -> &Arc<[u8]> {
        &self.key
    }

    async fn answer(&self, payload: &Arc<Document>, out: Vec<u8>) -> Executed {
        Subscription::answer(self, payload, out).await
    }
}

#[cfg(test)]
mod tests;
