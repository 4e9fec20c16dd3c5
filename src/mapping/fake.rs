//! A program written in Rust, for tests of those who run mappings.

use std::{fmt, sync::Arc};

use super::{Context, Mapping, MappingError, Reads, Rendered, Shape, Stop, Turn, Yield};
use crate::json::Value;

type Play = dyn Fn(&Context<'_>, &mut Turn) -> Result<Yield<'static>, MappingError> + Send + Sync;

/// What the program does.
#[derive(Clone)]
pub(super) struct Fake(Arc<Play>);

impl Mapping {
    /// A program that reads everything, and has its own turn.
    pub(crate) fn fake(
        play: impl Fn(&Context<'_>, &mut Turn) -> Result<Yield<'static>, MappingError>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        Mapping {
            shape: Shape::Fake(Fake(Arc::new(play))),
            reads: Reads {
                source: true,
                error: true,
                status: true,
                ..Reads::default()
            },
            caller_reads: Vec::new(),
            members: Vec::new(),
            own_turn: true,
        }
    }

    /// A program that only shapes, and reads nothing of its parent.
    pub(crate) fn fake_pure(play: impl Fn(&Context<'_>) -> Value + Send + Sync + 'static) -> Self {
        let play = move |cx: &Context<'_>, _: &mut Turn| Ok(value(play(cx)));
        let mut fake = Mapping::fake(play);
        fake.own_turn = false;
        fake.reads.source = false;
        fake
    }
}

/// A value as what a program ends with.
pub(crate) fn value(value: impl Into<Value>) -> Yield<'static> {
    Yield::Value(Rendered::Built(value.into()))
}

impl Fake {
    pub(super) fn run(&self, cx: &Context<'_>, turn: &mut Turn) -> Result<Yield<'static>, Stop> {
        (self.0)(cx, turn).map_err(|error| Stop::Error(Box::new(error)))
    }
}

impl fmt::Debug for Fake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("fake")
    }
}
