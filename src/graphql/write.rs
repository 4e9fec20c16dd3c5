//! One pass over plan and data into one buffer, when all data is there.
//!
//! A value that may not be null but is truncates the buffer back to the nearest nullable ancestor,
//! and `null` is written there: that is the whole of null propagation. Leaves are copied as they
//! stand in their document when their coercion allows; an answer that stands more than once is
//! written once and copied.
//!
//! See: <https://spec.graphql.org/draft/#sec-Value-Completion>,
//! <https://spec.graphql.org/draft/#sec-Handling-Execution-Errors>, appsync.md 2.9 (messages).

mod complete;
mod data;
mod event;
mod path;

use std::sync::Arc;

use crate::{
    graphql::{
        error::{Cause, FieldError},
        execute::{Column, Executed, Execution, Table},
        plan::{Field, Origin, Selection},
    },
    guard::Denied,
    json::View,
    resolver::{Answer, Effects, Failure},
};

use complete::Cursor;
pub(crate) use event::event;
use path::Path;

/// About how many bytes an error takes, beside its path.
const ERROR_SIZE: usize = 200;

/// About how many bytes a segment of an error's path takes.
const SEGMENT_SIZE: usize = 24;

/// Writes the value of `data`.
pub(crate) struct Writer<'a> {
    execution: &'a Execution,
    root: &'a Selection,
    out: Vec<u8>,
    start: usize,
    errors: Vec<FieldError>,
    /// About how many bytes the errors will take.
    errors_size: usize,
    /// What members are called, and who reads them.
    naming: Naming,
    /// How many bytes may be written, the errors counted too.
    limit: u64,
    /// The answer became too large: nothing more is written.
    full: bool,
    /// How often the buffer was truncated: fragments of an older epoch are gone.
    epoch: u32,
    /// Where each field's property stood in the last object; by [`Field::slot`].
    hints: Vec<u32>,
}

/// What the members of objects are called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Naming {
    /// By their response keys, for whoever asked.
    Keys,
    /// By the names of their fields, for those who listen.
    Fields,
}

/// A position that may not be null has no value; its error is recorded.
#[derive(Debug)]
pub(crate) struct Nulled;

/// Where the writer is: a field, and the path to it.
#[derive(Clone, Copy)]
struct At<'p> {
    path: &'p Path<'p>,
    field: &'p Field,
    parent: &'p str,
}

/// The row of an object in its table.
#[derive(Clone, Copy)]
struct Row<'t> {
    table: &'t Table,
    row: usize,
}

impl<'a> Writer<'a> {
    /// Appends to `out`.
    pub(crate) fn new(execution: &'a Execution, out: Vec<u8>) -> Self {
        Writer {
            execution,
            root: execution.plan.selection(execution.plan.root),
            start: out.len(),
            out,
            errors: Vec::new(),
            errors_size: 0,
            naming: Naming::Keys,
            limit: execution.bounds.answer,
            full: false,
            epoch: 0,
            hints: vec![0; execution.plan.size],
        }
    }

    /// Writes the whole of the data: the fields of `object`, which is null for a query.
    pub(crate) fn root(&mut self, object: View<'_>, table: &Table) {
        let row = Row { table, row: 0 };
        if self
            .object(self.root, object, Some(row), &Path::Root)
            .is_err()
        {
            self.truncate(self.start);
            self.out.extend_from_slice(b"null");
        }
    }

    /// Begins data that is written field by field.
    pub(crate) fn open_root(&mut self) {
        self.out.push(b'{');
    }

    /// Writes one root field; `column` holds its answers.
    pub(crate) fn root_field(
        &mut self,
        field: &'a Field,
        column: Option<&Column>,
    ) -> Result<(), Nulled> {
        if self.out.len() > self.start + 1 {
            self.out.push(b',');
        }
        self.out.extend_from_slice(&field.key_json);
        let path = Path::Root.key(&field.key);
        let at = At {
            path: &path,
            field,
            parent: &self.root.type_name,
        };
        self.field(at, View::NULL, column, 0)
    }

    /// Ends data that is written field by field.
    pub(crate) fn close_root(&mut self) {
        self.out.push(b'}');
    }

    /// Hands back what was written.
    pub(crate) fn finish(mut self) -> Executed {
        if self.full {
            self.refuse_all();
        }
        Executed {
            out: self.out,
            errors: self.errors,
            events: Vec::new(),
            effects: Effects::default(),
            evicted: None,
        }
    }

    /// Replaces all data by `null`.
    pub(crate) fn finish_null(mut self) -> Executed {
        self.truncate(self.start);
        self.out.extend_from_slice(b"null");
        self.finish()
    }

    /// Replaces data and errors by one error.
    fn refuse_all(&mut self) {
        let limit = self.limit;
        let message = format!("the answer is too large: at most {limit} bytes are allowed");
        self.truncate(self.start);
        self.out.extend_from_slice(b"null");
        self.errors = vec![FieldError {
            path: Vec::new(),
            location: None,
            cause: Cause::Completion(message.into()),
            data: Box::default(),
        }];
    }

    /// Sees to it that `more` bytes still fit. Few objects can stand at very many places of an
    /// answer, so that neither the operation nor its data says how large the answer becomes.
    fn reserve(&mut self, more: usize) -> Result<(), Nulled> {
        let size = (self.out.len() - self.start + self.errors_size).saturating_add(more);
        self.full |= size as u64 > self.limit;
        if self.full { Err(Nulled) } else { Ok(()) }
    }

