//! Promise: one guard stands before every door, and refuses the same callers at each of them.

use http::Method;
use serde_json::{Value, json};

use crate::support::{
    Answer, Gateway, Issuer, Project, Response, Upstream,
    socket::{Closed, Socket},
};

const KEY: &str = "partner-key-0123456789";
const EXPIRED_KEY: &str = "expired-key-0123456789";

const CONFIG: &str = "
server: { listen: 127.0.0.1:0, max_body: 10KiB, max_headers: 8KiB, max_url: 2KiB }
sources:
  local: { type: none }
  slow: { type: http, url: '{slow}', timeout: 60s }
  dead: { type: http, url: 'http://127.0.0.1:1', timeout: 5s }
auth:
  people: { type: jwt, issuer: '{issuer}', audience: [shop], jwks: '{issuer}/jwks.json', leeway: 1s }
  partners: { type: api_key }
api_keys:
  - { name: partner, value: partner-key-0123456789 }
  - { name: expired, value: expired-key-0123456789, expires: 2020-01-01 }
apis:
  graph:
    type: graphql
    schema: schema.graphql
    resolvers: resolvers/graph
    auth: [people, partners]
    timeout: 1s
  routes:
    type: rest
    path: /rest
    resolvers: resolvers/routes
    auth: [people, partners]
    timeout: 1s
  simple:
    type: http
    path: /http
    resolvers: resolvers/routes
    auth: [people, partners]
    timeout: 1s
  sockets:
    type: websocket
    path: /sockets
    route_key: $request.body.action
    resolvers: resolvers/sockets
    auth: [people, partners]
";

const SCHEMA: &str = "
type Query {
  open: String
  keys: String @aws_api_key @aws_oidc
  people: String @aws_oidc
  rare: String @aws_oidc @aws_api_key
  slow: String
  dead: String
  thing: Thing @aws_oidc @aws_api_key
}
interface Named { name: String }
type Thing implements Named @aws_oidc @aws_api_key {
  name: String
  secret: String @aws_oidc
}
";

async fn start(issuer: &Issuer, slow: &Upstream) -> Gateway {
    let payload = |value: &str| format!("source: local\nrequest: {{ payload: {value} }}\n");
    let files = [
        ("loomgate.yaml", CONFIG.to_owned()),
        ("schema.graphql", SCHEMA.to_owned()),
        ("resolvers/graph/Query.open.yaml", payload("open")),
        ("resolvers/graph/Query.keys.yaml", payload("keys")),
        ("resolvers/graph/Query.people.yaml", payload("people")),
        (
            "resolvers/graph/Query.rare.yaml",
            payload("rare") + "throttle: { rate: 0.01, burst: 2 }\n",
        ),
        (
            "resolvers/graph/Query.thing.yaml",
            payload("{ name: n, secret: s }"),
        ),
        (
            "resolvers/graph/Query.slow.yaml",
            "source: slow\nrequest: { path: / }\n".to_owned(),
        ),
        (
            "resolvers/graph/Query.dead.yaml",
            "source: dead\nrequest: { path: / }\n".to_owned(),
        ),
        (
            "resolvers/routes/open.yaml",
            "route: GET /open\n".to_owned() + &payload("open"),
        ),
        (
            "resolvers/routes/scoped.yaml",
            "route: GET /scoped\nauth: [people]\nscopes: [orders.read]\n".to_owned()
                + &payload("scoped"),
        ),
        (
            "resolvers/routes/rare.yaml",
            "route: GET /rare\nthrottle: { rate: 0.01, burst: 2 }\n".to_owned() + &payload("rare"),
        ),
        (
            "resolvers/routes/post.yaml",
            "route: POST /open\nrequire: { query: [kind], body: true }\n".to_owned()
                + &payload("posted"),
        ),
        (
            "resolvers/routes/slow.yaml",
            "route: GET /slow\nsource: slow\nrequest: { path: / }\n".to_owned(),
        ),
        (
            "resolvers/routes/dead.yaml",
            "route: GET /dead\nsource: dead\nrequest: { path: / }\n".to_owned(),
        ),
        ("resolvers/sockets/$connect.yaml", payload("fine")),
        (
            "resolvers/sockets/ping.yaml",
            payload("pong") + "reply: true\n",
        ),
    ];
    let places = [("issuer", issuer.url()), ("slow", &slow.url())];
    Gateway::start(&Project::new(&files, &places)).await
}

