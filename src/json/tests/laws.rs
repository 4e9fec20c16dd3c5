//! What holds for all JSON, with `serde_json` as the second opinion.

use std::fmt;

use proptest::{prelude::*, sample::select};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::written;
use crate::json::{
    Document, Kind, Number, Value, View, number::same_value, scan::plain_length, write_string,
};

/// A text with whitespace here and there, and the same without.
type Texts = (String, String);

fn gap() -> impl Strategy<Value = &'static str> {
    prop_oneof![4 => Just(""), 1 => select(vec![" ", "\n    ", "\r\n\t", "          "])]
}

fn number_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "-?(0|[1-9][0-9]{0,3})",
        "-?(0|[1-9][0-9]{0,24})(\\.[0-9]{1,20})?([eE][+-]?[0-9]{1,2})?",
    ]
}

/// Strings of all lengths around the steps in which they are scanned.
fn string_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-zA-Z0-9 ,:{}\\[\\]/]{0,40}",
        1 => "[^\\x00-\\x1f\"\\\\]{0,5}",
        1 => select(vec!["\\\"", "\\\\", "\\/", "\\b", "\\f", "\\n", "\\r", "\\t", "\\u0000", "\\u00E9", "\\ud83D\\uDe00"])
            .prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..4).prop_map(|pieces| format!("\"{}\"", pieces.concat()))
}

/// Few names, so that they repeat, and some that mean the same.
fn name_text() -> impl Strategy<Value = String> {
    let known = select(vec![
        "a",
        "b",
        "\\u0061",
        "id",
        "userId",
        "longer than a word",
        "longer, and a word",
    ]);
    prop_oneof![4 => known.prop_map(|name| format!("\"{name}\"")), 1 => string_text()]
}

fn texts() -> impl Strategy<Value = Texts> {
    let scalar = prop_oneof![
        select(vec!["null", "true", "false"]).prop_map(str::to_owned),
        number_text(),
        string_text(),
    ];
    let leaf = scalar.prop_map(|text| (text.clone(), text));
    let tree = leaf.prop_recursive(5, 60, 6, |inner| {
        let item = (gap(), inner.clone(), gap());
        let list = prop::collection::vec(item, 0..6);
        let member = (gap(), name_text(), gap(), gap(), inner, gap());
        let object = prop::collection::vec(member, 0..6);
        prop_oneof![
            (list, gap()).prop_map(list_texts),
            (object, gap()).prop_map(object_texts)
        ]
    });
    (gap(), tree, gap())
        .prop_map(|(before, (loose, compact), after)| (format!("{before}{loose}{after}"), compact))
}

type Item = (&'static str, Texts, &'static str);
type Member = (
    &'static str,
    String,
    &'static str,
    &'static str,
    Texts,
    &'static str,
);

fn list_texts((items, inside): (Vec<Item>, &str)) -> Texts {
    let compact: Vec<_> = items
        .iter()
        .map(|(_, (_, compact), _)| compact.clone())
        .collect();
    let loose = items
        .iter()
        .map(|(before, (loose, _), after)| format!("{before}{loose}{after}"));
    let loose: Vec<_> = loose.collect();
    (
        format!("[{inside}{}]", loose.join(",")),
        format!("[{}]", compact.join(",")),
    )
}

fn object_texts((members, inside): (Vec<Member>, &str)) -> Texts {
    let compact = members
        .iter()
        .map(|(_, name, _, _, (_, compact), _)| format!("{name}:{compact}"));
    let loose = members
        .iter()
        .map(|(before, name, left, right, (loose, _), after)| {
            format!("{before}{name}{left}:{right}{loose}{after}")
        });
    let (compact, loose): (Vec<_>, Vec<_>) = (compact.collect(), loose.collect());
    (
        format!("{{{inside}{}}}", loose.join(",")),
        format!("{{{}}}", compact.join(",")),
    )
}

/// A text of JSON that was damaged somewhere.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        select(b"\"\\{}[],:.eE+-0123456789tfnu \n\t\x00\x1f\x7f\x80\xc3\xff".to_vec()),
        any::<u8>(),
    ];
    let damage = (any::<prop::sample::Index>(), 0..3_u8, byte);
    (texts(), prop::collection::vec(damage, 0..4)).prop_map(|((loose, _), damages)| {
        let mut bytes = loose.into_bytes();
        for (place, kind, byte) in damages {
            let at = place.index(bytes.len() + 1);
            match kind {
                0 => bytes.insert(at, byte),
                1 if at < bytes.len() => bytes[at] = byte,
                _ => drop(bytes.splice(at..bytes.len().min(at + 1), [])),
            }
        }
        bytes
    })
}

