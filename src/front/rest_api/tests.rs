//! Routes from their files to their answers, over a source that answers what it is sent.

use std::{collections::HashMap, fs};

use axum::http::HeaderMap;
use futures::future::BoxFuture;
use http_body_util::BodyExt;
use tokio::sync::{Semaphore, mpsc};
use uuid::Uuid;

use super::*;
use crate::{
    cluster::Cluster,
    deployment::{Loaded, Served, load},
    source::{Reply, Source, SourceError},
};

const FILES: &[(&str, &str)] = &[
    (
        "loomgate.yaml",
        "sources:
  local: { type: none }
  ledger: { type: none }
  # A port on which nobody listens.
  files: { type: http, url: \"http://127.0.0.1:1/base\" }
apis:
  store: { type: rest, path: /store, resolvers: r, timeout: 5s }
  shop: { type: http, path: /shop, resolvers: r }
",
    ),
    (
        "r/get.yaml",
        "route: GET /items/{id}
source: local
request: { payload: { args: $ctx.args, query: $ctx.request.query, path: $ctx.request.path, key: $ctx.info.fieldName, source: $ctx.source } }
",
    ),
    ("r/head.yaml", "route: HEAD /items/{id}\nsource: local\nrequest: { payload: four }\n"),
    (
        "r/post.yaml",
        "route: POST /items
source: local
request: { payload: $ctx.request.body }
status: $ctx.request.body.status
headers: { location: /items/$ctx.request.body.id }
absent: 404
",
    ),
    (
        "r/wrong.yaml",
        "route: GET /wrong\nsource: local\nrequest: { payload: x$ctx.args.nothing }\n",
    ),
    (
        "r/files.yaml",
        "route: ANY /files/{id}/{rest+}\nproxy: true\nsource: files\npath: /v1/.{id}/{rest}\n",
    ),
    (
        "r/ledger.yaml",
        "route: ANY /ledger\nsource: ledger\nrequest: { payload: $ctx.request.method }\n",
    ),
    (
        "r/cached.yaml",
        "route: GET /cached/{id}
source: local
request: { payload: $ctx.request.path }
headers: { x-query: $ctx.args.q }
cache: { ttl: 60s, keys: [$ctx.args.q, $ctx.request.path] }
",
    ),
];

/// A source that does nothing until it may, and tells what it did.
#[derive(Debug, Clone)]
struct Ledger {
    may: Arc<Semaphore>,
    done: mpsc::UnboundedSender<String>,
}

impl Source for Ledger {
    fn send<'a>(&'a self, requests: &'a [Value]) -> BoxFuture<'a, Vec<Result<Reply, SourceError>>> {
        Box::pin(async move {
            let _may = self.may.acquire().await;
            let reply = |request: &Value| {
                let payload = request.view().get("payload").unwrap_or(View::NULL);
                let method = payload.as_str().unwrap_or_default().into_owned();
                self.done.send(method).expect("the test listens");
                Ok(Reply {
                    body: Value::Null,
                    head: None,
                })
            };
            requests.iter().map(reply).collect()
        })
    }

    fn is_read(&self, _: &Value) -> bool {
        false
    }

    fn joins_reads(&self) -> bool {
        false
    }

    fn request_members(&self) -> &'static [&'static str] {
        &["payload"]
    }
}

/// The apis over a ledger: what lets it act, and what it did.
fn ledger() -> (Loaded, Arc<Semaphore>, mpsc::UnboundedReceiver<String>) {
    let (done, told) = mpsc::unbounded_channel();
    let may = Arc::new(Semaphore::new(0));
    let ledger: Arc<dyn Source> = Arc::new(Ledger {
        may: Arc::clone(&may),
        done,
    });
    let replaced = HashMap::from([("ledger".to_owned(), ledger)]);
    (loaded_with(replaced), may, told)
}

fn loaded() -> Loaded {
    loaded_with(HashMap::new())
}

fn loaded_with(replaced: HashMap<String, Arc<dyn Source>>) -> Loaded {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    for (name, text) in FILES {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("it stands in the folder")).expect("a folder");
        fs::write(path, text).expect("a file can be written");
    }
    let (loaded, faults) = load(folder.path(), replaced, &Cluster::alone());
    loaded.unwrap_or_else(|| panic!("{}", faults.render(false)))
}

/// Status, headers and body of the answer to a request such as `GET /store/items/1`.
async fn ask(request: &str, body: &str) -> String {
    ask_of(&loaded(), request, body).await
}

async fn ask_of(loaded: &Loaded, request: &str, body: &str) -> String {
    let (method, uri) = request.split_once(' ').expect("a method and a path");
    let request = Request {
        id: Uuid::nil(),
        method: method.parse().expect("a method"),
        uri: uri.parse().expect("a path"),
        headers: HeaderMap::new(),
        client: None,
        secure: false,
    };
    let found = loaded.deployments.at(None, request.uri.path());
    let (deployment, below) = found
        .map(|(it, below)| (it, below.to_owned()))
        .expect("an api");
    let Served::Routes(routes) = &deployment.served else {
        panic!("an api of routes");
    };
    let visit = Visit {
        deployment,
        below: &below,
        request,
        body: Body::from(body.to_owned()),
        max_body: 64,
    };
    let (head, body) = dispatch(routes, visit).await.into_parts();
    let mut text = head.status.as_u16().to_string();
    for (name, value) in &head.headers {
        if !["content-type", "x-amzn-errortype"].contains(&name.as_str()) {
            text += &format!(" {name}={}", value.to_str().expect("text"));
        }
    }
    let body = body.collect().await.expect("a body").to_bytes();
    text + " " + &String::from_utf8_lossy(&body)
}

