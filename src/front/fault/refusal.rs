//! A request that the guard refused, in the words of each door.

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Response, StatusCode, header::WWW_AUTHENTICATE},
};

use super::{failure, json_response, message, named, write_error};
use crate::{config::api::Flavor, front::summary::Noted, guard::Refusal, json};

/// The caller is known, and may not do this.
const ACCESS_DENIED: &str = "AccessDeniedException";

/// A request for a GraphQL api did not pass the guard.
pub(in crate::front) fn refused_graphql(refusal: &Refusal) -> Response<Body> {
    if let Refusal::Preflight(headers) = refusal {
        return preflight(headers);
    }
    let (status, error_type, message) = graphql_words(refusal);
    let mut response = failure(status, error_type, &message);
    Noted::refusal(&mut response, refusal.to_string());
    response
}

/// Appends the same as one of GraphQL's errors, where there is no status to say it by: the caller was
/// let in, and may not ask for one more.
pub(in crate::front) fn write_refused(refusal: &Refusal, out: &mut Vec<u8>) {
    let (_, error_type, message) = graphql_words(refusal);
    write_error(error_type, &message, out);
}

/// What AppSync's clients are told: status, name and message.
///
/// See: appsync.md 7.9 (request-level failures).
fn graphql_words(refusal: &Refusal) -> (StatusCode, &'static str, Cow<'static, str>) {
    const UNAUTHORIZED: (StatusCode, &str) = (StatusCode::UNAUTHORIZED, "UnauthorizedException");
    const FORBIDDEN: (StatusCode, &str) = (StatusCode::FORBIDDEN, ACCESS_DENIED);
    const MALFORMED: (StatusCode, &str) =
        (StatusCode::BAD_REQUEST, "MalformedHttpRequestException");
    const UNAVAILABLE: (StatusCode, &str) = (
        StatusCode::SERVICE_UNAVAILABLE,
        "ServiceUnavailableException",
    );
    const NOT_YOU: &str = "You are not authorized to make this call.";
    let ((status, error_type), message) = match refusal {
        Refusal::NoCredentials | Refusal::NoApiKey => (
            UNAUTHORIZED,
            "Valid authorization header not provided.".into(),
        ),
        Refusal::ApiKey => (UNAUTHORIZED, NOT_YOU.into()),
        Refusal::Malformed => (UNAUTHORIZED, "Unable to parse JWT token.".into()),
        Refusal::Expired => (UNAUTHORIZED, "Token has expired.".into()),
        Refusal::Token(why) => (UNAUTHORIZED, (*why).into()),
        Refusal::Keys => (UNAVAILABLE, refusal.to_string().into()),
        Refusal::Address | Refusal::NotAllowed | Refusal::Scope => (FORBIDDEN, NOT_YOU.into()),
        Refusal::Throttled => (
            (StatusCode::TOO_MANY_REQUESTS, "ThrottlingException"),
            "Rate exceeded".into(),
        ),
        Refusal::Quota => (
            (StatusCode::TOO_MANY_REQUESTS, "LimitExceededException"),
            "Limit Exceeded".into(),
        ),
        Refusal::Missing(_) | Refusal::NoBody => (MALFORMED, refusal.to_string().into()),
        // It is no error: whoever asks for words answers it before.
        Refusal::Preflight(_) => ((StatusCode::NO_CONTENT, ""), "".into()),
    };
    (status, error_type, message)
}

/// A request for a route did not pass the guard.
///
/// See: apigateway.md 5.2 (gateway responses), 6.6 (JWT authorizer), 7 (throttling).
pub(in crate::front) fn refused_route(refusal: &Refusal, flavor: Flavor) -> Response<Body> {
    if let Refusal::Preflight(headers) = refusal {
        return preflight(headers);
    }
    let (status, error_type) = route_status(refusal, flavor);
    let text = route_message(refusal, flavor, status);
    let mut response = match error_type {
        ACCESS_DENIED => capital_message(status, &text),
        _ => message(status, &text),
    };
    match flavor {
        Flavor::Rest => response = named(response, error_type),
        Flavor::Http => {
            if let Some(challenge) = challenge(refusal) {
                response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
            }
        }
    }
    Noted::refusal(&mut response, refusal.to_string());
    response
}

/// API Gateway writes this one body with a capital letter.
fn capital_message(status: StatusCode, text: &str) -> Response<Body> {
    let mut body = b"{\"Message\":".to_vec();
    json::write_string(text, &mut body);
    body.push(b'}');
    json_response(status, body)
}

/// The status, and what REST apis call it.
fn route_status(refusal: &Refusal, flavor: Flavor) -> (StatusCode, &'static str) {
    let forbidden = (StatusCode::FORBIDDEN, "ForbiddenException");
    let unauthorized = (StatusCode::UNAUTHORIZED, "UnauthorizedException");
    match (refusal, flavor) {
        (Refusal::NoApiKey | Refusal::ApiKey, Flavor::Rest) => forbidden,
        (Refusal::NoApiKey | Refusal::ApiKey, Flavor::Http)
        | (Refusal::NoCredentials | Refusal::Malformed | Refusal::Expired | Refusal::Token(_), _) => {
            unauthorized
        }
        (Refusal::Address, _) | (Refusal::NotAllowed | Refusal::Scope, Flavor::Http) => forbidden,
        (Refusal::NotAllowed | Refusal::Scope, Flavor::Rest) => {
            (StatusCode::FORBIDDEN, ACCESS_DENIED)
        }
        (Refusal::Keys, _) => (
            StatusCode::SERVICE_UNAVAILABLE,
            "ServiceUnavailableException",
        ),
        (Refusal::Throttled, _) => (StatusCode::TOO_MANY_REQUESTS, "TooManyRequestsException"),
        (Refusal::Quota, _) => (StatusCode::TOO_MANY_REQUESTS, "LimitExceededException"),
        (Refusal::Missing(_) | Refusal::NoBody, _) => {
            (StatusCode::BAD_REQUEST, "BadRequestException")
        }
        (Refusal::Preflight(_), _) => (StatusCode::NO_CONTENT, ""),
    }
}

fn route_message(refusal: &Refusal, flavor: Flavor, status: StatusCode) -> Cow<'static, str> {
    match (refusal, flavor) {
        (Refusal::Expired, Flavor::Rest) => "The incoming token has expired".into(),
        (Refusal::NotAllowed | Refusal::Scope, Flavor::Rest) => {
            "User is not authorized to access this resource".into()
        }
        (Refusal::Quota, _) => "Limit Exceeded".into(),
        (Refusal::Missing(names), _) => format!(
            "Missing required request parameters: [{}]",
            names.join(", ")
        )
        .into(),
        (Refusal::NoBody, _) => "Invalid request body".into(),
        _ => status.canonical_reason().unwrap_or_default().into(),
    }
}

/// What HTTP apis say about the token that they want. No word of the request is repeated in it.
///
/// See: RFC 6750 §3 (the WWW-Authenticate response header field).
fn challenge(refusal: &Refusal) -> Option<HeaderValue> {
    let error = match refusal {
        Refusal::NoCredentials => return Some(HeaderValue::from_static("Bearer")),
        Refusal::Malformed | Refusal::Expired | Refusal::Token(_) => "invalid_token",
        Refusal::Scope => "insufficient_scope",
        _ => return None,
    };
    let challenge = format!("Bearer scope=\"\" error=\"{error}\" error_description=\"{refusal}\"");
    HeaderValue::from_str(&challenge).ok()
}

/// See: apigateway.md 9.1 (HTTP API automatic).
fn preflight(headers: &HeaderMap) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response.headers_mut().clone_from(headers);
    response
}
