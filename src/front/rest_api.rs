//! REST and HTTP apis: a route is found, the guard asked with the route's rule, its resolver run.
//!
//! What no route takes is answered without asking who calls; addresses and preflights come before
//! that even so.
//!
//! See: apigateway.md 2.1, 2.2 (routing), 5.2 (gateway responses).

mod answer;
mod arguments;
mod body;
mod passage;

use std::sync::Arc;

use axum::{
    body::Body,
    http::{Method, Response, StatusCode},
};
use tokio::time::{Instant, timeout_at};
use tracing::Instrument;

use crate::{
    clock,
    config::api::Flavor,
    deployment::{
        Deployment, Routes,
        route::{Outcome, Route, Target},
    },
    errand,
    front::{
        Arrival,
        body::Bounds,
        fault::{self, RouteFault},
        summary::Noted,
    },
    json::{Value, View},
    mapping::context::Info,
    request::{Call, Request},
    resolver::{Asked, Failure, Inputs, Resolver},
};

/// Answers a request for a REST or HTTP api.
pub(super) async fn answer(routes: &Routes, arrival: Arrival<'_>) -> Response<Body> {
    let is_head = arrival.request.method == Method::HEAD;
    let visit = Visit {
        deployment: arrival.deployment,
        below: &arrival.below,
        request: arrival.request,
        body: arrival.body,
        max_body: arrival.front.max_body,
    };
    let response = dispatch(routes, visit).await;
    match is_head {
        true => answer::without_body(response),
        false => response,
    }
}

/// A request on its way to a route.
struct Visit<'a> {
    deployment: &'a Deployment,
    below: &'a str,
    request: Request,
    body: Body,
    max_body: usize,
}

async fn dispatch(routes: &Routes, visit: Visit<'_>) -> Response<Body> {
    let Visit {
        deployment,
        below,
        request,
        body,
        max_body,
    } = visit;
    let flavor = routes.flavor;
    let (number, values) = match routes.find(&request.method, below) {
        Outcome::Found(number, values) => (number, values),
        Outcome::NoRoute | Outcome::WrongMethod => {
            return unknown(deployment, &request, flavor);
        }
    };
    let route = routes.route(number);
    let passed = deployment.guard.admit(request, &route.rule);
    let passed = passed.instrument(tracing::debug_span!("guard"));
    let call = match passed.await {
        Ok(call) => Arc::new(call),
        Err(refusal) => return fault::refused_route(&refusal, flavor),
    };
    let deadline = clock::after(Instant::now(), deployment.timeout);
    let answered = match &route.target {
        Target::Proxy(passing) => passage::pass(passing, &call, below, &values, body).await,
        Target::Resolver {
            resolver,
            shaped,
            absent,
        } => {
            let question = Question {
                route,
                resolver,
                env: &deployment.variables,
                call: &call,
                values: &values,
                bounds: Bounds {
                    max: max_body,
                    deadline,
                },
            };
            let answered = question.answer(body).await;
            answered.and_then(|value| answer::write(&value, *shaped, *absent))
        }
    };
    let mut response = answered.unwrap_or_else(|fault| fault::route(fault, flavor));
    Noted::caller(&mut response, call.identity());
    response
}

/// Addresses and preflights are answered before it is said that there is no such route; who calls
/// does not matter to that.
fn unknown(deployment: &Deployment, request: &Request, flavor: Flavor) -> Response<Body> {
    match deployment.guard.greet(request) {
        Ok(()) => fault::route(RouteFault::Unknown, flavor),
        Err(refusal) => fault::refused_route(&refusal, flavor),
    }
}

/// A call of a route that is bound to a resolver.
struct Question<'a> {
    route: &'a Route,
    resolver: &'a Arc<Resolver>,
    env: &'a Value,
    call: &'a Arc<Call>,
    values: &'a [&'a str],
    /// Of the body; the answer must be there by the same deadline.
    bounds: Bounds,
}

/// What is run for a [`Question`]. It owns all it needs, because it may outlive its request.
struct Work {
    /// The route's.
    key: Arc<str>,
    resolver: Arc<Resolver>,
    call: Arc<Call>,
    args: Value,
    body: Value,
    /// The variables of the api.
    env: Value,
}

impl Question<'_> {
    /// The answer, if it comes in time. What may write is an errand: it goes on when its client is
    /// gone or its time is up.
    async fn answer(&self, body: Body) -> Result<Value, RouteFault> {
        let request = self.call.request();
        let args = arguments::of(&self.route.names, self.values, request.uri.query())?;
        let work = Work {
            body: body::read(&request.headers, body, self.bounds).await?,
            key: Arc::clone(&self.route.key),
            resolver: Arc::clone(self.resolver),
            call: Arc::clone(self.call),
            args,
            env: self.env.clone(),
        };
        let resolved = async {
            match request.method.is_safe() {
                true => work.resolve().await,
                false => errand::run(work.resolve()).await.unwrap_or_else(|broken| {
                    tracing::error!(id = %request.id, "the route was {broken}");
                    Err(RouteFault::Internal)
                }),
            }
        };
        let answered = timeout_at(self.bounds.deadline, resolved).await;
        answered.unwrap_or(Err(RouteFault::TimedOut))
    }
}

impl Work {
    async fn resolve(self) -> Result<Value, RouteFault> {
        let inputs = Inputs {
            call: &self.call,
            args: self.args.view(),
            body: View::of(&self.body),
            connection: None,
            info: Info {
                field_name: &self.key,
                parent_type_name: "",
                variables: View::NULL,
                selection: None,
            },
            env: self.env.view(),
            asked: &Asked::default(),
            alone: true,
        };
        let resolved = self.resolver.resolve_one(inputs).await;
        resolved.map_err(|failure| self.fault(&failure))
    }

    /// What the failure is to the client; in full it goes to the log.
    fn fault(&self, failure: &Failure) -> RouteFault {
        let fault = match failure.unauthorized {
            true => RouteFault::Status(StatusCode::FORBIDDEN),
            false => RouteFault::of(failure.kind(), &failure.message),
        };
        let (route, error_type, message) = (&*self.key, failure.kind(), &failure.message);
        let id = self.call.request().id;
        match fault {
            RouteFault::Internal => {
                tracing::warn!(%id, route, error_type, message, "a route failed")
            }
            _ => tracing::debug!(%id, route, error_type, message, "a route has no answer"),
        }
        fault
    }
}

#[cfg(test)]
mod tests;
