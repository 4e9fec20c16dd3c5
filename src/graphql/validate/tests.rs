use apollo_compiler::{ExecutableDocument, Schema, validation::Valid};

use super::document;

fn schema() -> Valid<Schema> {
    let sdl = include_str!("../coerce/tests/schema.graphql");
    Schema::parse_and_validate(sdl, "schema.graphql").expect("the schema is valid")
}

/// The messages of our own rules; `None` when apollo-compiler already refuses.
fn violations(schema: &Valid<Schema>, text: &str) -> Option<Vec<String>> {
    let parsed = ExecutableDocument::parse_and_validate(schema, text, "query.graphql").ok()?;
    let violations = document(schema, &parsed).err().unwrap_or_default();
    Some(
        violations
            .into_iter()
            .map(|violation| violation.message)
            .collect(),
    )
}

struct Case {
    verdict: &'static str,
    title: &'static str,
    messages: Vec<&'static str>,
    text: String,
}

/// The verdicts and messages were written by graphql-js 16.15.0.
fn cases() -> Vec<Case> {
    let parse = |part: &'static str| {
        let (head, rest) = part.split_once('\n')?;
        let (verdict, title) = head.split_once(": ")?;
        let messages = rest.lines().filter_map(|line| line.strip_prefix("#! "));
        let text: Vec<_> = rest
            .lines()
            .filter(|line| !line.starts_with("#! "))
            .collect();
        Some(Case {
            verdict,
            title,
            messages: messages.collect(),
            text: text.join("\n"),
        })
    };
    include_str!("tests/verdicts.txt")
        .split("#= ")
        .filter_map(parse)
        .collect()
}

#[test]
fn verdicts_are_those_of_graphql_js() {
    let schema = schema();
    let wrong = cases().into_iter().filter(|case| {
        let valid = violations(&schema, &case.text).is_some_and(|found| found.is_empty());
        valid != matches!(case.verdict, "valid" | "invalid, accepted here")
    });
    let wrong: Vec<_> = wrong.map(|case| (case.verdict, case.title)).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(cases().len() > 450);
}

#[test]
fn messages_are_those_of_graphql_js() {
    let schema = schema();
    let mut compared = 0;
    for case in cases() {
        let Some(found) = violations(&schema, &case.text).filter(|found| !found.is_empty()) else {
            continue;
        };
        for message in &found {
            assert!(
                case.messages.contains(&message.as_str()),
                "{}: {message}",
                case.title
            );
        }
        compared += found.len();
    }
    assert!(compared > 30, "{compared}");
}

fn field(field: &str) -> Option<Vec<String>> {
    violations(&schema(), &format!("{{ complicatedArgs {{ {field} }} }}"))
}

#[test]
fn literals_of_aws_scalars_have_their_form() {
    for good in [
        r#"dateArgField(date: "2024-02-29")"#,
        "dateArgField(date: null)",
        r#"dateListArgField(dates: "2024-02-29")"#,
        r#"jsonArgField(json: "{\"a\": 1}")"#,
        "timestampArgField(timestamp: -1)",
    ] {
        assert_eq!(field(good), Some(vec![]), "{good}");
    }
    for bad in [
        r#"dateArgField(date: "2023-02-29")"#,
        "dateArgField(date: 20230228)",
        "dateArgField(date: TODAY)",
        r#"dateArgField(date: ["2023-02-28"])"#,
        r#"dateArgField(date: { a: "2023-02-28" })"#,
        r#"dateListArgField(dates: ["2023-02-28", "x"])"#,
        r#"complexArgField(complexArg: { requiredField: true, date: "x" })"#,
        r#"complexArgField(complexArg: { requiredField: true, nested: { requiredField: true, date: "x" } })"#,
        "jsonArgField(json: { a: 1 })",
        r#"jsonArgField(json: "{a: 1}")"#,
        r#"timestampArgField(timestamp: "1970-01-01")"#,
        "timestampArgField(timestamp: 1.5)",
    ] {
        assert_eq!(field(bad).map(|found| found.len()), Some(1), "{bad}");
    }
}

#[test]
fn an_aws_scalar_says_what_it_found() {
    let found = [
        field(r#"dateArgField(date: "2023-02-29")"#),
        field("jsonArgField(json: { a: [1, X] })"),
    ];
    let found: Vec<_> = found.into_iter().flatten().flatten().collect();
    insta::assert_snapshot!(found.join("\n"), @r#"
    Expected value of type "AWSDate", found "2023-02-29"; Unable to parse `2023-02-29` as a valid date.
    Expected value of type "AWSJSON", found {a: [1, X]}; Unable to parse {a=[1, X]} as valid JSON.
    "#);
}

#[test]
fn a_variable_is_shown_where_it_is_declared_and_where_it_is_used() {
    let text = "query ($s: String) {\n  complicatedArgs { stringListNonNullArgField(stringListNonNullArg: [$s]) }\n}";
    let parsed = ExecutableDocument::parse_and_validate(&schema(), text, "query.graphql");
    let parsed = parsed.expect("apollo-compiler does not look into lists");
    let violations = document(&schema(), &parsed).expect_err("the variable may be null");
    let places = violations[0].locations.iter().map(|span| {
        let place = span
            .line_column(&parsed.sources)
            .expect("a place in the text");
        (place.line, place.column)
    });
    assert_eq!(places.collect::<Vec<_>>(), [(1, 8), (2, 70)]);
}

#[test]
fn fragments_are_walked_once_however_often_they_are_spread() {
    let mut text = "{ ...Start } fragment Start on Query { dog { ...F0 } }".to_owned();
    for index in 0..60 {
        let next = index + 1;
        text += &format!(
            " fragment F{index} on Dog {{ mother {{ ...F{next} }} father {{ ...F{next} }} }}"
        );
    }
    text += " fragment F60 on Dog { name }";
    let parsed = ExecutableDocument::parse(&schema(), text, "query.graphql");
    let parsed = parsed.expect("the document parses");
    assert_eq!(document(&schema(), &parsed), Ok(()));
}
