//! Bodies that are passed through, and how passing one through ends.

use std::{
    convert::Infallible,
    sync::atomic::{AtomicU64, Ordering::SeqCst},
};

use axum::body::Body;
use futures::stream;
use http_body_util::{BodyExt, StreamBody};
use hyper::{
    Request, Response,
    body::{Frame, Incoming},
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use proptest::{prelude::*, test_runner::TestRunner};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    sync::Notify,
};

use super::*;

pub(super) fn passage(method: Method, path: &str, body: Body) -> Passage {
    Passage {
        method,
        path: path.to_owned(),
        query: None,
        headers: ::http::HeaderMap::new(),
        body,
        client: None,
        host: None,
        secure: false,
    }
}

fn get(path: &str) -> Passage {
    passage(Method::GET, path, Body::empty())
}

fn post(body: Body) -> Passage {
    passage(Method::POST, "/", body)
}

/// A service of hyper's, on loopback.
pub(super) async fn service<F>(
    answer: impl Fn(Request<Incoming>) -> F + Send + Clone + 'static,
) -> String
where
    F: Future<Output = Response<Body>> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let answer = answer.clone();
            let service = service_fn(move |request| {
                let answer = answer(request);
                async move { Ok::<_, Infallible>(answer.await) }
            });
            let connection = hyper::server::conn::http1::Builder::new();
            tokio::spawn(connection.serve_connection(TokioIo::new(stream), service));
        }
    });
    url
}

/// A service that writes these bytes to each connection as soon as it has read a little, and then
/// does what `after` does.
async fn raw_service(bytes: impl Into<Bytes>, after: Arc<Notify>) -> String {
    let bytes = bytes.into();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let bytes = bytes.clone();
            let after = Arc::clone(&after);
            tokio::spawn(async move {
                let _ = stream.read(&mut [0; 64]).await;
                let _ = stream.write_all(&bytes).await;
                after.notified().await;
            });
        }
    });
    url
}

/// Pieces of a body that nobody knows the length of.
fn pieces(size: usize, count: u64, made: Arc<AtomicU64>) -> Body {
    let piece = Bytes::from(vec![b'x'; size]);
    Body::from_stream(stream::iter((0..count).map(move |_| {
        made.fetch_add(piece.len() as u64, SeqCst);
        Ok::<_, Infallible>(piece.clone())
    })))
}

async fn read(response: Response<Body>) -> Bytes {
    response.into_body().collect().await.unwrap().to_bytes()
}

#[test]
fn a_hundred_bodies_come_back_byte_for_byte() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let source = runtime.block_on(async {
        let echo = service(async |request: Request<Incoming>| {
            Response::new(Body::new(request.into_body()))
        });
        build(&config(&echo.await))
    });
    let parts = prop::collection::vec(prop::collection::vec(any::<u8>(), 0..5000), 0..20);
    let mut runner = TestRunner::new(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(100)
    });
    let law = |(parts, sized): (Vec<Vec<u8>>, bool)| {
        let whole = parts.concat();
        let body = match sized {
            true => Body::from(whole.clone()),
            false => Body::from_stream(stream::iter(parts.into_iter().map(Ok::<_, Infallible>))),
        };
        let echoed = runtime.block_on(async { read(source.pass(post(body)).await.unwrap()).await });
        prop_assert_eq!(echoed, whole);
        Ok(())
    };
    runner.run(&(parts, any::<bool>()), law).unwrap();
    assert_eq!(source.pool.idle_count(), 1, "one connection served all");
}

const MIB: u64 = 1 << 20;

#[tokio::test]
async fn two_hundred_megabytes_up_are_never_held() {
    let (made, taken) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let most = Arc::new(AtomicU64::new(0));
    let (sent, read_there, highest) = (Arc::clone(&made), Arc::clone(&taken), Arc::clone(&most));
    let url = service(move |request: Request<Incoming>| {
        let (sent, taken, most) = (
            Arc::clone(&sent),
            Arc::clone(&read_there),
            Arc::clone(&highest),
        );
        async move {
            let mut body = request.into_body();
            while let Some(frame) = body.frame().await {
                let length = frame.unwrap().into_data().unwrap().len() as u64;
                let taken = taken.fetch_add(length, SeqCst) + length;
                most.fetch_max(sent.load(SeqCst) - taken, SeqCst);
                tokio::task::yield_now().await;
            }
            Response::new(Body::from("done"))
        }
    });
    let source = build(&config(&url.await));
    let body = pieces(64 << 10, 3200, Arc::clone(&made));
    assert_eq!(read(source.pass(post(body)).await.unwrap()).await, "done");
    assert_eq!(taken.load(SeqCst), 200 * MIB);
    // What the sockets of the system hold counts too.
    assert!(
        most.load(SeqCst) < 16 * MIB,
        "{most:?} bytes were under way"
    );
}

