//! Completes one value: lists, leaves, objects, nulls.

use crate::{
    graphql::{
        error::Cause,
        execute::{Child, Column, UNRESOLVED, count, object_type},
        plan::{Choice, SelectionId, Shape, ShapeKind},
        write::{At, Nulled, Row, Writer},
    },
    json::{Kind, View},
};

/// Which of the objects below a column comes next.
pub(super) struct Cursor<'t> {
    child: &'t Child,
    next: u32,
}

impl<'t> Cursor<'t> {
    /// The first object below an answer, or below a row of a field without a resolver.
    pub(super) fn below(column: Option<&'t Column>, index: usize) -> Self {
        match column {
            Some(column) => Cursor {
                child: &column.child,
                next: column.first.get(index).copied().unwrap_or(0),
            },
            None => Cursor {
                child: &Child::None,
                next: 0,
            },
        }
    }

    /// The row of the next object, which is of the only type there is.
    fn advance(&mut self) -> Option<Row<'t>> {
        let row = self.next as usize;
        self.next += 1;
        match self.child {
            Child::One(table) => Some(Row { table, row }),
            Child::None | Child::Many { .. } => None,
        }
    }

    /// The row of the next object among several types.
    fn advance_typed(&mut self) -> Option<Row<'t>> {
        let next = self.next as usize;
        self.next += 1;
        match self.child {
            Child::Many { tables, places } => {
                let (ty, row) = *places.get(next)?;
                (ty != UNRESOLVED).then(|| Row {
                    table: &tables[ty as usize],
                    row: row as usize,
                })
            }
            Child::None | Child::One(_) => None,
        }
    }
}

impl Writer<'_> {
    /// Writes a value of a shape; null where it may stand.
    pub(super) fn value(
        &mut self,
        at: At<'_>,
        shape: &Shape,
        value: View<'_>,
        cursor: &mut Cursor<'_>,
    ) -> Result<(), Nulled> {
        if value.is_null() {
            return self.null(at, shape);
        }
        let start = self.out.len();
        match self.complete(at, shape, value, cursor) {
            Err(Nulled) if shape.nullable && !self.full => {
                self.truncate(start);
                self.out.extend_from_slice(b"null");
                Ok(())
            }
            completed => completed,
        }
    }

    fn null(&mut self, at: At<'_>, shape: &Shape) -> Result<(), Nulled> {
        if shape.nullable {
            self.out.extend_from_slice(b"null");
            return Ok(());
        }
        let message = format!(
            "Cannot return null for non-nullable type: '{}' within parent '{}' ({})",
            self.execution.plan.type_name(shape).trim_end_matches('!'),
            at.parent,
            at.path
        );
        self.error(at, Cause::Completion(message.into()));
        Err(Nulled)
    }

    fn complete(
        &mut self,
        at: At<'_>,
        shape: &Shape,
        value: View<'_>,
        cursor: &mut Cursor<'_>,
    ) -> Result<(), Nulled> {
        match &shape.kind {
            ShapeKind::Scalar(scalar, _) => {
                let written = scalar.write_result(value, &mut self.out);
                written.map_err(|reason| self.unserializable(at, &reason))
            }
            ShapeKind::Enum(values) => {
                let written = values.write_result(value, &mut self.out);
                written.map_err(|reason| self.unserializable(at, &reason))
            }
            ShapeKind::List(item) => self.list(at, shape, item, value, cursor),
            ShapeKind::Object(id) => self.known_object(at, *id, value, cursor),
            ShapeKind::Abstract(choice) => self.chosen_object(at, choice, value, cursor),
        }
    }

    fn list(
        &mut self,
        at: At<'_>,
        shape: &Shape,
        item_shape: &Shape,
        value: View<'_>,
        cursor: &mut Cursor<'_>,
    ) -> Result<(), Nulled> {
        if value.kind() != Kind::List {
            return self.mismatch(at, "LIST", value);
        }
        let first = cursor.next;
        self.out.push(b'[');
        for (index, item) in value.items().enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            let path = at.path.index(index);
            let item_at = At { path: &path, ..at };
            if let Err(nulled) = self.value(item_at, item_shape, item, cursor) {
                // The objects that were not reached count all the same.
                cursor.next = first + count(shape, value);
                return Err(nulled);
            }
        }
        self.out.push(b']');
        Ok(())
    }

    fn known_object(
        &mut self,
        at: At<'_>,
        id: SelectionId,
        value: View<'_>,
        cursor: &mut Cursor<'_>,
    ) -> Result<(), Nulled> {
        if value.kind() != Kind::Object {
            return self.mismatch(at, "OBJECT", value);
        }
        let row = cursor.advance();
        let selection = self.execution.plan.selection(id);
        self.object(selection, value, row, at.path)
    }

    fn chosen_object(
        &mut self,
        at: At<'_>,
        choice: &Choice,
        value: View<'_>,
        cursor: &mut Cursor<'_>,
    ) -> Result<(), Nulled> {
        if value.kind() != Kind::Object {
            return self.mismatch(at, "OBJECT", value);
        }
        let row = cursor.advance_typed();
        let Some(ty) = object_type(choice, value) else {
            let message = format!(
                "Can't resolve value ({}) : abstract type '{}' must resolve to one of its object types; \
                 the value needs a `__typename`",
                at.path, choice.type_name
            );
            self.error(at, Cause::Completion(message.into()));
            return Err(Nulled);
        };
        let selection = self.execution.plan.selection(choice.selections[ty]);
        self.object(selection, value, row, at.path)
    }

    fn unserializable(&mut self, at: At<'_>, reason: &str) -> Nulled {
        let message = format!("Can't serialize value ({}) : {reason}", at.path);
        self.error(at, Cause::Completion(message.into()));
        Nulled
    }

    fn mismatch(&mut self, at: At<'_>, expected: &str, value: View<'_>) -> Result<(), Nulled> {
        let got = match value.kind() {
            Kind::Null => "NULL",
            Kind::Bool => "BOOLEAN",
            Kind::Number => "NUMBER",
            Kind::String => "STRING",
            Kind::List => "LIST",
            Kind::Object => "OBJECT",
        };
        let message = format!(
            "Can't resolve value ({}) : type mismatch error, expected type {expected}, got {got}",
            at.path
        );
        self.error(at, Cause::Completion(message.into()));
        Err(Nulled)
    }
}