#[tokio::test]
async fn a_route_sees_path_and_query() {
    let answer = ask("GET /store/items/a%20b?id=no&tag=1&tag=2", "").await;
    let expected = r#"200 {"args":{"id":"a b","tag":"2"},"query":{"id":"no","tag":["1","2"]},"path":"/store/items/a%20b","key":"GET /items/{id}","source":null}"#;
    assert_eq!(answer, expected);
}

#[tokio::test]
async fn a_route_shapes_status_headers_and_body() {
    let answer = ask("POST /store/items", r#"{"id": 7, "status": 201}"#).await;
    assert_eq!(answer, r#"201 location=/items/7 {"id":7,"status":201}"#);
}

#[tokio::test]
async fn what_no_route_takes_is_answered_as_api_gateway_does() {
    let missing = r#"403 {"message":"Missing Authentication Token"}"#;
    assert_eq!(ask("GET /store/nothing", "").await, missing);
    assert_eq!(ask("DELETE /store/items/1", "").await, missing);
    let missing = r#"404 {"message":"Not Found"}"#;
    assert_eq!(ask("GET /shop/nothing", "").await, missing);
    assert_eq!(ask("DELETE /shop/items/1", "").await, missing);
}

#[tokio::test]
async fn a_request_that_cannot_be_read_is_refused() {
    let bad = r#"400 {"message":"Bad Request"}"#;
    assert_eq!(ask("GET /store/items/%ff", "").await, bad);
    assert_eq!(ask("GET /store/items/1?a=%f", "").await, bad);
    let body = r#"400 {"message":"Invalid request body"}"#;
    assert_eq!(ask("POST /store/items", "{").await, body);
    assert_eq!(ask("POST /shop/items", "{").await, bad);
    let long = format!("\"{}\"", "x".repeat(64));
    let too_long = r#"413 {"message":"Request Too Long"}"#;
    assert_eq!(ask("POST /store/items", &long).await, too_long);
    let too_large = r#"413 {"message":"Request Entity Too Large"}"#;
    assert_eq!(ask("POST /shop/items", &long).await, too_large);
}

#[tokio::test]
async fn what_a_mapping_gets_wrong_stays_in_the_log() {
    let internal = r#"500 {"message":"Internal server error"}"#;
    assert_eq!(ask("GET /store/wrong", "").await, internal);
    let internal = r#"500 {"message":"Internal Server Error"}"#;
    assert_eq!(ask("GET /shop/wrong", "").await, internal);
    // A status that is none.
    let answer = ask("POST /shop/items", r#"{"id": 7, "status": "x"}"#).await;
    assert_eq!(answer, internal);
}

#[tokio::test]
async fn what_is_remembered_has_its_headers() {
    let loaded = loaded();
    for _ in 0..2 {
        let answer = ask_of(&loaded, "GET /store/cached/1?q=a", "").await;
        assert_eq!(answer, r#"200 x-query=a "/store/cached/1""#);
    }
    let other = ask_of(&loaded, "GET /store/cached/1?q=b", "").await;
    assert_eq!(other, r#"200 x-query=b "/store/cached/1""#);
}

#[tokio::test]
async fn a_proxied_path_leads_nowhere_else() {
    let bad = r#"400 {"message":"Bad Request"}"#;
    for path in [
        "a/..",
        "a/%2e%2E/b",
        "./a",
        "%2e/a",
        "a/b/%252e%252e/c",
        "a/%5c",
        "a/%00",
        "a/%zz",
    ] {
        let request = format!("GET /store/files/{path}");
        assert_eq!(ask(&request, "").await, bad, "{path}");
    }
    let unreachable = r#"504 {"message":"Network error communicating with endpoint"}"#;
    assert_eq!(ask("GET /store/files/a/b", "").await, unreachable);
    let unreachable = r#"503 {"message":"Service Unavailable"}"#;
    assert_eq!(ask("POST /shop/files/a/b", "x").await, unreachable);
}

#[tokio::test]
async fn a_client_that_goes_away_cuts_a_read_and_no_write() {
    let (loaded, may, mut told) = ledger();
    for method in ["GET", "POST", "DELETE"] {
        let request = format!("{method} /store/ledger");
        let mut asked = Box::pin(ask_of(&loaded, &request, ""));
        assert!(futures::poll!(&mut asked).is_pending(), "{method}");
        // The source has it.
        tokio::task::yield_now().await;
        drop(asked);
    }
    may.add_permits(1);
    let mut written = [told.recv().await, told.recv().await];
    written.sort();
    assert_eq!(
        written,
        [Some("DELETE".to_owned()), Some("POST".to_owned())]
    );
    assert!(told.try_recv().is_err());
}

#[tokio::test(start_paused = true)]
async fn a_write_whose_time_is_up_goes_on() {
    let (loaded, may, mut told) = ledger();
    let late = r#"504 {"message":"Endpoint request timed out"}"#;
    assert_eq!(ask_of(&loaded, "PUT /store/ledger", "").await, late);
    may.add_permits(1);
    assert_eq!(told.recv().await.as_deref(), Some("PUT"));
}
