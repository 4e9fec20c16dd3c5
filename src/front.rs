//! Which api a request is for; then the guard, then that api's front.
//!
//! Fronts turn wire bytes into requests and answers into wire bytes, nothing else.

mod body;
mod caches;
mod fault;
mod graphql_api;
mod limits;
mod rest_api;
mod socket;
mod summary;
mod websocket_api;

use std::{
    net::{IpAddr, SocketAddr},
    panic::AssertUnwindSafe,
    sync::Arc,
};

use arc_swap::ArcSwap;
use axum::{
    body::Body,
    http::{
        HeaderMap, HeaderName, HeaderValue, Request as HttpRequest, Response as HttpResponse,
        StatusCode, Version,
        header::{CONNECTION, HOST, ORIGIN},
        request::Parts,
    },
};
use futures::FutureExt;
use hyper::upgrade::OnUpgrade;
use ipnet::IpNet;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;
use uuid::Uuid;

use crate::{
    clock::Stopwatch,
    cluster::Cluster,
    config,
    control::Health,
    deployment::{Deployment, Deployments, Served},
    guard,
    observe::{Meter, RUNNING},
    request::Request,
};

use caches::Caches;
use limits::Limits;
use summary::Summary;

pub use graphql_api::Mounted;
use socket::{Sockets, Upgrade};
pub(crate) use summary::Noted;

/// The response header that names a request, as AppSync's clients know it.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");

/// Over what a client came to the proxy before us.
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Serves the deployments of the moment.
#[derive(Debug)]
pub(crate) struct Front {
    /// Shared with connections that outlive a reload.
    deployments: Arc<ArcSwap<Deployments>>,
    /// The WebSockets that are open.
    sockets: Sockets,
    /// What outlives the deployments.
    pub(crate) cluster: Arc<Cluster>,
    /// Largest request body, in bytes.
    max_body: usize,
    limits: Limits,
    /// Who may say whom a request comes from.
    trusted_proxies: Vec<IpNet>,
    /// Whether every answer says that its connection ends.
    health: Arc<Health>,
    /// Cancelled when the gateway drains: an answer without end ends.
    ending: CancellationToken,
    caches: Caches,
    /// Counts requests that are for no api.
    elsewhere: Meter,
}

/// A request as the listener hands it over.
pub(crate) struct Incoming {
    /// Head and body, and in its extensions what an upgrade needs.
    pub(crate) request: HttpRequest<Body>,
    /// Who is at the other end of the connection.
    pub(crate) peer: Option<SocketAddr>,
    /// Whether it came over TLS.
    pub(crate) secure: bool,
}

/// What a front is handed: where the request goes, and what it is.
struct Arrival<'a> {
    front: &'a Front,
    deployment: &'a Arc<Deployment>,
    /// The path below the deployment's own.
    below: String,
    request: Request,
    body: Body,
    /// Present when the client asks for another protocol.
    upgrade: Option<Upgrade>,
}

impl Front {
    /// A front for these deployments. `health` is told to others too: by the admin listener.
    pub(crate) fn new(
        deployments: Deployments,
        cluster: Arc<Cluster>,
        health: Arc<Health>,
        settings: &config::Server,
    ) -> Self {
        Front {
            deployments: Arc::new(ArcSwap::from_pointee(deployments)),
            sockets: Sockets::default(),
            cluster,
            max_body: usize::try_from(settings.max_body).unwrap_or(usize::MAX),
            limits: Limits::new(settings),
            trusted_proxies: settings.trusted_proxies.clone(),
            health,
            ending: CancellationToken::new(),
            caches: Caches::default(),
            elsewhere: Meter::new("", ""),
        }
    }

    /// Writes into the metrics what need not be counted, because it is known.
    pub(crate) fn report(&self) {
        self.caches.report(&self.deployments.load());
        metrics::gauge!(RUNNING).set(self.limits.running() as f64);
    }

    /// Replaces all deployments; running requests keep the one they began with.
    pub(crate) fn swap(&self, deployments: Deployments) {
        let before = self.deployments.swap(Arc::new(deployments));
        self.caches.close(&before);
    }

    /// Makes every answer from now on the last of its connection, and ends those without end.
    pub(crate) fn announce_end(&self) {
        self.health.drain();
        self.ending.cancel();
    }

    /// Ends all WebSockets with 1001, and lets no new one begin.
    pub(crate) fn close_sockets(&self) {
        self.sockets.close_all();
    }

    /// Waits until there is no WebSocket any more, and all their last routes have run.
    pub(crate) async fn sockets_closed(&self) {
        self.sockets.closed().await;
    }

