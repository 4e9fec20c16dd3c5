//! What a level leaves behind for the writer.

use std::{borrow::Cow, cell::Cell};

use crate::{
    graphql::plan::{Choice, Plan, SelectionId, Shape, ShapeKind},
    json::{Kind, View},
    resolver::Answers,
};

/// The answers for all objects at one position with one concrete type: a column for each field
/// with a resolver at or below it, a row for each object.
#[derive(Debug, Default)]
pub(crate) struct Table {
    /// By [`Field::column`](crate::graphql::plan::Field::column).
    pub(crate) columns: Vec<Column>,
}

/// One field's share of a table.
#[derive(Debug)]
pub(crate) struct Column {
    /// The answers, where the field has a resolver.
    pub(crate) answers: Option<Answers>,
    /// For each distinct answer, or each row of a field without a resolver: which of the objects
    /// below is its first.
    pub(crate) first: Vec<u32>,
    /// The objects below, where resolvers stand below.
    pub(crate) child: Child,
    /// What the writer made of each distinct answer, to copy it where it stands again.
    pub(crate) written: Vec<Cell<Option<Fragment>>>,
}

/// A piece of the writer's buffer that may be copied.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fragment {
    /// Its first byte.
    pub(crate) start: usize,
    /// One past its last byte.
    pub(crate) end: usize,
    /// Which truncation of the buffer it has survived.
    pub(crate) epoch: u32,
}

/// The tables below a column.
#[derive(Debug)]
pub(crate) enum Child {
    /// No resolvers below.
    None,
    /// All objects are of one type.
    One(Table),
    /// The objects may be of several types.
    Many {
        /// One table per possible type.
        tables: Vec<Table>,
        /// For each object in the order they stand: its possible type and its row there.
        places: Vec<(u32, u32)>,
    },
}

/// The possible type of an object that it names itself.
pub(crate) const UNRESOLVED: u32 = u32::MAX;

// === impl Column ===

impl Column {
    /// Nothing ran.
    pub(crate) const EMPTY: Column = Column {
        answers: None,
        first: Vec::new(),
        child: Child::None,
        written: Vec::new(),
    };
}

// === impl Choice ===

/// Which possible type an object says it has: an index into the choice.
pub(crate) fn object_type(choice: &Choice, object: View<'_>) -> Option<usize> {
    let name: Cow<'_, str> = object.get("__typename")?.as_str()?;
    choice.by_name.get(&*name).copied()
}

/// The objects that stand at the end of a shape, in order, by possible type.
#[derive(Debug)]
pub(crate) struct Gathered<'a> {
    /// Where resolvers run next: one entry a possible type.
    pub(crate) rows: Vec<(SelectionId, Vec<View<'a>>)>,
    /// As in [`Child::Many`]; empty where there is one type only.
    pub(crate) places: Vec<(u32, u32)>,
    /// How many objects there are.
    pub(crate) count: u32,
}

impl<'a> Gathered<'a> {
    /// Makes room for the objects of this shape.
    pub(crate) fn new(shape: &Shape) -> Self {
        let mut leaf = shape;
        while let ShapeKind::List(item) = &leaf.kind {
            leaf = item;
        }
        let rows = match &leaf.kind {
            ShapeKind::Object(id) => vec![(*id, Vec::new())],
            ShapeKind::Abstract(choice) => choice
                .selections
                .iter()
                .map(|id| (*id, Vec::new()))
                .collect(),
            ShapeKind::List(_) | ShapeKind::Scalar(..) | ShapeKind::Enum(_) => Vec::new(),
        };
        Gathered {
            rows,
            places: Vec::new(),
            count: 0,
        }
    }

    /// Adds the objects of a value. The writer counts the same objects in the same order: what is
    /// no object where one is expected counts for neither.
    pub(crate) fn add(&mut self, shape: &Shape, value: View<'a>) {
        match &shape.kind {
            ShapeKind::List(item) => value.items().for_each(|value| self.add(item, value)),
            ShapeKind::Object(_) => {
                if value.kind() == Kind::Object {
                    self.rows[0].1.push(value);
                    self.count += 1;
                }
            }
            ShapeKind::Abstract(choice) => {
                if value.kind() == Kind::Object {
                    self.add_typed(choice, value);
                    self.count += 1;
                }
            }
            ShapeKind::Scalar(..) | ShapeKind::Enum(_) => {}
        }
    }

    fn add_typed(&mut self, choice: &Choice, value: View<'a>) {
        let place = match object_type(choice, value) {
            None => (UNRESOLVED, 0),
            Some(ty) => {
                let rows = &mut self.rows[ty].1;
                rows.push(value);
                (index(ty), index(rows.len() - 1))
            }
        };
        self.places.push(place);
    }
}

/// How many objects of a shape stand in a value.
pub(crate) fn count(shape: &Shape, value: View<'_>) -> u32 {
    match &shape.kind {
        ShapeKind::List(item) => value.items().map(|value| count(item, value)).sum(),
        ShapeKind::Object(_) | ShapeKind::Abstract(_) => u32::from(value.kind() == Kind::Object),
        ShapeKind::Scalar(..) | ShapeKind::Enum(_) => 0,
    }
}

fn index(position: usize) -> u32 {
    u32::try_from(position).expect("documents are shorter than 4 GiB")
}

impl Plan {
    /// Whether anything has to be resolved for objects of this selection.
    pub(crate) fn resolves(&self, id: SelectionId) -> bool {
        !self.selection(id).columns.is_empty()
    }
}
