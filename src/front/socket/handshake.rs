//! The handshake: a request that asks for a WebSocket, and its answer.
//!
//! See: RFC 6455 §4.2.

use axum::{
    body::Body,
    http::{
        HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode,
        header::{
            CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL,
            SEC_WEBSOCKET_VERSION, UPGRADE,
        },
    },
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use crate::{front::fault::HandshakeFault, request::Request};

/// The only version that there is.
const VERSION: HeaderValue = HeaderValue::from_static("13");

/// Whether a request asks for a WebSocket.
pub(in crate::front) fn is_asked_for(headers: &HeaderMap) -> bool {
    has_token(headers, &UPGRADE, "websocket")
}

/// Checks a handshake; what it is answered with proves that it was read.
pub(super) fn check(request: &Request, upgradable: bool) -> Result<String, HandshakeFault> {
    let headers = &request.headers;
    if !is_asked_for(headers) || !upgradable {
        return Err(HandshakeFault::NoUpgrade);
    }
    if request.method != Method::GET || !has_token(headers, &CONNECTION, "upgrade") {
        return Err(HandshakeFault::Malformed);
    }
    if only(headers, &SEC_WEBSOCKET_VERSION) != Some(&VERSION) {
        return Err(HandshakeFault::NoUpgrade);
    }
    let key = only(headers, &SEC_WEBSOCKET_KEY).ok_or(HandshakeFault::Malformed)?;
    match STANDARD.decode(key.as_bytes()) {
        Ok(bytes) if bytes.len() == 16 => Ok(derive_accept_key(key.as_bytes())),
        _ => Err(HandshakeFault::Malformed),
    }
}

/// Switches protocols. No extension is chosen.
pub(super) fn switch(accept: &str, protocol: Option<&'static str>) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    if let Ok(accept) = HeaderValue::from_str(accept) {
        headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
    }
    if let Some(protocol) = protocol {
        headers.insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(protocol));
    }
    response
}

/// A request of which a connection holds on to nothing but what it says: the header values that hyper
/// hands out are slices of the buffer that the whole head was read into, and keep it.
pub(in crate::front) fn detach(request: Request) -> Request {
    let mut headers = HeaderMap::with_capacity(request.headers.keys_len());
    for (name, value) in &request.headers {
        let Ok(mut own) = HeaderValue::from_bytes(value.as_bytes()) else {
            continue;
        };
        own.set_sensitive(value.is_sensitive());
        headers.append(name.clone(), own);
    }
    let uri = request.uri.to_string().parse().unwrap_or(request.uri);
    Request {
        uri,
        headers,
        ..request
    }
}

/// Whether a header is a list with this token in it, in any case of letters.
fn has_token(headers: &HeaderMap, name: &HeaderName, token: &str) -> bool {
    tokens(headers, name).any(|item| item.eq_ignore_ascii_case(token))
}

/// The items of a header that is a list.
pub(in crate::front) fn tokens<'h>(
    headers: &'h HeaderMap,
    name: &HeaderName,
) -> impl Iterator<Item = &'h str> {
    let values = headers.get_all(name).iter();
    values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
}

/// The value of a header that came once.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a HeaderValue> {
    let mut values = headers.get_all(name).iter();
    values.next().filter(|_| values.next().is_none())
}
