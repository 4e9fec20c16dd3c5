//! The subcommands and what they share.

mod check;
mod eval;
mod explain;
mod serve;

use std::{
    collections::HashMap,
    io::{IsTerminal, Write},
    path::PathBuf,
    process::ExitCode,
    sync::Arc,
};

use clap::{Parser, Subcommand, ValueEnum};

use crate::{
    cluster::Cluster,
    config::Diagnostics,
    deployment::{self, Loaded},
};

/// The name of a configuration, when none is given.
const CONFIG: &str = "loomgate.yaml";

/// A self-hosted gateway for GraphQL, REST and WebSocket clients, driven by plain files.
///
/// Without a command it serves the `loomgate.yaml` of the current folder.
#[derive(Debug, Parser)]
#[command(
    name = "loomgate",
    version,
    about,
    long_about,
    args_conflicts_with_subcommands = true
)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: serve::Serve,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the apis of a configuration until SIGTERM; SIGHUP reads it again.
    Serve(serve::Serve),
    /// Compile everything and print every fault, without serving anything.
    Check(check::Check),
    /// Print what an operation would do: its levels, resolvers, batches, caches and source calls.
    Explain(explain::Explain),
    /// Try a template or a module out on a context, as AppSync's EvaluateMappingTemplate and
    /// EvaluateCode do.
    Eval(eval::Eval),
}

/// How output is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people: excerpts, in colour on a terminal.
    #[default]
    Human,
    /// For programs: JSON.
    Json,
}

/// Runs the command line and says how it ended.
#[must_use]
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    let ended = match arguments.command {
        None => serve::run(&arguments.serve),
        Some(Command::Serve(serve)) => serve::run(&serve),
        Some(Command::Check(check)) => check::run(&check),
        Some(Command::Explain(explain)) => explain::run(&explain),
        Some(Command::Eval(eval)) => eval::run(&eval),
    };
    ended.unwrap_or_else(|error| {
        eprintln!("loomgate: {error:#}");
        ExitCode::FAILURE
    })
}

/// The option that all commands share.
#[derive(Debug, Clone, clap::Args)]
struct ConfigArgument {
    /// The configuration file, or the folder that holds a `loomgate.yaml`.
    #[arg(long, short, value_name = "FILE", default_value = CONFIG)]
    config: PathBuf,
}

impl ConfigArgument {
    fn path(&self) -> PathBuf {
        match self.config.is_dir() {
            true => self.config.join(CONFIG),
            false => self.config.clone(),
        }
    }

    /// Reads and compiles the configuration; faults go to standard error.
    fn load(&self, cluster: &Arc<Cluster>) -> Option<Loaded> {
        let (loaded, diagnostics) = deployment::load(&self.path(), HashMap::new(), cluster);
        print_human(&diagnostics);
        loaded
    }
}

/// Writes to standard output; whoever does not want to read it closes it.
fn print(text: &str) {
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
}

fn print_human(diagnostics: &Diagnostics) {
    if !diagnostics.is_empty() {
        let text = diagnostics.render(std::io::stderr().is_terminal());
        let _ = writeln!(std::io::stderr().lock(), "{text}");
    }
}
