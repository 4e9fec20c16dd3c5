//! One connection of a WebSocket api: which route its messages are for, and what becomes of them.

use std::{ops::ControlFlow, sync::Arc};

use arc_swap::ArcSwap;
use bytes::Bytes;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Utf8Bytes;
use uuid::Uuid;

use crate::{
    clock::Stopwatch,
    cluster::{Bucket, Connection, Pace, Registered},
    config::access::Throttle,
    deployment::{Deployment, Deployments, Served, Websocket},
    front::{
        fault::ConnectionFault,
        socket::{Close, Ended, Outbox, Protocol},
        websocket_api::run::{self, Event},
    },
    json::{Kind, Value, View},
    mapping::ConnectionView,
    request::Call,
};

/// The api is not there any more.
const AWAY: Close = Close::new(1001, "Going away");

/// The caller's token has expired; with a new one it may connect again.
const EXPIRED: Close = Close::new(1008, "Token expired");

/// API Gateway takes text alone.
const BINARY: Close = Close::new(1003, "Binary messages are not accepted");

/// One connection of a WebSocket api. It outlives reloads: each message goes to the api as it is then.
pub(super) struct Session {
    deployments: Arc<ArcSwap<Deployments>>,
    /// The call that the connection began with, whose identity its messages repeat.
    call: Call,
    registered: Registered,
    outbox: Outbox,
    /// This connection's own.
    bucket: Option<Bucket>,
}

impl Session {
    pub(super) fn new(
        deployments: Arc<ArcSwap<Deployments>>,
        call: Call,
        registered: Registered,
        outbox: Outbox,
        throttle: Option<Throttle>,
    ) -> Self {
        Session {
            deployments,
            call,
            registered,
            outbox,
            bucket: throttle.map(|it| Bucket::new(Pace::from_config(it.rate))),
        }
    }

    /// The api as it is now.
    fn deployment(&self) -> Option<Arc<Deployment>> {
        let deployments = self.deployments.load();
        let name = &*self.registered.connection().api;
        deployments.named(Some(name)).ok().cloned()
    }

    /// What a message is answered with, if it is.
    async fn message(
        &self,
        deployment: &Deployment,
        websocket: &Websocket,
        id: Uuid,
        text: Utf8Bytes,
    ) -> Result<Option<String>, ConnectionFault> {
        if self.bucket.as_ref().is_some_and(|bucket| !bucket.take()) {
            return Err(ConnectionFault::Throttled);
        }
        let bytes = Bytes::from(text.clone());
        let message = Value::parse(bytes).unwrap_or_else(|_| Value::from(text.as_str()));
        let route = websocket
            .route(message.view())
            .ok_or(ConnectionFault::Forbidden)?;
        let call = deployment
            .guard
            .readmit(&self.call, id, &route.rule)
            .map_err(|refusal| ConnectionFault::from(&refusal))?;
        let args = match message.view().kind() {
            Kind::Object => message.view(),
            _ => View::NULL,
        };
        let event = Event {
            call: &call,
            args,
            body: message.view(),
            connection: view(self.registered.connection(), &route.name, None),
            env: deployment.variables.view(),
        };
        let answer = run::run(route, &event, deployment.timeout).await?;
        Ok(answer
            .filter(|_| route.reply)
            .map(|answer| written(&answer)))
    }

    fn reply(&self, text: String) {
        // One that overran is being closed.
        if self.outbox.send(text.into()).is_ok() {
            self.registered.connection().touch();
        }
    }
}

impl Protocol for Session {
    async fn text(&mut self, text: Utf8Bytes) -> ControlFlow<Close> {
        let watch = Stopwatch::start();
        let id = Uuid::new_v4();
        self.registered.connection().touch();
        let Some(deployment) = self.deployment() else {
            return ControlFlow::Break(AWAY);
        };
        let Served::Websocket(websocket) = &deployment.served else {
            return ControlFlow::Break(AWAY);
        };
        let bytes = text.len();
        let outcome = self.message(&deployment, websocket, id, text).await;
        tracing::info!(
            target: "loomgate::message",
            %id,
            api = &*deployment.name,
            bytes,
            outcome = outcome.as_ref().err().map_or("ok", |fault| fault.name()),
            took_us = u64::try_from(watch.elapsed().as_micros()).unwrap_or(u64::MAX),
        );
        match outcome {
            Ok(None) => {}
            Ok(Some(reply)) => self.reply(reply),
            Err(ConnectionFault::Expired) => return ControlFlow::Break(EXPIRED),
            Err(fault) => self.reply(fault.text(&self.registered.connection().id, id)),
        }
        ControlFlow::Continue(())
    }

    fn binary(&mut self) -> ControlFlow<Close> {
        ControlFlow::Break(BINARY)
    }

    fn deadline(&self) -> Option<(Instant, Close)> {
        None
    }

    /// Runs `$disconnect`. Whatever comes of it, the connection is gone.
    async fn ended(self, how: Ended) {
        let deployment = self.deployment();
        let connection = self.registered.end();
        let Some(deployment) = deployment else {
            return;
        };
        let Served::Websocket(websocket) = &deployment.served else {
            return;
        };
        let Some(route) = &websocket.disconnect else {
            return;
        };
        let call = deployment.guard.follow(&self.call, Uuid::new_v4());
        let event = Event {
            call: &call,
            args: View::NULL,
            body: View::NULL,
            connection: view(&connection, &route.name, Some((how.code, &how.reason))),
            env: deployment.variables.view(),
        };
        // What failed is in the log; there is nobody to tell.
        let _ = run::run(route, &event, deployment.timeout).await;
    }
}

/// A connection as mappings see it.
pub(super) fn view<'a>(
    connection: &'a Connection,
    route_key: &'a str,
    ended: Option<(u16, &'a str)>,
) -> ConnectionView<'a> {
    ConnectionView {
        id: &connection.id,
        connected_at: i64::try_from(connection.connected_at).unwrap_or(i64::MAX),
        route_key,
        ended,
    }
}

/// A string as it is, anything else as JSON.
fn written(answer: &Value) -> String {
    if let Some(text) = answer.view().as_str() {
        return text.into_owned();
    }
    let mut text = Vec::new();
    answer.view().write(&mut text);
    String::from_utf8_lossy(&text).into_owned()
}
