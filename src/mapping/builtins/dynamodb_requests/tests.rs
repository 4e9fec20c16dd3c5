use super::{super::dynamodb::tests::call, DYNAMODB_REQUESTS, operations::OPERATIONS};
use crate::mapping::turn::Turn;

/// Calls, with their argument and the request, as AppSync was seen to make it or as its types say.
const REQUESTS: &str = include_str!("tests/requests.tsv");

fn made(name: &str, argument: &str) -> Result<String, String> {
    call(&DYNAMODB_REQUESTS, name, &[argument], &mut Turn::default())
}

fn refused(name: &str, argument: &str) -> String {
    made(name, argument).expect_err(argument)
}

/// The expression of an update, its names and its values.
fn update(update: &str) -> String {
    let argument = format!(r#"{{"key":{{"id":"1"}},"update":{update}}}"#);
    let request = made("update", &argument).unwrap_or_else(|message| panic!("{message}"));
    let prefix = r#"{"operation":"UpdateItem","key":{"id":{"S":"1"}},"update":"#;
    let update = request.strip_prefix(prefix).expect("an update");
    update.strip_suffix('}').expect("an update").to_owned()
}

fn operation(name: &str, arguments: &[&str]) -> String {
    let marker = call(&OPERATIONS, name, arguments, &mut Turn::default());
    marker.unwrap_or_else(|message| panic!("{name}: {message}"))
}

#[test]
fn requests_are_made_of_plain_values() {
    for line in REQUESTS.lines() {
        let [name, argument, expected] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("three columns: {line}")
        };
        assert_eq!(
            made(name, argument).as_deref(),
            Ok(expected),
            "{name}({argument})"
        );
    }
}

