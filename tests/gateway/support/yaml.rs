//! YAML as case files use it, read into JSON values.
//!
//! Loomgate's own reader is under test, so the expectations are read by another one. Anchors and
//! tags are not supported.

use saphyr_parser::{Event, Parser, ScalarStyle};
use serde_json::{Map, Value};

/// Reads one document.
pub(crate) fn parse(text: &str) -> Value {
    let events = Parser::new_from_str(text)
        .map(|event| event.unwrap_or_else(|error| panic!("{error} in\n{text}")).0);
    let mut events = events.filter(|event| {
        !matches!(
            event,
            Event::Nothing | Event::StreamStart | Event::DocumentStart(_)
        )
    });
    let first = events.next().expect("a stream has an end");
    value(first, &mut events)
}

fn value<'a>(event: Event<'a>, rest: &mut impl Iterator<Item = Event<'a>>) -> Value {
    match event {
        Event::Scalar(text, ScalarStyle::Plain, ..) => plain(&text),
        Event::Scalar(text, ..) => Value::String(text.into_owned()),
        Event::SequenceStart(..) => list(rest),
        Event::MappingStart(..) => map(rest),
        Event::StreamEnd | Event::DocumentEnd => Value::Null,
        other => panic!("not supported in cases: {other:?}"),
    }
}

fn list<'a>(rest: &mut impl Iterator<Item = Event<'a>>) -> Value {
    let mut items = Vec::new();
    loop {
        match rest.next().expect("a sequence has an end") {
            Event::SequenceEnd => return Value::Array(items),
            event => items.push(value(event, rest)),
        }
    }
}

fn map<'a>(rest: &mut impl Iterator<Item = Event<'a>>) -> Value {
    let mut members = Map::new();
    loop {
        let key = match rest.next().expect("a mapping has an end") {
            Event::MappingEnd => return Value::Object(members),
            Event::Scalar(text, ..) => text.into_owned(),
            other => panic!("not supported as a key: {other:?}"),
        };
        let event = rest.next().expect("a key has a value");
        members.insert(key, value(event, rest));
    }
}

/// A scalar without quotes: JSON where it is JSON, text otherwise.
fn plain(text: &str) -> Value {
    match text {
        "" | "~" => Value::Null,
        text if text.starts_with(['"', '{', '[']) => Value::String(text.to_owned()),
        text => serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned())),
    }
}

#[test]
fn yaml_reads_as_the_json_it_means() {
    let text = "- request: GET /a?b=1\n  times: 2\n  answer: [{ id: 1, name: Ada }, null, '5', 1.5, true]\n";
    let expected = r#"[{"request":"GET /a?b=1","times":2,"answer":[{"id":1,"name":"Ada"},null,"5",1.5,true]}]"#;
    assert_eq!(
        parse(text),
        serde_json::from_str::<Value>(expected).expect("JSON")
    );
    assert_eq!(parse(""), Value::Null);
}
