//! One call of one source: cache → request mapping → batch → source → response mapping.

use std::{
    borrow::Cow,
    sync::{Arc, Weak},
};

use ahash::AHashMap;
use tracing::Instrument;

use crate::{
    cache::Stats,
    json::{Object, Value, View},
    mapping::{Context, Mapping, Outcome, Reads, context::SourceFault},
    resolver::{
        Answer, Answers, Failure, Inputs, Places,
        batch::Batch,
        joined::Joined,
        memory::{Fetch, Memory},
    },
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
    /// Whether the response mapping looks at what went wrong itself; otherwise an error of the source
    /// is the answer.
    pub(super) judges_error: bool,
    /// Whether it is run with one turn for each parent: see `turns`.
    pub(super) by_turns: bool,
    pub(super) batch: Option<Batch>,
    pub(super) cache: Option<Memory>,
    /// What is asked for together with concurrent callers.
    pub(super) joined: Joined,
}

/// What a step is made from.
pub(super) struct Parts {
    pub(super) source_name: Arc<str>,
    pub(super) source: Arc<dyn Source>,
    pub(super) request: Mapping,
    pub(super) response: Option<Mapping>,
    pub(super) head: Option<ResponseHead>,
    pub(super) batch: Option<Batch>,
    pub(super) cache: Option<Memory>,
}

/// The head of a route's answer. With it the step answers `{ statusCode, headers, body }`, so that what
/// is remembered has all three; what says nothing is left out.
#[derive(Debug, Default)]
pub(super) struct ResponseHead {
    pub(super) status: Option<Mapping>,
    pub(super) headers: Option<Mapping>,
}

// === impl Parts ===

impl Parts {
    /// The step; what its mappings say about how it is run is worked out here.
    pub(super) fn assemble(self) -> Arc<Step> {
        let judges = |one: &Mapping| one.is_program() || one.reads().error;
        let has_turn = |one: &Mapping| one.is_program() || one.has_own_turn();
        let judges_status = self.is_in_answer(|one| one.reads().status);
        let by_turns = has_turn(&self.request) || self.is_in_answer(has_turn);
        Arc::new_cyclic(|step| Step {
            joined: Joined::new(Weak::clone(step), &self.request, self.response.as_ref()),
            judges_status,
            judges_error: self.response.as_ref().is_some_and(judges),
            by_turns,
            source_name: self.source_name,
            source: self.source,
            request: self.request,
            response: self.response,
            head: self.head,
            batch: self.batch,
            cache: self.cache,
        })
    }

    /// Whether it is so for one of the mappings that shape the answer.
    fn is_in_answer(&self, is: impl Fn(&Mapping) -> bool) -> bool {
        let head = self.head.iter().flat_map(ResponseHead::mappings);
        self.response.iter().chain(head).any(is)
    }
}

// === impl Step ===

impl Step {
    pub(super) fn cache_stats(&self) -> Option<Stats> {
        self.cache.as_ref().map(Memory::stats)
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
            Some(memory) => memory.resolve(self, inputs, parents).await,
            None => self.fetch(inputs, parents).await,
        }
    }
}

impl Fetch for Step {
    async fn fetch(&self, inputs: Inputs<'_>, parents: &[View<'_>]) -> Answers {
        match &self.batch {
            // Boxed, so that the others are not as large as what they never are.
            _ if self.by_turns => Box::pin(self.fetch_by_turns(inputs, parents)).await,
            Some(batch) => batch.fetch(self, inputs, parents).await,
            None if self.request.reads().source => self.fetch_each(inputs, parents).await,
            None => self.fetch_once(inputs, parents).await,
        }
    }
}

