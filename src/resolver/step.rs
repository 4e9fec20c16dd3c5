//! One call of one source: cache → request mapping → batch → source → response mapping.

use std::{borrow::Cow, sync::Arc, time::Duration};

use ahash::AHashMap;
use tracing::Instrument;

use crate::{
    cache::{Cache, Claim, Key, KeyBuilder, Stats},
    json::{Object, Value, View},
    mapping::{Context, Mapping, MappingError, Outcome, Reads},
    request::Identity,
    resolver::{Answer, Answers, Failure, Inputs, Places, batch::Batch, joined::Joined},
    source::{Reply, Source, SourceError},
};

/// What a step is made of.
#[derive(Debug)]
pub(crate) struct Step {
    /// The source's name, for `explain` and logs.
    pub(crate) source_name: Arc<str>,
    pub(super) source: Arc<dyn Source>,
    pub(super) request: Mapping,
    pub(super) response: Option<Mapping>,
    /// What makes the answer one with a head.
    pub(super) head: Option<ResponseHead>,
    /// Whether the response mapping or the head looks at the status itself; otherwise a status that is no
    /// success is an error.
    pub(super) judges_status: bool,
    pub(super) batch: Option<Batch>,
    pub(super) cache: Option<StepCache>,
    /// What is asked for together with concurrent callers.
    pub(super) joined: Joined,
}

/// The head of a route's answer. With it the step answers `{ statusCode, headers, body }`, so that what
/// is remembered has all three; what says nothing is left out.
#[derive(Debug)]
pub(super) struct ResponseHead {
    pub(super) status: Option<Mapping>,
    pub(super) headers: Option<Mapping>,
}

/// A step's memory of its answers.
#[derive(Debug)]
pub(super) struct StepCache {
    pub(super) answers: Cache<Answer>,
    /// How long an answer is remembered.
    pub(super) ttl: Duration,
    /// What an entry is kept under; arguments, source and identity when absent.
    pub(super) keys: Option<Vec<Mapping>>,
    /// Whether the step reads the operation's variables, which then belong to the default keys.
    pub(super) reads_variables: bool,
}

impl Step {
    pub(super) fn cache_stats(&self) -> Option<Stats> {
        self.cache.as_ref().map(|cache| cache.answers.stats())
    }

    /// All that shapes its requests and answers.
    pub(super) fn mappings(&self) -> impl Iterator<Item = &Mapping> {
        let keys = self.cache.iter().flat_map(|cache| &cache.keys).flatten();
        let batch = self.batch.iter().map(|batch| &batch.key);
        let step = std::iter::once(&self.request).chain(&self.response);
        step.chain(batch).chain(keys)
    }

