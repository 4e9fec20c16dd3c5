//! `/metrics`, for those who hold the token.

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    http::{
        HeaderMap, HeaderValue, Response, StatusCode,
        header::{AUTHORIZATION, CONTENT_TYPE, WWW_AUTHENTICATE},
    },
    routing::get,
};
use subtle::ConstantTimeEq;

use crate::{config::Secret, control::json, observe::Metrics};

/// See: <https://prometheus.io/docs/instrumenting/exposition_formats/>.
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");

pub(super) fn routes(metrics: Arc<Metrics>, token: Option<Secret>) -> Router {
    let token = token.map(Arc::new);
    let scrape = async move |headers: HeaderMap| match is_admitted(token.as_deref(), &headers) {
        true => text(metrics.render()),
        false => refused(),
    };
    Router::new().route("/metrics", get(scrape))
}

/// Whether the caller shows the token, if there is one. The comparison takes as long for a token that
/// is nearly right.
fn is_admitted(token: Option<&Secret>, headers: &HeaderMap) -> bool {
    let Some(token) = token else {
        return true;
    };
    let shown = headers.get(AUTHORIZATION).map(HeaderValue::as_bytes);
    let Some((scheme, shown)) = shown.and_then(|value| value.split_at_checked("Bearer ".len()))
    else {
        return false;
    };
    scheme.eq_ignore_ascii_case(b"Bearer ") && shown.ct_eq(token.reveal().as_bytes()).into()
}

fn text(body: String) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    response.headers_mut().insert(CONTENT_TYPE, TEXT);
    response
}

fn refused() -> Response<Body> {
    let mut response = json(StatusCode::UNAUTHORIZED, "{\"message\":\"Unauthorized\"}");
    let headers = response.headers_mut();
    headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    response
}