impl Step {
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
            return Answers::in_order(each.collect());
        }
        let reply = self.send(inputs, &[request]).await.pop();
        let reply = reply.unwrap_or_else(|| Err(SourceError::no_answer()));
        if !self.response_reads().source {
            return Answers::shared(self.finish(&reply, inputs.context(View::NULL)));
        }
        let each = parents
            .iter()
            .map(|parent| self.finish(&reply, inputs.context(*parent)));
        Answers::in_order(each.collect())
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
            return Answers::in_order(distinct);
        }
        let distinct = replies
            .iter()
            .map(|reply| self.finish(reply, inputs.context(View::NULL)))
            .collect();
        Answers::new(distinct, Places::At(places.into_iter().flatten().collect()))
    }

    pub(super) fn render_request(&self, context: Context<'_>) -> Result<Value, Arc<Failure>> {
        match self.request.render(&context) {
            Ok(rendered) => Ok(rendered.unwrap_or_default()),
            Err(error) => Err(Arc::new(Failure::of(*error, &context.info))),
        }
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
        let (reply, error) = match reply {
            Ok(reply) => (Some(reply), self.refused(reply)),
            Err(error) => (None, Some(error.clone())),
        };
        if let Some(error) = &error
            && !self.judges_error
        {
            return Err(Arc::new(Failure::from(error.clone())));
        }
        let body = || reply.map_or(Value::Null, |reply| reply.body.clone());
        if self.response.is_none() && self.head.is_none() {
            return Ok(body());
        }
        let context = Context {
            result: reply.map_or(Outcome::None, Outcome::from),
            error: error.as_ref().map(SourceFault::from),
            ..context
        };
        let body = match &self.response {
            None => body(),
            Some(response) => evaluate(response, &context)?.unwrap_or_default(),
        };
        match &self.head {
            None => Ok(body),
            Some(head) => head.dress(body, &context),
        }
    }

    /// The error that a reply is, where its status is not for the mappings to judge.
    pub(super) fn refused(&self, reply: &Reply) -> Option<SourceError> {
        if let Some(error) = reply.unread_error() {
            tracing::warn!(source = &*self.source_name, "a call failed: {error}");
            return Some(error);
        }
        if self.judges_status {
            return None;
        }
        reply.status_error()
    }

    pub(super) fn response_reads(&self) -> Reads {
        self.response
            .as_ref()
            .map(Mapping::reads)
            .unwrap_or_default()
    }
}

fn evaluate(mapping: &Mapping, context: &Context<'_>) -> Result<Option<Value>, Arc<Failure>> {
    match mapping.evaluate(context, &mut 0) {
        Ok(rendered) => Ok(rendered.into_value()),
        Err(error) => Err(Arc::new(Failure::of(*error, &context.info))),
    }
}

// === impl ResponseHead ===

impl ResponseHead {
    fn dress(&self, body: Value, context: &Context<'_>) -> Answer {
        let mut answer = Object::default();
        for (name, mapping) in self.members() {
            if let Some(value) = evaluate(mapping, context)? {
                answer.insert(Arc::from(name), value);
            }
        }
        answer.insert(Arc::from("body"), body);
        Ok(Value::from(answer))
    }

    pub(super) fn mappings(&self) -> impl Iterator<Item = &Mapping> {
        self.members().map(|(_, mapping)| mapping)
    }

    /// By their names in the answer.
    pub(super) fn members(&self) -> impl Iterator<Item = (&'static str, &Mapping)> {
        let members = [("statusCode", &self.status), ("headers", &self.headers)];
        members
            .into_iter()
            .filter_map(|(name, mapping)| Some((name, mapping.as_ref()?)))
    }
}

/// Requests of one level, equal ones once.
#[derive(Default)]
pub(super) struct Requests {
    pub(super) distinct: Vec<Value>,
    seen: AHashMap<Vec<u8>, u32>,
}

impl Requests {
    pub(super) fn add(&mut self, request: Value, collapse: bool) -> u32 {
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

// === impl Outcome, SourceFault ===

impl<'a> From<&'a Reply> for Outcome<'a> {
    fn from(reply: &'a Reply) -> Self {
        match &reply.head {
            None => Outcome::Document(reply.body.view()),
            Some(head) => Outcome::Http {
                status: head.status,
                headers: &head.headers,
                body: reply.body.view(),
            },
        }
    }
}

impl<'a> From<&'a SourceError> for SourceFault<'a> {
    fn from(error: &'a SourceError) -> Self {
        SourceFault {
            message: &error.message,
            error_type: &error.error_type,
        }
    }
}
