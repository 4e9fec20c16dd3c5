//! Promise: nonsense gets a clear error, quickly, and the server lives.

use std::time::Instant;

use bytes::Bytes;
use http::Method;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::support::{Gateway, PROMPT, Project, Response};

const FILES: &[(&str, &str)] = &[
    ("loomgate.yaml", "sources: { local: { type: none } }\n"),
    (
        "schema.graphql",
        "type Query { hello: String again: Query count(n: Int, list: [Int], nested: [[[Int]]], json: AWSJSON): Int person(input: P): String }\ninput P { p: P n: Int! }\n",
    ),
    (
        "resolvers/Query.hello.yaml",
        "source: local\nrequest: { payload: Hello }\n",
    ),
    (
        "resolvers/Query.again.yaml",
        "source: local\nrequest: { payload: { x: 1 } }\n",
    ),
    (
        "resolvers/Query.count.yaml",
        "source: local\nrequest: { payload: $ctx.args.n }\n",
    ),
    (
        "resolvers/Query.person.yaml",
        "source: local\nrequest: { payload: Ada }\n",
    ),
];

async fn gateway() -> Gateway {
    Gateway::start(&Project::new(FILES, &[])).await
}

/// Sends a body as JSON; asserts that the answer comes quickly and that the server lives on.
async fn send(gateway: &mut Gateway, body: impl Into<Bytes>) -> Response {
    let headers = [
        ("content-type", "application/json"),
        ("accept", "application/graphql-response+json"),
    ];
    let start = Instant::now();
    let response = gateway
        .client()
        .send(Method::POST, &gateway.graphql(), &headers, body)
        .await;
    assert!(start.elapsed() < PROMPT, "it took {:?}", start.elapsed());
    gateway.lives().await;
    response
}

/// Asserts a refusal that says why, and nothing of what is inside.
fn assert_refused(what: &str, response: &Response) {
    let text = &response.text[..response.text.len().min(500)];
    assert!(
        response.status.is_client_error(),
        "{what}: {} {text}",
        response.status
    );
    let answer = response.json();
    let message = answer["errors"][0]["message"].as_str().unwrap_or_default();
    assert!(!message.is_empty(), "{what}: {text}");
    assert!(
        response.text.len() < 100_000,
        "{what}: the refusal is {} bytes long",
        response.text.len()
    );
    for inside in ["panicked", "src/", "RUST_BACKTRACE", "127.0.0.1"] {
        assert!(!response.text.contains(inside), "{what}: {text}");
    }
}

fn query(text: &str) -> String {
    json!({ "query": text }).to_string()
}

fn with_variables(text: &str, variables: &Value) -> String {
    json!({ "query": text, "variables": variables }).to_string()
}

#[tokio::test]
async fn bodies_that_are_no_request() {
    let mut gateway = gateway().await;
    for body in [
        "",
        " ",
        "{",
        "nonsense",
        "null",
        "1",
        "\"{ hello }\"",
        "{}",
        "{\"query\":1}",
        "{\"query\":null}",
        "{\"query\":{}}",
        "{\"query\":\"{ hello }\"",
        "{\"query\":\"{ hello }\",\"variables\":[1]}",
        "{\"query\":\"{ hello }\",\"operationName\":{}}",
        "{\"query\":\"{ hello }\"} {}",
        "[]",
        "[1]",
        "[null, 2, \"x\"]",
        "[[]]",
        "[{}]",
        "{\"query\": \"\\ud800\"}",
        "\u{feff}",
    ] {
        let response = send(&mut gateway, body).await;
        if !body.starts_with('[') {
            assert_refused(body, &response);
        } else {
            assert!(
                response.text.contains("errors"),
                "{body}: {} {}",
                response.status,
                response.text
            );
        }
    }
    for bytes in [
        &b"\xff\xfe{}"[..],
        b"{\"query\":\"{ hello \xc3\x28 }\"}",
        b"\0\0\0\0",
        b"{\"query\":\"{ hello }\0\"}",
    ] {
        assert_refused("bytes", &send(&mut gateway, bytes).await);
    }
}

