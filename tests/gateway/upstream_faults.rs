//! Promise: whatever an upstream does, the field that needed it has an error with a stable type, its
//! siblings answer, and nothing is said about where the upstream lives.

use serde_json::{Value, json};

use crate::support::{Answer, Gateway, PATIENCE, Project, Upstream, upstream::refusing};

const CONFIG: &str = "sources:
  broken: { type: http, url: \"{broken}\", timeout: 500ms, max_response: 1KiB }
  local: { type: none }
";

const FILES: &[(&str, &str)] = &[
    ("loomgate.yaml", CONFIG),
    (
        "schema.graphql",
        "type Query { broken: Thing sound: String }\ntype Thing { name: String }\n",
    ),
    (
        "resolvers/Query.broken.yaml",
        "source: broken\nrequest: { method: GET, path: /things/1 }\n",
    ),
    (
        "resolvers/Query.sound.yaml",
        "source: local\nrequest: { payload: as ever }\n",
    ),
];

/// Asks for what is broken beside what is not; the `errorType` of the one error there is.
async fn error_type(broken: &str) -> String {
    let mut gateway = Gateway::start(&Project::new(FILES, &[("broken", broken)])).await;
    let ask = gateway.ask("{ broken { name } sound }");
    let answer = tokio::time::timeout(PATIENCE, ask)
        .await
        .expect("a broken upstream hangs nobody");
    assert_eq!(
        answer["data"],
        json!({ "broken": null, "sound": "as ever" }),
        "{answer}"
    );
    let error = only_error(&answer);
    assert_eq!(error["path"], json!(["broken"]));
    assert_eq!(error["locations"][0]["line"], 1, "{error}");
    let text = error.to_string();
    let port = broken.rsplit(':').next().unwrap_or_default();
    assert!(
        !text.contains("127.0.0.1") && !text.contains(port) && !text.contains("/things"),
        "it leaks: {text}"
    );
    gateway.lives().await;
    error["errorType"]
        .as_str()
        .unwrap_or_else(|| panic!("no errorType: {error}"))
        .to_owned()
}

fn only_error(answer: &Value) -> &Value {
    let errors = answer["errors"]
        .as_array()
        .unwrap_or_else(|| panic!("no errors: {answer}"));
    assert_eq!(errors.len(), 1, "{answer}");
    &errors[0]
}

#[tokio::test]
async fn it_refuses_connections() {
    let (_held, url) = refusing();
    assert_eq!(error_type(&url).await, "Http:ConnectException");
}

#[tokio::test]
async fn it_never_answers() {
    let upstream = Upstream::start(|_| Answer::Hang).await;
    assert_eq!(
        error_type(&upstream.url()).await,
        "Http:ExecutionTimeoutException"
    );
}

#[tokio::test]
async fn it_closes_the_connection() {
    let upstream = Upstream::start(|_| Answer::Reset).await;
    assert_eq!(
        error_type(&upstream.url()).await,
        "Http:ConnectionResetException"
    );
}

#[tokio::test]
async fn it_answers_with_an_error() {
    for status in [500, 503, 404, 400, 302] {
        let upstream = Upstream::start(move |_| {
            Answer::Text(status, "application/json", r#"{"name":"no"}"#.to_owned())
        })
        .await;
        assert_eq!(error_type(&upstream.url()).await, format!("Http:{status}"));
    }
}

#[tokio::test]
async fn it_answers_with_something_else_than_json() {
    for text in [
        "<html>hello</html>",
        "{\"name\":",
        "{\"name\":\"a\"} trailing",
        "{'name':1}",
        "nul",
    ] {
        let upstream =
            Upstream::start(move |_| Answer::Text(200, "application/json", text.to_owned())).await;
        assert_eq!(
            error_type(&upstream.url()).await,
            "Http:InvalidResponseException"
        );
    }
}

#[tokio::test]
async fn it_answers_with_too_much() {
    let upstream = Upstream::start(|_| Answer::Json(json!({ "name": "x".repeat(2048) }))).await;
    assert_eq!(
        error_type(&upstream.url()).await,
        "Http:ResponseTooLargeException"
    );
}

#[tokio::test]
async fn it_answers_with_json_too_deep_to_be_meant() {
    let deep = "[".repeat(500) + &"]".repeat(500);
    let upstream =
        Upstream::start(move |_| Answer::Text(200, "application/json", deep.clone())).await;
    let gateway = Gateway::start(&Project::new(FILES, &[("broken", &upstream.url())])).await;
    // A list where an object was expected, or too deep: a field error in either case.
    let answer = gateway.ask("{ broken { name } sound }").await;
    assert_eq!(
        answer["data"],
        json!({ "broken": null, "sound": "as ever" }),
        "{answer}"
    );
    assert_eq!(only_error(&answer)["path"], json!(["broken"]));
}

#[tokio::test]
async fn it_does_not_speak_http() {
    let upstream = Upstream::raw(b"\x16\x03\x01 this is no HTTP\r\n\r\n").await;
    assert_eq!(
        error_type(&upstream.url()).await,
        "Http:InvalidResponseException"
    );
}

#[tokio::test]
async fn it_breaks_off_in_the_middle() {
    let upstream = Upstream::raw(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{\"name\":").await;
    assert_eq!(
        error_type(&upstream.url()).await,
        "Http:ConnectionResetException"
    );
}