    /// Answers for all parents.
    pub(super) async fn resolve(&self, inputs: Inputs<'_>, parents: &[View<'_>]) -> Answers {
        match &self.cache {
            Some(cache) => self.remember(cache, inputs, parents).await,
            None => self.fetch(inputs, parents).await,
        }
    }

    async fn fetch(&self, inputs: Inputs<'_>, parents: &[View<'_>]) -> Answers {
        match &self.batch {
            Some(batch) => batch.fetch(self, inputs, parents).await,
            None if self.request.reads().source => self.fetch_each(inputs, parents).await,
            None => self.fetch_once(inputs, parents).await,
        }
    }

    /// The request is the same for all parents.
    async fn fetch_once(&self, inputs: Inputs<'_>, parents: &[View<'_>]) -> Answers {
        let request = match self.render_request(inputs.context(View::NULL)) {
            Ok(request) => request,
            Err(failure) => return Answers::shared(Err(failure)),
        };
        if parents.len() > 1 && !self.source.is_read(&request) {
            // A write is made for each parent, as often as it is asked for.
            let replies = self.send(inputs, &vec![request; parents.len()]).await;
            let each = replies
                .iter()
                .zip(parents)
                .map(|(reply, parent)| self.finish(reply, inputs.context(*parent)));
            return Answers {
                distinct: each.collect(),
                places: Places::InOrder,
            };
        }
        let reply = self.send(inputs, &[request]).await.pop();
        let reply = reply.unwrap_or_else(|| Err(SourceError::no_answer()));
        if !self.response_reads().source {
            return Answers::shared(self.finish(&reply, inputs.context(View::NULL)));
        }
        let each = parents
            .iter()
            .map(|parent| self.finish(&reply, inputs.context(*parent)));
        Answers {
            distinct: each.collect(),
            places: Places::InOrder,
        }
    }

    /// Each parent has a request of its own; equal ones are made once if they only read.
    async fn fetch_each(&self, inputs: Inputs<'_>, parents: &[View<'_>]) -> Answers {
        let mut requests = Requests::default();
        let places: Vec<Result<u32, Arc<Failure>>> = parents
            .iter()
            .map(|parent| {
                let request = self.render_request(inputs.context(*parent))?;
                let read = parents.len() > 1 && self.source.is_read(&request);
                Ok(requests.add(request, read))
            })
            .collect();
        let replies = self.send(inputs, &requests.distinct).await;
        let answer = |parent: &View<'_>, place: &Result<u32, Arc<Failure>>| match place {
            Ok(index) => self.finish(&replies[*index as usize], inputs.context(*parent)),
            Err(failure) => Err(Arc::clone(failure)),
        };
        let failed = places.iter().any(Result::is_err);
        if failed || self.response_reads().source || replies.len() == parents.len() {
            let distinct = parents
                .iter()
                .zip(&places)
                .map(|(parent, place)| answer(parent, place))
                .collect();
            return Answers {
                distinct,
                places: Places::InOrder,
            };
        }
        let distinct = replies
            .iter()
            .map(|reply| self.finish(reply, inputs.context(View::NULL)))
            .collect();
        Answers {
            distinct,
            places: Places::At(places.into_iter().flatten().collect()),
        }
    }

    /// Looks each parent's answer up, and fetches only what is missing.
    async fn remember(
        &self,
        cache: &StepCache,
        inputs: Inputs<'_>,
        parents: &[View<'_>],
    ) -> Answers {
        let mut keys: Vec<Key> = Vec::new();
        let mut firsts: Vec<View<'_>> = Vec::new();
        let mut seen: AHashMap<Key, u32> = AHashMap::default();
        let mut places = Vec::with_capacity(parents.len());
        for parent in parents {
            let key = match cache.key(inputs, *parent) {
                Ok(key) => key,
                Err(error) => return Answers::shared(Err(Arc::new(error.into()))),
            };
            let next = u32::try_from(keys.len()).unwrap_or(u32::MAX);
            places.push(*seen.entry(key.clone()).or_insert_with(|| {
                keys.push(key);
                firsts.push(*parent);
                next
            }));
        }
        let distinct = self.look_up(cache, inputs, &keys, &firsts).await;
        Answers {
            distinct,
            places: Places::At(places),
        }
    }

    /// One answer per key. What nobody fetches yet is fetched here, in one go; only when that is
    /// settled do we wait for what others fetch, so that two levels cannot wait for each other.
    async fn look_up(
        &self,
        cache: &StepCache,
        inputs: Inputs<'_>,
        keys: &[Key],
        parents: &[View<'_>],
    ) -> Vec<Answer> {
        let mut answers: Vec<Option<Answer>> = vec![None; keys.len()];
        while answers.iter().any(Option::is_none) {
            let (mut tickets, mut mine, mut waiting) = (Vec::new(), Vec::new(), Vec::new());
            for (index, key) in keys
                .iter()
                .enumerate()
                .filter(|(index, _)| answers[*index].is_none())
                .collect::<Vec<_>>()
            {
                match cache.answers.claim(key) {
                    Claim::Hit(answer) => answers[index] = Some(answer),
                    Claim::Mine(ticket) => {
                        tickets.push((index, ticket));
                        mine.push(parents[index]);
                    }
                    Claim::Theirs(wait) => waiting.push((index, wait)),
                }
            }
            if !mine.is_empty() {
                let fetched = self.fetch(inputs, &mine).await;
                for (position, (index, ticket)) in tickets.into_iter().enumerate() {
                    let answer = fetched.distinct[fetched.places.of(position)].as_ref();
                    let answer = answer.map(Value::compact).map_err(Arc::clone);
                    let keep = answer.is_ok();
                    ticket.settle(answer.clone(), keep);
                    answers[index] = Some(answer);
                }
            }
            for (index, wait) in waiting {
                answers[index] = wait.get().await;
            }
        }
        answers.into_iter().flatten().collect()
    }

    pub(super) fn render_request(&self, context: Context<'_>) -> Result<Value, Arc<Failure>> {
        let rendered = self
            .request
            .render(&context)
            .map_err(|error| Arc::new(Failure::from(error)))?;
        Ok(rendered.unwrap_or_default())
    }

    pub(super) async fn send(
        &self,
        inputs: Inputs<'_>,
        requests: &[Value],
    ) -> Vec<Result<Reply, SourceError>> {
        let is_read = |request: &Value| self.source.is_read(request);
        if let [request] = requests
            && inputs.alone
            && self.source.joins_reads()
            && is_read(request)
        {
            return vec![self.joined.read(&self.source, request).await];
        }
        if self.source.is_far() && requests.iter().all(is_read) {
            return inputs.asked.send(&self.source, requests).await;
        }
        let sent = self.source.send(requests);
        let mut replies = sent.instrument(tracing::debug_span!("source")).await;
        // A source that breaks its promise must not break ours: one reply a request.
        replies.resize_with(requests.len(), || Err(SourceError::no_answer()));
        replies
    }

    /// Turns a reply into an answer: judges the status, runs the response mapping.
    pub(super) fn finish(
        &self,
        reply: &Result<Reply, SourceError>,
        context: Context<'_>,
    ) -> Answer {
        let reply = reply
            .as_ref()
            .map_err(|error| Arc::new(Failure::from(error.clone())))?;
        if !self.judges_status
            && let Some(error) = reply.status_error()
        {
            return Err(Arc::new(Failure::from(error)));
        }
        if self.response.is_none() && self.head.is_none() {
            return Ok(reply.body.clone());
        }
        let result = match &reply.head {
            None => Outcome::Document(reply.body.view()),
            Some(head) => Outcome::Http {
                status: head.status,
                headers: &head.headers,
                body: reply.body.view(),
            },
        };
        let context = Context { result, ..context };
        let body = match &self.response {
            None => reply.body.clone(),
            Some(response) => evaluate(response, &context)?.unwrap_or_default(),
        };
        match &self.head {
            None => Ok(body),
            Some(head) => head.dress(body, &context),
        }
    }

    fn response_reads(&self) -> Reads {
        self.response
            .as_ref()
            .map(Mapping::reads)
            .unwrap_or_default()
    }
}

fn evaluate(mapping: &Mapping, context: &Context<'_>) -> Result<Option<Value>, Arc<Failure>> {
    match mapping.evaluate(context, &mut 0) {
        Ok(rendered) => Ok(rendered.into_value()),
        Err(error) => Err(Arc::new(Failure::from(error))),
    }
}

// === impl ResponseHead ===

impl ResponseHead {
    fn dress(&self, body: Value, context: &Context<'_>) -> Answer {
        let mut answer = Object::default();
        for (name, mapping) in [("statusCode", &self.status), ("headers", &self.headers)] {
            if let Some(mapping) = mapping
                && let Some(value) = evaluate(mapping, context)?
            {
                answer.insert(Arc::from(name), value);
            }
        }
        answer.insert(Arc::from("body"), body);
        Ok(Value::from(answer))
    }

    pub(super) fn mappings(&self) -> impl Iterator<Item = &Mapping> {
        self.status.iter().chain(&self.headers)
    }
}

// === impl StepCache ===

impl StepCache {
    fn key(&self, inputs: Inputs<'_>, parent: View<'_>) -> Result<Key, MappingError> {
        let mut key = KeyBuilder::new();
        let Some(mappings) = &self.keys else {
            key.part_with(|out| inputs.args.write(out))
                .part_with(|out| parent.write(out));
            if self.reads_variables {
                key.part_with(|out| inputs.info.variables.write(out));
            }
            match inputs.call.identity() {
                Identity::Anonymous => key.absent(),
                known => key.part_with(|out| known.write_key(out)),
            };
            return Ok(key.finish());
        };
        let context = inputs.context(parent);
        for mapping in mappings {
            match mapping.evaluate(&context, &mut 0)?.view() {
                Some(view) => key.part_with(|out| view.write(out)),
                None => key.absent(),
            };
        }
        Ok(key.finish())
    }
}

// === impl Inputs ===

impl<'a> Inputs<'a> {
    /// The context of a request mapping for one parent.
    pub(super) fn context(&self, parent: View<'a>) -> Context<'a> {
        Context {
            call: self.call,
            args: self.args,
            source: parent,
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
        Answers {
            distinct: vec![answer],
            places: Places::Shared,
        }
    }
}

/// Requests of one level, equal ones once.
#[derive(Default)]
struct Requests {
    distinct: Vec<Value>,
    seen: AHashMap<Vec<u8>, u32>,
}

impl Requests {
    fn add(&mut self, request: Value, collapse: bool) -> u32 {
        let next = u32::try_from(self.distinct.len()).unwrap_or(u32::MAX);
        if collapse {
            let mut text = Vec::new();
            request.view().write(&mut text);
            if let Some(index) = self.seen.get(&text) {
                return *index;
            }
            self.seen.insert(text, next);
        }
        self.distinct.push(request);
        next
    }
}

impl SourceError {
    pub(super) fn no_answer() -> Self {
        SourceError {
            error_type: Cow::Borrowed("InternalFailure"),
            message: "the source gave no answer".to_owned(),
        }
    }
}
