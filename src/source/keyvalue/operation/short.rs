//! The short spelling: `get: { id: p1 }` for `operation: GetItem, key: { id: { S: p1 } }`.
//!
//! Values are plain JSON, keys are read by the types that the table declares. A key that is null or
//! absent, because the parent refers to nothing, names no item: reads answer null or nothing then,
//! writes refuse it.

use super::{Get, GetAll, Operation, Read, Request, Shape, Write, put, whole_table};
use crate::{
    json::{Kind, View},
    source::keyvalue::{
        attribute::{self, At},
        expression::Comparison,
        range::{self, SortCondition},
        refusal::Refusal,
        schema::KeyAttribute,
        table::Table,
    },
};

const READS: [&str; 4] = ["get", "query", "scan", "get_all"];
const WRITES: [&str; 2] = ["put", "delete"];

/// Whether any member is one of this spelling's operations.
pub(super) fn is_short(request: View<'_>) -> bool {
    READS
        .iter()
        .chain(&WRITES)
        .any(|name| request.get(name).is_some())
}

/// Whether the request is one of the operations that read.
pub(super) fn is_read(request: View<'_>) -> bool {
    READS.iter().any(|name| request.get(name).is_some())
        && !WRITES.iter().any(|name| request.get(name).is_some())
}

/// Reads a request in this spelling.
pub(super) fn parse(request: Request<'_>, table: &Table) -> Result<Operation, Refusal> {
    let mut found = READS
        .iter()
        .chain(&WRITES)
        .filter_map(|name| request.view.get(name).map(|given| (*name, given)));
    let (Some((name, given)), None) = (found.next(), found.next()) else {
        return Err(Refusal::Document(
            "Expected exactly one of get, get_all, put, delete, query and scan.".into(),
        ));
    };
    let at = At::Member(&At::Root, name);
    match name {
        "get" => {
            request.admit(name, &["get", "consistentRead"], &[])?;
            request.bool("consistentRead")?;
            let key = table.schema.plain_key(given, at)?;
            Ok(Operation::Read(Read::Get(Get::whole(key))))
        }
        "get_all" => {
            request.admit(name, &["get_all", "consistentRead"], &[])?;
            request.bool("consistentRead")?;
            get_all(given, at, table)
        }
        "put" => {
            request.admit(name, &["put"], &["condition"])?;
            put(&table.schema.plain_item(given, at)?, table)
        }
        "delete" => {
            request.admit(name, &["delete"], &["condition"])?;
            let key = table.schema.plain_key(given, at)?;
            let key = key.ok_or(Refusal::KeyMismatch)?;
            Ok(Operation::Write(Write::Delete { key }))
        }
        "query" => query(request, given, at, table),
        _ => scan(request, given, at, table),
    }
}

fn get_all(given: View<'_>, at: At<'_>, table: &Table) -> Result<Operation, Refusal> {
    let keys = attribute::list(given, at)?
        .enumerate()
        .map(|(index, key)| table.schema.plain_key(key, At::Item(&at, index)))
        .collect::<Result<_, _>>()?;
    Ok(Operation::Read(Read::GetAll(GetAll {
        keys,
        projection: None,
        shape: Shape::List,
    })))
}

fn query(
    request: Request<'_>,
    given: View<'_>,
    at: At<'_>,
    table: &Table,
) -> Result<Operation, Refusal> {
    request.admit(
        "query",
        &["query", "limit", "nextToken", "forward", "consistentRead"],
        &["index", "filter"],
    )?;
    for (name, _) in attribute::members(given, at)? {
        if !table.schema.attributes().any(|key| key.name == name) {
            return Err(Refusal::Invalid(format!(
                "Query condition on {name}, which is no key attribute of the table"
            )));
        }
    }
    let partition_key = &table.schema.partition_key;
    let partition = given.get(&partition_key.name).filter(|v| !v.is_null());
    let sort = match &table.schema.sort_key {
        Some(sort_key) => given
            .get(&sort_key.name)
            .filter(|v| !v.is_null())
            .map(|value| sort_condition(sort_key, value, At::Member(&at, &sort_key.name)))
            .transpose()?,
        None => None,
    };
    let range = match partition {
        Some(value) => {
            let value = partition_key.read_json(value)?;
            Some(range::of_query(&table.schema, &value, sort.as_ref())?)
        }
        None => None,
    };
    let order = request.order("forward")?;
    request.page("Query", range, order, table)
}

/// `v`, or `{ beginsWith: v }`, `{ between: [a, b] }`, `{ lt: v }` and so on.
fn sort_condition(
    key: &KeyAttribute,
    given: View<'_>,
    at: At<'_>,
) -> Result<SortCondition, Refusal> {
    if given.kind() != Kind::Object {
        let value = key.read_json(given)?;
        return Ok(SortCondition::Compare(Comparison::Equal, value));
    }
    let mut entries = given.entries();
    let (Some((operator, value)), None) = (entries.next(), entries.next()) else {
        return Err(Refusal::Document(format!(
            "Expected exactly one operator at '{at}'."
        )));
    };
    let comparison = match operator.as_ref() {
        "eq" => Comparison::Equal,
        "lt" => Comparison::Less,
        "le" => Comparison::LessOrEqual,
        "gt" => Comparison::Greater,
        "ge" => Comparison::GreaterOrEqual,
        "beginsWith" => return Ok(SortCondition::BeginsWith(key.read_json(value)?)),
        "between" => return between(key, value, At::Member(&at, "between")),
        _ => return Err(attribute::unsupported(At::Member(&at, &operator))),
    };
    Ok(SortCondition::Compare(comparison, key.read_json(value)?))
}

fn between(key: &KeyAttribute, ends: View<'_>, at: At<'_>) -> Result<SortCondition, Refusal> {
    let mut items = attribute::list(ends, at)?;
    let (Some(low), Some(high), None) = (items.next(), items.next(), items.next()) else {
        return Err(Refusal::Document(format!("Expected two items at '{at}'.")));
    };
    Ok(SortCondition::Between(
        key.read_json(low)?,
        key.read_json(high)?,
    ))
}

fn scan(
    request: Request<'_>,
    given: View<'_>,
    at: At<'_>,
    table: &Table,
) -> Result<Operation, Refusal> {
    request.admit(
        "scan",
        &["scan", "limit", "nextToken", "consistentRead"],
        &["index", "filter"],
    )?;
    if let Some((name, _)) = given.entries().next() {
        return Err(attribute::unsupported(At::Member(&at, &name)));
    }
    request.page("Scan", Some(whole_table()), super::Order::Forward, table)
}
