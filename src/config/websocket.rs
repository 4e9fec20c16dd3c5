//! A WebSocket api and its route files: `$connect.yaml`, `$disconnect.yaml`, `$default.yaml`, and one
//! for each message that has a name of its own.

mod file;

use std::time::Duration;

use crate::config::{
    Diagnostics, Span,
    access::{Access, RouteAccess, Throttle},
    fields::{Decoded, Fields, Wrong},
    load::Reading,
    resolver::BoundFile,
    unit,
    yaml::Node,
};

/// `type: websocket`
#[derive(Debug, Clone)]
pub struct WebsocketApi {
    /// `route_key:` where a message says which route it is for: `$request.body.action`. The names
    /// after `$request.body`.
    pub route_key: Vec<String>,
    /// The route files, read.
    pub routes: Vec<SocketRouteFile>,
    /// Whether every route file could be read.
    pub routes_are_whole: bool,
    /// `connections:` who may use `@connections`. Default: whoever may connect.
    pub connections: RouteAccess,
    /// `sockets:`
    pub sockets: Sockets,
}

/// One route of a WebSocket api.
#[derive(Debug, Clone)]
pub struct SocketRouteFile {
    /// The file's name without `.yaml`: `$connect`, `$disconnect`, `$default`, or a key.
    pub name: String,
    /// The whole file, for faults that have no better place.
    pub span: Span,
    /// `source:`, `request:`, `response:`; nothing is asked where there is no source.
    pub bound: Option<BoundFile>,
    /// `reply: true`: the answer is sent back to the connection. Default: false.
    pub reply: bool,
    /// `status:` of `$connect`, a mapping; the connection is refused unless it is 2xx. Default: 200.
    pub status: Option<Node>,
    /// `auth:`, `scopes:` of `$connect`; `throttle:` of any.
    pub access: RouteAccess,
}

/// `sockets:` the bounds of a connection.
#[derive(Debug, Clone, PartialEq)]
pub struct Sockets {
    /// `frame:` bytes of one frame. Default: `32KiB`; GraphQL: `256KiB`.
    pub frame: usize,
    /// `message:` bytes of one message. Default: `128KiB`; GraphQL: `256KiB`.
    pub message: usize,
    /// `idle:` how long a connection may be without a message. Default: `10m`; GraphQL, whose pings
    /// are messages: `60s`.
    pub idle: Duration,
    /// `total:` how long a connection may last. Default: `2h`; GraphQL: `24h`.
    pub total: Duration,
    /// `queue:` messages that may wait for a client; one that reads more slowly is disconnected.
    /// Default: 256.
    pub queue: usize,
    /// `connections:` at once. Default: 20000.
    pub connections: usize,
    /// `throttle:` messages of one connection. Default: none.
    pub throttle: Option<Throttle>,
}

// === impl WebsocketApi ===

impl WebsocketApi {
    pub(crate) fn decode(
        cx: &mut Reading,
        access: &Access,
        mut fields: Fields<'_>,
    ) -> Option<Self> {
        let faults = &mut cx.faults;
        let example = "route_key: $request.body.action";
        let route_key = fields.required(faults, "route_key", example, selection);
        let example = "resolvers: resolvers/chat";
        let resolvers = fields.required(faults, "resolvers", example, unit::word);
        let connections = match fields.section(faults, "connections") {
            None => RouteAccess::default(),
            Some(mut fields) => {
                let connections = RouteAccess::decode(cx, access, &mut fields);
                fields.finish(&mut cx.faults);
                connections
            }
        };
        let mut sockets = Sockets::default();
        sockets.decode(&mut cx.faults, &mut fields);
        fields.later(&mut cx.faults, &["stages"]);
        fields.finish(&mut cx.faults);
        let folder = resolvers.map(|folder| file::read_folder(cx, access, &folder));
        let (routes, routes_are_whole) = folder?;
        Some(WebsocketApi {
            route_key: route_key?.value,
            routes,
            routes_are_whole,
            connections,
            sockets,
        })
    }
}

/// `$request.body` and the names after it.
///
/// See: apigateway.md 11.3 (route selection expressions).
fn selection(node: &Node) -> Decoded<Vec<String>> {
    let is_name = |name: &str| {
        let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        !name.is_empty() && name.chars().all(is_allowed)
    };
    let names = node
        .as_str()
        .and_then(|text| text.strip_prefix("$request.body."))
        .map(|names| names.split('.').map(str::to_owned).collect())
        .filter(|names: &Vec<String>| names.iter().all(|name| is_name(name)));
    names.ok_or_else(|| {
        let help = "write `$request.body.action`, where `action` is a field of every message";
        Wrong::expected("a place in the message", node, help)
    })
}

// === impl Sockets ===

impl Sockets {
    /// Reads `sockets:` over the defaults.
    pub(crate) fn decode(&mut self, faults: &mut Diagnostics, fields: &mut Fields<'_>) {
        let Some(mut fields) = fields.section(faults, "sockets") else {
            return;
        };
        for (key, bound) in [("frame", &mut self.frame), ("message", &mut self.message)] {
            if let Some(size) = fields.optional(faults, key, unit::memory) {
                *bound = size.value;
            }
        }
        for (key, bound) in [("idle", &mut self.idle), ("total", &mut self.total)] {
            if let Some(duration) = fields.optional(faults, key, unit::positive_duration) {
                *bound = duration.value;
            }
        }
        for (key, bound) in [
            ("queue", &mut self.queue),
            ("connections", &mut self.connections),
        ] {
            if let Some(count) = fields.optional(faults, key, unit::count) {
                *bound = count.value;
            }
        }
        self.throttle = Throttle::of_a_connection(faults, &mut fields);
        fields.finish(faults);
    }
}

impl Default for Sockets {
    fn default() -> Self {
        Sockets {
            frame: 32 << 10,
            message: 128 << 10,
            idle: Duration::from_secs(10 * 60),
            total: Duration::from_secs(2 * 60 * 60),
            queue: 256,
            connections: 20_000,
            throttle: None,
        }
    }
}
