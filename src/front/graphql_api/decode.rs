//! From wire bytes to GraphQL requests.
//!
//! async-graphql decodes; checks of content type and size come before it, and what it refuses is
//! looked at again to say what is wrong.

use std::borrow::Cow;

use async_graphql::{BatchRequest, ParseRequestError};
use async_graphql_axum::GraphQLBatchRequest;
use axum::{
    body::{Body, Bytes},
    extract::FromRequest,
    http::{HeaderMap, Request, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use serde_json::value::RawValue;

use crate::{
    front::{
        body::{self, Bounds},
        fault::Fault,
    },
    graphql::{Engine, RequestError},
};

/// What a request asks for.
pub(super) enum Asked {
    /// One operation.
    One(Box<async_graphql::Request>),
    /// A batch of operations.
    Many(Vec<async_graphql::Request>),
}

/// Decodes a POST.
pub(super) async fn body(
    headers: &HeaderMap,
    body: Body,
    max: usize,
    max_batch: usize,
) -> Result<Asked, Fault> {
    check_content_type(headers)?;
    let read = body::collect(headers, body, Bounds::of(max)).await;
    let bytes = read.map_err(|unread| Fault::of_body(unread, max))?;
    if is_list(&bytes) {
        return batch(bytes, max_batch).await;
    }
    // Nearly all requests are single ones: they are read in place, without the buffering by which
    // the extractor below finds out whether they are a batch.
    match serde_json::from_slice(&bytes) {
        Ok(request) => Ok(Asked::One(Box::new(request))),
        Err(_) => Err(explain(&bytes)),
    }
}

async fn batch(bytes: Bytes, max: usize) -> Result<Asked, Fault> {
    check_items(&bytes, max)?;
    let request = Request::builder()
        .method("POST")
        .header(CONTENT_TYPE, "application/json")
        .body(Body::from(bytes.clone()))
        .map_err(|_| Fault::Unreadable)?;
    let decoded = GraphQLBatchRequest::<Rejection>::from_request(request, &()).await;
    match decoded.map(GraphQLBatchRequest::into_inner) {
        Ok(BatchRequest::Batch(requests)) => Ok(Asked::Many(requests)),
        Ok(BatchRequest::Single(_)) | Err(_) => Err(explain(&bytes)),
    }
}

/// Decodes a GET. (async-graphql's own reading of it knows `operation_name`, not `operationName`.)
pub(super) fn query_string(query: &str) -> Result<Asked, Fault> {
    let mut request = async_graphql::Request::new("");
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        match &*name {
            "query" => request.query = value.into_owned(),
            "operationName" => request.operation_name = Some(value.into_owned()),
            "variables" => request.variables = json_parameter("variables", &value)?,
            "extensions" => request.extensions = json_parameter("extensions", &value)?,
            _ => {}
        }
    }
    Ok(Asked::One(Box::new(request)))
}

fn json_parameter<T: serde::de::DeserializeOwned>(name: &str, text: &str) -> Result<T, Fault> {
    let refuse = |error: serde_json::Error| {
        Fault::Malformed(format!("`{name}` must be a JSON object: {error}"))
    };
    let value: serde_json::Value = serde_json::from_str(text).map_err(refuse)?;
    if !value.is_object() && !value.is_null() {
        return Err(Fault::Malformed(format!("`{name}` must be a JSON object")));
    }
    serde_json::from_value(value).map_err(refuse)
}

/// The document's text: as it came, or as it was registered before. `None`: there is neither text
/// nor hash.
pub(super) fn text<'r>(
    engine: &Engine,
    request: &'r async_graphql::Request,
) -> Option<Result<Cow<'r, str>, RequestError>> {
    let text = (!request.query.is_empty()).then_some(request.query.as_str());
    let Some(extension) = request.extensions.get("persistedQuery") else {
        return text.map(|text| Ok(Cow::Borrowed(text)));
    };
    let Some(hash) = persisted_hash(extension) else {
        return Some(Err(RequestError {
            code: Some("PERSISTED_QUERY_NOT_SUPPORTED"),
            ..RequestError::new("PersistedQueryNotSupported")
        }));
    };
    Some(match text {
        Some(text) => engine.register(hash, text).map(|()| Cow::Borrowed(text)),
        None => engine
            .registered(hash)
            .map(|text| Cow::Owned(text.to_string())),
    })
}

