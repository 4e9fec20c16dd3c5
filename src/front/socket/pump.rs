//! Between a connection and what its messages mean: one message at a time is handed to the protocol,
//! and while it works the connection goes on.

use std::{
    collections::VecDeque, future::poll_fn, ops::ControlFlow, panic::AssertUnwindSafe, sync::Arc,
    task::Poll,
};

use futures::FutureExt;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::mpsc,
};
use tokio_tungstenite::tungstenite::Utf8Bytes;

use crate::front::socket::{
    Bounds, Close, Ended, Protocol,
    ending::{Cause, Ending},
    outbox::Outgoing,
    wire::{Event, Wire},
};

/// Messages that may wait while another is being handled. Then nothing more is read: the client
/// waits, as TCP does.
const WAITING: usize = 16;

/// A connection and the messages of it that wait to be handled.
struct Pump<S> {
    wire: Wire<S>,
    waiting: VecDeque<Incoming>,
    /// Bytes of those that wait.
    bytes: usize,
    max_bytes: usize,
    over: Option<(Cause, Ended)>,
}

enum Incoming {
    Text(Utf8Bytes),
    Binary,
}

/// What a message that was handled came to.
type Handled = Result<ControlFlow<Close>, Panicked>;

struct Panicked;

/// Runs a connection until it has ended, and the protocol knows.
pub(super) async fn run<S, P>(
    stream: S,
    bounds: Bounds,
    queue: mpsc::Receiver<Outgoing>,
    ending: Arc<Ending>,
    mut protocol: P,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send,
    P: Protocol,
{
    let pump = Pump {
        wire: Wire::new(stream, &bounds, queue, ending).await,
        waiting: VecDeque::new(),
        bytes: 0,
        max_bytes: bounds.message,
        over: None,
    };
    let ended = pump.run(&mut protocol).await;
    // In a box of its own: what it needs must not make every idle connection larger.
    Box::pin(protocol.ended(ended)).await;
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Pump<S> {
    async fn run<P: Protocol>(mut self, protocol: &mut P) -> Ended {
        loop {
            let Some(incoming) = self.waiting.pop_front() else {
                if let Some((_, ended)) = self.over {
                    return ended;
                }
                self.wait(protocol).await;
                continue;
            };
            let handled = match incoming {
                Incoming::Binary => Ok(protocol.binary()),
                Incoming::Text(text) => {
                    self.bytes -= text.len();
                    self.handle(text, protocol).await
                }
            };
            match handled {
                Ok(ControlFlow::Continue(())) => {}
                Ok(ControlFlow::Break(close)) => self.close(Cause::Protocol, close),
                Err(Panicked) => self.close(Cause::Panic, Cause::Panic.close()),
            }
        }
    }

    /// Waits for what comes next.
    async fn wait<P: Protocol>(&mut self, protocol: &mut P) {
        let deadline = protocol.deadline();
        let event = poll_fn(|cx| self.wire.poll(cx, deadline.as_ref(), true)).await;
        self.take(event);
    }

    /// Has one message handled. The connection goes on meanwhile.
    async fn handle<P: Protocol>(&mut self, text: Utf8Bytes, protocol: &mut P) -> Handled {
        let mut handling = Box::pin(AssertUnwindSafe(protocol.text(text)).catch_unwind());
        poll_fn(|cx| {
            if let Poll::Ready(handled) = handling.poll_unpin(cx) {
                return Poll::Ready(handled.map_err(|_| Panicked));
            }
            while self.over.is_none() {
                let Poll::Ready(event) = self.wire.poll(cx, None, self.has_room()) else {
                    break;
                };
                self.take(event);
            }
            Poll::Pending
        })
        .await
    }

    fn has_room(&self) -> bool {
        self.waiting.len() < WAITING && self.bytes <= self.max_bytes
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::Text(text) => {
                self.bytes += text.len();
                self.waiting.push_back(Incoming::Text(text));
            }
            Event::Binary => self.waiting.push_back(Incoming::Binary),
            Event::Over(cause, ended) => {
                // A client may send and be gone: what it sent counts. What we closed is closed.
                if !matches!(cause, Cause::Client | Cause::Lost) {
                    self.forget();
                }
                self.over = Some((cause, ended));
            }
        }
    }

    fn close(&mut self, cause: Cause, close: Close) {
        self.forget();
        self.wire.close(cause, close);
    }

    fn forget(&mut self) {
        self.waiting.clear();
        self.bytes = 0;
    }
}
