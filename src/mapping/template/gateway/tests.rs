//! What a template of a route reads of a request that came in. What it reads of a written context
//! is in `tests/utilities`.

use std::sync::Arc;

use http::{HeaderMap, Method, Uri};
use uuid::Uuid;

use super::*;
use crate::{
    mapping::{
        Dialect, Outcome, Turn,
        context::{ConnectionView, Info},
        template::{Prints, Template},
    },
    request::{ApiKey, Request, Token},
};

const NOBODY: Identity = Identity::Anonymous;

/// What a template prints for `POST /orders/7?id=8&q=a%20b&q=c`.
fn printed(identity: Identity, connection: Option<ConnectionView<'_>>, source: &str) -> String {
    let mut headers = HeaderMap::new();
    headers.insert("host", "shop.example.com:8443".parse().unwrap());
    headers.insert("user-agent", "curl/8".parse().unwrap());
    headers.insert("x-mine", "h".parse().unwrap());
    let request = Request {
        id: Uuid::nil(),
        method: Method::POST,
        uri: Uri::from_static("/orders/7?id=8&q=a%20b&q=c"),
        headers,
        client: "192.0.2.1".parse().ok(),
        secure: true,
    };
    let call = Call::for_tests(request, identity);
    let args = Value::parse(r#"{"id":"7","rest":"x/y","q":"c"}"#).unwrap();
    let cx = Context {
        caller: Caller::Call(&call),
        args: args.view(),
        source: View::NULL,
        prev: None,
        error: None,
        stash: View::NULL,
        env: View::NULL,
        result: Outcome::None,
        keys: None,
        body: View::NULL,
        connection,
        info: Info {
            field_name: "POST /orders/{id}/{rest+}",
            parent_type_name: "",
            variables: View::NULL,
            selection: None,
        },
    };
    let name = Arc::from("order.vtl");
    let dialect = Dialect::ApiGateway;
    let template = Template::compile(source, name, dialect, Prints::JsonOrText).unwrap();
    let (text, ended) = template.print(&cx, &mut Turn::default());
    ended.unwrap();
    text.unwrap()
}

#[track_caller]
fn assert_prints(source: &str, expected: &str) {
    assert_eq!(printed(NOBODY, None, source), expected, "{source}");
}

#[test]
fn parameters_of_the_path_are_not_hidden_by_the_query() {
    assert_prints("$input.params('id')", "7");
    assert_prints("$input.params().path", "{id=7, rest=x/y}");
    assert_prints("$input.params().querystring", "{id=8, q=c}");
    assert_prints("$input.params('q')", "c");
}

#[test]
fn headers_are_asked_for_in_any_case() {
    assert_prints("$input.params('X-Mine')$input.params('x-mine')", "hh");
    assert_prints("$input.params().header.get('x-mine')", "h");
    assert_prints("[$input.params('X-Other')]", "[]");
}

#[test]
fn the_request_is_known() {
    assert_prints(
        "$context.httpMethod $context.path $context.resourcePath $context.routeKey",
        "POST /orders/7 /orders/{id}/{rest+} POST /orders/{id}/{rest+}",
    );
    assert_prints(
        "$context.domainName $context.domainPrefix $context.protocol $context.isCanaryRequest",
        "shop.example.com shop HTTP/1.1 false",
    );
    let id = Uuid::nil();
    assert_prints(
        "$context.requestId $context.extendedRequestId",
        &format!("{id} {id}"),
    );
    assert_prints(
        "$context.identity.sourceIp $context.identity.userAgent [$context.identity.user]",
        "192.0.2.1 curl/8 []",
    );
    assert_prints(
        "[$context.stage][$context.apiId][$context.accountId][$context.connectionId]",
        "[][][][]",
    );
}

#[test]
fn the_time_of_the_request_is_in_the_common_log_format() {
    let time = printed(NOBODY, None, "$context.requestTime");
    let form: String = time
        .chars()
        .map(|c| match c {
            '0'..='9' => '0',
            'A'..='Z' => 'A',
            'a'..='z' => 'a',
            other => other,
        })
        .collect();
    assert_eq!(form, "00/Aaa/0000:00:00:00 +0000", "{time}");
    let millis = printed(NOBODY, None, "$context.requestTimeEpoch");
    let millis: u64 = millis.parse().unwrap();
    assert!(clock::unix_millis().abs_diff(millis) < 60_000);
}

#[test]
fn the_caller_is_known() {
    let key = Identity::ApiKey(Arc::new(ApiKey {
        name: "acme".into(),
        provider: Arc::from("partners"),
        expires: None,
    }));
    let source = "$context.identity.apiKeyId [$context.authorizer.principalId]";
    assert_eq!(printed(key, None, source), "acme []");
    let token = Identity::Token(Arc::new(Token {
        provider: Arc::from("people"),
        user_pool: false,
        issuer: "https://id.example.com".into(),
        subject: Some("7f3a".into()),
        username: None,
        groups: Vec::new(),
        scopes: Vec::new(),
        claims: Value::parse(r#"{"sub":"7f3a","custom:level":3}"#).unwrap(),
        expires: 0,
    }));
    let source = "$context.authorizer.principalId $context.authorizer.claims['custom:level']";
    assert_eq!(printed(token, None, source), "7f3a 3");
}

#[test]
fn a_connection_is_known() {
    let connection = |route_key, ended| ConnectionView {
        id: "c1",
        connected_at: 1_583_349_317_135,
        route_key,
        ended,
    };
    let source = "$context.connectionId $context.connectedAt $context.eventType \
                  $context.routeKey $context.messageDirection [$context.disconnectStatusCode]";
    let sent = printed(NOBODY, Some(connection("send", None)), source);
    assert_eq!(sent, "c1 1583349317135 MESSAGE send IN []");
    let source = "$context.eventType $context.disconnectStatusCode $context.disconnectReason";
    let ended = connection("$disconnect", Some((1001, "gone")));
    assert_eq!(printed(NOBODY, Some(ended), source), "DISCONNECT 1001 gone");
}

#[test]
fn without_a_body_there_is_an_empty_object() {
    assert_prints(
        "$input.body $input.json('$') [$input.path('$.a')]",
        "{} {} []",
    );
}
