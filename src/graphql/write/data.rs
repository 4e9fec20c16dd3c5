//! `data` of an error: what the field's selection lets through, and nothing else.
//!
//! A mapping says it beside its message, so nobody promises that it fits the schema: what is missing
//! or of another kind is null, and says nothing about it. What a caller may not see stays unseen.
//!
//! See: appsync.md 2.8.

use crate::{
    graphql::{
        execute::{Execution, object_type},
        plan::{Field, Origin, SelectionId, Shape, ShapeKind},
    },
    json::{Kind, View},
};

/// Writes what a field's selection lets through of `data`; `None`: it takes more than `limit` bytes.
pub(super) fn filtered(
    execution: &Execution,
    field: &Field,
    data: View<'_>,
    limit: u64,
) -> Option<Box<[u8]>> {
    let mut filter = Filter {
        execution,
        out: Vec::new(),
        limit,
    };
    filter.value(&field.shape, data)?;
    Some(filter.out.into())
}

struct Filter<'e> {
    execution: &'e Execution,
    out: Vec<u8>,
    limit: u64,
}

impl Filter<'_> {
    fn value(&mut self, shape: &Shape, value: View<'_>) -> Option<()> {
        match (&shape.kind, value.kind()) {
            (_, Kind::Null) => self.null(),
            (ShapeKind::Scalar(scalar, _), _) => {
                self.leaf(|out| scalar.write_result(value, out).is_ok());
            }
            (ShapeKind::Enum(values), _) => {
                self.leaf(|out| values.write_result(value, out).is_ok());
            }
            (ShapeKind::List(item), Kind::List) => self.list(item, value)?,
            (ShapeKind::Object(id), Kind::Object) => self.object(*id, value)?,
            (ShapeKind::Abstract(choice), Kind::Object) => match object_type(choice, value) {
                Some(ty) => self.object(choice.selections[ty], value)?,
                None => self.null(),
            },
            _ => self.null(),
        }
        (self.out.len() as u64 <= self.limit).then_some(())
    }

    /// A leaf of another kind than its type's may be anything, and is not let through.
    fn leaf(&mut self, write: impl FnOnce(&mut Vec<u8>) -> bool) {
        let start = self.out.len();
        if !write(&mut self.out) {
            self.out.truncate(start);
            self.null();
        }
    }

    fn list(&mut self, item: &Shape, list: View<'_>) -> Option<()> {
        self.out.push(b'[');
        for (index, value) in list.items().enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            self.value(item, value)?;
        }
        self.out.push(b']');
        Some(())
    }

    fn object(&mut self, id: SelectionId, object: View<'_>) -> Option<()> {
        let selection = self.execution.plan.selection(id);
        self.out.push(b'{');
        for (index, field) in selection.fields.iter().enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            self.out.extend_from_slice(&field.key_json);
            let is_denied = self.execution.denied(field).is_some();
            match &field.origin {
                _ if is_denied => self.null(),
                Origin::Typename => {
                    self.out.push(b'"');
                    self.out.extend_from_slice(selection.type_name.as_bytes());
                    self.out.push(b'"');
                }
                Origin::Introspection(_) => self.null(),
                Origin::Property | Origin::Resolver(_) => match object.get(&field.name) {
                    Some(value) => self.value(&field.shape, value)?,
                    None => self.null(),
                },
            }
        }
        self.out.push(b'}');
        Some(())
    }

    fn null(&mut self) {
        self.out.extend_from_slice(b"null");
    }
}
