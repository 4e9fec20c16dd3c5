//! What an operation will do, worked out once per document and the same for every caller.
//!
//! A [`Plan`] is a set of [`Selection`]s: the fields of one concrete object type, merged from all
//! the fragments that apply to it. Abstract types hold one selection per possible type; equal
//! selections are one. Nothing here depends on who asks, nor on variable values, except those that
//! `@skip` and `@include` use.

mod bind;
mod display;
pub(crate) mod document;
mod introspect;
mod limits;
mod merge;
mod selected;

use std::sync::Arc;

use apollo_compiler::ast::OperationType;
use rustc_hash::FxHashMap;

use crate::{
    graphql::{
        coerce::Arguments,
        schema::{input::EnumType, scalar::Scalar},
    },
    guard::Rule,
    resolver::Resolver,
};

pub(crate) use document::Document;
pub(crate) use selected::Selected;

/// The work of one operation.
#[derive(Debug)]
pub(crate) struct Plan {
    /// Whether root fields run in series.
    pub(crate) operation: OperationType,
    /// The root selection.
    pub(crate) root: SelectionId,
    selections: Vec<Selection>,
    /// The argument templates of all fields that take arguments, evaluated once per request.
    pub(crate) arguments: Vec<Arguments>,
    /// What is asked of callers by any of the fields, each rule once; asked once per request.
    pub(crate) rules: Vec<Arc<Rule>>,
    /// How many fields were planned.
    pub(crate) size: usize,
}

/// Where a selection stands in its plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct SelectionId(u32);

/// The merged fields of one concrete object type.
#[derive(Debug)]
pub(crate) struct Selection {
    /// The object type.
    pub(crate) type_name: Arc<str>,
    /// The fields in response order.
    pub(crate) fields: Vec<Field>,
    /// Which fields have a column: those with a resolver at or below them.
    pub(crate) columns: Vec<usize>,
}

/// One field of a selection.
#[derive(Debug)]
pub(crate) struct Field {
    /// The response key.
    pub(crate) key: Arc<str>,
    /// The response key as it is written: quoted, with its colon.
    pub(crate) key_json: Box<[u8]>,
    /// The schema's name of the field, which is also the property it reads.
    pub(crate) name: Arc<str>,
    /// Where the field stands in the document: line and column, from 1.
    pub(crate) location: Option<(u32, u32)>,
    /// Where its value comes from.
    pub(crate) origin: Origin,
    /// What its value must be.
    pub(crate) shape: Shape,
    /// Its arguments, an index into [`Plan::arguments`].
    pub(crate) arguments: Option<usize>,
    /// Its arguments as they were written, with their parentheses; empty without any.
    pub(crate) given: Box<str>,
    /// Its column, an index into [`Selection::columns`].
    pub(crate) column: Option<usize>,
    /// What is asked of those who select it, an index into [`Plan::rules`].
    pub(crate) rule: Option<usize>,
    /// Whether somebody may listen to it: a field of the mutation type.
    pub(crate) publishes: bool,
    /// Whether a field before it in its selection has the same name: events hold the first.
    pub(crate) repeats: bool,
    /// Its number among all fields of the plan.
    pub(crate) slot: usize,
}

/// Where a field's value comes from.
#[derive(Debug)]
pub(crate) enum Origin {
    /// The property of its name.
    Property,
    /// The concrete type's name.
    Typename,
    /// A resolver, run once for all parents of the level.
    Resolver(Arc<Resolver>),
    /// The schema describes itself: JSON, written as it stands.
    Introspection(Box<[u8]>),
}

/// What a value must be, and how it is written.
#[derive(Debug)]
pub(crate) struct Shape {
    /// Whether `null` may stand here.
    pub(crate) nullable: bool,
    /// What stands here otherwise.
    pub(crate) kind: ShapeKind,
    /// Whether resolvers stand below.
    pub(crate) resolves: bool,
}

/// The kinds of shapes.
#[derive(Debug)]
pub(crate) enum ShapeKind {
    /// A list of one shape.
    List(Box<Shape>),
    /// A scalar, and its name.
    Scalar(Scalar, Arc<str>),
    /// An enum.
    Enum(Arc<EnumType>),
    /// An object of a known type.
    Object(SelectionId),
    /// An object whose `__typename` says its type.
    Abstract(Box<Choice>),
}

/// The object types that an abstract type may turn out to be.
#[derive(Debug)]
pub(crate) struct Choice {
    /// The abstract type's name.
    pub(crate) type_name: Arc<str>,
    /// One selection per possible type.
    pub(crate) selections: Vec<SelectionId>,
    /// Which possible type has which name.
    pub(crate) by_name: Arc<FxHashMap<Arc<str>, usize>>,
}

/// About how many bytes the template of a field's arguments takes.
const ARGUMENTS_SIZE: usize = 512;

// === impl Plan ===

impl Plan {
    /// A selection of this plan.
    pub(crate) fn selection(&self, id: SelectionId) -> &Selection {
        &self.selections[id.0 as usize]
    }

    /// All selections.
    pub(crate) fn selections(&self) -> impl Iterator<Item = &Selection> {
        self.selections.iter()
    }

    /// How much memory the plan keeps, roughly, in bytes.
    pub(crate) fn weight(&self) -> u32 {
        let fields = self
            .selections
            .iter()
            .flat_map(|selection| &selection.fields);
        let bytes = self.selections.len() * size_of::<Selection>()
            + self.arguments.len() * ARGUMENTS_SIZE
            + size_of_val(self.rules.as_slice())
            + fields.map(Field::size).sum::<usize>();
        u32::try_from(bytes).unwrap_or(u32::MAX)
    }
}

impl Field {
    fn size(&self) -> usize {
        let answer = match &self.origin {
            Origin::Introspection(json) => json.len(),
            Origin::Property | Origin::Typename | Origin::Resolver(_) => 0,
        };
        let names = 3 * self.key_json.len() + self.name.len() + self.given.len();
        size_of::<Field>() + names + answer + self.shape.size()
    }
}

impl Shape {
    fn size(&self) -> usize {
        match &self.kind {
            ShapeKind::List(item) => size_of::<Shape>() + item.size(),
            ShapeKind::Abstract(choice) => {
                size_of::<Choice>() + size_of_val(choice.selections.as_slice())
            }
            ShapeKind::Scalar(..) | ShapeKind::Enum(_) | ShapeKind::Object(_) => 0,
        }
    }
}
