//! `server:`

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use ipnet::IpNet;

use crate::config::{
    Diagnostic, Diagnostics, Span, Spanned,
    fields::{Decoded, Fields, Wrong},
    load::{Reading, read_text},
    secret::Secret,
    unit,
    yaml::Node,
};

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
    /// `tls:` Default: plain text.
    pub tls: Option<Tls>,
    /// `admin:` Default: none.
    pub admin: Option<Admin>,
    /// Bytes of a request's header fields, names and values. Default: `16KiB`.
    pub max_headers: usize,
    /// Bytes of a request's path and query. Default: `8KiB`.
    pub max_url: usize,
    /// Requests that are answered at once; more are refused. Default: 10000.
    pub max_requests: usize,
    /// `trusted_proxies:` whose `x-forwarded-for` is believed. Default: nobody's.
    pub trusted_proxies: Vec<IpNet>,
    /// Threads that serve requests. Default: one for each CPU.
    pub workers: Option<usize>,
}

/// `tls:`
#[derive(Debug, Clone, PartialEq)]
pub struct Tls {
    /// `cert:` a PEM file: the certificate, and those that vouch for it.
    pub cert: Spanned<PathBuf>,
    /// `key:` a PEM file: its private key.
    pub key: Spanned<PathBuf>,
}

/// `admin:` the listener for those who run the gateway.
#[derive(Debug, Clone)]
pub struct Admin {
    /// `listen:`
    pub listen: SocketAddr,
    /// `token:` what its callers must show as `authorization: Bearer …`; health needs none.
    pub token: Option<Secret>,
}

impl PartialEq for Admin {
    fn eq(&self, other: &Self) -> bool {
        let token = |admin: &Admin| admin.token.as_ref().map(|it| it.reveal().to_owned());
        self.listen == other.listen && token(self) == token(other)
    }
}

// === impl Server ===

impl Server {
    pub(crate) fn decode(cx: &mut Reading, section: Option<(Span, &Node)>) -> Self {
        let mut server = Server::new(cx);
        let Some((span, node)) = section else {
            return server;
        };
        let Some(mut fields) = Fields::open(&mut cx.faults, "`server`", span, node) else {
            return server;
        };
        let faults = &mut cx.faults;
        let listen = fields.optional(faults, "listen", address);
        if let Some(data) = fields.optional(faults, "data", unit::word) {
            server.data = cx.directory.join(&data.value);
        }
        if let Some(drain) = fields.optional(faults, "drain", unit::duration) {
            server.drain = drain.value;
        }
        if let Some(workers) = fields.optional(faults, "workers", unit::count) {
            server.workers = Some(workers.value);
        }
        server.bounds(faults, &mut fields);
        if let Some(networks) = fields.list(faults, "trusted_proxies", unit::network) {
            server.trusted_proxies = networks.into_iter().map(|it| it.value).collect();
        }
        server.tls = Tls::optional(cx, &mut fields);
        let admin = Admin::optional(cx, &mut fields);
        fields.finish(&mut cx.faults);
        if let Some(listen) = &listen {
            server.listen = listen.value;
        }
        if let Some((admin, at)) = admin {
            check_listeners(&mut cx.faults, server.listen, &admin, at);
            server.admin = Some(admin);
        }
        server
    }

    fn new(cx: &Reading) -> Self {
        Server {
            listen: SocketAddr::from(([127, 0, 0, 1], 4000)),
            data: cx.resolve("data"),
            max_body: 1 << 20,
            drain: Duration::from_secs(30),
            max_connections: 10_000,
            tls: None,
            admin: None,
            max_headers: 16 << 10,
            max_url: 8 << 10,
            max_requests: 10_000,
            trusted_proxies: Vec::new(),
            workers: None,
        }
    }