#[test]
fn operations_are_objects_that_say_what_to_do() {
    assert_eq!(
        operation("add", &["10"]),
        r#"{"type":"OPERATION_ADD","value":10}"#
    );
    assert_eq!(
        operation("replace", &["{}"]),
        r#"{"type":"OPERATION_REPLACE","value":{}}"#
    );
    assert_eq!(operation("remove", &[]), r#"{"type":"OPERATION_REMOVE"}"#);
    assert_eq!(
        operation("increment", &["10"]),
        r#"{"type":"OPERATION_INCREMENT","by":10}"#
    );
    assert_eq!(
        operation("decrement", &["10"]),
        r#"{"type":"OPERATION_DECREMENT","by":10}"#
    );
    assert_eq!(
        operation("increment", &[]),
        r#"{"type":"OPERATION_INCREMENT"}"#
    );
    assert_eq!(
        operation("append", &["[1]"]),
        r#"{"type":"OPERATION_APPEND","items":[1]}"#
    );
    assert_eq!(
        operation("prepend", &["[1]"]),
        r#"{"type":"OPERATION_PREPEND","items":[1]}"#
    );
    let wrong = |name, arguments: &[&str]| call(&OPERATIONS, name, arguments, &mut Turn::default());
    assert_eq!(
        wrong("increment", &["\"1\""]),
        Err("operations.increment expects a number, not a string".to_owned())
    );
    assert_eq!(
        wrong("append", &["1"]),
        Err("operations.append expects a list, not a number".to_owned())
    );
    assert_eq!(
        wrong("updateListItem", &["1", "-1"]),
        Err("operations.updateListItem expects the index of an item, counted from 0".to_owned())
    );
}

#[test]
fn each_operation_has_its_clause() {
    let check = |name, arguments: &[&str], clause: &str, value: &str| {
        let attribute = format!(r#"{{"age":{}}}"#, operation(name, arguments));
        let expected = format!(
            r##"{{"expression":"{clause}","expressionNames":{{"#expName_1":"age"}},"expressionValues":{value}}}"##
        );
        assert_eq!(update(&attribute), expected, "{name}");
    };
    let ten = r#"{":expValue_1":{"N":10}}"#;
    let list = r#"{":expValue_1":{"L":[{"N":1},{"N":2}]}}"#;
    check("add", &["10"], "SET #expName_1 = :expValue_1", ten);
    check("replace", &["10"], "SET #expName_1 = :expValue_1", ten);
    check(
        "increment",
        &["10"],
        "SET #expName_1 = #expName_1 + :expValue_1",
        ten,
    );
    check(
        "decrement",
        &["10"],
        "SET #expName_1 = #expName_1 - :expValue_1",
        ten,
    );
    check(
        "append",
        &["[1,2]"],
        "SET #expName_1 = list_append(#expName_1, :expValue_1)",
        list,
    );
    check(
        "prepend",
        &["[1,2]"],
        "SET #expName_1 = list_append(:expValue_1, #expName_1)",
        list,
    );
    check("remove", &[], "REMOVE #expName_1", "{}");
    let one = r#"{":expValue_1":{"N":1}}"#;
    check(
        "increment",
        &[],
        "SET #expName_1 = #expName_1 + :expValue_1",
        one,
    );
}

#[test]
fn what_is_set_comes_before_what_is_removed() {
    let (remove, increment) = (operation("remove", &[]), operation("increment", &["1"]));
    assert_eq!(
        update(&format!(r#"{{"b":{remove},"a":{increment},"c":{remove}}}"#)),
        r##"{"expression":"SET #expName_1 = #expName_1 + :expValue_1 REMOVE #expName_2, #expName_3","expressionNames":{"#expName_1":"a","#expName_2":"b","#expName_3":"c"},"expressionValues":{":expValue_1":{"N":1}}}"##
    );
}

#[test]
fn items_of_a_list_share_its_name() {
    let (x, y) = (
        operation("updateListItem", &["\"x\"", "1"]),
        operation("updateListItem", &["\"y\"", "2"]),
    );
    assert_eq!(
        update(&format!(r#"{{"f":[{x},{y}]}}"#)),
        r##"{"expression":"SET #expName_1[1] = :expValue_1, #expName_1[2] = :expValue_2","expressionNames":{"#expName_1":"f"},"expressionValues":{":expValue_1":{"S":"x"},":expValue_2":{"S":"y"}}}"##
    );
}

#[test]
fn plain_objects_set_what_is_in_them_by_its_path() {
    let remove = operation("remove", &[]);
    assert_eq!(
        update(&format!(
            r#"{{"address":{{"city":"Rome","geo":{{"lat":1}},"zip":{remove}}},"tags":[],"meta":{{}}}}"#
        )),
        r##"{"expression":"SET #expName_1.#expName_2 = :expValue_1, #expName_1.#expName_3.#expName_4 = :expValue_2, #expName_5 = :expValue_3, #expName_6 = :expValue_4 REMOVE #expName_1.#expName_7","expressionNames":{"#expName_1":"address","#expName_2":"city","#expName_3":"geo","#expName_4":"lat","#expName_5":"tags","#expName_6":"meta","#expName_7":"zip"},"expressionValues":{":expValue_1":{"S":"Rome"},":expValue_2":{"N":1},":expValue_3":{"L":[]},":expValue_4":{"M":{}}}}"##
    );
    let replaced = operation("replace", &[r#"{"city":"Rome"}"#]);
    assert_eq!(
        update(&format!(r#"{{"address":{replaced}}}"#)),
        r##"{"expression":"SET #expName_1 = :expValue_1","expressionNames":{"#expName_1":"address"},"expressionValues":{":expValue_1":{"M":{"city":{"S":"Rome"}}}}}"##
    );
}

#[test]
fn null_is_a_value_of_an_attribute() {
    assert_eq!(
        update(r#"{"a":null}"#),
        r##"{"expression":"SET #expName_1 = :expValue_1","expressionNames":{"#expName_1":"a"},"expressionValues":{":expValue_1":{"NULL":null}}}"##
    );
}

#[test]
fn a_wrong_part_is_named() {
    for (name, argument, expected) in [
        ("put", "null", "put: its argument must be an object"),
        ("put", "{}", "put: 'key' must be an object"),
        ("put", r#"{"key":"1"}"#, "put: 'key' must be an object"),
        (
            "put",
            r#"{"key":{"id":"1"}}"#,
            "put: 'item' must be an object",
        ),
        (
            "get",
            r#"{"key":{},"keys":1}"#,
            "get: there is no 'keys'; there are key, consistentRead, projection",
        ),
        (
            "get",
            r#"{"key":{},"consistentRead":1}"#,
            "get: 'consistentRead' must be a boolean",
        ),
        (
            "get",
            r#"{"key":{},"projection":[]}"#,
            "get: 'projection' must be a list of paths such as 'a.b'",
        ),
        (
            "get",
            r#"{"key":{},"projection":"a"}"#,
            "get: 'projection' must be a list of paths such as 'a.b'",
        ),
        (
            "update",
            r#"{"key":{},"update":{}}"#,
            "update: 'update' must change an attribute",
        ),
        (
            "update",
            r#"{"key":{}}"#,
            "update: 'update' must be an object",
        ),
        ("query", "{}", "query: 'query' must be an object"),
        (
            "query",
            r#"{"query":{}}"#,
            "query: 'query' must have a condition on a key",
        ),
        (
            "query",
            r#"{"query":{"id":{"contains":"a"}}}"#,
            "query: 'query.id' has no 'contains'; there are eq, lt, le, gt, ge, between, beginsWith",
        ),
        (
            "query",
            r#"{"query":{"id":"a"}}"#,
            r#"query: 'query' is no condition: 'id' is an object such as {"eq":…}, not a string"#,
        ),
        (
            "scan",
            r#"{"limit":"10"}"#,
            "scan: 'limit' must be a number",
        ),
        (
            "remove",
            r#"{"key":{},"condition":{"a":{"is":1}}}"#,
            "remove: 'condition' is no condition: 'a.is' is no operator; there are eq, ne, lt, le, gt, ge, in, between, beginsWith, contains, notContains, attributeExists, attributeType or size",
        ),
        (
            "batchGet",
            r#"{"tables":{"t":[]}}"#,
            "batchGet: 'tables.t' must be an object",
        ),
        (
            "batchGet",
            r#"{"tables":{"t":{"keys":[1]}}}"#,
            "batchGet: 'tables.t.keys' must be a list of objects",
        ),
        (
            "batchPut",
            r#"{"tables":{"t":{}}}"#,
            "batchPut: 'tables.t' must be a list of objects",
        ),
        (
            "transactGet",
            r#"{"items":[{"key":{}}]}"#,
            "transactGet: 'table' must be a string",
        ),
        (
            "transactWrite",
            r#"{"items":[{}]}"#,
            "transactWrite: 'items[0]' must be an object with one of putItem, updateItem, deleteItem, conditionCheck",
        ),
        (
            "transactWrite",
            r#"{"items":[{"conditionCheck":{"table":"t","key":{}}}]}"#,
            "transactWrite: 'condition' must be an object",
        ),
        (
            "toStringSet",
            "[1]",
            "toStringSet expects a list in which each item is a string, not a number",
        ),
    ] {
        assert_eq!(refused(name, argument), expected, "{name}({argument})");
    }
}

#[test]
fn updates_that_nest_too_deep_are_refused() {
    let nested = format!("{}1{}", r#"{"a":"#.repeat(40), "}".repeat(40));
    let argument = format!(r#"{{"key":{{}},"update":{nested}}}"#);
    assert_eq!(
        refused("update", &argument),
        "update: 'update' nests deeper than 32 levels"
    );
}
