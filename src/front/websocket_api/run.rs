//! Runs a route for what happened on a connection.

use std::{sync::Arc, time::Duration};

use axum::http::StatusCode;
use tokio::time::timeout;

use crate::{
    deployment::{Action, SocketRoute},
    front::fault::{ConnectionFault, RouteFault},
    json::{Value, View},
    mapping::{
        ConnectionView, Context, Outcome,
        context::{Caller, Info},
    },
    request::Call,
    resolver::{Answer, Asked, Failure, Inputs, Resolver},
};

/// What happened on a connection.
#[derive(Debug, Clone, Copy)]
pub(super) struct Event<'a> {
    /// In whose name.
    pub(super) call: &'a Call,
    /// `$ctx.args`
    pub(super) args: View<'a>,
    /// `$ctx.request.body`
    pub(super) body: View<'a>,
    /// `$ctx.connection`
    pub(super) connection: ConnectionView<'a>,
    /// `$ctx.env`
    pub(super) env: View<'a>,
}

/// Runs a route. `None`: it does nothing.
pub(super) async fn run(
    route: &SocketRoute,
    event: &Event<'_>,
    limit: Duration,
) -> Result<Option<Value>, ConnectionFault> {
    let info = Info {
        field_name: &route.name,
        parent_type_name: "",
        variables: View::NULL,
        selection: None,
    };
    let result = match &route.action {
        Action::None => return Ok(None),
        Action::Judge(status) => {
            let rendered = status.render(&event.context(info));
            let rendered = rendered.map_err(|error| Arc::new(Failure::of(*error, &info)));
            rendered.map(Option::unwrap_or_default)
        }
        Action::Resolve(resolver) => match timeout(limit, resolve(resolver, event, info)).await {
            Ok(answer) => answer,
            Err(_) => return Err(ConnectionFault::TimedOut),
        },
    };
    result.map(Some).map_err(|failure| {
        // The client is told nothing of it.
        let id = event.call.request().id;
        let error_type = failure.kind();
        tracing::warn!(%id, route = &*route.name, error_type, "the route failed: {failure}");
        match failure.unauthorized {
            true => RouteFault::Status(StatusCode::FORBIDDEN).into(),
            false => RouteFault::of(error_type, &failure.message).into(),
        }
    })
}

async fn resolve(resolver: &Resolver, event: &Event<'_>, info: Info<'_>) -> Answer {
    let inputs = Inputs {
        call: event.call,
        args: event.args,
        body: event.body,
        connection: Some(event.connection),
        info,
        env: event.env,
        asked: &Asked::default(),
        alone: true,
    };
    resolver.resolve_one(inputs).await
}

/// A status that a mapping came to: a number, or its digits.
pub(super) fn status(value: View<'_>) -> Option<StatusCode> {
    let mut text = Vec::new();
    value.write(&mut text);
    let digits = std::str::from_utf8(&text).ok()?.trim_matches('"');
    let status = StatusCode::from_bytes(digits.as_bytes()).ok()?;
    (200..600).contains(&status.as_u16()).then_some(status)
}

impl<'a> Event<'a> {
    fn context(&self, info: Info<'a>) -> Context<'a> {
        Context {
            caller: Caller::Call(self.call),
            args: self.args,
            source: View::NULL,
            prev: None,
            stash: View::NULL,
            error: None,
            env: self.env,
            result: Outcome::None,
            keys: None,
            body: self.body,
            connection: Some(self.connection),
            info,
        }
    }
}
