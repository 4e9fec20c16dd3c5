//! Which api a request is for; then the guard, then that api's front.
//!
//! Fronts turn wire bytes into requests and answers into wire bytes, nothing else.

mod fault;
mod graphql_api;

use std::{
    net::SocketAddr,
    panic::AssertUnwindSafe,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use arc_swap::ArcSwap;
use axum::{
    body::Body,
    http::{
        HeaderName, HeaderValue, Request as HttpRequest, Response as HttpResponse, Version,
        header::CONNECTION, request::Parts,
    },
};
use futures::FutureExt;
use uuid::Uuid;

use crate::{clock::Stopwatch, deployment::Deployments, request::Request};

pub use graphql_api::Mounted;

/// The response header that names a request, as AppSync's clients know it.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");

/// Serves the deployments of the moment.
#[derive(Debug)]
pub(crate) struct Front {
    deployments: ArcSwap<Deployments>,
    /// Largest request body, in bytes.
    max_body: usize,
    /// Whether every answer says that its connection ends.
    ends: AtomicBool,
}

impl Front {
    /// A front for these deployments.
    pub(crate) fn new(deployments: Deployments, max_body: usize) -> Self {
        Front {
            deployments: ArcSwap::from_pointee(deployments),
            max_body,
            ends: AtomicBool::new(false),
        }
    }

    /// Says in the log what the caches of all apis did.
    pub(crate) fn report_caches(&self) {
        for deployment in self.deployments.load().iter() {
            deployment.engine.report_caches(&deployment.name);
        }
    }

    /// Replaces all deployments; running requests keep the one they began with.
    pub(crate) fn swap(&self, deployments: Deployments) {
        self.report_caches();
        self.deployments.store(Arc::new(deployments));
    }

    /// Makes every answer from now on the last of its connection.
    pub(crate) fn announce_end(&self) {
        self.ends.store(true, Ordering::Relaxed);
    }

    /// Answers a request.
    pub(crate) async fn answer(
        &self,
        request: HttpRequest<Body>,
        peer: Option<SocketAddr>,
    ) -> HttpResponse<Body> {
        let watch = Stopwatch::start();
        let (parts, body) = request.into_parts();
        let version = parts.version;
        let request = from_parts(parts, peer);
        let line = Summary {
            id: request.id,
            method: request.method.clone(),
            uri: request.uri.clone(),
        };
        let mut response = self.dispatch_safely(request, body).await;
        if self.ends.load(Ordering::Relaxed) && version < Version::HTTP_2 {
            response
                .headers_mut()
                .insert(CONNECTION, HeaderValue::from_static("close"));
        }
        let mut text = Uuid::encode_buffer();
        let id = line.id.hyphenated().encode_lower(&mut text);
        if let Ok(value) = HeaderValue::from_str(id) {
            response.headers_mut().insert(REQUEST_ID, value);
        }
        line.log(id, &response, watch.elapsed());
        response
    }

    /// A fault of our own must not leave the client without an answer.
    async fn dispatch_safely(&self, request: Request, body: Body) -> HttpResponse<Body> {
        let dispatched = AssertUnwindSafe(self.dispatch(request, body))
            .catch_unwind()
            .await;
        dispatched.unwrap_or_else(|_| fault::internal())
    }

    async fn dispatch(&self, request: Request, body: Body) -> HttpResponse<Body> {
        let deployments = self.deployments.load_full();
        match deployments.at(request.path()) {
            Some(deployment) => graphql_api::answer(deployment, request, body, self.max_body).await,
            None => fault::unknown_path(),
        }
    }
}

fn from_parts(parts: Parts, peer: Option<SocketAddr>) -> Request {
    Request {
        id: Uuid::new_v4(),
        method: parts.method,
        uri: parts.uri,
        headers: parts.headers,
        peer,
    }
}

/// One line a request: what was asked, what came of it, how long it took.
struct Summary {
    id: Uuid,
    method: axum::http::Method,
    uri: axum::http::Uri,
}

impl Summary {
    fn log(&self, id: &str, response: &HttpResponse<Body>, took: Duration) {
        tracing::info!(
            target: "loomgate::request",
            id,
            method = self.method.as_str(),
            path = shorten(self.uri.path()),
            status = u64::from(response.status().as_u16()),
            took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
        );
    }
}

/// A path as it is logged: at most this many bytes of it.
const LOGGED_PATH: usize = 256;

fn shorten(path: &str) -> &str {
    path.get(..path.floor_char_boundary(LOGGED_PATH))
        .unwrap_or(path)
}
