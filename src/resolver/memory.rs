//! What a resolver remembers of its answers.

use std::{sync::Arc, time::Duration};

use ahash::AHashMap;

use crate::{
    cache::{Cache, Claim, Key, KeyBuilder, Stats, Ticket, Waiting},
    json::{Value, View},
    mapping::{Mapping, MappingError},
    request::Identity,
    resolver::{Answer, Answers, Failure, Inputs, Places, turns::Run},
};

/// The answers of a step or of a pipeline, for a while.
#[derive(Debug)]
pub(super) struct Memory {
    pub(super) answers: Cache<Answer>,
    /// How long an answer is remembered.
    pub(super) ttl: Duration,
    /// What an entry is kept under; arguments, source and identity when absent.
    pub(super) keys: Option<Vec<Mapping>>,
    /// Whether the step reads the operation's variables, which then belong to the default keys.
    pub(super) reads_variables: bool,
}

/// What answers for parents whose answers are not remembered.
pub(super) trait Fetch: Sync {
    /// Answers for these parents.
    fn fetch(
        &self,
        inputs: Inputs<'_>,
        parents: &[View<'_>],
    ) -> impl Future<Output = Answers> + Send;
}

/// Looks several keys up. What nobody fetches yet is to be fetched by whoever asks, in one go; only
/// when that is settled may one wait for what others fetch, so that two levels cannot wait for each
/// other.
pub(super) struct Recall<'m> {
    memory: &'m Memory,
    answers: Vec<Option<Answer>>,
    tickets: Vec<(usize, Ticket<Answer>)>,
    waiting: Vec<(usize, Waiting<Answer>)>,
}

// === impl Memory ===

impl Memory {
    pub(super) fn stats(&self) -> Stats {
        self.answers.stats()
    }

