//! `@connections`: back ends write to connections, look at them, and end them.
//!
//! See: apigateway.md 11.4.

use axum::{
    body::Body,
    http::{HeaderValue, Method, Response, StatusCode, header::CONTENT_TYPE},
};
use percent_encoding::percent_decode_str;

use crate::{
    clock,
    cluster::{Connection, Peer, Unsent},
    config::api::Flavor,
    deployment::Websocket,
    front::{
        Arrival,
        body::{self, Bounds, Unread},
        fault::{ConnectionFault, of_connections, refused_route},
        socket::{Close, Outbox},
    },
    json::{Object, Value},
    request::Call,
};

/// The id in a path below an api's own: `/@connections/{id}`, in whichever spelling.
pub(super) fn connection_id(below: &str) -> Option<String> {
    let (name, id) = below.strip_prefix('/')?.split_once('/')?;
    let is_ours = percent_decode_str(name).eq(b"@connections".iter().copied());
    if !is_ours || id.contains('/') {
        return None;
    }
    Some(percent_decode_str(id).decode_utf8_lossy().into_owned())
}

/// Answers a request for one connection.
pub(super) async fn answer(
    websocket: &Websocket,
    arrival: Arrival<'_>,
    id: &str,
) -> Response<Body> {
    let Arrival {
        front,
        deployment,
        request,
        body,
        ..
    } = arrival;
    let admitted = deployment.guard.admit(request, &websocket.connections);
    let call = match admitted.await {
        Ok(call) => call,
        Err(refusal) => return refused_route(&refusal, Flavor::Rest),
    };
    let method = &call.request().method;
    if ![Method::POST, Method::GET, Method::DELETE].contains(method) {
        return ConnectionFault::Forbidden.into_response();
    }
    let connections = &front.cluster.connections;
    let found = match *method {
        // It may take a while to say goodbye; what would be sent meanwhile arrived nowhere.
        Method::DELETE => connections.take(&deployment.name, id),
        _ => connections.find(&deployment.name, id),
    };
    let Some(connection) = found else {
        return gone();
    };
    match *method {
        Method::POST => post(&connection, &call, body, websocket.sockets.message).await,
        Method::GET => describe(&connection),
        _ => {
            connection.peer.close();
            empty(StatusCode::NO_CONTENT)
        }
    }
}

async fn post(connection: &Connection, call: &Call, body: Body, max: usize) -> Response<Body> {
    let bytes = match body::collect(&call.request().headers, body, Bounds::of(max)).await {
        Ok(bytes) => bytes,
        Err(why) => return unread(why),
    };
    let Ok(text) = String::from_utf8(bytes.into()) else {
        let message = "the message is not UTF-8";
        return of_connections(StatusCode::BAD_REQUEST, "BadRequestException", message);
    };
    match connection.peer.offer(text) {
        Ok(()) => {
            connection.touch();
            empty(StatusCode::OK)
        }
        Err(Unsent::Gone) => gone(),
        Err(Unsent::Full) => of_connections(
            StatusCode::TOO_MANY_REQUESTS,
            "LimitExceededException",
            "Too Many Requests",
        ),
    }
}

fn unread(unread: Unread) -> Response<Body> {
    let (status, error_type, message) = match unread {
        Unread::TooLarge => (
            StatusCode::PAYLOAD_TOO_LARGE,
            "PayloadTooLargeException",
            "Message too long",
        ),
        Unread::TooLate => (
            StatusCode::REQUEST_TIMEOUT,
            "RequestTimeoutException",
            "the request body did not arrive in time",
        ),
        Unread::Incomplete => (
            StatusCode::BAD_REQUEST,
            "BadRequestException",
            "the request body could not be read",
        ),
    };
    of_connections(status, error_type, message)
}

fn describe(connection: &Connection) -> Response<Body> {
    let time = |millis| Value::from(clock::rfc_3339(millis));
    let client = connection.client.map(|client| client.to_string());
    let agent = connection.user_agent.as_deref();
    let identity = object([
        ("sourceIp", client.map_or(Value::Null, Value::from)),
        ("userAgent", agent.map_or(Value::Null, Value::from)),
    ]);
    let described = object([
        ("connectedAt", time(connection.connected_at)),
        ("identity", identity),
        ("lastActiveAt", time(connection.last_active())),
    ]);
    let mut text = Vec::new();
    described.view().write(&mut text);
    let mut response = Response::new(Body::from(text));
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}

fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    let members = members.into_iter();
    Value::from(
        members
            .map(|(name, value)| (name.into(), value))
            .collect::<Object>(),
    )
}

fn gone() -> Response<Body> {
    of_connections(StatusCode::GONE, "GoneException", "Gone")
}

fn empty(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

impl Peer for Outbox {
    fn offer(&self, text: String) -> Result<(), Unsent> {
        Outbox::offer(self, text.into())
    }

    fn close(&self) {
        Outbox::close(self, Close::new(1000, ""));
    }
}
