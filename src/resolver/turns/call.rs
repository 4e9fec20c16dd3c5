//! One call of one source for many runs: request mappings, one batch, response mappings.

use std::sync::Arc;

use futures::future::join_all;

use crate::{
    json::{Value, View},
    mapping::Mapping,
    resolver::{
        Answer, Answers, Failure, Inputs, Places,
        memory::Memory,
        overrides,
        step::{Requests, Step},
        turns::{Ended, Run, Shaped, Stage, runs, settle_all},
    },
    source::{Reply, SourceError},
};

/// What a request mapping came to.
#[derive(Debug, Clone)]
enum Prepared {
    /// A request for the source.
    Ask(Value),
    /// Nothing is asked.
    Ended(Answer, bool),
}

/// What the source says to each run.
struct Replies {
    distinct: Vec<Result<Reply, SourceError>>,
    /// By run; `None`: nothing was asked for it.
    places: Vec<Option<u32>>,
}

/// What becomes of an error of the source when a program is asked to shape it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Version {
    /// `2017-02-28`: the error is raised, and what the template says is its data.
    Raises,
    /// `2018-05-29`, and modules: the program judges it.
    Judges,
}

// === impl Version ===

impl Version {
    fn of(request: &Value) -> Self {
        let version = request.view().get("version");
        let version = version.and_then(View::as_str);
        match version.as_deref() {
            Some("2017-02-28") => Version::Raises,
            _ => Version::Judges,
        }
    }
}

// === impl Step ===

