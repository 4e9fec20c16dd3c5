//! `operations`: what an update does with an attribute, as an object that says so.
//!
//! A marker is a plain object and can come from outside, too; an update that hands on what a client
//! sent lets the client choose the operation.

use super::super::{
    Builtin, Languages, Namespace, Run, Services, Thrown,
    dynamodb::{called, object},
};
use crate::json::{Kind, Value, View};

pub(super) const OPERATIONS: Namespace = Namespace {
    name: "@aws-appsync/utils/dynamodb.operations",
    functions: &[
        function("add", 1, |_, arguments| {
            Ok(of_value("OPERATION_ADD", arguments))
        }),
        function("replace", 1, |_, arguments| {
            Ok(of_value("OPERATION_REPLACE", arguments))
        }),
        Builtin {
            arity: 0..=0,
            ..function("remove", 0, |_, _| {
                Ok(object([("type", Value::from("OPERATION_REMOVE"))]))
            })
        },
        Builtin {
            arity: 0..=1,
            ..function("increment", 1, |_, arguments| {
                by("increment", "OPERATION_INCREMENT", arguments)
            })
        },
        Builtin {
            arity: 0..=1,
            ..function("decrement", 1, |_, arguments| {
                by("decrement", "OPERATION_DECREMENT", arguments)
            })
        },
        function("append", 1, |_, arguments| {
            items("append", "OPERATION_APPEND", arguments)
        }),
        function("prepend", 1, |_, arguments| {
            items("prepend", "OPERATION_PREPEND", arguments)
        }),
        function("updateListItem", 2, update_list_item),
    ],
    namespaces: &[],
};

/// What an update does with an attribute.
#[derive(Debug, Clone, Copy)]
pub(super) enum Operation<'a> {
    /// `add`, `replace`
    Set(View<'a>),
    /// `remove`
    Remove,
    /// `increment`; nothing means by one.
    Increment(Option<View<'a>>),
    /// `decrement`
    Decrement(Option<View<'a>>),
    /// `append`
    Append(View<'a>),
    /// `prepend`
    Prepend(View<'a>),
    /// `updateListItem`: which item of a list becomes what.
    ListItem(u32, View<'a>),
}

impl<'a> Operation<'a> {
    /// The operation that a value says, if it says one.
    pub(super) fn of(value: View<'a>) -> Option<Operation<'a>> {
        let kind = value.get("type")?.as_str()?;
        Some(match &*kind {
            "OPERATION_ADD" | "OPERATION_REPLACE" => Operation::Set(value.get("value")?),
            "OPERATION_REMOVE" => Operation::Remove,
            "OPERATION_INCREMENT" => Operation::Increment(number(value)?),
            "OPERATION_DECREMENT" => Operation::Decrement(number(value)?),
            "OPERATION_APPEND" => Operation::Append(list(value)?),
            "OPERATION_PREPEND" => Operation::Prepend(list(value)?),
            "OPERATION_UPDATE_LIST_ITEM" => {
                let index = value.get("index")?.as_i64()?;
                Operation::ListItem(u32::try_from(index).ok()?, value.get("value")?)
            }
            _ => return None,
        })
    }
}

/// `by`: a number, or nothing.
fn number(marker: View<'_>) -> Option<Option<View<'_>>> {
    match marker.get("by").filter(|by| !by.is_null()) {
        Some(by) if by.kind() == Kind::Number => Some(Some(by)),
        Some(_) => None,
        None => Some(None),
    }
}

fn list(marker: View<'_>) -> Option<View<'_>> {
    marker
        .get("items")
        .filter(|items| items.kind() == Kind::List)
}

const fn function(
    name: &'static str,
    arity: usize,
    function: fn(&mut Services<'_>, &[Value]) -> Result<Value, Thrown>,
) -> Builtin {
    Builtin {
        name,
        arity: arity..=arity,
        languages: Languages::Js,
        run: Run::Values(function),
        varies: false,
    }
}

fn first(arguments: &[Value]) -> Value {
    arguments.first().cloned().unwrap_or_default()
}

fn of_value(marker: &'static str, arguments: &[Value]) -> Value {
    object([("type", Value::from(marker)), ("value", first(arguments))])
}

fn by(function: &str, marker: &'static str, arguments: &[Value]) -> Result<Value, Thrown> {
    let by = first(arguments);
    match by.view().kind() {
        Kind::Null => Ok(object([("type", Value::from(marker))])),
        Kind::Number => Ok(object([("type", Value::from(marker)), ("by", by)])),
        other => Err(wrong(function, "a number", other)),
    }
}

fn items(function: &str, marker: &'static str, arguments: &[Value]) -> Result<Value, Thrown> {
    let items = first(arguments);
    match items.view().kind() {
        Kind::List => Ok(object([("type", Value::from(marker)), ("items", items)])),
        other => Err(wrong(function, "a list", other)),
    }
}

fn update_list_item(_: &mut Services<'_>, arguments: &[Value]) -> Result<Value, Thrown> {
    let index = arguments.get(1).and_then(|index| index.view().as_i64());
    let Some(index) = index.and_then(|index| u32::try_from(index).ok()) else {
        let message = "operations.updateListItem expects the index of an item, counted from 0";
        return Err(Thrown::wrong(message));
    };
    Ok(object([
        ("type", Value::from("OPERATION_UPDATE_LIST_ITEM")),
        ("value", first(arguments)),
        ("index", Value::from(i64::from(index))),
    ]))
}

fn wrong(function: &str, expected: &str, found: Kind) -> Thrown {
    let found = called(found);
    Thrown::wrong(format!(
        "operations.{function} expects {expected}, not {found}"
    ))
}
