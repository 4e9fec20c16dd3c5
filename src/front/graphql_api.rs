//! GraphQL over HTTP, over Server-Sent Events, and over WebSockets, all on one path.
//!
//! Requests are decoded by async-graphql; the answer's envelope is written around the engine's
//! bytes.
//!
//! See: <https://graphql.github.io/graphql-over-http/draft/>, appsync.md 0.2.

mod decode;
mod media;

mod operation;

mod events;
mod headers;
mod socket;

mod credentials;
mod expiry;

mod mounted;

use std::sync::Arc;

use axum::{
    body::Body,
    http::{Method, Response, StatusCode, header::CONTENT_TYPE},
};
use futures::future::join_all;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use crate::{
    deployment::Graphql,
    front::{
        Arrival, Noted,
        fault::{self, Fault},
        graphql_api::{
            decode::Asked,
            media::Media,
            operation::{Answer, Api, Prepared, Refused},
        },
        socket::is_asked_for,
    },
    request::{Call, Request},
};

pub use mounted::Mounted;

/// Answers a request for a GraphQL api.
pub(super) async fn answer(graphql: &Graphql, arrival: Arrival<'_>) -> Response<Body> {
    let Some(api) = Api::of(arrival.deployment).filter(|_| arrival.below.is_empty()) else {
        return fault::unknown_path();
    };
    if is_asked_for(&arrival.request.headers) {
        return socket::accept(api, arrival);
    }
    let Arrival {
        front,
        deployment,
        request,
        body,
        ..
    } = arrival;
    let Some(media) = Media::negotiate(&request.headers) else {
        return Fault::NotAcceptable.into_response(Media::Json.header());
    };
    let passed = deployment.guard.admit(request, &deployment.rule);
    let call = match passed.instrument(tracing::debug_span!("guard")).await {
        Ok(call) => Arc::new(call),
        Err(refusal) => return fault::refused_graphql(&refusal),
    };
    let max_batch = graphql.engine.limits().batch;
    let exchange = Exchange {
        api,
        call,
        media,
        gone: &front.ending,
    };
    let mut response = match read(exchange.call.request(), body, front.max_body, max_batch).await {
        Ok(Asked::One(operation)) => exchange.one(*operation).await,
        Ok(Asked::Many(operations)) => exchange.many(operations).await,
        Err(fault) => fault.into_response(media.of_refusal().header()),
    };
    Noted::caller(&mut response, exchange.call.identity());
    response
}

async fn read(
    request: &Request,
    body: Body,
    max_body: usize,
    max_batch: usize,
) -> Result<Asked, Fault> {
    match request.method {
        Method::GET => decode::query_string(request.uri.query().unwrap_or_default()),
        Method::POST => decode::body(&request.headers, body, max_body, max_batch).await,
        _ => Err(Fault::Method),
    }
}

/// A request that was let in, and how it wants to be answered.
struct Exchange<'a> {
    api: Api,
    call: Arc<Call>,
    media: Media,
    /// Cancelled when the gateway stops.
    gone: &'a CancellationToken,
}

impl Exchange<'_> {
    /// Answers one operation.
    async fn one(&self, operation: async_graphql::Request) -> Response<Body> {
        let by_get = self.call.request().method == Method::GET;
        let answered = match self.api.prepare(&self.call, operation, by_get) {
            Ok(Prepared::Run(execution)) => self.api.run(execution).await,
            Ok(Prepared::Listen(mut subscription)) => {
                if !Media::takes_events(&self.call.request().headers) {
                    return self.refuse(&Refused::Unstreamed);
                }
                return match self.api.open(&mut subscription).await {
                    Ok(()) => {
                        events::listen(&self.api, &self.call, subscription, self.gone.clone())
                    }
                    Err(refused) => self.refuse(&refused),
                };
            }
            Err(refused) => Err(refused),
        };
        match answered {
            Ok(answer) => {
                let mut response = match self.media {
                    Media::EventStream => events::once(&answer.body),
                    media => respond(media, StatusCode::OK, answer.body),
                };
                headers::set(response.headers_mut(), &answer.headers);
                response
            }
            Err(refused) => self.refuse(&refused),
        }
    }

    /// Answers a batch: its operations run at the same time, the answers come in their order. Each
    /// of them costs what a request does, and the guard took for one when it let this one in.
    async fn many(&self, operations: Vec<async_graphql::Request>) -> Response<Body> {
        if self.media == Media::EventStream {
            let fault = Fault::Malformed("a batch cannot be streamed".to_owned());
            return self.refuse(&Refused::Request(fault));
        }
        let answers = operations
            .into_iter()
            .enumerate()
            .map(|(index, operation)| self.part(index > 0, operation));
        let answers = join_all(answers).await;
        let (mut body, mut asked) = (vec![b'['], Vec::new());
        for (index, answer) in answers.into_iter().enumerate() {
            if index > 0 {
                body.push(b',');
            }
            match answer {
                Ok(answer) => {
                    body.extend_from_slice(&answer.body);
                    asked.extend(answer.headers);
                }
                Err(refused) => body.extend_from_slice(&refused.answer()),
            }
        }
        body.push(b']');
        let mut response = respond(self.media, StatusCode::OK, body);
        headers::set(response.headers_mut(), &asked);
        response
    }

    /// Runs one operation of a batch.
    async fn part(
        &self,
        is_extra: bool,
        operation: async_graphql::Request,
    ) -> Result<Answer, Refused> {
        if is_extra {
            let deployment = self.api.deployment();
            let charged = deployment.guard.charge(&self.call, &deployment.rule);
            charged.map_err(Refused::Caller)?;
        }
        run(&self.api, &self.call, operation).await
    }

    /// Under `application/json` a well-formed request is answered with 200, as AppSync does.
    fn refuse(&self, refused: &Refused) -> Response<Body> {
        let media = self.media.of_refusal();
        let status = match (refused, self.media) {
            (Refused::Request(fault), _) => return fault.clone().into_response(media.header()),
            (Refused::Caller(refusal), _) => return fault::refused_graphql(refusal),
            (_, Media::Json) => StatusCode::OK,
            (_, Media::GraphqlResponse | Media::EventStream) => StatusCode::BAD_REQUEST,
        };
        respond(media, status, refused.answer())
    }
}

/// Runs one operation to its one answer.
async fn run(
    api: &Api,
    call: &Arc<Call>,
    operation: async_graphql::Request,
) -> Result<Answer, Refused> {
    match api.prepare(call, operation, false)? {
        Prepared::Run(execution) => api.run(execution).await,
        Prepared::Listen(_) => Err(Refused::Unstreamed),
    }
}

fn respond(media: Media, status: StatusCode, body: Vec<u8>) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, media.header());
    response
}

#[cfg(test)]
mod tests;
