use super::{
    super::dynamodb::tests::{call, json},
    TRANSFORM,
};
use crate::{json::Value, mapping::turn::Turn};

/// Filters, their expressions and the values of these, as AppSync was seen to write them.
const EXPRESSIONS: &str = include_str!("tests/expressions.tsv");

/// Filters and what subscriptions make of them, as AppSync was seen to write it.
const SUBSCRIPTIONS: &str = include_str!("tests/subscriptions.tsv");

fn called(name: &str, arguments: &[&str]) -> (String, Turn) {
    let mut turn = Turn::default();
    let value = call(&TRANSFORM, name, arguments, &mut turn);
    (
        value.unwrap_or_else(|message| panic!("{name}: {message}")),
        turn,
    )
}

/// The text that a function gives.
fn text(name: &str, argument: &str) -> String {
    let (value, turn) = called(name, &[argument]);
    assert!(turn.logs.is_empty(), "{:?}", turn.logs);
    let value = Value::parse(value).expect("JSON");
    value.view().as_str().expect("a text").into_owned()
}

/// Why a filter comes to null.
fn refused(name: &str, argument: &str) -> String {
    let (value, turn) = called(name, &[argument]);
    assert_eq!(value, "null", "{argument}");
    let [line] = &turn.logs[..] else {
        panic!("{argument}: {:?}", turn.logs)
    };
    assert_eq!(line.place, Some((3, 7)));
    line.text.clone()
}

#[test]
fn expressions_are_those_of_appsync() {
    for line in EXPRESSIONS.lines() {
        let [filter, expression, values] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("three columns: {line}")
        };
        for name in [
            "toDynamoDBFilterExpression",
            "toDynamoDBConditionExpression",
        ] {
            let made = Value::parse(text(name, filter)).expect("JSON");
            let member = |name| json(&made.view().get(name).expect(name).to_value());
            let written = made.view().get("expression").and_then(|it| it.as_str());
            assert_eq!(written.as_deref(), Some(expression), "{filter}");
            assert_eq!(member("expressionValues"), values, "{filter}");
        }
    }
}

