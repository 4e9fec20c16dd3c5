use apollo_compiler::{ExecutableDocument, Schema, ast};
use proptest::prelude::*;

use super::*;

fn json(text: &str) -> Value {
    Value::parse(text.to_owned()).expect("the test writes JSON")
}

fn text(value: &Value) -> String {
    let mut out = Vec::new();
    value.view().write(&mut out);
    String::from_utf8(out).expect("JSON is UTF-8")
}

fn write(scalar: Scalar, value: &Value) -> Result<String, Refusal> {
    let mut out = b"before ".to_vec();
    let written = scalar.write_result(value.view(), &mut out);
    let out = String::from_utf8(out).expect("JSON is UTF-8");
    let out = out
        .strip_prefix("before ")
        .expect("what was there stays")
        .to_owned();
    if written.is_err() {
        assert_eq!(out, "", "nothing is written beside a refusal");
    }
    written.map(|()| out)
}

fn literal(text: &str) -> ast::Value {
    let schema = Schema::parse_and_validate("scalar S type Query { a(s: S): Int }", "schema")
        .expect("a schema");
    let query = format!("{{ a(s: {text}) }}");
    let document = ExecutableDocument::parse(&schema, query, "query").expect("a query");
    let operation = document.operations.get(None).expect("an operation");
    let field = operation.selection_set.fields().next().expect("a field");
    (*field.arguments[0].value).clone()
}

/// The value of a JSON text with the numbers as serde_json has them: `1.0` is `1.0` to both.
fn canonical(text: &str) -> serde_json::Value {
    let value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    match value {
        serde_json::Value::Number(number) => serde_json::json!(number.as_f64()),
        other => other,
    }
}

/// The outcomes were written by graphql-js 16.15.0.
#[test]
fn scalars_are_those_of_graphql_js() {
    let mut lines = include_str!("tests/scalars.txt").lines();
    let mut compared = 0;
    while let (Some(case), Some(expected)) = (lines.next(), lines.next()) {
        let parts: Vec<_> = case.splitn(4, ' ').collect();
        let [_, name, verb, input] = parts[..] else {
            panic!("{case}");
        };
        let scalar = Scalar::named(name);
        let outcomes = match verb {
            "parses" => vec![
                scalar
                    .parse_value(json(input).view())
                    .map(|value| text(&value)),
            ],
            "reads" => {
                let literal = literal(&input.replace('␤', "\n"));
                vec![scalar.parse_literal(&literal).map(|value| text(&value))]
            }
            _ => vec![write(scalar, &json(input)), write(scalar, &built(input))],
        };
        for outcome in outcomes {
            match (outcome, expected.split_once(' ')) {
                (Ok(text), Some(("=", expected))) => {
                    assert_eq!(canonical(&text), canonical(expected), "{case}");
                }
                (Err(refusal), Some(("!", expected))) => assert_eq!(refusal, expected, "{case}"),
                (outcome, _) => panic!("{case}: {outcome:?} is not {expected}"),
            }
        }
        compared += 1;
    }
    assert!(compared > 600);
}

/// The same value, built instead of parsed.
fn built(text: &str) -> Value {
    fn build(view: View<'_>) -> Value {
        match view.kind() {
            Kind::Null => Value::Null,
            Kind::Bool => Value::Bool(view.as_bool().expect("a boolean")),
            Kind::Number => Value::Number(view.as_number().expect("a number")),
            Kind::String => Value::from(&*view.as_str().expect("a string")),
            Kind::List => view.items().map(build).collect(),
            Kind::Object => {
                let entries = view
                    .entries()
                    .map(|(key, value)| (key.into(), build(value)));
                Value::from(entries.collect::<crate::json::Object>())
            }
        }
    }
    build(json(text).view())
}

#[test]
fn long_integers_keep_their_digits() {
    for digits in [
        "9223372036854775807",
        "123456789012345678901234567890",
        "-18446744073709551616",
    ] {
        let quoted = format!("\"{digits}\"");
        for scalar in [Scalar::Id, Scalar::String] {
            assert_eq!(write(scalar, &json(digits)).as_ref(), Ok(&quoted));
        }
        let id = Scalar::Id.parse_value(json(digits).view());
        assert_eq!(id.map(|id| text(&id)).as_ref(), Ok(&quoted));
    }
}

