//! From what a resolver came to, to a response.

use axum::{
    body::{Body, HttpBody},
    http::{
        HeaderMap, HeaderName, HeaderValue, Response, StatusCode,
        header::{CONTENT_LENGTH, CONTENT_TYPE},
    },
};

use super::body::is_json;
use crate::{
    front::fault::RouteFault,
    json::{Kind, Value, View},
};

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Writes an answer: `{ statusCode, headers, body }` when it is `shaped`, the body alone otherwise.
/// `absent` is the status when the body is null.
pub(super) fn write(
    answer: &Value,
    shaped: bool,
    absent: Option<u16>,
) -> Result<Response<Body>, RouteFault> {
    let answer = answer.view();
    let (status, headers, body) = match shaped {
        false => (None, None, answer),
        true => (
            answer.get("statusCode"),
            answer.get("headers"),
            answer.get("body").unwrap_or(View::NULL),
        ),
    };
    if let Some(absent) = absent.filter(|_| body.is_null()) {
        let status = StatusCode::from_u16(absent).map_err(|_| RouteFault::Internal)?;
        return Err(RouteFault::Status(status));
    }
    let status = status.map_or(Ok(StatusCode::OK), status_of)?;
    let mut headers = headers.map(headers_of).unwrap_or_default();
    let bytes = match may_have_body(status) {
        true => bytes_of(body, &mut headers),
        false => Vec::new(),
    };
    let mut response = Response::new(Body::from(bytes));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Ok(response)
}

/// The same head, and none of the body; its length is said where it is known.
pub(super) fn without_body(mut response: Response<Body>) -> Response<Body> {
    let length = response.body().size_hint().exact();
    let says_length = response.headers().contains_key(CONTENT_LENGTH);
    if let Some(length) = length.filter(|length| *length > 0 && !says_length) {
        response.headers_mut().insert(CONTENT_LENGTH, length.into());
    }
    *response.body_mut() = Body::empty();
    response
}

fn status_of(status: View<'_>) -> Result<StatusCode, RouteFault> {
    let written = status.as_i64();
    let status = written
        .and_then(|status| u16::try_from(status).ok())
        .filter(|status| (200..=599).contains(status));
    let Some(status) = status else {
        tracing::warn!(
            status = written,
            "a mapping made a status that is no number from 200 to 599"
        );
        return Err(RouteFault::Internal);
    };
    StatusCode::from_u16(status).map_err(|_| RouteFault::Internal)
}

fn may_have_body(status: StatusCode) -> bool {
    !matches!(
        status,
        StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT | StatusCode::NOT_MODIFIED
    )
}

/// Whether a field speaks about one connection, or frames the message.
fn is_of_the_connection(name: &HeaderName) -> bool {
    let name = name.as_str();
    let known = [
        "connection",
        "content-length",
        "keep-alive",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    ];
    known.contains(&name) || name.starts_with("proxy-")
}

/// Fields that cannot be sent are left out: an answer without them is worth more than none.
fn headers_of(written: View<'_>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in written.entries() {
        let parsed = name.parse::<HeaderName>().ok();
        let Some(parsed) = parsed.filter(|name| !is_of_the_connection(name)) else {
            tracing::warn!(name = %name.escape_debug(), "a mapping made a header that cannot be set");
            continue;
        };
        match value.kind() {
            Kind::List => value
                .items()
                .for_each(|value| add(&mut headers, &parsed, value)),
            _ => add(&mut headers, &parsed, value),
        }
    }
    headers
}

fn add(headers: &mut HeaderMap, name: &HeaderName, value: View<'_>) {
    if value.is_null() {
        return;
    }
    let text = value.key_text();
    let parsed = text.and_then(|text| HeaderValue::from_bytes(text.as_bytes()).ok());
    match parsed.map(|value| headers.try_append(name.clone(), value)) {
        Some(Ok(_)) => {}
        _ => tracing::warn!(%name, "a mapping made a header value that cannot be sent"),
    }
}

/// A string under another content type than JSON goes out as it is.
fn bytes_of(body: View<'_>, headers: &mut HeaderMap) -> Vec<u8> {
    let is_json = headers.get(CONTENT_TYPE).is_none_or(is_json);
    headers.entry(CONTENT_TYPE).or_insert(JSON);
    match (is_json, body.as_str()) {
        (false, Some(text)) => text.into_owned().into_bytes(),
        (false, None) if body.is_null() => Vec::new(),
        _ => {
            let mut out = Vec::with_capacity(256);
            body.write(&mut out);
            out
        }
    }
}

#[cfg(test)]
mod tests;
