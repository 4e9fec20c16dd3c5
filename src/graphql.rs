//! The engine's one door: plan once, execute by level, write once.
//!
//! In the order a request meets them: `schema`, `plan`, `coerce`, `execute`, `write`. The engine
//! knows neither HTTP nor sockets, and nothing of where data lives.

pub(crate) mod schema;

pub(crate) mod plan;

mod coerce;
mod persisted;
mod validate;

mod execute;
mod subscription;
mod write;

pub(crate) mod envelope;

mod error;

#[cfg(test)]
mod tests;

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use apollo_compiler::ast::OperationType;
use moka::sync::Cache;

use crate::{
    cache::Stats,
    config::api::Limits,
    errand,
    json::{Value, View},
    mapping::turn::Extension,
    request::Call,
    resolver::Effects,
};

use coerce::Variables;
pub(crate) use coerce::from_variables;
pub(crate) use error::RequestError;
pub(crate) use error::{Cause, FieldError, Segment};
use execute::Bounds;
pub(crate) use execute::{Executed, Execution};
pub(crate) use plan::{Document, Plan};
pub(crate) use schema::Schema;
pub(crate) use subscription::{Event, Invalidation, Subscription};

/// How much memory prepared documents may take, roughly, in bytes.
const DOCUMENT_MEMORY: u64 = 16 << 20;

/// Executes operations of one schema.
#[derive(Debug)]
pub(crate) struct Engine {
    schema: Schema,
    limits: Limits,
    /// The variables of the api, as mappings see them.
    env: Value,
    /// Valid documents by operation name and text. The text is the key, not a hash of it: two
    /// documents can never be taken for each other.
    documents: Cache<Arc<str>, Arc<Document>, ahash::RandomState>,
    /// Tells this engine apart from every other one of the process.
    id: usize,
    persisted: persisted::Persisted,
}

impl Engine {
    /// An engine for a schema.
    pub(crate) fn new(schema: Schema, limits: Limits, env: Value) -> Self {
        let documents = Cache::builder()
            .max_capacity(DOCUMENT_MEMORY)
            .weigher(|key: &Arc<str>, document: &Arc<Document>| {
                document
                    .weight()
                    .saturating_add(u32::try_from(key.len()).unwrap_or(u32::MAX))
            })
            .build_with_hasher(ahash::RandomState::new());
        static ENGINES: AtomicUsize = AtomicUsize::new(0);
        Engine {
            id: ENGINES.fetch_add(1, Ordering::Relaxed),
            schema,
            limits,
            env,
            documents,
            persisted: persisted::Persisted::new(),
        }
    }

    /// The bounds of one operation.
    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// What the caches of the api's fields did, by `Type.field`.
    pub(crate) fn cache_stats(&self) -> impl Iterator<Item = (String, Stats)> {
        self.schema.bound().filter_map(|(ty, field, resolver)| {
            Some((format!("{ty}.{field}"), resolver.cache_stats()?))
        })
    }

    /// Forgets what mappings asked to be forgotten, and says how many answers that were; `None`: they
    /// did not ask.
    pub(crate) fn evict(&self, effects: &Effects) -> Option<usize> {
        let mut evicted = None;
        for extension in &effects.extensions {
            let Extension::Evict {
                type_name,
                field_name,
                keys,
            } = extension
            else {
                continue;
            };
            let ty = self.schema.id(type_name);
            let field = ty.and_then(|ty| self.schema.field(ty, field_name));
            let resolver = field.and_then(|field| field.binding.resolver.as_deref());
            let found = resolver.is_some_and(|resolver| resolver.evict(keys.view()));
            *evicted.get_or_insert(0) += usize::from(found);
        }
        evicted
    }

    /// The text that was registered under a SHA-256, in hexadecimal.
    pub(crate) fn registered(&self, hash: &str) -> Result<Arc<str>, RequestError> {
        self.persisted.find(hash)
    }

    /// Registers a text under its SHA-256.
    pub(crate) fn register(&self, hash: &str, text: &str) -> Result<(), RequestError> {
        self.persisted.register(hash, text)
    }