/// The hash of a version 1 extension.
fn persisted_hash(extension: &async_graphql::Value) -> Option<&str> {
    let async_graphql::Value::Object(members) = extension else {
        return None;
    };
    let version = members.get("version")?;
    let is_1 =
        matches!(version, async_graphql::Value::Number(version) if version.as_u64() == Some(1));
    match members.get("sha256Hash") {
        Some(async_graphql::Value::String(hash)) if is_1 => Some(hash),
        _ => None,
    }
}

fn check_content_type(headers: &HeaderMap) -> Result<(), Fault> {
    let Some(value) = headers.get(CONTENT_TYPE) else {
        return Err(Fault::Malformed(
            "the request has no content type: send `application/json`".to_owned(),
        ));
    };
    let text = value.to_str().unwrap_or_default();
    let (name, parameters) = text.split_once(';').unwrap_or((text, ""));
    let charset = parameters
        .split(';')
        .filter_map(|parameter| parameter.split_once('='))
        .find(|(key, _)| key.trim().eq_ignore_ascii_case("charset"))
        .map(|(_, value)| value.trim().trim_matches('"'));
    let known = ["application/json", "application/graphql"]
        .iter()
        .any(|known| name.trim().eq_ignore_ascii_case(known));
    if known && charset.is_none_or(|charset| charset.eq_ignore_ascii_case("utf-8")) {
        return Ok(());
    }
    Err(Fault::ContentType(text.to_owned()))
}

fn is_list(json: &[u8]) -> bool {
    json.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[')
}

/// A batch is a list of objects. async-graphql would also take lists in it, as the members of a
/// request in their order.
fn check_items(bytes: &[u8], max: usize) -> Result<(), Fault> {
    let items: Vec<&RawValue> = serde_json::from_slice(bytes).map_err(|_| explain(bytes))?;
    if items.len() > max {
        let message = format!(
            "the batch has {} operations: at most {max} are allowed",
            items.len()
        );
        return Err(Fault::Malformed(message));
    }
    match !items.is_empty() && items.iter().all(|item| item.get().starts_with('{')) {
        true => Ok(()),
        false => Err(explain(bytes)),
    }
}

/// Says what is wrong with a body that could not be decoded.
fn explain(bytes: &[u8]) -> Fault {
    let value: serde_json::Value = match serde_json::from_slice(bytes) {
        Ok(value) => value,
        Err(error) => return Fault::Malformed(format!("the request body is not JSON: {error}")),
    };
    let message = match &value {
        serde_json::Value::Array(items) if items.is_empty() => "the batch is empty".to_owned(),
        serde_json::Value::Array(items) => {
            let wrong = items
                .iter()
                .enumerate()
                .find_map(|(index, item)| Some((index, wrong_member(item)?)));
            match wrong {
                Some((index, wrong)) => format!("operation {index} of the batch: {wrong}"),
                None => "the batch is no list of GraphQL requests".to_owned(),
            }
        }
        single => wrong_member(single)
            .unwrap_or_else(|| "the request body is no GraphQL request".to_owned()),
    };
    Fault::Malformed(message)
}

fn wrong_member(value: &serde_json::Value) -> Option<String> {
    let Some(members) = value.as_object() else {
        return Some("a GraphQL request is an object with a `query`".to_owned());
    };
    let wrong = |name: &str, expected: &str, fits: fn(&serde_json::Value) -> bool| {
        let value = members.get(name)?;
        (!fits(value)).then(|| format!("`{name}` must be {expected}"))
    };
    wrong("query", "a string", serde_json::Value::is_string)
        .or_else(|| {
            wrong("operationName", "a string or null", |value| {
                value.is_string() || value.is_null()
            })
        })
        .or_else(|| {
            wrong("variables", "an object or null", |value| {
                value.is_object() || value.is_null()
            })
        })
        .or_else(|| {
            wrong("extensions", "an object or null", |value| {
                value.is_object() || value.is_null()
            })
        })
}

/// async-graphql's refusal; [`explain`] says it better.
struct Rejection;

impl From<ParseRequestError> for Rejection {
    fn from(_: ParseRequestError) -> Self {
        Rejection
    }
}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        axum::http::StatusCode::BAD_REQUEST.into_response()
    }
}
