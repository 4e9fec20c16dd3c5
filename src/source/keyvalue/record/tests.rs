use proptest::{collection::vec, prelude::*};

use super::*;
use crate::{
    json::{Document, Kind, View},
    source::keyvalue::{
        attribute::{At, decode_base64, typed_item},
        decimal::Decimal,
    },
};

fn item(typed: &str) -> Item {
    let document = Document::parse(bytes::Bytes::copy_from_slice(typed.as_bytes())).expect("JSON");
    typed_item(View::Node(&document, 0), At::Root).expect("an item")
}

fn text(item: &Item) -> String {
    let record = encode(item).expect("fits");
    let text = Record::read(&record).expect("was just written").text;
    String::from_utf8(text.to_vec()).expect("UTF-8")
}

/// Takes a stored item apart again: proof that nothing of it is lost.
struct Reader {
    tags: Vec<(u32, u8)>,
    next: u32,
}

impl Reader {
    fn item(record: Record<'_>) -> Item {
        let text = bytes::Bytes::copy_from_slice(record.text);
        let document = Document::parse(text).expect("the text is JSON");
        let mut reader = Reader {
            tags: record.tags().collect(),
            next: 1,
        };
        reader.members(View::Node(&document, 0))
    }

    fn members(&mut self, object: View<'_>) -> Item {
        object
            .entries()
            .map(|(name, value)| (name.into_owned(), self.value(value)))
            .collect()
    }

    fn value(&mut self, value: View<'_>) -> Attribute {
        let own = self.next;
        self.next += 1;
        let tag = self
            .tags
            .iter()
            .find(|(number, _)| *number == own)
            .map(|(_, tag)| *tag);
        let string = |view: View<'_>| view.as_str().expect("a string").into_owned();
        let number = |view: View<'_>| {
            Decimal::from_number(&view.as_number().expect("a number")).expect("fits")
        };
        let bytes = |view: View<'_>| decode_base64(&string(view)).expect("base64");
        match (value.kind(), tag) {
            (Kind::String, Some(BINARY)) => Attribute::Binary(bytes(value)),
            (Kind::List, Some(set)) => {
                self.next += u32::try_from(value.len()).expect("few");
                match set {
                    STRING_SET => Attribute::StringSet(value.items().map(string).collect()),
                    NUMBER_SET => Attribute::NumberSet(value.items().map(number).collect()),
                    _ => Attribute::BinarySet(value.items().map(bytes).collect()),
                }
            }
            (Kind::List, None) => {
                Attribute::List(value.items().map(|item| self.value(item)).collect())
            }
            (Kind::Object, _) => Attribute::Map(self.members(value)),
            (Kind::String, _) => Attribute::String(string(value)),
            (Kind::Number, _) => Attribute::Number(number(value)),
            (Kind::Bool, _) => Attribute::Bool(value.as_bool().expect("a boolean")),
            (Kind::Null, _) => Attribute::Null,
        }
    }
}

fn attribute() -> impl Strategy<Value = Attribute> {
    let decimal = || {
        (any::<i64>(), -20i32..20)
            .prop_map(|(value, power)| Decimal::parse(&format!("{value}e{power}")).expect("fits"))
    };
    let bytes = || vec(any::<u8>(), 0..8);
    let leaf = prop_oneof![
        any::<String>().prop_map(Attribute::String),
        decimal().prop_map(Attribute::Number),
        bytes().prop_map(Attribute::Binary),
        any::<bool>().prop_map(Attribute::Bool),
        Just(Attribute::Null),
        vec(any::<String>(), 1..4).prop_map(Attribute::StringSet),
        vec(decimal(), 1..4).prop_map(Attribute::NumberSet),
        vec(bytes(), 1..4).prop_map(Attribute::BinarySet),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Attribute::List),
            vec((any::<String>(), inner), 0..4)
                .prop_map(|members| Attribute::Map(members.into_iter().collect())),
        ]
    })
}

#[test]
fn an_item_is_stored_as_the_json_that_is_answered() {
    let typed = r#"{
        "id": {"S": "a \"b\" \u0000"}, "n": {"N": "1.50"}, "m": {"N": 12345678901234567890.5},
        "b": {"B": "AQI="}, "yes": {"BOOL": true}, "no": {"NULL": null},
        "ss": {"SS": ["x", "y"]}, "ns": {"NS": [1, "2.0"]}, "bs": {"BS": ["AQ==", "Ag"]},
        "l": {"L": [{"S": "z"}, {"L": []}]}, "o": {"M": {"k": {"M": {}}}}
    }"#;
    assert_eq!(
        text(&item(typed)),
        r#"{"id":"a \"b\" \u0000","n":1.5,"m":12345678901234567890.5,"b":"AQI=","yes":true,"no":null,"ss":["x","y"],"ns":[1,2],"bs":["AQ==","Ag=="],"l":["z",[]],"o":{"k":{}}}"#
    );
}

#[test]
fn the_stored_form_of_items_does_not_change() {
    let record = encode(&item(r#"{"id": {"S": "a"}, "b": {"B": "AQ=="}}"#)).expect("fits");
    let mut expected = vec![1, 5, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, b'B'];
    expected.extend_from_slice(br#"{"id":"a","b":"AQ=="}"#);
    assert_eq!(record, expected);
}

#[test]
fn an_item_above_400_kib_is_refused_and_one_at_400_kib_is_not() {
    let of_size =
        |size: usize| encode(&[("a".to_owned(), Attribute::String("x".repeat(size - 1)))].into());
    assert!(of_size(400 * 1024).is_ok());
    assert_eq!(of_size(400 * 1024 + 1), Err(Refusal::ItemTooLarge));
}

#[test]
fn bytes_that_are_no_record_are_an_error() {
    for bytes in [
        &b""[..],
        b"\x01",
        b"\x02\0\0\0\0\0\0\0\0{}",
        b"\x01\0\0\0\0\xFF\xFF\xFF\xFF{}",
    ] {
        assert_eq!(
            Record::read(bytes).map(|record| record.size),
            Err(Refusal::Storage)
        );
    }
}

proptest! {
    #[test]
    fn nothing_of_an_item_is_lost(members in vec((any::<String>(), attribute()), 0..5)) {
        let item: Item = members.into_iter().collect();
        let record = encode(&item).expect("fits");
        prop_assert_eq!(Reader::item(Record::read(&record).expect("was just written")), item);
    }
}
