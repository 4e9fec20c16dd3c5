//! Why connections end, and how someone outside a connection's task ends it.

use std::{
    sync::{Mutex, PoisonError},
    task::Context,
};

use futures::task::AtomicWaker;
use tokio_tungstenite::tungstenite::{Error, Utf8Bytes, error::ProtocolError};

use crate::front::socket::{Close, Ended};

/// Why a connection ended: what is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    /// The client closed it.
    Client,
    /// The protocol closed it.
    Protocol,
    /// Nothing was said for too long.
    Idle,
    /// It lasted as long as it may.
    Total,
    /// The gateway stops.
    Shutdown,
    /// A frame or a message was too large.
    TooLarge,
    /// A text message was not UTF-8.
    NotUtf8,
    /// What came was no frame that a client may send.
    Violation,
    /// Too many messages waited for the client.
    Overrun,
    /// The client did not read for too long.
    Stuck,
    /// The network connection was lost.
    Lost,
    /// The protocol's code panicked.
    Panic,
}

/// How someone outside a connection's task asks for its end. The first who asks is heard.
#[derive(Debug, Default)]
pub(super) struct Ending {
    // Held for a moment only, never across an await.
    asked: Mutex<Option<(Cause, Close)>>,
    waker: AtomicWaker,
}

// === impl Cause ===

impl Cause {
    /// As metrics call it.
    pub(super) fn label(self) -> &'static str {
        match self {
            Cause::Client => "client",
            Cause::Protocol => "protocol",
            Cause::Idle => "idle",
            Cause::Total => "total",
            Cause::Shutdown => "shutdown",
            Cause::TooLarge => "too_large",
            Cause::NotUtf8 => "not_utf8",
            Cause::Violation => "violation",
            Cause::Overrun => "overrun",
            Cause::Stuck => "stuck",
            Cause::Lost => "lost",
            Cause::Panic => "panic",
        }
    }

    /// What the client is told; nothing is told to one that cannot be reached.
    pub(super) fn close(self) -> Close {
        match self {
            Cause::Idle | Cause::Total | Cause::Shutdown => Close::new(1001, "Going away"),
            Cause::TooLarge => Close::new(1009, "Message too big"),
            Cause::NotUtf8 => Close::new(1007, "Invalid text"),
            Cause::Violation => Close::new(1002, "Protocol error"),
            Cause::Overrun => Close::new(1013, "Too slow"),
            Cause::Panic => Close::new(1011, "Internal error"),
            Cause::Client | Cause::Protocol | Cause::Stuck | Cause::Lost => Close::new(1000, ""),
        }
    }

    /// What a failed read means.
    pub(super) fn of_read(error: &Error) -> Self {
        match error {
            Error::Capacity(_) => Cause::TooLarge,
            Error::Utf8(_) => Cause::NotUtf8,
            Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => Cause::Lost,
            Error::Protocol(_) | Error::AttackAttempt => Cause::Violation,
            _ => Cause::Lost,
        }
    }
}

// === impl Ending ===

impl Ending {
    /// Asks for the end.
    pub(super) fn ask(&self, cause: Cause, close: Close) {
        {
            let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
            asked.get_or_insert((cause, close));
        }
        self.waker.wake();
    }

    /// What was asked for. The task is woken when something is.
    pub(super) fn poll(&self, cx: &Context<'_>) -> Option<(Cause, Close)> {
        self.waker.register(cx.waker());
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.clone()
    }
}

// === impl Ended ===

impl From<&Close> for Ended {
    fn from(close: &Close) -> Self {
        Ended {
            code: close.code,
            reason: Utf8Bytes::clone(&close.reason),
        }
    }
}
