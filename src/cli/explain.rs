//! `loomgate explain`

use std::{io::Read, path::PathBuf, process::ExitCode};

use anyhow::Context;

use crate::{
    cli::{ConfigArgument, print},
    cluster::Cluster,
    json::{Document, Value},
};

/// What `explain` takes.
#[derive(Debug, clap::Args)]
pub(super) struct Explain {
    #[command(flatten)]
    config: ConfigArgument,
    /// The file with the operation; `-` reads standard input.
    #[arg(value_name = "QUERY.graphql")]
    query: PathBuf,
    /// Which api, when the configuration has several.
    #[arg(long, value_name = "NAME")]
    api: Option<String>,
    /// Which operation, when the document has several.
    #[arg(long, value_name = "NAME")]
    operation: Option<String>,
    /// The variables as a JSON object; only those that `@skip` and `@include` use matter.
    #[arg(long, value_name = "JSON", default_value = "{}")]
    variables: String,
}

pub(super) fn run(arguments: &Explain) -> anyhow::Result<ExitCode> {
    let Some(loaded) = arguments.config.load(&Cluster::alone()) else {
        return Ok(ExitCode::FAILURE);
    };
    let text = read(&arguments.query)?;
    let deployment = loaded.deployments.named(arguments.api.as_deref())?;
    let variables =
        Document::parse(arguments.variables.clone().into()).context("--variables is not JSON")?;
    let variables = Value::Node(variables, 0);
    let graphql = deployment.graphql();
    let engine = &graphql.context("this api is no GraphQL api")?.engine;
    let planned = engine
        .document(&text, arguments.operation.as_deref())
        .and_then(|document| engine.plan(&document, variables.view()));
    match planned {
        Ok(plan) => {
            print(&plan.to_string());
            Ok(ExitCode::SUCCESS)
        }
        Err(errors) => {
            for error in errors {
                match error.location {
                    Some((line, column)) => {
                        eprintln!("{}:{line}:{column}: {error}", arguments.query.display())
                    }
                    None => eprintln!("{}: {error}", arguments.query.display()),
                }
            }
            Ok(ExitCode::FAILURE)
        }
    }
}

fn read(path: &PathBuf) -> anyhow::Result<String> {
    if path.as_os_str() == "-" {
        let mut text = String::new();
        std::io::stdin()
            .read_to_string(&mut text)
            .context("cannot read standard input")?;
        return Ok(text);
    }
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}