    /// Answers a request.
    pub(crate) async fn answer(&self, incoming: Incoming) -> HttpResponse<Body> {
        let watch = Stopwatch::start();
        let (mut parts, body) = incoming.request.into_parts();
        let version = parts.version;
        let upgrade = parts.extensions.remove::<OnUpgrade>();
        let request = self.receive(parts, incoming.peer, incoming.secure);
        let id = request.id;
        let line = Summary::new(&request);
        let (deployment, mut response) = match self.find(&request) {
            _ if names_several_hosts(&request) => (None, fault::several_hosts()),
            Some((deployment, below)) => {
                let span = tracing::debug_span!(target: "loomgate::request", "request", %id);
                let dispatched = self.dispatch(&deployment, below, request, body, upgrade);
                let response = dispatched.instrument(span).await;
                (Some(deployment), response)
            }
            None => (None, self.elsewhere(&request)),
        };
        let switches = response.status() == StatusCode::SWITCHING_PROTOCOLS;
        if self.health.is_draining() && version < Version::HTTP_2 && !switches {
            let last = HeaderValue::from_static("close");
            response.headers_mut().insert(CONNECTION, last);
        }
        let mut text = Uuid::encode_buffer();
        let id = id.hyphenated().encode_lower(&mut text);
        if let Ok(value) = HeaderValue::from_str(id) {
            response.headers_mut().insert(REQUEST_ID, value);
        }
        let took = watch.elapsed();
        let deployment = deployment.as_deref();
        let meter = deployment.map_or(&self.elsewhere, |deployment| &deployment.meter);
        meter.record(response.status(), took);
        let api = deployment.map(|deployment| &*deployment.name);
        line.log(id, api, &mut response, took);
        response
    }

    /// What came in, and from whom.
    fn receive(&self, parts: Parts, peer: Option<SocketAddr>, secure: bool) -> Request {
        let Parts {
            method,
            uri,
            headers,
            ..
        } = parts;
        let peer = peer.map(|peer| peer.ip());
        let is_proxy = |peer: IpAddr| self.trusted_proxies.iter().any(|net| net.contains(&peer));
        let client = guard::client_address(peer, &headers, &self.trusted_proxies);
        let secure = secure || (peer.is_some_and(is_proxy) && was_secure(&headers));
        Request {
            id: Uuid::new_v4(),
            method,
            uri,
            headers,
            client,
            secure,
        }
    }

    /// The api that a request is for, and the path below its own.
    fn find(&self, request: &Request) -> Option<(Arc<Deployment>, String)> {
        let deployments = self.deployments.load();
        let (deployment, below) = deployments.at(host(request), request.path())?;
        Some((Arc::clone(deployment), below.to_owned()))
    }

    /// The answer where no api is: health is told, unless an api has its path.
    fn elsewhere(&self, request: &Request) -> HttpResponse<Body> {
        let health = self.health.answer(&request.method, request.path());
        health.unwrap_or_else(fault::unknown_path)
    }

    /// Hands a request to the front of its api, when it is within bounds.
    async fn dispatch(
        &self,
        deployment: &Arc<Deployment>,
        below: String,
        request: Request,
        body: Body,
        upgrade: Option<OnUpgrade>,
    ) -> HttpResponse<Body> {
        let origin = request.headers.get(ORIGIN).cloned();
        let mut response = match self.limits.admit(&request) {
            Ok(_place) => {
                let arrival = Arrival {
                    front: self,
                    deployment,
                    below,
                    request,
                    body,
                    upgrade: upgrade.map(|on| Upgrade::new(on, &self.sockets, &deployment.name)),
                };
                answer_safely(arrival).await
            }
            Err(exceeded) => {
                let mut response = exceeded.into_response(deployment.graphql().is_some());
                Noted::refusal(&mut response, exceeded.reason());
                response
            }
        };
        let guard = &deployment.guard;
        guard.dress(origin.as_ref(), response.headers_mut());
        response
    }
}

/// A fault of our own must not leave the client without an answer.
async fn answer_safely(arrival: Arrival<'_>) -> HttpResponse<Body> {
    let id = arrival.request.id;
    let answered = AssertUnwindSafe(answer(arrival)).catch_unwind().await;
    answered.unwrap_or_else(|_| {
        tracing::error!(%id, "a request ended in a fault of our own");
        fault::internal()
    })
}

async fn answer(arrival: Arrival<'_>) -> HttpResponse<Body> {
    match &arrival.deployment.served {
        Served::Graphql(graphql) => graphql_api::answer(graphql, arrival).await,
        Served::Routes(routes) => rest_api::answer(routes, arrival).await,
        Served::Websocket(websocket) => websocket_api::answer(websocket, arrival).await,
    }
}

/// Whether a trusted proxy says that its client came over TLS. Where several stand in a row, the
/// last one speaks of what it saw itself; what stands before may be what a client made up.
fn was_secure(headers: &HeaderMap) -> bool {
    let said = headers.get_all(FORWARDED_PROTO).iter().next_back();
    let last = said.and_then(|said| said.to_str().ok()?.rsplit(',').next());
    last.is_some_and(|last| last.trim().eq_ignore_ascii_case("https"))
}

/// The host that the client asked for: HTTP/2 has it in the URI, HTTP/1.1 in a header.
fn host(request: &Request) -> Option<&str> {
    let authority = request.uri.authority().map(|authority| authority.as_str());
    authority.or_else(|| request.headers.get(HOST)?.to_str().ok())
}

/// Whoever stands before us may have let the request pass for another host than we would take.
///
/// See: RFC 9112 §3.2 (request target).
fn names_several_hosts(request: &Request) -> bool {
    request.headers.get_all(HOST).iter().nth(1).is_some()
}

#[cfg(test)]
mod tests;
