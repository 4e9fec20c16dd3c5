use super::*;
use crate::{
    config::source::KeyKind,
    json::Document,
    source::keyvalue::{
        decimal::Decimal,
        key,
        schema::{KeyAttribute, Schema},
    },
};

fn schema() -> Schema {
    Schema {
        table: "t".into(),
        partition_key: KeyAttribute {
            name: "pk".into(),
            kind: KeyKind::String,
        },
        sort_key: Some(KeyAttribute {
            name: "sk".into(),
            kind: KeyKind::Number,
        }),
    }
}

fn compile(query: &str) -> Result<std::ops::Range<key::Key>, String> {
    let document = Document::parse(bytes::Bytes::copy_from_slice(query.as_bytes())).expect("JSON");
    compile_key_condition(&schema(), View::Node(&document, 0))
        .map_err(|refusal| refusal.to_string())
}

/// Whether the expression finds the item `a`, `sort`.
fn finds(expression: &str, sort: &str) -> bool {
    let query = format!(
        r##"{{"expression": "{expression}",
             "expressionNames": {{"#p": "pk"}},
             "expressionValues": {{":a": {{"S": "a"}}, ":1": {{"N": 1}}, ":5": {{"N": "5"}}}}}}"##
    );
    let mut unused = query.clone();
    for (name, binding) in [
        ("#p", r##""#p": "pk""##),
        (":1", r#", ":1": {"N": 1}"#),
        (":5", r#", ":5": {"N": "5"}"#),
    ] {
        if !expression.contains(name) {
            unused = unused.replace(binding, "");
        }
    }
    let range = compile(&unused).expect(expression);
    let mut item = key::Key::new();
    key::push_part(&mut item, &Attribute::String("a".into()));
    key::push_part(
        &mut item,
        &Attribute::Number(Decimal::parse(sort).expect("fits")),
    );
    range.contains(&item)
}

#[test]
fn a_key_condition_finds_what_it_says() {
    for (expression, found) in [
        ("#p = :a", ["0", "1", "3", "5", "6"].as_slice()),
        ("pk = :a AND sk = :1", &["1"]),
        ("pk = :a AND sk < :5", &["0", "1", "3"]),
        ("pk = :a AND sk <= :5", &["0", "1", "3", "5"]),
        ("pk = :a AND sk > :1", &["3", "5", "6"]),
        ("pk = :a AND sk >= :1", &["1", "3", "5", "6"]),
        ("sk BETWEEN :1 AND :5 AND pk = :a", &["1", "3", "5"]),
        ("(pk = :a) and ((sk between :1 and :5))", &["1", "3", "5"]),
        ("pk = :a AND :5 > sk", &["0", "1", "3"]),
        (":a = #p AND :1 <= sk", &["1", "3", "5", "6"]),
    ] {
        for sort in ["0", "1", "3", "5", "6"] {
            assert_eq!(
                finds(expression, sort),
                found.contains(&sort),
                "{expression}: {sort}"
            );
        }
    }
}

#[test]
fn a_wrong_key_condition_says_what_is_wrong() {
    let mut page = String::new();
    for query in [
        r#"{}"#,
        r#"{"expression": 5}"#,
        r#"{"expression": " "}"#,
        r#"{"expression": "pk"}"#,
        r#"{"expression": "pk = "}"#,
        r#"{"expression": "pk = :a sk"}"#,
        r#"{"expression": "pk ! :a"}"#,
        r#"{"expression": "pk = :a"}"#,
        r##"{"expression": "#p = :a", "expressionValues": {":a": {"S": "a"}}}"##,
        r#"{"expression": "pk = :a", "expressionValues": {":a": "a"}}"#,
        r#"{"expression": "pk = :a", "expressionValues": {":a": {"N": 1}}}"#,
        r#"{"expression": "pk = :a", "expressionValues": {":a": {"S": ""}}}"#,
        r#"{"expression": "pk = :a", "expressionValues": {":a": {"S": "a"}, ":b": {"S": "b"}, ":c": {"S": "c"}}}"#,
        r##"{"expression": "pk = :a", "expressionNames": {"#x": "x"}, "expressionValues": {":a": {"S": "a"}}}"##,
        r#"{"expression": "pk < :a", "expressionValues": {":a": {"S": "a"}}}"#,
        r#"{"expression": "sk = :a", "expressionValues": {":a": {"N": 1}}}"#,
        r#"{"expression": "pk = :a AND x = :a", "expressionValues": {":a": {"S": "a"}}}"#,
        r#"{"expression": "pk = :a AND pk = :a", "expressionValues": {":a": {"S": "a"}}}"#,
        r#"{"expression": "pk = :a AND sk = :b AND x = :b", "expressionValues": {":a": {"S": "a"}, ":b": {"N": 1}}}"#,
        r#"{"expression": "pk = :a AND sk <> :b", "expressionValues": {":a": {"S": "a"}, ":b": {"N": 1}}}"#,
        r#"{"expression": "pk = :a OR sk = :b"}"#,
        r#"{"expression": "NOT pk = :a"}"#,
        r#"{"expression": "pk IN (:a)"}"#,
        r#"{"expression": "pk = :a AND attribute_exists(sk)"}"#,
        r#"{"expression": "pk = :a AND starts(sk, :b)"}"#,
        r#"{"expression": "pk = :a AND begins_with(sk, :b)", "expressionValues": {":a": {"S": "a"}, ":b": {"N": 1}}}"#,
        r#"{"expression": "pk = :a AND sk BETWEEN :b AND :c", "expressionValues": {":a": {"S": "a"}, ":b": {"N": 2}, ":c": {"N": 1}}}"#,
        r#"{"expression": "pk.x = :a", "expressionValues": {":a": {"S": "a"}}}"#,
        r#"{"expression": "pk[0] = :a", "expressionValues": {":a": {"S": "a"}}}"#,
        r#"{"expression": "pk = sk"}"#,
    ] {
        page += &format!("{query}\n    {}\n", compile(query).expect_err(query));
    }
    insta::assert_snapshot!(page);
}

#[test]
fn an_expression_as_long_or_deep_as_one_likes_is_refused_quickly() {
    let long = format!(r#"{{"expression": "{}"}}"#, "a".repeat(100_000));
    assert!(
        compile(&long)
            .expect_err("long")
            .contains("exceeded the maximum allowed size")
    );
    let deep = format!(r#"{{"expression": "{}"}}"#, "(".repeat(4000));
    assert!(
        compile(&deep)
            .expect_err("deep")
            .contains("too many operators")
    );
}
