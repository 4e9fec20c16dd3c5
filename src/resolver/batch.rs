//! Many parents, one call: keys are collected, duplicates collapse, answers are handed out.

use std::{borrow::Cow, sync::Arc};

use ahash::AHashMap;

use crate::{
    json::{Kind, Value, View},
    mapping::{Context, Mapping, Rendered},
    resolver::{Answer, Answers, Failure, Inputs, Places, step::Step, turns::Run},
};

/// How many parents become one call.
#[derive(Debug)]
pub(crate) struct Batch {
    /// What names a parent.
    pub(super) key: Mapping,
    /// How answers find their parents.
    pub(super) spread: Spread,
    /// Keys in one call.
    pub(crate) max: usize,
    /// Whether a parent has many items or one.
    pub(super) many: bool,
}

/// How answers find their parents.
#[derive(Debug)]
pub(crate) enum Spread {
    /// The item's field of this name holds the parent's key.
    GroupBy(Box<str>),
    /// The items come in the order of the keys.
    Order,
}

/// The keys of a level.
struct Keys<'a> {
    /// Each key once.
    distinct: Vec<(Cow<'a, str>, Value)>,
    /// For each parent the index of its key; `None`: it has no key, so it has no answer. A key that
    /// cannot be rendered fails its parent alone.
    of_parent: Vec<Result<Option<u32>, Arc<Failure>>>,
}

// === impl Keys ===

impl<'a> Keys<'a> {
    /// From the key of each parent.
    fn collect(rendered: impl Iterator<Item = Result<Rendered<'a>, Arc<Failure>>>) -> Self {
        let mut seen: AHashMap<Cow<'a, str>, u32> = AHashMap::default();
        let mut keys = Keys {
            distinct: Vec::new(),
            of_parent: Vec::with_capacity(rendered.size_hint().0),
        };
        for rendered in rendered {
            let found = match rendered {
                Ok(rendered) => key(rendered),
                Err(failure) => {
                    keys.of_parent.push(Err(failure));
                    continue;
                }
            };
            let Some((text, value)) = found else {
                keys.of_parent.push(Ok(None));
                continue;
            };
            let next = u32::try_from(keys.distinct.len()).unwrap_or(u32::MAX);
            let index = *seen.entry(text).or_insert_with_key(|text| {
                keys.distinct.push((text.clone(), value));
                next
            });
            keys.of_parent.push(Ok(Some(index)));
        }
        keys
    }
}

// === impl Batch ===

