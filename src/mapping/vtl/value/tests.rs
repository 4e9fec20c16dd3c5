use super::*;
use crate::json::{Value, View};

fn val(json: &str) -> Val {
    Val::from(Value::parse(json.to_owned()).unwrap())
}

fn map(json: &str) -> Map {
    match val(json) {
        Val::Map(map) => map,
        other => panic!("{other:?}"),
    }
}

fn list(json: &str) -> List {
    match val(json) {
        Val::List(list) => list,
        other => panic!("{other:?}"),
    }
}

fn member(map: &Map, key: &str) -> Map {
    match map.get(key) {
        Some(Val::Map(map)) => map,
        other => panic!("{other:?}"),
    }
}

fn json(val: &Val) -> String {
    let mut out = Vec::new();
    val.write_json(&mut out, 1 << 20).unwrap();
    let text = String::from_utf8(out).unwrap();
    let mut again = Vec::new();
    val.to_value().view().write(&mut again);
    assert_eq!(text.as_bytes(), again);
    text
}

#[test]
fn what_is_reached_twice_is_the_same_object() {
    let root = map(r#"{"a": {"b": {}}, "l": [[1], {"x": 1}], "n": 1}"#);
    let (first, second) = (member(&root, "a"), member(&root, "a"));
    assert!(first.ptr_eq(&second));
    member(&first, "b").put("c", Val::from(1_i64)).unwrap();
    assert_eq!(
        json(&root.clone().into()),
        r#"{"a":{"b":{"c":1}},"l":[[1],{"x":1}],"n":1}"#
    );
    // It stays the same when its holder changes, and when all of the holder is asked for.
    root.put("z", Val::Null).unwrap();
    assert!(member(&root, "a").ptr_eq(&first));
    let Some(Val::List(items)) = root.get("l") else {
        panic!()
    };
    let Some(Val::Map(item)) = items.get(1) else {
        panic!()
    };
    items.push(Val::from("y")).unwrap();
    item.put("x", Val::from(2_i64)).unwrap();
    assert!(items.snapshot()[1].same(&item.into()));
    assert_eq!(Val::from(items).printed(100).unwrap(), "[[1], {x=2}, y]");
}

#[test]
fn what_nobody_changed_is_shared_with_its_document() {
    let text = r#"{ "a" : {"b": [1, 2.50]}, "c": "x" }"#;
    let origin = Value::parse(text.to_owned()).unwrap();
    let root = Val::from(origin.clone());
    let Val::Map(map) = &root else { panic!() };
    member(map, "a").get("b");
    map.snapshot();
    map.len();
    let back = root.to_value();
    let (View::Node(ours, 0), View::Node(theirs, 0)) = (origin.view(), back.view()) else {
        panic!("a node");
    };
    assert!(std::sync::Arc::ptr_eq(ours, theirs));
}

#[test]
fn nothing_can_hold_itself() {
    let root = map(r#"{"a": {"b": [[]]}}"#);
    let a = member(&root, "a");
    let Some(Val::List(b)) = a.get("b") else {
        panic!()
    };
    let Some(Val::List(innermost)) = b.get(0) else {
        panic!()
    };
    for holder in [Val::from(root.clone()), a.clone().into(), b.clone().into()] {
        assert_eq!(innermost.push(holder), Err(Refused::Itself));
    }
    assert_eq!(
        innermost.push(innermost.clone().into()),
        Err(Refused::Itself)
    );
    let entry = root.entries().unwrap().get(0).unwrap();
    assert_eq!(innermost.push(entry), Err(Refused::Itself));
    // Two lists that were built, each of which would hold the other.
    let (one, two) = (List::default(), List::default());
    one.push(two.clone().into()).unwrap();
    assert_eq!(two.push(one.clone().into()), Err(Refused::Itself));
    assert!(two.is_empty());
    // What let go of it may be put into it.
    one.clear();
    two.push(one.into()).unwrap();
    assert_eq!(json(&two.into()), "[[]]");
}

#[test]
fn nothing_nests_without_end() {
    let mut top = List::default();
    let bottom = top.clone();
    let mut levels = 0;
    while let Ok(outer) = List::new(vec![top.clone().into()]) {
        top = outer;
        levels += 1;
        assert!(levels < 1000);
    }
    assert_eq!(levels, usize::from(MAX_NESTING) - 1);
    // Nor from below.
    assert_eq!(bottom.push(List::default().into()), Err(Refused::TooDeep));
    // What was refused left everything as it was.
    assert!(bottom.is_empty());
    bottom.push(Val::from(1_i64)).unwrap();
    let text = json(&top.into());
    assert_eq!(text.len(), 2 * usize::from(MAX_NESTING) + 1);
}

#[test]
fn a_list_in_many_places_is_not_spelled_out_beyond_the_limit() {
    let mut doubled = list("[1]");
    for _ in 0..60 {
        doubled = List::new(vec![doubled.clone().into(), doubled.into()]).unwrap();
    }
    let doubled = Val::from(doubled);
    assert_eq!(doubled.weight(1_000_000), None);
    assert_eq!(doubled.printed(10_000), Err(Oversized));
    assert_eq!(doubled.write_json(&mut Vec::new(), 10_000), Err(Oversized));
    assert!(doubled.equals(&doubled.clone()));
    let Val::List(outer) = &doubled else { panic!() };
    let other = List::new(outer.snapshot()).unwrap();
    assert!(doubled.equals(&other.into()));
}

#[test]
fn documents_keep_the_first_of_a_name() {
    let twice = map(r#"{"a": 1, "b": 2, "a": 3}"#);
    assert_eq!(twice.len(), 2);
    assert_eq!(Val::from(twice.clone()).printed(100).unwrap(), "{a=1, b=2}");
    assert_eq!(
        twice
            .put("a", Val::from(4_i64))
            .unwrap()
            .map(|old| json(&old)),
        Some("1".to_owned())
    );
    assert_eq!(json(&twice.into()), r#"{"a":4,"b":2}"#);
}

#[test]
fn changes_are_seen_through_entries() {
    let map = map(r#"{"a": 1}"#);
    let Some(Val::Entry(holder, key)) = map.entries().unwrap().get(0) else {
        panic!()
    };
    holder.put(key, Val::from("x")).unwrap();
    assert_eq!(Val::from(map).printed(100).unwrap(), "{a=x}");
}

#[test]
fn doubles_print_as_java_prints_them() {
    let expected = [
        ("1.0", "1.0"),
        ("1e10", "1.0E10"),
        ("1e-5", "1.0E-5"),
        ("0.001", "0.001"),
        ("9999999.5", "9999999.5"),
        ("1e7", "1.0E7"),
        ("-0.0", "-0.0"),
        ("-1.25e-7", "-1.25E-7"),
        ("123456789.125", "1.23456789125E8"),
        (
            "123456789012345678901234567890",
            "123456789012345678901234567890",
        ),
        ("0.10000000000000000001", "0.10000000000000000001"),
        ("12345678901", "12345678901"),
    ];
    for (text, printed) in expected {
        assert_eq!(val(text).printed(100).unwrap(), printed);
    }
}

#[test]
fn equality_looks_at_values() {
    let equal = [
        ("1", "1"),
        (r#"{"a": 1, "b": [2]}"#, r#"{"b":[2],"a":1}"#),
        ("[null]", "[ null ]"),
    ];
    for (a, b) in equal {
        let (a, b) = (val(a), val(b));
        assert!(a.equals(&b));
        // The same when one of them was changed.
        if let Val::List(a) = &a {
            a.push(Val::Null).unwrap();
            a.remove(a.len() - 1);
        }
        assert!(a.equals(&b));
    }
    assert!(!val("[1]").equals(&val("[2]")));
    assert!(!val(r#"{"a":1}"#).equals(&val(r#"{"a":1,"b":1}"#)));
    assert!(Val::Range(3, 1).equals(&val("[3,2,1]")));
    assert!(!Val::Range(1, 3).equals(&val("[1,2]")));
}

#[test]
fn numbers_compare_by_value() {
    let order = |a: &str, b: &str| compare(&Number::parse(a).unwrap(), &Number::parse(b).unwrap());
    assert!(order("1", "1.0").is_eq() && order("1", "1.5").is_lt());
    assert!(order("123456789012345678901", "123456789012345678902").is_lt());
    assert!(order("9223372036854775807", "9223372036854775808").is_lt());
    assert!(order("1e400", "1").is_gt() && order("-1e400", "1e-400").is_lt());
    assert!(order("0.0", "-0.0").is_eq());
}
