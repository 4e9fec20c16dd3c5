//! A WebSocket api from outside: upgrades, messages and `@connections` over a loopback connection.

use std::{collections::HashMap, fs, net::SocketAddr};

use axum::http::Request as HttpRequest;
use futures::{SinkExt, StreamExt, future::BoxFuture};
use http_body_util::BodyExt;
use hyper::service::service_fn;
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use tempfile::TempDir;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, mpsc},
};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Error, Message, client::IntoClientRequest, protocol::CloseFrame},
};

use super::*;
use crate::{
    cluster::Cluster,
    config,
    deployment::{self, Deployments},
    front::{Front, Incoming},
    json::Value,
    source::{Reply, Source, SourceError},
};

const GATEWAY: &str = "
sources:
  local: { type: none }
  visits: { type: none }
apis:
  chat:
    type: websocket
    path: /chat
    route_key: $request.body.action
    resolvers: chat
";

/// Nobody whose name is `nobody` comes in; the others are told what is said.
const FILES: [(&str, &str); 4] = [
    ("$connect", "status: $ctx.args.status"),
    (
        "$default",
        "source: local\nrequest: { payload: { said: $ctx.request.body } }\nreply: true",
    ),
    (
        "who",
        "source: local
request:
  payload:
    id: $ctx.connection.id
    route: $ctx.connection.routeKey
    since: $ctx.connection.connectedAt
    room: $ctx.request.query.room
    to: $ctx.args.to
reply: true",
    ),
    ("hush", "source: local\nrequest: { payload: silence }"),
];

struct World {
    front: Arc<Front>,
    at: SocketAddr,
    folder: TempDir,
    visits: mpsc::UnboundedReceiver<String>,
    may_answer: Arc<Semaphore>,
}

/// A source that tells what it is asked, and answers when it may.
#[derive(Debug)]
struct Visits {
    tell: mpsc::UnboundedSender<String>,
    may: Arc<Semaphore>,
}

impl Source for Visits {
    fn send<'a>(&'a self, requests: &'a [Value]) -> BoxFuture<'a, Vec<Result<Reply, SourceError>>> {
        let reply = |request: &Value| {
            let mut text = Vec::new();
            request.view().write(&mut text);
            let _ = self.tell.send(String::from_utf8(text).unwrap());
            Ok(Reply {
                body: Value::Null,
                head: None,
            })
        };
        Box::pin(async move {
            let replies = requests.iter().map(reply).collect();
            let _may = self.may.acquire().await;
            replies
        })
    }

    fn is_read(&self, _: &Value) -> bool {
        false
    }

    fn joins_reads(&self) -> bool {
        false
    }

    fn request_members(&self) -> &'static [&'static str] {
        &["code", "reason", "route"]
    }
}

type Client = WebSocketStream<TcpStream>;

fn compile(
    folder: &TempDir,
    cluster: &Arc<Cluster>,
    visits: Visits,
) -> (Deployments, config::Server) {
    let path = folder.path().join("loomgate.yaml");
    let visits: Arc<dyn Source> = Arc::new(visits);
    let replaced = HashMap::from([("visits".to_owned(), visits)]);
    let (loaded, diagnostics) = deployment::load(&path, replaced, cluster);
    let Some(loaded) = loaded else {
        panic!("{diagnostics:?}");
    };
    (loaded.deployments, loaded.config.server)
}

async fn start(files: &[(&str, &str)]) -> World {
    start_with(GATEWAY, files).await
}

async fn start_with(gateway: &str, files: &[(&str, &str)]) -> World {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("loomgate.yaml"), gateway).unwrap();
    fs::create_dir(folder.path().join("chat")).unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(format!("chat/{name}.yaml")), text).unwrap();
    }
    let cluster = Cluster::alone();
    let (tell, visits) = mpsc::unbounded_channel();
    let may_answer = Arc::new(Semaphore::new(1));
    let source = Visits {
        tell,
        may: Arc::clone(&may_answer),
    };
    let (deployments, settings) = compile(&folder, &cluster, source);
    let front = Arc::new(Front::new(deployments, cluster, Arc::default(), &settings));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    tokio::spawn(serve(listener, Arc::clone(&front)));
    World {
        front,
        at,
        folder,
        visits,
        may_answer,
    }
}

async fn serve(listener: TcpListener, front: Arc<Front>) {
    while let Ok((stream, peer)) = listener.accept().await {
        let front = Arc::clone(&front);
        let service = service_fn(move |request: HttpRequest<hyper::body::Incoming>| {
            let front = Arc::clone(&front);
            let incoming = Incoming {
                request: request.map(Body::new),
                peer: Some(peer),
                secure: false,
            };
            async move { Ok::<_, std::convert::Infallible>(front.answer(incoming).await) }
        });
        tokio::spawn(async move {
            let builder = auto::Builder::new(TokioExecutor::new());
            let stream = TokioIo::new(stream);
            builder
                .serve_connection_with_upgrades(stream, service)
                .await
        });
    }
}

