use proptest::prelude::*;
use serde_json::json;

use super::*;

fn matches(arguments: &str, payload: &str) -> bool {
    let filter = Filter::new(&Value::parse(arguments.to_owned()).unwrap());
    filter.matches(Value::parse(payload.to_owned()).unwrap().view())
}

#[test]
fn arguments_are_conditions() {
    let payload = r#"{"id":"7","state":"OPEN","total":1.0,"paid":false,"note":null,"tags":["a"]}"#;
    let cases = [
        // Absent: no condition.
        (r"{}", true),
        (r#"{"id":"7"}"#, true),
        (r#"{"id":"8"}"#, false),
        // Numbers by value, and never as strings.
        (r#"{"total":1}"#, true),
        (r#"{"total":1e0}"#, true),
        (r#"{"total":"1"}"#, false),
        (r#"{"id":7}"#, false),
        // Enum values are strings.
        (r#"{"state":"OPEN"}"#, true),
        (r#"{"state":"open"}"#, false),
        (r#"{"paid":false}"#, true),
        (r#"{"paid":null}"#, false),
        // Null asks for null or absent.
        (r#"{"note":null}"#, true),
        (r#"{"note":""}"#, false),
        (r#"{"unknown":null}"#, true),
        // No field has this name.
        (r#"{"unknown":"7"}"#, false),
        // All must hold.
        (r#"{"id":"7","state":"OPEN"}"#, true),
        (r#"{"id":"7","state":"SHUT"}"#, false),
        (r#"{"tags":["a"]}"#, true),
        (r#"{"tags":["b"]}"#, false),
    ];
    for (arguments, expected) in cases {
        assert_eq!(matches(arguments, payload), expected, "{arguments}");
    }
}

#[test]
fn the_type_names_that_events_say_are_no_part_of_their_values() {
    let payload = r#"{
        "__typename":"Order",
        "place":{"__typename":"Place","x":1,"of":{"__typename":"Town","y":2}},
        "lines":[{"__typename":"Line","n":1},null]
    }"#;
    let cases = [
        (r#"{"place":{"x":1,"of":{"y":2}}}"#, true),
        (r#"{"place":{"of":{"y":2.0},"x":1}}"#, true),
        (r#"{"place":{"x":1}}"#, false),
        (r#"{"place":{"x":1,"of":{"y":2},"z":3}}"#, false),
        (r#"{"place":{"x":1,"of":{"y":3}}}"#, false),
        (r#"{"place":{"x":1,"of":{}}}"#, false),
        (r#"{"lines":[{"n":1},null]}"#, true),
        (r#"{"lines":[{"n":1}]}"#, false),
        (r#"{"lines":[null,{"n":1}]}"#, false),
    ];
    for (arguments, expected) in cases {
        assert_eq!(matches(arguments, payload), expected, "{arguments}");
    }
}

#[test]
fn a_payload_that_is_no_object_has_no_fields() {
    for payload in [r#"[{"id":"7"}]"#, "7", "null"] {
        assert!(matches(r"{}", payload), "{payload}");
        assert!(matches(r#"{"id":null}"#, payload), "{payload}");
        assert!(!matches(r#"{"id":"7"}"#, payload), "{payload}");
    }
}

/// A scalar: how it is written, and what it means.
fn scalar() -> impl Strategy<Value = (&'static str, serde_json::Value)> {
    prop::sample::select(vec![
        ("null", json!(null)),
        ("true", json!(true)),
        ("false", json!(false)),
        ("1", json!(1.0)),
        ("1.0", json!(1.0)),
        ("10e-1", json!(1.0)),
        ("-0.0", json!(0.0)),
        ("0", json!(0.0)),
        ("2.5", json!(2.5)),
        (r#""1""#, json!("1")),
        (r#""""#, json!("")),
        (r#""\u0041""#, json!("A")),
        (r#""A""#, json!("A")),
    ])
}

type Written = std::collections::BTreeMap<&'static str, (&'static str, serde_json::Value)>;

fn object() -> impl Strategy<Value = Written> {
    let name = prop::sample::select(vec!["a", "b", "c", "d"]);
    prop::collection::btree_map(name, scalar(), 0..4)
}

fn text(object: &Written) -> String {
    let members = object.iter();
    let members = members.map(|(name, (value, _))| format!("\"{name}\":{value}"));
    format!("{{{}}}", members.collect::<Vec<_>>().join(","))
}

/// The rule, read aloud: told, unless some given argument is violated.
fn naive(arguments: &Written, payload: &Written) -> bool {
    for (name, (_, wanted)) in arguments {
        let violated = match (wanted, payload.get(name)) {
            (serde_json::Value::Null, None) => false,
            (_, None) => true,
            (wanted, Some((_, found))) if wanted.is_f64() && found.is_f64() => {
                wanted.as_f64() != found.as_f64()
            }
            (wanted, Some((_, found))) => wanted != found,
        };
        if violated {
            return false;
        }
    }
    true
}

proptest! {
    #[test]
    fn a_filter_equals_its_naive_reading(arguments in object(), payload in object()) {
        let expected = naive(&arguments, &payload);
        prop_assert_eq!(matches(&text(&arguments), &text(&payload)), expected);
    }
}