#[tokio::test]
async fn bodies_that_are_too_large() {
    let mut gateway = gateway().await;
    let large = query(&format!("{{ hello }} # {}", "x".repeat(3 << 20)));
    assert_refused("3 MiB", &send(&mut gateway, large).await);
    let long = query(&format!("{{ hello }} # {}", "x".repeat(70 << 10)));
    assert_refused("a query of 70 KiB", &send(&mut gateway, long).await);
}

#[tokio::test]
async fn nesting_without_end() {
    let mut gateway = gateway().await;
    let selection = "{again".repeat(10_000) + &"}".repeat(10_000);
    let list = format!(
        "{{ count(nested: {}1{}) }}",
        "[".repeat(10_000),
        "]".repeat(10_000)
    );
    let object = format!(
        "{{ person(input: {}1{}) }}",
        "{p:".repeat(10_000),
        "}".repeat(10_000)
    );
    let fragments = format!("{{ {}hello{} }}", "...{".repeat(10_000), "}".repeat(10_000));
    let of_type = format!(
        "query ($v: {}Int{}) {{ hello }}",
        "[".repeat(10_000),
        "]".repeat(10_000)
    );
    for (what, text) in [
        ("selections", selection),
        ("lists", list),
        ("objects", object),
        ("fragments", fragments),
        ("types", of_type),
    ] {
        assert_refused(what, &send(&mut gateway, query(&text)).await);
    }
    let variables = format!(
        "{{\"query\":\"query($v:[[[Int]]]){{count(nested:$v)}}\",\"variables\":{{\"v\":{}1{}}}}}",
        "[".repeat(10_000),
        "]".repeat(10_000)
    );
    assert_refused("variables", &send(&mut gateway, variables).await);
    let body = "[".repeat(100_000);
    assert!(send(&mut gateway, body).await.status.is_client_error());
}

#[tokio::test]
async fn a_selection_just_too_deep_is_refused_and_one_just_deep_enough_is_not() {
    let mut gateway = gateway().await;
    let nested = |levels: usize| {
        query(&format!(
            "{}{{hello}}{}",
            "{again".repeat(levels),
            "}".repeat(levels)
        ))
    };
    assert_refused("depth 21", &send(&mut gateway, nested(20)).await);
    let response = send(&mut gateway, nested(19)).await;
    assert!(response.json()["errors"].is_null(), "{response:?}");
}

#[tokio::test]
async fn thousands_of_everything() {
    let mut gateway = gateway().await;
    let many = |count: usize, piece: &dyn Fn(usize) -> String| {
        (0..count).map(piece).collect::<Vec<_>>().join(" ")
    };
    let aliases = format!("{{ {} }}", many(10_000, &|n| format!("a{n}:hello")));
    let two_hundred = format!("{{ {} }}", many(200, &|n| format!("a{n}:hello")));
    let directives = format!(
        "{{ hello {} }}",
        many(5_000, &|_| "@skip(if:false)".to_owned())
    );
    let unknown = format!("{{ {} }}", many(5_000, &|n| format!("x{n}")));
    let operations = many(3_000, &|n| format!("query Q{n} {{hello}}"));
    let variables = format!(
        "query ({}) {{ hello }}",
        many(3_000, &|n| format!("$v{n}:Int"))
    );
    let tokens = format!("{{ {} }}", many(30_000, &|_| "a".to_owned()));
    for (what, text) in [
        ("aliases", aliases),
        ("two hundred aliases", two_hundred),
        ("directives", directives),
        ("unknown fields", unknown),
        ("operations", operations),
        ("variables", variables),
        ("tokens", tokens),
    ] {
        assert_refused(what, &send(&mut gateway, query(&text)).await);
    }
}

