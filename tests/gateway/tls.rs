//! Promise: TLS with HTTP/1.1 and HTTP/2, several apis by path and host, health, metrics, and an end
//! without a loss.

use std::process::Command;

use http::Method;
use serde_json::json;

use crate::support::{
    Answer, Client, Gateway, Project, Upstream, node,
    socket::{Closed, Socket},
};

const SCHEMA: &str = "
type Query { ready: Boolean slow: String }
type Mutation { add(id: ID!): Post }
type Subscription { added: Post @aws_subscribe(mutations: [\"add\"]) }
type Post { id: ID! }
";

fn files(server: &str) -> Vec<(&'static str, String)> {
    let config = format!(
        "
server: {{ listen: 127.0.0.1:0, {server} }}
sources: {{ local: {{ type: none }}, slow: {{ type: http, url: '{{slow}}' }} }}
apis:
  test: {{ type: graphql, schema: schema.graphql, resolvers: resolvers/graph }}
  one: {{ type: http, path: /api, resolvers: resolvers/one }}
  deep: {{ type: http, path: /api/deep, resolvers: resolvers/deep }}
  host: {{ type: http, path: /api, host: [shop.example, '*.shop.example'], resolvers: resolvers/host }}
  sockets: {{ type: websocket, path: /sockets, route_key: $request.body.action, resolvers: resolvers/sockets }}
"
    );
    let answer =
        |word: &str| format!("route: GET /who\nsource: local\nrequest: {{ payload: {word} }}\n");
    let payload = "source: local\nrequest: { payload: true }\n".to_owned();
    vec![
        ("loomgate.yaml", config),
        ("schema.graphql", SCHEMA.to_owned()),
        ("resolvers/graph/Query.ready.yaml", payload),
        (
            "resolvers/graph/Query.slow.yaml",
            "source: slow\nrequest: { path: / }\n".to_owned(),
        ),
        (
            "resolvers/graph/Mutation.add.yaml",
            "source: local\nrequest: { payload: { id: $ctx.args.id } }\n".to_owned(),
        ),
        ("resolvers/one/who.yaml", answer("one")),
        ("resolvers/deep/who.yaml", answer("deep")),
        ("resolvers/host/who.yaml", answer("host")),
        (
            "resolvers/sockets/$default.yaml",
            "source: local\nrequest: { payload: hello }\nreply: true\n".to_owned(),
        ),
    ]
}

/// A project with a certificate of its own.
fn secure() -> Project {
    let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    let certified = rcgen::generate_simple_self_signed(names).expect("a certificate is made");
    let mut files = files("tls: { cert: cert.pem, key: key.pem }");
    files.push(("cert.pem", certified.cert.pem()));
    files.push(("key.pem", certified.signing_key.serialize_pem()));
    Project::new(&files, &[("slow", "http://127.0.0.1:1")])
}

async fn curl(arguments: &[&str]) -> String {
    let mut command = Command::new("curl");
    command.args(["-sS", "--max-time", "20"]).args(arguments);
    let output = tokio::task::spawn_blocking(move || command.output());
    let output = output.await.expect("the wait is not cancelled");
    let output = output.expect("curl is installed");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[tokio::test]
async fn curl_speaks_both_versions_over_tls_and_in_the_clear() {
    let project = secure();
    let gateway = Gateway::start(&project).await;
    let certificate = project.path().join("cert.pem");
    let certificate = certificate.to_str().expect("temporary paths are text");
    let url = format!("{}/graphql?query=%7Bready%7D", gateway.url());
    let version = "\n%{http_version}";
    for (flag, spoken) in [("--http1.1", "1.1"), ("--http2", "2")] {
        let printed = curl(&[flag, "--cacert", certificate, "-w", version, &url]).await;
        assert_eq!(
            printed,
            format!("{{\"data\":{{\"ready\":true}}}}\n{spoken}")
        );
    }
    let project = Project::new(&files("drain: 5s"), &[("slow", "http://127.0.0.1:1")]);
    let gateway = Gateway::start(&project).await;
    let url = format!("{}/graphql?query=%7Bready%7D", gateway.url());
    for (flag, spoken) in [("--http1.1", "1.1"), ("--http2-prior-knowledge", "2")] {
        let printed = curl(&[flag, "-w", version, &url]).await;
        assert_eq!(
            printed,
            format!("{{\"data\":{{\"ready\":true}}}}\n{spoken}")
        );
    }
}

#[tokio::test]
async fn npm_ws_listens_over_tls() {
    let project = secure();
    let gateway = Gateway::start(&project).await;
    let certificate = project.path().join("cert.pem");
    let certificate = certificate.to_str().expect("temporary paths are text");
    node::run("clients/secure.mjs", &[&gateway.graphql(), certificate]).await;
}

#[tokio::test]
async fn apis_are_found_by_the_longest_path_and_by_host() {
    let project = Project::new(&files("drain: 5s"), &[("slow", "http://127.0.0.1:1")]);
    let gateway = Gateway::start(&project).await;
    for (host, path, answer) in [
        ("any.example", "/api/who", json!("one")),
        ("any.example", "/api/deep/who", json!("deep")),
        ("shop.example", "/api/who", json!("host")),
        ("SHOP.example:8080", "/api/who", json!("host")),
        ("eu.shop.example", "/api/who", json!("host")),
        ("notshop.example", "/api/who", json!("one")),
    ] {
        let url = format!("{}{path}", gateway.url());
        let answered = curl(&["-H", &format!("host: {host}"), &url]).await;
        let answered: serde_json::Value = serde_json::from_str(&answered).expect("JSON");
        assert_eq!(answered, answer, "{host}{path}");
    }
}

#[tokio::test]
async fn health_and_metrics_are_for_those_who_run_it() {
    let admin = free_port();
    let server = format!("admin: {{ listen: '127.0.0.1:{admin}', token: operator-token }}");
    let project = Project::new(&files(&server), &[("slow", "http://127.0.0.1:1")]);
    let gateway = Gateway::start(&project).await;
    gateway.ask("{ ready }").await;
    let client = Client::new();
    let get = async |url: String, headers: &[(&str, &str)]| {
        client.send(Method::GET, &url, headers, "").await
    };
    let at = |path: &str| format!("http://127.0.0.1:{admin}{path}");
    for url in [
        at("/healthz"),
        at("/readyz"),
        format!("{}/healthz", gateway.url()),
    ] {
        assert_eq!(get(url, &[]).await.status, 200);
    }
    assert_eq!(get(at("/metrics"), &[]).await.status, 401);
    assert_eq!(
        get(at("/metrics"), &[("authorization", "Bearer wrong")])
            .await
            .status,
        401
    );
    let metrics = get(
        at("/metrics"),
        &[("authorization", "Bearer operator-token")],
    )
    .await;
    assert_eq!(metrics.status, 200);
    let mut counted = metrics
        .text
        .lines()
        .filter(|line| line.starts_with("loomgate_requests_total{"));
    assert!(
        counted.any(|line| line.contains("api=\"test\"")),
        "{}",
        metrics.text
    );
    assert_eq!(
        get(format!("{}/metrics", gateway.url()), &[]).await.status,
        404
    );
}

fn free_port() -> u16 {
    let socket = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
    socket.local_addr().expect("it is bound").port()
}

#[tokio::test]
async fn told_to_stop_it_finishes_what_runs_and_says_goodbye_to_sockets() {
    let slow = Upstream::start(|_| {
        let later = std::time::Duration::from_millis(1500);
        Answer::Slow(later, Box::new(Answer::Json(json!("finished"))))
    })
    .await;
    let project = Project::new(&files("drain: 10s"), &[("slow", &slow.url())]);
    let gateway = Gateway::start(&project).await;
    let protocol = ("sec-websocket-protocol", "graphql-transport-ws".to_owned());
    let opened = Socket::open(&gateway.graphql(), &[protocol]).await;
    let mut listener = opened.expect("it opens");
    listener.say(&json!({ "type": "connection_init" })).await;
    listener.next().await.expect("it is acknowledged");
    let opened = Socket::open(&format!("{}/sockets", gateway.url()), &[]).await;
    let talker = opened.expect("it opens");
    let asked = {
        let (client, url) = (gateway.client().clone(), gateway.graphql());
        let body = json!({ "query": "{ slow }" }).to_string();
        tokio::spawn(async move { client.post_json(&url, &body).await })
    };
    slow.reached(1).await;
    gateway.terminate();
    for socket in [listener, talker] {
        let Closed { code, .. } = socket.closed().await;
        assert_eq!(code, 1001);
    }
    let answer = asked.await.expect("it is answered").json();
    assert_eq!(answer, json!({ "data": { "slow": "finished" } }));
    gateway.ended().await;
}