impl World {
    async fn try_connect(&self, query: &str) -> Result<Client, Error> {
        let url = format!("ws://{}/chat?{query}", self.at);
        let stream = TcpStream::connect(self.at).await.unwrap();
        let mut request = url.into_client_request().unwrap();
        let agent = "tests".parse().unwrap();
        request.headers_mut().insert(USER_AGENT, agent);
        client_async(request, stream)
            .await
            .map(|(client, _)| client)
    }

    async fn connect(&self) -> Client {
        self.try_connect("room=a%20b").await.unwrap()
    }

    /// Status, error type and body of an HTTP request.
    async fn ask(&self, method: &str, path: &str, body: impl Into<Body>) -> String {
        let request = HttpRequest::builder().method(method).uri(path);
        let incoming = Incoming {
            request: request.body(body.into()).unwrap(),
            peer: None,
            secure: false,
        };
        let response = self.front.answer(incoming).await;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.into_body().collect().await.unwrap().to_bytes();
        let body = String::from_utf8_lossy(&body).into_owned();
        let kind = headers.get("x-amzn-errortype");
        let kind = kind.map(|kind| kind.to_str().unwrap()).unwrap_or_default();
        let words = [status.to_string(), kind.to_owned(), body];
        words.join(" ").trim().to_owned()
    }
}

async fn say(client: &mut Client, text: &str) {
    client.send(Message::text(text)).await.unwrap();
}

async fn hear(client: &mut Client) -> String {
    match client.next().await {
        Some(Ok(Message::Text(text))) => text.to_string(),
        Some(Ok(Message::Close(Some(frame)))) => {
            format!("close {} {}", u16::from(frame.code), frame.reason)
        }
        other => format!("{other:?}"),
    }
}

