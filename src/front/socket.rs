//! One WebSocket connection: the handshake, and the pump that moves frames within bounds. What the
//! messages mean is the [`Protocol`]'s business; GraphQL and WebSocket apis each bring theirs.
//!
//! Close codes that are ours:
//!
//! | code | reason | when |
//! | --- | --- | --- |
//! | 1001 | `Going away` | the connection was idle, or lasted, for too long; or the gateway stops |
//! | 1002 | `Protocol error` | what came is no WebSocket frame that a client may send |
//! | 1007 | `Invalid text` | a text message is not UTF-8 |
//! | 1009 | `Message too big` | a frame or a message is larger than allowed |
//! | 1011 | `Internal error` | the protocol's code failed |
//! | 1013 | `Too slow` | more messages wait for the client than may |
//!
//! See: RFC 6455.

mod ending;
mod handshake;
mod metered;
mod outbox;
mod pump;
mod registry;
mod timing;
mod wire;

use std::{future::Future, ops::ControlFlow, sync::Arc, time::Duration};

use axum::{body::Body, http::Response};
use hyper_util::rt::TokioIo;
use tokio::{
    sync::mpsc,
    time::{Instant, timeout},
};
use tokio_tungstenite::tungstenite::Utf8Bytes;

use crate::{
    config::websocket::Sockets as Written, front::fault::HandshakeFault, request::Request,
};

use ending::Ending;
use outbox::Outgoing;
use registry::Seat;

pub(super) use handshake::{detach, is_asked_for, tokens};
pub(super) use outbox::Outbox;
pub(super) use registry::{Sockets, Upgrade};

/// How long the client may take from its handshake to the first byte of the new protocol's stream:
/// all that happens meanwhile is that the answer is written.
const UPGRADE: Duration = Duration::from_secs(10);

/// The bounds of one connection.
#[derive(Debug, Clone)]
pub(super) struct Bounds {
    /// Bytes of one frame.
    pub(super) frame: usize,
    /// Bytes of one message.
    pub(super) message: usize,
    /// How long it may be silent.
    pub(super) idle: Duration,
    /// How long it may last.
    pub(super) total: Duration,
    /// Messages that may wait to be written.
    pub(super) queue: usize,
    /// Connections of the api at once.
    pub(super) connections: usize,
    /// How often an idle client is pinged. When it is set, everything that the client sends is a
    /// sign of life, pongs too, and what it is sent is none. `None`: there are no pings, and messages
    /// alone count, in either direction.
    pub(super) keep_alive: Option<Duration>,
}

/// How a connection is ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Close {
    /// See: RFC 6455 §7.4, and the protocol's own codes from 4000 on.
    pub(super) code: u16,
    /// At most 123 bytes.
    pub(super) reason: Utf8Bytes,
}

/// How a connection ended, from whichever side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ended {
    /// The close code; 1005 when the client gave none, 1006 when the connection was lost.
    pub(super) code: u16,
    /// What was said about it.
    pub(super) reason: Utf8Bytes,
}

/// What the messages of a connection mean. Messages are handed over one at a time, in their order;
/// while one is being handled the connection goes on: what is queued is written, pings are answered.
pub(super) trait Protocol: Send + 'static {
    /// A text message came. Not cut off when the connection ends: it takes the time it takes.
    fn text(&mut self, text: Utf8Bytes) -> impl Future<Output = ControlFlow<Close>> + Send;

    /// A binary message came.
    fn binary(&mut self) -> ControlFlow<Close>;

    /// When the connection is to be ended unless something happens before, and how. Looked at when
    /// a message has been handled.
    fn deadline(&self) -> Option<(Instant, Close)>;

    /// The connection is gone. Not called when the protocol's own code panicked somewhere else than
    /// in [`Protocol::text`]: what must be undone in any case belongs into a `Drop`.
    fn ended(self, how: Ended) -> impl Future<Output = ()> + Send;
}

/// A connection that is about to be. Dropped instead of run, it never was.
#[derive(Debug)]
pub(super) struct Socket {
    upgrade: hyper::upgrade::OnUpgrade,
    bounds: Bounds,
    queue: mpsc::Receiver<Outgoing>,
    ending: Arc<Ending>,
    seat: Seat,
}

// === impl Socket ===

impl Socket {
    /// Answers the handshake of RFC 6455 §4.2: the response to be sent, and the socket that it opens.
    /// `protocol` is the subprotocol that was chosen of those that the client offers. The error is
    /// what is wrong with a request that is no right handshake, or for which there is no room.
    pub(super) fn accept(
        request: &Request,
        upgrade: Option<Upgrade>,
        protocol: Option<&'static str>,
        bounds: Bounds,
    ) -> Result<(Response<Body>, Socket, Outbox), HandshakeFault> {
        let key = handshake::check(request, upgrade.is_some())?;
        let Some(upgrade) = upgrade else {
            return Err(HandshakeFault::NoUpgrade);
        };
        let ending = Arc::new(Ending::default());
        let (upgrade, seat) = upgrade
            .seat(bounds.connections, &ending)
            .map_err(|_| HandshakeFault::Full)?;
        let (messages, queue) = mpsc::channel(bounds.queue.max(1));
        let socket = Socket {
            upgrade,
            bounds,
            queue,
            ending: Arc::clone(&ending),
            seat,
        };
        let outbox = Outbox::new(messages, ending);
        Ok((handshake::switch(&key, protocol), socket, outbox))
    }

    /// Runs the connection in a task of its own, until it ends.
    pub(super) fn run(self, protocol: impl Protocol) {
        tokio::spawn(async move {
            let Socket {
                upgrade,
                bounds,
                queue,
                ending,
                seat,
            } = self;
            let Ok(Ok(upgraded)) = timeout(UPGRADE, upgrade).await else {
                return protocol.ended(Ended::lost()).await;
            };
            let stream = TokioIo::new(upgraded);
            pump::run(stream, bounds, queue, ending, protocol).await;
            drop(seat);
        });
    }
}

// === impl Bounds ===

impl Bounds {
    /// What the configuration says.
    pub(super) fn new(sockets: &Written, keep_alive: Option<Duration>) -> Self {
        Bounds {
            frame: sockets.frame,
            message: sockets.message,
            idle: sockets.idle,
            total: sockets.total,
            queue: sockets.queue,
            connections: sockets.connections,
            keep_alive,
        }
    }
}

// === impl Close ===

impl Close {
    /// A close with a reason of ours.
    pub(super) const fn new(code: u16, reason: &'static str) -> Self {
        Close {
            code,
            reason: Utf8Bytes::from_static(reason),
        }
    }
}

// === impl Ended ===

impl Ended {
    /// The connection was lost.
    fn lost() -> Self {
        Ended {
            code: 1006,
            reason: Utf8Bytes::from_static(""),
        }
    }
}

#[cfg(test)]
mod tests;
