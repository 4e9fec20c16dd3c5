//! Routes of REST, HTTP and WebSocket apis, and how clients of GraphQL apis listen.

use std::time::Duration;

use crate::config::{
    ApiKind, Config,
    api::{Flavor, RouteApi, Subscriptions},
    route::{RouteFile, RouteKey, RouteTarget, Segment},
    tests::{SCHEMA, read_well, shop},
    websocket::{Sockets, WebsocketApi},
};

const SOURCES: &str = "sources:
  local: { type: none }
  catalog: { type: http, url: http://127.0.0.1:9000 }
auth: { partners: { type: api_key } }
";

fn routes_of(config: &Config) -> &RouteApi {
    match &config.apis["store"].kind {
        ApiKind::Routes(api) => api,
        other => panic!("{other:?}"),
    }
}

/// Reads the one route of an api of the type `http`.
fn route(text: &str) -> RouteFile {
    let config = read_well(&[
        (
            "loomgate.yaml",
            &format!("{SOURCES}apis: {{ store: {{ type: http, resolvers: r, auth: partners }} }}"),
        ),
        ("r/any name.yml", text),
    ]);
    let [route] = routes_of(&config).routes.as_slice() else {
        panic!("there is one route");
    };
    route.clone()
}

#[test]
fn a_route_is_read_key_by_key() {
    let route = route(
        "route: GET /products/{id}
auth: [partners, public]
scopes: [read, write]
throttle: { rate: 5, burst: 7 }
require: { query: page, headers: [X-Tenant], body: true }
source: catalog
request: { method: GET, path: /products }
response: $ctx.result.body
cache: { ttl: 1m }
status: $ctx.result.status
headers: { cache-control: no-store }
absent: 404
",
    );
    let path = vec![
        Segment::Literal("products".to_owned()),
        Segment::Parameter("id".to_owned()),
    ];
    let method = Some(http::Method::GET);
    assert_eq!(route.route.value, RouteKey::Path { method, path });
    let auth = route.access.auth.expect("there is `auth`");
    let auth: Vec<_> = auth.iter().map(|it| it.value.as_str()).collect();
    assert_eq!(auth, ["partners", "public"]);
    assert_eq!(route.access.scopes, ["read", "write"]);
    assert_eq!(route.access.throttle.map(|it| it.rate.burst), Some(7));
    let require = route.access.require;
    assert_eq!(require.query, ["page"]);
    assert_eq!(require.headers, ["x-tenant"]);
    assert!(require.body);
    let RouteTarget::Resolver(step) = route.target else {
        panic!("it asks a source");
    };
    assert_eq!(step.bound.steps()[0].owner, "GET /products/{id}");
    assert_eq!(step.bound.steps()[0].source.value, "catalog");
    assert!(step.bound.steps()[0].request.is_some() && step.bound.steps()[0].response.is_some());
    assert!(step.bound.steps()[0].cache.is_some() && step.bound.steps()[0].batch.is_none());
    assert!(step.status.is_some() && step.headers.is_some());
    assert_eq!(step.absent, Some(404));
}

#[test]
fn a_route_needs_no_more_than_a_source() {
    let route = route("route: $default\nsource: local\n");
    assert_eq!(route.route.value, RouteKey::Default);
    assert!(route.access.auth.is_none() && route.access.scopes.is_empty());
    let RouteTarget::Resolver(step) = route.target else {
        panic!("it asks a source");
    };
    assert!(step.status.is_none() && step.headers.is_none() && step.absent.is_none());
}

#[test]
fn a_proxy_names_its_source_and_its_path() {
    let proxy = |text: &str| match route(text).target {
        RouteTarget::Proxy { source, path } => (source.value, path.map(|it| it.value)),
        other @ RouteTarget::Resolver(_) => panic!("{other:?}"),
    };
    let found = proxy("route: ANY /files/{proxy+}\nproxy: true\nsource: catalog\n");
    assert_eq!(found, ("catalog".to_owned(), None));
    let found = proxy(
        "route: GET /shops/{shop}/{rest+}\nproxy: true\nsource: catalog\npath: /v1/s-{shop}/all/{rest}\n",
    );
    assert_eq!(found.1.as_deref(), Some("/v1/s-{shop}/all/{rest}"));
}

#[test]
fn both_flavors_read_all_files_of_their_folder() {
    let config = read_well(&[
        (
            "loomgate.yaml",
            &format!("{SOURCES}apis: {{ store: {{ type: rest, resolvers: r }} }}"),
        ),
        ("r/b.yaml", "route: GET /\nsource: local"),
        ("r/a.yaml", "route: ANY /{proxy+}\nsource: local"),
        ("r/.hidden.yaml", "nonsense"),
    ]);
    let api = routes_of(&config);
    assert_eq!(api.flavor, Flavor::Rest);
    assert!(api.routes_are_whole);
    let routes: Vec<_> = api
        .routes
        .iter()
        .map(|it| it.route.value.to_string())
        .collect();
    assert_eq!(routes, ["ANY /{proxy+}", "GET /"]);
}

fn chat(config: &Config) -> &WebsocketApi {
    match &config.apis["chat"].kind {
        ApiKind::Websocket(api) => api,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_websocket_api_is_read_key_by_key() {
    let config = read_well(&[
        (
            "loomgate.yaml",
            &format!(
                "{SOURCES}apis:
  chat:
    type: websocket
    route_key: $request.body.message.action
    resolvers: r
    auth: [partners, public]
    connections: {{ auth: partners, throttle: {{ rate: 5 }} }}
    sockets:
      frame: 16KiB
      message: 64KiB
      idle: 1m
      total: 1h
      queue: 8
      connections: 100
      throttle: {{ rate: 10, burst: 20 }}
"
            ),
        ),
        (
            "r/$connect.yaml",
            "auth: partners\nstatus: 201\nthrottle: { rate: 1 }",
        ),
        ("r/$default.yaml", ""),
        ("r/$disconnect.yaml", "source: local\n"),
        (
            "r/send.yaml",
            "source: local\nrequest: { payload: a }\nreply: true\n",
        ),
    ]);
    let api = chat(&config);
    assert_eq!(config.apis["chat"].path.value, "/chat");
    assert_eq!(api.route_key, ["message", "action"]);
    assert_eq!(api.connections.auth.as_ref().map(Vec::len), Some(1));
    assert!(api.connections.throttle.is_some());
    let sockets = &api.sockets;
    assert_eq!((sockets.frame, sockets.message), (16 << 10, 64 << 10));
    assert_eq!(
        (sockets.idle, sockets.total),
        (Duration::from_secs(60), Duration::from_secs(3600))
    );
    assert_eq!((sockets.queue, sockets.connections), (8, 100));
    assert_eq!(sockets.throttle.map(|it| it.rate.burst), Some(20));
    let [connect, default, disconnect, send] = api.routes.as_slice() else {
        panic!("there are four routes");
    };
    assert_eq!(connect.name, "$connect");
    assert!(connect.bound.is_none() && connect.status.is_some());
    assert!(connect.access.auth.is_some() && connect.access.throttle.is_some());
    assert_eq!((default.name.as_str(), default.reply), ("$default", false));
    assert!(default.bound.is_none() && disconnect.bound.is_some());
    assert_eq!((send.name.as_str(), send.reply), ("send", true));
}

#[test]
fn sockets_have_bounds_without_a_word() {
    let config = read_well(&[
        (
            "loomgate.yaml",
            "apis:
  chat: { type: websocket, route_key: $request.body.action, resolvers: r }
  shop: { type: graphql, schema: s.graphql, resolvers: r }
",
        ),
        ("s.graphql", SCHEMA),
        ("r/.keep", ""),
    ]);
    assert_eq!(chat(&config).sockets, Sockets::default());
    assert_eq!(shop(&config).subscriptions, Subscriptions::default());
}

#[test]
fn subscriptions_keep_the_defaults_that_are_not_written() {
    let config = read_well(&[
        (
            "loomgate.yaml",
            "apis:
  shop:
    type: graphql
    schema: s.graphql
    resolvers: r
    subscriptions: { init_timeout: 3s, keep_alive: 1m, per_connection: 5, sockets: { queue: 9 } }
",
        ),
        ("s.graphql", SCHEMA),
        ("r/.keep", ""),
    ]);
    let subscriptions = &shop(&config).subscriptions;
    assert_eq!(subscriptions.init_timeout, Duration::from_secs(3));
    assert_eq!(subscriptions.keep_alive, Duration::from_secs(60));
    assert_eq!(subscriptions.per_connection, 5);
    let sockets = Sockets {
        queue: 9,
        ..Subscriptions::default().sockets
    };
    assert_eq!(subscriptions.sockets, sockets);
}

#[test]
fn a_resolver_file_may_throttle_and_may_do_without_a_source() {
    let config = read_well(&[
        (
            "loomgate.yaml",
            "sources: { local: { type: none } }
apis: { shop: { type: graphql, schema: s.graphql, resolvers: r } }",
        ),
        ("s.graphql", SCHEMA),
        (
            "r/Query.product.yaml",
            "source: local\nthrottle: { rate: 5 }",
        ),
        ("r/Subscription.sold.yaml", "resolve: true"),
    ]);
    let [product, sold] = shop(&config).resolvers.as_slice() else {
        panic!("there are two files");
    };
    assert!(product.bound.is_some() && product.throttle.is_some() && !product.resolve);
    assert!(sold.bound.is_none() && sold.throttle.is_none() && sold.resolve);
}

#[test]
fn apis_share_a_path_under_hosts_of_their_own() {
    let config = read_well(&[
        (
            "loomgate.yaml",
            "apis:
  any: { type: rest, path: /, resolvers: r }
  one: { type: rest, path: /, resolvers: r, host: one.example.com }
  two: { type: http, path: /, resolvers: r, host: [two.example.com, \"*.example.org\"] }
",
        ),
        ("r/.keep", ""),
    ]);
    assert_eq!(config.apis.len(), 3);
}
