//! The protocol `graphql-transport-ws` as a state machine without I/O: a message in, an effect out.
//!
//! Who the client is and what its operations do, others find out; the machine says when it is time
//! to. Time is theirs as well: a client that has not sent `connection_init` when it should have is
//! closed with [`Close::init_timeout`].
//!
//! See: <https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md>.

mod message;

use bytes::Bytes;

use crate::{
    json::{self, Value},
    subscribe::{
        Utf8Bytes,
        session::{Session, Ticket, Unbegun},
    },
};

use message::{Malformed, Message};

/// How far a client has come.
#[derive(Debug, Default)]
pub(crate) struct TransportWs {
    phase: Phase,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// It has not said `connection_init`.
    #[default]
    Silent,
    /// It has, and somebody finds out who it is.
    Initialising,
    /// It may ask.
    Acknowledged,
}

/// What is to be done about a message.
#[derive(Debug)]
pub(crate) enum Effect<T> {
    /// Nothing.
    Nothing,
    /// Send this.
    Send(Utf8Bytes),
    /// Find out who the client is from this payload, or null; then say [`TransportWs::acknowledge`],
    /// or close with [`Close::forbidden`].
    Initialise(Value),
    /// Begin an operation: the payload is a JSON object with a `query`.
    Begin(Ticket, Bytes),
    /// Stop an operation, by dropping this.
    End(T),
    /// Close the connection.
    Close(Close),
}

/// How the protocol closes a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Close {
    /// One of the protocol's codes.
    pub(crate) code: u16,
    /// At most 123 bytes.
    pub(crate) reason: Utf8Bytes,
}

/// The `error` message of an operation that was not executed; `errors` is a JSON list.
pub(crate) fn errors(id: &str, errors: &[u8]) -> Utf8Bytes {
    let mut out = b"{\"id\":".to_vec();
    json::write_string(id, &mut out);
    out.extend_from_slice(b",\"type\":\"error\",\"payload\":");
    out.extend_from_slice(errors);
    out.push(b'}');
    text(out)
}

/// The `complete` message of an operation.
pub(crate) fn complete(id: &str) -> Utf8Bytes {
    let mut out = b"{\"id\":".to_vec();
    json::write_string(id, &mut out);
    out.extend_from_slice(b",\"type\":\"complete\"}");
    text(out)
}

/// What was written here, as text: all of it comes from texts.
fn text(out: Vec<u8>) -> Utf8Bytes {
    match Utf8Bytes::try_from(out) {
        Ok(text) => text,
        Err(_) => Utf8Bytes::from_static("{}"),
    }
}

// === impl TransportWs ===

impl TransportWs {
    /// What is to be done about a text message.
    pub(crate) fn receive<T>(&mut self, session: &mut Session<T>, text: Utf8Bytes) -> Effect<T> {
        let message = match Message::parse(text) {
            Ok(message) => message,
            Err(Malformed(reason)) => return Effect::Close(Close::malformed(&reason)),
        };
        match message {
            Message::Init(_) if self.phase != Phase::Silent => {
                Effect::Close(Close::new(4429, "Too many initialisation requests"))
            }
            Message::Init(payload) => {
                self.phase = Phase::Initialising;
                Effect::Initialise(payload)
            }
            Message::Ping(payload) => Effect::Send(pong(payload.as_deref())),
            Message::Pong => Effect::Nothing,
            Message::Subscribe { .. } if self.phase != Phase::Acknowledged => {
                Effect::Close(Close::new(4401, "Unauthorized"))
            }
            Message::Subscribe { id, payload } => begin(session, &id, payload),
            Message::Complete { id } => session.end(&id).map_or(Effect::Nothing, Effect::End),
        }
    }

    /// The client is known and may ask from now on: what it is told.
    pub(crate) fn acknowledge(&mut self) -> Utf8Bytes {
        self.phase = Phase::Acknowledged;
        Utf8Bytes::from_static("{\"type\":\"connection_ack\"}")
    }

    /// Whether `connection_init` is still to come.
    pub(crate) fn is_silent(&self) -> bool {
        self.phase == Phase::Silent
    }
}

fn begin<T>(session: &mut Session<T>, id: &str, payload: Bytes) -> Effect<T> {
    match session.begin(id) {
        Ok(ticket) => Effect::Begin(ticket, payload),
        Err(Unbegun::Taken) => Effect::Close(Close::taken(id)),
        Err(Unbegun::TooMany) => {
            let limit = session.limit();
            let message = format!("a connection may have {limit} operations at a time");
            let mut list = b"[{\"message\":".to_vec();
            json::write_string(&message, &mut list);
            list.extend_from_slice(b"}]");
            Effect::Send(errors(id, &list))
        }
    }
}

fn pong(payload: Option<&[u8]>) -> Utf8Bytes {
    let Some(payload) = payload else {
        return Utf8Bytes::from_static("{\"type\":\"pong\"}");
    };
    let mut out = b"{\"type\":\"pong\",\"payload\":".to_vec();
    out.extend_from_slice(payload);
    out.push(b'}');
    text(out)
}

// === impl Close ===

impl Close {
    /// The longest reason that fits into a close frame.
    ///
    /// See: RFC 6455 §5.5.
    const MAX_REASON: usize = 123;

    fn new(code: u16, reason: &'static str) -> Self {
        Close {
            code,
            reason: Utf8Bytes::from_static(reason),
        }
    }

    /// The client is not who it should be, or not any more.
    pub(crate) fn forbidden() -> Self {
        Close::new(4403, "Forbidden")
    }

    /// The client did not introduce itself in time.
    pub(crate) fn init_timeout() -> Self {
        Close::new(4408, "Connection initialisation timeout")
    }

    /// A message cannot be understood.
    pub(crate) fn malformed(reason: &str) -> Self {
        Close {
            code: 4400,
            reason: reason[..reason.floor_char_boundary(Close::MAX_REASON)].into(),
        }
    }

    fn taken(id: &str) -> Self {
        let reason = format!("Subscriber for {id} already exists");
        if reason.len() > Close::MAX_REASON {
            return Close::new(4409, "Subscriber already exists");
        }
        Close {
            code: 4409,
            reason: reason.into(),
        }
    }
}

#[cfg(test)]
mod tests;
