use super::*;
use crate::{
    config::source::KeyKind,
    json::Document,
    source::keyvalue::{
        attribute::Attribute,
        schema::{KeyAttribute, Schema},
    },
};

fn table() -> Table {
    let schema = Schema {
        table: "orders".into(),
        partition_key: KeyAttribute {
            name: "id".into(),
            kind: KeyKind::String,
        },
        sort_key: Some(KeyAttribute {
            name: "line".into(),
            kind: KeyKind::Number,
        }),
    };
    Table::new(schema, [7; 32])
}

fn parse(request: &str) -> Result<Operation, Refusal> {
    let document = Document::parse(Bytes::copy_from_slice(request.as_bytes())).expect("JSON");
    Operation::parse(View::Node(&document, 0), &table())
}

fn debug(request: &str) -> String {
    format!("{:?}", parse(request).expect(request))
}

#[test]
fn both_spellings_are_one_operation() {
    for (document, short) in [
        (
            r#"{"version": "2018-05-29", "operation": "GetItem", "key": {"line": {"N": "1.0"}, "id": {"S": "a"}}, "consistentRead": true}"#,
            r#"{"get": {"id": "a", "line": 1}}"#,
        ),
        (
            r#"{"operation": "PutItem", "key": {"id": {"S": "a"}, "line": {"N": 1}}, "attributeValues": {"n": {"L": [{"N": 5}, {"NULL": null}]}}}"#,
            r#"{"put": {"id": "a", "line": 1, "n": [5, null]}}"#,
        ),
        (
            r#"{"operation": "DeleteItem", "key": {"id": {"S": "a"}, "line": {"N": 1}}}"#,
            r#"{"delete": {"id": "a", "line": "1"}}"#,
        ),
        (
            r#"{"operation": "Query", "query": {"expression": "id = :a AND line > :b", "expressionValues": {":a": {"S": "a"}, ":b": {"N": 1}}}, "scanIndexForward": false, "limit": 5}"#,
            r#"{"query": {"id": "a", "line": {"gt": 1}}, "forward": false, "limit": 5, "nextToken": null}"#,
        ),
        (
            r#"{"operation": "Query", "query": {"expression": "id = :a AND line BETWEEN :b AND :c", "expressionValues": {":a": {"S": "a"}, ":b": {"N": 1}, ":c": {"N": 2}}}}"#,
            r#"{"query": {"id": "a", "line": {"between": [1, 2]}}}"#,
        ),
        (
            r#"{"operation": "Scan", "limit": 3, "filter": null}"#,
            r#"{"scan": {}, "limit": 3}"#,
        ),
    ] {
        assert_eq!(debug(document), debug(short));
    }
}

#[test]
fn a_wrong_request_says_what_is_wrong() {
    let mut page = String::new();
    for request in WRONG {
        let refusal = parse(request).expect_err(request);
        let error = crate::source::SourceError::from(refusal);
        page += &format!("{request}\n    {}: {}\n", error.error_type, error.message);
    }
    insta::assert_snapshot!(page);
}