type Headers = Vec<(&'static str, String)>;

async fn send(
    gateway: &Gateway,
    method: Method,
    path: &str,
    headers: &Headers,
    body: &str,
) -> Response {
    let url = format!("{}{path}", gateway.url());
    let mut all = vec![("content-type", "application/json")];
    all.extend(headers.iter().map(|(name, value)| (*name, value.as_str())));
    gateway
        .client()
        .send(method, &url, &all, body.to_owned())
        .await
}

async fn query(gateway: &Gateway, headers: &Headers, query: &str) -> Response {
    let body = json!({ "query": query }).to_string();
    send(gateway, Method::POST, "/graphql", headers, &body).await
}

/// How a GraphQL socket answers to these credentials in its first message.
async fn socket(gateway: &Gateway, headers: &Headers) -> Result<Value, Closed> {
    let protocol = ("sec-websocket-protocol", "graphql-transport-ws".to_owned());
    let opened = Socket::open(&gateway.graphql(), &[protocol]).await;
    let mut socket = opened.expect("the handshake comes before the credentials");
    let payload: serde_json::Map<String, Value> = headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), Value::from(value.as_str())))
        .collect();
    let init = json!({ "type": "connection_init", "payload": payload });
    socket.say(&init).await;
    socket.next().await
}

/// What each door says.
#[derive(Debug)]
struct Refusal {
    who: &'static str,
    headers: Headers,
    graphql: &'static str,
    rest: (u16, &'static str),
    http: u16,
}

fn bearer(token: &str) -> Headers {
    vec![("authorization", format!("Bearer {token}"))]
}

/// The callers that no door lets in.
async fn strangers(issuer: &Issuer) -> Vec<Refusal> {
    let denied = "You are not authorized to make this call.";
    let key = |who, value: &str| Refusal {
        who,
        headers: vec![("x-api-key", value.to_owned())],
        graphql: denied,
        rest: (403, "Forbidden"),
        http: 401,
    };
    let token = |who, headers, graphql| Refusal {
        who,
        headers,
        graphql,
        rest: (401, "Unauthorized"),
        http: 401,
    };
    let forged = async |how: &str| bearer(&issuer.sign(&json!({ "forge": how })).await);
    let claims = async |claims: Value| bearer(&issuer.token(claims).await);
    vec![
        token(
            "nobody",
            Vec::new(),
            "Valid authorization header not provided.",
        ),
        key("a wrong key", "stranger-key-0123456789"),
        key("an expired key", EXPIRED_KEY),
        token(
            "no token at all",
            bearer("nonsense"),
            "Unable to parse JWT token.",
        ),
        token("alg none", forged("none").await, ""),
        token("HS256 with the public key", forged("hs256").await, ""),
        token("an unknown kid", forged("kid").await, ""),
        token(
            "another key under the right kid",
            forged("stranger").await,
            "",
        ),
        token(
            "a wrong issuer",
            claims(json!({ "iss": "https://nobody.example" })).await,
            "",
        ),
        token(
            "a wrong audience",
            claims(json!({ "aud": "bank" })).await,
            "",
        ),
        token("no audience", claims(json!({ "aud": null })).await, ""),
        Refusal {
            rest: (401, "The incoming token has expired"),
            ..token(
                "expired",
                bearer(&issuer.sign(&json!({ "expiresIn": -60 })).await),
                "Token has expired.",
            )
        },
        token("no expiry", claims(json!({ "exp": null })).await, ""),
        token(
            "not yet",
            claims(json!({ "nbf": 4_000_000_000_u32 })).await,
            "",
        ),
    ]
}

#[tokio::test]
async fn strangers_are_refused_at_every_door() {
    let issuer = Issuer::start().await;
    let slow = Upstream::start(|_| Answer::Hang).await;
    let gateway = start(&issuer, &slow).await;
    for stranger in strangers(&issuer).await {
        let Refusal {
            who,
            headers,
            graphql,
            rest,
            http,
        } = stranger;
        let answer = query(&gateway, &headers, "{ open }").await;
        assert_eq!(answer.status, 401, "{who}: {answer:?}");
        assert_eq!(
            answer.headers["x-amzn-errortype"], "UnauthorizedException",
            "{who}"
        );
        let message = &answer.json()["errors"][0]["message"];
        assert!(graphql.is_empty() || message == graphql, "{who}: {message}");

        let answer = send(&gateway, Method::GET, "/rest/open", &headers, "").await;
        assert_eq!(
            (answer.status.as_u16(), answer.json()),
            (rest.0, json!({ "message": rest.1 })),
            "{who}"
        );

        let answer = send(&gateway, Method::GET, "/http/open", &headers, "").await;
        assert_eq!(answer.status, http, "{who}: {answer:?}");

        let refused = Socket::open(&format!("{}/sockets", gateway.url()), &headers).await;
        let (status, _) = refused.expect_err(who);
        assert!(status == 401 || status == 403, "{who}: {status}");

        let closed = socket(&gateway, &headers).await.expect_err(who);
        assert_eq!(
            closed,
            Closed {
                code: 4403,
                reason: "Forbidden".to_owned()
            },
            "{who}"
        );
    }
    let output = gateway.output();
    assert!(
        !output.contains("stranger-key") && !output.contains("eyJ"),
        "a credential is in the log"
    );
}

#[tokio::test]
async fn those_who_may_pass_at_every_door() {
    let issuer = Issuer::start().await;
    let slow = Upstream::start(|_| Answer::Hang).await;
    let gateway = start(&issuer, &slow).await;
    let person = bearer(&issuer.token(json!({})).await);
    let raw = vec![("authorization", issuer.token(json!({})).await)];
    let partner = vec![("x-api-key", KEY.to_owned())];
    for headers in [person, raw, partner] {
        let answer = query(&gateway, &headers, "{ keys }").await;
        assert_eq!(
            answer.json(),
            json!({ "data": { "keys": "keys" } }),
            "{headers:?}"
        );
        for path in ["/rest/open", "/http/open"] {
            let answer = send(&gateway, Method::GET, path, &headers, "").await;
            assert_eq!(
                (answer.status.as_u16(), answer.json()),
                (200, json!("open")),
                "{headers:?}"
            );
        }
        let opened = Socket::open(&format!("{}/sockets", gateway.url()), &headers).await;
        let mut opened = opened.expect("they may connect");
        opened.say(&json!({ "action": "ping" })).await;
        assert_eq!(opened.next().await, Ok(json!("pong")));
        let acknowledged = socket(&gateway, &headers).await.expect("they may listen");
        assert_eq!(acknowledged["type"], "connection_ack");
    }
}

#[tokio::test]
async fn a_key_that_was_rotated_is_found_and_the_old_one_forgotten() {
    let issuer = Issuer::start().await;
    let slow = Upstream::start(|_| Answer::Hang).await;
    let gateway = start(&issuer, &slow).await;
    let old = bearer(&issuer.token(json!({})).await);
    assert_eq!(query(&gateway, &old, "{ open }").await.status, 200);
    issuer.rotate().await;
    let new = bearer(&issuer.token(json!({})).await);
    assert_eq!(query(&gateway, &new, "{ open }").await.status, 200);
    assert_eq!(query(&gateway, &old, "{ open }").await.status, 401);
}

#[tokio::test]
async fn a_field_that_is_not_allowed_is_null_and_its_siblings_answer() {
    let issuer = Issuer::start().await;
    let slow = Upstream::start(|_| Answer::Hang).await;
    let gateway = start(&issuer, &slow).await;
    let partner = vec![("x-api-key", KEY.to_owned())];
    let cases = [
        ("{ people keys }", json!(["people"]), "people on type Query"),
        (
            "{ other: people keys }",
            json!(["other"]),
            "people on type Query",
        ),
        (
            "{ ...F keys } fragment F on Query { people }",
            json!(["people"]),
            "people on type Query",
        ),
        (
            "{ ... on Query { x: people } keys }",
            json!(["x"]),
            "people on type Query",
        ),
        ("{ open keys }", json!(["open"]), "open on type Query"),
        (
            "{ thing { name secret } keys }",
            json!(["thing", "secret"]),
            "secret on type Thing",
        ),
        (
            "{ thing { ... on Named { name ... on Thing { s: secret } } } keys }",
            json!(["thing", "s"]),
            "secret on type Thing",
        ),
    ];
    for (text, path, field) in cases {
        let answer = query(&gateway, &partner, text).await.json();
        assert_eq!(answer["data"]["keys"], "keys", "{text}: {answer}");
        let [error] = answer["errors"]
            .as_array()
            .expect("there is an error")
            .as_slice()
        else {
            panic!("{text}: {answer}");
        };
        assert_eq!(error["path"], path, "{text}");
        assert_eq!(error["errorType"], "Unauthorized", "{text}");
        assert_eq!(
            error["message"],
            format!("Not Authorized to access {field}"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn a_scope_that_is_missing_is_forbidden() {
    let issuer = Issuer::start().await;
    let slow = Upstream::start(|_| Answer::Hang).await;
    let gateway = start(&issuer, &slow).await;
    for (claims, status) in [
        (json!({}), 403),
        (json!({ "scope": "orders.write" }), 403),
        (json!({ "scope": "orders.read.all" }), 403),
        (json!({ "scope": "x orders.read y" }), 200),
        (json!({ "scp": ["orders.read"] }), 200),
    ] {
        let headers = bearer(&issuer.token(claims.clone()).await);
        for path in ["/rest/scoped", "/http/scoped"] {
            let answer = send(&gateway, Method::GET, path, &headers, "").await;
            assert_eq!(answer.status, status, "{path} {claims}: {answer:?}");
        }
    }
    // The route takes people only.
    let partner = vec![("x-api-key", KEY.to_owned())];
    for path in ["/rest/scoped", "/http/scoped"] {
        let answer = send(&gateway, Method::GET, path, &partner, "").await;
        assert!([401, 403].contains(&answer.status.as_u16()), "{answer:?}");
    }
}

#[tokio::test]
async fn over_the_rate_is_429_and_an_error_of_the_field() {
    let issuer = Issuer::start().await;
    let slow = Upstream::start(|_| Answer::Hang).await;
    let gateway = start(&issuer, &slow).await;
    let partner = vec![("x-api-key", KEY.to_owned())];
    for path in ["/rest/rare", "/http/rare"] {
        for status in [200, 200, 429] {
            let answer = send(&gateway, Method::GET, path, &partner, "").await;
            assert_eq!(answer.status, status, "{path}");
            if status == 429 {
                assert_eq!(answer.json(), json!({ "message": "Too Many Requests" }));
            }
        }
    }
    for allowed in [true, true, false] {
        let answer = query(&gateway, &partner, "{ rare keys }").await.json();
        assert_eq!(answer["data"]["keys"], "keys");
        if allowed {
            assert_eq!(
                answer,
                json!({ "data": { "rare": "rare", "keys": "keys" } })
            );
        } else {
            assert_eq!(answer["data"]["rare"], Value::Null);
            assert_eq!(answer["errors"][0]["errorType"], "ThrottlingException");
        }
    }
}

#[tokio::test]
async fn what_is_too_large_is_refused_with_its_status() {
    let issuer = Issuer::start().await;
    let slow = Upstream::start(|_| Answer::Hang).await;
    let gateway = start(&issuer, &slow).await;
    let partner: Headers = vec![("x-api-key", KEY.to_owned())];
    let large = format!("\"{}\"", "x".repeat(11 << 10));
    let query = json!({ "query": format!("{{ open }} #{large}") }).to_string();
    for (method, path, body) in [
        (Method::POST, "/graphql", query.as_str()),
        (Method::POST, "/rest/open?kind=a", &large),
        (Method::POST, "/http/open?kind=a", &large),
    ] {
        let answer = send(&gateway, method, path, &partner, body).await;
        assert_eq!(answer.status, 413, "{path}: {answer:?}");
    }
    let mut wide = partner.clone();
    wide.push(("x-wide", "w".repeat(9 << 10)));
    let long = "?x=".to_owned() + &"u".repeat(3 << 10);
    for path in ["/graphql", "/rest/open", "/http/open", "/sockets"] {
        let answer = send(&gateway, Method::GET, path, &wide, "").await;
        assert_eq!(answer.status, 431, "{path}: {answer:?}");
        let answer = send(
            &gateway,
            Method::GET,
            &format!("{path}{long}"),
            &partner,
            "",
        )
        .await;
        assert_eq!(answer.status, 414, "{path}: {answer:?}");
    }
}

#[tokio::test]
async fn what_a_route_requires_must_be_there() {
    let issuer = Issuer::start().await;
    let slow = Upstream::start(|_| Answer::Hang).await;
    let gateway = start(&issuer, &slow).await;
    let partner: Headers = vec![("x-api-key", KEY.to_owned())];
    let answer = send(&gateway, Method::POST, "/rest/open", &partner, "{}").await;
    assert_eq!(answer.status, 400);
    assert_eq!(
        answer.json(),
        json!({ "message": "Missing required request parameters: [kind]" })
    );
    let answer = send(&gateway, Method::POST, "/rest/open?kind=a", &partner, "").await;
    assert_eq!(
        (answer.status.as_u16(), answer.json()),
        (400, json!({ "message": "Invalid request body" }))
    );
    let answer = send(
        &gateway,
        Method::POST,
        "/rest/open?kind=a",
        &partner,
        "{\"broken\"",
    )
    .await;
    assert_eq!(
        (answer.status.as_u16(), answer.json()),
        (400, json!({ "message": "Invalid request body" }))
    );
    let answer = send(&gateway, Method::POST, "/rest/open?kind=a", &partner, "{}").await;
    assert_eq!(
        (answer.status.as_u16(), answer.json()),
        (200, json!("posted"))
    );
}

#[tokio::test]
async fn unknown_routes_wrong_methods_and_failing_sources_are_documented_errors() {
    let issuer = Issuer::start().await;
    let slow = Upstream::start(|_| Answer::Hang).await;
    let gateway = start(&issuer, &slow).await;
    let partner: Headers = vec![("x-api-key", KEY.to_owned())];
    let rest_unknown = json!({ "message": "Missing Authentication Token" });
    let http_unknown = json!({ "message": "Not Found" });
    for (method, path, status, body) in [
        (Method::GET, "/rest/nothing", 403, rest_unknown.clone()),
        (Method::DELETE, "/rest/open", 403, rest_unknown),
        (Method::GET, "/http/nothing", 404, http_unknown.clone()),
        (Method::DELETE, "/http/open", 404, http_unknown),
        (
            Method::GET,
            "/rest/slow",
            504,
            json!({ "message": "Endpoint request timed out" }),
        ),
        (
            Method::GET,
            "/http/slow",
            503,
            json!({ "message": "Service Unavailable" }),
        ),
        (
            Method::GET,
            "/rest/dead",
            504,
            json!({ "message": "Network error communicating with endpoint" }),
        ),
        (
            Method::GET,
            "/http/dead",
            503,
            json!({ "message": "Service Unavailable" }),
        ),
    ] {
        let answer = send(&gateway, method, path, &partner, "").await;
        assert_eq!(
            (answer.status.as_u16(), answer.json()),
            (status, body),
            "{path}"
        );
    }
    let person = bearer(&issuer.token(json!({})).await);
    let answer = query(&gateway, &person, "{ dead open }").await.json();
    assert_eq!(answer["data"], json!({ "dead": null, "open": "open" }));
    assert_eq!(answer["errors"][0]["errorType"], "Http:ConnectException");
    let answer = query(&gateway, &person, "{ slow open }").await;
    assert_eq!(answer.status, 504, "{answer:?}");
    assert_eq!(answer.json()["errors"][0]["errorType"], "ExecutionTimeout");
    assert!(!gateway.output().contains(KEY));
}
