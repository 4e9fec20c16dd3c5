use std::path::Path;

use tempfile::TempDir;

use super::*;
use crate::{config::source::KeyKind, json::Document};

fn schema(table: &str, sort_key: Option<(&str, KeyKind)>) -> Schema {
    Schema {
        table: table.into(),
        partition_key: KeyAttribute {
            name: "id".into(),
            kind: KeyKind::String,
        },
        sort_key: sort_key.map(|(name, kind)| KeyAttribute {
            name: name.into(),
            kind,
        }),
    }
}

/// A store in a folder of its own, with one table.
struct Fixture {
    source: KeyValue,
    folder: TempDir,
}

impl Fixture {
    fn new(schema: Schema) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(&file(folder.path())).expect("a store");
        let source = KeyValue::open(&store, schema).expect("a table");
        Fixture { source, folder }
    }

    fn products() -> Self {
        Self::new(schema("products", None))
    }

    fn lines() -> Self {
        Self::new(schema("lines", Some(("line", KeyKind::Number))))
    }

    /// Five lines of order `a`, one of `b`.
    async fn with_lines() -> Self {
        let lines = Self::lines();
        for (id, line) in [("a", 1), ("a", 2), ("a", 3), ("a", 10), ("a", 20), ("b", 1)] {
            lines
                .ask(&format!(r#"{{"put": {{"id": "{id}", "line": {line}}}}}"#))
                .await;
        }
        lines
    }

    async fn ask(&self, request: &str) -> String {
        self.ask_all(&[request]).await.remove(0)
    }

    async fn ask_all(&self, requests: &[&str]) -> Vec<String> {
        let requests: Vec<Value> = requests.iter().map(|request| json(request)).collect();
        let answers = self.source.send(&requests).await;
        answers.into_iter().map(print).collect()
    }
}

fn file(folder: &Path) -> std::path::PathBuf {
    folder.join("data").join("loomgate.redb")
}

fn json(text: &str) -> Value {
    let text = bytes::Bytes::copy_from_slice(text.as_bytes());
    Value::Node(Document::parse(text).expect("JSON"), 0)
}

fn print(answer: Result<Reply, SourceError>) -> String {
    match answer {
        Ok(reply) => {
            let mut text = Vec::new();
            reply.body.view().write(&mut text);
            String::from_utf8(text).expect("UTF-8")
        }
        Err(error) => format!("{}: {}", error.error_type, error.message),
    }
}

/// The `nextToken` of a page.
fn token(page: &str) -> Option<String> {
    let token = json(page).view().get("nextToken")?.as_str()?.into_owned();
    Some(token)
}

#[tokio::test]
async fn what_was_put_is_gotten_until_it_is_deleted() {
    let products = Fixture::products();
    let put = r#"{"operation": "PutItem", "key": {"id": {"S": "p1"}}, "attributeValues": {"price": {"N": "9.50"}, "tags": {"SS": ["a", "b"]}}}"#;
    let item = r#"{"id":"p1","price":9.5,"tags":["a","b"]}"#;
    let get = r#"{"operation": "GetItem", "key": {"id": {"S": "p1"}}}"#;
    let delete = r#"{"operation": "DeleteItem", "key": {"id": {"S": "p1"}}}"#;
    assert_eq!(products.ask(get).await, "null");
    assert_eq!(products.ask(put).await, item);
    assert_eq!(products.ask(get).await, item);
    assert_eq!(products.ask(r#"{"get": {"id": "p1"}}"#).await, item);
    assert_eq!(products.ask(delete).await, item);
    assert_eq!(products.ask(delete).await, "null");
    assert_eq!(products.ask(get).await, "null");
}

#[tokio::test]
async fn a_put_replaces_the_whole_item() {
    let products = Fixture::products();
    products.ask(r#"{"put": {"id": "p1", "old": 1}}"#).await;
    products.ask(r#"{"put": {"id": "p1", "new": 2}}"#).await;
    assert_eq!(
        products.ask(r#"{"get": {"id": "p1"}}"#).await,
        r#"{"id":"p1","new":2}"#
    );
}

#[tokio::test]
async fn numbers_of_38_digits_come_back_exactly() {
    let products = Fixture::products();
    let item = r#"{"id":"n","n":12345678901234567890123456789012345.678}"#;
    assert_eq!(products.ask(&format!(r#"{{"put": {item}}}"#)).await, item);
    assert_eq!(products.ask(r#"{"get": {"id": "n"}}"#).await, item);
}

#[tokio::test]
async fn a_batch_answers_in_order_and_a_wrong_request_fails_alone() {
    let products = Fixture::products();
    let answers = products
        .ask_all(&[
            r#"{"put": {"id": "p1"}}"#,
            r#"{"put": {"name": "no key"}}"#,
            r#"{"put": {"id": "p2"}}"#,
        ])
        .await;
    assert_eq!(answers[0], r#"{"id":"p1"}"#);
    assert!(answers[1].contains("Missing the key id"), "{}", answers[1]);
    assert_eq!(answers[2], r#"{"id":"p2"}"#);
    let answers = products
        .ask_all(&[
            r#"{"get": {"id": "p2"}}"#,
            r#"{"get": {"id": "p9"}}"#,
            r#"{"get": {"id": 5}}"#,
            r#"{"get": {"id": "p1"}}"#,
            r#"{"get": {"id": "p2"}}"#,
            r#"{"get_all": [{"id": "p1"}, {"id": null}, {"id": "p9"}, {"id": "p1"}]}"#,
            r#"{"scan": {}}"#,
        ])
        .await;
    assert_eq!(
        answers,
        [
            r#"{"id":"p2"}"#,
            "null",
            "DynamoDB:DynamoDbException: The provided key element does not match the schema",
            r#"{"id":"p1"}"#,
            r#"{"id":"p2"}"#,
            r#"[{"id":"p1"},null,null,{"id":"p1"}]"#,
            r#"{"items":[{"id":"p1"},{"id":"p2"}],"nextToken":null,"scannedCount":2}"#,
        ]
    );
}

#[tokio::test]
async fn equal_gets_of_a_batch_share_one_node_of_one_document() {
    let products = Fixture::products();
    products.ask(r#"{"put": {"id": "p1"}}"#).await;
    products.ask(r#"{"put": {"id": "p2"}}"#).await;
    let requests = [
        r#"{"get": {"id": "p1"}}"#,
        r#"{"get": {"id": "p2"}}"#,
        r#"{"get": {"id": "p1"}}"#,
    ];
    let answers = products.source.send(&requests.map(json)).await;
    let nodes: Vec<_> = answers
        .into_iter()
        .map(|answer| match answer.expect("is there").body {
            Value::Node(document, node) => (document, node),
            other => panic!("{other:?} is no node"),
        })
        .collect();
    assert!(
        nodes
            .iter()
            .all(|(document, _)| Arc::ptr_eq(document, &nodes[0].0))
    );
    assert_eq!(nodes[0].1, nodes[2].1);
    assert_ne!(nodes[0].1, nodes[1].1);
}

#[tokio::test]
async fn a_batch_too_large_to_read_at_once_is_answered_all_the_same() {
    let products = Fixture::products();
    for index in 0..300 {
        products
            .ask(&format!(r#"{{"put": {{"id": "p{index}"}}}}"#))
            .await;
    }
    let requests: Vec<String> = (0..300)
        .map(|index| format!(r#"{{"get": {{"id": "p{index}"}}}}"#))
        .collect();
    let requests: Vec<&str> = requests.iter().map(String::as_str).collect();
    let answers = products.ask_all(&requests).await;
    for (index, answer) in answers.iter().enumerate() {
        assert_eq!(*answer, format!(r#"{{"id":"p{index}"}}"#));
    }
}

#[tokio::test]
async fn batch_get_item_keeps_the_places_of_missing_items() {
    let products = Fixture::products();
    products
        .ask(r#"{"put": {"id": "p1", "name": "one"}}"#)
        .await;
    let request = r#"{"operation": "BatchGetItem", "tables": {"products": {"keys": [{"id": {"S": "p0"}}, {"id": {"S": "p1"}}], "projection": {"expression": "id"}}}}"#;
    assert_eq!(
        products.ask(request).await,
        r#"{"data":{"products":[null,{"id":"p1"}]},"unprocessedKeys":{"products":[]}}"#
    );
}

#[tokio::test]
async fn batch_get_item_leaves_keys_unprocessed_beyond_16_mib() {
    let products = Fixture::products();
    let filling = "x".repeat(399 * 1024);
    let mut keys = Vec::new();
    for index in 0..43 {
        products
            .ask(&format!(
                r#"{{"put": {{"id": "p{index}", "x": "{filling}"}}}}"#
            ))
            .await;
        keys.push(format!(r#"{{"id": {{"S": "p{index}"}}}}"#));
    }
    let request = format!(
        r#"{{"operation": "BatchGetItem", "tables": {{"products": {{"keys": [{}], "projection": {{"expression": "id"}}}}}}}}"#,
        keys.join(",")
    );
    let answer = products.ask(&request).await;
    assert!(
        answer.ends_with(r#"{"id":"p41"},null]},"unprocessedKeys":{"products":[{"id":"p42"}]}}"#),
        "{answer}"
    );
}

#[tokio::test]
async fn a_projection_keeps_what_it_names() {
    let products = Fixture::products();
    products
        .ask(r#"{"put": {"id": "p1", "name": "one", "deep": {"a": [1]}, "price": 5}}"#)
        .await;
    let request = r##"{"operation": "GetItem", "key": {"id": {"S": "p1"}}, "projection": {"expression": "#d, price, missing", "expressionNames": {"#d": "deep"}}}"##;
    assert_eq!(
        products.ask(request).await,
        r#"{"deep":{"a":[1]},"price":5}"#
    );
}

#[tokio::test]
async fn a_query_reads_its_partition_in_the_order_of_the_sort_key() {
    let lines = Fixture::with_lines().await;
    let items = async |request: &str| {
        let page = lines.ask(request).await;
        let numbers: Vec<i64> = json(&page)
            .view()
            .get("items")
            .expect("items")
            .items()
            .map(|item| {
                item.get("line")
                    .and_then(|line| line.as_i64())
                    .expect("a line")
            })
            .collect();
        numbers
    };
    assert_eq!(items(r#"{"query": {"id": "a"}}"#).await, [1, 2, 3, 10, 20]);
    assert_eq!(
        items(r#"{"query": {"id": "a"}, "forward": false}"#).await,
        [20, 10, 3, 2, 1]
    );
    assert_eq!(items(r#"{"query": {"id": "a", "line": 3}}"#).await, [3]);
    assert_eq!(
        items(r#"{"query": {"id": "a", "line": {"ge": 3}}}"#).await,
        [3, 10, 20]
    );
    assert_eq!(
        items(r#"{"query": {"id": "a", "line": {"lt": "2.5"}}}"#).await,
        [1, 2]
    );
    assert_eq!(items(r#"{"query": {"id": "c"}}"#).await, [0; 0]);
    assert_eq!(items(r#"{"query": {"id": null}}"#).await, [0; 0]);
}

#[tokio::test]
async fn strings_of_a_sort_key_are_found_by_their_beginning() {
    let events = Fixture::new(schema("events", Some(("at", KeyKind::String))));
    for at in ["2023-12", "2024", "2024-01", "2024-12", "2025-01"] {
        events
            .ask(&format!(r#"{{"put": {{"id": "a", "at": "{at}"}}}}"#))
            .await;
    }
    assert_eq!(
        events
            .ask(r#"{"query": {"id": "a", "at": {"beginsWith": "2024-"}}}"#)
            .await,
        r#"{"items":[{"id":"a","at":"2024-01"},{"id":"a","at":"2024-12"}],"nextToken":null,"scannedCount":2}"#
    );
}

#[tokio::test]
async fn pages_follow_each_other_in_both_directions() {
    let lines = Fixture::with_lines().await;
    for direction in ["true", "false"] {
        let mut seen = Vec::new();
        let mut next = "null".to_owned();
        loop {
            let request = format!(
                r#"{{"query": {{"id": "a"}}, "limit": 2, "forward": {direction}, "nextToken": {next}}}"#
            );
            let page = lines.ask(&request).await;
            let value = json(&page);
            for item in value.view().get("items").expect("items").items() {
                seen.push(
                    item.get("line")
                        .and_then(|line| line.as_i64())
                        .expect("a line"),
                );
            }
            match token(&page) {
                Some(token) => next = format!(r#""{token}""#),
                None => break,
            }
        }
        if direction == "false" {
            seen.reverse();
        }
        assert_eq!(seen, [1, 2, 3, 10, 20]);
    }
}

#[tokio::test]
async fn a_scan_goes_through_all_partitions() {
    let lines = Fixture::with_lines().await;
    let first = lines.ask(r#"{"operation": "Scan", "limit": 5}"#).await;
    let token = token(&first).expect("a token");
    assert_eq!(
        lines
            .ask(&format!(
                r#"{{"operation": "Scan", "nextToken": "{token}"}}"#
            ))
            .await,
        r#"{"items":[{"id":"b","line":1}],"nextToken":null,"scannedCount":1}"#
    );
}

#[tokio::test]
async fn a_page_ends_at_a_mebibyte() {
    let products = Fixture::products();
    let filling = "x".repeat(300 * 1024);
    for index in 0..6 {
        products
            .ask(&format!(
                r#"{{"put": {{"id": "p{index}", "x": "{filling}"}}}}"#
            ))
            .await;
    }
    let page = products
        .ask(r#"{"operation": "Scan", "projection": {"expression": "id"}}"#)
        .await;
    assert!(token(&page).is_some());
    assert!(page.ends_with(r#""scannedCount":4}"#), "{page}");
}

#[tokio::test]
async fn a_token_is_good_for_its_own_table_and_operation_only() {
    let lines = Fixture::with_lines().await;
    let page = lines.ask(r#"{"query": {"id": "a"}, "limit": 2}"#).await;
    let token = token(&page).expect("a token");
    let query = |id: &str, token: &str| {
        format!(r#"{{"query": {{"id": "{id}"}}, "limit": 2, "nextToken": "{token}"}}"#)
    };
    assert!(lines.ask(&query("a", &token)).await.contains(r#""line":3"#));
    assert!(
        lines
            .ask(&query("b", &token))
            .await
            .contains("outside query boundaries")
    );
    let scan = format!(r#"{{"scan": {{}}, "nextToken": "{token}"}}"#);
    let refused = "DynamoDB:DynamoDbException: Invalid pagination token given: it was not issued for this request";
    assert_eq!(lines.ask(&scan).await, refused);
    for index in 0..token.len() {
        let mut forged = token.clone().into_bytes();
        forged[index] = if forged[index] == b'A' { b'B' } else { b'A' };
        let forged = String::from_utf8(forged).expect("ASCII");
        assert_eq!(
            lines.ask(&query("a", &forged)).await,
            refused,
            "character {index}"
        );
    }
    let store = &lines.source.store;
    let other =
        KeyValue::open(store, schema("other", Some(("line", KeyKind::Number)))).expect("a table");
    let answer = print(other.send(&[json(&query("a", &token))]).await.remove(0));
    assert_eq!(answer, refused);
}

#[tokio::test]
async fn what_was_answered_is_there_after_opening_again() {
    let lines = Fixture::with_lines().await;
    let page = lines.ask(r#"{"query": {"id": "a"}, "limit": 4}"#).await;
    let token = token(&page).expect("a token");
    let Fixture { source, folder } = lines;
    drop(source);
    let store = Store::open(&file(folder.path())).expect("the store again");
    let schema = schema("lines", Some(("line", KeyKind::Number)));
    let source = KeyValue::open(&store, schema).expect("the table again");
    let lines = Fixture { source, folder };
    let rest = format!(r#"{{"query": {{"id": "a"}}, "nextToken": "{token}"}}"#);
    assert_eq!(
        lines.ask(&rest).await,
        r#"{"items":[{"id":"a","line":20}],"nextToken":null,"scannedCount":1}"#
    );
}

#[tokio::test]
async fn a_copy_of_the_file_at_any_acknowledged_moment_has_all_that_was_acknowledged() {
    let products = Fixture::products();
    for index in 0..20 {
        products
            .ask(&format!(r#"{{"put": {{"id": "p{index:02}"}}}}"#))
            .await;
        // What a crash at this moment would leave: the file as it is, nobody closed it.
        let after = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(after.path().join("data")).expect("a folder");
        std::fs::copy(file(products.folder.path()), file(after.path())).expect("a copy");
        let store = Store::open(&file(after.path())).expect("the copy opens");
        let source = KeyValue::open(&store, schema("products", None)).expect("a table");
        let copy = Fixture {
            source,
            folder: after,
        };
        let page = copy.ask(r#"{"scan": {}}"#).await;
        let count = format!(r#""scannedCount":{}}}"#, index + 1);
        assert!(page.ends_with(&count), "{page}");
    }
}

#[tokio::test]
async fn writes_at_the_same_time_are_all_kept() {
    let products = Fixture::products();
    let requests: Vec<Value> = (0..2000)
        .map(|index| json(&format!(r#"{{"put": {{"id": "p{index}"}}}}"#)))
        .collect();
    let answers = products.source.send(&requests).await;
    assert!(answers.iter().all(Result::is_ok));
    let page = products.ask(r#"{"scan": {}}"#).await;
    assert!(page.ends_with(r#""scannedCount":2000}"#));
}

#[tokio::test]
async fn a_store_that_is_open_already_is_shared() {
    let products = Fixture::products();
    let path = file(products.folder.path());
    let (first, second) = (Store::open(&path), Store::open(&path));
    let (first, second) = (first.expect("is open"), second.expect("is open"));
    assert!(Arc::ptr_eq(&first, &second));
}

#[tokio::test]
async fn a_file_that_is_no_store_is_not_touched() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("loomgate.redb");
    std::fs::write(&path, "something else").expect("a file");
    let error = Store::open(&path).expect_err("is no store");
    assert!(
        error.to_string().starts_with("cannot open the store"),
        "{error}"
    );
    assert_eq!(std::fs::read(&path).expect("is there"), b"something else");
}

#[tokio::test]
async fn a_table_keeps_the_key_it_was_created_with() {
    let products = Fixture::products();
    let store = &products.source.store;
    assert!(KeyValue::open(store, schema("products", None)).is_ok());
    let error = KeyValue::open(store, schema("products", Some(("line", KeyKind::Number))));
    assert_eq!(
        error.expect_err("has another key").to_string(),
        "table `products` was created with partition key `id` (S), no sort key, but is configured \
         with partition key `id` (S), sort key `line` (N); use another table name, or remove the \
         store to begin anew"
    );
}

#[tokio::test]
async fn a_seed_fills_an_empty_table_once() {
    let products = Fixture::products();
    let items = [json(r#"{"id": "p1", "n": 1}"#), json(r#"{"id": "p2"}"#)];
    assert_eq!(products.source.seed(&items).expect("is empty"), 2);
    assert_eq!(products.source.seed(&items).expect("is not empty"), 0);
    assert_eq!(
        products.ask(r#"{"get": {"id": "p1"}}"#).await,
        r#"{"id":"p1","n":1}"#
    );
}

#[tokio::test]
async fn a_seed_with_a_fault_names_it_and_puts_nothing() {
    let products = Fixture::products();
    let fault = |second: &str| {
        let items = [json(r#"{"id": "p1"}"#), json(second)];
        let schema = schema("products", None);
        let found: Vec<usize> = super::seed_faults(&schema, items.clone())
            .map(|fault| fault.index)
            .collect();
        assert_eq!(found, [1], "a check finds what the store refuses: {second}");
        products.source.seed(&items).expect_err(second).to_string()
    };
    assert_eq!(fault("[]"), "item 1: an item is an object");
    assert!(fault(r#"{"name": "x"}"#).starts_with("item 1: One or more parameter values"));
    assert!(fault(r#"{"id": 5}"#).starts_with("item 1, attribute `id`: One or more"));
    assert!(
        fault(r#"{"id": "p2", "n": 1e500}"#).starts_with("item 1, attribute `n`: Number overflow")
    );
    assert_eq!(
        fault(r#"{"id": "p1"}"#),
        "item 1: an item before it has the same key"
    );
    assert!(
        products
            .ask(r#"{"scan": {}}"#)
            .await
            .ends_with(r#""scannedCount":0}"#)
    );
}