#[tokio::test]
async fn two_hundred_megabytes_down_are_never_held() {
    let made = Arc::new(AtomicU64::new(0));
    let sent = Arc::clone(&made);
    let url = service(move |_| {
        let body = pieces(64 << 10, 3200, Arc::clone(&sent));
        async move { Response::new(body) }
    });
    let source = build(&config(&url.await));
    let mut body = source.pass(get("/")).await.unwrap().into_body();
    let (mut taken, mut most) = (0, 0);
    while let Some(frame) = body.frame().await {
        taken += frame.unwrap().into_data().unwrap().len() as u64;
        // A slow reader: the service has every chance to be ahead.
        for _ in 0..3 {
            tokio::task::yield_now().await;
        }
        most = most.max(made.load(SeqCst) - taken);
    }
    assert_eq!(taken, 200 * MIB);
    assert!(most < 16 * MIB, "{most} bytes were under way");
    assert_eq!(source.pool.idle_count(), 1);
}

#[tokio::test]
async fn both_bodies_are_streamed_at_once() {
    let url =
        service(async |request: Request<Incoming>| Response::new(Body::new(request.into_body())));
    let source = build(&config(&url.await));
    let (sender, receiver) = futures::channel::mpsc::unbounded::<Result<Bytes, Infallible>>();
    let answer = source.pass(post(Body::from_stream(receiver))).await;
    let mut body = answer.unwrap().into_body();
    for text in ["first", "second"] {
        sender.unbounded_send(Ok(text.into())).unwrap();
        let frame = body.frame().await.unwrap().unwrap();
        assert_eq!(frame.into_data().unwrap(), text);
    }
    drop(sender);
    assert!(body.frame().await.is_none());
    assert_eq!(source.pool.idle_count(), 1);
}

#[tokio::test]
async fn a_client_that_breaks_off_leaves_no_whole_request_and_no_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let service = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut received = Vec::new();
        stream.read_to_end(&mut received).await.unwrap();
        received
    });
    let source = build(&config(&url));
    let gone = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
    let parts = [Ok(Bytes::from("half")), Err(gone)];
    let body = Body::from_stream(stream::iter(parts));
    let error = source.pass(post(body)).await.unwrap_err();
    assert_eq!(error.error_type, "Http:InvalidRequestException");
    assert_eq!(source.pool.idle_count(), 0);
    let received = service.await.unwrap();
    let end = b"\r\n0\r\n\r\n";
    assert!(!received.windows(end.len()).any(|bytes| bytes == end));
}

#[tokio::test]
async fn an_answer_that_is_dropped_closes_its_connection_and_frees_its_slot() {
    let made = Arc::new(AtomicU64::new(0));
    let url = service(move |_| {
        let body = pieces(64 << 10, 3200, Arc::clone(&made));
        async move { Response::new(body) }
    });
    let source = build(&HttpConfig {
        concurrency: 1,
        ..config(&url.await)
    });
    for _ in 0..3 {
        let mut body = source.pass(get("/")).await.unwrap().into_body();
        body.frame().await.unwrap().unwrap();
        assert_eq!(source.slots.available_permits(), 0, "a body holds its slot");
    }
    assert_eq!(source.pool.idle_count(), 0);
    assert_eq!(source.slots.available_permits(), 1);
}

#[tokio::test]
async fn a_service_that_resets_in_the_middle_fails_the_body() {
    let now = Arc::new(Notify::new());
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf";
    let source = build(&config(&raw_service(head, Arc::clone(&now)).await));
    let mut body = source.pass(get("/")).await.unwrap().into_body();
    assert_eq!(
        body.frame().await.unwrap().unwrap().into_data().unwrap(),
        "half"
    );
    now.notify_one();
    assert!(body.frame().await.unwrap().is_err());
    assert!(body.frame().await.is_none());
    assert_eq!(source.pool.idle_count(), 0);
}

#[tokio::test]
async fn a_service_may_answer_and_close_before_it_took_the_body() {
    // More than is read at once: some of it waits in the socket when the reset is found out.
    let long = "x".repeat(100_000);
    let refusal = format!(
        "HTTP/1.1 413 Payload Too Large\r\nConnection: close\r\nContent-Length: 100000\r\n\r\n{long}"
    );
    let now = Arc::new(Notify::new());
    let source = build(&config(&raw_service(refusal, Arc::clone(&now)).await));
    for _ in 0..20 {
        // The service closes at once, with the body unread: a reset.
        now.notify_one();
        let made = Arc::new(AtomicU64::new(0));
        let body = pieces(64 << 10, 3200, Arc::clone(&made));
        let response = source.pass(post(body)).await.unwrap();
        assert_eq!(response.status(), 413);
        assert_eq!(read(response).await, long);
        assert!(made.load(SeqCst) < 100 * MIB, "the rest was left");
    }
    assert_eq!(source.pool.idle_count(), 0);
}

