//! From an operation's text to a validated document, and from there to plans.
//!
//! A document keeps one plan per combination of the values that its `@skip` and `@include`
//! conditions take; without such variables there is exactly one.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU32, Ordering::Relaxed},
};

use apollo_compiler::{
    ExecutableDocument, Node,
    executable::{
        Argument, DirectiveList, FragmentSpread, Operation, Selection as Ast, SelectionSet,
        Value as Literal,
    },
    parser::{Parser, SourceSpan},
    validation::{DiagnosticList, Valid},
};
use rustc_hash::FxHashMap;

use crate::{
    config::api::Limits,
    graphql::{
        RequestError,
        coerce::{CoerceError, VariableDef, Variables},
        plan::{Plan, limits, merge},
        schema::Schema,
        validate,
    },
};

/// How heavy a plan may be to be remembered, in bytes: one must not drive out all others.
const MAX_WEIGHT: u32 = 1 << 20;

/// How many combinations of conditions of one document are remembered.
const MAX_PLANS: usize = 32;

/// One operation of a document, valid against the schema.
#[derive(Debug)]
pub(crate) struct Document {
    pub(in crate::graphql) document: Valid<ExecutableDocument>,
    pub(super) operation: Node<Operation>,
    /// The variables that the operation declares.
    pub(crate) variables: Vec<VariableDef>,
    /// The variables, by index, whose values decide what is skipped or included.
    conditions: Vec<usize>,
    /// Whether introspection takes variables, so that a plan serves one request only.
    volatile: bool,
    plans: Mutex<FxHashMap<u64, Arc<Plan>>>,
    /// What the document is remembered under.
    pub(in crate::graphql) key: Arc<str>,
    weight: AtomicU32,
}

impl Document {
    /// Parses, checks and validates the text and picks the operation.
    pub(crate) fn build(
        schema: &Schema,
        key: Arc<str>,
        text: &str,
        operation_name: Option<&str>,
        bounds: &Limits,
    ) -> Result<Self, Vec<RequestError>> {
        let ast = Parser::new()
            .token_limit(bounds.tokens)
            .recursion_limit(limits::PARSER_RECURSION)
            .parse_ast(text, "operation.graphql")
            .map_err(|broken| limits::from_parser(from_diagnostics(&broken.errors), bounds))?;
        limits::check_document(&ast, bounds).map_err(|error| vec![error])?;
        // In two steps: a field that does not exist would otherwise also be reported as a
        // selection that is missing.
        let document = ast
            .to_executable(&schema.sdl)
            .map_err(|broken| from_diagnostics(&broken.errors))?
            .validate(&schema.sdl)
            .map_err(|broken| from_diagnostics(&broken.errors))?;
        let operation = document
            .operations
            .get(operation_name)
            .map_err(|_| vec![unknown_operation(&document, operation_name)])?
            .clone();
        validate::document(&schema.sdl, &document)
            .map_err(|violations| from_violations(&document, violations))?;
        let variables = VariableDef::compile(&schema.inputs, &operation)
            .map_err(|error| vec![RequestError::locate(error, &document)])?;
        let (conditions, volatile) = conditions(&document, &operation, &variables);
        let weight = u32::try_from(text.len().saturating_mul(12) + 2048).unwrap_or(u32::MAX);
        Ok(Document {
            document,
            operation,
            variables,
            conditions,
            volatile,
            plans: Mutex::default(),
            key,
            weight: AtomicU32::new(weight),
        })
    }

    /// The plan for these variables.
    pub(crate) fn plan(
        &self,
        schema: &Schema,
        variables: &Variables,
        bounds: &Limits,
    ) -> Result<Arc<Plan>, RequestError> {
        self.check_conditions(variables)?;
        let Some(combination) = self.combination(variables) else {
            return merge::plan(schema, self, variables, bounds).map(Arc::new);
        };
        if let Some(plan) = self.plans().get(&combination) {
            return Ok(Arc::clone(plan));
        }
        let plan = Arc::new(merge::plan(schema, self, variables, bounds)?);
        let mut plans = self.plans();
        let keep = plans.len() < MAX_PLANS && plan.weight() <= MAX_WEIGHT;
        if keep && plans.insert(combination, Arc::clone(&plan)).is_none() {
            let weight = self.weight().saturating_add(plan.weight());
            self.weight.store(weight, Relaxed);
        }
        Ok(plan)
    }

    /// How much memory the document and its plans keep, roughly, in bytes.
    pub(crate) fn weight(&self) -> u32 {
        self.weight.load(Relaxed)
    }

    /// The operation.
    pub(crate) fn operation(&self) -> &Operation {
        &self.operation
    }

    fn plans(&self) -> std::sync::MutexGuard<'_, FxHashMap<u64, Arc<Plan>>> {
        self.plans.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A condition may be a nullable variable with a default, and then be given as null.
    fn check_conditions(&self, variables: &Variables) -> Result<(), RequestError> {
        let is_null = |index: &&usize| {
            variables
                .get(**index)
                .is_some_and(|value| value.view().is_null())
        };
        match self.conditions.iter().find(is_null) {
            Some(index) => Err(RequestError::new(format!(
                "Argument \"if\" of non-null type \"Boolean!\" must not be null: it is given as \"${}\".",
                self.variables[*index].name
            ))),
            None => Ok(()),
        }
    }

