//! The admin listener: what those who run the gateway ask it, apart from traffic.
//!
//! It stays up while the gateway drains. It knows neither apis nor fronts.

mod health;
mod metrics;

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    http::{HeaderValue, Request, Response, StatusCode, header::CONTENT_TYPE},
    routing,
};
use tower_service::Service;

use crate::{config::Secret, observe::Metrics};

pub(crate) use health::Health;

/// Answers the requests of the admin listener.
#[derive(Debug)]
pub(crate) struct Control {
    router: Router,
}

impl Control {
    /// `token` is what callers of anything but health must show.
    pub(crate) fn new(health: Arc<Health>, metrics: Arc<Metrics>, token: Option<Secret>) -> Self {
        let router = Router::new()
            .merge(health::routes(health))
            .merge(metrics::routes(metrics, token))
            .fallback(routing::any(unknown));
        Control { router }
    }

    /// Answers a request.
    pub(crate) async fn answer(&self, request: Request<Body>) -> Response<Body> {
        let Ok(response) = self.router.clone().call(request).await;
        response
    }
}

async fn unknown() -> Response<Body> {
    json(StatusCode::NOT_FOUND, "{\"message\":\"Not Found\"}")
}

fn json(status: StatusCode, body: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

#[cfg(test)]
mod tests;
