//! `loomgate serve`

use std::{fmt::Write, process::ExitCode, sync::Arc};

use anyhow::Context;

use crate::{
    cli::{ConfigArgument, print},
    cluster::Cluster,
    control::{Control, Health},
    deployment::{Deployments, Loaded},
    front::Front,
    observe::{self, Metrics},
    server::{Admin, Listener, Server, Tls},
};

/// The stack of a thread that serves requests, in bytes; touched only as far as it is needed.
const STACK: usize = 8 << 20;

/// What `serve` takes.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Signals:
  SIGTERM, SIGINT  finish what runs (at most `server.drain`), then end; a second one ends at once
  SIGHUP           read the configuration and the TLS certificate again; faulty files change nothing

Health:
  /healthz and /readyz, on the admin listener and wherever no api is served at that path

Environment:
  LOOMGATE_LOG     what is logged: `info` (the default), `debug`, `info,loomgate::request=off`, …")]
pub(super) struct Serve {
    #[command(flatten)]
    config: ConfigArgument,
}

pub(super) fn run(arguments: &Serve) -> anyhow::Result<ExitCode> {
    // Before anything is compiled: whatever counts gets its counters when it is made.
    let metrics = Metrics::install()?;
    let cluster = Cluster::alone();
    let Some(loaded) = arguments.config.load(&cluster) else {
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
    let served = runtime.block_on(serve(arguments, loaded, cluster, metrics));
    if served.is_err() {
        // Nobody waits for what is cut off.
        runtime.shutdown_background();
    }
    served.map(|()| ExitCode::SUCCESS)
}

async fn serve(
    arguments: &Serve,
    loaded: Loaded,
    cluster: Arc<Cluster>,
    mut metrics: Metrics,
) -> anyhow::Result<()> {
    let Loaded {
        config,
        sources,
        deployments,
    } = loaded;
    let settings = config.server;
    let tls = settings.tls.as_ref().map(Tls::load).transpose()?;
    sources.open(&settings.data)?;
    let listener = Listener::bind(settings.listen).await?;
    let admin = match &settings.admin {
        Some(admin) => Some((Listener::bind(admin.listen).await?, admin.token.clone())),
        None => None,
    };
    let admin_listener = admin.as_ref().map(|(listener, _)| listener);
    let text = announcement(&listener, tls.is_some(), admin_listener, &deployments);
    let health = Arc::new(Health::default());
    let front = Front::new(deployments, cluster, Arc::clone(&health), &settings);
    let front = Arc::new(front);
    let told = Arc::clone(&front);
    metrics.at_scrape(move || told.report());
    let metrics = Arc::new(metrics);
    let admin = admin.map(|(listener, token)| Admin {
        listener,
        control: Arc::new(Control::new(health, Arc::clone(&metrics), token)),
    });
    let server = Server {
        listener,
        tls: tls.map(Arc::new),
        front,
        admin,
        metrics,
        settings,
        config: arguments.config.path(),
    };
    // That nobody may be reading is no reason not to serve.
    print(&text);
    server.run().await?;
    Ok(())
}

/// Says what is served and where.
fn announcement(
    listener: &Listener,
    tls: bool,
    admin: Option<&Listener>,
    deployments: &Deployments,
) -> String {
    let address = listener.address();
    let mut text = format!(
        "loomgate {} listens on {}://{address}\n",
        env!("CARGO_PKG_VERSION"),
        scheme(tls, false)
    );
    for deployment in deployments.iter() {
        let scheme = scheme(tls, deployment.type_name() == "websocket");
        let _ = write!(
            text,
            "  {}  {}  {scheme}://{address}{}",
            deployment.type_name(),
            deployment.name,
            deployment.path
        );
        let hosts = deployment.hosts().join(", ");
        text += &match hosts.is_empty() {
            true => "\n".to_owned(),
            false => format!("  (as {hosts})\n"),
        };
    }
    if let Some(admin) = admin {
        let _ = writeln!(
            text,
            "  admin  http://{}  (/healthz, /readyz, /metrics)",
            admin.address()
        );
    }
    let public: Vec<&str> = deployments
        .iter()
        .filter(|deployment| deployment.public)
        .map(|deployment| &*deployment.name)
        .collect();
    if !public.is_empty() {
        let _ = writeln!(
            text,
            "  PUBLIC: whoever reaches this address may call {} without credentials",
            public.join(", ")
        );
    }
    text
}

fn scheme(tls: bool, socket: bool) -> &'static str {
    match (socket, tls) {
        (false, false) => "http",
        (false, true) => "https",
        (true, false) => "ws",
        (true, true) => "wss",
    }
}
