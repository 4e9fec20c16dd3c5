//! A GraphQL api without a listener: for tests, and as an async-graphql executor, so that any of
//! its integrations can mount it.

use std::{collections::HashMap, path::Path, sync::Arc};

use async_graphql::{
    Data, Executor, Pos, Request, Response, ServerError, Value,
    futures_util::stream::{self, BoxStream, StreamExt},
};
use axum::http::{HeaderMap, Method, Uri};
use uuid::Uuid;

use crate::{
    cluster::Cluster,
    deployment,
    front::graphql_api::{
        decode,
        operation::{Api, Prepared, Refused},
    },
    graphql::{self, Cause, FieldError, RequestError, Segment},
    guard,
    json::View,
    request::Call,
    source::Source,
};

/// The token under which async-graphql writes a string as it stands.
const RAW: &str = "$serde_json::private::RawValue";

/// A GraphQL api, to be mounted.
#[derive(Debug, Clone)]
pub struct Mounted {
    api: Api,
}

impl Mounted {
    /// Reads and compiles a configuration and mounts its api of this name, or its only one.
    /// `replaced` stands in for sources of the same name, as a test wants it. The embedded store is
    /// opened where a source needs it.
    ///
    /// # Errors
    ///
    /// All faults of the configuration, as text.
    pub fn open(
        path: &Path,
        api: Option<&str>,
        replaced: HashMap<String, Arc<dyn Source>>,
    ) -> Result<Self, String> {
        let (loaded, diagnostics) = deployment::load(path, replaced, &Cluster::alone());
        let loaded = loaded.ok_or_else(|| diagnostics.render(false))?;
        loaded
            .sources
            .open(&loaded.config.server.data)
            .map_err(|error| error.to_string())?;
        let deployment = loaded
            .deployments
            .named(api)
            .map_err(|error| error.to_string())?;
        match Api::of(deployment) {
            Some(api) => Ok(Mounted { api }),
            None => Err(format!("`{}` is no GraphQL api", deployment.name)),
        }
    }

    /// Answers one operation of an anonymous caller: the JSON that a POST of it would get.
    pub async fn answer(&self, request: Request) -> Vec<u8> {
        let answered = match self.api.prepare(&anonymous(), request, false) {
            Ok(Prepared::Run(execution)) => self.api.execute(execution).await,
            Ok(Prepared::Listen(_)) => Err(Refused::Unstreamed),
            Err(refused) => Err(refused),
        };
        match answered {
            Ok(answer) => answer.body,
            Err(refused) => refused.answer(),
        }
    }

    async fn run(&self, request: Request) -> Result<Response, Vec<RequestError>> {
        let engine = &self.api.graphql().engine;
        let text = decode::text(engine, &request)
            .unwrap_or_else(|| Err(RequestError::new("the request has no `query`")))
            .map_err(|error| vec![error])?;
        let document = engine.document(&text, request.operation_name.as_deref())?;
        let variables = graphql::from_variables(request.variables);
        let execution = engine.prepare(anonymous(), &document, View::of(&variables))?;
        let executed = graphql::execute(execution, Vec::new(), self.api.settler())
            .await
            .map_err(|error| vec![error])?;
        let mut response = Response::new(raw(executed.out));
        response.errors = executed.errors.into_iter().map(field_error).collect();
        Ok(response)
    }
}

/// The call of somebody who came through no wire.
fn anonymous() -> Arc<Call> {
    Arc::new(guard::mounted(crate::request::Request {
        id: Uuid::new_v4(),
        method: Method::POST,
        uri: Uri::from_static("/"),
        headers: HeaderMap::new(),
        client: None,
        secure: false,
    }))
}

impl Executor for Mounted {
    async fn execute(&self, request: Request) -> Response {
        self.run(request).await.unwrap_or_else(|errors| {
            Response::from_errors(errors.into_iter().map(request_error).collect())
        })
    }

    fn execute_stream(
        &self,
        request: Request,
        _session: Option<Arc<Data>>,
    ) -> BoxStream<'static, Response> {
        let mounted = self.clone();
        stream::once(async move { mounted.execute(request).await }).boxed()
    }
}

fn raw(json: Vec<u8>) -> Value {
    let text = String::from_utf8(json).unwrap_or_else(|_| "null".to_owned());
    Value::Object(
        [(async_graphql::Name::new(RAW), Value::String(text))]
            .into_iter()
            .collect(),
    )
}

fn request_error(error: RequestError) -> ServerError {
    let mut answer = ServerError::new(error.message, position(error.location));
    if let Some(code) = error.code {
        answer.extensions.get_or_insert_default().set("code", code);
    }
    answer
}

fn field_error(error: FieldError) -> ServerError {
    let (message, error_type) = match &error.cause {
        Cause::Completion(message) => (message.to_string(), None),
        Cause::Resolver(failure) => (failure.message.clone(), failure.error_type.as_deref()),
    };
    let mut answer = ServerError::new(message, position(error.location));
    answer.path = error
        .path
        .into_iter()
        .map(|segment| match segment {
            Segment::Key(key) => async_graphql::PathSegment::Field(key.to_string()),
            Segment::Index(index) => async_graphql::PathSegment::Index(index),
        })
        .collect();
    if let Some(error_type) = error_type {
        answer
            .extensions
            .get_or_insert_default()
            .set("errorType", error_type);
    }
    answer
}

fn position(location: Option<(u32, u32)>) -> Option<Pos> {
    let (line, column) = location?;
    Some(Pos {
        line: line as usize,
        column: column as usize,
    })
}

#[cfg(test)]
mod tests;