async fn id_of(client: &mut Client) -> String {
    say(client, r#"{"action":"who"}"#).await;
    let answer: serde_json::Value = serde_json::from_str(&hear(client).await).unwrap();
    answer["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn messages_find_their_routes() {
    let world = start(&FILES).await;
    let mut client = world.connect().await;
    for (said, heard) in [
        (r#"{"action":"other"}"#, r#"{"said":{"action":"other"}}"#),
        // Names of other occasions are no routes for messages.
        (
            r#"{"action":"$connect"}"#,
            r#"{"said":{"action":"$connect"}}"#,
        ),
        (r#"{"action":"WHO"}"#, r#"{"said":{"action":"WHO"}}"#),
        ("[1, 2]", r#"{"said":[1,2]}"#),
        ("no JSON", r#"{"said":"no JSON"}"#),
        ("", r#"{"said":""}"#),
    ] {
        say(&mut client, said).await;
        assert_eq!(hear(&mut client).await, heard);
    }
    // What does not reply is silent.
    say(&mut client, r#"{"action":"hush"}"#).await;
    say(&mut client, "next").await;
    assert_eq!(hear(&mut client).await, r#"{"said":"next"}"#);
}

#[tokio::test]
async fn a_route_sees_its_connection() {
    let world = start(&FILES).await;
    let mut client = world.connect().await;
    say(&mut client, r#"{"action":"who","to":7}"#).await;
    let answer: serde_json::Value = serde_json::from_str(&hear(&mut client).await).unwrap();
    assert_eq!(answer["route"], "who");
    assert_eq!(answer["room"], "a b");
    assert_eq!(answer["to"], 7);
    assert_eq!(answer["id"].as_str().unwrap().len(), 24);
    assert!(answer["since"].as_u64().unwrap() > 1_700_000_000_000);
}

#[tokio::test]
async fn a_client_that_leaves_while_it_connects_is_let_out_again() {
    let visit = "source: visits\nrequest: { route: $ctx.connection.routeKey }";
    let mut world = start(&[("$connect", visit), ("$disconnect", visit)]).await;
    world.may_answer.forget_permits(1);
    let mut request = "ws://a.example/chat".into_client_request().unwrap();
    // An upgrade that fails, as that of a client does who is gone.
    let upgrade = hyper::upgrade::on(HttpRequest::new(()));
    request.extensions_mut().insert(upgrade);
    let incoming = Incoming {
        request: request.map(|()| Body::empty()),
        peer: None,
        secure: false,
    };
    let front = Arc::clone(&world.front);
    let mut answer = Box::pin(front.answer(incoming));
    assert!(futures::poll!(&mut answer).is_pending());
    let visited = world.visits.recv().await;
    assert_eq!(visited.as_deref(), Some(r#"{"route":"$connect"}"#));
    drop(answer);
    world.may_answer.add_permits(1);
    let visited = world.visits.recv().await;
    assert_eq!(visited.as_deref(), Some(r#"{"route":"$disconnect"}"#));
}

#[tokio::test]
async fn a_message_without_a_route_is_forbidden() {
    let world = start(&FILES[3..]).await;
    let mut client = world.connect().await;
    for _ in 0..2 {
        say(&mut client, "hello").await;
        let heard = hear(&mut client).await;
        assert!(heard.starts_with(r#"{"message": "Forbidden", "connectionId":""#));
        let answer: serde_json::Value = serde_json::from_str(&heard).unwrap();
        assert_eq!(answer["requestId"].as_str().unwrap().len(), 36);
    }
}

#[tokio::test]
async fn a_route_that_fails_says_nothing_of_why() {
    let text = "source: local\nrequest: { payload: \"a $ctx.args.missing\" }\nreply: true";
    let world = start(&[("$default", text)]).await;
    let mut client = world.connect().await;
    say(&mut client, "{}").await;
    let heard = hear(&mut client).await;
    assert!(heard.starts_with(r#"{"message": "Internal server error", "connectionId":""#));
}

#[tokio::test]
async fn a_connection_and_a_route_have_their_rates() {
    let sockets = "    sockets: { throttle: { rate: 0.001, burst: 2 } }\n";
    let world = start_with(&format!("{GATEWAY}{sockets}"), &FILES).await;
    let mut client = world.connect().await;
    for throttled in [false, false, true, true] {
        say(&mut client, "hello").await;
        let heard = hear(&mut client).await;
        assert_eq!(heard.contains("Too Many Requests"), throttled, "{heard}");
    }
    // Another connection has a bucket of its own.
    let mut other = world.connect().await;
    say(&mut other, "hello").await;
    assert_eq!(hear(&mut other).await, r#"{"said":"hello"}"#);

    let text = "source: local\nreply: true\nthrottle: { rate: 0.001, burst: 1 }";
    let world = start(&[("slow", text), FILES[1]]).await;
    let mut client = world.connect().await;
    for (said, throttled) in [("slow", false), ("slow", true), ("other", false)] {
        say(&mut client, &format!(r#"{{"action":"{said}"}}"#)).await;
        let heard = hear(&mut client).await;
        assert_eq!(heard.contains("Too Many Requests"), throttled, "{heard}");
    }
}

#[tokio::test]
async fn only_known_callers_connect() {
    let keys = "    auth: [partners]
auth: { partners: { type: api_key } }
api_keys: [{ name: acme, value: a-key-that-nobody-guesses-0123456789 }]
";
    let world = start_with(&format!("{GATEWAY}{keys}"), &FILES).await;
    match world.try_connect("").await {
        Err(Error::Http(response)) => assert_eq!(response.status(), 403),
        other => panic!("{other:?}"),
    }
    let refused = world.ask("GET", "/chat/@connections/a", "").await;
    assert!(refused.starts_with("403 ForbiddenException"));
}

#[tokio::test]
async fn connect_may_refuse() {
    let world = start(&FILES).await;
    for (query, expected) in [
        ("status=403", Some(403)),
        ("status=418", Some(418)),
        ("status=204", None),
        ("", None),
        ("status=none", Some(500)),
        ("status=101", Some(500)),
    ] {
        match (world.try_connect(query).await, expected) {
            (Ok(_), None) => {}
            (Err(Error::Http(response)), Some(status)) => {
                assert_eq!(response.status().as_u16(), status, "{query}");
            }
            (other, expected) => panic!("{query}: {other:?} instead of {expected:?}"),
        }
    }
}

#[tokio::test]
async fn back_ends_write_to_connections_and_look_at_them() {
    let world = start(&FILES).await;
    let mut client = world.connect().await;
    let id = id_of(&mut client).await;
    let path = format!("/chat/%40connections/{}", id.replace('=', "%3D"));
    assert_eq!(world.ask("POST", &path, "{ raw }").await, "200");
    assert_eq!(hear(&mut client).await, "{ raw }");
    let described = world.ask("GET", &path, "").await;
    let described: serde_json::Value =
        serde_json::from_str(described.strip_prefix("200  ").unwrap()).unwrap();
    assert_eq!(described["identity"]["sourceIp"], "127.0.0.1");
    assert_eq!(described["identity"]["userAgent"], "tests");
    let (began, active) = (&described["connectedAt"], &described["lastActiveAt"]);
    assert!(active.as_str() >= began.as_str());
    assert!(began.as_str().unwrap().ends_with('Z'));

    let large = "a".repeat((128 << 10) + 1);
    let refused = world.ask("POST", &path, large).await;
    assert!(refused.starts_with("413 PayloadTooLargeException"));
    let refused = world.ask("POST", &path, &b"\xff"[..]).await;
    assert!(refused.starts_with("400 BadRequestException"));

    assert_eq!(world.ask("DELETE", &path, "").await, "204");
    assert_eq!(hear(&mut client).await, "close 1000 ");
}

#[tokio::test]
async fn a_connection_that_a_back_end_has_ended_is_gone_at_once() {
    let world = start(&FILES).await;
    let mut client = world.connect().await;
    let path = format!("/chat/@connections/{}", id_of(&mut client).await);
    // The client does not read, so that the close stays behind what waits before it.
    let large = "a".repeat(128 << 10);
    for _ in 0..150 {
        assert_eq!(world.ask("POST", &path, large.clone()).await, "200");
    }
    assert_eq!(world.ask("DELETE", &path, "").await, "204");
    for method in ["POST", "GET", "DELETE"] {
        let refused = world.ask(method, &path, "").await;
        assert_eq!(
            refused, "410 GoneException {\"message\":\"Gone\"}",
            "{method}"
        );
    }
}

#[tokio::test]
async fn a_connection_that_is_gone_is_gone() {
    let world = start(&FILES).await;
    let mut client = world.connect().await;
    let path = format!("/chat/@connections/{}", id_of(&mut client).await);
    client.close(None).await.unwrap();
    while client.next().await.is_some() {}
    // The client is told a moment before the connection's last route has run.
    world.front.close_sockets();
    world.front.sockets_closed().await;
    for method in ["POST", "GET", "DELETE"] {
        let refused = world.ask(method, &path, "").await;
        assert_eq!(refused, "410 GoneException {\"message\":\"Gone\"}");
    }
}

#[tokio::test]
async fn other_paths_and_methods_are_forbidden() {
    let world = start(&FILES).await;
    let forbidden = "403 ForbiddenException {\"message\":\"Forbidden\"}";
    for (method, path) in [
        ("GET", "/chat/other"),
        ("POST", "/chat/@connections/a/b"),
        ("GET", "/chat/@connections"),
        ("PUT", "/chat/@connections/a"),
    ] {
        assert_eq!(world.ask(method, path, "").await, forbidden, "{path}");
    }
    let plain = world.ask("GET", "/chat", "").await;
    assert_eq!(plain, "426  {\"message\":\"Upgrade Required\"}");
}

#[tokio::test]
async fn after_a_reload_messages_go_to_the_new_routes() {
    let world = start(&FILES).await;
    let mut client = world.connect().await;
    let file = world.folder.path().join("chat/$default.yaml");
    let text = "source: local\nrequest: { payload: changed }\nreply: true";
    fs::write(file, text).unwrap();
    let (deployments, _) = compile(
        &world.folder,
        &world.front.cluster,
        Visits {
            tell: mpsc::unbounded_channel().0,
            may: Arc::clone(&world.may_answer),
        },
    );
    world.front.swap(deployments);
    say(&mut client, "hello").await;
    assert_eq!(hear(&mut client).await, "changed");
    world.front.swap(Deployments::default());
    say(&mut client, "hello").await;
    assert_eq!(hear(&mut client).await, "close 1001 Going away");
}

#[tokio::test]
async fn the_last_route_of_a_connection_hears_how_it_ended() {
    let told = "source: visits
request:
  code: $ctx.connection.disconnectStatusCode
  reason: $ctx.connection.disconnectReason
  route: $ctx.connection.routeKey";
    let mut world = start(&[("$disconnect", told)]).await;
    let mut client = world.connect().await;
    let frame = CloseFrame {
        code: 4001.into(),
        reason: "enough".into(),
    };
    client.close(Some(frame)).await.unwrap();
    let visit = world.visits.recv().await.unwrap();
    let expected = r#"{"code":4001,"reason":"enough","route":"$disconnect"}"#;
    assert_eq!(visit, expected);
}

#[tokio::test]
async fn the_last_route_runs_before_the_gateway_stops() {
    let told = "source: visits\nrequest: { code: $ctx.connection.disconnectStatusCode }";
    let mut world = start(&[("$disconnect", told)]).await;
    let mut client = world.connect().await;
    world.front.close_sockets();
    while client.next().await.is_some() {}
    world.front.sockets_closed().await;
    assert_eq!(world.visits.try_recv().unwrap(), r#"{"code":1001}"#);
}

#[tokio::test]
async fn when_the_gateway_stops_connections_end_and_none_begins() {
    let world = start(&FILES).await;
    let mut client = world.connect().await;
    world.front.close_sockets();
    assert_eq!(hear(&mut client).await, "close 1001 Going away");
    while client.next().await.is_some() {}
    world.front.sockets_closed().await;
    match world.try_connect("").await {
        Err(Error::Http(response)) => assert_eq!(response.status(), 503),
        other => panic!("{other:?}"),
    }
}
