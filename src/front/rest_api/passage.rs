//! Passing a request through to an `http` source. The source looks at the path, because it is there
//! that it must not lead elsewhere.

use axum::{body::Body, http::Response};

use crate::{
    deployment::route::Passing,
    front::{fault::RouteFault, host},
    request::Call,
    source::http::Passage,
};

/// Passes a request through. Bodies take their time, and a service may answer after the whole of
/// one: the source bounds how long nothing moves, nobody how long it takes in all.
pub(super) async fn pass(
    passing: &Passing,
    call: &Call,
    below: &str,
    values: &[&str],
    body: Body,
) -> Result<Response<Body>, RouteFault> {
    let request = call.request();
    let path = match &passing.path {
        Some(template) => template.fill(values),
        None if below.is_empty() => "/".to_owned(),
        None => below.to_owned(),
    };
    let passage = Passage {
        method: request.method.clone(),
        path,
        query: request.uri.query().map(str::to_owned),
        headers: request.headers.clone(),
        body,
        client: request.client,
        host: host(request).map(str::to_owned),
        secure: request.secure,
    };
    let passed = passing.source.pass(passage).await;
    passed.map_err(|error| RouteFault::of(&error.error_type, &error.message))
}
