//! A request for a WebSocket that gets none.
//!
//! See: RFC 6455 §4.2.2, RFC 9110 §15.5.22 (426 Upgrade Required).

use axum::{
    body::Body,
    http::{
        HeaderValue, Response, StatusCode,
        header::{CONNECTION, SEC_WEBSOCKET_VERSION, UPGRADE},
    },
};

use super::message;

/// Why there is no socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::front) enum HandshakeFault {
    /// The request does not ask for one, or not for the version that there is.
    NoUpgrade,
    /// It is not as the specification says.
    Malformed,
    /// There are as many connections as there may be, or the gateway stops.
    Full,
}

impl HandshakeFault {
    /// The response.
    pub(in crate::front) fn into_response(self) -> Response<Body> {
        match self {
            HandshakeFault::Malformed => message(StatusCode::BAD_REQUEST, "Bad Request"),
            HandshakeFault::Full => message(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable"),
            HandshakeFault::NoUpgrade => {
                let mut response = message(StatusCode::UPGRADE_REQUIRED, "Upgrade Required");
                let headers = response.headers_mut();
                for (name, value) in [
                    (UPGRADE, "websocket"),
                    (CONNECTION, "Upgrade"),
                    (SEC_WEBSOCKET_VERSION, "13"),
                ] {
                    headers.insert(name, HeaderValue::from_static(value));
                }
                response
            }
        }
    }
}
