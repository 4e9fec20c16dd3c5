//! How the tests of all namespaces call functions, and what holds for every function.

use super::*;

/// Services that reach a turn.
pub(super) fn services(turn: &mut Turn) -> Services<'_> {
    Services {
        turn,
        auth_type: "API Key Authorization",
        place: Some((3, 7)),
    }
}

/// A function below `util`, as templates have it.
pub(super) fn util(path: &str) -> &'static Builtin {
    let listed = functions(Root::Util, Language::Vtl).find(|listed| listed.path == path);
    listed.expect("templates have the function").builtin
}

/// Calls a function below `util` with JSON texts, as a template does.
pub(super) fn call(path: &str, arguments: &[&str], turn: &mut Turn) -> Result<Value, Thrown> {
    let values = arguments.iter();
    let values = values.map(|text| Value::parse((*text).to_owned()).expect("JSON"));
    let objects: Vec<Val> = values.map(Val::from).collect();
    let result = util(path).call_objects(&mut services(turn), &objects);
    result.map(|value| value.to_value())
}

/// The same, to a result as JSON text.
pub(super) fn value(path: &str, arguments: &[&str]) -> String {
    let value = call(path, arguments, &mut Turn::default());
    let value = value.unwrap_or_else(|thrown| panic!("{path} {arguments:?}: {thrown:?}"));
    json(&value)
}

/// The messages of calls that are wrong, one in a line.
pub(super) fn refused(cases: &[(&str, &[&str])]) -> String {
    let messages =
        cases.iter().map(
            |(path, arguments)| match call(path, arguments, &mut Turn::default()) {
                Err(Thrown::Error(error)) => {
                    assert_eq!(error.error_type.as_deref(), Some("Code"));
                    error.message
                }
                other => panic!("{path} {arguments:?}: {other:?}"),
            },
        );
    messages.collect::<Vec<_>>().join("\n")
}

pub(super) fn json(value: &Value) -> String {
    let mut out = Vec::new();
    value.view().write(&mut out);
    String::from_utf8(out).expect("JSON is text")
}

const ROOTS: [Root; 6] = [
    Root::Util,
    Root::GatewayUtil,
    Root::Extensions,
    Root::Runtime,
    Root::DynamodbRequests,
    Root::HttpRequests,
];

#[test]
fn every_function_is_found_by_its_name_and_by_its_number() {
    for root in ROOTS {
        for language in [Language::Vtl, Language::Js] {
            for listed in functions(root, language) {
                let mut parts: Vec<_> = listed.path.split('.').collect();
                let name = parts.pop().unwrap();
                let place = parts
                    .into_iter()
                    .fold(root.id(), |place, part| namespace_id(place, part).unwrap());
                assert_eq!(function_id(place, name, language), Some(listed.id));
                assert!(std::ptr::eq(function(listed.id), listed.builtin));
                assert!(known(place, language).contains(&name));
                assert!(path(listed.builtin).ends_with(&listed.path));
            }
        }
    }
}

#[test]
fn functions_of_one_language_are_unknown_to_the_other() {
    let util = Root::Util.id();
    assert_eq!(function_id(util, "toJson", Language::Js), None);
    assert_eq!(function_id(util, "nothing", Language::Vtl), None);
    assert_eq!(namespace_id(util, "nothing"), None);
    assert!(functions(Root::Runtime, Language::Vtl).next().is_none());
    assert_eq!(known(Root::Runtime.id(), Language::Js), ["earlyReturn"]);
    let time = namespace_id(util, "time").unwrap();
    assert_eq!(namespace(time).name, "util.time");
}

#[test]
fn what_is_needed_at_every_parent_is_said() {
    let mut varying: Vec<_> = functions(Root::Util, Language::Vtl)
        .filter(|listed| listed.builtin.varies)
        .filter(|listed| !listed.path.starts_with("http."))
        .map(|listed| listed.path)
        .collect();
    varying.sort();
    let expected = [
        "appendError",
        "autoId",
        "autoKsuid",
        "autoUlid",
        "error",
        "log.debug",
        "log.error",
        "log.info",
        "math.randomDouble",
        "math.randomWithinRange",
        "time.nowEpochMilliSeconds",
        "time.nowEpochSeconds",
        "time.nowFormatted",
        "time.nowISO8601",
        "unauthorized",
        "validate",
    ];
    assert_eq!(varying, expected);
}

#[test]
fn both_languages_have_what_they_are_promised() {
    let paths = |language| {
        let functions = functions(Root::Util, language);
        let paths: Vec<_> = functions.map(|listed| listed.path).collect();
        paths
    };
    let (vtl, js) = (paths(Language::Vtl), paths(Language::Js));
    for path in [
        "autoId",
        "error",
        "matches",
        "xml.toMap",
        "rds.toJsonObject",
    ] {
        assert!(vtl.iter().any(|known| known == path), "{path}");
        assert!(js.iter().any(|known| known == path), "{path}");
    }
    for path in [
        "toJson",
        "qr",
        "list.sortList",
        "rds.toJsonString",
        "log.info",
    ] {
        assert!(vtl.iter().any(|known| known == path), "{path}");
        assert!(!js.iter().any(|known| known == path), "{path}");
    }
}