impl Step {
    /// Answers for all parents, each in its own turn.
    pub(in crate::resolver) async fn fetch_by_turns(
        &self,
        inputs: Inputs<'_>,
        parents: &[View<'_>],
    ) -> Answers {
        if let Some(batch) = &self.batch {
            let mut runs = runs(parents);
            let mut lent: Vec<&mut Run<'_>> = runs.iter_mut().collect();
            // The mappings of a batch serve many parents: none of them may have a turn of its own.
            return batch.fetch_by_turns(self, inputs, &mut lent).await;
        }
        let keeps = self.mappings().any(Mapping::has_own_turn);
        let is_alike = !keeps && !self.request.reads().source;
        let mut runs = match is_alike {
            true => vec![Run::new(View::NULL)],
            false => runs(parents),
        };
        let mut prepared = self
            .prepare_all(inputs, &mut runs.iter_mut().collect::<Vec<_>>())
            .await;
        let is_shared = !keeps && !self.response_reads().source;
        if is_alike && !(is_shared && self.reads_only(&prepared)) {
            prepared = vec![prepared.swap_remove(0); parents.len()];
            runs = self::runs(parents);
        }
        let replies = self.ask(inputs, &prepared).await;
        let mut answers = match is_shared {
            true => {
                self.conclude_shared(inputs, &mut runs, prepared, &replies, parents.len())
                    .await
            }
            false => {
                let mut runs: Vec<&mut Run<'_>> = runs.iter_mut().collect();
                let ended = self
                    .conclude_all(inputs, &mut runs, prepared, &replies, true)
                    .await;
                Answers::in_order(ended.into_iter().map(|it| it.answer).collect())
            }
        };
        if keeps {
            settle_all(&mut answers, inputs, runs);
        }
        answers
    }

    /// Whether one request serves all, because it only reads or nothing is asked at all.
    fn reads_only(&self, prepared: &[Prepared]) -> bool {
        prepared.iter().all(|one| match one {
            Prepared::Ask(request) => self.source.is_read(request),
            Prepared::Ended(..) => true,
        })
    }

    /// Runs a function of a pipeline for each of these: cache, batch, source.
    pub(in crate::resolver) async fn run_function(
        &self,
        inputs: Inputs<'_>,
        runs: &mut [&mut Run<'_>],
    ) -> Vec<Ended> {
        match &self.cache {
            Some(memory) => self.recall(memory, inputs, runs).await,
            None => self.call_function(inputs, runs).await,
        }
    }

    async fn call_function(&self, inputs: Inputs<'_>, runs: &mut [&mut Run<'_>]) -> Vec<Ended> {
        let Some(batch) = &self.batch else {
            return self.call(inputs, runs).await;
        };
        let answers = batch.fetch_by_turns(self, inputs, runs).await;
        let answer = |run| Ended::with(answers.distinct[answers.places.of(run)].clone());
        (0..runs.len()).map(answer).collect()
    }

    /// Looks each run's answer up, and calls only for what is missing.
    async fn recall(
        &self,
        memory: &Memory,
        inputs: Inputs<'_>,
        runs: &mut [&mut Run<'_>],
    ) -> Vec<Ended> {
        let mut keys = Vec::with_capacity(runs.len());
        let mut failed = Vec::new();
        for run in runs.iter_mut() {
            match memory.key_of(inputs, run) {
                Ok(key) => keys.push(key),
                Err(failure) => failed.push(failure),
            }
        }
        if let Some(failure) = failed.pop() {
            let failed = || Ended::with(Err(Arc::clone(&failure)));
            return runs.iter().map(|_| failed()).collect();
        }
        let mut recall = memory.recall(keys.len());
        while recall.claim(&keys) {
            let wanted: Vec<usize> = recall.wanted().collect();
            let mine = runs.iter_mut().enumerate();
            let mine = mine.filter(|(index, _)| wanted.binary_search(index).is_ok());
            let mut mine: Vec<&mut Run<'_>> = mine.map(|(_, run)| &mut **run).collect();
            let ended = self.call_function(inputs, &mut mine).await;
            recall.settle(ended.into_iter().map(|it| (it.answer, true)).collect());
            recall.wait().await;
        }
        recall.finish().into_iter().map(Ended::with).collect()
    }

    /// Calls the source for each of these runs. An error of the source is for a program to judge.
    pub(in crate::resolver) async fn call(
        &self,
        inputs: Inputs<'_>,
        runs: &mut [&mut Run<'_>],
    ) -> Vec<Ended> {
        let prepared = self.prepare_all(inputs, runs).await;
        let replies = self.ask(inputs, &prepared).await;
        self.conclude_all(inputs, runs, prepared, &replies, false)
            .await
    }

    async fn prepare_all(&self, inputs: Inputs<'_>, runs: &mut [&mut Run<'_>]) -> Vec<Prepared> {
        let prepared = runs.iter_mut().map(async |run| {
            match run.shape(&self.request, inputs, Stage::Request).await {
                Ok(Shaped::Value(request)) => {
                    let overrides = run.turn.overrides.request.view();
                    Prepared::Ask(overrides::request(request, overrides))
                }
                Ok(Shaped::Returned { value, to_end }) => Prepared::Ended(Ok(value), to_end),
                Err(failure) => Prepared::Ended(Err(failure), false),
            }
        });
        join_all(prepared).await
    }

    /// Sends all requests at once, equal reads once.
    async fn ask(&self, inputs: Inputs<'_>, prepared: &[Prepared]) -> Replies {
        let mut requests = Requests::default();
        let place = |one: &Prepared| match one {
            Prepared::Ended(..) => None,
            Prepared::Ask(request) => {
                let collapse = prepared.len() > 1 && self.source.is_read(request);
                Some(requests.add(request.clone(), collapse))
            }
        };
        let places = prepared.iter().map(place).collect();
        let distinct = match requests.distinct.as_slice() {
            [] => Vec::new(),
            requests => self.send(inputs, requests).await,
        };
        Replies { distinct, places }
    }

    async fn conclude_all(
        &self,
        inputs: Inputs<'_>,
        runs: &mut [&mut Run<'_>],
        prepared: Vec<Prepared>,
        replies: &Replies,
        is_unit: bool,
    ) -> Vec<Ended> {
        let ended = runs.iter_mut().zip(prepared).zip(&replies.places);
        let ended = ended.map(async |((run, prepared), place)| {
            self.conclude(inputs, run, prepared, replies.at(*place), is_unit)
                .await
        });
        join_all(ended).await
    }

    /// Shapes what the source said to a run.
    async fn conclude(
        &self,
        inputs: Inputs<'_>,
        run: &mut Run<'_>,
        prepared: Prepared,
        reply: Option<&Result<Reply, SourceError>>,
        is_unit: bool,
    ) -> Ended {
        let (request, reply) = match (prepared, reply) {
            (Prepared::Ask(request), Some(reply)) => (request, reply),
            (Prepared::Ended(Ok(value), to_end), _) => {
                let head = self.head.as_ref();
                let answer = run.dress(head, value, inputs, Stage::Request).await;
                return Ended { answer, to_end };
            }
            (Prepared::Ended(failed, to_end), _) => {
                return Ended {
                    answer: failed,
                    to_end,
                };
            }
            (Prepared::Ask(_), None) => {
                let failure = Failure::from(SourceError::no_answer());
                return Ended::with(Err(Arc::new(failure)));
            }
        };
        let version = match is_unit && self.is_judged_by_a_program() {
            true => Version::of(&request),
            false => Version::Judges,
        };
        self.shape_reply(inputs, run, reply, version).await
    }

    async fn shape_reply(
        &self,
        inputs: Inputs<'_>,
        run: &mut Run<'_>,
        reply: &Result<Reply, SourceError>,
        version: Version,
    ) -> Ended {
        let (reply, error) = match reply {
            // A program judges every status, and wants the text of the body.
            Ok(reply) if self.is_judged_by_a_program() => (Some(reply), None),
            Ok(reply) => (Some(reply), self.refused(reply)),
            Err(error) => (None, Some(error.clone())),
        };
        if let Some(error) = error.as_ref().filter(|_| !self.judges_error) {
            return Ended::with(Err(Arc::new(Failure::from(error.clone()))));
        }
        let stage = Stage::Response(reply, error.as_ref());
        let body = || reply.map_or(Value::Null, |reply| reply.body.clone());
        let is_null = || reply.is_some_and(|it| it.head.is_none() && it.body.view().is_null());
        let shaped = match &self.response {
            None => Ok(Shaped::Value(body())),
            Some(_) if version == Version::Raises && is_null() => Ok(Shaped::Value(Value::Null)),
            Some(response) => {
                let stage = match version {
                    Version::Raises => Stage::Response(reply, None),
                    Version::Judges => stage,
                };
                run.shape(response, inputs, stage).await
            }
        };
        let (value, to_end) = match shaped {
            Ok(Shaped::Value(value)) => (value, false),
            Ok(Shaped::Returned { value, to_end }) => (value, to_end),
            Err(failure) => return Ended::with(Err(failure)),
        };
        if let (Some(error), Version::Raises) = (&error, version) {
            let failure = Failure {
                data: value,
                ..Failure::from(error.clone())
            };
            return Ended::with(Err(Arc::new(failure)));
        }
        let answer = run.dress(self.head.as_ref(), value, inputs, stage).await;
        Ended { answer, to_end }
    }

    /// One answer for each distinct request: neither mapping tells its parents apart after that.
    async fn conclude_shared(
        &self,
        inputs: Inputs<'_>,
        runs: &mut [Run<'_>],
        prepared: Vec<Prepared>,
        replies: &Replies,
        parents: usize,
    ) -> Answers {
        let (mut places, mut seen) = (Vec::with_capacity(runs.len()), Vec::new());
        let (mut firsts, mut kept) = (Vec::new(), Vec::new());
        seen.resize(replies.distinct.len(), None);
        for ((run, prepared), place) in runs.iter_mut().zip(prepared).zip(&replies.places) {
            let known = place.and_then(|place| seen[place as usize]);
            let index = known.unwrap_or_else(|| {
                let next = u32::try_from(kept.len()).unwrap_or(u32::MAX);
                firsts.push(run);
                kept.push((prepared, *place));
                next
            });
            if let Some(place) = place {
                seen[*place as usize] = Some(index);
            }
            places.push(index);
        }
        let ended = firsts
            .iter_mut()
            .zip(kept)
            .map(async |(run, (prepared, place))| {
                self.conclude(inputs, run, prepared, replies.at(place), true)
                    .await
            });
        let ended = join_all(ended).await;
        let distinct = ended.into_iter().map(|it| it.answer).collect();
        let places = match places.len() < parents {
            true => Places::Shared,
            false => Places::At(places),
        };
        Answers::new(distinct, places)
    }

    fn is_judged_by_a_program(&self) -> bool {
        self.response.as_ref().is_some_and(Mapping::is_program)
    }
}

// === impl Replies ===

impl Replies {
    fn at(&self, place: Option<u32>) -> Option<&Result<Reply, SourceError>> {
        self.distinct.get(place? as usize)
    }
}
