//! What the templates of routes have beside AppSync's: `$input`, `$context`, `$stageVariables`.
//!
//! See: apigateway.md 4.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use super::json_path::JsonPath;
use crate::{
    clock,
    json::{Object, Value, View},
    mapping::{
        Context, MappingError, Outcome, builtins::Thrown, context::Caller, place::query_parameters,
        vtl::Val,
    },
    request::{Call, Identity},
};

/// What `$context` has of its own; every member of `$ctx` is there as well.
pub(super) const MEMBERS: [&str; 23] = [
    "authorizer",
    "connectedAt",
    "connectionId",
    "disconnectReason",
    "disconnectStatusCode",
    "domainName",
    "domainPrefix",
    "eventType",
    "extendedRequestId",
    "httpMethod",
    "identity",
    "isCanaryRequest",
    "messageDirection",
    "messageId",
    "path",
    "protocol",
    "requestId",
    "requestOverride",
    "requestTime",
    "requestTimeEpoch",
    "resourcePath",
    "responseOverride",
    "routeKey",
];

/// What API Gateway's `$context` has besides, and nothing here stands for: these are empty.
pub(super) const EMPTY: [&str; 9] = [
    "accountId",
    "apiId",
    "awsEndpointRequestId",
    "deploymentId",
    "operationName",
    "resourceId",
    "stage",
    "wafResponseCode",
    "webaclArn",
];

/// A member of `$context`; `None` when it is not API Gateway's own, or not there.
pub(super) fn member(cx: &Context<'_>, name: &str) -> Option<Value> {
    if let Caller::Given(given) = cx.caller {
        return given.get("context")?.get(name).map(Value::from);
    }
    let Caller::Call(call) = cx.caller else {
        return None;
    };
    let request = call.request();
    Some(match name {
        "authorizer" => authorizer(call)?,
        "connectedAt" => Value::from(cx.connection?.connected_at),
        "connectionId" => Value::from(cx.connection?.id),
        "disconnectReason" => Value::from(cx.connection?.ended?.1),
        "disconnectStatusCode" => Value::from(i64::from(cx.connection?.ended?.0)),
        "domainName" => Value::from(host(call)?),
        "domainPrefix" => Value::from(host(call)?.split('.').next()?),
        "eventType" => Value::from(match cx.connection?.route_key {
            "$connect" => "CONNECT",
            "$disconnect" => "DISCONNECT",
            _ => "MESSAGE",
        }),
        "extendedRequestId" | "requestId" => Value::from(request.id.to_string()),
        "httpMethod" => Value::from(request.method.as_str()),
        "identity" => identity(call),
        "isCanaryRequest" => Value::from(false),
        "messageDirection" => cx.connection.map(|_| Value::from("IN"))?,
        "messageId" => cx.connection.map(|_| Value::from(request.id.to_string()))?,
        "path" => Value::from(request.path()),
        "protocol" => Value::from("HTTP/1.1"),
        "requestTime" => Value::from(clock::common_log(clock::unix_millis())),
        "requestTimeEpoch" => Value::from(i64::try_from(clock::unix_millis()).unwrap_or(i64::MAX)),
        "resourcePath" => Value::from(cx.info.field_name.split_once(' ')?.1),
        "routeKey" => Value::from(cx.connection.map_or(cx.info.field_name, |it| it.route_key)),
        _ => return None,
    })
}

/// What is there to be changed: headers, path and query of a request; status and headers of an
/// answer.
pub(super) fn overrides(kept: &Value, is_response: bool) -> Val {
    let parts: &[&str] = match is_response {
        false => &["header", "path", "querystring"],
        true => &["header"],
    };
    let mut members: Object = kept
        .view()
        .entries()
        .map(|(name, value)| (Arc::from(name), value.to_value()))
        .collect();
    for part in parts {
        members
            .entry(Arc::from(*part))
            .or_insert_with(|| Value::from(Object::default()));
    }
    Val::from(Value::from(members))
}

/// The body that `$input` reads: what the client sent, and once the source has answered what it
/// answered.
fn input<'a>(cx: &Context<'a>) -> View<'a> {
    match cx.result {
        Outcome::None => cx.body,
        Outcome::Document(document) => document,
        Outcome::Http { body, .. } => body,
    }
}

/// `$input.body`: the text that came; `{}` when nothing did.
pub(super) fn body_text(cx: &Context<'_>) -> Value {
    match input(cx) {
        body if body.is_null() => Value::from("{}"),
        body => crate::mapping::members::body_text(body),
    }
}

/// A function of `$input`, by its place in [`INPUT_FUNCTIONS`](super::names::INPUT_FUNCTIONS).
pub(super) fn call(cx: &Context<'_>, function: u16, arguments: &[Val]) -> Result<Val, Thrown> {
    match (function, arguments) {
        (0, [path]) => Ok(Val::from(json(find(cx, path)?.as_ref()))),
        (2, [path]) => Ok(Val::from(find(cx, path)?.unwrap_or_default())),
        (1, []) => Ok(Val::from(parameters(cx))),
        (1, [name]) => Ok(Val::from(parameter(cx, &text(name)?))),
        (1, _) => Err(Thrown::wrong("`$input.params` takes a name, or nothing")),
        _ => Err(Thrown::wrong("`$input.json` and `$input.path` take a path")),
    }
}