#[test]
fn an_expression_is_a_text_of_three_members() {
    assert_eq!(
        text(
            "toDynamoDBFilterExpression",
            r#"{"content":{"contains":"foo"}}"#
        ),
        r##"{"expression":"(contains(#content,:content_contains))","expressionNames":{"#content":"content"},"expressionValues":{":content_contains":{"S":"foo"}}}"##
    );
    assert_eq!(
        text(
            "toDynamoDBConditionExpression",
            r#"{"and":[{"id":{"attributeExists":false}}]}"#
        ),
        r##"{"expression":"(attribute_not_exists(#id))","expressionNames":{"#id":"id"},"expressionValues":{}}"##
    );
    let empty = text("toDynamoDBFilterExpression", r#"{"v":{}}"#);
    assert_eq!(
        empty,
        r##"{"expression":"","expressionNames":{"#v":"v"},"expressionValues":{}}"##
    );
}

#[test]
fn several_fields_of_a_group_stand_in_parentheses() {
    let made = text(
        "toDynamoDBFilterExpression",
        r#"{"not":{"a":{"eq":1},"b":{"eq":2}}}"#,
    );
    assert!(
        made.contains("(NOT ((#a = :not_a_eq) AND (#b = :not_b_eq)))"),
        "{made}"
    );
}

#[test]
fn a_filter_that_is_none_comes_to_null_and_the_log_says_why() {
    let filter = |filter| refused("toDynamoDBFilterExpression", filter);
    assert_eq!(
        filter("null"),
        "toDynamoDBFilterExpression gives null: a filter is an object of fields, not null"
    );
    for (given, why) in [
        ("[]", "not a list"),
        ("\"string\"", "not a string"),
        (
            r#"{"v":{"foo":1}}"#,
            "'v.foo' is no operator; there are eq, ne",
        ),
        (
            r#"{"v":"x"}"#,
            r#"'v' is an object such as {"eq":…}, not a string"#,
        ),
        (r#"{"a":{"b":{"eq":1}}}"#, "'a.b' is no operator"),
        (
            r#"{"and":{"a":{"eq":1}}}"#,
            "'and' is a list of filters, not an object",
        ),
        (r#"{"and":null}"#, "'and' is a list of filters, not null"),
        (r#"{"and":[{"a":{"eq":1}},null]}"#, "not null"),
        (r#"{"not":[{"a":{"eq":1}}]}"#, "not a list"),
        (
            r#"{"v":{"between":[1]}}"#,
            "'v.between' is a list of two values",
        ),
        (
            r#"{"v":{"between":"x"}}"#,
            "'v.between' is a list of two values",
        ),
        (r#"{"v":{"in":"x"}}"#, "'v.in' is a list of values"),
        (
            r#"{"v":{"attributeExists":"yes"}}"#,
            "'v.attributeExists' is true or false",
        ),
        (
            r#"{"v":{"attributeType":"S"}}"#,
            "'v.attributeType' is one of _null, string",
        ),
        (
            r#"{"v":{"size":3}}"#,
            r#"'v' is an object such as {"eq":…}, not a number"#,
        ),
    ] {
        let message = filter(given);
        assert!(message.contains(why), "{given}: {message}");
    }
}

#[test]
fn filters_that_nest_too_deep_are_refused() {
    let nested = format!("{}{}{}", r#"{"not":"#.repeat(40), "{}", "}".repeat(40));
    let sizes = format!(
        r#"{{"v":{}{}{}}}"#,
        r#"{"size":"#.repeat(40),
        "{}",
        "}".repeat(40)
    );
    assert!(refused("toDynamoDBFilterExpression", &nested).contains("nests too deep"));
    assert!(refused("toDynamoDBFilterExpression", &sizes).contains("nests too deep"));
    assert!(refused("toElasticsearchQueryDSL", &nested).contains("nests too deep"));
    let nested = format!("{}{}{}", r#"{"and":["#.repeat(40), "{}", "]}".repeat(40));
    assert!(refused("toSubscriptionFilter", &nested).contains("nests too deep"));
}

#[test]
fn queries_are_those_of_opensearch() {
    let check = |filter: &str, expected: &str| {
        assert_eq!(
            text("toElasticsearchQueryDSL", filter),
            expected,
            "{filter}"
        );
    };
    // The sample of AppSync's guide.
    check(
        r#"{"upvotes":{"ne":15,"range":[10,20]},"title":{"eq":"hihihi","wildcard":"h*i"}}"#,
        r#"{"bool":{"must":[{"bool":{"must":[{"bool":{"must_not":{"term":{"upvotes":15}}}},{"range":{"upvotes":{"gte":10,"lte":20}}}]}},{"bool":{"must":[{"term":{"title":"hihihi"}},{"wildcard":{"title":"h*i"}}]}}]}}"#,
    );
    check(r#"{"a":{"eq":1}}"#, r#"{"term":{"a":1}}"#);
    check(r#"{"a":{"gte":1}}"#, r#"{"range":{"a":{"gte":1}}}"#);
    check(r#"{"a":{"match":"x"}}"#, r#"{"match":{"a":"x"}}"#);
    check(
        r#"{"a":{"matchPhrase":"x"}}"#,
        r#"{"match_phrase":{"a":"x"}}"#,
    );
    check(
        r#"{"a":{"matchPhrasePrefix":"x"}}"#,
        r#"{"match_phrase_prefix":{"a":"x"}}"#,
    );
    check(
        r#"{"a":{"multiMatch":"x"}}"#,
        r#"{"multi_match":{"query":"x","fields":["a"]}}"#,
    );
    check(r#"{"a":{"regexp":"x.*"}}"#, r#"{"regexp":{"a":"x.*"}}"#);
    check(r#"{"a":{"exists":true}}"#, r#"{"exists":{"field":"a"}}"#);
    check(
        r#"{"a":{"exists":false}}"#,
        r#"{"bool":{"must_not":{"exists":{"field":"a"}}}}"#,
    );
    check(
        r#"{"or":[{"a":{"eq":1}},{"not":{"b":{"eq":2}}}]}"#,
        r#"{"bool":{"should":[{"term":{"a":1}},{"bool":{"must_not":{"term":{"b":2}}}}]}}"#,
    );
    check(
        r#"{"and":[{"a":{"lt":1}}]}"#,
        r#"{"bool":{"must":[{"range":{"a":{"lt":1}}}]}}"#,
    );
}

#[test]
fn queries_that_cannot_be_made_come_to_null() {
    let query = |filter| refused("toElasticsearchQueryDSL", filter);
    assert!(query(r#"{"a":{"like":1}}"#).contains("'a.like' is no operator"));
    assert!(query(r#"{"a":{"range":[1]}}"#).contains("'a.range' is a list of two values"));
    assert!(query(r#"{"a":{"exists":1}}"#).contains("'a.exists' is true or false"));
    assert!(query(r#"{"a":1}"#).contains("'a' is an object such as"));
    assert!(query(r#"{"or":{}}"#).contains("'or' is a list of filters"));
}

#[test]
fn subscriptions_get_alternatives() {
    for line in SUBSCRIPTIONS.lines() {
        let mut columns: Vec<_> = line.split('\t').collect();
        let expected = columns.pop().expect("columns");
        let (value, _) = called("toSubscriptionFilter", &columns);
        // `field operator value, … | …`
        let value = Value::parse(value).expect("JSON");
        let groups = value
            .view()
            .get("filterGroup")
            .expect("a filter")
            .items()
            .map(|group| {
                let filters = group
                    .get("filters")
                    .expect("filters")
                    .items()
                    .map(|filter| {
                        let member = |name| filter.get(name).expect(name);
                        let text = |name| member(name).as_str().expect("a text").into_owned();
                        let value = json(&member("value").to_value());
                        format!("{} {} {value}", text("fieldName"), text("operator"))
                    });
                filters.collect::<Vec<_>>().join(", ")
            });
        assert_eq!(groups.collect::<Vec<_>>().join(" | "), expected, "{line}");
    }
    let (shape, _) = called("toSubscriptionFilter", &[r#"{"a":{"eq":1}}"#]);
    let expected = r#"{"filterGroup":[{"filters":[{"fieldName":"a","operator":"eq","value":1}]}]}"#;
    assert_eq!(shape, expected);
}

#[test]
fn what_is_no_filter_of_a_subscription_comes_to_null() {
    for given in [
        "null",
        "[]",
        r#""{\"a\":{\"eq\":1}}""#,
        r#"{"a":1}"#,
        r#"{"or":{}}"#,
    ] {
        refused("toSubscriptionFilter", given);
    }
}

#[test]
fn alternatives_do_not_multiply_without_end() {
    let field = |index: usize| format!(r#"{{"f{index}":{{"eq":1,"ne":2,"gt":3}}}}"#);
    let fields = (0..20).map(field).collect::<Vec<_>>().join(",");
    let empty = format!(r#"{{"or":[{}{{}}]}}"#, "{},".repeat(300));
    for members in [fields, format!("{empty},{empty},{empty}")] {
        let filter = format!(r#"{{"and":[{members}]}}"#);
        let refused = call(
            &TRANSFORM,
            "toSubscriptionFilter",
            &[&filter],
            &mut Turn::default(),
        );
        assert_eq!(
            refused,
            Err("the filter has more than 10000 conditions in its alternatives".to_owned())
        );
    }
}
