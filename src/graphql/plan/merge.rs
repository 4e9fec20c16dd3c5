//! Merges the selections of an operation per concrete type.
//!
//! See: <https://spec.graphql.org/draft/#CollectFields()>. Selections are interned by (type, the
//! sets they were merged from), so that fragments on abstract types within each other cannot make
//! a plan grow exponentially; what remains is bounded by `limits.plan_fields`.

use std::sync::Arc;

use apollo_compiler::{
    Node,
    ast::{OperationType, Type},
    collections::IndexMap,
    executable::{
        DirectiveList, Field as AstField, Selection as Ast, SelectionSet, Value as Literal,
    },
};
use rustc_hash::FxHashMap;

use crate::{
    config::api::Limits,
    graphql::{
        RequestError,
        coerce::{Arguments, Variables},
        plan::{
            Choice, Document, Plan, Selection, SelectionId, Shape, ShapeKind, bind,
            introspect::Introspection, limits,
        },
        schema::{Schema, TypeId, TypeKind, registry::FieldDef},
    },
    guard::Rule,
};

/// Plans an operation for one combination of conditions.
pub(super) fn plan(
    schema: &Schema,
    document: &Document,
    variables: &Variables,
    bounds: &Limits,
) -> Result<Plan, RequestError> {
    limits::check_depth(document, bounds)?;
    let operation = document.operation();
    let root = schema.id(operation.object_type()).ok_or_else(|| {
        RequestError::new(format!(
            "this api has no {} type",
            operation.operation_type.name()
        ))
    })?;
    let mut planner = Planner {
        schema,
        document,
        variables,
        bounds,
        selections: Vec::new(),
        interned: FxHashMap::default(),
        arguments: Vec::new(),
        rules: Vec::new(),
        rule_places: FxHashMap::default(),
        below: match operation.operation_type {
            OperationType::Subscription => Below::Listens,
            OperationType::Query | OperationType::Mutation => Below::Resolves,
        },
        slots: 0,
        resolvers: 0,
        introspection: Introspection::new(schema, document, variables, bounds),
    };
    let root = planner.select(root, &[&operation.selection_set])?;
    Ok(Plan {
        operation: operation.operation_type,
        root,
        selections: planner.selections,
        arguments: planner.arguments,
        rules: planner.rules,
        size: planner.slots,
    })
}

/// A plan in the making.
pub(super) struct Planner<'a> {
    pub(super) schema: &'a Schema,
    pub(super) document: &'a Document,
    variables: &'a Variables,
    bounds: &'a Limits,
    selections: Vec<Selection>,
    interned: FxHashMap<(TypeId, Vec<usize>), SelectionId>,
    arguments: Vec<Arguments>,
    rules: Vec<Arc<Rule>>,
    /// Where a rule stands among `rules`, by its place in memory.
    rule_places: FxHashMap<usize, usize>,
    below: Below,
    slots: usize,
    resolvers: usize,
    pub(super) introspection: Introspection<'a>,
}

/// Whether fields are bound to their resolvers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Below {
    /// The one root field of a subscription comes next: the event is its value.
    Listens,
    /// An event has all there is.
    Reads,
    /// They are.
    Resolves,
}

/// The fields of one response key, in document order.
type Group<'a> = Vec<&'a Node<AstField>>;

