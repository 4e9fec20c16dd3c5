use proptest::prelude::*;

use super::{Data, Node, parse, parse_json};
use crate::config::Diagnostics;

fn read(text: &str) -> Node {
    let (node, faults) = attempt(text);
    assert!(faults.is_empty(), "{}", faults.render(false));
    node.expect("a text without faults is read")
}

fn attempt(text: &str) -> (Option<Node>, Diagnostics) {
    let mut faults = Diagnostics::default();
    let file = faults.files.register("a.yaml", text);
    (parse(file, text, &mut faults), faults)
}

fn read_json(text: &str) -> (Option<Node>, Diagnostics) {
    let mut faults = Diagnostics::default();
    let file = faults.files.register("a.json", text);
    (parse_json(file, text, &mut faults), faults)
}

/// The node as JSON, and for text with verbatim characters what stands there.
fn shown(text: &str, node: &Node) -> serde_json::Value {
    use serde_json::{Value, json};
    match &node.data {
        Data::Null => Value::Null,
        Data::Bool(value) => json!(value),
        Data::Int(value) => json!(value),
        Data::Float(value) => json!(value),
        Data::String {
            text: characters,
            verbatim,
        } => {
            if let Some(span) = verbatim {
                assert_eq!(&text[span.range()], characters);
            }
            json!(characters)
        }
        Data::List(items) => items.iter().map(|item| shown(text, item)).collect(),
        Data::Map(entries) => entries
            .iter()
            .map(|(key, node)| (key.value.clone(), shown(text, node)))
            .collect(),
    }
}

fn has_verbatim(node: &Node) -> bool {
    matches!(
        &node.data,
        Data::String {
            verbatim: Some(_),
            ..
        }
    )
}

#[test]
fn plain_words_follow_the_core_schema() {
    let cases = [
        ("~", Data::Null),
        ("null", Data::Null),
        ("True", Data::Bool(true)),
        ("false", Data::Bool(false)),
        ("-12", Data::Int(-12)),
        ("+12", Data::Int(12)),
        ("0x1F", Data::Int(31)),
        ("0o17", Data::Int(15)),
        ("007", Data::Int(7)),
        ("1.50", Data::Float(1.5)),
        (".5", Data::Float(0.5)),
        ("1e3", Data::Float(1000.0)),
        (
            "9223372036854775808",
            Data::Float(9_223_372_036_854_775_808.0),
        ),
    ];
    for (word, data) in cases {
        assert_eq!(read(word).data, data, "{word}");
    }
}

#[test]
fn other_plain_words_are_text() {
    for word in [
        "yes",
        "no",
        "on",
        "0b1",
        "1_000",
        "12:30:45",
        "1.2.3",
        "5s",
        "e3",
        ".",
        "0x",
        "nULL",
        "$ctx.args.id",
    ] {
        assert_eq!(read(word).as_str(), Some(word));
    }
}

#[test]
fn quoted_words_are_always_text() {
    for word in ["1", "true", "null", ""] {
        assert_eq!(read(&format!("'{word}'")).as_str(), Some(word));
        assert_eq!(read(&format!("\"{word}\"")).as_str(), Some(word));
    }
}

#[test]
fn tags_are_refused_wherever_they_stand() {
    for text in [
        "!!str 5",
        "! 5",
        "a: !kind b",
        "!!str a: b",
        "!!map { a: b }",
        "[!!int 5]",
        "!!seq [a]",
        "a: !",
    ] {
        assert!(attempt(text).1.has_errors(), "{text}");
    }
}

#[test]
fn numbers_that_json_cannot_hold_are_refused() {
    for word in [".inf", "-.INF", ".nan", "1e999"] {
        assert!(attempt(word).1.has_errors(), "{word}");
    }
}

#[test]
fn verbatim_characters_are_those_of_the_file() {
    let text = "a: größe\nb: 'ü x'\nc: \"日本\"\nd: &x ab\n";
    let root = read(text);
    for key in ["a", "b", "c", "d"] {
        let node = root.get(key).expect("the key is there");
        assert!(has_verbatim(node), "{key}");
    }
    shown(text, &root);
}

#[test]
fn escaped_and_folded_characters_are_not_verbatim() {
    let text = "a: \"x\\ty\"\nb: 'it''s'\nc: |\n  x\nd: >-\n  x\ne: two\n  lines\nf: '''x'\ng: \"\\\"x\"\n";
    let root = read(text);
    for key in ["a", "b", "c", "d", "e", "f", "g"] {
        let node = root.get(key).expect("the key is there");
        assert!(!has_verbatim(node), "{key}");
    }
}

#[test]
fn spans_cover_what_is_written() {
    let text = "# ü\nmap:\n  a: 1\n  b: [x, y]   # end\n\nflow: { k: v }\nopen: [ # here\n  x ]  # \"]\"\nblock: |\n  one\n  two\n\nlast: z\n";
    let root = read(text);
    let written = |key: &str| {
        let node = root.get(key).expect("the key is there");
        &text[node.span.range()]
    };
    assert_eq!(written("map"), "a: 1\n  b: [x, y]");
    assert_eq!(written("flow"), "{ k: v }");
    assert_eq!(written("open"), "[ # here\n  x ]");
    assert_eq!(written("block"), "one\n  two");
    assert_eq!(written("last"), "z");
}

