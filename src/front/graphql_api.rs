//! GraphQL over HTTP.
//!
//! Requests are decoded by async-graphql; the answer's envelope is written here around the
//! engine's bytes.
//!
//! See: <https://graphql.github.io/graphql-over-http/draft/>, appsync.md 0.2.

mod decode;
mod media;
mod mounted;

use std::sync::Arc;

use apollo_compiler::ast::OperationType;
use axum::{
    body::Body,
    http::{Method, Response, StatusCode, header::CONTENT_TYPE},
};
use futures::future::join_all;

use crate::{
    deployment::Deployment,
    front::{
        fault::Fault,
        graphql_api::{decode::Asked, media::Media},
    },
    graphql::{self, RequestError},
    guard,
    json::View,
    request::{Call, Request},
};

pub use mounted::Mounted;

/// How many reasons a refusal tells.
const MAX_ERRORS: usize = 50;

/// How much room an answer starts with, in bytes.
const FIRST_ROOM: usize = 1 << 10;

/// Answers a request for a GraphQL api.
pub(super) async fn answer(
    deployment: &Arc<Deployment>,
    request: Request,
    body: Body,
    max_body: usize,
) -> Response<Body> {
    let Some(media) = Media::negotiate(&request.headers) else {
        return Fault::NotAcceptable.into_response(Media::Json.header());
    };
    let max_batch = deployment.engine.limits().batch;
    let asked = match read(&request, body, max_body, max_batch).await {
        Ok(asked) => asked,
        Err(fault) => return fault.into_response(media.header()),
    };
    let by_get = request.method == Method::GET;
    let call = Arc::new(guard::admit(request));
    match asked {
        Asked::One(operation) => match one(deployment, &call, *operation, by_get).await {
            Ok(reply) => respond(media, reply.status(media), reply.body),
            Err(fault) => fault.into_response(media.header()),
        },
        Asked::Many(operations) => many(deployment, &call, operations, media).await,
    }
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

/// Answers a batch: its operations run at the same time, the answers come in their order.
async fn many(
    deployment: &Deployment,
    call: &Arc<Call>,
    operations: Vec<async_graphql::Request>,
    media: Media,
) -> Response<Body> {
    let replies = join_all(
        operations
            .into_iter()
            .map(|operation| one(deployment, call, operation, false)),
    )
    .await;
    let mut body = vec![b'['];
    for (index, reply) in replies.into_iter().enumerate() {
        if index > 0 {
            body.push(b',');
        }
        match reply {
            Ok(reply) => body.extend_from_slice(&reply.body),
            Err(fault) => refuse(&[RequestError::new(fault.to_string())], &mut body),
        }
    }
    body.push(b']');
    respond(media, StatusCode::OK, body)
}

/// The answer to one operation.
struct Reply {
    body: Vec<u8>,
    executed: bool,
}

impl Reply {
    /// Under `application/json` a well-formed request is answered with 200, as AppSync does.
    fn status(&self, media: Media) -> StatusCode {
        match (self.executed, media) {
            (false, Media::GraphqlResponse) => StatusCode::BAD_REQUEST,
            _ => StatusCode::OK,
        }
    }
}

async fn one(
    deployment: &Deployment,
    call: &Arc<Call>,
    operation: async_graphql::Request,
    by_get: bool,
) -> Result<Reply, Fault> {
    let mut body = Vec::with_capacity(FIRST_ROOM);
    match execute(deployment, call, operation, by_get, &mut body).await? {
        Ok(()) => Ok(Reply {
            body,
            executed: true,
        }),
        Err(errors) => {
            body.clear();
            refuse(&errors, &mut body);
            Ok(Reply {
                body,
                executed: false,
            })
        }
    }
}

/// Executes one operation into `body`. The outer error refuses the HTTP request, the inner one
/// the GraphQL request.
async fn execute(
    deployment: &Deployment,
    call: &Arc<Call>,
    operation: async_graphql::Request,
    by_get: bool,
    body: &mut Vec<u8>,
) -> Result<Result<(), Vec<RequestError>>, Fault> {
    let engine = &deployment.engine;
    let text = match decode::text(engine, &operation) {
        Some(Ok(text)) => text,
        Some(Err(error)) => return Ok(Err(vec![error])),
        None => return Err(Fault::Malformed("the request has no `query`".to_owned())),
    };
    let document = match engine.document(&text, operation.operation_name.as_deref()) {
        Ok(document) => document,
        Err(errors) => return Ok(Err(errors)),
    };
    match document.operation().operation_type {
        OperationType::Mutation if by_get => return Err(Fault::MutationByGet),
        OperationType::Subscription => {
            return Ok(Err(vec![RequestError::new(
                "subscriptions are not served by this endpoint",
            )]));
        }
        OperationType::Query | OperationType::Mutation => {}
    }
    let variables = graphql::from_variables(operation.variables);
    let execution = match engine.prepare(Arc::clone(call), &document, View::of(&variables)) {
        Ok(execution) => execution,
        Err(errors) => return Ok(Err(errors)),
    };
    body.extend_from_slice(b"{\"data\":");
    let executed = match graphql::execute(execution, std::mem::take(body)).await {
        Ok(executed) => executed,
        Err(error) => return Ok(Err(vec![error])),
    };
    *body = executed.out;
    if !executed.errors.is_empty() {
        body.extend_from_slice(b",\"errors\":[");
        for (index, error) in executed.errors.iter().enumerate() {
            if index > 0 {
                body.push(b',');
            }
            error.write(body);
        }
        body.push(b']');
    }
    body.push(b'}');
    Ok(Ok(()))
}

/// Writes the answer to an operation that was not executed: it has no `data`.
fn refuse(errors: &[RequestError], body: &mut Vec<u8>) {
    body.extend_from_slice(b"{\"errors\":[");
    let more = errors.len().saturating_sub(MAX_ERRORS);
    let rest = (more > 0).then(|| RequestError::new(format!("and {more} more errors")));
    for (index, error) in errors.iter().take(MAX_ERRORS).chain(&rest).enumerate() {
        if index > 0 {
            body.push(b',');
        }
        error.write(body);
    }
    body.extend_from_slice(b"]}");
}

fn respond(media: Media, status: StatusCode, body: Vec<u8>) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, media.header());
    response
}
