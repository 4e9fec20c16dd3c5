use crate::{
    json::Value,
    mapping::{
        builtins::tests::{refused, services, util, value},
        turn::Turn,
        vtl::{List, Map, Val},
    },
};

#[test]
fn lists_are_filtered_by_what_another_has() {
    let a = r#"[1, 2, "1", {"a": 1, "b": [2]}, null, 1, true]"#;
    let b = r#"[{"b": [2], "a": 1}, 1.0, null]"#;
    let kept = r#"[1,{"a": 1, "b": [2]},null,1]"#.replace(": ", ":").replace(", ", ",");
    assert_eq!(value("list.copyAndRetainAll", &[a, b]), kept);
    assert_eq!(value("list.copyAndRemoveAll", &[a, b]), r#"[2,"1",true]"#);
    assert_eq!(value("list.copyAndRemoveAll", &["[]", b]), "[]");
}

#[test]
fn scalars_of_one_kind_are_sorted() {
    let sorted = |list, descending| value("list.sortList", &[list, descending, r#""any""#]);
    assert_eq!(sorted("[3, 1.5, -2]", "false"), "[-2,1.5,3]");
    assert_eq!(sorted("[3, 1.5, -2]", "true"), "[3,1.5,-2]");
    assert_eq!(sorted(r#"["b", "B", "a"]"#, "false"), r#"["B","a","b"]"#);
    assert_eq!(sorted("[true, false]", "false"), "[false,true]");
    // Java compares the halves of a pair, which are smaller than U+FB01.
    assert_eq!(
        sorted("[\"\u{fb01}\", \"\u{1f600}\"]", "false"),
        "[\"\u{1f600}\",\"\u{fb01}\"]"
    );
}

#[test]
fn objects_are_sorted_by_a_field_and_keep_their_order_where_it_is_the_same() {
    let list = r#"[{"n":2,"a":1},{"n":1},{"n":2,"a":0}]"#;
    let sorted = value("list.sortList", &[list, "false", r#""n""#]);
    assert_eq!(sorted, r#"[{"n":1},{"n":2,"a":1},{"n":2,"a":0}]"#);
    let sorted = value("list.sortList", &[list, "true", r#""n""#]);
    assert_eq!(sorted, r#"[{"n":2,"a":1},{"n":2,"a":0},{"n":1}]"#);
}

#[test]
fn numbers_that_doubles_take_for_the_same_are_sorted() {
    let list = "[9007199254740993, 9007199254740992.0, 9007199254740992, 1e400, -1e400]";
    let sorted = value("list.sortList", &[list, "false", "null"]);
    let expected = "[-1e400,9007199254740992.0,9007199254740992,9007199254740993,1e400]";
    assert_eq!(sorted, expected);
}

#[test]
fn a_copy_holds_the_very_items() {
    let item = Map::new([("n".into(), Val::from(1_i64))]).unwrap();
    let list = List::new(vec![Val::Map(item.clone()), Val::from(2_i64)]).unwrap();
    let other = Val::from(Value::from(vec![Value::from(2_i64)]));
    let mut turn = Turn::default();
    let builtin = util("list.copyAndRemoveAll");
    let arguments = [Val::List(list.clone()), other];
    let Ok(Val::List(copy)) = builtin.call_objects(&mut services(&mut turn), &arguments) else {
        panic!("a list");
    };
    assert_eq!((copy.len(), list.len()), (1, 2));
    assert!(copy.get(0).unwrap().same(&Val::Map(item)));
}

#[test]
fn a_list_that_is_endless_as_text_is_refused() {
    let doubled = |list: Val| Val::List(List::new(vec![list.clone(), list]).unwrap());
    let wide = (0..60).fold(Val::from(1_i64), |list, _| doubled(list));
    let mut turn = Turn::default();
    for (path, rest) in [("list.copyAndRetainAll", 1), ("toJson", 0), ("error", 1)] {
        let arguments = vec![wide.clone(); rest + 1];
        let result = util(path).call_objects(&mut services(&mut turn), &arguments);
        let error = format!("{:?}", result.unwrap_err());
        assert!(error.contains("16 MiB"), "{error}");
    }
}

#[test]
fn what_cannot_be_compared_stays_as_it_is() {
    for list in [
        r#"[2,"1"]"#,
        r#"[{"n":2},{"m":1}]"#,
        r#"[{"n":2},1]"#,
        "[2,null,1]",
        "[[2],[1]]",
        "[]",
    ] {
        let sorted = value("list.sortList", &[list, "false", r#""n""#]);
        assert_eq!(sorted, list);
    }
}

#[test]
fn wrong_lists_are_refused() {
    let long = format!("[{}0]", "0,".repeat(1000));
    insta::assert_snapshot!(refused(&[
        ("list.copyAndRetainAll", &["[]", "null"]),
        ("list.copyAndRemoveAll", &["{}", "[]"]),
        ("list.sortList", &[r#""a""#, "true", r#""n""#]),
        ("list.sortList", &["[]", r#""yes""#, r#""n""#]),
        ("list.sortList", &["[]", "true"]),
        ("list.sortList", &[&long, "true", r#""n""#]),
    ]));
}
