//! What stands around a payload on the wire.

use std::sync::Arc;

use crate::{json, subscribe::Utf8Bytes};

/// What a subscriber's payloads are wrapped in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Envelope {
    /// A `next` message of `graphql-transport-ws`; this is all that stands before the payload.
    Next(Arc<str>),
    /// An event of a `text/event-stream`.
    Event,
}

/// The frames of one payload: subscribers with the same envelope are handed the same bytes.
pub(super) struct Frames<'p> {
    payload: &'p str,
    /// The last one. Clients of one program tend to number their operations alike, so that one is
    /// enough; where each makes up its own ids, no number of them would be.
    last: Option<(Envelope, Utf8Bytes)>,
}

// === impl Envelope ===

impl Envelope {
    /// The `next` messages of an operation.
    pub(crate) fn next(id: &str) -> Self {
        let mut head = b"{\"id\":".to_vec();
        json::write_string(id, &mut head);
        head.extend_from_slice(b",\"type\":\"next\",\"payload\":");
        Envelope::Next(String::from_utf8_lossy(&head).into())
    }

    /// The payload, wrapped.
    pub(crate) fn wrap(&self, payload: &str) -> Utf8Bytes {
        let (head, tail) = match self {
            Envelope::Next(head) => (&**head, "}"),
            Envelope::Event => ("event: next\ndata: ", "\n\n"),
        };
        let mut frame = String::with_capacity(head.len() + payload.len() + tail.len());
        frame.push_str(head);
        match self {
            Envelope::Event if payload.contains(['\n', '\r']) => {
                // A line break ends a `data` field. In JSON it can only be a blank between tokens.
                frame.extend(payload.chars().map(|c| match c {
                    '\n' | '\r' => ' ',
                    other => other,
                }));
            }
            Envelope::Next(_) | Envelope::Event => frame.push_str(payload),
        }
        frame.push_str(tail);
        frame.into()
    }
}

// === impl Frames ===

impl<'p> Frames<'p> {
    pub(super) fn new(payload: &'p str) -> Self {
        Frames {
            payload,
            last: None,
        }
    }

    /// The frame of a subscriber.
    pub(super) fn of(&mut self, envelope: &Envelope) -> Utf8Bytes {
        if let Some((of, frame)) = &self.last
            && of == envelope
        {
            return frame.clone();
        }
        let frame = envelope.wrap(self.payload);
        self.last = Some((envelope.clone(), frame.clone()));
        frame
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_is_wrapped_as_its_protocol_has_it() {
        let next = Envelope::next("a \"b\"");
        assert_eq!(
            next.wrap("{}"),
            r#"{"id":"a \"b\"","type":"next","payload":{}}"#
        );
        assert_eq!(Envelope::Event.wrap("{}"), "event: next\ndata: {}\n\n");
    }

    #[test]
    fn no_line_break_of_a_payload_ends_its_event() {
        let frame = Envelope::Event.wrap("{\"a\":\r\n[1,\n2]}");
        assert_eq!(frame, "event: next\ndata: {\"a\":  [1, 2]}\n\n");
    }

    #[test]
    fn equal_envelopes_share_one_frame() {
        let mut frames = Frames::new("{}");
        let one = frames.of(&Envelope::next("1"));
        let same = frames.of(&Envelope::next("1"));
        let other = frames.of(&Envelope::next("2"));
        assert!(std::ptr::eq(one.as_str(), same.as_str()));
        assert_ne!(one, other);
    }
}
