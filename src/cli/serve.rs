//! `loomgate serve`

use std::{process::ExitCode, sync::Arc};

use anyhow::Context;

use crate::{
    cli::{ConfigArgument, print},
    deployment::{Deployments, Loaded},
    front::Front,
    observe,
    server::{Listener, Server},
};

/// The stack of a thread that serves requests, in bytes; touched only as far as it is needed.
const STACK: usize = 8 << 20;

/// What `serve` takes.
#[derive(Debug, clap::Args)]
pub(super) struct Serve {
    #[command(flatten)]
    config: ConfigArgument,
}

pub(super) fn run(arguments: &Serve) -> anyhow::Result<ExitCode> {
    let Some(loaded) = arguments.config.load() else {
        return Ok(ExitCode::FAILURE);
    };
    let _log = observe::install();
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    if let Some(workers) = loaded.config.server.workers {
        runtime.worker_threads(workers);
    }
    // Documents nest, and are walked by recursion.
    runtime.thread_stack_size(STACK);
    let runtime = runtime
        .enable_all()
        .build()
        .context("cannot start the runtime")?;
    runtime.block_on(serve(arguments, loaded))?;
    Ok(ExitCode::SUCCESS)
}

async fn serve(arguments: &Serve, loaded: Loaded) -> anyhow::Result<()> {
    let Loaded {
        config,
        sources,
        deployments,
    } = loaded;
    sources.open(&config.server.data)?;
    let listener = Listener::bind(config.server.listen).await?;
    announce(&listener, &deployments);
    let max_body = usize::try_from(config.server.max_body).unwrap_or(usize::MAX);
    let server = Server {
        listener,
        front: Arc::new(Front::new(deployments, max_body)),
        settings: config.server,
        config: arguments.config.path(),
    };
    server.run().await?;
    Ok(())
}

/// Says what is served and where. That nobody may be reading is no reason not to serve.
fn announce(listener: &Listener, deployments: &Deployments) {
    let address = listener.address();
    let mut text = format!(
        "loomgate {} listens on http://{address}\n",
        env!("CARGO_PKG_VERSION")
    );
    for deployment in deployments.iter() {
        text += &format!(
            "  graphql  {}  http://{address}{}\n",
            deployment.name, deployment.path
        );
    }
    print(&text);
}
