//! A WebSocket api, compiled: its routes, and which of them a message is for.

use std::{borrow::Cow, collections::HashMap};

use crate::{
    config::{
        Config, Diagnostics, Spanned,
        resolver::Written,
        websocket::{SocketRouteFile, Sockets, WebsocketApi},
        yaml::{Data, Node},
    },
    deployment::key,
    guard::{Guard, Rule},
    json::View,
    mapping::{Dialect, Mapping},
    resolver::{self, Bound, Resolver},
    source::Sources,
};

/// What a route is called that is taken before the connection is there.
const CONNECT: &str = "$connect";
/// What a route is called that is taken when it is gone.
const DISCONNECT: &str = "$disconnect";
/// What a route is called that takes what no other does.
const DEFAULT: &str = "$default";

/// A WebSocket api.
#[derive(Debug)]
pub(crate) struct Websocket {
    /// The members of a message that lead to its route's name.
    route_key: Vec<String>,
    /// `$connect`; there is always a rule, if no file.
    pub(crate) connect: SocketRoute,
    /// `$disconnect`
    pub(crate) disconnect: Option<SocketRoute>,
    default: Option<SocketRoute>,
    named: HashMap<Box<str>, SocketRoute>,
    /// Who may use `@connections`.
    pub(crate) connections: Rule,
    /// The bounds of a connection.
    pub(crate) sockets: Sockets,
}

/// One route of a WebSocket api.
#[derive(Debug)]
pub(crate) struct SocketRoute {
    /// Its name.
    pub(crate) name: Box<str>,
    /// Who may take it, and how often.
    pub(crate) rule: Rule,
    /// What it does.
    pub(crate) action: Action,
    /// Whether its answer is sent back.
    pub(crate) reply: bool,
}

/// What a route does.
#[derive(Debug)]
pub(crate) enum Action {
    /// Nothing.
    None,
    /// Runs a resolver. The answer of `$connect` is `{ statusCode }` when the file has a `status`.
    Resolve(Box<Resolver>),
    /// Decides about the status of `$connect` without asking anyone.
    Judge(Box<Mapping>),
}

// === impl Websocket ===

impl Websocket {
    /// Compiles an api; every fault is reported where it stands.
    pub(super) fn compile(
        api: &WebsocketApi,
        config: &Config,
        sources: &Sources,
        guard: &Guard,
        diagnostics: &mut Diagnostics,
    ) -> Option<Self> {
        let compiler = Compiler {
            config,
            sources,
            guard,
        };
        let mut routes: HashMap<Box<str>, SocketRoute> = HashMap::new();
        let mut whole = true;
        for file in &api.routes {
            match compiler.route(file, diagnostics) {
                Some(route) => drop(routes.insert(route.name.clone(), route)),
                None => whole = false,
            }
        }
        let answers = routes.keys().any(|name| is_for_messages(name));
        if api.routes_are_whole && whole && !answers {
            let message = "no route takes messages: each is answered with `Forbidden`";
            let help = "add `$default.yaml`, or a file named after what `route_key` finds";
            diagnostics.warning(None, message.to_owned(), Some(help.to_owned()));
        }
        let connect = routes.remove(CONNECT).unwrap_or_else(|| SocketRoute {
            name: CONNECT.into(),
            rule: guard.route_rule(CONNECT, &Default::default(), diagnostics),
            action: Action::None,
            reply: false,
        });
        whole.then(|| Websocket {
            route_key: api.route_key.clone(),
            connect,
            disconnect: routes.remove(DISCONNECT),
            default: routes.remove(DEFAULT),
            named: routes,
            connections: guard.route_rule("@connections", &api.connections, diagnostics),
            sockets: api.sockets.clone(),
        })
    }

    /// The route for a message: the one that is called what the message says, to the letter, or
    /// `$default`.
    ///
    /// See: apigateway.md 11.1, 11.3 (route selection expressions).
    pub(crate) fn route(&self, message: View<'_>) -> Option<&SocketRoute> {
        let mut value = Some(message);
        for member in &self.route_key {
            value = value.and_then(|value| value.get(member));
        }
        let key = value.map(key_text).unwrap_or_default();
        self.named.get(&*key).or(self.default.as_ref())
    }
}

/// Whether messages may be for the route of this name.
fn is_for_messages(name: &str) -> bool {
    name != CONNECT && name != DISCONNECT
}

/// A value as the name of a route.
fn key_text(value: View<'_>) -> Cow<'_, str> {
    if value.is_null() {
        return Cow::Borrowed("");
    }
    value.as_str().unwrap_or_else(|| {
        let mut text = Vec::new();
        value.write(&mut text);
        Cow::Owned(String::from_utf8_lossy(&text).into_owned())
    })
}

/// What every route is compiled with.
struct Compiler<'a> {
    config: &'a Config,
    sources: &'a Sources,
    guard: &'a Guard,
}

impl Compiler<'_> {
    fn route(&self, file: &SocketRouteFile, diagnostics: &mut Diagnostics) -> Option<SocketRoute> {
        Some(SocketRoute {
            name: file.name.as_str().into(),
            rule: self.guard.route_rule(&file.name, &file.access, diagnostics),
            action: self.action(file, diagnostics)?,
            reply: file.reply,
        })
    }

    fn action(&self, file: &SocketRouteFile, diagnostics: &mut Diagnostics) -> Option<Action> {
        let Some(bound) = &file.bound else {
            let judge = |status| Mapping::compile(&with_status(status), diagnostics);
            let judge = file.status.as_ref().map(judge);
            return Some(judge.map_or(Action::None, |it| Action::Judge(Box::new(it))));
        };
        key::check_all(bound, self.config, diagnostics);
        let mut bound_file = bound.clone();
        if let Some(status) = &file.status {
            bound_file.answer_with(Written::plain(with_status(status)));
        }
        // Messages change things: nothing about them is remembered.
        let bound = Bound {
            many: false,
            mutation: true,
            dialect: Dialect::ApiGateway,
            is_route: false,
        };
        let resolver = resolver::compile(&bound_file, bound, self.sources, diagnostics)?;
        Some(Action::Resolve(Box::new(resolver)))
    }
}

/// The answer of `$connect`: only its status counts.
fn with_status(status: &Node) -> Node {
    let name = Spanned::new("statusCode".to_owned(), status.span);
    Node {
        span: status.span,
        data: Data::Map(vec![(name, status.clone())]),
    }
}
