//! From a document to the bytes that arrive.

use proptest::{collection::vec, prelude::*};
use tokio::runtime::Runtime;

use super::{upstream::Seen, *};

/// Makes one call against a service under `/base/`; answers what arrived.
async fn arrived(headers: Vec<(Spanned<String>, Secret)>, request: &str) -> Seen {
    let upstream = Upstream::start(|_| answer("200 OK", "null")).await;
    let source = build(&HttpConfig {
        headers,
        ..config(&format!("http://{}/base/", upstream.address))
    });
    call(&source, request).await.unwrap();
    let seen = upstream.seen().remove(0);
    assert_eq!(
        seen.header("host"),
        Some(upstream.address.to_string().as_str())
    );
    seen
}

/// A request as a line or three, without the fields that are always there.
fn show(seen: &Seen) -> String {
    let mut text = format!("{} {}", seen.method, seen.target);
    for (name, value) in &seen.headers {
        if name != "host" && name != "user-agent" {
            text.push_str(&format!("\n{name}: {value}"));
        }
    }
    if !seen.body.is_empty() {
        text.push_str(&format!("\n\n{}", seen.body));
    }
    text
}

#[tokio::test]
async fn documents_become_requests() {
    for (request, expected) in [
        (r#"{"path":"/users"}"#, "GET /base/users"),
        (
            r#"{"method":"get","path":"/users","query":{"id":[1,2.50,"a b",true,null],"none":null,"list":[],"q":"ä&=+?#/"}}"#,
            "GET /base/users?id=1&id=2.50&id=a%20b&id=true&q=%C3%A4%26%3D%2B%3F%23%2F",
        ),
        (
            r#"{"version":"2018-05-29","method":"GET","resourcePath":"/users","params":{"query":{"id":1},"headers":{"X-Team":"shop"}}}"#,
            "GET /base/users?id=1\nx-team: shop",
        ),
        (
            r#"{"method":"POST","path":"/","body":{"a":[1.0,null]}}"#,
            "POST /base/\ncontent-type: application/json\ncontent-length: 16\n\n{\"a\":[1.0,null]}",
        ),
        (
            r#"{"method":"PUT","resourcePath":"/","params":{"body":[],"headers":{"Content-Type":"application/x+json"}}}"#,
            "PUT /base/\ncontent-type: application/x+json\ncontent-length: 2\n\n[]",
        ),
        (
            r#"{"method":"PATCH","path":"/","body":"a=b","headers":{"n":1,"b":false,"none":null}}"#,
            "PATCH /base/\nn: 1\nb: false\ncontent-length: 3\n\na=b",
        ),
        (
            r#"{"method":"DELETE","path":"/x","query":null,"headers":null,"body":null}"#,
            "DELETE /base/x",
        ),
        (
            r#"{"method":"POST","path":"/","params":null}"#,
            "POST /base/\ncontent-length: 0",
        ),
    ] {
        let seen = arrived(Vec::new(), request).await;
        assert_eq!(show(&seen), expected, "{request}");
    }
}

#[tokio::test]
async fn fields_of_the_configuration_win() {
    let headers = vec![
        header("Authorization", "Bearer s3cret"),
        header("user-agent", "shop"),
    ];
    let request =
        r#"{"path":"/","headers":{"authorization":"mine","User-Agent":"me","accept":"*/*"}}"#;
    let seen = arrived(headers, request).await;
    assert_eq!(seen.header("authorization"), Some("Bearer s3cret"));
    assert_eq!(seen.header("user-agent"), Some("shop"));
    assert_eq!(seen.header("accept"), Some("*/*"));
}

#[tokio::test]
async fn a_document_that_is_no_request_is_refused_with_its_reason() {
    let source = build(&config("http://127.0.0.1:1"));
    for (request, message) in [
        ("[]", "the request must be an object"),
        ("{}", "`path` must be a string that starts with `/`"),
        (
            r#"{"path":1}"#,
            "`path` must be a string that starts with `/`",
        ),
        (r#"{"path":"users"}"#, "`path` must start with `/`"),
        (
            r#"{"path":"/a/../b"}"#,
            "`path` must not contain `.` or `..` segments",
        ),
        (
            r#"{"path":"/","resourcePath":"/"}"#,
            "`resourcePath` is given twice",
        ),
        (
            r#"{"path":"/","query":{},"params":{"query":{}}}"#,
            "`query` is given twice",
        ),
        (
            r#"{"path":"/","quary":{}}"#,
            "unknown key `quary` in the request, known are version, method, path, resourcePath, query, headers, body, params",
        ),
        (
            r#"{"path":"/","params":{"path":"/"}}"#,
            "unknown key `params.path` in the request, known are query, headers, body",
        ),
        (r#"{"path":"/","params":1}"#, "`params` must be an object"),
        (
            r#"{"path":"/","method":"CONNECT"}"#,
            "`method` must be one of GET, POST, PUT, PATCH, DELETE and HEAD",
        ),
        (r#"{"path":"/","query":"a=b"}"#, "`query` must be an object"),
        (
            r#"{"path":"/","query":{"a":{}}}"#,
            "`query.a` must be a string, a number, a boolean or a list of those",
        ),
        (
            r#"{"path":"/","query":{"a":[[]]}}"#,
            "`query.a` must be a string, a number, a boolean or a list of those",
        ),
        (
            r#"{"path":"/","headers":[]}"#,
            "`headers` must be an object",
        ),
        (
            r#"{"path":"/","headers":{"a":[]}}"#,
            "header `a` must be a string, a number or a boolean",
        ),
        (
            r#"{"path":"/","headers":{"a b":"c"}}"#,
            "`a b` is no name of a header field",
        ),
        (
            r#"{"path":"/","headers":{"a\r\nb":"c"}}"#,
            "`a\\r\\nb` is no name of a header field",
        ),
        (
            r#"{"path":"/","headers":{"a":"b\r\nc: d"}}"#,
            "header `a` contains a control character",
        ),
        (
            r#"{"path":"/","headers":{"a":"b\tc"}}"#,
            "header `a` contains a control character",
        ),
    ] {
        let error = call(&source, request).await.expect_err(request);
        assert_eq!(
            error.error_type, "Http:InvalidRequestException",
            "{request}"
        );
        assert_eq!(error.message, message, "{request}");
    }
    let long = format!(r#"{{"path":"/{}"}}"#, "x".repeat(70_000));
    let error = call(&source, &long).await.unwrap_err();
    assert_eq!(error.message, "`path` is too long for one request");
    let encoded = format!(r#"{{"path":"/%{}41"}}"#, "25".repeat(3_000));
    let error = call(&source, &encoded).await.unwrap_err();
    assert_eq!(error.message, "`path` is percent-encoded too often");
}

#[tokio::test]
async fn fields_that_frame_the_message_cannot_be_set() {
    let source = build(&config("http://127.0.0.1:1"));
    for name in [
        "Host",
        "Connection",
        "Content-Length",
        "Transfer-Encoding",
        "Upgrade",
        "Expect",
        "TE",
        "Trailer",
        "Keep-Alive",
        "Proxy-Authorization",
        "proxy-connection",
        "User-Agent",
    ] {
        let request = format!(r#"{{"path":"/","headers":{{"{name}":"x"}}}}"#);
        let error = call(&source, &request).await.expect_err(name);
        let name = name.to_ascii_lowercase();
        assert_eq!(
            error.message,
            format!("header `{name}` must not be set by a request")
        );
    }
}

#[test]
fn a_configuration_that_cannot_be_served_is_refused() {
    let refused = |config: &HttpConfig| {
        let mut diagnostics = Diagnostics::default();
        let source = Http::from_config("catalog", config, &mut diagnostics);
        source.is_none() && diagnostics.has_errors()
    };
    for url in [
        "ftp://example.com",
        "data:text",
        "http://user:pass@example.com",
        "http://example.com/?a=b",
        "http://example.com/#a",
    ] {
        assert!(refused(&config(url)), "{url}");
    }
    for (name, value) in [
        ("a b", "c"),
        ("host ", "c"),
        ("content-length", "1"),
        ("a", "b\nc"),
    ] {
        let headers = vec![header(name, value)];
        assert!(
            refused(&HttpConfig {
                headers,
                ..config("http://localhost")
            }),
            "{name}"
        );
    }
    for url in [
        "http://example.com",
        "https://[::1]:8443/v1/",
        "http://bücher.example/ä",
    ] {
        assert!(!refused(&config(url)), "{url}");
    }
}

/// A JSON string literal.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_the_strings_host_path_and_pairs_are_those_of_the_mapping(
        segment in ".{0,8}|(\\.|%2e|/|\\\\|%2f|;|%25|\\?){0,6}",
        pairs in vec((".{0,6}", ".{0,12}"), 0..5),
        field in ".{0,12}",
    ) {
        let query: Vec<_> = pairs
            .iter()
            .enumerate()
            .map(|(i, (key, value))| format!("{}:{}", quoted(&format!("{key}{i}")), quoted(value)))
            .collect();
        let request = format!(
            r#"{{"path":{},"query":{{{}}},"headers":{{"x-field":{}}}}}"#,
            quoted(&format!("/users/{segment}")), query.join(","), quoted(&field),
        );
        let (outcome, host, seen) = Runtime::new().unwrap().block_on(async {
            let upstream = Upstream::start(|_| answer("200 OK", "1")).await;
            let outcome = call(&source(&upstream), &request).await;
            (outcome, upstream.address.to_string(), upstream.seen())
        });
        if let Err(error) = outcome {
            prop_assert_eq!(error.error_type, "Http:InvalidRequestException");
            prop_assert!(seen.is_empty());
            return Ok(());
        }
        prop_assert_eq!(seen.len(), 1);
        prop_assert_eq!(seen[0].header("host"), Some(host.as_str()));
        // What a server makes of it that resolves dots and decodes.
        let arrived = Url::parse(&format!("http://upstream{}", seen[0].target)).unwrap();
        prop_assert!(arrived.path().starts_with("/users/"), "{}", arrived.path());
        prop_assert_eq!(arrived.fragment(), None);
        let decode = |path: &str| percent_encoding::percent_decode_str(path).collect::<Vec<_>>();
        prop_assert_eq!(decode(arrived.path()), decode(&format!("/users/{segment}")));
        let expected: Vec<_> = pairs
            .iter()
            .enumerate()
            .map(|(i, (key, value))| (format!("{key}{i}"), value.clone()))
            .collect();
        let found: Vec<_> = arrived.query_pairs().into_owned().collect();
        prop_assert_eq!(found, expected);
    }
}
