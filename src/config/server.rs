//! `server:`

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use crate::config::{
    Span,
    fields::{Decoded, Fields, Wrong},
    load::Reading,
    unit,
    yaml::Node,
};

/// Keys of later versions.
const LATER: [&str; 2] = ["tls", "admin"];

/// Where the gateway listens and how much it takes.
#[derive(Debug, Clone, PartialEq)]
pub struct Server {
    /// Where clients connect. Default: `127.0.0.1:4000`.
    pub listen: SocketAddr,
    /// The folder of the embedded store. Default: `data`, beside `loomgate.yaml`.
    pub data: PathBuf,
    /// Largest request body, in bytes. Default: `1MiB`.
    pub max_body: u64,
    /// How long running requests may take to finish after SIGTERM. Default: `30s`.
    pub drain: Duration,
    /// Connections at once; more wait to be accepted. Default: 10000.
    pub max_connections: usize,
    /// Threads that serve requests. Default: one for each CPU.
    pub workers: Option<usize>,
}

impl Server {
    pub(crate) fn decode(cx: &mut Reading, section: Option<(Span, &Node)>) -> Self {
        let mut server = Server {
            listen: SocketAddr::from(([127, 0, 0, 1], 4000)),
            data: cx.resolve("data"),
            max_body: 1 << 20,
            drain: Duration::from_secs(30),
            max_connections: 10_000,
            workers: None,
        };
        let Some((span, node)) = section else {
            return server;
        };
        let Some(mut fields) = Fields::open(&mut cx.faults, "`server`", span, node) else {
            return server;
        };
        if let Some(listen) = fields.optional(&mut cx.faults, "listen", address) {
            server.listen = listen.value;
        }
        if let Some(data) = fields.optional(&mut cx.faults, "data", unit::word) {
            server.data = cx.resolve(&data.value);
        }
        if let Some(max_body) = fields.optional(&mut cx.faults, "max_body", unit::size) {
            server.max_body = max_body.value;
        }
        if let Some(drain) = fields.optional(&mut cx.faults, "drain", unit::duration) {
            server.drain = drain.value;
        }
        if let Some(max) = fields.optional(&mut cx.faults, "max_connections", unit::count) {
            server.max_connections = max.value;
        }
        if let Some(workers) = fields.optional(&mut cx.faults, "workers", unit::count) {
            server.workers = Some(workers.value);
        }
        fields.later(&mut cx.faults, &LATER);
        fields.finish(&mut cx.faults);
        server
    }
}

fn address(node: &Node) -> Decoded<SocketAddr> {
    node.as_str()
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| {
            let help =
                "write `127.0.0.1:4000`, or `0.0.0.0:4000` to be reached from other machines";
            Wrong::expected("an IP address and a port", node, help)
        })
}
