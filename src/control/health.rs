//! Whether the process serves, and whether it wants more to serve.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering::Relaxed},
};

use axum::{
    Router,
    body::Body,
    http::{HeaderValue, Method, Response, StatusCode, header::CACHE_CONTROL},
    routing::get,
};

use crate::control::json;

/// 200 for as long as the process serves.
const LIVES: &str = "/healthz";

/// 200 while it takes requests, 503 once it ends.
const READY: &str = "/readyz";

/// What the process says of itself.
#[derive(Debug, Default)]
pub(crate) struct Health {
    draining: AtomicBool,
}

impl Health {
    /// From now on the process finishes what it has, and wants nothing new.
    pub(crate) fn drain(&self) {
        self.draining.store(true, Relaxed);
    }

    /// Whether it finishes what it has.
    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Relaxed)
    }

    /// The answer to a question for health, if it is one.
    pub(crate) fn answer(&self, method: &Method, path: &str) -> Option<Response<Body>> {
        match (path, method) {
            (LIVES, &Method::GET | &Method::HEAD) => Some(lives()),
            (READY, &Method::GET | &Method::HEAD) => Some(self.readiness()),
            _ => None,
        }
    }

    fn readiness(&self) -> Response<Body> {
        match self.is_draining() {
            false => fresh(StatusCode::OK, "{\"status\":\"ready\"}"),
            true => fresh(StatusCode::SERVICE_UNAVAILABLE, "{\"status\":\"draining\"}"),
        }
    }
}

pub(super) fn routes(health: Arc<Health>) -> Router {
    Router::new()
        .route(LIVES, get(async || lives()))
        .route(READY, get(async move || health.readiness()))
}

fn lives() -> Response<Body> {
    fresh(StatusCode::OK, "{\"status\":\"ok\"}")
}

/// What it is now says nothing of later.
fn fresh(status: StatusCode, body: &'static str) -> Response<Body> {
    let mut response = json(status, body);
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
