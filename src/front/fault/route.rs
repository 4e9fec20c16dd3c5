//! What goes wrong with a route, as status and body: one table for both flavors.
//!
//! See: apigateway.md 2.2 (errors of HTTP APIs), 5.2 (gateway responses of REST APIs).

use std::borrow::Cow;

use axum::{
    body::Body,
    http::{Response, StatusCode},
};

use super::{message, named};
use crate::{config::api::Flavor, front::body::Unread};

/// Why a route has no answer of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::front) enum RouteFault {
    /// No route takes this path, or none takes this method on it.
    Unknown,
    /// Path, query or body cannot be read.
    BadRequest,
    /// The body is not what its content type says.
    Body,
    /// The body is larger than allowed.
    TooLarge,
    /// The body is of a kind that no mapping can read.
    MediaType,
    /// The body did not arrive in time.
    SlowBody,
    /// The source did not answer in time.
    TimedOut,
    /// The source cannot be reached, or ended the connection.
    Unreachable,
    /// The source answered with what is no answer.
    BadGateway,
    /// The source refuses the request as it is, in these words.
    Refused(String),
    /// A status is the whole answer.
    Status(StatusCode),
    /// Something of our own went wrong.
    Internal,
}

impl RouteFault {
    /// What an error of a source or a mapping means to the client of a route. The names are those of
    /// the sources' pages.
    pub(in crate::front) fn of(error_type: &str, message: &str) -> Self {
        if let Some(status) = error_type.strip_prefix("Http:")
            && let Ok(status) = status.parse::<StatusCode>()
        {
            return match status.is_client_error() {
                true => RouteFault::Status(status),
                false => RouteFault::BadGateway,
            };
        }
        match error_type {
            "Http:ExecutionTimeoutException" | "DynamoDB:RequestTimeoutException" => {
                RouteFault::TimedOut
            }
            "Http:ConnectException" | "Http:TlsException" | "Http:ConnectionResetException" => {
                RouteFault::Unreachable
            }
            "Http:InvalidResponseException" | "Http:ResponseTooLargeException" => {
                RouteFault::BadGateway
            }
            "Http:InvalidRequestException" | "Http:UpgradeNotSupportedException" => {
                RouteFault::BadRequest
            }
            "DynamoDB:ConditionalCheckFailedException"
            | "DynamoDB:ValidationException"
            | "DynamoDB:DynamoDbException" => RouteFault::Refused(message.to_owned()),
            _ => RouteFault::Internal,
        }
    }

    /// Status and message, and what REST APIs call it.
    fn answer(self, flavor: Flavor) -> (StatusCode, Cow<'static, str>, &'static str) {
        use Flavor::{Http, Rest};
        const INTERNAL: &str = "InternalServerErrorException";
        const BAD_REQUEST: &str = "BadRequestException";
        let (status, message, error_type) = match (self, flavor) {
            (RouteFault::Unknown, Rest) => (
                StatusCode::FORBIDDEN,
                "Missing Authentication Token",
                "MissingAuthenticationTokenException",
            ),
            (RouteFault::Unknown, Http) => (StatusCode::NOT_FOUND, "Not Found", ""),
            (RouteFault::BadRequest, _) => (StatusCode::BAD_REQUEST, "Bad Request", BAD_REQUEST),
            (RouteFault::Body, Rest) => {
                (StatusCode::BAD_REQUEST, "Invalid request body", BAD_REQUEST)
            }
            (RouteFault::Body, Http) => (StatusCode::BAD_REQUEST, "Bad Request", ""),
            (RouteFault::TooLarge, Rest) => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "Request Too Long",
                "RequestTooLargeException",
            ),
            (RouteFault::TooLarge, Http) => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "Request Entity Too Large",
                "",
            ),
            (RouteFault::MediaType, _) => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "Unsupported Media Type",
                BAD_REQUEST,
            ),
            (RouteFault::SlowBody, _) => (
                StatusCode::REQUEST_TIMEOUT,
                "Request Timeout",
                "RequestTimeoutException",
            ),
            (RouteFault::TimedOut, Rest) => (
                StatusCode::GATEWAY_TIMEOUT,
                "Endpoint request timed out",
                INTERNAL,
            ),
            (RouteFault::Unreachable, Rest) => (
                StatusCode::GATEWAY_TIMEOUT,
                "Network error communicating with endpoint",
                INTERNAL,
            ),
            (RouteFault::TimedOut | RouteFault::Unreachable, Http) => {
                (StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable", "")
            }
            (RouteFault::BadGateway, Rest) => {
                (StatusCode::BAD_GATEWAY, "Internal server error", INTERNAL)
            }
            (RouteFault::BadGateway, Http) => {
                (StatusCode::BAD_GATEWAY, "Internal Server Error", "")
            }
            (RouteFault::Internal, Rest) => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "Internal server error",
                INTERNAL,
            ),
            (RouteFault::Internal, Http) => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "Internal Server Error",
                "",
            ),
            (RouteFault::Refused(message), _) => {
                return (StatusCode::BAD_REQUEST, message.into(), BAD_REQUEST);
            }
            (RouteFault::Status(status), _) => (status, reason(status), name(status)),
        };
        (status, message.into(), error_type)
    }
}

impl From<Unread> for RouteFault {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::TooLarge => RouteFault::TooLarge,
            Unread::TooLate => RouteFault::SlowBody,
            Unread::Incomplete => RouteFault::BadRequest,
        }
    }
}

/// The response to a request for a route that has none of its own.
pub(in crate::front) fn route(fault: RouteFault, flavor: Flavor) -> Response<Body> {
    let (status, text, error_type) = fault.answer(flavor);
    let response = message(status, &text);
    match flavor {
        Flavor::Rest => named(response, error_type),
        Flavor::Http => response,
    }
}

fn reason(status: StatusCode) -> &'static str {
    status.canonical_reason().unwrap_or("Error")
}

/// The name of an error of which nothing but the status is known.
fn name(status: StatusCode) -> &'static str {
    match status {
        StatusCode::UNAUTHORIZED => "UnauthorizedException",
        StatusCode::FORBIDDEN => "ForbiddenException",
        StatusCode::NOT_FOUND => "NotFoundException",
        StatusCode::CONFLICT => "ConflictException",
        StatusCode::TOO_MANY_REQUESTS => "TooManyRequestsException",
        status if status.is_server_error() => "InternalServerErrorException",
        _ => "BadRequestException",
    }
}

#[cfg(test)]
mod tests;