/// The JSON of what was found; two quotes where nothing was.
fn json(found: Option<&Value>) -> Value {
    let Some(found) = found else {
        return Value::from("\"\"");
    };
    let mut json = Vec::new();
    found.view().write(&mut json);
    Value::from(String::from_utf8_lossy(&json).into_owned())
}

fn find(cx: &Context<'_>, path: &Val) -> Result<Option<Value>, Thrown> {
    let path = text(path)?;
    let path = JsonPath::parse(&path).map_err(|error| Thrown::wrong(error.to_string()))?;
    // As for `$input.body`, nothing is an empty object.
    let nothing = Value::from(Object::default());
    let body = match input(cx).is_null() {
        true => nothing.view(),
        false => input(cx),
    };
    path.read(body)
        .map_err(|error| Thrown::wrong(error.to_string()))
}

fn text(value: &Val) -> Result<Arc<str>, Thrown> {
    match value {
        Val::Text(text) => Ok(Arc::clone(text)),
        _ => Err(Thrown::Error(Box::new(MappingError::code(
            "the functions of `$input` take text",
        )))),
    }
}

/// Looked for in the path, then in the query, then among the headers, whose names are known in lower
/// case only; nothing is an empty text.
fn parameter(cx: &Context<'_>, name: &str) -> Value {
    let all = parameters(cx);
    let in_part = |part: &str| all.view().get(part)?.get(name);
    let in_headers = || {
        let mut headers = all.view().get("header")?.entries();
        headers.find(|(known, _)| known.eq_ignore_ascii_case(name))
    };
    let found = in_part("path")
        .or_else(|| in_part("querystring"))
        .or_else(|| in_headers().map(|(_, value)| value));
    found.map_or_else(|| Value::from(""), Value::from)
}

/// `$input.params()`: of each name the last value that came.
fn parameters(cx: &Context<'_>) -> Value {
    let (path, query, headers) = match cx.caller {
        Caller::Call(call) => {
            let query = query_parameters(call.request().uri.query());
            (path_parameters(cx), query, headers(call))
        }
        Caller::Given(given) => {
            let params = given.get("params");
            let part = |name: &str| params.and_then(|it| it.get(name));
            let of = |name| part(name).map_or_else(|| Value::from(Object::default()), Value::from);
            (of("path"), of("querystring"), of("header"))
        }
    };
    let querystring = query.view().entries();
    let querystring: Object = querystring
        .map(|(name, value)| (Arc::from(name), last(value)))
        .collect();
    let parts = [
        ("path", path),
        ("querystring", Value::from(querystring)),
        ("header", headers),
    ];
    let parts = parts
        .into_iter()
        .map(|(name, value)| (Arc::from(name), value));
    Value::from(parts.collect::<Object>())
}

/// The parameters that the route's key names, such as `GET /products/{id}`: the arguments hold those
/// of the query as well.
fn path_parameters(cx: &Context<'_>) -> Value {
    let names = cx.info.field_name.split('{').skip(1);
    let names = names.filter_map(|rest| Some(rest.split_once('}')?.0.trim_end_matches('+')));
    let members = names.filter_map(|name| Some((Arc::from(name), cx.args.get(name)?.to_value())));
    Value::from(members.collect::<Object>())
}

fn last(value: View<'_>) -> Value {
    value.items().last().unwrap_or(value).to_value()
}

fn headers(call: &Call) -> Value {
    let headers = &call.request().headers;
    let members = headers.iter().map(|(name, value)| {
        let text = String::from_utf8_lossy(value.as_bytes());
        (Arc::from(name.as_str()), Value::from(text.into_owned()))
    });
    Value::from(members.collect::<Object>())
}

fn host(call: &Call) -> Option<&str> {
    let request = call.request();
    let header = request.headers.get(http::header::HOST);
    let host = header
        .and_then(|it| it.to_str().ok())
        .or_else(|| request.uri.host())?;
    Some(host.rsplit_once(':').map_or(host, |(name, _)| name))
}

fn authorizer(call: &Call) -> Option<Value> {
    let Identity::Token(token) = call.identity() else {
        return None;
    };
    let members = [
        ("claims", token.claims.clone()),
        (
            "principalId",
            token.subject.as_deref().map_or(Value::Null, Value::from),
        ),
    ];
    let members = members
        .into_iter()
        .map(|(name, value)| (Arc::from(name), value));
    Some(Value::from(members.collect::<Object>()))
}

/// What is known of the caller; the rest of API Gateway's members is null.
fn identity(call: &Call) -> Value {
    let request = call.request();
    let agent = request.headers.get(http::header::USER_AGENT);
    let agent = agent.map(|it| Value::from(String::from_utf8_lossy(it.as_bytes()).into_owned()));
    let key = match call.identity() {
        Identity::ApiKey(key) => Value::from(&*key.name),
        Identity::Anonymous | Identity::Token(_) => Value::Null,
    };
    let client = request.client.map(|it| Value::from(it.to_string()));
    let members = [
        ("sourceIp", client.unwrap_or_default()),
        ("userAgent", agent.unwrap_or_default()),
        ("apiKeyId", key),
    ];
    let members = members
        .into_iter()
        .map(|(name, value)| (Arc::from(name), value));
    Value::from(members.collect::<Object>())
}
