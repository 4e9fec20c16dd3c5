//! What of a head reaches the service, and what of an answer's head reaches the client.

use ::http::{HeaderMap, HeaderName, HeaderValue};
use axum::body::Body;
use http_body_util::BodyExt;
use proptest::{prelude::*, test_runner::TestRunner};

use super::{passage::passage, *};

fn fields(fields: &[(&'static str, &'static str)]) -> HeaderMap {
    let field = |(name, value): &(&'static str, &'static str)| {
        let name = HeaderName::from_static(name);
        (name, HeaderValue::from_static(value))
    };
    let mut map = HeaderMap::new();
    for (name, value) in fields.iter().map(field) {
        map.append(name, value);
    }
    map
}

fn with_secret(upstream: &Upstream) -> Http {
    build(&HttpConfig {
        headers: vec![header("x-secret", "s3cret")],
        ..config(&format!("http://{}/base", upstream.address))
    })
}

#[tokio::test]
async fn a_head_is_cleaned_and_says_for_whom_it_comes() {
    let upstream = Upstream::start(|_| answer("200 OK", "1")).await;
    let mut asked = passage(Method::POST, "/a%2Fb//c;d", Body::from("x"));
    asked.query = Some("a=%20&b={c}|[d]".to_owned());
    asked.client = Some([192, 0, 2, 7].into());
    asked.host = Some("shop.example".to_owned());
    asked.secure = true;
    asked.headers = fields(&[
        ("accept", "text/html"),
        ("connection", "keep-alive, X-Private"),
        ("connection", "x-secret"),
        ("cookie", "a=b"),
        ("expect", "100-continue"),
        ("forwarded", "for=10.0.0.1"),
        ("host", "evil.example"),
        ("keep-alive", "timeout=5"),
        ("proxy-authorization", "Basic x"),
        ("proxy-connection", "keep-alive"),
        ("te", "trailers"),
        ("upgrade", "h2c"),
        ("via", "1.0 before"),
        ("x-forwarded-for", "10.0.0.1"),
        ("x-forwarded-for", "10.0.0.2"),
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "gopher"),
        ("x-private", "1"),
        ("x-secret", "guess"),
    ]);
    with_secret(&upstream).pass(asked).await.unwrap();
    let seen = upstream.seen().remove(0);
    let mut headers = seen.headers;
    headers.sort();
    let text: String = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\n"))
        .collect();
    let text = text.replace(&upstream.address.to_string(), "ADDRESS");
    assert_eq!(seen.target, "/base/a%2Fb//c;d?a=%20&b={c}|[d]");
    insta::assert_snapshot!(text, @r"
    accept: text/html
    content-length: 1
    cookie: a=b
    host: ADDRESS
    via: 1.0 before, 1.1 loomgate
    x-forwarded-for: 10.0.0.1, 10.0.0.2, 192.0.2.7
    x-forwarded-host: shop.example
    x-forwarded-proto: https
    x-secret: s3cret
    ");
}

