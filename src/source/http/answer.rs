//! From the bytes of an answer to a [`Reply`].

use std::sync::Arc;

use ::http::{StatusCode, response};
use bytes::{Bytes, BytesMut};
use hyper::body::{Body as _, Incoming};

use super::{connection::Connection, fault::Fault};
use crate::{
    json::{Document, Value},
    source::{Head, Reply, SourceError},
};

/// The error that a reply stands for when its status alone decides: none for 2xx.
pub(crate) fn status_error(reply: &Reply) -> Option<SourceError> {
    let status = reply.head.as_ref()?.status;
    if status.is_success() {
        return None;
    }
    Some(SourceError {
        error_type: format!("Http:{}", status.as_u16()).into(),
        message: format!("the source answered {status}"),
    })
}

/// Reads a body to its end, or until it has more than `limit` bytes. One that comes in one piece is
/// not copied.
pub(super) async fn collect(
    connection: &mut Connection,
    body: &mut Incoming,
    limit: u64,
) -> Result<Bytes, Fault> {
    let declared = body.size_hint().exact();
    if declared.is_some_and(|length| length > limit) {
        return Err(Fault::TooLarge { limit });
    }
    let mut whole = Bytes::new();
    let mut pieces = BytesMut::new();
    while !body.is_end_stream() {
        let Some(frame) = connection.frame(body).await else {
            break;
        };
        let Ok(piece) = frame?.into_data() else {
            continue;
        };
        let length = whole.len().max(pieces.len()) + piece.len();
        if length as u64 > limit {
            return Err(Fault::TooLarge { limit });
        }
        if length == piece.len() {
            whole = piece;
            continue;
        }
        if pieces.is_empty() {
            let expected = declared.map_or(length * 2, |length| length as usize);
            pieces.reserve(expected.max(length));
            pieces.extend_from_slice(&whole);
            whole = Bytes::new();
        }
        pieces.extend_from_slice(&piece);
    }
    if pieces.is_empty() {
        return Ok(whole);
    }
    Ok(pieces.freeze())
}

/// Parses an answer. What is not JSON is its text; with a status that is 2xx it is said why it is not,
/// because only a mapping that wants text can do with it.
pub(super) fn read(source: &str, head: response::Parts, body: &Bytes) -> Reply {
    let (body, unread) = parse(head.status, body);
    let head = Head {
        status: head.status,
        headers: head.headers,
        unread: unread.map(|fault| super::report(source, &fault)),
    };
    Reply {
        body,
        head: Some(Arc::new(head)),
    }
}

fn parse(status: StatusCode, body: &Bytes) -> (Value, Option<Fault>) {
    if body.is_empty() {
        return (Value::Null, None);
    }
    match Document::parse(body.clone()) {
        Ok(document) => (Value::Node(document, 0), None),
        Err(error) => {
            let text = Value::String(String::from_utf8_lossy(body).into());
            let unread = status.is_success();
            (text, unread.then_some(Fault::NotJson { status, error }))
        }
    }
}