    /// Looks each parent's answer up, and fetches only what is missing.
    pub(super) async fn resolve(
        &self,
        fetch: &impl Fetch,
        inputs: Inputs<'_>,
        parents: &[View<'_>],
    ) -> Answers {
        let mut keys: Vec<Key> = Vec::new();
        let mut firsts: Vec<View<'_>> = Vec::new();
        let mut seen: AHashMap<Key, u32> = AHashMap::default();
        let mut places = Vec::with_capacity(parents.len());
        for parent in parents {
            let key = match self.key(inputs, *parent) {
                Ok(key) => key,
                Err(error) => {
                    let failure = Failure::of(*error, &inputs.info);
                    return Answers::shared(Err(Arc::new(failure)));
                }
            };
            let next = u32::try_from(keys.len()).unwrap_or(u32::MAX);
            places.push(*seen.entry(key.clone()).or_insert_with(|| {
                keys.push(key);
                firsts.push(*parent);
                next
            }));
        }
        let mut answers = self.look_up(fetch, inputs, &keys, &firsts).await;
        answers.places = Places::At(places);
        answers
    }

    /// One answer per key. Errors that a mapping added are for whoever asked, and such an answer is
    /// not remembered.
    async fn look_up(
        &self,
        fetch: &impl Fetch,
        inputs: Inputs<'_>,
        keys: &[Key],
        parents: &[View<'_>],
    ) -> Answers {
        let mut appended = Vec::new();
        let mut recall = self.recall(keys.len());
        while recall.claim(keys) {
            let wanted: Vec<usize> = recall.wanted().collect();
            let mine: Vec<View<'_>> = wanted.iter().map(|index| parents[*index]).collect();
            let fetched = match mine.as_slice() {
                [] => Answers::in_order(Vec::new()),
                mine => fetch.fetch(inputs, mine).await,
            };
            let each = wanted.iter().enumerate().map(|(position, index)| {
                let place = fetched.places.of(position);
                let before = appended.len();
                let index = u32::try_from(*index).unwrap_or(u32::MAX);
                let beside = fetched.beside(place).map(Arc::clone);
                appended.extend(beside.map(|failure| (index, failure)));
                (fetched.distinct[place].clone(), appended.len() == before)
            });
            recall.settle(each.collect());
            recall.wait().await;
        }
        appended.sort_by_key(|(index, _)| *index);
        Answers {
            appended,
            ..Answers::in_order(recall.finish())
        }
    }

    /// The key of a function's answer: what came before it counts, too.
    pub(super) fn key_of(
        &self,
        inputs: Inputs<'_>,
        run: &mut Run<'_>,
    ) -> Result<Key, Arc<Failure>> {
        let mut key = KeyBuilder::new();
        let Some(mappings) = &self.keys else {
            self.write_default(&mut key, inputs, run.parent);
            let prev = run.prev.as_ref().map_or(View::NULL, Value::view);
            key.part_with(|out| prev.write(out))
                .part_with(|out| run.stash().write(out));
            return Ok(key.finish());
        };
        for mapping in mappings {
            add(&mut key, run.key(mapping, inputs)?.view());
        }
        Ok(key.finish())
    }

    fn key(&self, inputs: Inputs<'_>, parent: View<'_>) -> Result<Key, Box<MappingError>> {
        let mut key = KeyBuilder::new();
        let Some(mappings) = &self.keys else {
            self.write_default(&mut key, inputs, parent);
            return Ok(key.finish());
        };
        let context = inputs.context(parent);
        for mapping in mappings {
            add(&mut key, mapping.evaluate(&context, &mut 0)?.view());
        }
        Ok(key.finish())
    }

    /// What is asked with when no keys are written.
    fn write_default(&self, key: &mut KeyBuilder, inputs: Inputs<'_>, parent: View<'_>) {
        key.part_with(|out| inputs.args.write(out))
            .part_with(|out| parent.write(out));
        if self.reads_variables {
            key.part_with(|out| inputs.info.variables.write(out));
        }
        match inputs.call.identity() {
            Identity::Anonymous => key.absent(),
            known => key.part_with(|out| known.write_key(out)),
        };
    }

    /// Looks keys up; each must be there once.
    pub(super) fn recall(&self, count: usize) -> Recall<'_> {
        Recall {
            memory: self,
            answers: vec![None; count],
            tickets: Vec::new(),
            waiting: Vec::new(),
        }
    }

    /// Forgets the entry of these values: an object by the names of the keys, such as `ctx.args.id`.
    /// Default keys have no names.
    pub(super) fn evict(&self, values: View<'_>) -> bool {
        let Some(mappings) = &self.keys else {
            return false;
        };
        let mut key = KeyBuilder::new();
        for mapping in mappings {
            let name = key_name(&mapping.to_string());
            let value = values.entries().find(|(given, _)| key_name(given) == name);
            let Some((_, value)) = value else {
                return false;
            };
            add(&mut key, Some(value));
        }
        self.answers.remove(&key.finish())
    }
}

/// Adds the value of a written key.
fn add(key: &mut KeyBuilder, value: Option<View<'_>>) {
    match value {
        Some(view) => key.part_with(|out| view.write(out)),
        None => key.absent(),
    };
}

/// `$context.arguments.id` and `ctx.args.id` are one key.
fn key_name(written: &str) -> String {
    let name = written.trim().trim_matches(['$', '!', '{', '}']);
    let mut segments: Vec<&str> = name.split('.').collect();
    for (segment, long, short) in [(0, "context", "ctx"), (1, "arguments", "args")] {
        if let Some(segment) = segments.get_mut(segment).filter(|it| **it == long) {
            *segment = short;
        }
    }
    segments.join(".")
}

// === impl Recall ===

impl Recall<'_> {
    /// Claims what has no answer yet. `false`: everything has one.
    pub(super) fn claim(&mut self, keys: &[Key]) -> bool {
        let missing = |index: &usize| self.answers[*index].is_none();
        let missing: Vec<usize> = (0..keys.len()).filter(missing).collect();
        for &index in &missing {
            match self.memory.answers.claim(&keys[index]) {
                Claim::Hit(answer) => self.answers[index] = Some(answer),
                Claim::Mine(ticket) => self.tickets.push((index, ticket)),
                Claim::Theirs(wait) => self.waiting.push((index, wait)),
            }
        }
        !(self.tickets.is_empty() && self.waiting.is_empty())
    }

    /// Which of the keys are to be fetched now.
    pub(super) fn wanted(&self) -> impl Iterator<Item = usize> {
        self.tickets.iter().map(|(index, _)| *index)
    }

    /// Hands in what was fetched, in the order of [`Recall::wanted`], and whether it may be
    /// remembered.
    pub(super) fn settle(&mut self, fetched: Vec<(Answer, bool)>) {
        let tickets = std::mem::take(&mut self.tickets);
        for ((index, ticket), (answer, keep)) in tickets.into_iter().zip(fetched) {
            let answer = answer.map(|value: Value| value.compact());
            ticket.settle(answer.clone(), keep && answer.is_ok());
            self.answers[index] = Some(answer);
        }
    }

    /// Waits for what others fetch.
    pub(super) async fn wait(&mut self) {
        for (index, wait) in std::mem::take(&mut self.waiting) {
            self.answers[index] = wait.get().await;
        }
    }

    /// One answer for each key.
    pub(super) fn finish(self) -> Vec<Answer> {
        self.answers.into_iter().flatten().collect()
    }
}
