use super::*;

const EVENT: &str = r#"{
    "severity":7, "price":1.5, "priority":"high", "done":false, "note":null,
    "tags":["a","b"], "at":{"town":{"name":"Oslo"}}
}"#;

fn parse(filters: &str) -> Result<Enhanced, Unusable> {
    let filter = format!(r#"{{"filterGroup":[{{"filters":[{filters}]}}]}}"#);
    Enhanced::parse(Value::parse(filter).unwrap().view())
}

fn rule(field: &str, operator: &str, value: &str) -> String {
    format!(r#"{{"fieldName":"{field}","operator":"{operator}","value":{value}}}"#)
}

fn matches(field: &str, operator: &str, value: &str) -> bool {
    let event = Value::parse(EVENT).unwrap();
    let filter = parse(&rule(field, operator, value)).unwrap();
    filter.matches(event.view())
}

#[test]
fn operators_compare() {
    let cases = [
        ("severity", "eq", "7.0", true),
        ("severity", "eq", "\"7\"", false),
        ("severity", "ne", "8", true),
        ("severity", "ge", "7", true),
        ("severity", "gt", "7", false),
        ("severity", "le", "7", true),
        ("severity", "lt", "7.5", true),
        ("price", "gt", "1", true),
        ("priority", "lt", "\"low\"", true),
        ("priority", "gt", "1", false),
        ("done", "eq", "false", true),
        ("priority", "contains", "\"ig\"", true),
        ("tags", "contains", "\"a\"", true),
        ("tags", "contains", "\"c\"", false),
        ("tags", "notContains", "\"c\"", true),
        ("priority", "beginsWith", "\"hi\"", true),
        ("priority", "beginsWith", "\"gh\"", false),
        ("priority", "in", "[\"high\",\"medium\"]", true),
        ("priority", "notIn", "[\"high\"]", false),
        ("severity", "between", "[6,8]", true),
        ("severity", "between", "[7,8]", false),
        ("tags", "containsAny", "[\"x\",\"b\"]", true),
        ("tags", "containsAny", "[\"x\"]", false),
        ("at.town.name", "eq", "\"Oslo\"", true),
        ("at.town.size", "ne", "1", true),
        ("nothing", "eq", "1", false),
        ("nothing", "gt", "1", false),
        ("note", "eq", "null", true),
    ];
    for (field, operator, value, expected) in cases {
        assert_eq!(
            matches(field, operator, value),
            expected,
            "{field} {operator} {value}"
        );
    }
}

#[test]
fn one_group_must_hold_and_all_of_its_rules() {
    let group = |rules: &[String]| format!(r#"{{"filters":[{}]}}"#, rules.join(","));
    let (yes, no) = (rule("severity", "eq", "7"), rule("severity", "eq", "8"));
    let matches = |groups: &[String]| {
        let filter = format!(r#"{{"filterGroup":[{}]}}"#, groups.join(","));
        let filter = Enhanced::parse(Value::parse(filter).unwrap().view()).unwrap();
        filter.matches(Value::parse(EVENT).unwrap().view())
    };
    assert!(!matches(&[]));
    assert!(!matches(&[group(&[yes.clone(), no.clone()])]));
    assert!(matches(&[group(std::slice::from_ref(&no)), group(&[yes])]));
}

#[test]
fn filters_are_bounded() {
    let refused = |filters: &str| parse(filters).unwrap_err().to_string();
    assert_eq!(
        refused(&rule("a", "in", "[1,2,3,4,5,6]")),
        "subscription exceeds maximum value limit 5 for operator `in`."
    );
    let fields: Vec<String> = (0..6).map(|n| rule(&format!("f{n}"), "eq", "1")).collect();
    assert_eq!(
        refused(&fields.join(",")),
        "Filters exceed maximum attributes limit 5 for subscription"
    );
    for (rule, reason) in [
        (rule("a", "like", "1"), "`like` is no operator of a filter"),
        (
            rule("a", "in", "1"),
            "the operator `in` needs a list of values",
        ),
        (rule("a", "eq", "[1]"), "the operator `eq` needs one value"),
        (
            rule("a", "eq", &format!("\"{}\"", "x".repeat(257))),
            "a string of a filter is longer than 256 characters",
        ),
    ] {
        assert_eq!(refused(&rule), reason);
    }
}

#[test]
fn a_rule_that_goes_too_deep_is_ignored() {
    assert!(matches("a.b.c.d.e.f", "eq", "1"));
    assert!(!matches("a.b.c.d.e", "eq", "1"));
}
