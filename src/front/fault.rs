//! The only place where an error becomes a status and a body.
//!
//! See: appsync.md 2.9 (HTTP-level failures), GraphQL over HTTP §6.4 (response).

mod connection;
mod exceeded;
mod handshake;
mod refusal;
mod route;

use axum::{
    body::Body,
    http::{
        HeaderName, HeaderValue, Response, StatusCode,
        header::{ALLOW, CONTENT_TYPE},
    },
};

use crate::{front::body::Unread, json};

pub(super) use connection::{ConnectionFault, of_connections};
pub(super) use exceeded::Exceeded;
pub(super) use handshake::HandshakeFault;
pub(super) use refusal::{refused_graphql, refused_route, write_refused};
pub(super) use route::{RouteFault, route};

/// The header in which AWS's clients are told the name of an error.
const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");

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
    /// The operation took longer than a request of its api may.
    #[error("Execution timed out.")]
    ExecutionTimeout,
    /// A socket speaks one protocol, and the client does not offer it.
    #[error("offer the subprotocol `graphql-transport-ws` in `Sec-WebSocket-Protocol`")]
    Subprotocol,
    /// Pages of other origins may not open sockets.
    #[error("pages of this origin may not connect")]
    Origin,
}

impl Fault {
    /// Why a body of at most `max` bytes was not read.
    pub(super) fn of_body(unread: Unread, max: usize) -> Self {
        match unread {
            Unread::TooLarge => Fault::TooLarge(max),
            Unread::TooLate => Fault::TimedOut,
            Unread::Incomplete => Fault::Unreadable,
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Fault::Malformed(_) | Fault::Unreadable | Fault::Subprotocol => StatusCode::BAD_REQUEST,
            Fault::ExecutionTimeout => StatusCode::GATEWAY_TIMEOUT,
            Fault::Origin => StatusCode::FORBIDDEN,
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
            | Fault::NotAcceptable
            | Fault::Subprotocol => "MalformedHttpRequestException",
            Fault::TooLarge(_) => "RequestEntityTooLargeException",
            Fault::TimedOut => "RequestTimeoutException",
            Fault::ExecutionTimeout => "ExecutionTimeout",
            Fault::Origin => "ForbiddenException",
            Fault::Method | Fault::MutationByGet => "MethodNotAllowedException",
        }
    }

    /// Appends the fault as one of GraphQL's errors.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        write_error(self.error_type(), &self.to_string(), out);
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

/// The request is for several hosts.
pub(super) fn several_hosts() -> Response<Body> {
    failure(
        StatusCode::BAD_REQUEST,
        "MalformedHttpRequestException",
        "the request has several `host` headers",
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
    let mut body = b"{\"errors\":[".to_vec();
    write_error(error_type, message, &mut body);
    body.extend_from_slice(b"]}");
    named(json_response(status, body), error_type)
}

/// `{"message": …}`, as API Gateway's clients read it.
fn message(status: StatusCode, message: &str) -> Response<Body> {
    let mut body = b"{\"message\":".to_vec();
    json::write_string(message, &mut body);
    body.push(b'}');
    json_response(status, body)
}

fn json_response(status: StatusCode, body: Vec<u8>) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// With the error's name.
fn named(mut response: Response<Body>, error_type: &'static str) -> Response<Body> {
    let name = HeaderValue::from_static(error_type);
    response.headers_mut().insert(ERROR_TYPE, name);
    response
}

/// Appends an error as AppSync's clients read it.
pub(super) fn write_error(error_type: &str, message: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"message\":");
    json::write_string(message, out);
    out.extend_from_slice(b",\"errorType\":");
    json::write_string(error_type, out);
    out.push(b'}');
}
