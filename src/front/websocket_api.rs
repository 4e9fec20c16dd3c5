//! WebSocket apis: connections, their messages, and `@connections`.
//!
//! An upgrade passes the guard, then `$connect`; only then is there a connection, and an id under
//! which back ends reach it. Its messages pass the guard again, each as a call of its own.
//!
//! See: apigateway.md 11.

mod manage;
mod run;
mod session;

use std::sync::Arc;

use arc_swap::ArcSwap;
use axum::{
    body::Body,
    http::{Response, header::USER_AGENT},
};

use crate::{
    cluster::{Connection, Connections},
    config::api::Flavor,
    deployment::{Deployment, Deployments, Served, Websocket},
    errand,
    front::{
        Arrival,
        fault::{ConnectionFault, refused_route},
        socket::{Bounds, Outbox, Socket, detach},
        websocket_api::{run::Event, session::Session},
    },
    json::View,
    mapping::query_parameters,
    request::{Call, Request},
};

/// Answers a request for a WebSocket api.
pub(super) async fn answer(websocket: &Websocket, arrival: Arrival<'_>) -> Response<Body> {
    if let Some(id) = manage::connection_id(&arrival.below) {
        return manage::answer(websocket, arrival, &id).await;
    }
    match arrival.below.as_str() {
        "" | "/" => connect(websocket, arrival).await,
        _ => ConnectionFault::Forbidden.into_response(),
    }
}

/// Answers an upgrade.
async fn connect(websocket: &Websocket, arrival: Arrival<'_>) -> Response<Body> {
    let Arrival {
        front,
        deployment,
        request,
        upgrade,
        ..
    } = arrival;
    let rule = &websocket.connect.rule;
    let call = match deployment.guard.admit(detach(request), rule).await {
        Ok(call) => call,
        Err(refusal) => return refused_route(&refusal, Flavor::Rest),
    };
    let bounds = Bounds::new(&websocket.sockets, None);
    let (switching, socket, outbox) = match Socket::accept(call.request(), upgrade, None, bounds) {
        Ok(accepted) => accepted,
        Err(fault) => return fault.into_response(),
    };
    let connection = connection(&deployment.name, call.request(), &outbox);
    let (id, request) = (connection.id.clone(), call.request().id);
    let opening = Opening {
        deployment: Arc::clone(deployment),
        deployments: Arc::clone(&front.deployments),
        connections: front.cluster.connections.clone(),
        call,
        connection,
        socket,
        outbox,
    };
    // `$connect` may have written something that `$disconnect` is to undo: what was begun comes to
    // both its ends, also when the client is gone in between.
    let opened = errand::run(opening.run()).await;
    match opened.unwrap_or(Err(ConnectionFault::INTERNAL)) {
        Ok(()) => switching,
        Err(fault) => fault.into_refusal(&id, request),
    }
}

/// A connection that `$connect` decides about.
struct Opening {
    deployment: Arc<Deployment>,
    deployments: Arc<ArcSwap<Deployments>>,
    connections: Connections,
    call: Call,
    connection: Connection,
    socket: Socket,
    outbox: Outbox,
}

impl Opening {
    async fn run(self) -> Result<(), ConnectionFault> {
        let Served::Websocket(websocket) = &self.deployment.served else {
            return Err(ConnectionFault::INTERNAL);
        };
        let deployment = &self.deployment;
        judge(websocket, &self.call, &self.connection, deployment).await?;
        let registered = self.connections.register(self.connection);
        self.socket.run(Session::new(
            self.deployments,
            self.call,
            registered,
            self.outbox,
            websocket.sockets.throttle,
        ));
        Ok(())
    }
}

/// A connection that begins with this request. Nobody finds it until it is registered.
fn connection(api: &Arc<str>, request: &Request, outbox: &Outbox) -> Connection {
    let peer = Box::new(outbox.clone());
    let mut connection = Connection::new(Connection::new_id(), Arc::clone(api), peer);
    connection.client = request.client;
    let agent = request.headers.get(USER_AGENT);
    connection.user_agent = agent.map(|it| String::from_utf8_lossy(it.as_bytes()).into());
    connection
}

/// Asks `$connect` whether there shall be a connection.
async fn judge(
    websocket: &Websocket,
    call: &Call,
    connection: &Connection,
    deployment: &Deployment,
) -> Result<(), ConnectionFault> {
    let route = &websocket.connect;
    let query = query_parameters(call.request().uri.query());
    let event = Event {
        call,
        args: query.view(),
        body: View::NULL,
        connection: session::view(connection, &route.name, None),
        env: deployment.variables.view(),
    };
    let Some(answer) = run::run(route, &event, deployment.timeout).await? else {
        return Ok(());
    };
    let Some(status) = answer.view().get("statusCode") else {
        return Ok(());
    };
    match run::status(status) {
        Some(status) if status.is_success() => Ok(()),
        Some(status) => Err(ConnectionFault::Status(status)),
        None => {
            tracing::warn!(id = %call.request().id, "`status` of `$connect` is no HTTP status");
            Err(ConnectionFault::INTERNAL)
        }
    }
}

#[cfg(test)]
mod tests;
