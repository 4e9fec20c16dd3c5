//! One operation, whatever brought it here: a request, an event stream or a socket.

use std::{future::Future, sync::Arc};

use apollo_compiler::ast::OperationType;
use tokio::time::timeout;
use tracing::Instrument;

use crate::{
    deployment::{Deployment, Graphql},
    front::{
        fault::{self, Fault},
        graphql_api::decode,
    },
    graphql::{self, Executed, Execution, RequestError, Subscription, envelope},
    guard::Refusal,
    json::{Value, View},
    request::Call,
    subscribe::Enhanced,
};

/// The deployment of a GraphQL api.
#[derive(Debug, Clone)]
pub(super) struct Api(Arc<Deployment>);

/// What there is to do.
pub(super) enum Prepared {
    /// A query or a mutation.
    Run(Execution),
    /// A subscription.
    Listen(Subscription),
}

/// The answer to a query or a mutation.
#[derive(Debug, Default)]
pub(super) struct Answer {
    /// The whole of it.
    pub(super) body: Vec<u8>,
    /// What its mappings asked for, for whoever answers over HTTP; the last of a name counts.
    pub(super) headers: Vec<(Box<str>, Value)>,
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Refused {
    /// The request is at fault, or its time is up: HTTP has a status for that.
    Request(Fault),
    /// The operation is at fault.
    Operation(Vec<RequestError>),
    /// The caller may not ask for one more.
    Caller(Refusal),
    /// It is a subscription, and nothing can be streamed.
    Unstreamed,
}

// === impl Api ===

impl Api {
    /// `None`: it is no GraphQL api.
    pub(super) fn of(deployment: &Arc<Deployment>) -> Option<Self> {
        deployment.graphql()?;
        Some(Api(Arc::clone(deployment)))
    }

    /// The deployment.
    pub(super) fn deployment(&self) -> &Arc<Deployment> {
        &self.0
    }

    /// Its engine, and who listens.
    pub(super) fn graphql(&self) -> &Graphql {
        let graphql = self.0.graphql();
        graphql.expect("`Api::of` has seen that it is a GraphQL api")
    }

    /// Plans an operation.
    pub(super) fn prepare(
        &self,
        call: &Arc<Call>,
        request: async_graphql::Request,
        by_get: bool,
    ) -> Result<Prepared, Refused> {
        let _planning = tracing::debug_span!("plan").entered();
        let engine = &self.graphql().engine;
        let text = match decode::text(engine, &request) {
            Some(text) => text.map_err(|error| Refused::Operation(vec![error]))?,
            None => {
                let fault = Fault::Malformed("the request has no `query`".to_owned());
                return Err(Refused::Request(fault));
            }
        };
        let document = engine.document(&text, request.operation_name.as_deref())?;
        let variables = graphql::from_variables(request.variables);
        let (call, variables) = (Arc::clone(call), View::of(&variables));
        match document.operation().operation_type {
            OperationType::Mutation if by_get => Err(Refused::Request(Fault::MutationByGet)),
            OperationType::Subscription => {
                let subscription = engine.subscribe(call, &document, variables)?;
                Ok(Prepared::Listen(subscription))
            }
            OperationType::Query | OperationType::Mutation => {
                let execution = engine.prepare(call, &document, variables)?;
                Ok(Prepared::Run(execution))
            }
        }
    }

    /// Runs a query or a mutation: the whole answer. When its time is up, a query is dropped and a
    /// mutation goes on; what it causes is published all the same.
    pub(super) async fn run(&self, execution: Execution) -> Result<Answer, Refused> {
        // Boxed: it is large, and would be moved from one wrapper into the next.
        self.in_time(Box::pin(self.execute(execution))).await?
    }

    /// Like [`Api::run`], for as long as it takes, and without a timer.
    pub(super) async fn execute(&self, execution: Execution) -> Result<Answer, Refused> {
        let executed = graphql::execute(execution, envelope::begin(), self.settler());
        let span = tracing::debug_span!("execute");
        match executed.instrument(span).await {
            Ok(mut executed) => Ok(Answer {
                headers: std::mem::take(&mut executed.effects.headers),
                body: envelope::end(executed),
            }),
            Err(error) => Err(Refused::Operation(vec![error])),
        }
    }

    /// Sees to what a mutation caused: forgets what is out of date, ends those who are to listen no
    /// more, tells the others.
    pub(super) fn settler(&self) -> impl FnOnce(&mut Executed) + Send + 'static {
        let api = self.clone();
        move |executed| {
            let Graphql { engine, hub, .. } = api.graphql();
            // First what is out of date: whoever hears of the mutation may ask at once.
            executed.evicted = engine.evict(&executed.effects);
            // Who is ended by a mutation does not hear of it.
            executed
                .invalidations()
                .for_each(|invalidation| hub.invalidate(invalidation));
            let events = std::mem::take(&mut executed.events);
            if !events.is_empty() {
                hub.publish(&events);
            }
        }
    }

    /// Checks whether the caller may subscribe, and runs the field's own resolver.
    pub(super) async fn open(&self, subscription: &mut Subscription) -> Result<(), Refused> {
        self.in_time(subscription.open()).await??;
        let filters = [&subscription.filter, &subscription.invalidation];
        for filter in filters.into_iter().flatten() {
            Enhanced::parse(filter.view()).map_err(|unusable| {
                let error = RequestError::new(unusable.to_string());
                Refused::Operation(vec![error])
            })?;
        }
        Ok(())
    }

    async fn in_time<T>(&self, work: impl Future<Output = T>) -> Result<T, Refused> {
        let done = timeout(self.0.timeout, work).await;
        done.map_err(|_| Refused::Request(Fault::ExecutionTimeout))
    }
}

// === impl Refused ===

impl Refused {
    /// Appends the list of the reasons, as GraphQL's errors.
    pub(super) fn write_list(&self, out: &mut Vec<u8>) {
        if let Refused::Operation(errors) = self {
            return envelope::write_refusal(errors, out);
        }
        out.push(b'[');
        match self {
            Refused::Request(fault) => fault.write(out),
            Refused::Caller(refusal) => fault::write_refused(refusal, out),
            Refused::Unstreamed => fault::write_error(
                "OperationNotSupported",
                "a subscription needs a socket (`graphql-transport-ws`) or an event stream: accept \
                 `text/event-stream`",
                out,
            ),
            Refused::Operation(_) => {}
        }
        out.push(b']');
    }

    /// An answer without `data`.
    pub(super) fn answer(&self) -> Vec<u8> {
        let mut body = b"{\"errors\":".to_vec();
        self.write_list(&mut body);
        body.push(b'}');
        body
    }
}

impl From<Vec<RequestError>> for Refused {
    fn from(errors: Vec<RequestError>) -> Self {
        Refused::Operation(errors)
    }
}
