mod failures;
mod passage;
mod passed_heads;
mod requests;
mod upstream;

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use url::Url;

use super::*;
use crate::{
    config::{
        Span, Spanned,
        diagnostic::FileId,
        source::{Http as HttpConfig, Secret},
    },
    json::Document,
};
use upstream::{Act, Upstream, answer};

fn spanned<T>(value: T) -> Spanned<T> {
    let span = Span {
        file: FileId(0),
        start: 0,
        end: 0,
    };
    Spanned { value, span }
}

fn config(url: &str) -> HttpConfig {
    HttpConfig {
        url: spanned(Url::parse(url).unwrap()),
        timeout: Duration::from_secs(5),
        concurrency: 16,
        max_response: 10_000,
        headers: Vec::new(),
    }
}

fn header(name: &str, value: &str) -> (Spanned<String>, Secret) {
    (spanned(name.to_owned()), Secret::new(value.to_owned()))
}

fn build(config: &HttpConfig) -> Http {
    let mut diagnostics = Diagnostics::default();
    let source = Http::from_config("catalog", config, &mut diagnostics);
    source.unwrap_or_else(|| panic!("{diagnostics:?}"))
}

fn source(upstream: &Upstream) -> Http {
    build(&config(&format!("http://{}", upstream.address)))
}

fn json(text: &str) -> Value {
    Value::Node(Document::parse(Bytes::from(text.to_owned())).unwrap(), 0)
}

fn text_of(value: &Value) -> String {
    let mut text = Vec::new();
    value.view().write(&mut text);
    String::from_utf8(text).unwrap()
}

/// Makes one call.
async fn call(source: &Http, request: &str) -> Result<Reply, SourceError> {
    let requests = [json(request)];
    let mut answers = source.send(&requests).await;
    assert_eq!(answers.len(), 1);
    let reply = answers.remove(0)?;
    match reply.unread_error() {
        None => Ok(reply),
        Some(error) => Err(error),
    }
}

const GET: &str = r#"{"path":"/users"}"#;

