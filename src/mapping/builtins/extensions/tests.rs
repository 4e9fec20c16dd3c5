use super::{
    super::dynamodb::tests::{call, json},
    EXTENSIONS,
};
use crate::mapping::turn::{Extension, Turn};

const FILTER: &str = r#"{"filterGroup":[{"filters":[{"fieldName":"severity","operator":"ge","value":7},{"fieldName":"priority","operator":"in","value":["high","medium"]}]},{"filters":[{"fieldName":"group","operator":"eq","value":"admin"}]}]}"#;

fn refused(name: &str, arguments: &[&str]) -> String {
    let mut turn = Turn::default();
    let refused = call(&EXTENSIONS, name, arguments, &mut turn);
    assert!(turn.extensions.is_empty());
    refused.expect_err(name)
}

/// A filter of one group with these conditions.
fn filter(conditions: &[&str]) -> String {
    format!(
        r#"{{"filterGroup":[{{"filters":[{}]}}]}}"#,
        conditions.join(",")
    )
}

fn condition(field: &str, operator: &str, value: &str) -> String {
    format!(r#"{{"fieldName":"{field}","operator":"{operator}","value":{value}}}"#)
}

#[test]
fn an_eviction_keeps_its_keys_in_order() {
    let mut turn = Turn::default();
    let keys = r#"{"ctx.args.z":1,"context.identity.sub":"a"}"#;
    let called = call(
        &EXTENSIONS,
        "evictFromApiCache",
        &[r#""Query""#, r#""all""#, keys],
        &mut turn,
    );
    assert_eq!(called, Ok("\"\"".to_owned()));
    let [
        Extension::Evict {
            type_name,
            field_name,
            keys: kept,
        },
    ] = &turn.extensions[..]
    else {
        panic!("{:?}", turn.extensions)
    };
    assert_eq!(
        (&**type_name, &**field_name, json(kept)),
        ("Query", "all", keys.to_owned())
    );
}

#[test]
fn a_wrong_eviction_says_what_would_be_right() {
    let evict = |arguments: [&str; 3]| refused("evictFromApiCache", &arguments);
    assert_eq!(
        evict(["1", r#""all""#, "{}"]),
        "evictFromApiCache expects the name of a type as its first argument"
    );
    assert_eq!(
        evict([r#""Query""#, r#""""#, "{}"]),
        "evictFromApiCache expects the name of a field as its second argument"
    );
    let keys = "evictFromApiCache expects an object as its third argument, whose names are caching \
                keys such as 'ctx.args.id'";
    assert_eq!(evict([r#""Query""#, r#""all""#, "null"]), keys);
    assert_eq!(evict([r#""Query""#, r#""all""#, r#"{"id":1}"#]), keys);
}

#[test]
fn filters_are_kept_as_they_were_given() {
    let mut turn = Turn::default();
    call(&EXTENSIONS, "setSubscriptionFilter", &[FILTER], &mut turn).unwrap();
    call(
        &EXTENSIONS,
        "setSubscriptionInvalidationFilter",
        &[FILTER],
        &mut turn,
    )
    .unwrap();
    let [Extension::Filter(a), Extension::InvalidationFilter(b)] = &turn.extensions[..] else {
        panic!("{:?}", turn.extensions)
    };
    assert_eq!((json(a), json(b)), (FILTER.to_owned(), FILTER.to_owned()));
}

#[test]
fn every_operator_takes_what_it_compares_with() {
    for (operator, value) in [
        ("eq", "null"),
        ("ne", "true"),
        ("le", "1"),
        ("lte", "1"),
        ("lt", "\"a\""),
        ("ge", "1"),
        ("gte", "1"),
        ("gt", "1"),
        ("contains", "\"a\""),
        ("notContains", "1"),
        ("beginsWith", "\"a\""),
        ("in", "[1,\"a\",true]"),
        ("notIn", "[1]"),
        ("between", "[1,2]"),
        ("containsAny", "[1,2,3,4,5,6]"),
    ] {
        let given = filter(&[&condition("a", operator, value)]);
        let called = call(
            &EXTENSIONS,
            "setSubscriptionFilter",
            &[&given],
            &mut Turn::default(),
        );
        assert_eq!(called, Ok("\"\"".to_owned()), "{operator}");
    }
}

#[test]
fn a_wrong_filter_says_what_would_be_right() {
    let set = |given: &str| refused("setSubscriptionFilter", &[given]);
    let shape = "setSubscriptionFilter expects a filter such as {\"filterGroup\":[{\"filters\":\
                 [{\"fieldName\":\"id\",\"operator\":\"eq\",\"value\":1}]}]}, not ";
    assert_eq!(set("null"), format!("{shape}null"));
    assert_eq!(set("{}"), format!("{shape}an object"));
    assert_eq!(set(r#"{"filterGroup":[1]}"#), format!("{shape}a number"));
    assert_eq!(set(&filter(&["{}"])), format!("{shape}an object"));
    assert_eq!(
        set(&filter(&[&condition("a", "like", "1")])),
        "setSubscriptionFilter: 'like' is no operator; there are eq, ne, le, lt, ge, gt, contains, \
         notContains, beginsWith, in, notIn, between and containsAny"
    );
    assert_eq!(
        set(&filter(&[&condition("a", "between", "[1]")])),
        "setSubscriptionFilter: 'between' expects a list of two numbers or two strings, not a list"
    );
    assert_eq!(
        set(&filter(&[&condition("a", "gt", "[1]")])),
        "setSubscriptionFilter: 'gt' expects a number or a string, not a list"
    );
}

#[test]
fn filters_have_bounds() {
    let set = |given: &str| refused("setSubscriptionFilter", &[given]);
    assert_eq!(
        set(&filter(&[&condition("a", "in", "[1,2,3,4,5,6]")])),
        "subscription exceeds maximum value limit 5 for operator `in`."
    );
    let many = format!("[{}1]", "1,".repeat(20));
    assert_eq!(
        set(&filter(&[&condition("a", "containsAny", &many)])),
        "subscription exceeds maximum value limit 20 for operator `containsAny`."
    );
    let fields = ["a", "b", "c", "d", "e", "f"].map(|field| condition(field, "eq", "1"));
    assert_eq!(
        set(&filter(&fields.each_ref().map(String::as_str))),
        "Filters exceed maximum attributes limit 5 for subscription"
    );
    let values = ["a", "b", "c"].map(|field| condition(field, "in", "[1,2,3,4]"));
    assert_eq!(
        set(&filter(&values.each_ref().map(String::as_str))),
        "setSubscriptionFilter: a group has at most 10 filters; each value of 'in' counts"
    );
    let long = format!("\"{}\"", "ä".repeat(257));
    assert_eq!(
        set(&filter(&[&condition("a", "eq", &long)])),
        "setSubscriptionFilter: a string has at most 256 characters"
    );
}

#[test]
fn five_different_invalidations_are_the_most() {
    let mut turn = Turn::default();
    let mut invalidate = |id: usize| {
        let target = format!(r#"{{"subscriptionField":"onEvent","payload":{{"id":{id}}}}}"#);
        call(
            &EXTENSIONS,
            "invalidateSubscriptions",
            &[&target],
            &mut turn,
        )
    };
    for id in [1, 2, 3, 4, 4, 5, 1] {
        assert_eq!(invalidate(id), Ok("\"\"".to_owned()));
    }
    assert_eq!(
        invalidate(6),
        Err("invalidateSubscriptions can be called 5 times in a request".to_owned())
    );
    assert_eq!(turn.extensions.len(), 5);
    for given in [
        "null",
        "{}",
        r#"{"subscriptionField":"a"}"#,
        r#"{"subscriptionField":1,"payload":{}}"#,
    ] {
        assert_eq!(
            refused("invalidateSubscriptions", &[given]),
            "invalidateSubscriptions expects { subscriptionField: 'onEvent', payload: { … } }"
        );
    }
}
