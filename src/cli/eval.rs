//! `loomgate eval`

use std::{
    io::{IsTerminal, Read},
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context as _, bail};
use clap::ValueEnum;

use crate::{
    cli::{Format, print, print_human},
    json::{Object, Value},
    mapping::{
        Dialect, Function, MappingError,
        evaluation::{Evaluation, Trial},
        turn::{LogLevel, LogLine},
    },
};

/// What `eval` takes.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  loomgate eval resolvers/blog/Query.post.request.vtl --context context.json
  loomgate eval resolvers/blog/Query.post.js --context context.json --function response
  echo '{\"arguments\":{\"id\":\"1\"}}' | loomgate eval Query.post.js --context - --format json")]
pub(super) struct Eval {
    /// The template (`.vtl`) or module (`.js`, `.ts`).
    #[arg(value_name = "TEMPLATE|MODULE")]
    file: PathBuf,
    /// A JSON file with any of `arguments`, `source`, `identity`, `result`, `stash`, `prev`,
    /// `request`, `info`, `error`, `env`; for templates of routes also `body`, `params`, `context`,
    /// `stageVariables`. `-` reads standard input.
    #[arg(long, short, value_name = "CTX.json")]
    context: Option<PathBuf>,
    /// Which function of a module. Default: `request`, or the only one there is.
    #[arg(long, short, value_enum)]
    function: Option<FunctionName>,
    /// Whose template it is.
    #[arg(long = "as", value_enum, default_value_t)]
    dialect: DialectName,
    /// The rendered text or the result alone, or JSON with logs, stash and errors.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FunctionName {
    Request,
    Response,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum DialectName {
    /// Of a GraphQL field: what is not there prints as it is written.
    #[default]
    Appsync,
    /// Of a route: `$input`, `$context`, `$stageVariables`; what is not there prints nothing.
    Apigateway,
}

pub(super) fn run(arguments: &Eval) -> anyhow::Result<ExitCode> {
    let context = match &arguments.context {
        Some(path) => read_context(path)?,
        None => Value::Null,
    };
    let dialect = match arguments.dialect {
        DialectName::Appsync => Dialect::AppSync,
        DialectName::Apigateway => Dialect::ApiGateway,
    };
    let (trial, diagnostics) = Trial::load(&arguments.file, dialect);
    let Some(trial) = trial else {
        match arguments.format {
            Format::Json => print(&format!("{}\n", diagnostics.to_json())),
            Format::Human => print_human(&diagnostics),
        }
        return Ok(ExitCode::FAILURE);
    };
    print_human(&diagnostics);
    let evaluation = trial.run(&context, function(arguments, &trial)?);
    match arguments.format {
        Format::Json => print(&format!("{}\n", json(&evaluation))),
        Format::Human => show(&evaluation),
    }
    Ok(match evaluation.error {
        None => ExitCode::SUCCESS,
        Some(_) => ExitCode::FAILURE,
    })
}

fn read_context(path: &Path) -> anyhow::Result<Value> {
    let text = match path.as_os_str() == "-" {
        true => {
            let mut text = String::new();
            std::io::stdin()
                .read_to_string(&mut text)
                .context("cannot read the context from standard input")?;
            text
        }
        false => std::fs::read_to_string(path)
            .with_context(|| format!("cannot read the context `{}`", path.display()))?,
    };
    let context = Value::parse(text)
        .with_context(|| format!("the context `{}` is no JSON", path.display()))?;
    if context.view().kind() != crate::json::Kind::Object {
        bail!("the context must be an object, such as {{\"arguments\": {{\"id\": \"1\"}}}}");
    }
    Ok(context)
}

/// The function that was asked for.
fn function(arguments: &Eval, trial: &Trial) -> anyhow::Result<Function> {
    let function = match arguments.function {
        Some(FunctionName::Request) => Function::Request,
        Some(FunctionName::Response) => Function::Response,
        None if trial.has(Function::Request) => Function::Request,
        None => Function::Response,
    };
    if !trial.has(function) {
        bail!("the module exports no function `{}`", function.name());
    }
    Ok(function)
}

/// The text or the value to standard output; everything else to standard error.
fn show(evaluation: &Evaluation) {
    for line in &evaluation.logs {
        eprintln!("{}", log(line));
    }
    match (&evaluation.text, &evaluation.value) {
        (Some(text), _) => print(&format!("{}\n", text.trim_end_matches('\n'))),
        (None, Some(value)) => print(&format!("{}\n", text_of(value))),
        (None, None) => {}
    }
    let Some(error) = &evaluation.error else {
        return;
    };
    let (on, off) = match std::io::stderr().is_terminal() {
        true => ("\u{1b}[1;31m", "\u{1b}[0m"),
        false => ("", ""),
    };
    eprintln!("{on}error{off}: {}", error.message);
    if let Some(details) = &error.details {
        eprintln!("{details}");
    }
}

/// As AppSync's evaluation prints it.
fn log(line: &LogLine) -> String {
    let level = level(line.level);
    match line.place {
        Some((row, column)) => format!("{level} - {row}:{column}: {}", line.text),
        None => format!("{level} - {}", line.text),
    }
}

fn level(level: LogLevel) -> &'static str {
    match level {
        LogLevel::Debug => "DEBUG",
        LogLevel::Info => "INFO",
        LogLevel::Error => "ERROR",
    }
}

fn json(evaluation: &Evaluation) -> String {
    let logs = evaluation.logs.iter().map(|line| {
        object([
            ("level", Value::from(level(line.level))),
            ("text", Value::from(line.text.as_str())),
            ("line", line_of(line.place)),
            ("column", column_of(line.place)),
        ])
    });
    let headers = evaluation.response_headers.iter();
    let headers: Object = headers
        .map(|(name, value)| (name.as_ref().into(), value.clone()))
        .collect();
    text_of(&object([
        (
            "text",
            evaluation.text.as_deref().map_or(Value::Null, Value::from),
        ),
        ("value", evaluation.value.clone().unwrap_or_default()),
        ("returned", Value::from(evaluation.returned)),
        (
            "error",
            evaluation.error.as_ref().map_or(Value::Null, error),
        ),
        ("logs", logs.collect()),
        ("stash", evaluation.stash.clone()),
        (
            "outErrors",
            evaluation.out_errors.iter().map(error).collect(),
        ),
        ("responseHeaders", Value::from(headers)),
        ("requestOverride", evaluation.overrides.request.clone()),
        ("responseOverride", evaluation.overrides.response.clone()),
    ]))
}

fn error(error: &MappingError) -> Value {
    object([
        ("message", Value::from(error.message.as_str())),
        (
            "errorType",
            error.error_type.as_deref().map_or(Value::Null, Value::from),
        ),
        ("data", error.data.clone()),
        ("errorInfo", error.info.clone()),
        (
            "details",
            error.details.as_deref().map_or(Value::Null, Value::from),
        ),
        ("line", line_of(error.place)),
        ("column", column_of(error.place)),
    ])
}

fn line_of(place: Option<(u32, u32)>) -> Value {
    place.map_or(Value::Null, |(line, _)| i64::from(line).into())
}

fn column_of(place: Option<(u32, u32)>) -> Value {
    place.map_or(Value::Null, |(_, column)| i64::from(column).into())
}

fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    let members = members.into_iter();
    let members = members.map(|(name, value)| (name.into(), value));
    Value::from(members.collect::<Object>())
}

fn text_of(value: &Value) -> String {
    let mut json = Vec::new();
    value.view().write(&mut json);
    String::from_utf8_lossy(&json).into_owned()
}
