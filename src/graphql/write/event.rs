//! What those who listen to a mutation are told: its value once more, keyed by the names of fields.
//!
//! Every object says its `__typename`, so that a subscription can choose by it. Of a field that
//! stands under several response keys, the first counts. What is wrong is null.
//!
//! See: appsync.md 6.1.

use crate::{
    graphql::{
        execute::{Column, Execution},
        plan::{Field, Origin, Selection},
        subscription::Event,
        write::{At, Naming, Nulled, Path, Row, Writer},
    },
    json::View,
};

/// Bytes of an event.
const MAX_SIZE: u64 = 240 << 10;

/// The event of a root field whose answers are in `column`; `None`: it is null, or too large.
pub(crate) fn event(
    execution: &Execution,
    field: &Field,
    column: Option<&Column>,
) -> Option<Event> {
    let mut writer = Writer::new(execution, Vec::new());
    writer.naming = Naming::Fields;
    writer.limit = MAX_SIZE;
    let path = Path::Root.key(&field.key);
    let at = At {
        path: &path,
        field,
        parent: &writer.root.type_name,
    };
    let written = writer.field(at, View::NULL, column, 0);
    // The last leaf is written without asking for room.
    if writer.full || writer.out.len() as u64 > MAX_SIZE {
        let field = &*field.name;
        tracing::warn!(
            field,
            limit = MAX_SIZE,
            "an event is too large: nobody is told"
        );
        return None;
    }
    written.ok()?;
    (writer.out != b"null").then(|| Event {
        field: field.name.clone(),
        payload: writer.out.into(),
    })
}

impl Writer<'_> {
    /// Writes an object by the names of its fields.
    pub(super) fn event_object(
        &mut self,
        selection: &Selection,
        object: View<'_>,
        row: Option<Row<'_>>,
        path: &Path<'_>,
    ) -> Result<(), Nulled> {
        self.out.extend_from_slice(b"{\"__typename\":\"");
        self.out.extend_from_slice(selection.type_name.as_bytes());
        self.out.push(b'"');
        for field in &selection.fields {
            if field.repeats || matches!(field.origin, Origin::Typename) {
                continue;
            }
            self.out.extend_from_slice(b",\"");
            self.out.extend_from_slice(field.name.as_bytes());
            self.out.extend_from_slice(b"\":");
            self.member(selection, field, object, row, path)?;
        }
        self.out.push(b'}');
        Ok(())
    }
}
