use super::{super::dynamodb::tests::call, HTTP, HTTP_REQUESTS};
use crate::mapping::turn::Turn;

fn add(turn: &mut Turn, name: &str, value: &str) {
    let name = format!("\"{name}\"");
    let added = call(&HTTP, "addResponseHeader", &[&name, value], turn);
    assert_eq!(added, Ok("\"\"".to_owned()));
}

fn headers(turn: &Turn) -> Vec<(&str, String)> {
    let headers = turn.headers.iter();
    headers
        .map(|(name, value)| (&**name, super::super::dynamodb::tests::json(value)))
        .collect()
}

#[test]
fn headers_of_one_connection_are_not_copied() {
    let given = r#"{"Host":"a","x-a":"1","Keep-Alive":"2","TE":"3","cookie":"4"}"#;
    let copied = call(&HTTP, "copyHeaders", &[given], &mut Turn::default());
    assert_eq!(copied, Ok(r#"{"x-a":"1","cookie":"4"}"#.to_owned()));
    let refused = call(&HTTP, "copyHeaders", &["[]"], &mut Turn::default());
    assert_eq!(
        refused,
        Err("copyHeaders expects an object of headers, not a list".to_owned())
    );
}

#[test]
fn the_last_header_of_a_name_counts() {
    let mut turn = Turn::default();
    add(&mut turn, "x-a", "\"1\"");
    add(&mut turn, "x-b", "2");
    add(&mut turn, "X-A", "{\"c\":[3]}");
    assert_eq!(
        headers(&turn),
        [("x-b", "2".to_owned()), ("X-A", "{\"c\":[3]}".to_owned())]
    );
    let several = call(
        &HTTP,
        "addResponseHeaders",
        &[r#"{"x-b":true,"x-d":"4"}"#],
        &mut turn,
    );
    assert_eq!(several, Ok("\"\"".to_owned()));
    assert_eq!(turn.headers.len(), 3);
    assert!(turn.appended.is_empty());
}

#[test]
fn a_header_without_name_or_value_is_left_out() {
    let mut turn = Turn::default();
    add(&mut turn, "", "\"1\"");
    add(&mut turn, "x-a", "null");
    assert!(turn.headers.is_empty() && turn.appended.is_empty());
}

#[test]
fn what_may_not_be_set_is_an_error_and_the_mapping_goes_on() {
    for name in [
        "Vary",
        "content-type",
        "Access-Control-Allow-Origin",
        "x-amzn-RequestId",
        "X-Amz-Id-2",
        "Connection",
        "Content-Length",
        "a b",
        "x:y",
    ] {
        let mut turn = Turn::default();
        add(&mut turn, name, "\"1\"");
        assert!(turn.headers.is_empty(), "{name}");
        let [error] = &turn.appended[..] else {
            panic!("{name}: {:?}", turn.appended)
        };
        assert_eq!(error.error_type.as_deref(), Some("ResponseHeaderError"));
    }
    let mut turn = Turn::default();
    add(&mut turn, "vary", "\"*\"");
    assert_eq!(
        turn.appended[0].message,
        "the response header 'vary' cannot be set"
    );
}

#[test]
fn a_value_cannot_begin_another_header() {
    let mut turn = Turn::default();
    add(&mut turn, "x-a", r#""1\r\nset-cookie: a=b""#);
    assert!(turn.headers.is_empty());
    assert_eq!(
        turn.appended[0].message,
        "the value of the response header 'x-a' has control characters"
    );
}

#[test]
fn four_kilobytes_of_headers_are_the_most() {
    let mut turn = Turn::default();
    add(&mut turn, "x-a", &format!("\"{}\"", "v".repeat(4000)));
    add(&mut turn, "x-b", &format!("\"{}\"", "v".repeat(91)));
    assert_eq!((turn.headers.len(), turn.appended.len()), (1, 1));
    assert_eq!(
        turn.appended[0].message,
        "with 'x-b' the response headers are larger than 4 KB"
    );
    // In place of the large one there is room.
    add(&mut turn, "x-a", "\"small\"");
    add(&mut turn, "x-b", &format!("\"{}\"", "v".repeat(91)));
    assert_eq!((turn.headers.len(), turn.appended.len()), (2, 1));
}

#[test]
fn errors_of_headers_are_bounded() {
    let mut turn = Turn::default();
    for _ in 0..500 {
        add(&mut turn, "vary", "1");
    }
    assert_eq!(turn.appended.len(), 100);
}

#[test]
fn a_wrong_argument_is_named() {
    let refused = |name, arguments: &[&str]| call(&HTTP, name, arguments, &mut Turn::default());
    assert_eq!(
        refused("addResponseHeader", &["1", "2"]),
        Err("addResponseHeader expects the name of a header, not a number".to_owned())
    );
    assert_eq!(
        refused("addResponseHeaders", &["\"x\""]),
        Err("addResponseHeaders expects an object of headers, not a string".to_owned())
    );
}

#[test]
fn requests_are_made_of_method_path_and_params() {
    let made =
        |name, arguments: &[&str]| call(&HTTP_REQUESTS, name, arguments, &mut Turn::default());
    assert_eq!(
        made("get", &[r#""/posts""#]),
        Ok(r#"{"method":"GET","resourcePath":"/posts"}"#.to_owned())
    );
    assert_eq!(
        made("post", &[r#""/posts""#, r#"{"headers":{"a":"b"},"body":{"c":1}}"#]),
        Ok(r#"{"method":"POST","resourcePath":"/posts","params":{"headers":{"a":"b"},"body":{"c":1}}}"#
            .to_owned())
    );
    assert_eq!(
        made("delete", &[r#""posts""#]),
        Err("delete: the path must be a string that begins with '/'".to_owned())
    );
    assert_eq!(
        made("put", &[r#""/""#, r#"{"quer":{}}"#]),
        Err("put: there is no 'quer'; there are query, headers, body".to_owned())
    );
    assert_eq!(
        made("patch", &[r#""/""#, r#"{"query":[]}"#]),
        Err("patch: 'query' must be an object".to_owned())
    );
}