    fn bounds(&mut self, faults: &mut Diagnostics, fields: &mut Fields<'_>) {
        if let Some(size) = fields.optional(faults, "max_body", unit::size) {
            self.max_body = size.value;
        }
        for (key, bound) in [
            ("max_headers", &mut self.max_headers),
            ("max_url", &mut self.max_url),
        ] {
            if let Some(size) = fields.optional(faults, key, unit::memory) {
                *bound = size.value;
            }
        }
        for (key, bound) in [
            ("max_connections", &mut self.max_connections),
            ("max_requests", &mut self.max_requests),
        ] {
            if let Some(count) = fields.optional(faults, key, unit::count) {
                *bound = count.value;
            }
        }
    }
}

/// Refuses one address for both listeners, and warns when anybody may run the gateway.
fn check_listeners(faults: &mut Diagnostics, listen: SocketAddr, admin: &Admin, at: Span) {
    if admin.listen == listen && listen.port() != 0 {
        let message = format!("clients connect to `{listen}` already");
        let help = "give the admin listener a port of its own";
        faults.push(Diagnostic::error(Some(at), message).help(help));
    }
    if admin.token.is_none() && !admin.listen.ip().is_loopback() {
        let message = "other machines reach the admin listener without a token";
        let help = "add `token: env:LOOMGATE_ADMIN_TOKEN`, or listen on `127.0.0.1`";
        faults.push(Diagnostic::warning(Some(at), message).help(help));
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

// === impl Tls ===

impl Tls {
    fn optional(cx: &mut Reading, fields: &mut Fields<'_>) -> Option<Self> {
        let mut fields = fields.section(&mut cx.faults, "tls")?;
        let faults = &mut cx.faults;
        let cert = fields.required(faults, "cert", "cert: server.pem", unit::word);
        let key = fields.required(faults, "key", "key: server.key", unit::word);
        fields.later(faults, &["client_ca"]);
        fields.finish(faults);
        let cert = cert.and_then(|file| pem(cx, "cert", &file, "CERTIFICATE"));
        let key = key.and_then(|file| pem(cx, "key", &file, "PRIVATE KEY"));
        Some(Tls {
            cert: cert?,
            key: key?,
        })
    }
}

/// The path of a PEM file that holds at least one block of a kind.
fn pem(
    cx: &mut Reading,
    at: &'static str,
    file: &Spanned<String>,
    kind: &str,
) -> Option<Spanned<PathBuf>> {
    let path = cx.resolve(&file.value);
    // Not read as other files are: no excerpt may show a private key.
    let wrong = match read_text(&path) {
        Err(why) => Wrong::new(
            format!("reads the file `{}`: {why}", path.display()),
            "the path is relative to the folder of the configuration",
        ),
        // `RSA PRIVATE KEY` and `EC PRIVATE KEY` are keys as well.
        Ok(text) if !text.contains(&format!("{kind}-----")) => Wrong::new(
            format!(
                "reads the file `{}`, which holds no {}",
                path.display(),
                kind.to_lowercase()
            ),
            "the file must be PEM: `-----BEGIN …-----`",
        ),
        Ok(text) if text.contains("-----BEGIN ENCRYPTED") => Wrong::new(
            format!("reads the file `{}`, which is encrypted", path.display()),
            "store it without a passphrase: `openssl pkey -in … -out …`",
        ),
        Ok(_) => return Some(Spanned::new(path, file.span)),
    };
    cx.faults.push(wrong.at(at, file.span));
    None
}

// === impl Admin ===

impl Admin {
    /// The listener, and where its address stands.
    fn optional(cx: &mut Reading, fields: &mut Fields<'_>) -> Option<(Self, Span)> {
        let mut fields = fields.section(&mut cx.faults, "admin")?;
        let example = "listen: 127.0.0.1:4001";
        let listen = fields.required(&mut cx.faults, "listen", example, address);
        let token = Secret::optional(cx, &mut fields, "token");
        fields.finish(&mut cx.faults);
        if let Some(token) = token.as_ref().filter(|token| !token.value.is_visible()) {
            let wrong = Wrong::new(
                "must be one word of visible ASCII",
                "make one: `openssl rand -hex 20`",
            );
            cx.faults.push(wrong.at("token", token.span));
        }
        let listen = listen?;
        let admin = Admin {
            listen: listen.value,
            token: token.map(|it| it.value),
        };
        Some((admin, listen.span))
    }
}