#[test]
fn aliases_repeat_what_they_name() {
    let root = read("a: &a { x: [1] }\nb: *a\nc: [*a, *a]\n");
    assert_eq!(root.get("b"), root.get("a"));
}

#[test]
fn an_alias_of_itself_is_refused() {
    assert!(attempt("a: &a [*a]\n").1.has_errors());
}

#[test]
fn aliases_cannot_nest_deeper_than_lists_may() {
    let mut text = "a0: &a0 [x]\n".to_owned();
    for level in 1..100 {
        text.push_str(&format!("a{level}: &a{level} [*a{}]\n", level - 1));
    }
    let (node, faults) = attempt(&text);
    assert!(node.is_none());
    assert!(faults.render(false).contains("levels deep"));
}

#[test]
fn a_key_written_twice_keeps_the_first() {
    let (node, faults) = attempt("a: 1\nb: 2\na: [3]\n");
    let node = node.expect("the rest is read");
    assert_eq!(node.get("a").map(|it| &it.data), Some(&Data::Int(1)));
    assert_eq!(faults.iter().count(), 1);
}

#[test]
fn keys_keep_the_characters_they_are_written_with() {
    let Data::Map(entries) = read("1: a\ntrue: b\n0x1F: c\n").data else {
        panic!("it is a mapping");
    };
    let keys: Vec<_> = entries.iter().map(|(key, _)| key.value.as_str()).collect();
    assert_eq!(keys, ["1", "true", "0x1F"]);
}

#[test]
fn keys_that_are_no_text_are_refused() {
    for text in ["[a]: b\n", "{a: b}: c\n", "x: &x a\n*x : b\n"] {
        assert!(attempt(text).1.has_errors(), "{text}");
    }
}

#[test]
fn json_keeps_positions_and_escapes() {
    let text =
        "\u{20}{\n\t\"größe\": [1, 2.5, true, null],\n\t\"s\": \"\\ud83e\\uddf5\", \"p\": \"ü\" }";
    let (node, faults) = read_json(text);
    assert!(faults.is_empty(), "{}", faults.render(false));
    let node = node.expect("it is JSON");
    let list = node.get("größe").expect("the key is there");
    assert_eq!(&text[list.span.range()], "[1, 2.5, true, null]");
    assert_eq!(node.get("s").and_then(Node::as_str), Some("🧵"));
    assert!(!has_verbatim(node.get("s").expect("the key is there")));
    assert!(has_verbatim(node.get("p").expect("the key is there")));
    let Data::Map(entries) = &node.data else {
        panic!("it is an object");
    };
    assert_eq!(&text[entries[0].0.span.range()], "\"größe\"");
}

#[test]
fn json_nested_too_deeply_is_refused() {
    let text = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let (node, faults) = read_json(&text);
    assert!(node.is_none() && faults.has_errors());
}

/// JSON values as people nest them, with text that needs escapes and wide characters.
fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(serde_json::Value::from),
        any::<i64>().prop_map(serde_json::Value::from),
        "[a-zü🧵 :#\"'\\\\-]{0,12}".prop_map(serde_json::Value::from),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(serde_json::Value::from),
            prop::collection::btree_map("[a-zü]{1,6}", inner, 0..5)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn json_reads_the_same_as_json_and_as_yaml(value in any_json()) {
        let text = value.to_string();
        prop_assert_eq!(&shown(&text, &read(&text)), &value);
        let (node, faults) = read_json(&text);
        prop_assert!(faults.is_empty());
        prop_assert_eq!(&shown(&text, &node.expect("it is JSON")), &value);
    }

    #[test]
    fn plain_words_stand_where_their_spans_say(
        words in prop::collection::vec("[a-zü日🧵]{1,8}( [a-zü]{1,5})?", 1..8),
        quote in "[\"']?",
        properties in "(&a )?",
        comment in "[a-zé🧵\"' ]{0,10}",
    ) {
        let mut text = format!("# {comment}\n");
        for (index, word) in words.iter().enumerate() {
            let value = format!("{properties}{quote}x{word}{quote}");
            text.push_str(&format!("ключ{index}:   {value}  # {comment}\n"));
        }
        let Data::Map(entries) = read(&text).data else {
            panic!("it is a mapping");
        };
        for ((key, node), word) in entries.iter().zip(&words) {
            prop_assert_eq!(&text[key.span.range()], &key.value);
            let Data::String { verbatim: Some(verbatim), .. } = &node.data else {
                panic!("the characters stand one to one");
            };
            prop_assert_eq!(&text[verbatim.range()], format!("x{word}"));
            let written = format!("{quote}x{word}{quote}");
            prop_assert!(text[node.span.range()].ends_with(&written));
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[a-c:\\-\\[\\]{},&*!|>'\"%@#\\n\\t ü]{0,40}") {
        let (node, faults) = attempt(&text);
        prop_assert!(node.is_some() || faults.has_errors());
        prop_assert!(faults.is_empty() || !faults.render(false).is_empty());
        let json: serde_json::Value = serde_json::from_str(&faults.to_json()).expect("it is JSON");
        prop_assert_eq!(json.as_array().map(Vec::len), Some(faults.iter().count()));
    }
}
