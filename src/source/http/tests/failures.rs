//! What ends without an answer, and what is tried again.

use super::*;

/// Makes one call that must fail; answers the error's type, having made sure that it names no address.
async fn failure(source: &Http, request: &str) -> String {
    let error = call(source, request).await.expect_err("the call must fail");
    for part in ["127.0.0.1", "localhost", "http", ":", "catalog"] {
        assert!(!error.message.contains(part), "{}", error.message);
    }
    error.error_type.into_owned()
}

async fn failure_of(act: impl Fn() -> Act + Send + Sync + 'static) -> String {
    let upstream = Upstream::start(move |_| act()).await;
    failure(&source(&upstream), GET).await
}

#[tokio::test]
async fn a_service_that_refuses() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let source = build(&config(&format!("http://{address}")));
    assert_eq!(failure(&source, GET).await, "Http:ConnectException");
}

#[tokio::test]
async fn a_service_that_does_not_speak_tls() {
    let upstream = Upstream::start(|_| answer("200 OK", "1")).await;
    let source = build(&config(&format!("https://{}", upstream.address)));
    assert_eq!(failure(&source, GET).await, "Http:TlsException");
}

#[tokio::test(start_paused = true)]
async fn a_service_that_hangs() {
    assert_eq!(
        failure_of(|| Act::Hang).await,
        "Http:ExecutionTimeoutException"
    );
}

#[tokio::test(start_paused = true)]
async fn a_service_that_drips() {
    let slow = || Act::Drip("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1".into());
    assert_eq!(failure_of(slow).await, "Http:ExecutionTimeoutException");
}

#[tokio::test(start_paused = true)]
async fn waiting_for_a_slot_counts_as_time() {
    let upstream = Upstream::start(|_| Act::Hang).await;
    let source = build(&HttpConfig {
        concurrency: 1,
        ..config(&format!("http://{}", upstream.address))
    });
    let start = tokio::time::Instant::now();
    let requests = vec![json(GET); 10];
    assert!(source.send(&requests).await.iter().all(Result::is_err));
    assert!(
        start.elapsed() < Duration::from_secs(6),
        "{:?}",
        start.elapsed()
    );
}

