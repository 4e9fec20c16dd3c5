//! What one small GET costs through each client that the `http` source could be built on.
//!
//! Service and client share one thread, so time is CPU time, and the service's share is the same for
//! all. `socket` is the floor: it writes prepared bytes and reads whatever comes. `source` is the
//! whole `http` source with all it does beside: request document, timeout, slots, parsed answer.
//!
//!     cargo bench --bench http_client

#![allow(clippy::disallowed_methods, reason = "a bench measures real time")]

use std::{
    cell::RefCell,
    convert::Infallible,
    net::SocketAddr,
    time::{Duration, Instant},
};

use bytes::{Bytes, BytesMut};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use futures::{StreamExt, stream::FuturesUnordered};
use http_body_util::{BodyExt, Empty, Full};
use hyper::{Response, service::service_fn};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioIo},
};
use loomgate::{
    config::{Diagnostics, Span, Spanned, diagnostic::FileId, source::Http as HttpConfig},
    json::{Document, Value},
    source::{Source, http::Http},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    runtime::{Builder, Runtime},
};

const PATH: &str = "/users?id=1&id=2";

const BODY: &[u8] = br#"[{"id":1,"name":"Leanne Graham","email":"Sincere@april.biz"},{"id":2,"name":"Ervin Howell","email":"Shanna@melissa.tv"}]"#;

/// Starts the service.
async fn service() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
    let address = listener.local_addr().expect("address");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            stream.set_nodelay(true).expect("nodelay");
            let answer = service_fn(async |_| {
                let mut response = Response::new(Full::new(Bytes::from_static(BODY)));
                let json = http::HeaderValue::from_static("application/json");
                response.headers_mut().insert("content-type", json);
                Ok::<_, Infallible>(response)
            });
            let connection = hyper::server::conn::http1::Builder::new();
            tokio::spawn(connection.serve_connection(TokioIo::new(stream), answer));
        }
    });
    address
}

/// Makes `calls` calls, `width` at a time, and says how long they took.
async fn drive<F: Future>(calls: u64, width: u64, call: impl Fn() -> F) -> Duration {
    let start = Instant::now();
    let mut left = calls.saturating_sub(width);
    let mut running: FuturesUnordered<F> = (0..width.min(calls)).map(|_| call()).collect();
    while running.next().await.is_some() {
        if left > 0 {
            left -= 1;
            running.push(call());
        }
    }
    start.elapsed()
}

fn bench<F: Future>(
    criterion: &mut Criterion,
    runtime: &Runtime,
    name: &str,
    call: impl Fn() -> F,
) {
    let mut group = criterion.benchmark_group("http_client");
    for width in [1, 64] {
        group.bench_function(BenchmarkId::new(name, width), |bencher| {
            bencher.iter_custom(|calls| runtime.block_on(drive(calls, width, &call)));
        });
    }
}

fn source(address: SocketAddr) -> Http {
    let config = HttpConfig {
        url: Spanned {
            value: format!("http://{address}").parse().expect("a url"),
            span: Span {
                file: FileId(0),
                start: 0,
                end: 0,
            },
        },
        timeout: Duration::from_secs(5),
        concurrency: 256,
        max_response: 1 << 20,
        headers: Vec::new(),
    };
    Http::from_config("bench", &config, &mut Diagnostics::default()).expect("a source")
}

fn clients(criterion: &mut Criterion) {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let address = runtime.block_on(service());
    let url = format!("http://{address}{PATH}");

    let idle = RefCell::new(Vec::new());
    let request = format!("GET {PATH} HTTP/1.1\r\nhost: {address}\r\n\r\n");
    bench(criterion, &runtime, "socket", || async {
        let kept = idle.borrow_mut().pop();
        let mut stream = match kept {
            Some(stream) => stream,
            None => TcpStream::connect(address).await.expect("connect"),
        };
        stream.write_all(request.as_bytes()).await.expect("write");
        let mut answer = BytesMut::with_capacity(4096);
        stream.read_buf(&mut answer).await.expect("read");
        idle.borrow_mut().push(stream);
        answer
    });

    let source = source(address);
    let document = Bytes::from_static(br#"{"path":"/users","query":{"id":[1,2]}}"#);
    let requests = [Value::Node(Document::parse(document).expect("JSON"), 0)];
    bench(criterion, &runtime, "source", || async {
        let answers = source.send(&requests).await;
        assert!(answers[0].is_ok());
        answers
    });

    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let client: Client<_, Empty<Bytes>> = Client::builder(TokioExecutor::new()).build(connector);
    bench(criterion, &runtime, "hyper-util", || async {
        let answer = client.get(url.parse().expect("a url")).await.expect("head");
        answer.into_body().collect().await.expect("body").to_bytes()
    });

    let client = reqwest::Client::builder()
        .no_proxy()
        .build()
        .expect("a client");
    bench(criterion, &runtime, "reqwest", || async {
        let answer = client.get(&url).send().await.expect("head");
        answer.bytes().await.expect("body")
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2));
    targets = clients
}
criterion_main!(benches);
