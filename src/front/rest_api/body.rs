//! The body of a request, for mappings: a document when it is JSON, text otherwise.

use std::sync::Arc;

use axum::{
    body::Body,
    http::{
        HeaderMap, HeaderValue,
        header::{CONTENT_ENCODING, CONTENT_TYPE},
    },
};

use crate::{
    front::{
        body::{self, Bounds},
        fault::RouteFault,
    },
    json::Value,
};

/// Reads a body. Without a content type it is JSON, as in API Gateway; an empty one is null.
pub(super) async fn read(
    headers: &HeaderMap,
    body: Body,
    bounds: Bounds,
) -> Result<Value, RouteFault> {
    let bytes = body::collect(headers, body, bounds).await?;
    if bytes.is_empty() {
        return Ok(Value::Null);
    }
    let is_encoded = |value: &HeaderValue| !value.as_bytes().eq_ignore_ascii_case(b"identity");
    if headers.get_all(CONTENT_ENCODING).iter().any(is_encoded) {
        return Err(RouteFault::MediaType);
    }
    if headers.get(CONTENT_TYPE).is_none_or(is_json) {
        return Value::parse(bytes).map_err(|_| RouteFault::Body);
    }
    match std::str::from_utf8(&bytes) {
        Ok(text) => Ok(Value::String(Arc::from(text))),
        Err(_) => Err(RouteFault::MediaType),
    }
}

/// Whether a content type is JSON: `application/json`, or ends with `+json`.
pub(super) fn is_json(content_type: &HeaderValue) -> bool {
    let text = content_type.to_str().unwrap_or_default();
    let name = text.split(';').next().unwrap_or_default().trim();
    let suffix = name.len().checked_sub("+json".len());
    name.eq_ignore_ascii_case("application/json")
        || suffix
            .and_then(|at| name.get(at..))
            .is_some_and(|suffix| suffix.eq_ignore_ascii_case("+json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read_as(content_type: &str, body: impl Into<Body>) -> Result<String, RouteFault> {
        let mut headers = HeaderMap::new();
        if !content_type.is_empty() {
            let value = HeaderValue::from_str(content_type).expect("a header's value");
            headers.insert(CONTENT_TYPE, value);
        }
        let value = read(&headers, body.into(), Bounds::of(16)).await?;
        let mut out = Vec::new();
        value.view().write(&mut out);
        Ok(String::from_utf8(out).expect("JSON is UTF-8"))
    }

    #[tokio::test]
    async fn json_is_a_document_and_the_rest_is_text() {
        for json in [
            "application/json",
            "Application/JSON; charset=utf-8",
            "a/b+json",
            "",
        ] {
            assert_eq!(read_as(json, "[1, 2]").await.as_deref(), Ok("[1,2]"));
            assert_eq!(read_as(json, "[1,").await, Err(RouteFault::Body), "{json}");
        }
        assert_eq!(
            read_as("text/plain", "[1,").await.as_deref(),
            Ok(r#""[1,""#)
        );
        assert_eq!(read_as("application/json", "").await.as_deref(), Ok("null"));
    }

    #[tokio::test]
    async fn what_no_mapping_can_read_is_refused() {
        let binary: &[u8] = b"\xff\xfe";
        assert_eq!(
            read_as("image/png", binary).await,
            Err(RouteFault::MediaType)
        );
        assert_eq!(
            read_as("text/plain", "x".repeat(17)).await,
            Err(RouteFault::TooLarge)
        );
        assert!(read_as("text/plain", "x".repeat(16)).await.is_ok());
    }
}
