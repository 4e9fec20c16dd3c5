use super::{
    super::{Namespace, Run, Services, Thrown},
    DYNAMODB, Typed,
};
use crate::{json::Value, mapping::turn::Turn};

/// Calls a function of a namespace with JSON texts: the value as JSON text, or the message.
pub(in super::super) fn call(
    namespace: &'static Namespace,
    name: &str,
    arguments: &[&str],
    turn: &mut Turn,
) -> Result<String, String> {
    let builtin = namespace.functions.iter().find(|it| it.name == name);
    let builtin = builtin.unwrap_or_else(|| panic!("there is no {name}"));
    let arguments = arguments
        .iter()
        .map(|it| Value::parse((*it).to_owned()).expect("JSON"));
    let arguments: Vec<Value> = arguments.collect();
    assert!(
        builtin.arity.contains(&arguments.len()),
        "{name} takes {:?}",
        builtin.arity
    );
    let Run::Values(run) = builtin.run else {
        panic!("{name} works with objects")
    };
    let mut services = Services {
        turn,
        auth_type: "",
        place: Some((3, 7)),
    };
    match run(&mut services, &arguments) {
        Ok(value) => Ok(json(&value)),
        Err(Thrown::Error(error)) => Err(error.message),
        Err(other) => panic!("{name}: {other:?}"),
    }
}

pub(in super::super) fn json(value: &Value) -> String {
    let mut out = Vec::new();
    value.view().write(&mut out);
    String::from_utf8(out).expect("JSON is UTF-8")
}

/// What a function makes of one argument.
fn made(name: &str, argument: &str) -> String {
    let result = call(&DYNAMODB, name, &[argument], &mut Turn::default());
    result.unwrap_or_else(|message| panic!("{name}({argument}): {message}"))
}

fn refused(name: &str, argument: &str) -> String {
    let result = call(&DYNAMODB, name, &[argument], &mut Turn::default());
    result.expect_err(name)
}