#[test]
fn results_are_copied_as_they_stand() {
    for (scalar, result) in [
        (Scalar::String, r#""a\u0041\/""#),
        (Scalar::Id, r#""\u0041""#),
        (Scalar::Int, "-123456789"),
        (Scalar::Float, "1.50"),
        (Scalar::Float, "1E2"),
        (Scalar::Boolean, "false"),
        (Scalar::Custom, r#"{"a":[1.0,"\u0041"]}"#),
        (Scalar::Aws(AwsScalar::Date), r#""2024-0\u0032-29""#),
    ] {
        assert_eq!(
            write(scalar, &json(result)).as_deref(),
            Ok(result),
            "{scalar:?}"
        );
    }
}

#[test]
fn a_custom_scalar_takes_any_literal() {
    let value = literal(r#"{a: [1, 1.5, "x", FOO, true, null], b: {}, c: 12345678901234567890}"#);
    let value = Scalar::Custom.parse_literal(&value).expect("any literal");
    let expected = r#"{"a":[1,1.5,"x","FOO",true,null],"b":{},"c":12345678901234567890}"#;
    assert_eq!(text(&value), expected);
}

const GOOD: &[(AwsScalar, &[&str])] = &[
    (
        AwsScalar::Date,
        &[
            "1970-01-01",
            "1970-01-01Z",
            "1970-01-01-07:00",
            "1970-01-01+05:30",
            "1970-01-01+05:30:00",
            "2000-02-29",
            "2024-02-29",
            "0000-12-31",
            "9999-12-31",
            "-2017-01-01",
            "1970-01-01+18:00",
        ],
    ),
    (
        AwsScalar::Time,
        &[
            "12:00:34",
            "12:00:34.",
            "12:00:34.000",
            "12:00:34.000-07:00",
            "12:00:34Z",
            "00:00:00",
            "23:59:59.999999999",
            "12:30",
            "12:30Z",
            "12:00:34+05:30:15",
        ],
    ),
    (
        AwsScalar::DateTime,
        &[
            "1970-01-01T12:30:00.000Z",
            "1970-01-01T12:30:00.000+05:30:00",
            "1970-01-01T12:30Z",
            "1970-01-01T12:30:00-07:00",
            "2024-02-29T00:00:00.2Z",
            "-2017-01-01T00:00Z",
        ],
    ),
    (
        AwsScalar::Email,
        &[
            "user@example.com",
            "a@b",
            "a.b+c@d-e.f",
            "\"a b\"@example.com",
            "a@[127.0.0.1]",
            "ü@ü.de",
        ],
    ),
    (
        AwsScalar::Phone,
        &[
            "+441234567890",
            "555-123-4567",
            "1-800-555-0100",
            "+1 800 555 0100",
            "5551234567",
            "+44 1234 567890",
        ],
    ),
    (
        AwsScalar::Url,
        &[
            "https://example.com",
            "http://localhost/",
            "mailto:a@b.c",
            "http://localhost:8080/a/b?c=//",
            "https://user:pw@example.com/#//",
            "http://[::1]:80/a",
            "file:///etc/hosts",
            "urn:isbn:1",
            "ftp://example.com/a",
            "https://foo.blog/bar",
            "HTTP://example.com",
        ],
    ),
    (
        AwsScalar::IpAddress,
        &[
            "123.12.34.56",
            "1a2b:3c4b::1234:4567",
            "127.0.0.1/8",
            "::1/16",
            "::",
            "0.0.0.0/0",
            "::1/128",
            "255.255.255.255/32",
        ],
    ),
];

const BAD: &[(AwsScalar, &[&str])] = &[
    (
        AwsScalar::Date,
        &[
            "1970-01-1",
            "1970-01-1-7:00",
            "1970-01-01-7:00",
            "1970-01-01-0700",
            "1900-02-29",
            "2023-02-29",
            "2023-04-31",
            "2023-00-10",
            "2023-13-01",
            "2023-01-00",
            "2023-01-32",
            "",
            "x",
            "1970-01-01T00:00:00Z",
            "1970-01-01z",
            "1970-01-01+19:00",
            "1970-01-01+18:00:01",
            "1970-01-01+",
            "1970-01-01 ",
            " 1970-01-01",
            "19700101",
            "1970-01-01Z ",
            "1970-01-01+05:60",
            "１970-01-01",
            "12345-01-01",
        ],
    ),
    (
        AwsScalar::Time,
        &[
            "1:30:00",
            "24:00:00",
            "12:60:00",
            "12:00:60",
            "12:00:34.1234567890",
            "12",
            "12:0",
            "",
            "12:00:34-0700",
            "12:00:34 Z",
            "T12:00:34",
            "12:00.5",
        ],
    ),
    (
        AwsScalar::DateTime,
        &[
            "1970-01-01T12:30:00",
            "1970-01-01T12:30:00-0700",
            "1970-01-01 12:30:00Z",
            "1970-01-01Z",
            "1970-01-01T24:00:00Z",
            "2020-05-23T06:4:37.000Z",
            "2023-02-29T00:00:00Z",
            "1970-01-01TZ",
            "1970-01-01t12:30:00Z",
            "2026-05-06T00:00:00.000",
            "2024-05-12T07:49:46+0000",
        ],
    ),
    (
        AwsScalar::Email,
        &[
            "",
            "user",
            "user@",
            "@example.com",
            "a@b@c.d",
            "a b@c.d",
            "a@b..c",
            "a..b@c.d",
            ".a@b.c",
            "a@-b.c",
            "a@b-.c",
            "a@b c",
            "a@",
            "\"\"@b",
            "a@[x]",
        ],
    ),
    (
        AwsScalar::Phone,
        &[
            "",
            "+",
            "call me",
            "555-CALL-NOW",
            "1110004444",
            "123",
            "+0123456789",
            "-5551234567",
            "555123456",
            "55512345678",
            "+1234567890123456",
            "+1 155 123 4567",
            "555_123_4567",
            "+44-",
        ],
    ),
    (
        AwsScalar::Url,
        &[
            "",
            "example.com",
            "https://example.com//a",
            "https://example.com/a//b",
            "://example.com",
            "https://",
            "http:",
            "http:example.com",
            "https://exa mple.com",
            "1http://a",
            "https:///a",
            "https://example.com:port/",
            "https://example.com:99999/",
            "https://[::1/",
            "http://a\n",
        ],
    ),
    (
        AwsScalar::IpAddress,
        &[
            "",
            "[::1]",
            "256.0.0.1",
            "1.2.3",
            "1.2.3.4.5",
            "127.0.0.1/33",
            "::1/129",
            "127.0.0.1/",
            "127.0.0.1/-1",
            "127.0.0.1/+8",
            "::1::",
            "g::1",
            "127.0.0.1 ",
            "01.2.3.4",
            "localhost",
        ],
    ),
];

#[test]
fn aws_scalars_take_what_appsync_documents() {
    for (scalar, texts) in GOOD {
        for good in *texts {
            let (value, quoted) = (Value::from(*good), serde_json::json!(good).to_string());
            let parsed = scalar.parse(value.view());
            assert_eq!(
                parsed.map(|value| text(&value)).as_ref(),
                Ok(&quoted),
                "{good}"
            );
            let scalar = Scalar::Aws(*scalar);
            assert_eq!(write(scalar, &value).as_ref(), Ok(&quoted), "{good}");
            assert_eq!(
                write(scalar, &json(&quoted)).as_ref(),
                Ok(&quoted),
                "{good}"
            );
        }
    }
}

#[test]
fn aws_scalars_refuse_what_appsync_refuses() {
    for (scalar, texts) in BAD {
        for bad in *texts {
            assert!(
                scalar.parse(Value::from(*bad).view()).is_err(),
                "{scalar:?} takes {bad:?}"
            );
            assert!(
                write(Scalar::Aws(*scalar), &Value::from(*bad)).is_err(),
                "{bad:?}"
            );
        }
        for other in ["1", "1.5", "true", "[]", "{}"] {
            assert!(
                scalar.parse(json(other).view()).is_err(),
                "{scalar:?} takes {other}"
            );
        }
    }
}

#[test]
fn timestamps_are_whole_seconds() {
    let scalar = Scalar::Aws(AwsScalar::Timestamp);
    for good in ["1234567890", "-1", "0", "99999999999"] {
        assert_eq!(
            scalar
                .parse_value(json(good).view())
                .map(|v| text(&v))
                .as_deref(),
            Ok(good)
        );
        assert_eq!(write(scalar, &json(good)).as_deref(), Ok(good));
    }
    for bad in ["1.5", "\"1970-01-01\"", "\"1\"", "true", "1e30", "[1]"] {
        assert!(scalar.parse_value(json(bad).view()).is_err(), "{bad}");
        assert!(write(scalar, &json(bad)).is_err(), "{bad}");
    }
}

#[test]
fn awsjson_comes_in_as_text() {
    let scalar = Scalar::Aws(AwsScalar::Json);
    for good in ["{\"a\":1}", "[1,2]", "\"x\"", "10", "null", " true "] {
        let value = scalar.parse_value(Value::from(good).view());
        assert_eq!(value.map(|value| text(&value)).as_deref(), Ok(good.trim()));
    }
    for bad in ["{a:1}", "'text'", "", "x", "[1,]"] {
        assert!(
            scalar.parse_value(Value::from(bad).view()).is_err(),
            "{bad}"
        );
    }
    assert_eq!(
        scalar
            .parse_value(json(r#"{"key1":"hi","key2":3,"nested":{"a":true}}"#).view())
            .err(),
        Some("Unable to parse {key1=hi, key2=3, nested={a=true}} as valid JSON.".to_owned()),
    );
}

#[test]
fn awsjson_goes_out_as_text() {
    let scalar = Scalar::Aws(AwsScalar::Json);
    for (result, expected) in [
        (r#"{"a": "b"}"#, r#""{\"a\":\"b\"}""#),
        ("[1,2]", r#""[1,2]""#),
        (r#""{\"a\":1}""#, r#""{\"a\":1}""#),
        (r#""plain""#, r#""plain""#),
        ("10", r#""10""#),
        ("true", r#""true""#),
    ] {
        let written = write(scalar, &built(result));
        assert_eq!(written.as_deref(), Ok(expected), "{result}");
        let copied = write(scalar, &json(result)).expect("any JSON goes out");
        let inside = |text: &str| serde_json::from_str::<String>(text).expect("a string");
        let read = |text: &str| serde_json::from_str::<serde_json::Value>(&inside(text)).ok();
        assert_eq!(read(&copied), read(expected), "{result}");
    }
}

#[test]
fn a_result_that_does_not_fit_is_shown_as_appsync_does() {
    let refusals = AwsScalar::ALL
        .iter()
        .filter(|(name, _)| *name != "AWSJSON")
        .map(|(_, scalar)| {
            write(Scalar::Aws(*scalar), &json(r#"{"a":[1,"b"]}"#)).expect_err("no scalar is a map")
        });
    insta::assert_snapshot!(refusals.collect::<Vec<_>>().join("\n"), @r"
    Unable to serialize `{a=[1, b]}` as a valid date.
    Unable to serialize `{a=[1, b]}` as a valid time.
    Unable to serialize `{a=[1, b]}` as a valid DateTime Object.
    Unable to serialize `{a=[1, b]}` as a valid timestamp.
    Unable to serialize `{a=[1, b]}` as a valid email.
    Unable to serialize `{a=[1, b]}` as a valid phone number.
    Unable to serialize `{a=[1, b]}` as a valid URL.
    Unable to serialize `{a=[1, b]}` as a valid IP address.
    ");
}

fn any_result() -> impl Strategy<Value = String> {
    let number = (any::<i64>(), any::<u8>(), any::<i16>());
    prop_oneof![
        any::<String>().prop_map(|string| serde_json::json!(string).to_string()),
        "\"\\PC{0,4}[0-9]{1,12}\"".prop_map(|string| string.replace('\\', "")),
        any::<i64>().prop_map(|int| int.to_string()),
        any::<i32>().prop_map(|int| int.to_string()),
        any::<f64>().prop_map(|float| serde_json::json!(float).to_string()),
        number.prop_map(|(whole, fraction, power)| format!("{whole}.{fraction}e{power}")),
        any::<bool>().prop_map(|bool| bool.to_string()),
        Just("[1]".to_owned()),
        Just("{}".to_owned()),
    ]
}

proptest! {
    #[test]
    fn what_is_copied_is_what_would_have_been_written(result in any_result()) {
        let Ok(node) = Value::parse(result.clone()) else {
            return Ok(());
        };
        for scalar in [Scalar::Int, Scalar::Float, Scalar::String, Scalar::Boolean, Scalar::Id] {
            let slow = {
                let mut out = Vec::new();
                let written = result::write(scalar, node.view(), &mut out);
                written.map(|()| String::from_utf8(out).expect("JSON is UTF-8"))
            };
            match (write(scalar, &node), slow) {
                (Ok(fast), Ok(slow)) => prop_assert_eq!(json(&fast), json(&slow)),
                (fast, slow) => prop_assert_eq!(fast, slow),
            }
        }
    }

    #[test]
    fn a_date_is_taken_when_the_calendar_has_it(year in 0..=9999u32, month in 0..=13u32, day in 0..=32u32) {
        let days = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        let leap = year % 400 == 0 || (year % 4 == 0 && year % 100 != 0);
        let last = days.get((month as usize).wrapping_sub(1)).map(|days| days + u32::from(leap && month == 2));
        let exists = last.is_some_and(|last| (1..=last).contains(&day));
        let date = Value::from(format!("{year:04}-{month:02}-{day:02}"));
        prop_assert_eq!(AwsScalar::Date.parse(date.view()).is_ok(), exists);
    }

    #[test]
    fn no_text_makes_a_scalar_panic(text in any::<String>()) {
        for (_, scalar) in AwsScalar::ALL {
            _ = scalar.parse(Value::from(&*text).view());
        }
        _ = write(Scalar::Int, &Value::from(&*text));
    }
}
