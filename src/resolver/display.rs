//! A resolver as text, for `explain`.

use std::fmt;

use crate::resolver::{Resolver, batch::Batch, pipeline::Pipeline, step::Step};

/// How many calls a level makes.
enum Calls<'a> {
    One,
    EachChunk(&'a Batch),
    EachRequest,
}

impl Step {
    fn calls(&self) -> Calls<'_> {
        match &self.batch {
            Some(batch) => Calls::EachChunk(batch),
            None if self.request.reads().source && !self.source.joins_reads() => Calls::EachRequest,
            None => Calls::One,
        }
    }
}

impl Resolver {
    /// How many calls a level makes, as long as no batch is larger than its maximum; `None`: that is
    /// for its parents to say.
    pub(crate) fn calls(&self) -> Option<usize> {
        let of_step = |step: &Step| (!matches!(step.calls(), Calls::EachRequest)).then_some(1);
        match self {
            Resolver::Step(step) => of_step(step),
            Resolver::Pipeline(pipeline) => {
                pipeline.functions.iter().map(|step| of_step(step)).sum()
            }
        }
    }
}

impl fmt::Display for Resolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Resolver::Step(step) => step.fmt(f),
            Resolver::Pipeline(pipeline) => pipeline.fmt(f),
        }
    }
}

/// Each function like a step, and what runs around them.
impl fmt::Display for Pipeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("pipeline")?;
        if let Some(before) = &self.before {
            write!(f, ": before {before}")?;
        }
        for (index, function) in self.functions.iter().enumerate() {
            write!(f, "; {}. {function}", index + 1)?;
        }
        if let Some(after) = &self.after {
            write!(f, "; after {after}")?;
        }
        if let Some(cache) = &self.cache {
            write!(f, "; cached for {:?}", cache.ttl)?;
        }
        Ok(())
    }
}

/// The source, the request, how many calls a level makes, and the cache.
impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ← {}", self.source_name, self.request)?;
        match self.calls() {
            Calls::One if self.request.reads().source => {
                f.write_str("; 1 call, joined by the source")?
            }
            Calls::One => f.write_str("; 1 call")?,
            Calls::EachChunk(batch) => {
                write!(
                    f,
                    "; batched by {}: 1 call for each {} distinct keys",
                    batch.key, batch.max
                )?;
            }
            Calls::EachRequest => f.write_str("; 1 call for each distinct request of a parent")?,
        }
        if let Some(cache) = &self.cache {
            write!(f, "; cached for {:?}", cache.ttl)?;
        }
        Ok(())
    }
}
