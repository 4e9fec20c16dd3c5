//! What went wrong, as clients of a WebSocket api see it: a status and a body before the connection is
//! there, a text message after.
//!
//! See: apigateway.md 11.1 (handshake failures, messages), 11.4 (errors of `@connections`).

use axum::{
    body::Body,
    http::{Response, StatusCode},
};
use uuid::Uuid;

use super::{RouteFault, json_response, message, named};
use crate::guard::Refusal;

/// What went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::front) enum ConnectionFault {
    /// There is no such route, or it is not for this caller.
    Forbidden,
    /// The identity that the connection began with has ended.
    Expired,
    /// Too often.
    Throttled,
    /// The resolver did not answer in time.
    TimedOut,
    /// The resolver failed, or we did.
    Internal(StatusCode),
    /// `$connect` says so.
    Status(StatusCode),
}

impl ConnectionFault {
    /// A fault of our own.
    pub(in crate::front) const INTERNAL: Self =
        ConnectionFault::Internal(StatusCode::INTERNAL_SERVER_ERROR);

    fn status(self) -> StatusCode {
        match self {
            ConnectionFault::Forbidden => StatusCode::FORBIDDEN,
            ConnectionFault::Expired => StatusCode::UNAUTHORIZED,
            ConnectionFault::Throttled => StatusCode::TOO_MANY_REQUESTS,
            ConnectionFault::TimedOut => StatusCode::GATEWAY_TIMEOUT,
            ConnectionFault::Internal(status) | ConnectionFault::Status(status) => status,
        }
    }

    fn message(self) -> &'static str {
        match self {
            ConnectionFault::Forbidden => "Forbidden",
            ConnectionFault::Expired => "Unauthorized",
            ConnectionFault::Throttled => "Too Many Requests",
            ConnectionFault::TimedOut => "Endpoint request timed out",
            ConnectionFault::Internal(_) => "Internal server error",
            ConnectionFault::Status(status) => status.canonical_reason().unwrap_or("Refused"),
        }
    }

    /// As AWS's clients call it.
    fn error_type(self) -> &'static str {
        match self {
            ConnectionFault::Forbidden => "ForbiddenException",
            ConnectionFault::Expired => "UnauthorizedException",
            ConnectionFault::Throttled => "LimitExceededException",
            ConnectionFault::TimedOut | ConnectionFault::Internal(_) => {
                "InternalServerErrorException"
            }
            ConnectionFault::Status(_) => "RefusedException",
        }
    }

    /// As logs call it.
    pub(in crate::front) fn name(self) -> &'static str {
        match self {
            ConnectionFault::Forbidden => "forbidden",
            ConnectionFault::Expired => "expired",
            ConnectionFault::Throttled => "throttled",
            ConnectionFault::TimedOut => "timed_out",
            ConnectionFault::Internal(_) => "failed",
            ConnectionFault::Status(_) => "refused",
        }
    }

    /// As an answer to an HTTP request.
    pub(in crate::front) fn into_response(self) -> Response<Body> {
        named(message(self.status(), self.message()), self.error_type())
    }

    /// As an answer to the upgrade of a connection that got an id.
    pub(in crate::front) fn into_refusal(self, connection: &str, request: Uuid) -> Response<Body> {
        let body = self.text(connection, request).into_bytes();
        named(json_response(self.status(), body), self.error_type())
    }

    /// As a text message, spaced as API Gateway does, for clients that compare text.
    pub(in crate::front) fn text(self, connection: &str, request: Uuid) -> String {
        let message = self.message();
        format!(
            "{{\"message\": \"{message}\", \"connectionId\":\"{connection}\", \"requestId\":\"{request}\"}}"
        )
    }
}

/// Why one more message of a connection did not pass.
impl From<&Refusal> for ConnectionFault {
    fn from(refusal: &Refusal) -> Self {
        match refusal {
            Refusal::Expired => ConnectionFault::Expired,
            Refusal::Throttled | Refusal::Quota => ConnectionFault::Throttled,
            _ => ConnectionFault::Forbidden,
        }
    }
}

/// Why a route has no answer.
///
/// See: apigateway.md 11.1 (500, 502, 504 of an integration).
impl From<RouteFault> for ConnectionFault {
    fn from(fault: RouteFault) -> Self {
        match fault {
            RouteFault::TimedOut => ConnectionFault::TimedOut,
            RouteFault::Internal => ConnectionFault::INTERNAL,
            _ => ConnectionFault::Internal(StatusCode::BAD_GATEWAY),
        }
    }
}

/// An error of `@connections`.
pub(in crate::front) fn of_connections(
    status: StatusCode,
    error_type: &'static str,
    text: &str,
) -> Response<Body> {
    named(message(status, text), error_type)
}
