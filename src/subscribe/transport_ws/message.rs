//! What a client may say.

use bytes::Bytes;

use crate::{
    json::{Document, Kind, Value, View},
    subscribe::Utf8Bytes,
};

/// The longest id, in bytes.
const MAX_ID: usize = 256;

/// A client's message.
#[derive(Debug)]
pub(super) enum Message {
    /// `connection_init`, and its payload or null.
    Init(Value),
    /// `ping`, and its payload as it stands.
    Ping(Option<Bytes>),
    /// `pong`
    Pong,
    /// `subscribe`, and its payload as it stands: an object with a `query`.
    Subscribe { id: String, payload: Bytes },
    /// `complete`
    Complete { id: String },
}

/// What is wrong with a message, in a sentence.
#[derive(Debug)]
pub(super) struct Malformed(pub(super) String);

impl Message {
    /// Reads a message.
    pub(super) fn parse(text: Utf8Bytes) -> Result<Self, Malformed> {
        let document = Document::parse(Bytes::from(text))
            .map_err(|_| malformed("Invalid message received: it is not JSON"))?;
        let message = document.root();
        if message.kind() != Kind::Object {
            return Err(malformed("Invalid message received: it is no object"));
        }
        let Some(ty) = message.get("type").and_then(View::as_str) else {
            return Err(malformed("Invalid message received: it has no `type`"));
        };
        match &*ty {
            "connection_init" => {
                let payload = optional_object(message, "connection_init")?;
                Ok(Message::Init(payload.unwrap_or(View::NULL).to_value()))
            }
            "ping" => {
                let payload = optional_object(message, "ping")?;
                let payload = payload.and_then(View::raw);
                Ok(Message::Ping(
                    payload.map(|raw| document.text().slice_ref(raw)),
                ))
            }
            "pong" => optional_object(message, "pong").map(|_| Message::Pong),
            "subscribe" => {
                let id = id(message, "subscribe")?;
                let payload = check_operation(message)?;
                let payload = document.text().slice_ref(payload);
                Ok(Message::Subscribe { id, payload })
            }
            "complete" => id(message, "complete").map(|id| Message::Complete { id }),
            other => {
                let other = &other[..other.floor_char_boundary(32)];
                Err(Malformed(format!(
                    "Unexpected message of type {other} received"
                )))
            }
        }
    }
}

fn malformed(reason: &str) -> Malformed {
    Malformed(reason.to_owned())
}

fn id(message: View<'_>, ty: &str) -> Result<String, Malformed> {
    let Some(id) = message.get("id").and_then(View::as_str) else {
        return Err(Malformed(format!("`{ty}` must have a string as `id`")));
    };
    match id.len() {
        0 => Err(Malformed(format!("the `id` of `{ty}` must not be empty"))),
        1..=MAX_ID => Ok(id.into_owned()),
        _ => Err(Malformed(format!(
            "the `id` of `{ty}` must be at most {MAX_ID} bytes long"
        ))),
    }
}

/// The payload, when there is one that is not null.
fn optional_object<'m>(message: View<'m>, ty: &str) -> Result<Option<View<'m>>, Malformed> {
    let payload = message.get("payload").filter(|payload| !payload.is_null());
    match payload {
        Some(payload) if payload.kind() != Kind::Object => Err(Malformed(format!(
            "the `payload` of `{ty}` must be an object"
        ))),
        payload => Ok(payload),
    }
}

/// The text of a `subscribe` message's payload, when it is a request.
fn check_operation<'m>(message: View<'m>) -> Result<&'m [u8], Malformed> {
    let wrong = || malformed("`subscribe` must have an object as `payload`");
    let payload = optional_object(message, "subscribe")?.ok_or_else(wrong)?;
    if payload.get("query").map(View::kind) != Some(Kind::String) {
        return Err(malformed(
            "the `payload` of `subscribe` must have a string as `query`",
        ));
    }
    for (name, kind, what) in [
        ("operationName", Kind::String, "a string"),
        ("variables", Kind::Object, "an object"),
        ("extensions", Kind::Object, "an object"),
    ] {
        let member = payload.get(name).map(View::kind);
        if member.is_some_and(|member| member != kind && member != Kind::Null) {
            return Err(Malformed(format!(
                "`{name}` in the `payload` of `subscribe` must be {what} or null"
            )));
        }
    }
    payload.raw().ok_or_else(wrong)
}