/// JSON as `serde_json` reads it, with all members of an object in their order.
#[derive(Debug)]
enum Tree {
    Scalar(serde_json::Value),
    List(Vec<Tree>),
    Object(Vec<(String, Tree)>),
}

struct TreeVisitor;

impl<'de> Visitor<'de> for TreeVisitor {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Tree::Scalar(serde_json::Value::Null))
    }

    fn visit_bool<E>(self, bool: bool) -> Result<Tree, E> {
        Ok(Tree::Scalar(bool.into()))
    }

    fn visit_i64<E>(self, int: i64) -> Result<Tree, E> {
        Ok(Tree::Scalar(int.into()))
    }

    fn visit_u64<E>(self, int: u64) -> Result<Tree, E> {
        Ok(Tree::Scalar(int.into()))
    }

    fn visit_f64<E>(self, float: f64) -> Result<Tree, E> {
        Ok(Tree::Scalar(float.into()))
    }

    fn visit_str<E>(self, string: &str) -> Result<Tree, E> {
        Ok(Tree::Scalar(string.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Tree, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Tree::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tree, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Tree::Object(members))
    }
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TreeVisitor)
    }
}

/// Every way to read a view, beside the tree.
fn assert_same(view: View<'_>, tree: &Tree) {
    match tree {
        Tree::Scalar(serde_json::Value::Null) => assert_eq!(view.kind(), Kind::Null),
        Tree::Scalar(serde_json::Value::Bool(bool)) => assert_eq!(view.as_bool(), Some(*bool)),
        Tree::Scalar(serde_json::Value::String(string)) => {
            assert_eq!(view.as_str().as_deref(), Some(string.as_str()));
            assert_eq!(view.key_text().as_deref(), Some(string.as_str()));
        }
        Tree::Scalar(serde_json::Value::Number(number)) => {
            if let Some(int) = number.as_i64() {
                assert_eq!(view.as_i64(), Some(int));
            }
            // Its doubles may be off by the last bit.
            let (ours, theirs) = (view.as_f64().unwrap(), number.as_f64().unwrap());
            assert!(
                (ours - theirs).abs() <= theirs.abs() * 1e-15,
                "{ours} {theirs}"
            );
        }
        Tree::Scalar(_) => panic!("containers are not scalars"),
        Tree::List(items) => {
            assert_eq!((view.kind(), view.len()), (Kind::List, items.len()));
            assert_eq!(view.items().count(), items.len());
            for (index, (item, tree)) in view.items().zip(items).enumerate() {
                assert_same(item, tree);
                assert_same(view.item(index).unwrap(), tree);
            }
        }
        Tree::Object(members) => {
            assert_eq!((view.kind(), view.len()), (Kind::Object, members.len()));
            assert_eq!(view.entries().count(), members.len());
            for ((name, value), (key, tree)) in view.entries().zip(members) {
                assert_eq!(&name, key);
                assert_same(value, tree);
                let (_, first) = members.iter().find(|(name, _)| name == key).unwrap();
                assert_same(view.get(key).unwrap(), first);
            }
        }
    }
    assert_eq!(
        view.is_empty(),
        view.items().count() + view.entries().count() == 0
    );
}

/// The view and all that is in it.
fn all_views<'a>(view: View<'a>, out: &mut Vec<View<'a>>) {
    out.push(view);
    view.items().for_each(|item| all_views(item, out));
    view.entries().for_each(|(_, value)| all_views(value, out));
}

fn place(view: Option<View<'_>>) -> Option<u32> {
    match view? {
        View::Node(_, place) => Some(place),
        View::Built(_) => panic!("a document has only nodes"),
    }
}

