use apollo_compiler::{ExecutableDocument, Schema, executable::Field, validation::Valid};
use proptest::prelude::*;

use super::*;
use crate::json::{Object, Value};

struct Fixture {
    schema: Valid<Schema>,
    inputs: Inputs,
}

impl Fixture {
    fn new() -> Self {
        let schema = Schema::parse_and_validate(include_str!("tests/schema.graphql"), "schema");
        let schema = schema.expect("the schema is valid");
        let inputs = Inputs::build(&schema);
        Fixture { schema, inputs }
    }

    fn parse(&self, text: &str) -> ExecutableDocument {
        ExecutableDocument::parse(&self.schema, text, "query").expect("the operation parses")
    }

    /// Coerces variables that are declared and provided as text.
    fn variables(
        &self,
        document: &ExecutableDocument,
        provided: &str,
    ) -> (Vec<VariableDef>, Result<Variables, Vec<CoerceError>>) {
        let operation = document
            .operations
            .get(None)
            .expect("there is one operation");
        let defs = VariableDef::compile(&self.inputs, operation).expect("input types");
        let variables = coerce_variables(&self.inputs, &defs, json(provided).view());
        (defs, variables)
    }

    /// The outcome of coercing variables: an object by names, or the messages.
    fn outcome(&self, defs: &str, provided: &str) -> Result<Value, Vec<String>> {
        let document = self.parse(&format!("query ({defs}) {{ dog {{ name }} }}"));
        let (defs, variables) = self.variables(&document, provided);
        match variables {
            Ok(variables) => Ok(by_name(&defs, &variables)),
            Err(errors) => Err(errors.into_iter().map(|error| error.message).collect()),
        }
    }

    /// The arguments of the first field inside `complicatedArgs`.
    fn arguments(&self, defs: &str, field: &str, provided: &str) -> Result<Value, String> {
        let defs = if defs.is_empty() {
            String::new()
        } else {
            format!("({defs})")
        };
        let document = self.parse(&format!("query {defs} {{ complicatedArgs {{ {field} }} }}"));
        let (defs, variables) = self.variables(&document, provided);
        let variables = variables.expect("the variables are right");
        let field = inner_field(&document);
        let args = self.inputs.arguments(&field.definition.arguments);
        let arguments = Arguments::compile(&self.inputs, &args, &field.arguments, &defs);
        let values = arguments.and_then(|arguments| arguments.values(&variables));
        values.map_err(|error| error.message)
    }
}

fn inner_field(document: &ExecutableDocument) -> &Field {
    let operation = document
        .operations
        .get(None)
        .expect("there is one operation");
    let outer = operation.selection_set.fields().next().expect("a field");
    outer.selection_set.fields().next().expect("a field")
}

fn by_name(defs: &[VariableDef], variables: &Variables) -> Value {
    let values = defs.iter().zip(variables.values());
    let given = values.filter_map(|(def, value)| Some((def.name.clone(), value.clone()?)));
    Value::from(given.collect::<Object>())
}

fn json(text: &str) -> Value {
    Value::parse(text.to_owned()).expect("the test writes JSON")
}

fn text(value: &Value) -> String {
    let mut out = Vec::new();
    value.view().write(&mut out);
    String::from_utf8(out).expect("JSON is UTF-8")
}

/// The lines of a case after its `$` line, by their mark.
struct Case<'a> {
    title: &'a str,
    lines: Vec<(char, &'a str)>,
}

impl Case<'_> {
    fn marked(&self, mark: char) -> Vec<&str> {
        let lines = self.lines.iter().filter(|(found, _)| *found == mark);
        lines.map(|(_, rest)| *rest).collect()
    }
}

fn cases(text: &str) -> Vec<Case<'_>> {
    let mut cases: Vec<Case<'_>> = Vec::new();
    for line in text.lines() {
        let (mark, rest) = line.split_at(1);
        let rest = rest.strip_prefix(' ').unwrap_or(rest);
        match (mark, cases.last_mut()) {
            ("$", _) => cases.push(Case {
                title: rest,
                lines: Vec::new(),
            }),
            (mark, Some(case)) => case.lines.push((mark.chars().next().unwrap_or(' '), rest)),
            (_, None) => panic!("a case begins with $"),
        }
    }
    cases
}

/// The outcomes were written by graphql-js 16.15.0.
#[test]
fn variables_are_those_of_graphql_js() {
    let fixture = Fixture::new();
    for case in cases(include_str!("tests/variables.txt")) {
        let provided = case.marked('?')[0];
        let name = format!("{} {provided}", case.title);
        match fixture.outcome(case.title, provided) {
            Ok(values) => {
                let expected = case
                    .marked('=')
                    .first()
                    .map(|expected| text(&json(expected)));
                assert_eq!(Some(text(&values)), expected, "{name}");
            }
            Err(messages) => assert_eq!(messages, case.marked('!'), "{name}"),
        }
    }
}

/// The outcomes were written by graphql-js 16.15.0.
#[test]
fn arguments_are_those_of_graphql_js() {
    let fixture = Fixture::new();
    for case in cases(include_str!("tests/arguments.txt")) {
        let (defs, provided) = (case.marked('#')[0], case.marked('?')[0]);
        let name = format!("{} ({defs}) {provided}", case.title);
        match fixture.arguments(defs, case.title, provided) {
            Ok(values) => {
                let expected = case
                    .marked('=')
                    .first()
                    .map(|expected| text(&json(expected)));
                assert_eq!(Some(text(&values)), expected, "{name}");
            }
            Err(message) => assert_eq!([&*message], *case.marked('!'), "{name}"),
        }
    }
}

