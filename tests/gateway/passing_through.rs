//! Promise: a proxied route passes bodies as they are, of any size, in flat memory; and nothing that
//! a client sends reaches another host, path or header than the route says.

use std::{convert::Infallible, net::SocketAddr};

use bytes::Bytes;
use futures::stream;
use http::{HeaderMap, Method, Request, Response, Uri};
use http_body_util::{BodyExt, Full, StreamBody, combinators::BoxBody};
use hyper::{
    body::{Frame, Incoming},
    service::service_fn,
};
use hyper_util::{
    client::legacy::Client as Pool,
    rt::{TokioExecutor, TokioIo},
};
use proptest::prelude::{Strategy, any, prop};
use proptest::{prop_assert, strategy::ValueTree, test_runner::TestRunner};
use sha2::{Digest, Sha256};
use tokio::{net::TcpListener, sync::mpsc};

use crate::support::{Gateway, Project};

const CONFIG: &str = "
server: { listen: 127.0.0.1:0 }
sources:
  service: { type: http, url: 'http://{upstream}/base', headers: { x-secret: of-the-house } }
apis:
  web:
    type: http
    path: /web
    resolvers: resolvers
";

/// What reached the service.
#[derive(Debug)]
struct Seen {
    uri: Uri,
    headers: HeaderMap,
}

/// A service that sends every body back as it comes, and tells what it was asked.
async fn echo() -> (SocketAddr, mpsc::UnboundedReceiver<Seen>) {
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port is free");
    let address = listener.local_addr().expect("it is bound");
    let (tell, seen) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let tell = tell.clone();
            let service = service_fn(move |request: Request<Incoming>| {
                let _ = tell.send(Seen {
                    uri: request.uri().clone(),
                    headers: request.headers().clone(),
                });
                let mut response = Response::new(request.into_body());
                let kept = "kept".parse().expect("it is a value");
                response.headers_mut().insert("x-of-the-service", kept);
                async { Ok::<_, Infallible>(response) }
            });
            let connection = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service);
            tokio::spawn(connection);
        }
    });
    (address, seen)
}

async fn start(upstream: SocketAddr) -> Gateway {
    let files = [
        ("loomgate.yaml", CONFIG),
        (
            "resolvers/all.yaml",
            "route: ANY /files/{proxy+}\nsource: service\nproxy: true\n",
        ),
        (
            "resolvers/one.yaml",
            "route: ANY /one/{id}\nsource: service\nproxy: true\npath: /things/{id}\n",
        ),
    ];
    let places = [("upstream", &*upstream.to_string())];
    Gateway::start(&Project::new(&files, &places)).await
}

type Body = BoxBody<Bytes, Infallible>;

fn pool() -> Pool<hyper_util::client::legacy::connect::HttpConnector, Body> {
    Pool::builder(TokioExecutor::new()).build_http()
}

#[tokio::test]
async fn a_hundred_posts_come_back_byte_for_byte() {
    let (upstream, _seen) = echo().await;
    let gateway = start(upstream).await;
    let pool = pool();
    for number in 0_usize..100 {
        let bytes: Vec<u8> = (0..number * 997)
            .map(|at| (at * 31 + number) as u8)
            .collect();
        let body = Full::new(Bytes::from(bytes.clone())).boxed();
        let request = Request::post(format!("{}/web/files/{number}", gateway.url()))
            .header("content-type", "application/octet-stream")
            .body(body)
            .expect("the request is right");
        let response = pool.request(request).await.expect("the gateway answers");
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["x-of-the-service"], "kept");
        let echoed = response
            .into_body()
            .collect()
            .await
            .expect("the body comes");
        assert!(echoed.to_bytes() == bytes, "body {number} differs");
    }
}

/// 200 MiB in pieces of 64 KiB.
const PIECES: u32 = 3200;
const PIECE: usize = 64 << 10;

#[tokio::test]
async fn a_body_of_200_mib_passes_in_flat_memory() {
    let (upstream, _seen) = echo().await;
    let gateway = start(upstream).await;
    let piece = |number: u32| {
        let word = Sha256::digest(number.to_le_bytes());
        Bytes::from(word.repeat(PIECE / word.len()))
    };
    let sent = stream::iter((0..PIECES).map(move |number| Ok(Frame::data(piece(number)))));
    let request = Request::post(format!("{}/web/files/large", gateway.url()))
        .body(BodyExt::boxed(StreamBody::new(sent)))
        .expect("the request is right");
    let before = gateway.resident_mib();
    let response = pool().request(request).await.expect("the gateway answers");
    assert_eq!(response.status(), 200);
    let (mut body, mut digest, mut length, mut most) = (response.into_body(), Sha256::new(), 0, 0);
    while let Some(frame) = body.frame().await {
        let data = frame
            .expect("the body goes on")
            .into_data()
            .unwrap_or_default();
        digest.update(&data);
        length += data.len();
        most = most.max(gateway.resident_mib());
    }
    assert_eq!(length, PIECES as usize * PIECE);
    let mut expected = Sha256::new();
    (0..PIECES).for_each(|number| expected.update(piece(number)));
    assert_eq!(digest.finalize(), expected.finalize());
    assert!(
        most < before + 32,
        "{before} MiB before, {most} MiB at most"
    );
}