    fn object(
        &mut self,
        selection: &Selection,
        object: View<'_>,
        row: Option<Row<'_>>,
        path: &Path<'_>,
    ) -> Result<(), Nulled> {
        self.reserve(0)?;
        if self.naming == Naming::Fields {
            return self.event_object(selection, object, row, path);
        }
        self.out.push(b'{');
        for (index, field) in selection.fields.iter().enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            self.out.extend_from_slice(&field.key_json);
            self.member(selection, field, object, row, path)?;
        }
        self.out.push(b'}');
        Ok(())
    }

    /// Writes the value of a member.
    #[inline]
    fn member(
        &mut self,
        selection: &Selection,
        field: &Field,
        object: View<'_>,
        row: Option<Row<'_>>,
        path: &Path<'_>,
    ) -> Result<(), Nulled> {
        let column = match (field.column, row) {
            (Some(column), Some(row)) => row.table.columns.get(column),
            _ => None,
        };
        let path = path.key(&field.key);
        let at = At {
            path: &path,
            field,
            parent: &selection.type_name,
        };
        self.field(at, object, column, row.map_or(0, |row| row.row))
    }

    fn field(
        &mut self,
        at: At<'_>,
        object: View<'_>,
        column: Option<&Column>,
        row: usize,
    ) -> Result<(), Nulled> {
        if let Some(denied) = self.execution.denied(at.field) {
            return self.fail(at, denial(denied, at));
        }
        if let Some(Err(error)) = at
            .field
            .arguments
            .map(|index| &self.execution.arguments[index])
        {
            let message = error.message.clone();
            return self.fail(at, Cause::Completion(message.into()));
        }
        match &at.field.origin {
            Origin::Typename => {
                self.out.push(b'"');
                self.out.extend_from_slice(at.parent.as_bytes());
                self.out.push(b'"');
                Ok(())
            }
            Origin::Introspection(json) => {
                self.out.extend_from_slice(json);
                Ok(())
            }
            Origin::Property => {
                let hint = &mut self.hints[at.field.slot];
                let value = object
                    .get_hinted(&at.field.name, hint)
                    .unwrap_or(View::NULL);
                self.value(at, &at.field.shape, value, &mut Cursor::below(column, row))
            }
            Origin::Resolver(_) => match column {
                Some(column) => self.resolved(at, column, row),
                None => self.value(at, &at.field.shape, View::NULL, &mut Cursor::below(None, 0)),
            },
        }
    }

    /// Writes a resolver's answer for a row; copies it where it was written before.
    fn resolved(&mut self, at: At<'_>, column: &Column, row: usize) -> Result<(), Nulled> {
        let Some(answers) = &column.answers else {
            return self.value(at, &at.field.shape, View::NULL, &mut Cursor::below(None, 0));
        };
        let index = answers.places.of(row);
        let answer: &Answer = &answers.distinct[index];
        if !answers.appended.is_empty() {
            for failure in answers.beside(index) {
                self.error(at, Cause::Resolver(Arc::clone(failure)));
            }
        }
        let value = match answer {
            Ok(value) => value.view(),
            Err(failure) => return self.fail(at, Cause::Resolver(failure.clone())),
        };
        // What was written is keyed by response keys: an event has no use for it.
        let memory = column.written.get(index);
        let memory = memory.filter(|_| self.naming == Naming::Keys);
        if let Some(fragment) = memory.and_then(std::cell::Cell::get)
            && fragment.epoch == self.epoch
        {
            self.reserve(fragment.end - fragment.start)?;
            self.out.extend_from_within(fragment.start..fragment.end);
            return Ok(());
        }
        let (start, errors) = (self.out.len(), self.errors.len());
        self.value(
            at,
            &at.field.shape,
            value,
            &mut Cursor::below(Some(column), index),
        )?;
        // What has errors has paths of its own: it is written anew each time.
        if let Some(memory) = memory
            && self.errors.len() == errors
        {
            memory.set(Some(crate::graphql::execute::Fragment {
                start,
                end: self.out.len(),
                epoch: self.epoch,
            }));
        }
        Ok(())
    }

    /// Records an error and writes null, where null may stand.
    fn fail(&mut self, at: At<'_>, cause: Cause) -> Result<(), Nulled> {
        self.error(at, cause);
        if at.field.shape.nullable {
            self.out.extend_from_slice(b"null");
            return Ok(());
        }
        Err(Nulled)
    }

    fn error(&mut self, at: At<'_>, cause: Cause) {
        // Whoever asked is told; those who listen find null.
        if self.naming == Naming::Fields {
            return;
        }
        let (data, said) = match &cause {
            Cause::Resolver(failure) => (self.data(at, failure), failure.said()),
            Cause::Completion(_) => (Box::default(), 0),
        };
        let error = FieldError {
            path: at.path.segments(),
            location: at.field.location,
            cause,
            data,
        };
        let size = ERROR_SIZE + error.path.len() * SEGMENT_SIZE;
        self.errors_size += size + error.data.len() + said;
        self.errors.push(error);
    }

    /// What a client sees of the data of a failure.
    fn data(&mut self, at: At<'_>, failure: &Failure) -> Box<[u8]> {
        let data = failure.data.view();
        if data.is_null() {
            return Box::default();
        }
        let filtered = data::filtered(self.execution, at.field, data, self.limit);
        filtered.unwrap_or_else(|| {
            self.full = true;
            Box::default()
        })
    }

    fn truncate(&mut self, length: usize) {
        self.out.truncate(length);
        self.epoch += 1;
    }
}

/// See: appsync.md 7.8 (field denial).
fn denial(denied: Denied, at: At<'_>) -> Cause {
    Cause::Resolver(Arc::new(Failure::denied(denied, &at.field.name, at.parent)))
}