#[test]
fn values_get_the_type_that_they_have() {
    let check = |value, expected| assert_eq!(made("toDynamoDB", value), expected);
    check(r#""test""#, r#"{"S":"test"}"#);
    check("12345", r#"{"N":12345}"#);
    check("true", r#"{"BOOL":true}"#);
    check("null", r#"{"NULL":null}"#);
    check("[]", r#"{"L":[]}"#);
    check(r#"["a","a"]"#, r#"{"L":[{"S":"a"},{"S":"a"}]}"#);
    check(
        r#"{"foo":"bar","n":1234,"l":["boop",null],"m":{}}"#,
        r#"{"M":{"foo":{"S":"bar"},"n":{"N":1234},"l":{"L":[{"S":"boop"},{"NULL":null}]},"m":{"M":{}}}}"#,
    );
    // What looks like a set is an object all the same.
    check(r#"{"SS":["a"]}"#, r#"{"M":{"SS":{"L":[{"S":"a"}]}}}"#);
}

#[test]
fn numbers_keep_their_digits() {
    for digits in ["0.1", "1e400", "12345678901234567890.5", "-0", "1.10"] {
        assert_eq!(made("toDynamoDB", digits), format!(r#"{{"N":{digits}}}"#));
        assert_eq!(made("toNumber", digits), format!(r#"{{"N":{digits}}}"#));
        assert_eq!(
            made("toNumberSet", &format!("[{digits}]")),
            format!(r#"{{"NS":[{digits}]}}"#)
        );
    }
}

#[test]
fn functions_name_the_type() {
    assert_eq!(made("toString", r#""test""#), r#"{"S":"test"}"#);
    assert_eq!(made("toNumber", "12345"), r#"{"N":12345}"#);
    assert_eq!(made("toBinary", r#""Zm9v""#), r#"{"B":"Zm9v"}"#);
    assert_eq!(made("toBoolean", "true"), r#"{"BOOL":true}"#);
    assert_eq!(
        made("toStringSet", r#"["foo","bar"]"#),
        r#"{"SS":["foo","bar"]}"#
    );
    assert_eq!(
        made("toNumberSet", "[1, 23, 4.56]"),
        r#"{"NS":[1,23,4.56]}"#
    );
    assert_eq!(made("toBinarySet", r#"["foo"]"#), r#"{"BS":["foo"]}"#);
    assert_eq!(
        made("toList", r#"["foo",123,{"bar":"baz"}]"#),
        r#"{"L":[{"S":"foo"},{"N":123},{"M":{"bar":{"S":"baz"}}}]}"#
    );
    assert_eq!(made("toMap", r#"{"a":1}"#), r#"{"M":{"a":{"N":1}}}"#);
    assert_eq!(
        made("toMapValues", r#"{"a":1,"b":[]}"#),
        r#"{"a":{"N":1},"b":{"L":[]}}"#
    );
    assert_eq!(made("toMapValues", r#"{"a":1,"a":2}"#), r#"{"a":{"N":1}}"#);
}

#[test]
fn null_in_is_null_out() {
    for name in [
        "toString",
        "toNumber",
        "toBinary",
        "toBoolean",
        "toStringSet",
        "toNumberSet",
        "toBinarySet",
        "toList",
        "toMap",
        "toMapValues",
        "fromS3ObjectJson",
    ] {
        assert_eq!(made(name, "null"), "null", "{name}");
    }
    assert_eq!(made("toMapValuesJson", "null"), r#""null""#);
    let null = call(&DYNAMODB, "toNull", &[], &mut Turn::default());
    assert_eq!(null, Ok(r#"{"NULL":null}"#.to_owned()));
}

#[test]
fn each_function_has_a_twin_that_gives_text() {
    let twins = DYNAMODB
        .functions
        .iter()
        .filter(|it| it.name.starts_with("to"));
    let (texts, plain): (Vec<_>, Vec<_>) = twins.partition(|it| it.name.ends_with("Json"));
    assert_eq!(texts.len(), plain.len());
    for (value, name) in [
        (r#""a\"b""#, "toDynamoDB"),
        (r#"{"a":"ä"}"#, "toMapValues"),
        ("[1]", "toList"),
        ("12.50", "toNumber"),
    ] {
        let text = made(&format!("{name}Json"), value);
        let text = Value::parse(text).expect("a string");
        let text = text.view().as_str().expect("a string").into_owned();
        assert_eq!(text, made(name, value));
    }
}

#[test]
fn s3_objects_are_kept_as_text() {
    let s3 = |arguments: &[&str]| call(&DYNAMODB, "toS3Object", arguments, &mut Turn::default());
    let (key, bucket, region) = (r#""foo""#, r#""bar""#, r#""baz""#);
    let three = r#"{"S":"{\"s3\":{\"key\":\"foo\",\"bucket\":\"bar\",\"region\":\"baz\"}}"}"#;
    assert_eq!(s3(&[key, bucket, region]), Ok(three.to_owned()));
    assert_eq!(s3(&[key, bucket, region, "null"]), Ok(three.to_owned()));
    let four = r#"{"S":"{\"s3\":{\"key\":\"foo\",\"bucket\":\"bar\",\"region\":\"baz\",\"version\":\"v\"}}"}"#;
    assert_eq!(s3(&[key, bucket, region, r#""v""#]), Ok(four.to_owned()));
    assert_eq!(
        s3(&[key, "1", region]),
        Err("toS3Object expects a string as its bucket, not a number".to_owned())
    );
    let text = r#""{\"s3\":{\"key\":\"foo\",\"bucket\":\"bar\",\"region\":\"baz\"}}""#;
    assert_eq!(
        made("fromS3ObjectJson", text),
        r#"{"key":"foo","bucket":"bar","region":"baz"}"#
    );
    assert!(refused("fromS3ObjectJson", r#""{}""#).contains("expects a text such as"));
    assert!(refused("fromS3ObjectJson", r#""{""#).contains("expects a text such as"));
}

#[test]
fn a_wrong_argument_is_named() {
    assert_eq!(
        refused("toString", "1"),
        "toString expects a string, not a number"
    );
    assert_eq!(
        refused("toNumber", r#""1""#),
        "toNumber expects a number, not a string"
    );
    assert_eq!(
        refused("toMapJson", "[]"),
        "toMap expects an object, not a list"
    );
    assert_eq!(
        refused("toStringSet", r#"["a",null]"#),
        "toStringSet expects a list in which each item is a string, not null"
    );
}

#[test]
fn values_that_nest_deep_or_unfold_into_large_ones_are_refused() {
    let mut deep = Value::from("x");
    let mut wide = Value::from("x");
    for _ in 0..200 {
        deep = Value::from(vec![deep]);
    }
    for _ in 0..60 {
        wide = Value::from(vec![wide.clone(), wide]);
    }
    let message = |value: &Value| match Typed::default().value(value.view()) {
        Err(Thrown::Error(error)) => error.message,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        message(&deep),
        "a value for DynamoDB nests deeper than 128 levels"
    );
    assert_eq!(message(&wide), "what is made here is larger than 16 MiB");
}

#[test]
fn the_size_of_a_value_counts_what_it_has_over_and_over() {
    let mut wide = Value::from("x");
    for _ in 0..60 {
        wide = Value::from(vec![wide.clone(), wide]);
    }
    assert!(super::text_of(&wide).is_err());
    assert!(super::check_size(Value::from("abc").view(), 1).is_err());
    let text = super::text_of(&Value::from(vec![Value::from("abc")]));
    assert_eq!(
        text.map(|text| json(&text)),
        Ok(r#""[\"abc\"]""#.to_owned())
    );
}