/// Documents that are small to write and large to think about: answered or refused, but quickly.
#[tokio::test]
async fn small_documents_that_mean_much_work() {
    let mut gateway = gateway().await;
    let repeated = format!("{{ {} }}", "hello ".repeat(7_000));
    let doubling: String = (0..40)
        .map(|n| {
            format!(
                "fragment F{n} on Query {{ again {{ ...F{0} }} again {{ ...F{0} }} ...F{0} }} ",
                n + 1
            )
        })
        .collect();
    let doubling = format!("{{ ...F0 }} {doubling} fragment F40 on Query {{ hello }}");
    let spreads = format!(
        "{{ {} }} fragment F on Query {{ hello again {{ hello }} }}",
        "...F ".repeat(2_000)
    );
    let conflicts: String = (0..60)
        .map(|n| format!("...on Query{{again{{again{{count(n:{n})}}}}}} "))
        .collect();
    let siblings = format!(
        "{{ {} }}",
        "again{hello again{hello again{hello}}} ".repeat(500)
    );
    for (what, text) in [
        ("repeated fields", repeated),
        ("fragments that double", doubling),
        ("repeated spreads", spreads),
        ("conflicts", format!("{{ {conflicts} }}")),
        ("siblings", siblings),
    ] {
        let response = send(&mut gateway, query(&text)).await;
        let answer = response.json();
        assert!(
            !answer["data"].is_null() || answer["errors"][0]["message"].is_string(),
            "{what}: {}",
            response.status
        );
    }
}

#[tokio::test]
async fn faults_of_a_document() {
    let mut gateway = gateway().await;
    for text in [
        "{ ...A } fragment A on Query { ...A }",
        "{ ...A } fragment A on Query { again { ...B } } fragment B on Query { again { ...A } }",
        "{ nope }",
        "{ hello",
        "query ($v: Nope) { count(n: $v) }",
        "{ \u{0} }",
        "subscription { hello }",
    ] {
        assert_refused(text, &send(&mut gateway, query(text)).await);
    }
}

#[tokio::test]
async fn variables_of_a_wrong_type() {
    let mut gateway = gateway().await;
    let text = "query ($n: Int, $p: P) { count(n: $n) person(input: $p) }";
    for variables in [
        json!({ "n": "1" }),
        json!({ "n": 1.5 }),
        json!({ "n": 1e300 }),
        json!({ "n": [] }),
        json!({ "n": { "a": 1 } }),
        json!({ "p": {} }),
        json!({ "p": { "n": 1, "extra": 2 } }),
        json!({ "p": "P" }),
        json!({ "n": "x".repeat(100_000) }),
    ] {
        assert_refused(
            "variables",
            &send(&mut gateway, with_variables(text, &variables)).await,
        );
    }
}

#[tokio::test]
async fn requests_that_are_no_http() {
    let mut gateway = gateway().await;
    for bytes in [
        &b"\x16\x03\x01\x02\x00"[..],
        b"GET\r\n\r\n",
        b"POST /graphql HTTP/1.1\r\ncontent-length: x\r\n\r\n",
        b"\0\0\0\0\r\n\r\n",
    ] {
        let mut stream = TcpStream::connect(gateway.address())
            .await
            .expect("it accepts connections");
        stream.write_all(bytes).await.expect("it takes bytes");
        stream.shutdown().await.expect("it takes the end");
        let mut answer = Vec::new();
        let read = tokio::time::timeout(PROMPT, stream.read_to_end(&mut answer)).await;
        assert!(read.is_ok(), "the connection stays open");
        gateway.lives().await;
    }
    // The body never comes in full: the client goes away.
    let mut stream = TcpStream::connect(gateway.address())
        .await
        .expect("it accepts connections");
    let head = b"POST /graphql HTTP/1.1\r\nhost: t\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{\"query\":";
    stream.write_all(head).await.expect("it takes bytes");
    drop(stream);
    gateway.lives().await;
}

#[tokio::test]
async fn headers_that_are_too_large() {
    let mut gateway = gateway().await;
    let value = "x".repeat(1 << 20);
    let headers = [
        ("content-type", "application/json"),
        ("x-large", value.as_str()),
    ];
    // Refused, or the connection is closed on the client while it still sends.
    if let Ok(response) = gateway
        .client()
        .try_send(
            Method::POST,
            &gateway.graphql(),
            &headers,
            query("{ hello }"),
        )
        .await
    {
        assert!(response.status.is_client_error(), "{}", response.status);
    }
    gateway.lives().await;
}