    /// Which plan these variables ask for; `None` when there are too many conditions, or when
    /// introspection takes variables, so that a plan serves one request only.
    fn combination(&self, variables: &Variables) -> Option<u64> {
        if self.volatile || self.conditions.len() > 64 {
            return None;
        }
        Some(
            self.conditions
                .iter()
                .enumerate()
                .fold(0, |bits, (bit, &index)| {
                    bits | u64::from(variables.is_true(index)) << bit
                }),
        )
    }
}

fn unknown_operation(document: &ExecutableDocument, name: Option<&str>) -> RequestError {
    RequestError::new(match name {
        Some(name) => format!("Unknown operation named \"{name}\"."),
        None if document.operations.is_empty() => "Must provide an operation.".to_owned(),
        None => "Must provide operation name if query contains multiple operations.".to_owned(),
    })
}

/// What apollo-compiler found, as request errors.
fn from_diagnostics(found: &DiagnosticList) -> Vec<RequestError> {
    found
        .iter()
        .map(|fault| {
            let json = fault.to_json();
            let location = json.locations.first().and_then(|at| {
                Some((u32::try_from(at.line).ok()?, u32::try_from(at.column).ok()?))
            });
            RequestError {
                message: json.message,
                location,
                code: None,
                refused: None,
            }
        })
        .collect()
}

fn from_violations(
    document: &ExecutableDocument,
    violations: Vec<validate::Violation>,
) -> Vec<RequestError> {
    let located = |violation: validate::Violation| RequestError {
        location: violation
            .locations
            .first()
            .and_then(|span| line_column(*span, document)),
        ..RequestError::new(violation.message)
    };
    violations.into_iter().map(located).collect()
}

/// Where in the operation's text something stands: line and column, from 1.
pub(crate) fn line_column(span: SourceSpan, document: &ExecutableDocument) -> Option<(u32, u32)> {
    let at = span.line_column(&document.sources)?;
    Some((u32::try_from(at.line).ok()?, u32::try_from(at.column).ok()?))
}

impl RequestError {
    /// A coercion error, with its place in the document.
    pub(crate) fn locate(error: CoerceError, document: &ExecutableDocument) -> Self {
        let location = error.location.and_then(|span| line_column(span, document));
        RequestError {
            location,
            ..RequestError::new(error.message)
        }
    }
}

/// The variables that `@skip` and `@include` use anywhere in the operation, and those that
/// introspection fields take: their values are part of the plan.
fn conditions(
    document: &ExecutableDocument,
    operation: &Operation,
    variables: &[VariableDef],
) -> (Vec<usize>, bool) {
    let mut walk = Conditions {
        document,
        variables,
        found: Vec::new(),
        seen: Vec::new(),
        volatile: false,
    };
    walk.selections(&operation.selection_set, false);
    walk.found.sort_unstable();
    walk.found.dedup();
    (walk.found, walk.volatile)
}

struct Conditions<'a> {
    document: &'a ExecutableDocument,
    variables: &'a [VariableDef],
    found: Vec<usize>,
    seen: Vec<(&'a str, bool)>,
    volatile: bool,
}

impl<'a> Conditions<'a> {
    /// `introspects`: below `__schema` or `__type`, where arguments decide what is planned.
    fn selections(&mut self, set: &'a SelectionSet, introspects: bool) {
        for selection in &set.selections {
            self.directives(selection.directives());
            match selection {
                Ast::Field(field) => {
                    let introspects =
                        introspects || matches!(field.name.as_str(), "__schema" | "__type");
                    let varies = |argument: &Node<Argument>| {
                        matches!(&*argument.value, Literal::Variable(_))
                    };
                    self.volatile |= introspects && field.arguments.iter().any(varies);
                    self.selections(&field.selection_set, introspects);
                }
                Ast::InlineFragment(fragment) => {
                    self.selections(&fragment.selection_set, introspects)
                }
                Ast::FragmentSpread(spread) => self.spread(spread, introspects),
            }
        }
    }

    fn spread(&mut self, spread: &'a FragmentSpread, introspects: bool) {
        let name = (spread.fragment_name.as_str(), introspects);
        if self.seen.contains(&name) {
            return;
        }
        self.seen.push(name);
        if let Some(fragment) = spread.fragment_def(self.document) {
            self.selections(&fragment.selection_set, introspects);
        }
    }

    fn directives(&mut self, directives: &DirectiveList) {
        for directive in directives
            .iter()
            .filter(|one| matches!(one.name.as_str(), "skip" | "include"))
        {
            if let Some(value) = directive.specified_argument_by_name("if")
                && let Literal::Variable(name) = &**value
            {
                self.found
                    .extend(self.variables.iter().position(|def| *def.name == **name));
            }
        }
    }
}
