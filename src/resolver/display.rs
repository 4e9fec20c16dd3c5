//! A resolver as text, for `explain`.

use std::fmt;

use crate::resolver::{Resolver, batch::Batch, step::Step};

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
    /// Whether a level makes one call, as long as no batch is larger than its maximum.
    pub(crate) fn makes_one_call(&self) -> bool {
        match self {
            Resolver::Step(step) => !matches!(step.calls(), Calls::EachRequest),
        }
    }
}

impl fmt::Display for Resolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Resolver::Step(step) => step.fmt(f),
        }
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
