//! What JSON means here, by example; the laws are in `laws`.

mod laws;

use std::sync::Arc;

use bytes::Bytes;
use serde_json::json;

use super::{
    Document, Kind, Number, Object, Value, View,
    document::{Node, Tag},
    write_string,
};

fn value(text: &str) -> Value {
    Value::parse(text.to_owned()).expect("the text of a test is JSON")
}

fn written(view: View<'_>) -> String {
    let mut out = Vec::new();
    view.write(&mut out);
    String::from_utf8(out).unwrap()
}

fn error(text: impl Into<Bytes>) -> String {
    Document::parse(text.into()).unwrap_err().to_string()
}

fn number(text: &str) -> Number {
    Number::parse(text).expect("a number")
}

#[test]
fn a_node_takes_sixteen_bytes() {
    assert_eq!(size_of::<Node>(), 16);
}

#[test]
fn a_document_is_read_in_place() {
    let post = value(
        r#" {"id": 7, "title": "Hé \"llo\"", "tags": ["a", "b"], "draft": false, "by": null} "#,
    );
    let post = post.view();
    assert_eq!(post.kind(), Kind::Object);
    assert_eq!(post.len(), 5);
    assert_eq!(post.get("id").and_then(View::as_i64), Some(7));
    assert_eq!(
        post.get("title").and_then(View::as_str).as_deref(),
        Some("Hé \"llo\"")
    );
    assert_eq!(
        post.get("title").and_then(View::raw),
        Some(r#""Hé \"llo\"""#.as_bytes())
    );
    assert_eq!(post.get("draft").and_then(View::as_bool), Some(false));
    assert!(post.get("by").is_some_and(View::is_null));
    assert!(post.get("none").is_none());
    let tags = post.get("tags").unwrap();
    assert_eq!(tags.len(), 2);
    assert_eq!(tags.item(1).and_then(View::as_str).as_deref(), Some("b"));
    assert!(tags.item(2).is_none());
    assert!(tags.get("id").is_none());
    let names: Vec<_> = post.entries().map(|(name, _)| name).collect();
    assert_eq!(names, ["id", "title", "tags", "draft", "by"]);
}

#[test]
fn what_was_built_reads_like_what_was_parsed() {
    let text = r#"{"a":[1,2.5,"x\ny",true,null,{}],"b":{"c":[]}}"#;
    let built = Value::from(serde_json::from_str::<serde_json::Value>(text).unwrap());
    let parsed = value(text);
    assert_eq!(built, parsed);
    assert_eq!(written(built.view()), text);
    let a = built.view().get("a").unwrap();
    assert_eq!((a.len(), a.items().count()), (6, 6));
    assert_eq!(a.item(0).and_then(View::as_i64), Some(1));
    assert_eq!(a.item(1).and_then(View::as_f64), Some(2.5));
    assert_eq!(a.item(2).and_then(View::as_str).as_deref(), Some("x\ny"));
    assert!(a.item(5).is_some_and(View::is_empty));
    assert!(a.raw().is_none());
    assert_eq!(serde_json::to_string(&built).unwrap(), text);
    assert_eq!(serde_json::to_string(&parsed).unwrap(), text);
}

#[test]
fn containers_that_are_empty_are_empty() {
    let lists = value(r#"[[],{},[ ],{ },[0],{"a":0},"",0]"#);
    let empty: Vec<_> = lists.view().items().map(View::is_empty).collect();
    assert_eq!(empty, [true, true, true, true, false, false, true, true]);
    let lens: Vec<_> = lists.view().items().map(View::len).collect();
    assert_eq!(lens, [0, 0, 0, 0, 1, 1, 0, 0]);
}

#[test]
fn scalars_have_no_inside() {
    for text in ["null", "true", "1", "\"x\"", "{}"] {
        assert_eq!(value(text).view().items().count(), 0, "{text}");
    }
    for text in ["null", "true", "1", "\"x\"", "[1]"] {
        assert_eq!(value(text).view().entries().count(), 0, "{text}");
    }
}

#[test]
fn the_first_of_a_repeated_name_is_read() {
    let object = value(r#"{"a":1,"a":2,"b":3}"#);
    assert_eq!(object.view().get("a").and_then(View::as_i64), Some(1));
    assert_eq!(object, value(r#"{"b":3,"a":1}"#));
    assert_ne!(object, value(r#"{"b":3,"a":2}"#));
}

#[test]
fn a_hint_never_finds_a_repetition() {
    for repeating in [
        r#"{"a":1,"a":2}"#,
        r#"{"\u0061":1,"a":2}"#,
        r#"{"a":1,"\u0061":2}"#,
    ] {
        // In the first object `a` stands where the repetition stands in the second.
        let rows = value(&format!(r#"[{{"b":0,"a":0}},{repeating}]"#));
        let mut hint = 0;
        let found: Vec<_> = rows
            .view()
            .items()
            .map(|row| row.get_hinted("a", &mut hint))
            .collect();
        assert_eq!(found[1].and_then(View::as_i64), Some(1), "{repeating}");
    }
}

#[test]
fn a_hint_does_not_reach_into_other_objects() {
    let rows = value(r#"[{"x":0,"y":1},{"x":0},{"y":5}]"#);
    let mut hint = 0;
    let found = rows
        .view()
        .items()
        .map(|row| row.get_hinted("y", &mut hint));
    let found: Vec<_> = found.map(|view| view.and_then(View::as_i64)).collect();
    assert_eq!(found, [Some(1), None, Some(5)]);
    let nested = value(r#"[{"x":0,"y":1},{"x":{"y":2}},{"z":{"y":3},"y":4}]"#);
    let mut hint = 0;
    let found = nested
        .view()
        .items()
        .map(|row| row.get_hinted("y", &mut hint));
    let found: Vec<_> = found.map(|view| view.and_then(View::as_i64)).collect();
    assert_eq!(found, [Some(1), None, Some(4)]);
}

#[test]
fn a_hint_is_of_use_for_names_that_do_not_repeat() {
    let Value::Node(document, _) = value(r#"{"userId":1,"id":2,"title":"","body":""}"#) else {
        panic!("a parsed value is a node");
    };
    let tags = (0..9).step_by(2).map(|place| document.node(place + 1).tag);
    assert_eq!(tags.take(4).collect::<Vec<_>>(), [Tag::Key; 4]);
}

#[test]
fn wrong_texts_are_refused_where_they_are_wrong() {
    let cases = [
        ("", "expected a value at byte 0"),
        ("  ", "expected a value at byte 2"),
        ("nul", "expected a value at byte 0"),
        ("1 2", "expected the end of the text at byte 2"),
        ("01", "expected the end of the text at byte 1"),
        ("[01]", "expected `,` or `]` at byte 2"),
        ("-", "expected a digit at byte 1"),
        ("+1", "expected a value at byte 0"),
        (".5", "expected a value at byte 0"),
        ("1.", "expected a digit at byte 2"),
        ("1e+", "expected a digit at byte 3"),
        ("[1,]", "expected a value at byte 3"),
        ("[1", "expected `,` or `]` at byte 2"),
        ("[1}", "expected `,` or `]` at byte 2"),
        ("]", "expected a value at byte 0"),
        ("{", "expected a name in quotes at byte 1"),
        (r#"{"a" 1}"#, "expected `:` at byte 5"),
        (r#"{"a":1,}"#, "expected a name in quotes at byte 7"),
        (r#"{"a":1]"#, "expected `,` or `}` at byte 6"),
        ("{1:2}", "expected a name in quotes at byte 1"),
        (r#"""#, "the string is not closed at byte 1"),
        (r#""\"#, "the string is not closed at byte 1"),
        (r#""\x""#, "there is no such escape at byte 1"),
        (r#""\u12g4""#, "expected four hexadecimal digits at byte 1"),
        (r#""\u12""#, "expected four hexadecimal digits at byte 1"),
        ("\"a\nb\"", "a control character must be escaped at byte 2"),
        ("'a'", "expected a value at byte 0"),
        ("\u{feff}1", "expected a value at byte 0"),
        ("NaN", "expected a value at byte 0"),
        ("1 // one", "expected the end of the text at byte 2"),
        ("\u{a0}1", "expected a value at byte 0"),
        ("\u{b}1", "expected a value at byte 0"),
    ];
    for (text, expected) in cases {
        assert_eq!(error(text), expected, "{text:?}");
    }
    assert_eq!(error(&b"\"\xff\""[..]), "the text is not UTF-8 at byte 1");
}

#[test]
fn nesting_is_bounded() {
    let nested = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(Document::parse(nested(128).into()).is_ok());
    assert_eq!(error(nested(129)), "nested deeper than 128 at byte 128");
    // Siblings do not add up.
    let flat = format!("[{}]", [nested(127), nested(127)].join(","));
    assert!(Document::parse(flat.into()).is_ok());
    assert!(Document::parse("[".repeat(1_000_000).into()).is_err());
}

#[test]
fn escapes_are_read() {
    let text = value(r#""\"\\\/\b\f\n\r\t\u0041\u00e9\uD83D\uDE00é""#);
    assert_eq!(
        text.view().as_str().as_deref(),
        Some("\"\\/\x08\x0c\n\r\tAé😀é")
    );
    let lone = value(r#"["\ud800","\udc00x","\ud800\ud800\udc00","\ud800\u0041","\ud83dé"]"#);
    let read: Vec<_> = lone.view().items().filter_map(View::as_str).collect();
    assert_eq!(
        read,
        [
            "\u{fffd}",
            "\u{fffd}x",
            "\u{fffd}\u{10000}",
            "\u{fffd}A",
            "\u{fffd}é"
        ]
    );
}

#[test]
fn escaped_names_are_found_by_what_they_mean() {
    let object = value(r#"{"\u0061\n":1}"#);
    assert_eq!(object.view().get("a\n").and_then(View::as_i64), Some(1));
    assert_eq!(
        object
            .view()
            .get_hinted("a\n", &mut 1)
            .and_then(View::as_i64),
        Some(1)
    );
    assert!(object.view().get("\\u0061\\n").is_none());
    assert_eq!(object.view().entries().next().unwrap().0, "a\n");
}

#[test]
fn only_insignificant_whitespace_is_lost_in_writing() {
    let loose = value("{ \"a b\" : [ 1 , 2.50 ,\t[3,4] ] ,\n \"\\u0062\": { } , \"c\":\" \" }");
    assert_eq!(
        written(loose.view()),
        r#"{"a b":[1,2.50,[3,4]],"\u0062":{},"c":" "}"#
    );
    assert_eq!(
        written(loose.view().get("a b").unwrap().item(2).unwrap()),
        "[3,4]"
    );
    // Whitespace around a value is not in it.
    assert_eq!(written(value(" [1,2] ").view()), "[1,2]");
}

#[test]
fn key_text_tells_scalars_apart() {
    let scalars = value(r#"["a\u0062",1,1.0,true,false,null,[1],{}]"#);
    let texts: Vec<_> = scalars.view().items().map(View::key_text).collect();
    let texts: Vec<_> = texts.iter().map(Option::as_deref).collect();
    let expected = [
        Some("ab"),
        Some("1"),
        Some("1.0"),
        Some("true"),
        Some("false"),
    ];
    assert_eq!(texts[..5], expected);
    assert_eq!(texts[5..], [None; 3]);
    let built = Value::from(json!(["a", 7, true, null]));
    let texts: Vec<_> = built.view().items().map(View::key_text).collect();
    let texts: Vec<_> = texts.iter().map(Option::as_deref).collect();
    assert_eq!(texts, [Some("a"), Some("7"), Some("true"), None]);
}

#[test]
fn equality_is_by_value() {
    let equal = [
        ("1", "1.0"),
        ("1", "1e0"),
        ("100", "1E+2"),
        ("0", "-0"),
        ("0", "0e999999999999999999999"),
        ("0.1", "1e-1"),
        ("12345678901234567890123", "12345678901234567890123.0"),
        (r#""a""#, r#""\u0061""#),
        ("[1,[2]]", "[ 1.0, [2] ]"),
        (r#"{"a":1,"b":[2]}"#, r#"{"b":[2.0],"\u0061":1}"#),
    ];
    for (a, b) in equal {
        assert_eq!(value(a), value(b));
    }
    let different = [
        ("1", "2"),
        ("1", "-1"),
        ("1", "true"),
        ("1", r#""1""#),
        ("null", "false"),
        ("[]", "{}"),
        ("9007199254740993", "9007199254740992.0"),
        ("1e400", "1e401"),
        ("[1,2]", "[2,1]"),
        ("12345678901234567890123", "12345678901234567890124"),
        ("[1]", "[1,1]"),
        (r#"{"a":1}"#, r#"{"a":1,"b":1}"#),
        (r#"{"a":1}"#, r#"{"b":1}"#),
        (r#""a""#, r#""A""#),
        ("1e99999999999999999999", "1e99999999999999999998"),
    ];
    for (a, b) in different {
        assert_ne!(value(a), value(b), "{a} {b}");
    }
}

#[test]
fn numbers_keep_what_they_say() {
    let float = |text| matches!(number(text), Number::Float(_));
    let text = |text| matches!(number(text), Number::Text(_));
    assert!(matches!(
        number("-9223372036854775808"),
        Number::Int(i64::MIN)
    ));
    assert!(float("-0") && float("1.50") && float("1e2") && float("0.1") && float("5e-324"));
    assert!(text("9223372036854775808") && text("1e400") && text("0.10000000000000000001"));
    assert!(text("9007199254740993.0"));
    let mut out = Vec::new();
    for source in ["1", "-0", "1e2", "1e400", "18446744073709551615", "0.10"] {
        number(source).write(&mut out);
        out.push(b' ');
    }
    assert_eq!(
        String::from_utf8(out).unwrap(),
        "1 -0.0 100.0 1e400 18446744073709551615 0.1 "
    );
    for wrong in [
        "", "-", "01", "1.", ".1", "1e", "1e+", "+1", " 1", "1 ", "0x1", "inf", "NaN", "1e1.0",
        "--1", "1e+-1",
    ] {
        assert!(Number::parse(wrong).is_none(), "{wrong:?}");
    }
}

#[test]
fn whole_numbers_are_integers_however_they_are_written() {
    let whole = [
        ("1.0", 1),
        ("1e2", 100),
        ("-0", 0),
        ("-0.0", 0),
        ("9007199254740993.0", 9_007_199_254_740_993),
        ("9223372036854775807.0", i64::MAX),
        ("-9223372036854775808", i64::MIN),
        ("1230e-1", 123),
        ("0.5e1", 5),
        ("0e999999999999999999999", 0),
    ];
    for (text, expected) in whole {
        assert_eq!(value(text).view().as_i64(), Some(expected), "{text}");
        assert_eq!(number(text).as_i64(), Some(expected), "{text}");
    }
    for text in [
        "1.5",
        "1e-1",
        "9223372036854775808",
        "9223372036854775808.0",
        "1e19",
        "1e400",
        "-9223372036854775809",
    ] {
        assert_eq!(value(text).view().as_i64(), None, "{text}");
        assert_eq!(number(text).as_i64(), None, "{text}");
    }
    assert_eq!(value("\"1\"").view().as_i64(), None);
}

#[test]
fn doubles_are_the_nearest_or_none() {
    assert_eq!(value("1e400").view().as_f64(), None);
    assert_eq!(number("1e400").as_f64(), None);
    assert_eq!(
        value("9007199254740993").view().as_f64(),
        Some(9_007_199_254_740_992.0)
    );
    assert_eq!(value("1").view().as_f64(), Some(1.0));
    assert_eq!(value("true").view().as_f64(), None);
}

#[test]
fn what_json_cannot_say_becomes_null() {
    assert!(Value::from(f64::NAN).view().is_null());
    assert!(Value::from(f64::INFINITY).view().is_null());
    assert!(Number::from_f64(f64::NEG_INFINITY).is_none());
    assert_eq!(
        written(Value::Number(Number::Float(f64::NAN)).view()),
        "null"
    );
}

#[test]
fn exact_numbers_pass_through_serde() {
    let texts = "[1,2.5,123456789012345678901234567890,1e400]";
    assert_eq!(serde_json::to_string(&value(texts)).unwrap(), texts);
}

#[test]
fn strings_are_escaped_as_little_as_possible() {
    let mut out = Vec::new();
    write_string("a\"b\\c/\u{7f}\u{1}\u{1f}\n\r\t\u{8}\u{c}é😀", &mut out);
    let expected = "\"a\\\"b\\\\c/\u{7f}\\u0001\\u001f\\n\\r\\t\\b\\fé😀\"";
    assert_eq!(String::from_utf8(out).unwrap(), expected);
}

#[test]
fn a_compact_value_lets_go_of_its_document() {
    let filler = "x".repeat(1000);
    let document =
        Document::parse(format!(r#"{{"big":"{filler}","small":{{"a":[1, "\u0062"]}}}}"#).into())
            .unwrap();
    let small = document.root().get("small").unwrap().to_value();
    let compact = small.compact();
    assert_eq!(compact, small);
    drop(small);
    assert_eq!(Arc::strong_count(&document), 1);
    let list = Value::from(vec![
        document.root().get("small").unwrap().to_value(),
        Value::Null,
    ]);
    let mut object = Object::default();
    object.insert("list".into(), list);
    let object = Value::from(object);
    assert_eq!(Arc::strong_count(&document), 2);
    let compact = object.compact();
    assert_eq!(compact, object);
    drop(object);
    assert_eq!(Arc::strong_count(&document), 1);
    // The big part stays where it is.
    let _big = document.root().get("big").unwrap().to_value().compact();
    assert_eq!(Arc::strong_count(&document), 2);
}

#[test]
fn size_follows_what_is_kept() {
    assert_eq!(value(r#"{"a": [1, 2]}"#).view().get("a").unwrap().size(), 6);
    let built = Value::from(json!({"a": ["x".repeat(100)]}));
    assert!((100..300).contains(&built.view().size()));
}