#[tokio::test]
async fn an_answers_head_is_cleaned() {
    let upstream = Upstream::start(|_| {
        Act::Answer(
            "HTTP/1.1 201 Made It\r\nConnection: x-private\r\nX-Private: 1\r\nKeep-Alive: timeout=9\r\n\
             Transfer-Encoding: chunked\r\nProxy-Authenticate: Basic\r\nTrailer: x\r\nUpgrade: h2c\r\n\
             Date: Tue, 15 Nov 1994 08:12:31 GMT\r\nServer: theirs\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\
             \r\n1\r\nx\r\n0\r\n\r\n"
                .into(),
        )
    })
    .await;
    let asked = passage(Method::GET, "/", Body::empty());
    let response = source(&upstream).pass(asked).await.unwrap();
    assert_eq!(response.status(), 201);
    let lines: String = response
        .headers()
        .iter()
        .map(|(name, value)| format!("{name}: {}\n", value.to_str().unwrap()))
        .collect();
    insta::assert_snapshot!(lines, @r"
    server: theirs
    set-cookie: a=1
    set-cookie: b=2
    date: Tue, 15 Nov 1994 08:12:31 GMT
    ");
    let body = response.into_body().collect().await.unwrap();
    assert_eq!(body.to_bytes(), "x");
}

#[tokio::test]
async fn a_length_that_is_known_is_said_and_another_is_chunked() {
    let url = super::passage::service(async |request: hyper::Request<hyper::body::Incoming>| {
        let headers = request.headers();
        let said = ["content-length", "transfer-encoding"].map(|name| {
            let value = headers
                .get(name)
                .map_or("-", |value| value.to_str().unwrap());
            value.to_owned()
        });
        let length = request
            .into_body()
            .collect()
            .await
            .unwrap()
            .to_bytes()
            .len();
        hyper::Response::new(Body::from(format!("{} {} {length}", said[0], said[1])))
    });
    let source = build(&config(&url.await));
    let unknown = || {
        let parts = ["ab", "cd"].map(Ok::<_, std::convert::Infallible>);
        Body::from_stream(futures::stream::iter(parts))
    };
    let declared = fields(&[("content-length", "4")]);
    let ambiguous = fields(&[("content-length", "2"), ("transfer-encoding", "chunked")]);
    for (method, body, headers, said) in [
        (Method::POST, Body::from("abcd"), HeaderMap::new(), "4 - 4"),
        (Method::POST, unknown(), HeaderMap::new(), "- chunked 4"),
        (Method::POST, unknown(), declared, "4 - 4"),
        (Method::POST, unknown(), ambiguous, "- chunked 4"),
        (Method::GET, unknown(), HeaderMap::new(), "- chunked 4"),
        (Method::POST, Body::empty(), HeaderMap::new(), "0 - 0"),
        (Method::GET, Body::empty(), HeaderMap::new(), "- - 0"),
    ] {
        let mut asked = passage(method, "/", body);
        asked.headers = headers;
        let body = source.pass(asked).await.unwrap().into_body();
        assert_eq!(body.collect().await.unwrap().to_bytes(), said);
    }
}

#[tokio::test]
async fn the_answer_to_head_says_a_length_and_has_no_body() {
    let upstream =
        Upstream::start(|_| Act::Answer("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n".into()))
            .await;
    let source = source(&upstream);
    for _ in 0..2 {
        let asked = passage(Method::HEAD, "/", Body::empty());
        let response = source.pass(asked).await.unwrap();
        assert_eq!(response.headers()["content-length"], "99");
        assert!(
            response
                .into_body()
                .collect()
                .await
                .unwrap()
                .to_bytes()
                .is_empty()
        );
    }
    assert!(upstream.seen().iter().all(|seen| seen.connection == 0));
}

#[tokio::test]
async fn another_protocol_is_refused_on_both_sides() {
    let upstream = Upstream::start(|_| {
        Act::Answer(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n".into(),
        )
    })
    .await;
    let source = source(&upstream);
    let mut asked = passage(Method::GET, "/", Body::empty());
    asked.headers = fields(&[("connection", "upgrade"), ("upgrade", "websocket")]);
    let error = source.pass(asked).await.unwrap_err();
    assert_eq!(error.error_type, "Http:UpgradeNotSupportedException");
    assert!(upstream.seen().is_empty());
    let asked = passage(Method::GET, "/", Body::empty());
    let error = source.pass(asked).await.unwrap_err();
    assert_eq!(error.error_type, "Http:InvalidResponseException");
    assert_eq!(source.pool.idle_count(), 0);
}

#[tokio::test]
async fn paths_and_queries_that_mean_another_place_are_refused() {
    let upstream = Upstream::start(|_| answer("200 OK", "1")).await;
    let source = with_secret(&upstream);
    for (path, query) in [
        ("", None),
        ("a", None),
        ("http://evil/", None),
        ("/..", None),
        ("/a/../b", None),
        ("/a/%2e%2E/b", None),
        ("/a/%252e%252e/b", None),
        ("/a/..;x/b", None),
        ("/a/%2e.%2fb", None),
        ("/a\\b", None),
        ("/a%5cb", None),
        ("/a%0db", None),
        ("/a%00", None),
        ("/a b", None),
        ("/a?b", None),
        ("/a#b", None),
        ("/a%2", None),
        ("/a%zz", None),
        ("/ä", None),
        ("/a\r\nhost: evil", None),
        ("/", Some("a#b")),
        ("/", Some("a b")),
        ("/", Some("a\nb")),
        ("/", Some("ä")),
    ] {
        let mut asked = passage(Method::GET, path, Body::empty());
        asked.query = query.map(str::to_owned);
        let error = source.pass(asked).await.unwrap_err();
        assert_eq!(error.error_type, "Http:InvalidRequestException", "{path}");
    }
    assert!(upstream.seen().is_empty());
}

/// What a client may try in a header.
fn any_field() -> impl Strategy<Value = (HeaderName, HeaderValue)> {
    let name = prop_oneof![
        "[a-z][a-z0-9-]{0,12}",
        prop::sample::select(
            &[
                "host",
                "connection",
                "x-secret",
                "te",
                "upgrade",
                "content-length",
                "via",
                "transfer-encoding",
                "keep-alive",
                "proxy-connection",
                "x-forwarded-for",
                "trailer",
                "expect",
                "forwarded",
            ][..]
        )
        .prop_map(str::to_owned),
    ];
    let value = prop_oneof![
        "[ -~]{0,20}",
        prop::sample::select(
            &[
                "x-secret, host",
                "close",
                "chunked",
                "7",
                "h2c",
                "x-forwarded-for",
                "via"
            ][..]
        )
        .prop_map(str::to_owned),
    ];
    (name, value).prop_map(|(name, value)| {
        (
            name.parse().unwrap(),
            HeaderValue::from_str(&value).unwrap(),
        )
    })
}

const NEVER: [&str; 8] = [
    "te",
    "trailer",
    "upgrade",
    "keep-alive",
    "expect",
    "forwarded",
    "proxy-connection",
    "transfer-encoding",
];

#[test]
fn nothing_of_a_client_reaches_another_host_path_or_header() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let upstream = runtime.block_on(Upstream::start(|_| answer("200 OK", "1")));
    let source = with_secret(&upstream);
    let address = upstream.address.to_string();
    let path = prop_oneof![
        "/[a-zA-Z0-9/;=@:.%_-]{0,20}",
        "(/[a-z.%2eE]{0,4}){0,5}",
        any::<String>()
    ];
    let query = prop::option::of(prop_oneof!["[ -~]{0,20}", any::<String>()]);
    let headers = prop::collection::vec(any_field(), 0..8);
    let mut runner = TestRunner::new(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(1500)
    });
    let law = |(path, query, headers): (String, Option<String>, Vec<(HeaderName, HeaderValue)>)| {
        let mut asked = passage(Method::POST, &path, Body::from("x"));
        asked.query = query.clone();
        asked.client = Some([192, 0, 2, 7].into());
        for (name, value) in headers {
            asked.headers.append(name, value);
        }
        let before = upstream.seen().len();
        let passed = runtime.block_on(source.pass(asked));
        let Some(seen) = upstream.seen().into_iter().nth(before) else {
            prop_assert!(passed.is_err());
            return Ok(());
        };
        let query = query.map_or(String::new(), |query| format!("?{query}"));
        prop_assert_eq!(&seen.target, &format!("/base{path}{query}"));
        prop_assert_eq!(&seen.body, "x");
        prop_assert_eq!(seen.header("host"), Some(&*address));
        prop_assert_eq!(seen.header("x-secret"), Some("s3cret"));
        prop_assert_eq!(seen.header("content-length"), Some("1"));
        let client = seen.header("x-forwarded-for").unwrap();
        prop_assert!(client.ends_with("192.0.2.7"));
        for name in NEVER.iter().chain(&["connection"]) {
            prop_assert_eq!(seen.header(name), None, "{}", name);
        }
        Ok(())
    };
    runner.run(&(path, query, headers), law).unwrap();
    assert!(upstream.seen().len() > 50, "most were refused");
}