/// What a client may send, meant to lead astray.
fn astray() -> impl Strategy<Value = (String, Vec<(String, String)>)> {
    let piece = prop::sample::select(vec![
        "a",
        "..",
        ".",
        "%2e%2e",
        "%2E.",
        "%252e%252e",
        "//",
        "@",
        "%5c",
        "%2f",
        "%2F..%2f",
        ";x",
        "..;",
        "?q=/../",
        "?",
        "&",
        "=",
        "%3f",
        "%23",
        "http:",
        "evil.example",
        ":80",
        "\\",
        "%00",
        "%0d%0a",
        "é",
        " ",
    ]);
    let path = prop::collection::vec((piece, any::<bool>()), 0..8).prop_map(|pieces| {
        let text =
            |(piece, slash): (&str, bool)| format!("{}{piece}", if slash { "/" } else { "" });
        pieces.into_iter().map(text).collect::<String>()
    });
    let name = prop::sample::select(vec![
        "host",
        "x-secret",
        "connection",
        "keep-alive",
        "te",
        "proxy-authorization",
        "proxy-connection",
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-proto",
        "forwarded",
        "x-fine",
        "upgrade",
    ]);
    let value = prop::sample::select(vec![
        "evil.example",
        "x-secret, x-fine",
        "close",
        "of the client",
        "1.2.3.4",
    ]);
    let headers = prop::collection::vec((name, value), 0..5).prop_map(|all| {
        all.into_iter()
            .map(|(n, v)| (n.to_owned(), v.to_owned()))
            .collect()
    });
    (path, headers)
}

#[tokio::test]
async fn nothing_leads_astray() {
    let (upstream, mut seen) = echo().await;
    let gateway = start(upstream).await;
    let address = gateway.address().to_owned();
    let mut runner = TestRunner::deterministic();
    let (mut passed, mut refused) = (0, 0);
    for _ in 0..400 {
        let (path, headers) = astray().new_tree(&mut runner).expect("a case").current();
        let prefix = if passed % 2 == 0 {
            "/web/files/x"
        } else {
            "/web/one/x"
        };
        let answer = raw(&address, &format!("{prefix}{path}"), &headers).await;
        let mut arrived = Vec::new();
        while let Ok(one) = seen.try_recv() {
            arrived.push(one);
        }
        for Seen { uri, headers } in &arrived {
            let checked = (|| {
                let base = if uri.path().starts_with("/base/files/") {
                    "/base/files/"
                } else {
                    "/base/things/"
                };
                prop_assert!(uri.path().starts_with(base), "{uri}");
                let decoded = percent_encoding::percent_decode_str(uri.path()).decode_utf8_lossy();
                let twice = percent_encoding::percent_decode_str(&decoded)
                    .decode_utf8_lossy()
                    .into_owned();
                let dots = |segment: &str| matches!(segment.split(';').next(), Some("." | ".."));
                prop_assert!(!twice.split(['/', '\\']).any(dots), "{uri}");
                prop_assert!(
                    base != "/base/things/" || uri.path().matches('/').count() == 3,
                    "{uri}"
                );
                prop_assert!(headers["host"] == *upstream.to_string(), "{headers:?}");
                let secrets: Vec<_> = headers.get_all("x-secret").iter().collect();
                prop_assert!(secrets == ["of-the-house"], "{secrets:?}");
                for name in [
                    "keep-alive",
                    "te",
                    "proxy-authorization",
                    "proxy-connection",
                    "forwarded",
                    "upgrade",
                ] {
                    prop_assert!(!headers.contains_key(name), "{name}: {headers:?}");
                }
                prop_assert!(!headers["x-forwarded-host"].is_empty());
                Ok(())
            })();
            checked.unwrap_or_else(|error| panic!("{prefix}{path} {headers:?}: {error}"));
        }
        passed += usize::from(!arrived.is_empty());
        refused += usize::from(arrived.is_empty() && !answer.is_empty());
    }
    assert!(
        passed > 40 && refused > 40,
        "{passed} passed, {refused} were refused"
    );
}

/// Sends a request as it stands: no client library cleans it.
async fn raw(address: &str, path: &str, headers: &[(String, String)]) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    let mut request = format!(
        "{} {path} HTTP/1.1\r\nhost: gateway\r\nconnection: close\r\n",
        Method::GET
    );
    for (name, value) in headers {
        request += &format!("{name}: {value}\r\n");
    }
    request += "\r\n";
    let mut stream = tokio::net::TcpStream::connect(address)
        .await
        .expect("it listens");
    stream
        .write_all(request.as_bytes())
        .await
        .expect("it takes the request");
    let mut answer = Vec::new();
    let read = tokio::time::timeout(crate::support::PATIENCE, stream.read_to_end(&mut answer));
    let _ = read.await.expect("it answers");
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn a_client_is_told_of_by_forwarded_headers() {
    let (upstream, mut seen) = echo().await;
    let gateway = start(upstream).await;
    let url = format!("{}/web/one/a%2Fb?x=1&x=%20", gateway.url());
    let headers = [("x-forwarded-for", "10.0.0.1"), ("x-fine", "yes")];
    let answer = gateway
        .client()
        .send(Method::PUT, &url, &headers, "body")
        .await;
    assert_eq!(
        (answer.status.as_u16(), answer.text.as_str()),
        (200, "body")
    );
    let Seen { uri, headers } = seen.recv().await.expect("it arrived");
    assert_eq!(uri, "/base/things/a%2Fb?x=1&x=%20");
    assert_eq!(headers["x-fine"], "yes");
    assert_eq!(headers["x-forwarded-proto"], "http");
    assert_eq!(headers["x-forwarded-host"], gateway.address());
    let chain = headers["x-forwarded-for"].to_str().expect("it is text");
    assert!(chain.ends_with("127.0.0.1"), "{chain}");
    assert_eq!(headers["content-length"], "4");
}
