//! Runs a plan by level: every resolver once, for all the parents of its level.
//!
//! What comes out are [`Table`]s: the answers of a selection's resolvers by column, and where in
//! the tables below the objects of each answer begin. The writer walks plan, data and tables in
//! step. Nothing is locked and nothing is shared: a level owns what it made.

mod level;
mod table;

use std::sync::Arc;

use apollo_compiler::ast::OperationType;

use crate::{
    graphql::{
        Variables,
        coerce::CoerceError,
        error::FieldError,
        plan::{Document, Field, Plan},
        subscription::Event,
        write,
    },
    guard::Denied,
    json::{Object, Value, View},
    request::Call,
    resolver::{Asked, Effects},
};

pub(crate) use table::{Child, Column, Fragment, Table, UNRESOLVED, count, object_type};

/// Everything an execution reads.
#[derive(Debug)]
pub(crate) struct Execution {
    /// Who asks.
    pub(crate) call: Arc<Call>,
    /// What to do.
    pub(crate) plan: Arc<Plan>,
    /// Each field's arguments, or why they cannot be had; by [`Plan::arguments`].
    pub(crate) arguments: Vec<Result<Value, CoerceError>>,
    /// The variables as mappings see them.
    pub(crate) variables: Value,
    /// The variables of the api.
    pub(crate) env: Value,
    /// What was asked for so far.
    pub(crate) asked: Asked,
    /// What the caller may not see, and why; by [`Plan::rules`].
    denied: Vec<Option<Denied>>,
    /// How much it may do.
    pub(crate) bounds: Bounds,
}

/// How much one execution may do.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// Bytes of the answer.
    pub(crate) answer: u64,
    /// Objects of one level below which fields are resolved.
    pub(crate) level_objects: usize,
}

/// The coerced variables as one object, as mappings see them.
fn variables_by_name(document: &Document, variables: &Variables) -> Value {
    let members = document.variables.iter().zip(variables.values());
    let members = members.filter_map(|(def, value)| Some((Arc::clone(&def.name), value.clone()?)));
    Value::from(members.collect::<Object>())
}

/// What an execution wrote.
#[derive(Debug)]
pub(crate) struct Executed {
    /// The buffer it was handed, with the value of `data` appended.
    pub(crate) out: Vec<u8>,
    /// The errors of its fields.
    pub(crate) errors: Vec<FieldError>,
    /// What those who listen are to hear of.
    pub(crate) events: Vec<Event>,
    /// What its mappings caused beside their values.
    pub(crate) effects: Effects,
    /// How many remembered answers were forgotten, where mappings asked for that.
    pub(crate) evicted: Option<usize>,
}

impl Execution {
    /// Prepares the execution of a plan: the caller is measured by each of its rules, once.
    pub(crate) fn new(
        call: Arc<Call>,
        document: &Document,
        plan: Arc<Plan>,
        variables: &Variables,
        env: Value,
        bounds: Bounds,
    ) -> Self {
        let arguments = plan
            .arguments
            .iter()
            .map(|template| template.values(variables))
            .collect();
        let variables = variables_by_name(document, variables);
        let denied = plan.rules.iter().map(|rule| rule.check(&call).err());
        let denied = denied.collect();
        Execution {
            call,
            plan,
            arguments,
            variables,
            env,
            denied,
            bounds,
            asked: Asked::default(),
        }
    }

    /// Why the caller may not see a field, if so: it is null, and nothing runs for it or below it.
    pub(crate) fn denied(&self, field: &Field) -> Option<Denied> {
        self.denied[field.rule?]
    }

    /// By [`Plan::rules`]: what the caller may not see.
    pub(crate) fn denials(&self) -> &[Option<Denied>] {
        &self.denied
    }

    /// Runs the operation and appends the value of `data` to `out`.
    pub(crate) async fn run(self, out: Vec<u8>) -> Executed {
        let mut executed = match self.plan.operation {
            OperationType::Mutation => self.run_in_series(out).await,
            OperationType::Query | OperationType::Subscription => {
                self.run_by_level(View::NULL, out).await
            }
        };
        executed.effects = self.asked.effects();
        executed
    }

    /// Runs the operation for the fields of an object; it may be run again for another one.
    pub(crate) async fn run_by_level(&self, object: View<'_>, out: Vec<u8>) -> Executed {
        let table = level::run(self, self.plan.root, &[object]).await;
        let mut writer = write::Writer::new(self, out);
        writer.root(object, &table);
        writer.finish()
    }

    /// A mutation's root field, its subtree and its null check finish before the next one starts.
    ///
    /// See: <https://spec.graphql.org/draft/#sec-Mutation>.
    async fn run_in_series(&self, out: Vec<u8>) -> Executed {
        let root = self.plan.selection(self.plan.root);
        let mut writer = write::Writer::new(self, out);
        let mut events = Vec::new();
        writer.open_root();
        for field in &root.fields {
            // What the last field read, it may have changed.
            self.asked.forget();
            let column = match field.column {
                Some(_) => Some(level::column(self, root, field, &[View::NULL]).await),
                None => None,
            };
            if writer.root_field(field, column.as_ref()).is_err() {
                // What the fields before did is done, and those who listen are to hear of it.
                return Executed {
                    events,
                    ..writer.finish_null()
                };
            }
            if field.publishes {
                events.extend(write::event(self, field, column.as_ref()));
            }
        }
        writer.close_root();
        Executed {
            events,
            ..writer.finish()
        }
    }
}
