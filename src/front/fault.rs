//! The only place where an error becomes a status and a body.
//!
//! See: appsync.md 2.9 (HTTP-level failures), GraphQL over HTTP §6.4 (response).

use axum::{
    body::Body,
    http::{
        HeaderValue, Response, StatusCode,
        header::{ALLOW, CONTENT_TYPE},
    },
};

use crate::json;

/// What is wrong with a request, before anything was executed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Fault {
    /// The body or the parameters are not a GraphQL request.
    #[error("{0}")]
    Malformed(String),
    /// The body's content type is none that we read.
    #[error("the content type must be `application/json`, not `{0}`")]
    ContentType(String),
    /// The client accepts none of the types that we write.
    #[error(
        "the answer is `application/graphql-response+json` or `application/json`: accept one of them"
    )]
    NotAcceptable,
    /// The body is larger than allowed.
    #[error("the request body is larger than {0} bytes")]
    TooLarge(usize),
    /// The method does not go with GraphQL.
    #[error("GraphQL takes GET and POST")]
    Method,
    /// A GET may only ask, not change.
    #[error("a GET request may only execute queries: send mutations by POST")]
    MutationByGet,
    /// The body did not arrive in time.
    #[error("the request body did not arrive in time")]
    TimedOut,
    /// The body did not arrive whole.
    #[error("the request body could not be read")]
    Unreadable,
}

impl Fault {
    fn status(&self) -> StatusCode {
        match self {
            Fault::Malformed(_) | Fault::Unreadable => StatusCode::BAD_REQUEST,
            Fault::ContentType(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Fault::NotAcceptable => StatusCode::NOT_ACCEPTABLE,
            Fault::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Fault::TimedOut => StatusCode::REQUEST_TIMEOUT,
            Fault::Method | Fault::MutationByGet => StatusCode::METHOD_NOT_ALLOWED,
        }
    }

    fn error_type(&self) -> &'static str {
        match self {
            Fault::Malformed(_)
            | Fault::Unreadable
            | Fault::ContentType(_)
            | Fault::NotAcceptable => "MalformedHttpRequestException",
            Fault::TooLarge(_) => "RequestEntityTooLargeException",
            Fault::TimedOut => "RequestTimeoutException",
            Fault::Method | Fault::MutationByGet => "MethodNotAllowedException",
        }
    }

    /// The response, in this content type.
    pub(super) fn into_response(self, content_type: HeaderValue) -> Response<Body> {
        let mut response = failure(self.status(), self.error_type(), &self.to_string());
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, content_type);
        match self {
            Fault::Method => headers.insert(ALLOW, HeaderValue::from_static("GET, POST")),
            Fault::MutationByGet => headers.insert(ALLOW, HeaderValue::from_static("POST")),
            _ => None,
        };
        response
    }
}

/// No api is served at this path.
pub(super) fn unknown_path() -> Response<Body> {
    failure(
        StatusCode::NOT_FOUND,
        "NotFoundException",
        "no api is served at this path",
    )
}

/// Something of our own went wrong; what it was is in the log.
pub(super) fn internal() -> Response<Body> {
    let message = "an internal failure; the log has more under this request's id";
    failure(
        StatusCode::INTERNAL_SERVER_ERROR,
        "InternalFailure",
        message,
    )
}

fn failure(status: StatusCode, error_type: &'static str, message: &str) -> Response<Body> {
    let mut body = b"{\"errors\":[{\"message\":".to_vec();
    json::write_string(message, &mut body);
    body.extend_from_slice(b",\"errorType\":");
    json::write_string(error_type, &mut body);
    body.extend_from_slice(b"}]}");
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert("x-amzn-errortype", HeaderValue::from_static(error_type));
    response
}
