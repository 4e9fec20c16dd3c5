//! `@aws-appsync/utils/dynamodb`: requests for DynamoDB, made of plain values.
//!
//! Types are added, conditions and updates become expressions, and what was not given is left out.
//! A part that is misspelt or of the wrong kind is an error that names it.
//!
//! See: appsync.md 3.9 (the module), 4.3 (the requests).

mod batch;
mod operations;
mod payload;
mod transact;
mod update;

#[cfg(test)]
mod tests;

use super::{Builtin, Languages, Namespace, Run, Services, Thrown, dynamodb};
use crate::json::{Kind, Value};

use payload::{Payload, Request};

pub(super) const DYNAMODB_REQUESTS: Namespace = Namespace {
    name: "@aws-appsync/utils/dynamodb",
    functions: &[
        function("get", get),
        function("put", put),
        function("update", update),
        function("remove", remove),
        function("query", query),
        function("scan", scan),
        function("sync", sync),
        function("batchGet", batch::get),
        function("batchPut", batch::put),
        function("batchDelete", batch::delete),
        function("transactGet", transact::get),
        function("transactWrite", transact::write),
        function("toStringSet", to_string_set),
        function("toNumberSet", to_number_set),
        function("toBinarySet", to_binary_set),
    ],
    namespaces: &[&operations::OPERATIONS],
};

/// What versioned sources know of a write.
const VERSIONED: [(&str, Kind); 3] = [
    ("_version", Kind::Number),
    ("customPartitionKey", Kind::String),
    ("populateIndexFields", Kind::Bool),
];

/// What reads of several items have in common.
const PAGE: [(&str, Kind); 4] = [
    ("index", Kind::String),
    ("limit", Kind::Number),
    ("nextToken", Kind::String),
    ("consistentRead", Kind::Bool),
];

const fn function(
    name: &'static str,
    function: fn(&mut Services<'_>, &[Value]) -> Result<Value, Thrown>,
) -> Builtin {
    Builtin {
        name,
        arity: 0..=1,
        languages: Languages::Js,
        run: Run::Values(function),
        varies: false,
    }
}

fn get(_: &mut Services<'_>, arguments: &[Value]) -> Result<Value, Thrown> {
    let known = &["key", "consistentRead", "projection"];
    let payload = Payload::new("get", arguments, known)?;
    let mut request = Request::new("GetItem");
    request.key(&payload)?;
    request.options(&payload, &[("consistentRead", Kind::Bool)])?;
    request.projection(&payload)?;
    Ok(request.finish())
}

fn put(_: &mut Services<'_>, arguments: &[Value]) -> Result<Value, Thrown> {
    let known = &[
        "key",
        "item",
        "condition",
        "_version",
        "customPartitionKey",
        "populateIndexFields",
    ];
    let payload = Payload::new("put", arguments, known)?;
    let mut request = Request::new("PutItem");
    request.key(&payload)?;
    request.item(&payload)?;
    request.expression(&payload, "condition")?;
    request.options(&payload, &VERSIONED)?;
    Ok(request.finish())
}

fn update(_: &mut Services<'_>, arguments: &[Value]) -> Result<Value, Thrown> {
    let known = &[
        "key",
        "update",
        "condition",
        "_version",
        "customPartitionKey",
        "populateIndexFields",
    ];
    let payload = Payload::new("update", arguments, known)?;
    let mut request = Request::new("UpdateItem");
    request.key(&payload)?;
    request.update(&payload)?;
    request.expression(&payload, "condition")?;
    request.options(&payload, &VERSIONED)?;
    Ok(request.finish())
}

fn remove(_: &mut Services<'_>, arguments: &[Value]) -> Result<Value, Thrown> {
    let known = &[
        "key",
        "condition",
        "_version",
        "customPartitionKey",
        "populateIndexFields",
    ];
    let payload = Payload::new("remove", arguments, known)?;
    let mut request = Request::new("DeleteItem");
    request.key(&payload)?;
    request.expression(&payload, "condition")?;
    request.options(&payload, &VERSIONED)?;
    Ok(request.finish())
}

fn query(_: &mut Services<'_>, arguments: &[Value]) -> Result<Value, Thrown> {
    let known = &[
        "query",
        "index",
        "limit",
        "nextToken",
        "consistentRead",
        "scanIndexForward",
        "select",
        "filter",
        "projection",
    ];
    let payload = Payload::new("query", arguments, known)?;
    let mut request = Request::new("Query");
    request.key_condition(&payload)?;
    request.options(&payload, &PAGE)?;
    request.options(
        &payload,
        &[("scanIndexForward", Kind::Bool), ("select", Kind::String)],
    )?;
    request.expression(&payload, "filter")?;
    request.projection(&payload)?;
    Ok(request.finish())
}

fn scan(_: &mut Services<'_>, arguments: &[Value]) -> Result<Value, Thrown> {
    let known = &[
        "index",
        "limit",
        "nextToken",
        "consistentRead",
        "select",
        "segment",
        "totalSegments",
        "filter",
        "projection",
    ];
    let payload = Payload::or_empty("scan", arguments, known)?;
    let mut request = Request::new("Scan");
    request.options(&payload, &PAGE)?;
    let segments = [("segment", Kind::Number), ("totalSegments", Kind::Number)];
    request.options(&payload, &segments)?;
    request.options(&payload, &[("select", Kind::String)])?;
    request.expression(&payload, "filter")?;
    request.projection(&payload)?;
    Ok(request.finish())
}

fn sync(_: &mut Services<'_>, arguments: &[Value]) -> Result<Value, Thrown> {
    let options = [
        ("basePartitionKey", Kind::String),
        ("deltaIndexName", Kind::String),
        ("limit", Kind::Number),
        ("nextToken", Kind::String),
        ("lastSync", Kind::Number),
    ];
    let known = &[
        "basePartitionKey",
        "deltaIndexName",
        "limit",
        "nextToken",
        "lastSync",
        "filter",
    ];
    let payload = Payload::or_empty("sync", arguments, known)?;
    let mut request = Request::new("Sync");
    request.options(&payload, &options)?;
    request.expression(&payload, "filter")?;
    Ok(request.finish())
}

fn to_string_set(_: &mut Services<'_>, arguments: &[Value]) -> Result<Value, Thrown> {
    dynamodb::set("toStringSet", "SS", Kind::String, arguments)
}

fn to_number_set(_: &mut Services<'_>, arguments: &[Value]) -> Result<Value, Thrown> {
    dynamodb::set("toNumberSet", "NS", Kind::Number, arguments)
}

fn to_binary_set(_: &mut Services<'_>, arguments: &[Value]) -> Result<Value, Thrown> {
    dynamodb::set("toBinarySet", "BS", Kind::String, arguments)
}