const WRONG: &[&str] = &[
    r#"[]"#,
    r#"{}"#,
    r#"{"operation": 5}"#,
    r#"{"operation": "Get"}"#,
    r#"{"operation": "GetItem"}"#,
    r#"{"operation": "GetItem", "key": "a"}"#,
    r#"{"operation": "GetItem", "key": {"id": "a", "line": 1}}"#,
    r#"{"operation": "GetItem", "key": {"id": null, "line": {"N": 1}}}"#,
    r#"{"operation": "GetItem", "key": {"id": {}, "line": {"N": 1}}}"#,
    r#"{"operation": "GetItem", "key": {"id": {"S": "a", "N": 1}, "line": {"N": 1}}}"#,
    r#"{"operation": "GetItem", "key": {"id": {"X": "a"}, "line": {"N": 1}}}"#,
    r#"{"operation": "GetItem", "key": {"id": {"S": 5}, "line": {"N": 1}}}"#,
    r#"{"operation": "GetItem", "key": {"id": {"S": "a"}, "line": {"N": "one"}}}"#,
    r#"{"operation": "GetItem", "key": {"id": {"S": "a"}}}"#,
    r#"{"operation": "GetItem", "key": {"id": {"S": "a"}, "line": {"S": "1"}}}"#,
    r#"{"operation": "GetItem", "key": {"id": {"S": "a"}, "line": {"N": 1}, "x": {"S": "x"}}}"#,
    r#"{"operation": "GetItem", "key": {"id": {"S": ""}, "line": {"N": 1}}}"#,
    r#"{"operation": "GetItem", "key": {"id": {"S": "a"}, "line": {"N": 1}}, "consistentRead": "yes"}"#,
    r#"{"operation": "GetItem", "key": {"id": {"S": "a"}, "line": {"N": 1}}, "keys": []}"#,
    r#"{"operation": "GetItem", "key": {"id": {"S": "a"}, "line": {"N": 1}}, "projection": {"expression": "a, b.c"}}"#,
    r#"{"operation": "GetItem", "key": {"id": {"S": "a"}, "line": {"N": 1}}, "projection": {"expression": "a, a"}}"#,
    r#"{"operation": "GetItem", "key": {"id": {"S": "a"}, "line": {"N": 1}}, "projection": ["a"]}"#,
    r#"{"operation": "PutItem", "key": {"id": {"S": "a"}}}"#,
    r#"{"operation": "PutItem", "key": {"id": {"S": "a"}, "line": {"S": "1"}}}"#,
    r#"{"operation": "PutItem", "key": {"id": {"S": "a"}, "line": {"N": 1}}, "attributeValues": {"line": {"N": 2}}}"#,
    r#"{"operation": "PutItem", "key": {"id": {"S": "a"}, "line": {"N": 1}}, "attributeValues": {"s": {"SS": []}}}"#,
    r#"{"operation": "PutItem", "key": {"id": {"S": "a"}, "line": {"N": 1}}, "attributeValues": {"s": {"NS": [1, "1.0"]}}}"#,
    r#"{"operation": "PutItem", "key": {"id": {"S": "a"}, "line": {"N": 1}}, "attributeValues": {"b": {"B": "A"}}}"#,
    r#"{"operation": "PutItem", "key": {"id": {"S": "a"}, "line": {"N": 1}}, "condition": {"expression": "attribute_not_exists(id)"}}"#,
    r#"{"operation": "UpdateItem", "key": {"id": {"S": "a"}, "line": {"N": 1}}, "update": {"expression": "SET a = :a"}}"#,
    r#"{"operation": "TransactWriteItems", "transactItems": []}"#,
    r#"{"operation": "Query"}"#,
    r#"{"operation": "Query", "query": {"expression": "id = :a", "expressionValues": {":a": {"S": "a"}}}, "filter": {"expression": "x = :x"}}"#,
    r#"{"operation": "Query", "query": {"expression": "id = :a", "expressionValues": {":a": {"S": "a"}}}, "index": "byOwner"}"#,
    r#"{"operation": "Query", "query": {"expression": "id = :a", "expressionValues": {":a": {"S": "a"}}}, "limit": 0}"#,
    r#"{"operation": "Query", "query": {"expression": "id = :a", "expressionValues": {":a": {"S": "a"}}}, "limit": "5"}"#,
    r#"{"operation": "Query", "query": {"expression": "id = :a", "expressionValues": {":a": {"S": "a"}}}, "nextToken": "abc"}"#,
    r#"{"operation": "Query", "query": {"expression": "id = :a", "expressionValues": {":a": {"S": "a"}}}, "select": "COUNT"}"#,
    r#"{"operation": "Scan", "totalSegments": 4, "segment": 0}"#,
    r#"{"operation": "BatchGetItem", "tables": {}}"#,
    r#"{"operation": "BatchGetItem", "tables": {"carts": {"keys": []}}}"#,
    r#"{"operation": "BatchGetItem", "tables": {"orders": {"keys": []}}}"#,
    r#"{"operation": "BatchGetItem", "tables": {"orders": {"keys": [{"id": {"S": "a"}}]}}}"#,
    r#"{"operation": "BatchGetItem", "tables": {"orders": {"keys": [{"id": {"S": "a"}, "line": {"N": 1}}, {"id": {"S": "a"}, "line": {"N": "1.0"}}]}}}"#,
    r#"{"get": {"id": "a", "line": 1}, "put": {}}"#,
    r#"{"get": {"id": "a", "line": 1}, "limit": 5}"#,
    r#"{"get": {"id": "a", "line": "x"}}"#,
    r#"{"get": {"id": 5, "line": 1}}"#,
    r#"{"get": {"ID": "a", "line": 1}}"#,
    r#"{"get": "a"}"#,
    r#"{"get_all": {"id": "a", "line": 1}}"#,
    r#"{"put": {"id": "a"}}"#,
    r#"{"put": {"id": "a", "line": true}}"#,
    r#"{"put": {"id": "a", "line": 1, "n": 1e500}}"#,
    r#"{"delete": {"id": "a"}}"#,
    r#"{"delete": {"id": "a", "line": null}}"#,
    r#"{"query": {"line": 5, "total": 5}}"#,
    r#"{"query": {"id": "a", "line": {"lt": 1, "gt": 0}}}"#,
    r#"{"query": {"id": "a", "line": {"near": 1}}}"#,
    r#"{"query": {"id": "a", "line": {"between": [1]}}}"#,
    r#"{"query": {"id": "a", "line": {"beginsWith": 1}}}"#,
    r#"{"query": {"id": "a"}, "filter": {"total": 5}}"#,
    r#"{"scan": {"id": "a"}}"#,
];

#[test]
fn only_what_reads_is_a_read() {
    let reads = |request: &str| {
        let document = Document::parse(Bytes::copy_from_slice(request.as_bytes())).expect("JSON");
        is_read(View::Node(&document, 0))
    };
    for request in [
        r#"{"operation": "GetItem"}"#,
        r#"{"operation": "Query"}"#,
        r#"{"operation": "Scan"}"#,
        r#"{"operation": "BatchGetItem"}"#,
        r#"{"get": {}}"#,
        r#"{"get_all": []}"#,
        r#"{"query": {}}"#,
        r#"{"scan": {}}"#,
    ] {
        assert!(reads(request), "{request}");
    }
    for request in [
        r#"{"operation": "PutItem"}"#,
        r#"{"operation": "DeleteItem"}"#,
        r#"{"operation": "UpdateItem"}"#,
        r#"{"put": {}}"#,
        r#"{"delete": {}}"#,
        r#"{"put": {}, "get": {}}"#,
        r#"{}"#,
        r#"[]"#,
    ] {
        assert!(!reads(request), "{request}");
    }
}

#[test]
fn a_key_as_long_as_may_be_is_within_a_scan() {
    let longest = Attribute::Binary(vec![0xFF; MAX_PARTITION_KEY]);
    let mut found = Key::new();
    crate::source::keyvalue::key::push_part(&mut found, &longest);
    assert!(whole_table().contains(&found));
}
