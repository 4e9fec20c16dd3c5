//! GraphQL over a WebSocket: `graphql-transport-ws`, as `subscribe` knows it, on our socket.
//!
//! The upgrade is accepted before anyone asks who calls: a browser shows a page the close code of a
//! socket and nothing of a failed handshake. Addresses and origins are looked at before it.

mod client;

use std::{ops::ControlFlow, sync::Arc};

use axum::{
    body::Body,
    http::{
        HeaderValue, Response,
        header::{HOST, ORIGIN, SEC_WEBSOCKET_PROTOCOL},
    },
};
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use crate::{
    cluster::{Bucket, Pace},
    front::{
        Arrival,
        fault::{self, Fault},
        graphql_api::{credentials, expiry, media::Media, operation::Api},
        socket::{Bounds, Close, Ended, Outbox, Protocol, Socket, detach, tokens},
    },
    json::Value,
    request::{Call, Request},
    subscribe::{self, Effect, TransportWs},
};

use client::Client;

/// The protocol that we speak.
const PROTOCOL: &str = "graphql-transport-ws";

/// The client says more than it may in a time; it may come back.
const TOO_MANY: Close = Close::new(1013, "Too many messages");

/// Answers an upgrade.
pub(super) fn accept(api: Api, arrival: Arrival<'_>) -> Response<Body> {
    let Arrival {
        request, upgrade, ..
    } = arrival;
    if let Err(refusal) = api.deployment().guard.greet(&request) {
        return fault::refused_graphql(&refusal);
    }
    let mut origins = request.headers.get_all(ORIGIN).iter();
    let guard = &api.deployment().guard;
    if !origins.all(|origin| is_own(origin, &request) || guard.allows_origin(origin)) {
        return Fault::Origin.into_response(Media::Json.header());
    }
    let is_offered = tokens(&request.headers, &SEC_WEBSOCKET_PROTOCOL).any(|it| it == PROTOCOL);
    if !is_offered {
        return Fault::Subprotocol.into_response(Media::Json.header());
    }
    let settings = &api.graphql().subscriptions;
    let bounds = Bounds::new(&settings.sockets, Some(settings.keep_alive));
    match Socket::accept(&request, upgrade, Some(PROTOCOL), bounds) {
        Ok((switching, socket, outbox)) => {
            socket.run(Conversation::new(api, detach(request), outbox));
            switching
        }
        Err(fault) => fault.into_response(),
    }
}

/// Whether a page comes from the very host that it connects to, which CORS has nothing to say about.
fn is_own(origin: &HeaderValue, request: &Request) -> bool {
    let origin = origin.to_str().ok().and_then(|it| it.split_once("://"));
    let host = request.headers.get(HOST).and_then(|it| it.to_str().ok());
    match (origin, host) {
        (Some((_, origin)), Some(host)) => origin.eq_ignore_ascii_case(host),
        _ => false,
    }
}

/// One client's connection.
struct Conversation {
    machine: TransportWs,
    client: Arc<Client>,
    /// The upgrade; not kept once it is known who calls.
    request: Option<Request>,
    /// The call that the client was let in with.
    call: Option<Arc<Call>>,
    /// When it must have introduced itself.
    introduced_by: Instant,
    /// When its identity ends.
    expires: Option<Instant>,
    /// This connection's own.
    bucket: Option<Bucket>,
}

impl Conversation {
    fn new(api: Api, request: Request, outbox: Outbox) -> Self {
        let settings = &api.graphql().subscriptions;
        let throttle = settings.sockets.throttle;
        Conversation {
            machine: TransportWs::default(),
            request: Some(request),
            call: None,
            introduced_by: expiry::after(settings.init_timeout),
            expires: None,
            bucket: throttle.map(|it| Bucket::new(Pace::from_config(it.rate))),
            client: Arc::new(Client::new(api, outbox)),
        }
    }

    /// Finds out who the client is.
    async fn initialise(&mut self, payload: Value) -> ControlFlow<Close> {
        let Some(request) = self.request.take() else {
            return ControlFlow::Break(subscribe::Close::forbidden().into());
        };
        let request = credentials::overlay(&request, payload.view());
        let deployment = self.client.api().deployment();
        match deployment.guard.admit(request, &deployment.rule).await {
            Ok(call) => {
                self.expires = expiry::of(&call);
                self.call = Some(Arc::new(call));
                self.client.say(self.machine.acknowledge());
                ControlFlow::Continue(())
            }
            Err(refusal) => {
                let reason = refusal.reason();
                tracing::info!(api = &*deployment.name, reason, "a socket is refused");
                ControlFlow::Break(subscribe::Close::forbidden().into())
            }
        }
    }
}

impl Protocol for Conversation {
    async fn text(&mut self, text: Utf8Bytes) -> ControlFlow<Close> {
        if self.bucket.as_ref().is_some_and(|bucket| !bucket.take()) {
            return ControlFlow::Break(TOO_MANY);
        }
        let effect = self.machine.receive(&mut self.client.session(), text);
        match effect {
            Effect::Nothing => {}
            Effect::Send(text) => self.client.say(text),
            Effect::Initialise(payload) => return self.initialise(payload).await,
            Effect::Begin(ticket, payload) => {
                if let Some(call) = &self.call {
                    self.client.begin(Arc::clone(call), &ticket, payload);
                }
            }
            Effect::End(running) => drop(running),
            Effect::Close(close) => return ControlFlow::Break(close.into()),
        }
        ControlFlow::Continue(())
    }

    fn binary(&mut self) -> ControlFlow<Close> {
        let close = subscribe::Close::malformed("Invalid message received: it is binary");
        ControlFlow::Break(close.into())
    }

    fn deadline(&self) -> Option<(Instant, Close)> {
        if self.machine.is_silent() {
            let close = subscribe::Close::init_timeout();
            return Some((self.introduced_by, close.into()));
        }
        // Clients that know the protocol come back after this one, with a new token.
        let expires = self.expires?;
        Some((expires, subscribe::Close::forbidden().into()))
    }

    /// Nothing: what must be undone is undone when this is dropped.
    async fn ended(self, _how: Ended) {}
}

impl Drop for Conversation {
    fn drop(&mut self) {
        self.client.leave();
    }
}

impl From<subscribe::Close> for Close {
    fn from(close: subscribe::Close) -> Self {
        Close {
            code: close.code,
            reason: close.reason,
        }
    }
}