#[tokio::test]
async fn a_service_may_answer_early_and_keep_listening() {
    let early = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    let source = build(&config(&raw_service(early, Arc::default()).await));
    let body = Body::from_stream(stream::pending::<Result<Bytes, Infallible>>());
    let response = source.pass(post(body)).await.unwrap();
    assert_eq!(read(response).await, "ok");
    assert_eq!(source.pool.idle_count(), 0, "half a request is on it");
}

#[tokio::test]
async fn trailers_are_dropped_both_ways() {
    let trailers = || {
        let mut fields = ::http::HeaderMap::new();
        fields.insert("x-sum", "1".parse().unwrap());
        let frames = [Frame::data(Bytes::from("data")), Frame::trailers(fields)];
        StreamBody::new(stream::iter(frames.map(Ok::<_, Infallible>)))
    };
    let url = service(move |request: Request<Incoming>| async move {
        let collected = request.into_body().collect().await.unwrap();
        assert!(collected.trailers().is_none());
        assert_eq!(collected.to_bytes(), "data");
        let mut response = Response::new(Body::new(trailers()));
        let headers = response.headers_mut();
        headers.insert("trailer", "x-sum".parse().unwrap());
        response
    });
    let source = build(&config(&url.await));
    let mut asked = post(Body::new(trailers()));
    asked.headers.insert("trailer", "x-sum".parse().unwrap());
    asked.headers.insert("te", "trailers".parse().unwrap());
    let response = source.pass(asked).await.unwrap();
    assert!(!response.headers().contains_key("trailer"));
    let collected = response.into_body().collect().await.unwrap();
    assert!(collected.trailers().is_none());
    assert_eq!(collected.to_bytes(), "data");
}

#[tokio::test(start_paused = true)]
async fn time_runs_only_while_nothing_moves() {
    // A byte a second for a minute, where five seconds are allowed.
    let body = "x".repeat(60);
    let upstream = Upstream::start(move |_| {
        let length = body.len();
        Act::Drip(format!(
            "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{body}"
        ))
    })
    .await;
    // The head comes a byte at a time too, and is not complete before it is.
    let source = build(&HttpConfig {
        timeout: Duration::from_secs(50),
        ..config(&format!("http://{}", upstream.address))
    });
    let response = source.pass(get("/")).await.unwrap();
    assert_eq!(read(response).await.len(), 60);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_stands_still_ends() {
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf";
    let source = build(&config(&raw_service(head, Arc::default()).await));
    let mut body = source.pass(get("/")).await.unwrap().into_body();
    body.frame().await.unwrap().unwrap();
    let start = tokio::time::Instant::now();
    let error = body.frame().await.unwrap().unwrap_err();
    assert_eq!(error.to_string(), "Execution timed out.");
    assert!(start.elapsed() < Duration::from_secs(6));
}

#[tokio::test(start_paused = true)]
async fn no_answer_in_time_is_an_error() {
    for body in [
        Body::empty(),
        Body::from("whole"),
        Body::from_stream(stream::pending::<Result<Bytes, Infallible>>()),
    ] {
        let upstream = Upstream::start(|_| Act::Hang).await;
        let start = tokio::time::Instant::now();
        let error = source(&upstream).pass(post(body)).await.unwrap_err();
        assert_eq!(error.error_type, "Http:ExecutionTimeoutException");
        assert!(start.elapsed() < Duration::from_secs(6));
    }
}

#[tokio::test]
async fn a_dead_connection_is_replaced_where_nothing_is_done_twice() {
    for (method, body, again) in [
        (Method::GET, "", true),
        (Method::DELETE, "", true),
        (Method::POST, "", false),
        (Method::PUT, "x", false),
    ] {
        // The second request of a connection is taken, and never answered.
        let upstream = Upstream::start(|seen| match seen.place {
            0 => answer("200 OK", "1"),
            _ => Act::Close(String::new()),
        })
        .await;
        let source = source(&upstream);
        read(source.pass(get("/")).await.unwrap()).await;
        let outcome = source.pass(passage(method.clone(), "/", Body::from(body)));
        match outcome.await {
            Ok(_) => assert!(again, "{method} was sent twice"),
            Err(error) => {
                assert!(!again, "{method}: {error}");
                assert_eq!(error.error_type, "Http:ConnectionResetException");
            }
        }
    }
}

#[tokio::test]
async fn calls_and_passages_share_connections() {
    let upstream = Upstream::start(|_| answer("200 OK", "1")).await;
    let source = source(&upstream);
    for _ in 0..3 {
        call(&source, GET).await.unwrap();
        read(source.pass(get("/")).await.unwrap()).await;
        read(source.pass(post(Body::from("x"))).await.unwrap()).await;
    }
    assert!(upstream.seen().iter().all(|seen| seen.connection == 0));
}

#[tokio::test]
async fn a_passage_can_be_spawned() {
    let upstream = Upstream::start(|_| answer("200 OK", "1")).await;
    let source = Arc::new(source(&upstream));
    let passing = tokio::spawn(async move { read(source.pass(get("/")).await.unwrap()).await });
    assert_eq!(passing.await.unwrap(), "1");
}