#[test]
fn appsync_names_the_field_whose_value_is_wrong() {
    let fixture = Fixture::new();
    let outcomes = [
        fixture.outcome("$x: AWSDate", r#"{"x": "2023-02-29"}"#),
        fixture.outcome("$x: [AWSDate!]", r#"{"x": ["2023-02-28", "y"]}"#),
        fixture.outcome(
            "$x: ComplexInput",
            r#"{"x": {"requiredField": true, "date": 5}}"#,
        ),
        fixture.outcome(
            "$x: AWSJSON",
            r#"{"x": {"a": 1, "b": [true, null, {"c": "d"}]}}"#,
        ),
        fixture.outcome("$x: AWSJSON", r#"{"x": "{a: 1}"}"#),
        fixture.outcome("$x: AWSTimestamp", r#"{"x": "1970-01-01"}"#),
    ];
    let outcomes = outcomes.map(|outcome| outcome.expect_err("the value is wrong").join("\n"));
    insta::assert_snapshot!(outcomes.join("\n"), @r"
    Variable 'x' has an invalid value. Unable to parse `2023-02-29` as a valid date.
    Variable 'x' has an invalid value. Unable to parse `y` as a valid date.
    Variable 'date' has an invalid value. Unable to parse `5` as a valid date.
    Variable 'x' has an invalid value. Unable to parse {a=1, b=[true, null, {c=d}]} as valid JSON.
    Variable 'x' has an invalid value. Unable to parse {a: 1} as valid JSON.
    Variable 'x' has an invalid value. Unable to parse `1970-01-01` as a valid timestamp.
    ");
}

#[test]
fn awsjson_is_what_its_text_says() {
    let fixture = Fixture::new();
    let outcome = fixture.outcome(
        "$x: AWSJSON, $y: AWSJSON = \"[1]\"",
        r#"{"x": "{\"a\": [1]}"}"#,
    );
    assert_eq!(text(&outcome.expect("JSON")), r#"{"x":{"a":[1]},"y":[1]}"#);
    let arguments = fixture.arguments("", r#"jsonArgField(json: "\"x\"")"#, "{}");
    assert_eq!(text(&arguments.expect("JSON")), r#"{"json":"x"}"#);
}

#[test]
fn a_fault_is_located_where_the_variable_is_declared() {
    let fixture = Fixture::new();
    let document = fixture.parse("query ($a: Int,\n  $b: Int!) { dog { name } }");
    let errors = fixture
        .variables(&document, r#"{"b": "x"}"#)
        .1
        .expect_err("b is wrong");
    let span = errors[0].location.expect("a location");
    let place = span
        .line_column(&document.sources)
        .expect("a place in the text");
    assert_eq!((place.line, place.column), (2, 3));
}

#[test]
fn constant_arguments_are_one_shared_value() {
    let fixture = Fixture::new();
    let document = fixture.parse("{ complicatedArgs { plainArgField(plain: { a: 1 }) } }");
    let field = inner_field(&document);
    let args = fixture.inputs.arguments(&field.definition.arguments);
    let arguments = Arguments::compile(&fixture.inputs, &args, &field.arguments, &[]);
    let arguments = arguments.expect("the arguments are right");
    let values = [(); 2].map(|()| arguments.values(&Variables::default()));
    let [Ok(Value::Object(first)), Ok(Value::Object(second))] = values else {
        panic!("arguments are an object");
    };
    assert!(Arc::ptr_eq(&first, &second));
}

#[test]
fn a_message_does_not_repeat_a_megabyte() {
    let fixture = Fixture::new();
    let long = "a".repeat(1_000_000);
    let provided = format!(r#"{{"x": {{"a": "{long}", "{long}": 1}}}}"#);
    let messages = fixture
        .outcome("$x: Plain", &provided)
        .expect_err("a is no number");
    assert!(messages.iter().map(String::len).max() < Some(10_000));
}

#[test]
fn what_async_graphql_decoded_is_kept() {
    let text_in = r#"{"a":[1,1.5,18446744073709551615,-1,null,true],"b":{"c":"é"}}"#;
    let decoded: async_graphql::Value = serde_json::from_str(text_in).expect("JSON");
    let mut out = Vec::new();
    incoming::from_const_value(decoded).view().write(&mut out);
    assert_eq!(String::from_utf8_lossy(&out), text_in);
    let variables = serde_json::from_str::<async_graphql::Variables>(r#"{"x": 1}"#).expect("JSON");
    assert_eq!(text(&from_variables(variables)), r#"{"x":1}"#);
}

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(serde_json::Value::from),
        any::<i32>().prop_map(serde_json::Value::from),
        any::<f64>().prop_map(serde_json::Value::from),
        "[a-d]{0,2}".prop_map(serde_json::Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::from),
            prop::collection::btree_map("[a-f]", inner, 0..4)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    /// What is coerced already has its defaults and lists, so that nothing is left to do.
    #[test]
    fn coercing_twice_is_coercing_once(provided in any_json()) {
        let fixture = Fixture::new();
        let provided = serde_json::json!({ "x": provided }).to_string();
        for defs in ["$x: Plain", "$x: [[Int]]", "$x: [Plain!]", "$x: Any"] {
            if let Ok(once) = fixture.outcome(defs, &provided) {
                let twice = fixture.outcome(defs, &text(&once));
                prop_assert_eq!(twice.map(|value| text(&value)), Ok(text(&once)));
            }
        }
    }
}