    /// Parses and validates a document, or remembers that it did.
    pub(crate) fn document(
        &self,
        text: &str,
        operation_name: Option<&str>,
    ) -> Result<Arc<Document>, Vec<RequestError>> {
        if text.len() as u64 > self.limits.query_size {
            let limit = self.limits.query_size;
            return Err(vec![RequestError::new(format!(
                "the document is {} bytes long: at most {limit} are allowed",
                text.len()
            ))]);
        }
        // No document starts with a NUL, so that a named key cannot be mistaken for a text.
        let named = operation_name.map(|name| format!("\0{name}\0{text}"));
        let key = named.as_deref().unwrap_or(text);
        if let Some(document) = self.documents.get(key) {
            return Ok(document);
        }
        let key = Arc::from(key);
        let document = Document::build(
            &self.schema,
            Arc::clone(&key),
            text,
            operation_name,
            &self.limits,
        )?;
        let document = Arc::new(document);
        self.documents.insert(key, Arc::clone(&document));
        Ok(document)
    }

    /// Plans a document for the values of its variables.
    pub(crate) fn prepare(
        &self,
        call: Arc<Call>,
        document: &Arc<Document>,
        variables: View<'_>,
    ) -> Result<Execution, Vec<RequestError>> {
        if document.operation().operation_type == OperationType::Subscription {
            let message = "a subscription is listened to: it cannot be executed";
            return Err(vec![RequestError::new(message)]);
        }
        self.execution(call, document, variables)
    }

    fn execution(
        &self,
        call: Arc<Call>,
        document: &Arc<Document>,
        variables: View<'_>,
    ) -> Result<Execution, Vec<RequestError>> {
        let variables = self.variables(document, variables)?;
        let plan = self.planned(document, &variables)?;
        let bounds = Bounds {
            answer: self.limits.answer_size,
            level_objects: self.limits.level_objects,
        };
        let env = self.env.clone();
        Ok(Execution::new(
            call, document, plan, &variables, env, bounds,
        ))
    }

    /// The plan of a document, to be shown.
    pub(crate) fn plan(
        &self,
        document: &Arc<Document>,
        variables: View<'_>,
    ) -> Result<Arc<Plan>, Vec<RequestError>> {
        let variables = self.variables(document, variables)?;
        self.planned(document, &variables)
    }

    fn planned(
        &self,
        document: &Arc<Document>,
        variables: &Variables,
    ) -> Result<Arc<Plan>, Vec<RequestError>> {
        let weight = document.weight();
        let plan = document
            .plan(&self.schema, variables, &self.limits)
            .map_err(|error| vec![error])?;
        if document.weight() != weight {
            // The cache weighs what it is handed, once: a document that has a new plan is handed to
            // it again. A plan may be thousands of times as large as its text.
            let key = Arc::clone(&document.key);
            self.documents.insert(key, Arc::clone(document));
        }
        Ok(plan)
    }

    fn variables(
        &self,
        document: &Document,
        given: View<'_>,
    ) -> Result<Variables, Vec<RequestError>> {
        coerce::coerce_variables(&self.schema.inputs, &document.variables, given).map_err(
            |errors| {
                errors
                    .into_iter()
                    .map(|error| RequestError::locate(error, &document.document))
                    .collect()
            },
        )
    }
}

/// Runs an operation and appends the value of `data` to `out`.
///
/// A mutation is an errand: a client that goes away does not cut it in half. A query is dropped with
/// its client.
///
/// A mutation is handed to `settle` by the errand as soon as it is through: those who listen hear of
/// it whether or not somebody still waits for the answer.
pub(crate) async fn execute(
    execution: Execution,
    out: Vec<u8>,
    settle: impl FnOnce(&mut Executed) + Send + 'static,
) -> Result<Executed, RequestError> {
    if execution.plan.operation != OperationType::Mutation {
        return Ok(execution.run(out).await);
    }
    // Boxed, so that queries are not as large as what they never are.
    let mutation = Box::pin(async move {
        let mut executed = execution.run(out).await;
        settle(&mut executed);
        executed
    });
    let executed = errand::run(mutation).await;
    executed.map_err(|broken| RequestError::new(format!("the mutation was {broken}")))
}
