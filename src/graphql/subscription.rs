//! A subscription operation: planned once, checked when it begins, executed once an event.
//!
//! An event is what a mutation answered. The root field's value is the event, and the fields below
//! read their properties there: what the mutation did not select is null. See `plan::merge` for when
//! resolvers run below all the same.
//!
//! See: appsync.md 6.1.

use std::sync::Arc;

use apollo_compiler::ast::OperationType;
use bytes::Bytes;

use crate::{
    graphql::{
        Cause, Document, Engine, Executed, FieldError, RequestError, Segment,
        execute::Execution,
        plan::{Field, Origin, Plan, Selected},
    },
    guard::Denied,
    json::{self, Object, Value, View},
    mapping::{context::Info, turn::Extension},
    request::Call,
    resolver::{Effects, Failure, Inputs, Resolver},
};

/// What a mutation caused, for those who listen.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    /// The mutation's field, by its schema name.
    pub(crate) field: Arc<str>,
    /// Its value as JSON, keyed by field names instead of response keys, with the `__typename` of
    /// every object.
    pub(crate) payload: Bytes,
}

/// What a mutation asked to end.
#[derive(Debug, Clone)]
pub(crate) struct Invalidation {
    /// The field of the subscription type.
    pub(crate) field: Box<str>,
    /// What the invalidation filters of those who listen to it are asked about, as JSON.
    pub(crate) payload: Bytes,
}

/// A subscription operation of one caller.
#[derive(Debug)]
pub(crate) struct Subscription {
    /// The field of the subscription type.
    pub(crate) field: Arc<str>,
    /// The mutation fields whose events it wants.
    pub(crate) mutations: Vec<Arc<str>>,
    /// The arguments that were given: a null was given, an absent one was not. One with a default is
    /// always given.
    pub(crate) arguments: Value,
    /// What the field's own resolver set in the place of the arguments; it is there once the
    /// subscription is open.
    pub(crate) filter: Option<Value>,
    /// When the subscription ends, as the field's own resolver said: a filter as well.
    pub(crate) invalidation: Option<Value>,
    /// Two subscriptions with the same key are answered with the same bytes, whoever listens.
    pub(crate) key: Arc<[u8]>,
    /// What is run for each event.
    execution: Execution,
    /// The root field's own resolver.
    resolver: Option<Arc<Resolver>>,
}

impl Engine {
    /// Plans a subscription for the values of its variables. The caller is measured by the rules of
    /// the plan here, once: what is denied now stays denied.
    pub(crate) fn subscribe(
        &self,
        call: Arc<Call>,
        document: &Arc<Document>,
        variables: View<'_>,
    ) -> Result<Subscription, Vec<RequestError>> {
        let operation = document.operation();
        if operation.operation_type != OperationType::Subscription {
            let message = "only a subscription can be listened to";
            return Err(vec![RequestError::new(message)]);
        }
        let execution = self.execution(call, document, variables)?;
        let field = root(&execution.plan)?;
        let arguments = match field.arguments.map(|index| &execution.arguments[index]) {
            None => Value::from(Object::default()),
            Some(Ok(given)) => given.clone(),
            Some(Err(error)) => {
                let error = RequestError::locate(error.clone(), &document.document);
                return Err(vec![error]);
            }
        };
        let definition = self.schema.id(operation.object_type());
        let definition = definition.and_then(|id| self.schema.field(id, &field.name));
        Ok(Subscription {
            field: Arc::clone(&field.name),
            mutations: definition.map_or_else(Vec::new, |it| it.mutations.clone()),
            resolver: definition.and_then(|it| it.binding.resolver.clone()),
            arguments,
            filter: None,
            invalidation: None,
            key: key(self.id, document, &execution),
            execution,
        })
    }
}

/// See: <https://spec.graphql.org/September2025/#sec-Single-Root-Field>. Validation has seen to it.
fn root(plan: &Plan) -> Result<&Field, Vec<RequestError>> {
    match plan.selection(plan.root).fields.as_slice() {
        [field] => Ok(field),
        _ => {
            let message = "a subscription must select exactly one top level field";
            Err(vec![RequestError::new(message)])
        }
    }
}

/// All that an answer depends on beside the event. Each part but the last begins with its length, or
/// is of a known one, so that no two subscriptions write the same by chance.
fn key(engine: usize, document: &Document, execution: &Execution) -> Arc<[u8]> {
    let mut key = Vec::with_capacity(document.key.len() + 64);
    key.extend_from_slice(&engine.to_le_bytes());
    part(&mut key, |out| {
        out.extend_from_slice(document.key.as_bytes())
    });
    part(&mut key, |out| execution.variables.view().write(out));
    let denials = execution.denials().iter();
    key.extend(denials.map(|denied| match denied {
        None => 0,
        Some(Denied::Unauthorized) => 1,
        Some(Denied::Throttled) => 2,
    }));
    // What resolvers read of the caller, they may answer differently for.
    let resolvers = || execution.plan.resolvers();
    if resolvers().any(|resolver| resolver.reads(|reads| reads.identity)) {
        part(&mut key, |out| execution.call.identity().write_key(out));
    }
    if resolvers().any(|resolver| resolver.reads(|reads| reads.request)) {
        key.extend_from_slice(execution.call.request().id.as_bytes());
    }
    key.into()
}

