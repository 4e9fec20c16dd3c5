//! What a case came to, beside what is expected of it.
//!
//! | word | what must be the same |
//! | --- | --- |
//! | `=` | the text that a template printed, in which `⏎` is a line's end; the JSON of what a module returned |
//! | `==` | the JSON of the document that a template printed |
//! | `~` | a regular expression that the whole of either matches |
//! | `!` | an error: its type, a colon, and its message; `…` at the end stands for anything |
//! | `data`, `info` | of that error, as JSON |
//! | `place` | of that error: line and column |
//! | `refused` | what is said when it is compiled; `…` as above |
//! | `returned`, `stash`, `appended`, `headers`, `logs`, `extensions`, `request`, `response` | as JSON |

use fancy_regex::Regex;
use loomgate::{
    json::Value,
    mapping::{
        Dialect, Function, MappingError,
        evaluation::{Evaluation, Trial},
        turn::{Extension, LogLine},
    },
};

use crate::page::{Case, Language};

/// What differs, a text for each expectation.
pub(crate) fn differences(case: &Case<'_>) -> Vec<String> {
    let compiled = match case.language {
        Language::Vtl => Trial::template(&case.code, Dialect::AppSync),
        Language::Gateway => Trial::template(&case.code, Dialect::ApiGateway),
        Language::Js => Trial::module(&format!(
            "export function request(ctx) {{ return {} }}",
            case.code
        )),
        Language::Module => Trial::module(&case.code),
    };
    let trial = match compiled {
        Ok(trial) => trial,
        Err(diagnostics) => {
            let said = diagnostics.to_json();
            return match case.expected.as_slice() {
                [("refused", expected)] if said.contains(expected) => Vec::new(),
                _ => vec![format!("  is refused: {said}")],
            };
        }
    };
    let context = json(case.context);
    let function = match trial.has(Function::Request) {
        true => Function::Request,
        false => Function::Response,
    };
    let evaluation = trial.run(&context, function);
    if case.expected.is_empty() {
        return vec![format!("  nothing is expected; got {evaluation:?}")];
    }
    let expected = case.expected.iter();
    let differences =
        expected.filter_map(|(word, expected)| difference(&evaluation, word, expected));
    differences.collect()
}

fn difference(evaluation: &Evaluation, word: &str, expected: &str) -> Option<String> {
    let got = match word {
        "=" | "~" if evaluation.text.is_some() => evaluation
            .text
            .clone()
            .unwrap_or_default()
            .replace('\n', "⏎"),
        "=" | "==" | "~" => evaluation.value.as_ref().map(text).unwrap_or_default(),
        "returned" if !evaluation.returned => "nothing".to_owned(),
        "returned" => text(&evaluation.value.clone().unwrap_or_default()),
        "!" => evaluation.error.as_ref().map(said).unwrap_or_default(),
        "data" => text(&evaluation.error.clone()?.data),
        "info" => text(&evaluation.error.clone()?.info),
        "place" => format!("{:?}", evaluation.error.clone()?.place),
        "stash" => text(&evaluation.stash),
        "appended" => list(evaluation.out_errors.iter().map(appended)),
        "headers" => {
            let headers = evaluation.response_headers.iter();
            list(headers.map(|(name, value)| format!("{name}={}", text(value))))
        }
        "logs" => list(evaluation.logs.iter().map(log)),
        "extensions" => list(evaluation.extensions.iter().map(extension)),
        "request" => text(&evaluation.overrides.request),
        "response" => text(&evaluation.overrides.response),
        other => panic!("`{other}` is no expectation"),
    };
    let is_same = match word {
        "~" => {
            let regex = Regex::new(&format!("^(?:{expected})$")).expect("the test is sound");
            regex.is_match(&got).expect("the test is sound")
        }
        _ => match expected.strip_suffix('…') {
            Some(beginning) => got.starts_with(beginning),
            None => got == expected,
        },
    };
    let error = evaluation.error.as_ref().map(said).unwrap_or_default();
    (!is_same).then(|| format!("  {word} {expected}\n  is {got}\n  error {error}"))
}

fn said(error: &MappingError) -> String {
    let kind = error.error_type.as_deref().unwrap_or("-");
    format!("{kind}: {}", error.message)
}

fn appended(error: &MappingError) -> String {
    format!(
        "{} {} {}",
        said(error),
        text(&error.data),
        text(&error.info)
    )
}

fn log(line: &LogLine) -> String {
    format!("{:?} {}", line.level, line.text)
}

fn extension(extension: &Extension) -> String {
    match extension {
        Extension::Evict {
            type_name,
            field_name,
            keys,
        } => format!("evict {type_name}.{field_name} {}", text(keys)),
        Extension::Filter(filter) => format!("filter {}", text(filter)),
        Extension::InvalidationFilter(filter) => format!("invalidation {}", text(filter)),
        Extension::Invalidate {
            subscription_field,
            payload,
        } => format!("invalidate {subscription_field} {}", text(payload)),
    }
}

fn list(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join("; ")
}

fn json(text: &str) -> Value {
    Value::parse(text.to_owned()).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn text(value: &Value) -> String {
    let mut out = Vec::new();
    value.view().write(&mut out);
    String::from_utf8(out).expect("the test is sound")
}