#[tokio::test]
async fn a_call_answers_document_status_and_headers() {
    let upstream = Upstream::start(|_| answer("200 OK", r#"{"id":1.50}"#)).await;
    let reply = call(&source(&upstream), GET).await.unwrap();
    assert_eq!(text_of(&reply.body), r#"{"id":1.50}"#);
    let head = reply.head.unwrap();
    assert_eq!(head.status, 200);
    assert_eq!(head.headers["x-kind"], "test");
}

#[tokio::test]
async fn connections_are_kept_and_the_warmest_is_used() {
    let upstream = Upstream::start(|_| answer("200 OK", "1")).await;
    let source = source(&upstream);
    for _ in 0..5 {
        call(&source, GET).await.unwrap();
    }
    let places: Vec<_> = upstream
        .seen()
        .iter()
        .map(|seen| (seen.connection, seen.place))
        .collect();
    assert_eq!(places, [(0, 0), (0, 1), (0, 2), (0, 3), (0, 4)]);
}

#[tokio::test]
async fn a_connection_that_the_service_wants_closed_is_not_kept() {
    let upstream = Upstream::start(|_| {
        Act::Answer("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\n1".into())
    })
    .await;
    let source = source(&upstream);
    for _ in 0..3 {
        call(&source, GET).await.unwrap();
    }
    assert!(upstream.seen().iter().all(|seen| seen.place == 0));
}

#[tokio::test]
async fn a_batch_runs_at_once_and_answers_in_its_order() {
    // The first request is answered only when the last one has arrived.
    let last = Arc::new(tokio::sync::Notify::new());
    let upstream = Upstream::start_async(move |seen| {
        let last = Arc::clone(&last);
        Box::pin(async move {
            match seen.target.as_str() {
                "/0" => last.notified().await,
                "/7" => last.notify_one(),
                _ => {}
            }
            answer("200 OK", &format!("{:?}", seen.target))
        })
    })
    .await;
    let source = source(&upstream);
    let requests: Vec<_> = (0..8)
        .map(|i| json(&format!(r#"{{"path":"/{i}"}}"#)))
        .collect();
    let answers = source.send(&requests).await;
    let bodies: Vec<_> = answers
        .iter()
        .map(|a| text_of(&a.as_ref().unwrap().body))
        .collect();
    let expected: Vec<_> = (0..8).map(|i| format!("\"/{i}\"")).collect();
    assert_eq!(bodies, expected);
}

#[tokio::test]
async fn one_failed_request_of_a_batch_fails_alone() {
    let upstream = Upstream::start(|_| answer("200 OK", "1")).await;
    let requests = [json(GET), json("{}"), json(GET)];
    let answers = source(&upstream).send(&requests).await;
    let good: Vec<_> = answers.iter().map(Result::is_ok).collect();
    assert_eq!(good, [true, false, true]);
}

#[tokio::test]
async fn no_more_calls_are_in_flight_than_allowed() {
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let highest = Arc::clone(&most);
    let upstream = Upstream::start_async(move |_| {
        let (now, most) = (Arc::clone(&now), Arc::clone(&most));
        Box::pin(async move {
            most.fetch_max(now.fetch_add(1, SeqCst) + 1, SeqCst);
            for _ in 0..20 {
                tokio::task::yield_now().await;
            }
            now.fetch_sub(1, SeqCst);
            answer("200 OK", "1")
        })
    })
    .await;
    let source = build(&HttpConfig {
        concurrency: 3,
        ..config(&format!("http://{}", upstream.address))
    });
    let requests = vec![json(GET); 20];
    assert!(source.send(&requests).await.iter().all(Result::is_ok));
    assert_eq!(highest.load(SeqCst), 3);
}

#[tokio::test]
async fn a_body_in_many_pieces_is_put_together() {
    let body = format!("[{}1]", "1,".repeat(200_000));
    let long = body.clone();
    let upstream = Upstream::start(move |seen| match seen.target.as_str() {
        "/chunked" => {
            let chunks: String = long
                .as_bytes()
                .chunks(7000)
                .map(|chunk| {
                    format!(
                        "{:x}\r\n{}\r\n",
                        chunk.len(),
                        str::from_utf8(chunk).unwrap()
                    )
                })
                .collect();
            Act::Answer(format!(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}0\r\n\r\n"
            ))
        }
        "/until-closed" => Act::Close(format!("HTTP/1.1 200 OK\r\n\r\n{long}")),
        _ => answer("200 OK", &long),
    })
    .await;
    let source = build(&HttpConfig {
        max_response: body.len() as u64,
        ..config(&format!("http://{}", upstream.address))
    });
    for path in ["/sized", "/chunked", "/until-closed", "/sized"] {
        let reply = call(&source, &format!(r#"{{"path":"{path}"}}"#))
            .await
            .unwrap();
        assert_eq!(text_of(&reply.body), body, "{path}");
    }
}

#[tokio::test]
async fn a_large_request_body_arrives_whole() {
    let upstream = Upstream::start(|_| answer("200 OK", "1")).await;
    let text = "x".repeat(3_000_000);
    let request = format!(r#"{{"method":"POST","path":"/","body":"{text}"}}"#);
    call(&source(&upstream), &request).await.unwrap();
    assert_eq!(upstream.seen()[0].body, text);
}

#[tokio::test]
async fn no_body_is_null() {
    let upstream = Upstream::start(|seen| match seen.method.as_str() {
        "HEAD" => Act::Answer("HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n".into()),
        "DELETE" => Act::Answer("HTTP/1.1 204 No Content\r\n\r\n".into()),
        _ => answer("200 OK", ""),
    })
    .await;
    let source = source(&upstream);
    for method in ["HEAD", "DELETE", "GET"] {
        let request = format!(r#"{{"method":"{method}","path":"/"}}"#);
        let reply = call(&source, &request).await.unwrap();
        assert!(reply.body.view().is_null(), "{method}");
        assert_eq!(status_error(&reply), None);
    }
}

#[tokio::test]
async fn any_status_is_a_reply_and_the_status_can_be_judged() {
    for (status, body, seen) in [
        (
            "500 Internal Server Error",
            r#"{"why":"x"}"#,
            r#"{"why":"x"}"#,
        ),
        ("404 Not Found", "<p>no</p>", r#""<p>no</p>""#),
        ("404 Not Found", "", "null"),
        ("302 Found", "", "null"),
    ] {
        let upstream = Upstream::start(move |_| answer(status, body)).await;
        let reply = call(&source(&upstream), GET).await.unwrap();
        assert_eq!(text_of(&reply.body), seen, "{status}");
        let error = status_error(&reply).unwrap();
        assert_eq!(error.error_type, format!("Http:{}", &status[..3]));
        assert_eq!(error.message, format!("the source answered {status}"));
        assert_eq!(upstream.seen().len(), 1, "{status} is not followed");
    }
}

#[test]
fn reads_are_known_by_their_method() {
    let source = build(&config("http://localhost"));
    for (request, reads) in [
        (r#"{"path":"/"}"#, true),
        (r#"{"method":null,"path":"/"}"#, true),
        (r#"{"method":"GET"}"#, true),
        (r#"{"method":"head"}"#, true),
        (r#"{"method":"POST"}"#, false),
        (r#"{"method":1}"#, false),
        ("1", true),
    ] {
        assert_eq!(source.is_read(&json(request)), reads, "{request}");
    }
}