fn part(key: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    let start = key.len();
    key.extend_from_slice(&[0; size_of::<usize>()]);
    write(key);
    let from = start + size_of::<usize>();
    let length = (key.len() - from).to_le_bytes();
    key[start..from].copy_from_slice(&length);
}

impl Plan {
    /// The resolvers that run.
    fn resolvers(&self) -> impl Iterator<Item = &Resolver> {
        let fields = self.selections().flat_map(|selection| &selection.fields);
        fields.filter_map(|field| match &field.origin {
            Origin::Resolver(resolver) => Some(&**resolver),
            Origin::Property | Origin::Typename | Origin::Introspection(_) => None,
        })
    }
}

// === impl Executed ===

impl Executed {
    /// What its mappings asked to end.
    pub(crate) fn invalidations(&self) -> impl Iterator<Item = Invalidation> {
        self.effects.extensions.iter().filter_map(|extension| {
            let Extension::Invalidate {
                subscription_field,
                payload,
            } = extension
            else {
                return None;
            };
            let mut text = Vec::new();
            payload.view().write(&mut text);
            Some(Invalidation {
                field: subscription_field.clone(),
                payload: text.into(),
            })
        })
    }
}

// === impl Subscription ===

impl Subscription {
    /// Checks the caller's rights and runs the field's own resolver, once. The errors refuse the
    /// subscription.
    pub(crate) async fn open(&mut self) -> Result<(), Vec<RequestError>> {
        let execution = &self.execution;
        let field = root(&execution.plan)?;
        let parent = &*execution.plan.selection(execution.plan.root).type_name;
        // A field below that is denied is null in every event. One that is throttled is so for the
        // moment, and would stay null: better to come again.
        let denials = execution.denials().iter().flatten();
        let throttled = denials.copied().find(|it| *it == Denied::Throttled);
        if let Some(denied) = execution.denied(field).or(throttled) {
            let failure = Failure::denied(denied, &field.name, parent);
            return Err(vec![refusal(field, Arc::new(failure))]);
        }
        let Some(resolver) = &self.resolver else {
            return Ok(());
        };
        let selected = Selected::below(&execution.plan, field);
        let info = Info {
            field_name: &field.name,
            parent_type_name: parent,
            variables: execution.variables.view(),
            selection: Some(&selected),
        };
        let inputs = Inputs {
            call: &execution.call,
            args: self.arguments.view(),
            body: View::NULL,
            connection: None,
            info,
            env: execution.env.view(),
            asked: &execution.asked,
            alone: true,
        };
        let answers = resolver.resolve(inputs, &[View::NULL]).await;
        execution.asked.forget();
        let added = answers.appended.into_iter().map(|(_, failure)| failure);
        let failed = answers.distinct.into_iter().find_map(Result::err);
        let errors: Vec<RequestError> = added
            .chain(failed)
            .map(|failure| refusal(field, failure))
            .collect();
        if !errors.is_empty() {
            return Err(errors);
        }
        let effects = execution.asked.effects();
        self.keep(effects);
        Ok(())
    }

    /// Keeps the filters that were set, the last of each. Who is told of other events, or ended by
    /// something else, is no member of the same group.
    fn keep(&mut self, effects: Effects) {
        for extension in effects.extensions {
            match extension {
                Extension::Filter(filter) => self.filter = Some(filter),
                Extension::InvalidationFilter(filter) => self.invalidation = Some(filter),
                Extension::Evict { .. } | Extension::Invalidate { .. } => {}
            }
        }
        let mut key = self.key.to_vec();
        for filter in [&self.filter, &self.invalidation] {
            part(&mut key, |out| {
                if let Some(filter) = filter {
                    filter.view().write(out);
                }
            });
        }
        self.key = key.into();
    }

    /// Executes the subscription for one event and appends the value of `data` to `out`. Resolvers
    /// below the payload run only where the field's file says `resolve: true`; without them this
    /// never waits.
    pub(crate) async fn answer(&self, payload: &Arc<json::Document>, out: Vec<u8>) -> Executed {
        let plan = &self.execution.plan;
        let event = plan.selection(plan.root).fields.first();
        let event = event.map(|field| {
            let payload = Value::Node(Arc::clone(payload), 0);
            (Arc::clone(&field.name), payload)
        });
        let object = Value::from(event.into_iter().collect::<Object>());
        // What was read for the last event may have changed, and need not be kept until the next.
        self.execution.asked.forget();
        let executed = self.execution.run_by_level(object.view(), out).await;
        self.execution.asked.forget();
        // Nobody asked, so that there is no answer to put headers on.
        drop(self.execution.asked.effects());
        executed
    }
}

fn refusal(field: &Field, failure: Arc<Failure>) -> RequestError {
    RequestError::from(FieldError {
        path: vec![Segment::Key(Arc::clone(&field.key))],
        location: field.location,
        cause: Cause::Resolver(failure),
        data: Box::default(),
    })
}
