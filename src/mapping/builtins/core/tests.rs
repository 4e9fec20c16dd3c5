use crate::{
    json::Value,
    mapping::{
        builtins::{
            Language, Root, Thrown, functions,
            tests::{call, json, refused, services, value},
        },
        turn::{LogLevel, MAX_ADDED, MappingError, Turn},
    },
};

fn thrown(path: &str, arguments: &[&str]) -> MappingError {
    match call(path, arguments, &mut Turn::default()) {
        Err(Thrown::Error(error)) => *error,
        other => panic!("{path}: {other:?}"),
    }
}

#[test]
fn forms_are_encoded_as_java_does() {
    // As `java.net.URLEncoder` of Java 17 answers.
    let encoded = value("urlEncode", &[r#""aZ09 .-*_~!'()+%&=/?é€😀""#]);
    let expected = "aZ09+.-*_%7E%21%27%28%29%2B%25%26%3D%2F%3F%C3%A9%E2%82%AC%F0%9F%98%80";
    assert_eq!(encoded, format!("{expected:?}"));
    assert_eq!(
        value("urlDecode", &[&encoded]),
        r#""aZ09 .-*_~!'()+%&=/?é€😀""#
    );
    assert_eq!(value("urlDecode", &[r#""%ff%c3""#]), "\"\u{fffd}\u{fffd}\"");
    assert_eq!(value("urlEncode", &["1.5"]), r#""1.5""#);
}

#[test]
fn base64_is_read_leniently() {
    assert_eq!(value("base64Encode", &[r#""héllo""#]), r#""aMOpbGxv""#);
    assert_eq!(value("base64Encode", &[r#""a""#]), r#""YQ==""#);
    for text in [
        "YWI/Pz8+",
        "YWI_Pz8-",
        "YWI/\\nPz8 -",
        "YWI/Pz8+====garbage",
    ] {
        assert_eq!(
            value("base64Decode", &[&format!("\"{text}\"")]),
            r#""ab???>""#
        );
    }
    assert_eq!(value("base64Decode", &[r#""YQ""#]), r#""a""#);
    assert_eq!(value("base64Decode", &[r#""Y""#]), r#""""#);
    assert_eq!(value("base64Decode", &[r#""/w==""#]), "\"\u{fffd}\"");
}

#[test]
fn scripts_are_escaped_as_apache_does() {
    // As `StringEscapeUtils.escapeEcmaScript` of commons-lang3 answers.
    let escaped = value(
        "escapeJavaScript",
        &[r#""'\"\\/\n\t\b\f\r\u0001\u007fé😀""#],
    );
    let expected = r#"\'\"\\\/\n\t\b\f\r\u0001"#.to_owned() + "\u{7f}" + r"\u00E9\uD83D\uDE00";
    assert_eq!(escaped, json(&Value::from(expected)));
    assert_eq!(value("escapeJavaScript", &["null"]), "null");
}

#[test]
fn values_become_json_and_come_back() {
    for text in ["null", "true", "1.5", r#""a\"b""#, r#"{"a":[1,{}]}"#] {
        let written = value("toJson", &[text]);
        assert_eq!(value("parseJson", &[&written]), text);
    }
}

#[test]
fn a_value_that_is_endless_as_text_is_refused() {
    let doubled = |value: Value| Value::from(vec![value.clone(), value]);
    let wide = (0..60).fold(Value::Null, |value, _| doubled(value));
    let error = super::json::text_of("util.toJson", wide.view()).unwrap_err();
    assert_eq!(
        error,
        Thrown::wrong("util.toJson: the JSON text is longer than 16 MiB")
    );
    let deep = (0..200).fold(Value::Null, |value, _| Value::from(vec![value]));
    let error = super::json::text_of("util.toJson", deep.view()).unwrap_err();
    assert_eq!(
        error,
        Thrown::wrong("util.toJson: the value nests too deep")
    );
}

#[test]
fn ids_are_of_their_form_and_differ() {
    let id = |path| value(path, &[]).trim_matches('"').to_owned();
    for (path, length) in [("autoId", 36), ("autoUlid", 26), ("autoKsuid", 27)] {
        assert_eq!(id(path).len(), length, "{path}");
        assert_ne!(id(path), id(path));
    }
    let uuid: uuid::Uuid = id("autoId").parse().unwrap();
    assert_eq!(uuid.get_version_num(), 4);
    let now = crate::clock::unix_millis();
    let ulid: ulid::Ulid = id("autoUlid").parse().unwrap();
    assert!(ulid.timestamp_ms().abs_diff(now) < 60_000);
    let ksuid: svix_ksuid::Ksuid = id("autoKsuid").parse().unwrap();
    let seconds = svix_ksuid::KsuidLike::timestamp_seconds(&ksuid);
    assert!((seconds * 1000).abs_diff(now as i64) < 60_000);
}

#[test]
fn an_error_carries_what_it_was_given() {
    let error = thrown("error", &[r#""no""#, r#""Mine""#, r#"{"a":1}"#, "[2]"]);
    assert_eq!(error.message, "no");
    assert_eq!(error.error_type.as_deref(), Some("Mine"));
    assert_eq!(
        (json(&error.data), json(&error.info)),
        (r#"{"a":1}"#.into(), "[2]".into())
    );
    assert!(!error.unauthorized);
    let error = thrown("error", &[r#"{"code":[1]}"#, "null"]);
    assert_eq!(error.message, r#"{"code":[1]}"#);
    assert_eq!((error.error_type, error.data), (None, Value::Null));
    let error = thrown("error", &["404", "404"]);
    assert_eq!(
        (error.message.as_str(), error.error_type.as_deref()),
        ("404", Some("404"))
    );
}

#[test]
fn nobody_is_authorized() {
    let error = thrown("unauthorized", &[]);
    assert_eq!(error.message, "Unauthorized");
    assert_eq!(error.error_type.as_deref(), Some("Unauthorized"));
    assert!(error.unauthorized);
}

#[test]
fn errors_are_added_within_bounds() {
    let mut turn = Turn::default();
    for _ in 0..MAX_ADDED {
        let printed = call("appendError", &[r#""no""#, r#""Mine""#], &mut turn).unwrap();
        assert_eq!(json(&printed), r#""""#);
    }
    assert_eq!(turn.appended.len(), MAX_ADDED);
    assert_eq!(turn.appended[0].message, "no");
    let refused = call("appendError", &[r#""no""#], &mut turn).unwrap_err();
    assert_eq!(
        refused,
        Thrown::wrong("util.appendError: there are 100 errors already")
    );
}

#[test]
fn what_is_not_true_is_invalid() {
    assert_eq!(value("validate", &["true", r#""no""#]), r#""""#);
    for condition in ["false", "null"] {
        let error = thrown("validate", &[condition, r#""no""#]);
        assert_eq!(error.message, "no");
        assert_eq!(error.error_type.as_deref(), Some("CustomTemplateException"));
    }
    let error = thrown("validate", &["false", r#""no""#, r#""Mine""#, "1"]);
    assert_eq!(
        (error.error_type.as_deref(), json(&error.data).as_str()),
        (Some("Mine"), "1")
    );
}

#[test]
fn lines_are_logged_with_their_place() {
    let mut turn = Turn::default();
    call("log.info", &[r#""plain {}""#], &mut turn).unwrap();
    call(
        "log.debug",
        &[r#""{} and {}, {}""#, "1", r#""two""#],
        &mut turn,
    )
    .unwrap();
    call("log.error", &["true", r#""ignored""#], &mut turn).unwrap();
    let lines: Vec<_> = turn
        .logs
        .iter()
        .map(|line| (line.level, line.text.as_str()))
        .collect();
    let expected = [
        (LogLevel::Info, "plain {}"),
        (LogLevel::Debug, "1 and two, {}"),
        (LogLevel::Error, "true"),
    ];
    assert_eq!(lines, expected);
    assert_eq!(turn.logs[0].place, Some((3, 7)));
}

#[test]
fn a_module_may_return_early() {
    let early = |arguments: &[&str]| {
        let mut all = functions(Root::Runtime, Language::Js);
        let builtin = all.next().unwrap().builtin;
        let values = arguments
            .iter()
            .map(|text| Value::parse((*text).to_owned()).unwrap());
        let values: Vec<_> = values.collect();
        builtin
            .call(&mut services(&mut Turn::default()), &values)
            .unwrap_err()
    };
    let returned = |value: i64, to_end| Thrown::Return {
        value: Value::from(value),
        to_end,
    };
    assert_eq!(early(&["1"]), returned(1, false));
    assert_eq!(early(&["1", "{}"]), returned(1, false));
    assert_eq!(early(&["1", r#"{"skipTo":"NEXT"}"#]), returned(1, false));
    assert_eq!(early(&["1", r#"{"skipTo":"END"}"#]), returned(1, true));
    assert_eq!(
        early(&[]),
        Thrown::Return {
            value: Value::Null,
            to_end: false
        }
    );
    let wrong = Thrown::wrong("runtime.earlyReturn: 'skipTo' must be 'END' or 'NEXT'");
    assert_eq!(early(&["1", r#"{"skipTo":"end"}"#]), wrong);
    assert!(matches!(early(&["1", "2"]), Thrown::Error(_)));
}

#[test]
fn kinds_are_told_apart() {
    let cases = [
        ("null", "Null", ""),
        ("1.5", "Number", "isNumber"),
        (r#""a""#, "String", "isString"),
        ("true", "Boolean", "isBoolean"),
        ("[1]", "List", "isList"),
        (r#"{"a":1}"#, "Map", "isMap"),
    ];
    for (given, kind, question) in cases {
        assert_eq!(value("typeOf", &[given]), format!("{kind:?}"));
        for (_, _, asked) in cases.iter().skip(1) {
            assert_eq!(value(asked, &[given]), (*asked == question).to_string());
        }
        assert_eq!(value("isNull", &[given]), (given == "null").to_string());
    }
}

#[test]
fn something_stands_in_for_nothing() {
    let or = |path, given| value(path, &[given, r#""other""#]);
    assert_eq!(or("defaultIfNull", "null"), r#""other""#);
    assert_eq!(or("defaultIfNull", r#""""#), r#""""#);
    assert_eq!(or("defaultIfNull", "[1]"), "[1]");
    assert_eq!(or("defaultIfNullOrEmpty", r#""""#), r#""other""#);
    assert_eq!(or("defaultIfNullOrEmpty", r#"" ""#), r#"" ""#);
    assert_eq!(or("defaultIfNullOrBlank", r#"" \t""#), r#""other""#);
    assert_eq!(or("defaultIfNullOrBlank", r#""a""#), r#""a""#);
    assert_eq!(value("isNullOrEmpty", &["null"]), "true");
    assert_eq!(value("isNullOrEmpty", &[r#"" ""#]), "false");
    assert_eq!(value("isNullOrBlank", &[r#"" \n""#]), "true");
    // Java's `isWhitespace` leaves out what does not break lines.
    assert_eq!(value("isNullOrBlank", &["\"\u{a0}\""]), "false");
    assert_eq!(value("qr", &["[1]"]), r#""""#);
}

#[test]
fn patterns_match_the_whole_value() {
    assert_eq!(value("matches", &[r#""a*b""#, r#""aaab""#]), "true");
    assert_eq!(value("matches", &[r#""a*b""#, r#""aaabc""#]), "false");
    assert_eq!(value("matches", &[r#""(?i)X|Y{2}""#, r#""yy""#]), "true");
}

#[test]
fn the_kind_of_credentials_is_known() {
    assert_eq!(value("authType", &[]), r#""API Key Authorization""#);
}

#[test]
fn api_gateway_has_six_functions() {
    let paths: Vec<_> = functions(Root::GatewayUtil, Language::Vtl)
        .map(|listed| listed.path)
        .collect();
    let expected = [
        "escapeJavaScript",
        "parseJson",
        "urlEncode",
        "urlDecode",
        "base64Encode",
        "base64Decode",
    ];
    assert_eq!(paths, expected);
}

#[test]
fn wrong_calls_say_what_is_wrong() {
    insta::assert_snapshot!(refused(&[
        ("urlEncode", &["null"]),
        ("urlEncode", &[]),
        ("urlDecode", &[r#""%4""#]),
        ("urlDecode", &[r#""%-1""#]),
        ("base64Decode", &["{}"]),
        ("base64Encode", &["[]"]),
        ("escapeJavaScript", &["{}"]),
        ("parseJson", &[r#""{a:1}""#]),
        ("parseJson", &["null"]),
        ("toJson", &["1", "2"]),
        ("isNullOrEmpty", &["1"]),
        ("defaultIfNull", &["1"]),
        ("defaultIfNullOrBlank", &["[]", r#""a""#]),
        ("validate", &[r#""yes""#, r#""no""#]),
        ("validate", &["true"]),
        ("error", &[]),
        ("appendError", &["1", "2", "3", "4", "5"]),
        ("autoId", &["1"]),
        ("log.info", &[]),
        ("matches", &[r#""(""#, r#""a""#]),
        ("matches", &["null", r#""a""#]),
    ]));
}
