//! What may happen next to a connection because time passes.
//!
//! One timer serves all of it. It is set back only when something is due earlier than it stands;
//! when it fires too early, because the connection was used meanwhile, it is set anew. A message
//! thus costs no timer.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::time::{Instant, Sleep, sleep_until};

use crate::{
    clock::after,
    front::socket::{Bounds, Close},
};

/// How long a client may leave what was written unread.
const STUCK: Duration = Duration::from_secs(30);

/// What is due.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// A ping.
    Ping,
    /// The end, because nothing was said.
    Idle,
    /// The end, because it lasted.
    Total,
    /// The end, because nothing that was written is read.
    Stuck,
    /// The end that the protocol wants.
    Deadline(Close),
}

/// The times of a connection.
#[derive(Debug)]
pub(super) struct Timing {
    timer: Pin<Box<Sleep>>,
    idle: Duration,
    keep_alive: Option<Duration>,
    /// When it has lasted long enough.
    end: Instant,
    /// The last sign of life.
    alive: Instant,
    pinged: Instant,
    /// Since when the client does not read.
    stuck: Option<Instant>,
}

// === impl Timing ===

impl Timing {
    pub(super) fn new(bounds: &Bounds) -> Self {
        let now = Instant::now();
        let end = after(now, bounds.total);
        Timing {
            timer: Box::pin(sleep_until(end)),
            idle: bounds.idle,
            keep_alive: bounds.keep_alive,
            end,
            alive: now,
            pinged: now,
            stuck: None,
        }
    }

    /// A message came.
    pub(super) fn received(&mut self) {
        self.alive = Instant::now();
    }

    /// A ping or a pong came.
    pub(super) fn controlled(&mut self) {
        if self.keep_alive.is_some() {
            self.alive = Instant::now();
        }
    }

    /// A message was written.
    pub(super) fn sent(&mut self) {
        if self.keep_alive.is_none() {
            self.alive = Instant::now();
        }
    }

    /// What was written is, or is not, being read.
    pub(super) fn read(&mut self, reads: bool) {
        match reads {
            true => self.stuck = None,
            false => {
                self.stuck.get_or_insert_with(Instant::now);
            }
        }
    }

    /// Waits for what is due next.
    pub(super) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        deadline: Option<&(Instant, Close)>,
    ) -> Poll<Due> {
        let (at, due) = self.next(deadline);
        if self.poll_until(cx, at).is_pending() {
            return Poll::Pending;
        }
        if due == Due::Ping {
            self.pinged = Instant::now();
        }
        Poll::Ready(due)
    }

    /// Waits until a point in time.
    pub(super) fn poll_until(&mut self, cx: &mut Context<'_>, at: Instant) -> Poll<()> {
        loop {
            if Instant::now() >= at {
                return Poll::Ready(());
            }
            if self.timer.deadline() > at || self.timer.is_elapsed() {
                self.timer.as_mut().reset(at);
            }
            if self.timer.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
        }
    }

    fn next(&self, deadline: Option<&(Instant, Close)>) -> (Instant, Due) {
        let mut next = (after(self.alive, self.idle), Due::Idle);
        let others = [
            Some((self.end, Due::Total)),
            self.keep_alive
                .map(|every| (after(self.alive.max(self.pinged), every), Due::Ping)),
            self.stuck.map(|since| (since + STUCK, Due::Stuck)),
            deadline.map(|(at, close)| (*at, Due::Deadline(close.clone()))),
        ];
        for other in others.into_iter().flatten() {
            if other.0 < next.0 {
                next = other;
            }
        }
        next
    }
}
