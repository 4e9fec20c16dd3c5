//! What answers look like on the wire.

use http_body_util::BodyExt;

use super::*;

async fn shown(response: Response<Body>) -> String {
    let (head, body) = response.into_parts();
    let headers = head.headers.iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes());
        format!("\n{name}: {value}")
    });
    let headers: String = headers.collect();
    let body = body.collect().await.expect("a body").to_bytes();
    format!(
        "{}{headers}\n{}",
        head.status.as_u16(),
        String::from_utf8_lossy(&body)
    )
}

async fn answer(answer: &str, shaped: bool) -> String {
    let answer = Value::parse(answer.to_owned()).expect("JSON");
    let written = write(&answer, shaped, Some(404));
    match written {
        Ok(response) => shown(response).await,
        Err(fault) => format!("{fault:?}"),
    }
}

#[tokio::test]
async fn a_body_alone_is_json_with_200() {
    let shown = answer(r#"{"statusCode": 201, "body": "x"}"#, false).await;
    let json = "200\ncontent-type: application/json\n{\"statusCode\":201,\"body\":\"x\"}";
    assert_eq!(shown, json);
    let text = answer(r#""text""#, false).await;
    assert_eq!(text, "200\ncontent-type: application/json\n\"text\"");
}

#[tokio::test]
async fn status_and_headers_are_those_of_the_mapping() {
    let shown = answer(
        r#"{"statusCode": 201, "headers": {"Location": "/a", "set-cookie": ["a=1", "b=2"], "x-n": 7, "x-no": null}, "body": {"a": 1}}"#,
        true,
    );
    let expected = "201\nlocation: /a\nset-cookie: a=1\nset-cookie: b=2\nx-n: 7\n\
                    content-type: application/json\n{\"a\":1}";
    assert_eq!(shown.await, expected);
}

#[tokio::test]
async fn text_under_another_content_type_goes_out_as_it_is() {
    let of = async |kind: &str, body: &str| {
        let text = format!(r#"{{"headers": {{"content-type": "{kind}"}}, "body": {body}}}"#);
        answer(&text, true).await
    };
    assert_eq!(
        of("text/html", r#""<p>\"""#).await,
        "200\ncontent-type: text/html\n<p>\""
    );
    let json = of("application/problem+json", r#""<p>""#).await;
    assert_eq!(json, "200\ncontent-type: application/problem+json\n\"<p>\"");
    assert_eq!(
        of("text/csv", "[1]").await,
        "200\ncontent-type: text/csv\n[1]"
    );
}

#[tokio::test]
async fn nothing_is_the_status_that_says_so() {
    assert_eq!(answer("null", false).await, "Status(404)");
    assert_eq!(answer(r#"{"statusCode": 200}"#, true).await, "Status(404)");
    let kept = write(&Value::Null, false, None).map(|response| response.status());
    assert_eq!(kept, Ok(StatusCode::OK));
}

#[tokio::test]
async fn some_statuses_have_no_body() {
    assert_eq!(
        answer(r#"{"statusCode": 204, "body": 1}"#, true).await,
        "204\n"
    );
    assert_eq!(
        answer(r#"{"statusCode": 304, "body": 1}"#, true).await,
        "304\n"
    );
}

#[tokio::test]
async fn a_status_that_is_none_is_our_failure() {
    for status in [
        "99", "100", "199", "600", "70000", "-1", "200.5", r#""200""#, "null", "[]",
    ] {
        let text = format!(r#"{{"statusCode": {status}, "body": 1}}"#);
        assert_eq!(answer(&text, true).await, "Internal", "{status}");
    }
}

#[tokio::test]
async fn headers_that_cannot_be_sent_are_left_out() {
    let headers = r#"{"content-length": "9", "Transfer-Encoding": "chunked", "connection": "close",
        "proxy-authenticate": "x", "keep-alive": "1", "bad name": "x", "": "x", "x-a": "a\nb",
        "x-b": {"a": 1}, "x-c": "fine"}"#;
    let shown = answer(&format!(r#"{{"headers": {headers}, "body": 1}}"#), true).await;
    assert_eq!(shown, "200\nx-c: fine\ncontent-type: application/json\n1");
}

#[tokio::test]
async fn headers_that_are_no_object_are_left_out() {
    for headers in ["1", "null", r#""x""#, "[1]"] {
        let shown = answer(&format!(r#"{{"headers": {headers}, "body": 1}}"#), true).await;
        assert_eq!(shown, "200\ncontent-type: application/json\n1");
    }
}

#[tokio::test]
async fn head_says_the_length_of_what_it_leaves_out() {
    let response = write(&Value::from("four"), false, None).expect("an answer");
    let expected = "200\ncontent-type: application/json\ncontent-length: 6\n";
    assert_eq!(shown(without_body(response)).await, expected);
}
