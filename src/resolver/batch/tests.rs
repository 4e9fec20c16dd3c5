use super::*;
use crate::json::Document;

/// The answers of a chunk with these keys to this list, as JSON texts; failures by their message.
fn hand_out(spread: Spread, many: bool, keys: &[&str], list: &str) -> Vec<String> {
    let batch = Batch {
        key: Mapping::compile_with_overlay(
            None,
            &[],
            crate::mapping::Dialect::AppSync,
            &mut crate::config::Diagnostics::default(),
        ),
        spread,
        max: 100,
        many,
    };
    let value = |text: &str| Value::Node(Document::parse(text.to_owned().into()).unwrap(), 0);
    let keys: Vec<(Cow<'_, str>, Value)> = keys
        .iter()
        .map(|key| {
            (
                value(key).view().key_text().unwrap().into_owned().into(),
                value(key),
            )
        })
        .collect();
    let mut distinct = Vec::new();
    batch.hand_out(&Chunk::new(&keys), Ok(value(list)), &mut distinct);
    let text = |value: &Value| {
        let mut text = Vec::new();
        value.view().write(&mut text);
        String::from_utf8(text).unwrap()
    };
    distinct
        .iter()
        .map(|answer| {
            answer
                .as_ref()
                .map_or_else(|failure| failure.message.clone(), text)
        })
        .collect()
}

fn by_id() -> Spread {
    Spread::GroupBy("id".into())
}

#[test]
fn one_item_is_the_first_with_the_key() {
    let list = r#"[{"id":2},{"id":1,"n":1},{"id":1,"n":2},{"id":9},7,null]"#;
    assert_eq!(
        hand_out(by_id(), false, &["1", "2", "3"], list),
        [r#"{"id":1,"n":1}"#, r#"{"id":2}"#, "null"]
    );
}

#[test]
fn many_items_are_all_with_the_key_in_their_order() {
    let list = r#"[{"id":2},{"id":1,"n":1},{"id":1,"n":2},{"id":9}]"#;
    assert_eq!(
        hand_out(by_id(), true, &["1", "2", "3"], list),
        [r#"[{"id":1,"n":1},{"id":1,"n":2}]"#, r#"[{"id":2}]"#, "[]"]
    );
}

#[test]
fn keys_compare_by_their_text() {
    assert_eq!(
        hand_out(by_id(), false, &["1"], r#"[{"id":"1"}]"#),
        [r#"{"id":"1"}"#]
    );
    assert_eq!(
        hand_out(by_id(), false, &[r#""true""#], r#"[{"id":true}]"#),
        [r#"{"id":true}"#]
    );
    assert_eq!(
        hand_out(by_id(), false, &["1"], r#"[{"id":1.0},{"id":[1]},{}]"#),
        ["null"]
    );
}

#[test]
fn in_order_a_null_is_what_is_missing() {
    assert_eq!(
        hand_out(Spread::Order, false, &["1", "2"], "[null,5]"),
        ["null", "5"]
    );
    assert_eq!(
        hand_out(Spread::Order, true, &["1", "2"], "[null,[5]]"),
        ["[]", "[5]"]
    );
}

#[test]
fn in_order_too_few_or_too_many_fail_all() {
    for list in ["[1]", "[1,2,3]", "null"] {
        let answers = hand_out(Spread::Order, false, &["1", "2"], list);
        assert_eq!(answers.len(), 2);
        assert!(
            answers[0].starts_with("a batch of 2 keys") && answers[0] == answers[1],
            "{answers:?}"
        );
    }
}

#[test]
fn what_is_no_list_fails_all_and_null_is_an_empty_one() {
    let failed = "a batch must be answered with a list";
    assert_eq!(hand_out(by_id(), true, &["1", "2"], "{}"), [failed, failed]);
    assert_eq!(hand_out(by_id(), true, &["1", "2"], "null"), ["[]", "[]"]);
}
