//! `batchGet`, `batchPut`, `batchDelete`: several items of several tables.

use std::sync::Arc;

use super::{
    super::{
        Services, Thrown,
        dynamodb::{Typed, object},
    },
    payload::{Payload, Request},
};
use crate::json::{Kind, Object, Value, View};

pub(super) fn get(_: &mut Services<'_>, arguments: &[Value]) -> Result<Value, Thrown> {
    let payload = Payload::new("batchGet", arguments, &["tables"])?;
    let mut typed = Typed::keeping_sets();
    let mut tables = Object::default();
    for (name, table) in payload.required("tables", Kind::Object)?.entries() {
        let known = &["keys", "consistentRead", "projection"];
        let table = payload.part(table, &format!("'tables.{name}'"), known)?;
        let keys = table.required("keys", Kind::List)?;
        let keys = members(&payload, &format!("tables.{name}.keys"), keys, &mut typed)?;
        let mut request = Request::part(typed);
        request.set("keys", keys);
        request.options(&table, &[("consistentRead", Kind::Bool)])?;
        request.projection(&table)?;
        let (table, left) = request.split();
        typed = left;
        tables.insert(Arc::from(&*name), table);
    }
    Ok(finished("BatchGetItem", tables))
}

pub(super) fn put(_: &mut Services<'_>, arguments: &[Value]) -> Result<Value, Thrown> {
    lists("batchPut", "BatchPutItem", arguments)
}

pub(super) fn delete(_: &mut Services<'_>, arguments: &[Value]) -> Result<Value, Thrown> {
    lists("batchDelete", "BatchDeleteItem", arguments)
}

/// Of each table a list of items, or of keys.
fn lists(
    function: &'static str,
    operation: &'static str,
    arguments: &[Value],
) -> Result<Value, Thrown> {
    let payload = Payload::new(function, arguments, &["tables"])?;
    let mut typed = Typed::keeping_sets();
    let mut tables = Object::default();
    for (name, items) in payload.required("tables", Kind::Object)?.entries() {
        let items = members(&payload, &format!("tables.{name}"), items, &mut typed)?;
        tables.insert(Arc::from(&*name), items);
    }
    Ok(finished(operation, tables))
}

/// A list of objects whose values get their types.
fn members(
    payload: &Payload<'_>,
    name: &str,
    list: View<'_>,
    typed: &mut Typed,
) -> Result<Value, Thrown> {
    let wrong = || payload.wrong(format!("'{name}' must be a list of objects"));
    if list.kind() != Kind::List {
        return Err(wrong());
    }
    let items = list.items().map(|item| match item.kind() {
        Kind::Object => typed.members(item),
        _ => Err(wrong()),
    });
    items.collect()
}

fn finished(operation: &'static str, tables: Object) -> Value {
    object([
        ("operation", Value::from(operation)),
        ("tables", Value::from(tables)),
    ])
}
