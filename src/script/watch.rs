//! How long a run may go on. The engine asks every some thousand steps.

use std::{cell::Cell, time::Duration};

use crate::clock::Stopwatch;

/// The clock of the run that a thread is at.
#[derive(Debug)]
pub(super) struct Watch {
    started: Cell<Stopwatch>,
    limit: Cell<Duration>,
    expired: Cell<bool>,
    stopped: Cell<bool>,
}

impl Watch {
    pub(super) fn new() -> Self {
        Watch {
            started: Cell::new(Stopwatch::start()),
            limit: Cell::new(Duration::MAX),
            expired: Cell::new(false),
            stopped: Cell::new(false),
        }
    }

    /// Begins a run.
    pub(super) fn start(&self, limit: Duration) {
        self.started.set(Stopwatch::start());
        self.limit.set(limit);
        self.expired.set(false);
        self.stopped.set(false);
    }

    /// A function ended the run. What the program does from here on reaches nobody, so it is let
    /// go until the engine asks next.
    pub(super) fn stop(&self) {
        self.stopped.set(true);
    }

    /// Whether the run must end now.
    pub(super) fn is_over(&self) -> bool {
        if self.stopped.get() || self.expired.get() {
            return true;
        }
        self.expired
            .set(self.started.get().elapsed() > self.limit.get());
        self.expired.get()
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stopped.get()
    }

    pub(super) fn is_expired(&self) -> bool {
        self.expired.get()
    }
}