#[tokio::test]
async fn a_service_that_ends_the_connection() {
    for text in [
        "",
        "HTTP/1.1 200 OK\r\nContent-",
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n[1,",
    ] {
        let name = failure_of(move || Act::Close(text.into())).await;
        assert_eq!(name, "Http:ConnectionResetException", "{text:?}");
    }
}

#[tokio::test]
async fn a_service_that_talks_nonsense() {
    for text in ["SSH-2.0-OpenSSH_9.2\r\n\r\n", "HTTP/1.1 two\r\n\r\n"] {
        let name = failure_of(move || Act::Answer(text.into())).await;
        assert_eq!(name, "Http:InvalidResponseException", "{text:?}");
    }
    for body in ["<p>", "{\"a\":1", "\u{0}"] {
        let name = failure_of(move || answer("200 OK", body)).await;
        assert_eq!(name, "Http:InvalidResponseException", "{body:?}");
    }
}

#[tokio::test]
async fn a_service_that_says_too_much() {
    let large = format!("\"{}\"", "x".repeat(10_000));
    let body = large.clone();
    assert_eq!(
        failure_of(move || answer("200 OK", &body)).await,
        "Http:ResponseTooLargeException"
    );
    let chunk = format!("{:x}\r\n{large}\r\n", large.len());
    let endless = move || {
        Act::Answer(format!(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{chunk}"
        ))
    };
    assert_eq!(failure_of(endless).await, "Http:ResponseTooLargeException");
    // A length is believed without reading.
    let claim = || Act::Answer("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n".into());
    assert_eq!(failure_of(claim).await, "Http:ResponseTooLargeException");
}

#[tokio::test]
async fn a_service_recovers_after_each_failure() {
    let upstream = Upstream::start(|seen| match seen.target.as_str() {
        "/reset" => Act::Close("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n[1,".into()),
        "/nonsense" => Act::Answer("nonsense\r\n\r\n".into()),
        "/large" => answer("200 OK", &"1".repeat(20_000)),
        _ => answer("200 OK", "1"),
    })
    .await;
    let source = source(&upstream);
    for path in ["/reset", "/nonsense", "/large"] {
        failure(&source, &format!(r#"{{"path":"{path}"}}"#)).await;
        assert!(call(&source, GET).await.is_ok(), "after {path}");
    }
}

/// Answers the first request of each connection; the second finds it closed.
async fn closes_after_the_first() -> Upstream {
    Upstream::start(|seen| match seen.place {
        0 => answer("200 OK", "1"),
        _ => Act::Close(String::new()),
    })
    .await
}

#[tokio::test]
async fn a_read_over_a_kept_connection_that_is_gone_is_made_again() {
    let upstream = closes_after_the_first().await;
    let source = source(&upstream);
    call(&source, GET).await.unwrap();
    call(&source, GET).await.unwrap();
    let places: Vec<_> = upstream
        .seen()
        .iter()
        .map(|seen| (seen.connection, seen.place))
        .collect();
    assert_eq!(places, [(0, 0), (0, 1), (1, 0)]);
}

#[tokio::test]
async fn a_write_that_may_have_arrived_is_not_made_again() {
    let upstream = closes_after_the_first().await;
    let source = source(&upstream);
    let post = r#"{"method":"POST","path":"/","body":{}}"#;
    call(&source, post).await.unwrap();
    assert_eq!(
        failure(&source, post).await,
        "Http:ConnectionResetException"
    );
    assert_eq!(upstream.seen().len(), 2);
}

#[tokio::test]
async fn a_read_is_made_again_only_once_and_never_over_a_new_connection() {
    let upstream = Upstream::start(|seen| match (seen.connection, seen.place) {
        (0, 0) => answer("200 OK", "1"),
        _ => Act::Close(String::new()),
    })
    .await;
    let source = source(&upstream);
    call(&source, GET).await.unwrap();
    assert_eq!(failure(&source, GET).await, "Http:ConnectionResetException");
    assert_eq!(upstream.seen().len(), 3);
    assert_eq!(failure(&source, GET).await, "Http:ConnectionResetException");
    assert_eq!(upstream.seen().len(), 4);
}

#[tokio::test]
async fn a_connection_that_was_closed_while_idle_is_not_used_for_a_write() {
    let upstream =
        Upstream::start(|_| Act::Close("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1".into()))
            .await;
    let source = source(&upstream);
    let post = r#"{"method":"POST","path":"/"}"#;
    for _ in 0..3 {
        call(&source, post).await.unwrap();
        // Lets the closing arrive.
        for _ in 0..50 {
            tokio::task::yield_now().await;
        }
    }
    assert_eq!(upstream.seen().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn connections_that_idle_too_long_are_closed() {
    let upstream = Upstream::start(|_| answer("200 OK", "1")).await;
    let source = source(&upstream);
    let requests = vec![json(GET); 8];
    assert!(source.send(&requests).await.iter().all(Result::is_ok));
    let kept = source.pool.idle_count();
    assert!(kept > 1, "{kept}");
    tokio::time::advance(Duration::from_secs(60)).await;
    call(&source, GET).await.unwrap();
    assert_eq!(source.pool.idle_count(), 1);
}

#[tokio::test]
async fn a_call_that_is_dropped_gives_its_slot_back() {
    let upstream = Upstream::start(|seen| match seen.connection {
        0 => Act::Hang,
        _ => answer("200 OK", "1"),
    })
    .await;
    let source = Arc::new(build(&HttpConfig {
        concurrency: 1,
        ..config(&format!("http://{}", upstream.address))
    }));
    let other = Arc::clone(&source);
    let hanging = tokio::spawn(async move { call(&other, GET).await });
    while upstream.seen().is_empty() {
        tokio::task::yield_now().await;
    }
    hanging.abort();
    assert!(hanging.await.is_err());
    assert!(call(&source, GET).await.is_ok());
}