impl Batch {
    pub(super) async fn fetch(
        &self,
        step: &Step,
        inputs: Inputs<'_>,
        parents: &[View<'_>],
    ) -> Answers {
        let mut hint = 0;
        let keys = parents.iter().map(|parent| {
            let context = inputs.context(*parent);
            let rendered = self.key.evaluate(&context, &mut hint);
            rendered.map_err(|error| Arc::new(Failure::of(*error, &inputs.info)))
        });
        let keys = Keys::collect(keys);
        let mut distinct = match self.joinable(step, inputs, &keys) {
            Some((text, key)) => vec![step.joined.fetch(inputs, text, key, self.max).await],
            None => self.ask(step, inputs, &keys.distinct).await,
        };
        self.place(&mut distinct, keys.of_parent)
    }

    /// Like [`Batch::fetch`], for parents with turns of their own.
    pub(super) async fn fetch_by_turns(
        &self,
        step: &Step,
        inputs: Inputs<'_>,
        runs: &mut [&mut Run<'_>],
    ) -> Answers {
        let rendered = runs.iter_mut().map(|run| run.key(&self.key, inputs));
        let keys = Keys::collect(rendered);
        let mut distinct = self.ask_by_turns(step, inputs, &keys.distinct).await;
        self.place(&mut distinct, keys.of_parent)
    }

    /// Finds each parent its answer among those of the keys.
    fn place(
        &self,
        distinct: &mut Vec<Answer>,
        keys: Vec<Result<Option<u32>, Arc<Failure>>>,
    ) -> Answers {
        let nothing = u32::try_from(distinct.len()).unwrap_or(u32::MAX);
        distinct.push(Ok(self.missing()));
        let mut place = |key: Result<Option<u32>, Arc<Failure>>| match key {
            Ok(key) => key.unwrap_or(nothing),
            Err(failure) => {
                distinct.push(Err(failure));
                u32::try_from(distinct.len() - 1).unwrap_or(u32::MAX)
            }
        };
        let places = keys.into_iter().map(&mut place).collect();
        Answers::new(std::mem::take(distinct), Places::At(places))
    }

    /// One answer for each key.
    pub(super) async fn ask(
        &self,
        step: &Step,
        inputs: Inputs<'_>,
        keys: &[(Cow<'_, str>, Value)],
    ) -> Vec<Answer> {
        let mut answers = Vec::with_capacity(keys.len() + 1);
        let chunks: Vec<Chunk<'_>> = keys.chunks(self.max).map(Chunk::new).collect();
        let rendered: Vec<Result<Value, Arc<Failure>>> = chunks
            .iter()
            .map(|chunk| step.render_request(chunk.context(inputs)))
            .collect();
        let requests: Vec<Value> = rendered.iter().flatten().cloned().collect();
        let mut replies = step.send(inputs, &requests).await.into_iter();
        for (chunk, rendered) in chunks.iter().zip(rendered) {
            let answer = rendered.and_then(|_| match replies.next() {
                Some(reply) => step.finish(&reply, chunk.context(inputs)),
                None => Ok(Value::Null),
            });
            self.hand_out(chunk, answer, &mut answers);
        }
        answers
    }

    /// Like [`Batch::ask`], with mappings that may take their time. What a chunk's mappings cause is
    /// nobody's in particular: such mappings are refused at load.
    async fn ask_by_turns(
        &self,
        step: &Step,
        inputs: Inputs<'_>,
        keys: &[(Cow<'_, str>, Value)],
    ) -> Vec<Answer> {
        let mut answers = Vec::with_capacity(keys.len() + 1);
        let chunks: Vec<Chunk<'_>> = keys.chunks(self.max).map(Chunk::new).collect();
        let mut runs: Vec<Run<'_>> = chunks
            .iter()
            .map(|chunk| Run::of_keys(&chunk.list))
            .collect();
        let ended = step
            .call(inputs, &mut runs.iter_mut().collect::<Vec<_>>())
            .await;
        for (chunk, ended) in chunks.iter().zip(ended) {
            self.hand_out(chunk, ended.answer, &mut answers);
        }
        for run in runs {
            run.settle(inputs);
        }
        answers
    }

    /// The key of a caller who may be asked for together with others: it is the only one, the step
    /// reads nothing else of the caller, and asking changes nothing.
    fn joinable<'k>(
        &self,
        step: &Step,
        inputs: Inputs<'_>,
        keys: &'k Keys<'_>,
    ) -> Option<(&'k str, &'k Value)> {
        let [(text, key)] = &*keys.distinct else {
            return None;
        };
        if !inputs.alone || !step.joined.joins_keys() {
            return None;
        }
        let chunk = Chunk::new(&keys.distinct);
        let request = step.render_request(chunk.context(inputs)).ok()?;
        step.source.is_read(&request).then_some((&**text, key))
    }

    /// Gives each key of a chunk its part of the answer.
    fn hand_out(&self, chunk: &Chunk<'_>, answer: Answer, distinct: &mut Vec<Answer>) {
        let list = match answer {
            Ok(list) => list,
            Err(failure) => {
                distinct.extend(chunk.keys.iter().map(|_| Err(Arc::clone(&failure))));
                return;
            }
        };
        let view = list.view();
        if !matches!(view.kind(), Kind::List | Kind::Null) {
            let failure = unusable("a batch must be answered with a list");
            distinct.extend(chunk.keys.iter().map(|_| Err(Arc::clone(&failure))));
            return;
        }
        match &self.spread {
            Spread::Order => self.in_order(chunk, view, distinct),
            Spread::GroupBy(field) if self.many => group(chunk, view, field, distinct),
            Spread::GroupBy(field) => self.pick(chunk, view, field, distinct),
        }
    }

    fn in_order(&self, chunk: &Chunk<'_>, list: View<'_>, distinct: &mut Vec<Answer>) {
        if list.len() != chunk.keys.len() {
            let message = format!(
                "a batch of {} keys was answered with {} items",
                chunk.keys.len(),
                list.len()
            );
            let failure = unusable(&message);
            distinct.extend(chunk.keys.iter().map(|_| Err(Arc::clone(&failure))));
            return;
        }
        distinct.extend(list.items().map(|item| match item.is_null() {
            true => Ok(self.missing()),
            false => Ok(item.to_value()),
        }));
    }

    /// The first item with a parent's key is its answer.
    fn pick(&self, chunk: &Chunk<'_>, list: View<'_>, field: &str, distinct: &mut Vec<Answer>) {
        let start = distinct.len();
        distinct.extend(chunk.keys.iter().map(|_| Ok(Value::Null)));
        chunk.each(list, field, |index, item| {
            let place = &mut distinct[start + index];
            if matches!(place, Ok(Value::Null)) {
                *place = Ok(item.to_value());
            }
        });
    }

    fn missing(&self) -> Value {
        if self.many {
            Value::List(Arc::default())
        } else {
            Value::Null
        }
    }
}

/// A key's text, by which keys are compared, and the key itself.
fn key(rendered: Rendered<'_>) -> Option<(Cow<'_, str>, Value)> {
    match rendered {
        Rendered::Absent => None,
        Rendered::View(view) => Some((view.key_text()?, view.to_value())),
        Rendered::Built(value) => {
            let text = value.view().key_text()?.into_owned();
            Some((Cow::Owned(text), value))
        }
    }
}

/// All items with a parent's key are its answer.
fn group(chunk: &Chunk<'_>, list: View<'_>, field: &str, distinct: &mut Vec<Answer>) {
    let mut groups: Vec<Vec<Value>> = vec![Vec::new(); chunk.keys.len()];
    chunk.each(list, field, |index, item| {
        groups[index].push(item.to_value())
    });
    distinct.extend(
        groups
            .into_iter()
            .map(|group| Ok(Value::List(Arc::new(group)))),
    );
}

fn unusable(message: &str) -> Arc<Failure> {
    Arc::new(Failure::new("BatchError", message))
}

/// The keys of one call.
struct Chunk<'a> {
    keys: &'a [(Cow<'a, str>, Value)],
    list: Value,
}

impl<'a> Chunk<'a> {
    fn new(keys: &'a [(Cow<'a, str>, Value)]) -> Self {
        let list = keys.iter().map(|(_, value)| value.clone()).collect();
        Chunk {
            keys,
            list: Value::List(Arc::new(list)),
        }
    }

    fn context<'c>(&'c self, inputs: Inputs<'c>) -> Context<'c> {
        Context {
            keys: Some(self.list.view()),
            ..inputs.context(View::NULL)
        }
    }

    /// Calls `take` with each item that names one of the keys, and that key's index.
    fn each<'v>(&self, list: View<'v>, field: &str, mut take: impl FnMut(usize, View<'v>)) {
        let index: AHashMap<&str, usize> = self
            .keys
            .iter()
            .enumerate()
            .map(|(index, (text, _))| (&**text, index))
            .collect();
        let mut hint = 0;
        for item in list.items() {
            let name = item.get_hinted(field, &mut hint).and_then(View::key_text);
            if let Some(index) = name.and_then(|name| index.get(&*name).copied()) {
                take(index, item);
            }
        }
    }
}

#[cfg(test)]
mod tests;
