use proptest::{collection::vec, prelude::*};

use super::*;

fn key(parts: &[&Attribute]) -> Key {
    let mut key = Key::new();
    for part in parts {
        push_part(&mut key, part);
    }
    key
}

fn text(text: &str) -> Attribute {
    Attribute::String(text.to_owned())
}

fn number() -> impl Strategy<Value = Decimal> {
    // Few digits and powers, so that equal beginnings and equal numbers happen.
    let near = (-1000i64..1000, -4i32..4).prop_map(|(value, power)| format!("{value}e{power}"));
    let far = (any::<i128>(), -160i32..90).prop_map(|(value, power)| {
        let digits: String = value.to_string().chars().take(38).collect();
        format!("{digits}e{power}")
    });
    prop_oneof![near, far].prop_filter_map("out of range", |text| Decimal::parse(&text).ok())
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    // Mostly the bytes that the encoding itself uses.
    vec(prop_oneof![Just(0), Just(1), Just(0xFF), any::<u8>()], 0..6)
}

#[test]
fn numbers_far_apart_and_close_together_sort_as_numbers() {
    let ascending = [
        "-9.9999999999999999999999999999999999999e125",
        "-1e10",
        "-100.5",
        "-100",
        "-99.99",
        "-2",
        "-1.01",
        "-1",
        "-0.5",
        "-1e-130",
        "0",
        "1e-130",
        "0.001",
        "0.01",
        "0.011",
        "0.1",
        "1",
        "1.001",
        "1.01",
        "2",
        "9.9",
        "10",
        "11",
        "99.99",
        "100",
        "101",
        "1e10",
        "9.9999999999999999999999999999999999999e125",
    ];
    let keys: Vec<Key> = ascending
        .iter()
        .map(|text| key(&[&Attribute::Number(Decimal::parse(text).expect("fits"))]))
        .collect();
    for (index, pair) in keys.windows(2).enumerate() {
        assert!(
            pair[0] < pair[1],
            "{} < {}",
            ascending[index],
            ascending[index + 1]
        );
    }
}

#[test]
fn a_key_is_the_same_whatever_the_spelling_of_its_number() {
    let one = |text| key(&[&Attribute::Number(Decimal::parse(text).expect("fits"))]);
    assert_eq!(one("1"), one("1.0"));
    assert_eq!(one("1"), one("10e-1"));
}

#[test]
fn the_stored_form_of_keys_does_not_change() {
    let decimal = |text| Attribute::Number(Decimal::parse(text).expect("fits"));
    assert_eq!(key(&[&text("a\0b")]), b"a\0\xFFb\0\0");
    assert_eq!(key(&[&decimal("0")]), [2]);
    assert_eq!(key(&[&decimal("12.5")]), [3, 131, 13, 51, 0]);
    assert_eq!(key(&[&decimal("-12.5")]), [1, !131, !13, !51, !0]);
}

proptest! {
    #[test]
    fn numbers_sort_by_their_bytes(left in number(), right in number()) {
        let (l, r) = (Attribute::Number(left), Attribute::Number(right));
        prop_assert_eq!(key(&[&l]).cmp(&key(&[&r])), left.cmp(&right));
    }

    #[test]
    fn strings_sort_by_their_bytes(left in "[\0\x01a-c\u{ff}é💥]{0,6}", right in "[\0\x01a-c\u{ff}é💥]{0,6}") {
        prop_assert_eq!(key(&[&text(&left)]).cmp(&key(&[&text(&right)])), left.cmp(&right));
    }

    #[test]
    fn bytes_sort_by_themselves(left in bytes(), right in bytes()) {
        let (l, r) = (Attribute::Binary(left.clone()), Attribute::Binary(right.clone()));
        prop_assert_eq!(key(&[&l]).cmp(&key(&[&r])), left.cmp(&right));
    }

    #[test]
    fn two_parts_sort_by_the_first_then_by_the_second(
        left in (bytes(), number()), right in (bytes(), number()),
    ) {
        let both = |(first, second): &(Vec<u8>, Decimal)| {
            key(&[&Attribute::Binary(first.clone()), &Attribute::Number(*second)])
        };
        prop_assert_eq!(both(&left).cmp(&both(&right)), left.cmp(&right));
        let swapped = |(first, second): &(Vec<u8>, Decimal)| {
            key(&[&Attribute::Number(*second), &Attribute::Binary(first.clone())])
        };
        let expected = (left.1, &left.0).cmp(&(right.1, &right.0));
        prop_assert_eq!(swapped(&left).cmp(&swapped(&right)), expected);
    }

    #[test]
    fn a_beginning_covers_exactly_what_begins_with_it(beginning in bytes(), other in bytes(), first in number()) {
        let mut prefix = key(&[&Attribute::Number(first)]);
        push_beginning(&mut prefix, &Attribute::Binary(beginning.clone()));
        let range = beginning_with(prefix);
        let whole = key(&[&Attribute::Number(first), &Attribute::Binary(other.clone())]);
        prop_assert_eq!(range.contains(&whole), other.starts_with(&beginning));
    }
}