impl<'a> Planner<'a> {
    /// Merges the sets for an object type.
    pub(super) fn select(
        &mut self,
        ty: TypeId,
        sets: &[&'a SelectionSet],
    ) -> Result<SelectionId, RequestError> {
        let origin = sets
            .iter()
            .map(|set| std::ptr::from_ref(*set).addr())
            .collect();
        let key = (ty, origin);
        if let Some(id) = self.interned.get(&key) {
            return Ok(*id);
        }
        let type_name = Arc::clone(&self.schema.get(ty).name);
        let mut groups = IndexMap::default();
        let mut visited = Vec::new();
        for set in sets {
            self.collect(&type_name, set, &mut visited, &mut groups);
        }
        if self.slots + groups.len() > self.bounds.plan_fields {
            return Err(limits::too_many(
                "fields after merging its fragments",
                self.bounds.plan_fields,
            ));
        }
        let mut selection = Selection {
            type_name,
            fields: Vec::with_capacity(groups.len()),
            columns: Vec::new(),
        };
        let mut is_renamed = false;
        for (key, group) in groups {
            let mut field = bind::field(self, ty, key, &group)?;
            is_renamed |= field.key != field.name;
            field.repeats = is_renamed
                && selection
                    .fields
                    .iter()
                    .any(|before| before.name == field.name);
            if field.origin.is_resolver() || field.shape.resolves {
                field.column = Some(selection.columns.len());
                selection.columns.push(selection.fields.len());
            }
            selection.fields.push(field);
        }
        let id = SelectionId(u32::try_from(self.selections.len()).unwrap_or(u32::MAX));
        self.selections.push(selection);
        self.interned.insert(key, id);
        Ok(id)
    }

    /// The number of a new field.
    pub(super) fn next_slot(&mut self) -> usize {
        self.slots += 1;
        self.slots - 1
    }

    /// Whether this field runs its resolver; the next one to be asked about is one below.
    pub(super) fn resolves_at(&mut self, definition: &FieldDef) -> bool {
        let resolves = self.below == Below::Resolves;
        if self.below == Below::Listens {
            self.below = match definition.binding.resolve {
                true => Below::Resolves,
                false => Below::Reads,
            };
        }
        resolves
    }

    /// Keeps the rule of a field, once for all fields that share it.
    pub(super) fn keep_rule(&mut self, definition: &FieldDef) -> Option<usize> {
        let rule = definition.binding.rule.as_ref()?;
        let place = self.rule_places.entry(Arc::as_ptr(rule).addr());
        Some(*place.or_insert_with(|| {
            self.rules.push(Arc::clone(rule));
            self.rules.len() - 1
        }))
    }

    /// Counts a field that is bound to a resolver.
    pub(super) fn count_resolver(&mut self) -> Result<(), RequestError> {
        self.resolvers += 1;
        if self.resolvers > self.bounds.resolvers {
            return Err(limits::too_many(
                "fields that are resolved",
                self.bounds.resolvers,
            ));
        }
        Ok(())
    }

    /// Keeps an argument template.
    pub(super) fn keep_arguments(&mut self, arguments: Arguments) -> usize {
        self.arguments.push(arguments);
        self.arguments.len() - 1
    }

    /// What a value of this type must be, with the selections that stand below it.
    pub(super) fn shape(&mut self, ty: &Type, group: &Group<'a>) -> Result<Shape, RequestError> {
        match ty {
            Type::List(item) | Type::NonNullList(item) => {
                let item = self.shape(item, group)?;
                let resolves = item.resolves;
                let kind = ShapeKind::List(Box::new(item));
                Ok(Shape {
                    nullable: !ty.is_non_null(),
                    kind,
                    resolves,
                })
            }
            Type::Named(name) | Type::NonNullNamed(name) => {
                let kind = self.named(name, group)?;
                let resolves = self.resolves(&kind);
                Ok(Shape {
                    nullable: !ty.is_non_null(),
                    kind,
                    resolves,
                })
            }
        }
    }

    fn named(&mut self, name: &str, group: &Group<'a>) -> Result<ShapeKind, RequestError> {
        let schema = self.schema;
        let unknown = || RequestError::new(format!("this api has no type `{name}`"));
        let id = schema.id(name).ok_or_else(unknown)?;
        let definition = schema.get(id);
        let sets = || -> Vec<&'a SelectionSet> {
            group.iter().map(|field| &field.selection_set).collect()
        };
        match &definition.kind {
            TypeKind::Scalar(scalar) => {
                Ok(ShapeKind::Scalar(*scalar, Arc::clone(&definition.name)))
            }
            TypeKind::Enum(values) => Ok(ShapeKind::Enum(Arc::clone(values))),
            TypeKind::Object(_) => Ok(ShapeKind::Object(self.select(id, &sets())?)),
            TypeKind::Abstract(possible) => {
                let sets = sets();
                let selections = possible.types.iter().map(|ty| self.select(*ty, &sets));
                let selections = selections.collect::<Result<Vec<_>, _>>()?;
                let by_name = Arc::clone(&possible.by_name);
                let type_name = Arc::clone(&definition.name);
                Ok(ShapeKind::Abstract(Box::new(Choice {
                    type_name,
                    selections,
                    by_name,
                })))
            }
        }
    }

    fn resolves(&self, kind: &ShapeKind) -> bool {
        let has_columns = |id: &SelectionId| !self.selections[id.0 as usize].columns.is_empty();
        match kind {
            ShapeKind::List(item) => item.resolves,
            ShapeKind::Scalar(..) | ShapeKind::Enum(_) => false,
            ShapeKind::Object(id) => has_columns(id),
            ShapeKind::Abstract(choice) => choice.selections.iter().any(has_columns),
        }
    }

    fn collect(
        &self,
        type_name: &str,
        set: &'a SelectionSet,
        visited: &mut Vec<&'a str>,
        groups: &mut IndexMap<&'a str, Group<'a>>,
    ) {
        for selection in &set.selections {
            if self.is_skipped(selection.directives()) {
                continue;
            }
            match selection {
                Ast::Field(field) => groups
                    .entry(field.response_key().as_str())
                    .or_default()
                    .push(field),
                Ast::InlineFragment(fragment) => {
                    if fragment
                        .type_condition
                        .as_ref()
                        .is_none_or(|on| self.applies(on, type_name))
                    {
                        self.collect(type_name, &fragment.selection_set, visited, groups);
                    }
                }
                Ast::FragmentSpread(spread) => {
                    let name = spread.fragment_name.as_str();
                    if visited.contains(&name) {
                        continue;
                    }
                    visited.push(name);
                    if let Some(fragment) = spread.fragment_def(&self.document.document)
                        && self.applies(fragment.type_condition(), type_name)
                    {
                        self.collect(type_name, &fragment.selection_set, visited, groups);
                    }
                }
            }
        }
    }

    fn applies(&self, condition: &str, type_name: &str) -> bool {
        condition == type_name || self.schema.sdl.is_subtype(condition, type_name)
    }

    /// See: <https://spec.graphql.org/draft/#sec--skip>, <https://spec.graphql.org/draft/#sec--include>.
    fn is_skipped(&self, directives: &DirectiveList) -> bool {
        let condition = |name: &str| {
            let value = directives.get(name)?.specified_argument_by_name("if")?;
            match &**value {
                Literal::Boolean(value) => Some(*value),
                Literal::Variable(variable) => {
                    let index = self
                        .document
                        .variables
                        .iter()
                        .position(|def| *def.name == **variable)?;
                    Some(self.variables.is_true(index))
                }
                _ => None,
            }
        };
        condition("skip") == Some(true) || condition("include") == Some(false)
    }
}
