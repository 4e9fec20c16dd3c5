//! The end of a connection's queue that everyone may hold.

use std::sync::Arc;

use tokio::sync::mpsc::{self, error::TrySendError};
use tokio_tungstenite::tungstenite::Utf8Bytes;

use crate::{
    cluster::Unsent,
    front::socket::{
        Close,
        ending::{Cause, Ending},
    },
};

/// Writes to a connection, from anywhere.
#[derive(Debug, Clone)]
pub(in crate::front) struct Outbox {
    messages: mpsc::Sender<Outgoing>,
    ending: Arc<Ending>,
}

/// A message that waits to be written.
#[derive(Debug)]
pub(super) enum Outgoing {
    Text(Utf8Bytes),
    Close(Close),
}

/// The client reads too slowly: its queue is full, and the connection is being closed with 1013.
/// Or it is gone.
#[derive(Debug)]
pub(in crate::front) struct Overrun;

// === impl Outbox ===

impl Outbox {
    pub(super) fn new(messages: mpsc::Sender<Outgoing>, ending: Arc<Ending>) -> Self {
        Outbox { messages, ending }
    }

    /// Queues a text message. Never waits.
    pub(in crate::front) fn send(&self, text: Utf8Bytes) -> Result<(), Overrun> {
        self.offer(text).map_err(|unsent| {
            if unsent == Unsent::Full {
                self.ending.ask(Cause::Overrun, Cause::Overrun.close());
            }
            Overrun
        })
    }

    /// Queues a text message if there is room; the connection goes on if there is none.
    pub(in crate::front) fn offer(&self, text: Utf8Bytes) -> Result<(), Unsent> {
        let sent = self.messages.try_send(Outgoing::Text(text));
        sent.map_err(|error| match error {
            TrySendError::Full(_) => Unsent::Full,
            TrySendError::Closed(_) => Unsent::Gone,
        })
    }

    /// Ends the connection when what is queued has been written; at once when the queue is full.
    pub(in crate::front) fn close(&self, close: Close) {
        let sent = self.messages.try_send(Outgoing::Close(close));
        if let Err(TrySendError::Full(Outgoing::Close(close))) = sent {
            self.ending.ask(Cause::Protocol, close);
        }
    }
}
