//! What a request asks for: every operation of this source, and the way from a document to it.
//!
//! A request is either AppSync's document (`operation: GetItem`, read here) or the short spelling
//! (`get: {…}`, read in `short`). Both become the same [`Operation`]; nothing behind it knows which
//! one it was. Everything a request can get wrong is found here, before the store is touched.
//!
//! See: appsync.md 4.3 (operations).

mod request;
mod short;

use std::ops::Range;

use bytes::Bytes;

use request::Request;

use crate::{
    json::{Kind, View},
    source::keyvalue::{
        attribute::{self, At, Item},
        expression,
        key::Key,
        projection::Projection,
        record,
        refusal::Refusal,
        schema::MAX_PARTITION_KEY,
        table::Table,
    },
};

/// The members that requests to this source may have, in either spelling.
pub(crate) const REQUEST_KEYS: &[&str] = &[
    "version",
    "operation",
    "key",
    "attributeValues",
    "update",
    "condition",
    "customPartitionKey",
    "populateIndexFields",
    "_version",
    "query",
    "index",
    "filter",
    "projection",
    "select",
    "limit",
    "nextToken",
    "scanIndexForward",
    "consistentRead",
    "totalSegments",
    "segment",
    "tables",
    "transactItems",
    "get",
    "put",
    "delete",
    "scan",
    "get_all",
    "forward",
];

/// DynamoDB's bound on the keys of one BatchGetItem.
const MAX_BATCH: usize = 100;

/// One request, understood.
#[derive(Debug)]
pub(crate) enum Operation {
    /// Changes nothing.
    Read(Read),
    /// Is on disk before it is answered.
    Write(Write),
}

/// The operations that read.
#[derive(Debug)]
pub(crate) enum Read {
    /// GetItem
    Get(Get),
    /// BatchGetItem
    GetAll(GetAll),
    /// Query and Scan
    Page(Page),
}

/// The operations that write, ready to be applied.
#[derive(Debug)]
pub(crate) enum Write {
    /// PutItem
    Put {
        /// Where.
        key: Key,
        /// The item in its stored form.
        record: Bytes,
    },
    /// DeleteItem
    Delete {
        /// Where.
        key: Key,
    },
}

/// One item by its key.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct Get {
    /// `None`: no item has this key.
    pub(crate) key: Option<Key>,
    pub(crate) projection: Option<Projection>,
}

/// Items by their keys.
#[derive(Debug)]
pub(crate) struct GetAll {
    pub(crate) keys: Vec<Option<Key>>,
    pub(crate) projection: Option<Projection>,
    pub(crate) shape: Shape,
}

/// How the items of a [`GetAll`] are answered.
#[derive(Debug)]
pub(crate) enum Shape {
    /// A list in the order of the keys.
    List,
    /// `{ data: { table: […] }, unprocessedKeys: { table: […] } }`; holds the keys as they were
    /// asked for, in plain JSON.
    Tables(Vec<Item>),
}

/// A stretch of a table, page by page.
#[derive(Debug)]
pub(crate) struct Page {
    /// `None`: no item has this key.
    pub(crate) range: Option<Range<Key>>,
    pub(crate) order: Order,
    /// Items to look at, at most.
    pub(crate) limit: usize,
    pub(crate) projection: Option<Projection>,
    /// What tokens for the next page are signed for.
    pub(crate) purpose: &'static str,
}

/// In which direction a page is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// As keys sort.
    Forward,
    /// The other way round.
    Backward,
}

// === impl Operation ===

impl Operation {
    /// Reads a request to a table.
    pub(crate) fn parse(request: View<'_>, table: &Table) -> Result<Self, Refusal> {
        let request = Request::of(request);
        if request.view.kind() != Kind::Object {
            return Err(attribute::wrong_kind("OBJECT", request.view, At::Root));
        }
        let Some(operation) = request.optional("operation") else {
            return match short::is_short(request.view) {
                true => short::parse(request, table),
                false => Err(request::missing("operation")),
            };
        };
        let Some(name) = operation.as_str() else {
            let at = At::Member(&At::Root, "operation");
            return Err(attribute::wrong_kind("STRING", operation, at));
        };
        match name.as_ref() {
            "GetItem" => get_item(request, table),
            "PutItem" => put_item(request, table),
            "DeleteItem" => delete_item(request, table),
            "Query" => query(request, table),
            "Scan" => scan(request, table),
            "BatchGetItem" => batch_get_item(request, table),
            "UpdateItem" | "BatchPutItem" | "BatchDeleteItem" | "TransactGetItems"
            | "TransactWriteItems" | "Sync" => Err(Refusal::NotYet(name.into_owned())),
            _ => Err(Refusal::Document(format!(
                "Value '{name}' for field '$[operation]' is no operation of this source."
            ))),
        }
    }
}

/// Whether a request reads; what is no request at all reads nothing and changes nothing.
pub(crate) fn is_read(request: View<'_>) -> bool {
    match request.get("operation").and_then(View::as_str) {
        Some(name) => matches!(name.as_ref(), "GetItem" | "Query" | "Scan" | "BatchGetItem"),
        None => short::is_read(request),
    }
}