proptest! {
    #[test]
    fn what_is_json_is_undisputed(bytes in damaged()) {
        // A raw value is checked for form alone: no lone surrogate and no large number disturbs it.
        let theirs = serde_json::from_slice::<&RawValue>(&bytes);
        let ours = Document::parse(bytes.clone().into());
        prop_assert_eq!(ours.is_ok(), theirs.is_ok(), "{:?} {:?}", ours, theirs);
    }

    #[test]
    fn every_view_reads_as_serde_reads((loose, _) in texts()) {
        let value = Value::parse(loose.clone()).unwrap();
        assert_same(value.view(), &serde_json::from_str(&loose).unwrap());
    }

    #[test]
    fn writing_loses_nothing_but_whitespace((loose, compact) in texts()) {
        let value = Value::parse(loose).unwrap();
        prop_assert_eq!(written(value.view()), compact.clone());
        prop_assert_eq!(&Value::parse(compact).unwrap(), &value);
    }

    #[test]
    fn what_is_built_equals_what_it_was_built_from((loose, _) in texts()) {
        fn built(view: View<'_>) -> Value {
            match view.kind() {
                Kind::Null => Value::Null,
                Kind::Bool => view.as_bool().unwrap().into(),
                Kind::Number => view.as_number().unwrap().into(),
                Kind::String => view.as_str().unwrap().into_owned().into(),
                Kind::List => view.items().map(built).collect(),
                Kind::Object => {
                    let mut object = crate::json::Object::default();
                    for (name, value) in view.entries() {
                        object.entry(name.into()).or_insert_with(|| built(value));
                    }
                    object.into()
                }
            }
        }
        let parsed = Value::parse(loose).unwrap();
        let built = built(parsed.view());
        prop_assert_eq!(&built, &parsed);
        prop_assert_eq!(&parsed, &built);
        prop_assert_eq!(Value::parse(written(built.view())).unwrap(), parsed);
        prop_assert_eq!(built.compact(), built);
    }

    #[test]
    fn a_hinted_get_equals_a_plain_get((loose, _) in texts()) {
        let value = Value::parse(loose).unwrap();
        let mut views = Vec::new();
        all_views(value.view(), &mut views);
        for name in ["a", "b", "id", "longer than a word"] {
            let mut kept = 0;
            for view in &views {
                let plain = place(view.get(name));
                prop_assert_eq!(place(view.get_hinted(name, &mut kept)), plain);
                // Wherever a key stood before, this object decides.
                for mut hint in (0..40).chain([u32::MAX]) {
                    prop_assert_eq!(place(view.get_hinted(name, &mut hint)), plain);
                }
            }
        }
    }

    #[test]
    fn a_part_of_a_document_reads_like_the_part((loose, _) in texts()) {
        let value = Value::parse(loose).unwrap();
        let mut views = Vec::new();
        all_views(value.view(), &mut views);
        for view in views {
            let View::Node(document, place) = view else { panic!("a document has only nodes") };
            let part = Value::from(std::sync::Arc::new(document.part(place)));
            prop_assert_eq!(written(part.view()), written(view));
            prop_assert_eq!(format!("{:?}", serde_json::to_value(&part)), format!("{:?}", serde_json::to_value(view)));
        }
    }

    #[test]
    fn strings_survive(string in ".*|[\\x00-\\x7f]{0,80}") {
        let mut out = Vec::new();
        write_string(&string, &mut out);
        prop_assert_eq!(&out, &serde_json::to_vec(&string).unwrap());
        let parsed = Value::parse(out).unwrap();
        prop_assert_eq!(parsed.view().as_str().unwrap(), string);
    }

    #[test]
    fn plain_bytes_end_where_they_end(
        mut bytes in prop::collection::vec(any::<u8>().prop_map(|byte| byte.max(b']')), 0..150),
        specials in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..3),
        start in 0..160_usize,
    ) {
        for (place, byte) in specials {
            if !bytes.is_empty() {
                let at = place.index(bytes.len());
                bytes[at] = byte;
            }
        }
        let special = |&byte: &u8| byte < 0x20 || byte == b'"' || byte == b'\\';
        let start = start.min(bytes.len());
        let naive = bytes[start..].iter().position(special).unwrap_or(bytes.len() - start);
        prop_assert_eq!(plain_length(&bytes[start..]), naive);
    }

    #[test]
    fn numbers_are_judged_as_texts_are(text in "-?[0-9]{0,3}\\.?[0-9]{0,2}[eE]?[+-]?[0-9]{0,2}") {
        let is_json = serde_json::from_str::<&RawValue>(&text).is_ok();
        prop_assert_eq!(Number::parse(&text).is_some(), is_json);
    }

    #[test]
    fn numbers_keep_their_value(text in number_text()) {
        let number = Number::parse(&text).unwrap();
        let again = written(Value::from(number.clone()).view());
        prop_assert!(same_value(&again, &text), "{} {}", again, text);
        prop_assert_eq!(&Number::parse(&again).unwrap(), &number);
        prop_assert_eq!(number.as_f64(), text.parse::<f64>().ok());
    }

    #[test]
    fn doubles_survive(float in any::<f64>().prop_filter("finite", |float| float.is_finite())) {
        let text = written(Value::from(float).view());
        prop_assert!(matches!(Number::parse(&text).unwrap(), Number::Float(read) if read == float), "{}", text);
    }
}
