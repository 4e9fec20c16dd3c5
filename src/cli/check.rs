//! `loomgate check`

use std::{collections::HashMap, process::ExitCode};

use crate::{
    cli::{ConfigArgument, Format, print, print_human},
    cluster::Cluster,
    deployment,
};

/// What `check` takes.
#[derive(Debug, clap::Args)]
pub(super) struct Check {
    #[command(flatten)]
    config: ConfigArgument,
    /// How faults are printed: to standard error for people, to standard output as JSON.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(super) fn run(arguments: &Check) -> anyhow::Result<ExitCode> {
    let (loaded, diagnostics) =
        deployment::load(&arguments.config.path(), HashMap::new(), &Cluster::alone());
    match arguments.format {
        Format::Json => print(&format!("{}\n", diagnostics.to_json())),
        Format::Human => {
            print_human(&diagnostics);
            if let Some(loaded) = &loaded {
                for deployment in loaded.deployments.iter() {
                    let public = match deployment.public {
                        true => "anyone may call it",
                        false => "callers need credentials",
                    };
                    print(&format!("{}: sound; {public}\n", deployment.name));
                }
            }
        }
    }
    Ok(if loaded.is_some() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
