//! `transactGet`, `transactWrite`: all or nothing.

use super::{
    super::{
        Services, Thrown,
        dynamodb::{Typed, object},
    },
    payload::{Payload, Request},
};
use crate::json::{Kind, Value, View};

/// The kinds of writes: as they are called, the operation, and what they have beside table, key and
/// condition.
const WRITES: [(&str, &str, &[&str]); 4] = [
    ("putItem", "PutItem", &["table", "key", "condition", "item"]),
    (
        "updateItem",
        "UpdateItem",
        &["table", "key", "condition", "update"],
    ),
    ("deleteItem", "DeleteItem", &["table", "key", "condition"]),
    (
        "conditionCheck",
        "ConditionCheck",
        &["table", "key", "condition"],
    ),
];

pub(super) fn get(_: &mut Services<'_>, arguments: &[Value]) -> Result<Value, Thrown> {
    let payload = Payload::new("transactGet", arguments, &["items"])?;
    let mut typed = Typed::keeping_sets();
    let mut items = Vec::new();
    for (index, item) in payload.required("items", Kind::List)?.items().enumerate() {
        let known = &["table", "key", "projection"];
        let item = payload.part(item, &format!("'items[{index}]'"), known)?;
        let mut request = Request::part(typed);
        request.set("table", item.required("table", Kind::String)?.to_value());
        request.key(&item)?;
        request.projection(&item)?;
        let (item, left) = request.split();
        typed = left;
        items.push(item);
    }
    Ok(finished("TransactGetItems", items))
}

pub(super) fn write(_: &mut Services<'_>, arguments: &[Value]) -> Result<Value, Thrown> {
    let payload = Payload::new("transactWrite", arguments, &["items"])?;
    let mut typed = Typed::keeping_sets();
    let mut items = Vec::new();
    for (index, item) in payload.required("items", Kind::List)?.items().enumerate() {
        let (item, left) = write_of(&payload, index, item, typed)?;
        typed = left;
        items.push(item);
    }
    Ok(finished("TransactWriteItems", items))
}

/// One write: an object with one member, which says what kind of write it is.
fn write_of(
    payload: &Payload<'_>,
    index: usize,
    item: View<'_>,
    typed: Typed,
) -> Result<(Value, Typed), Thrown> {
    let mut kinds = WRITES
        .iter()
        .filter_map(|write| Some((write, item.get(write.0)?)));
    let (Some(((kind, operation, known), write)), None, 1) =
        (kinds.next(), kinds.next(), item.len())
    else {
        let kinds = WRITES.map(|(kind, _, _)| kind).join(", ");
        let message = format!("'items[{index}]' must be an object with one of {kinds}");
        return Err(payload.wrong(message));
    };
    let write = payload.part(write, &format!("'items[{index}].{kind}'"), known)?;
    let mut request = Request::part(typed);
    request.set("table", write.required("table", Kind::String)?.to_value());
    request.set("operation", Value::from(*operation));
    request.key(&write)?;
    match *kind {
        "putItem" => request.item(&write)?,
        "updateItem" => request.update(&write)?,
        "conditionCheck" => {
            write.required("condition", Kind::Object)?;
        }
        _ => {}
    }
    request.expression(&write, "condition")?;
    Ok(request.split())
}

fn finished(operation: &'static str, items: Vec<Value>) -> Value {
    object([
        ("operation", Value::from(operation)),
        ("transactItems", Value::from(items)),
    ])
}
