mod java;

use proptest::prelude::*;

use super::*;
use crate::json::Value;

const BOUNDS: Bounds = Bounds {
    steps: 1000,
    output: 10_000,
    turns: 1000,
    depth: 20,
};

fn val(json: &str) -> Val {
    match json {
        "[1..3]" => Val::Range(1, 3),
        "[3..1]" => Val::Range(3, 1),
        json => Val::from(Value::parse(json.to_owned()).unwrap()),
    }
}

fn arguments(json: &str) -> Vec<Val> {
    let Val::List(list) = val(&format!("[{json}]")) else {
        panic!("a list");
    };
    list.snapshot()
}

/// What a call gives, printed; `null` also where there is no such method.
fn answer(receiver: &Val, name: &str, arguments: &[Val]) -> String {
    match call(receiver, name, arguments, &BOUNDS, &mut 0) {
        Ok(value) => value.printed(10_000).unwrap(),
        Err(MethodFault::Unknown) => "null".to_owned(),
        Err(fault) => format!("! {fault}"),
    }
}

#[test]
fn methods_do_what_they_do_in_velocity() {
    let mut wrong = Vec::new();
    for (receiver, name, given, expected, after) in java::CASES {
        let value = val(receiver);
        let ours = answer(&value, name, &arguments(given));
        let same = match (expected.strip_prefix("! "), ours.strip_prefix("! ")) {
            // How Java says it in the end.
            (Some(cause), Some(ours)) => ours.ends_with(&format!(": {cause}")),
            _ => ours == *expected,
        };
        if !same {
            wrong.push(format!(
                "{receiver}.{name}({given}): {ours}, not {expected}"
            ));
        }
        let left = value.printed(10_000).unwrap();
        if !after.is_empty() && left != *after {
            wrong.push(format!(
                "{receiver}.{name}({given}) leaves {left}, not {after}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_a_method_would_make_too_large_is_refused_before_it_is_made() {
    let big = Val::from("x".repeat(9_000));
    let calls: [(&str, &[Val]); 7] = [
        ("repeat", &[Val::from(i64::from(i32::MAX))]),
        ("concat", std::slice::from_ref(&big)),
        ("replace", &[Val::from("x"), Val::from("yy")]),
        ("replaceAll", &[Val::from("x"), Val::from("yy")]),
        ("format", &[Val::from("%2000000000s"), Val::Null]),
        ("join", &[Val::from(","), big.clone(), big.clone()]),
        ("valueOf", &[Val::Range(0, i64::MAX)]),
    ];
    for (name, arguments) in calls {
        let result = call(&big, name, arguments, &BOUNDS, &mut 0);
        assert_eq!(result.map(|_| ()), Err(MethodFault::TooLarge), "{name}");
    }
    let all = Val::Range(i64::MIN, i64::MAX);
    for name in ["size", "hashCode", "toString"] {
        let result = call(&all, name, &[], &BOUNDS, &mut 0);
        assert_eq!(result.map(|_| ()), Err(MethodFault::TooLarge), "{name}");
    }
    let list = val("[]");
    let result = call(&list, "addAll", &[all], &BOUNDS, &mut 0);
    assert_eq!(result.map(|_| ()), Err(MethodFault::TooLarge));
}

#[test]
fn what_is_copied_is_counted() {
    let mut cost = 0;
    let big = Val::from("x".repeat(4_000));
    call(
        &big,
        "concat",
        std::slice::from_ref(&big),
        &BOUNDS,
        &mut cost,
    )
    .unwrap();
    assert!((8_000..=16_000).contains(&cost), "{cost}");
}

#[test]
fn classes_are_out_of_reach() {
    for receiver in ["\"x\"", "[1]", "{}", "1", "true"] {
        let receiver = val(receiver);
        for name in [
            "getClass", "wait", "notify", "stream", "iterator", "forEach",
        ] {
            let result = call(&receiver, name, &[], &BOUNDS, &mut 0);
            assert_eq!(result.map(|_| ()), Err(MethodFault::Unknown), "{name}");
        }
        assert!(property(&receiver, "class").is_none());
    }
}

#[test]
fn properties_are_members_and_getters() {
    let read =
        |json: &str, name| property(&val(json), name).map(|value| value.printed(100).unwrap());
    assert_eq!(
        read(r#"{"a": [1], "empty": 5}"#, "empty").as_deref(),
        Some("5")
    );
    assert_eq!(read(r#"{"a": [1]}"#, "empty"), None);
    assert_eq!(read("[]", "empty").as_deref(), Some("true"));
    assert_eq!(read("[]", "size"), None);
    assert_eq!(read("\"\"", "empty").as_deref(), Some("true"));
    let Val::Map(map) = val(r#"{"a": 1}"#) else {
        panic!()
    };
    let entry = map.entries().unwrap().get(0).unwrap();
    assert_eq!(property(&entry, "key").unwrap().printed(9).unwrap(), "a");
    assert_eq!(property(&entry, "value").unwrap().printed(9).unwrap(), "1");
    call(&entry, "setValue", &[Val::from("x")], &BOUNDS, &mut 0).unwrap();
    assert_eq!(Val::from(map).printed(9).unwrap(), "{a=x}");
}

#[test]
fn a_fault_names_the_method_as_java_finds_it() {
    let fault = call(&val("[1, 2]"), "get", &[Val::from(2_i64)], &BOUNDS, &mut 0).unwrap_err();
    assert_eq!(
        fault.to_string(),
        "Error invoking method 'get(java.lang.Integer)' in java.util.ArrayList: \
         Index 2 out of bounds for length 2"
    );
    let list = val("[[]]");
    let Val::List(outer) = &list else { panic!() };
    let inner = outer.get(0).unwrap();
    let fault = call(&inner, "add", std::slice::from_ref(&list), &BOUNDS, &mut 0).unwrap_err();
    assert!(
        fault
            .to_string()
            .ends_with("a list or map cannot hold itself")
    );
}

#[test]
fn lists_join_as_in_a_leaf() {
    let joined = call(
        &val(r#"[1, "a", null, [2]]"#),
        "join",
        &[Val::from("-")],
        &BOUNDS,
        &mut 0,
    );
    assert_eq!(joined.unwrap().printed(99).unwrap(), "1-a--[2]");
}

proptest! {
    #[test]
    fn no_format_breaks_anything(format in "[%0-9$a-z.,+( #-]{0,12}", number: f64) {
        let arguments = [Val::text(format), Val::from(Value::from(number)), Val::from(7_i64)];
        let _ = call(&Val::from("x"), "format", &arguments, &BOUNDS, &mut 0);
    }

    #[test]
    fn a_text_is_cut_where_utf_16_says(text in "[a-cäß€😀]{0,8}", begin in -1_i64..10, end in -1_i64..10) {
        let units: Vec<u16> = text.encode_utf16().collect();
        let inside = usize::try_from(begin).ok().zip(usize::try_from(end).ok());
        let expected = inside.and_then(|(begin, end)| units.get(begin..end));
        let arguments = [Val::from(begin), Val::from(end)];
        let cut = call(&Val::from(text.as_str()), "substring", &arguments, &BOUNDS, &mut 0);
        let cut = cut.ok().map(|cut| cut.printed(100).unwrap());
        prop_assert_eq!(cut, expected.map(String::from_utf16_lossy));
    }
}
