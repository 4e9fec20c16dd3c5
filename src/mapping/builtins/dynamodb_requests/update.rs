//! `update`: the expression that changes attributes.
//!
//! A plain value sets its attribute; a plain object sets the attributes in it, each by its path, and
//! leaves the others. All that is set comes before all that is removed, and placeholders are
//! numbered in that order.

use std::sync::Arc;

use super::{
    super::{
        Thrown,
        dynamodb::{Typed, object},
    },
    operations::Operation,
    payload::{Names, Payload},
};
use crate::json::{Kind, Object, Value, View};

/// How deep DynamoDB nests attributes.
const MAX_DEPTH: usize = 32;

/// One change of one attribute.
#[derive(Debug)]
struct Change<'a> {
    /// The names down to the attribute.
    path: Vec<Arc<str>>,
    operation: Operation<'a>,
}

/// The expression of `update`, with its names and values.
pub(super) fn expression(payload: &Payload<'_>, typed: &mut Typed) -> Result<Value, Thrown> {
    let update = payload.required("update", Kind::Object)?;
    let mut changes = Vec::new();
    collect(payload, update, &mut Vec::new(), &mut changes)?;
    if changes.is_empty() {
        return Err(payload.wrong("'update' must change an attribute"));
    }
    let is_removal = |change: &&Change<'_>| matches!(change.operation, Operation::Remove);
    let mut writer = Writer {
        names: Names::default(),
        values: Object::default(),
        typed,
    };
    let mut text = Vec::new();
    let sets = changes.iter().filter(|change| !is_removal(change));
    let sets = sets
        .map(|change| writer.set(change))
        .collect::<Result<Vec<_>, _>>()?;
    if !sets.is_empty() {
        text.push(format!("SET {}", sets.join(", ")));
    }
    let removals = changes.iter().filter(is_removal);
    let removals = removals
        .map(|change| writer.path(change))
        .collect::<Result<Vec<_>, _>>()?;
    if !removals.is_empty() {
        text.push(format!("REMOVE {}", removals.join(", ")));
    }
    Ok(object([
        ("expression", Value::from(text.join(" "))),
        ("expressionNames", writer.names.into_value()),
        ("expressionValues", Value::from(writer.values)),
    ]))
}

/// Finds the changes in an object of attributes.
fn collect<'a>(
    payload: &Payload<'_>,
    attributes: View<'a>,
    path: &mut Vec<Arc<str>>,
    changes: &mut Vec<Change<'a>>,
) -> Result<(), Thrown> {
    if path.len() > MAX_DEPTH {
        return Err(payload.wrong(format!("'update' nests deeper than {MAX_DEPTH} levels")));
    }
    for (name, value) in attributes.entries() {
        path.push(Arc::from(&*name));
        let mut change = |operation| {
            changes.push(Change {
                path: path.clone(),
                operation,
            });
        };
        match Operation::of(value) {
            Some(operation) => change(operation),
            None if value.kind() == Kind::List => list(value).into_iter().for_each(change),
            None if value.kind() != Kind::Object || value.is_empty() || Typed::is_set(value) => {
                change(Operation::Set(value));
            }
            None => collect(payload, value, path, changes)?,
        }
        path.pop();
    }
    Ok(())
}

/// A list sets the attribute, unless all its items are changes of single items.
fn list(list: View<'_>) -> Vec<Operation<'_>> {
    let items = list.items().map(|item| {
        Operation::of(item).filter(|operation| matches!(operation, Operation::ListItem(..)))
    });
    match items.collect::<Option<Vec<_>>>() {
        Some(items) if !items.is_empty() => items,
        _ => vec![Operation::Set(list)],
    }
}

/// Gives out placeholders.
struct Writer<'t> {
    names: Names,
    values: Object,
    typed: &'t mut Typed,
}

impl Writer<'_> {
    fn set(&mut self, change: &Change<'_>) -> Result<String, Thrown> {
        let path = self.path(change)?;
        Ok(match change.operation {
            Operation::Set(value) => format!("{path} = {}", self.value(value)?),
            Operation::Increment(by) => format!("{path} = {path} + {}", self.step(by)?),
            Operation::Decrement(by) => format!("{path} = {path} - {}", self.step(by)?),
            Operation::Append(items) => {
                format!("{path} = list_append({path}, {})", self.value(items)?)
            }
            Operation::Prepend(items) => {
                format!("{path} = list_append({}, {path})", self.value(items)?)
            }
            Operation::ListItem(index, value) => {
                format!("{path}[{index}] = {}", self.value(value)?)
            }
            Operation::Remove => path,
        })
    }

    fn path(&mut self, change: &Change<'_>) -> Result<String, Thrown> {
        self.typed.spend(change.path.len() * 2 * Names::SIZE)?;
        let path = change.path.iter().map(|name| self.names.of(name));
        Ok(path.collect::<Vec<_>>().join("."))
    }

    fn step(&mut self, by: Option<View<'_>>) -> Result<String, Thrown> {
        match by {
            Some(by) => self.value(by),
            None => self.value(Value::from(1_i64).view()),
        }
    }

    fn value(&mut self, value: View<'_>) -> Result<String, Thrown> {
        let name = format!(":expValue_{}", self.values.len() + 1);
        let value = self.typed.value(value)?;
        self.values.insert(Arc::from(name.as_str()), value);
        Ok(name)
    }
}
