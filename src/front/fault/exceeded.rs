//! Bounds of the listener that a request exceeds, before any api looks at it.
//!
//! See: apigateway.md 5.2 (gateway responses).

use axum::{
    body::Body,
    http::{HeaderValue, Response, StatusCode, header::RETRY_AFTER},
};

use super::{failure, message};

/// Which bound a request exceeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(in crate::front) enum Exceeded {
    /// `server.max_url`
    #[error("Request URI too long")]
    Url,
    /// `server.max_headers`
    #[error("Request header or cookie too large")]
    Headers,
    /// `server.max_requests`
    #[error("Service Unavailable")]
    Requests,
}

impl Exceeded {
    /// In the summary line.
    pub(in crate::front) fn reason(self) -> &'static str {
        match self {
            Exceeded::Url => "max_url",
            Exceeded::Headers => "max_headers",
            Exceeded::Requests => "max_requests",
        }
    }

    /// The response, as clients of a GraphQL api expect one, or those of any other.
    pub(in crate::front) fn into_response(self, graphql: bool) -> Response<Body> {
        let (status, error_type) = match self {
            Exceeded::Url => (StatusCode::URI_TOO_LONG, "RequestUriTooLongException"),
            Exceeded::Headers => (
                StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
                "RequestHeaderFieldsTooLargeException",
            ),
            Exceeded::Requests => (
                StatusCode::SERVICE_UNAVAILABLE,
                "ServiceUnavailableException",
            ),
        };
        let mut response = match graphql {
            true => failure(status, error_type, &self.to_string()),
            false => message(status, &self.to_string()),
        };
        if self == Exceeded::Requests {
            let headers = response.headers_mut();
            headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}