fn get_item(request: Request<'_>, table: &Table) -> Result<Operation, Refusal> {
    request.admit("GetItem", &["key", "consistentRead", "projection"], &[])?;
    request.bool("consistentRead")?;
    let key = request.required("key")?;
    Ok(Operation::Read(Read::Get(Get {
        key: Some(table.schema.typed_key(key, At::Member(&At::Root, "key"))?),
        projection: request.projection(At::Root)?,
    })))
}

fn put_item(request: Request<'_>, table: &Table) -> Result<Operation, Refusal> {
    request.admit("PutItem", &["key", "attributeValues"], WRITES_LATER)?;
    let at = At::Member(&At::Root, "key");
    let mut item = attribute::typed_item(request.required("key")?, at)?;
    if let Some(values) = request.optional("attributeValues") {
        let at = At::Member(&At::Root, "attributeValues");
        for (name, value) in attribute::typed_item(values, at)? {
            let is_other = |key: &_| *key != value;
            if item.get(&name).is_some_and(is_other) {
                return Err(Refusal::Invalid(format!(
                    "The attribute {name} in attributeValues differs from the one in key"
                )));
            }
            item.insert(name, value);
        }
    }
    put(&item, table)
}

/// The write that stores an item.
pub(super) fn put(item: &Item, table: &Table) -> Result<Operation, Refusal> {
    Ok(Operation::Write(Write::Put {
        key: table.schema.key_of(item)?,
        record: record::encode(item)?.into(),
    }))
}

fn delete_item(request: Request<'_>, table: &Table) -> Result<Operation, Refusal> {
    request.admit("DeleteItem", &["key"], WRITES_LATER)?;
    let key = request.required("key")?;
    let key = table.schema.typed_key(key, At::Member(&At::Root, "key"))?;
    Ok(Operation::Write(Write::Delete { key }))
}

/// What writes take in DynamoDB's full language.
const WRITES_LATER: &[&str] = &[
    "condition",
    "customPartitionKey",
    "populateIndexFields",
    "_version",
];

fn query(request: Request<'_>, table: &Table) -> Result<Operation, Refusal> {
    request.admit(
        "Query",
        &[
            "query",
            "limit",
            "nextToken",
            "scanIndexForward",
            "consistentRead",
            "projection",
            "select",
        ],
        &["index", "filter"],
    )?;
    request.select()?;
    let range = expression::compile_key_condition(&table.schema, request.required("query")?)?;
    let order = request.order("scanIndexForward")?;
    request.page("Query", Some(range), order, table)
}

fn scan(request: Request<'_>, table: &Table) -> Result<Operation, Refusal> {
    request.admit(
        "Scan",
        &[
            "limit",
            "nextToken",
            "consistentRead",
            "projection",
            "select",
        ],
        &["index", "filter", "totalSegments", "segment"],
    )?;
    request.select()?;
    request.page("Scan", Some(whole_table()), Order::Forward, table)
}

/// All keys: none has more than a partition key's length of FF bytes in front, for its end is 00 00.
pub(super) fn whole_table() -> Range<Key> {
    Key::new()..vec![0xFF; MAX_PARTITION_KEY + 1]
}

fn batch_get_item(request: Request<'_>, table: &Table) -> Result<Operation, Refusal> {
    request.admit("BatchGetItem", &["tables"], &[])?;
    let at = At::Member(&At::Root, "tables");
    let mut tables = attribute::members(request.required("tables")?, at)?;
    let Some((name, part)) = tables.next() else {
        return Err(empty_batch());
    };
    if tables.next().is_some() {
        return Err(Refusal::NotYet("BatchGetItem over several tables".into()));
    }
    let own = &table.schema.table;
    if name != *own {
        return Err(Refusal::NotYet(format!(
            "BatchGetItem of table '{name}' through the source of table '{own}'"
        )));
    }
    let at = At::Member(&at, &name);
    let part = Request::of(part);
    part.admit_at(at, &["keys", "consistentRead", "projection"])?;
    let at = At::Member(&at, "keys");
    let (mut keys, mut plain) = (Vec::new(), Vec::new());
    for (index, given) in attribute::list(part.required("keys")?, at)?.enumerate() {
        let key = table.schema.typed_key(given, At::Item(&at, index))?;
        plain.push(attribute::typed_item(given, At::Item(&at, index))?);
        keys.push(Some(key));
    }
    check_batch(&keys)?;
    Ok(Operation::Read(Read::GetAll(GetAll {
        keys,
        projection: part.projection(at)?,
        shape: Shape::Tables(plain),
    })))
}

fn empty_batch() -> Refusal {
    Refusal::Invalid("The batch get request list cannot be empty".into())
}

fn check_batch(keys: &[Option<Key>]) -> Result<(), Refusal> {
    if keys.is_empty() {
        return Err(empty_batch());
    }
    if keys.len() > MAX_BATCH {
        return Err(Refusal::Invalid(
            "Too many items requested for the BatchGetItem call".into(),
        ));
    }
    let distinct: std::collections::HashSet<&Option<Key>> = keys.iter().collect();
    if distinct.len() < keys.len() {
        return Err(Refusal::Invalid(
            "Provided list of item keys contains duplicates".into(),
        ));
    }
    Ok(())
}

// === impl Get ===

impl Get {
    /// The key of an item that may not exist, all attributes wanted.
    fn whole(key: Option<Key>) -> Self {
        Get {
            key,
            projection: None,
        }
    }
}

#[cfg(test)]
mod tests;
