//! See: appsync.md 2.7 (identity by mode).

use http::{HeaderMap, Method, Uri};
use uuid::Uuid;

use super::*;
use crate::request::{ApiKey, Request, Token};

fn shown(identity: Identity) -> serde_json::Value {
    let request = Request {
        id: Uuid::nil(),
        method: Method::POST,
        uri: Uri::from_static("/graphql"),
        headers: HeaderMap::new(),
        client: "192.0.2.1".parse().ok(),
        secure: true,
    };
    let call = Call::for_tests(request, identity);
    let mut text = Vec::new();
    super::identity(&call).into_value().view().write(&mut text);
    serde_json::from_slice(&text).unwrap()
}

fn token(user_pool: bool, groups: &[&str]) -> Identity {
    Identity::Token(Arc::new(Token {
        provider: Arc::from("people"),
        user_pool,
        issuer: "https://id.example.com".into(),
        subject: Some("7f3a".into()),
        username: Some("ann".into()),
        groups: groups.iter().map(|it| (*it).into()).collect(),
        scopes: Vec::new(),
        claims: Value::parse(r#"{"sub":"7f3a","level":3}"#).unwrap(),
        expires: 0,
    }))
}

#[test]
fn nobody_in_particular_is_null() {
    assert_eq!(shown(Identity::Anonymous), serde_json::Value::Null);
    let key = Identity::ApiKey(Arc::new(ApiKey {
        name: "acme".into(),
        provider: Arc::from("partners"),
        expires: None,
    }));
    assert_eq!(shown(key), serde_json::Value::Null);
}

#[test]
fn a_token_shows_its_claims() {
    let expected = serde_json::json!({
        "sub": "7f3a",
        "issuer": "https://id.example.com",
        "claims": { "sub": "7f3a", "level": 3 },
    });
    assert_eq!(shown(token(false, &["admins"])), expected);
}

#[test]
fn a_user_pool_s_token_shows_more() {
    let expected = |groups| {
        serde_json::json!({
            "sub": "7f3a",
            "issuer": "https://id.example.com",
            "claims": { "sub": "7f3a", "level": 3 },
            "username": "ann",
            "sourceIp": ["192.0.2.1"],
            "defaultAuthStrategy": "ALLOW",
            "groups": groups,
        })
    };
    let some = expected(serde_json::json!(["admins"]));
    assert_eq!(shown(token(true, &["admins"])), some);
    let none = expected(serde_json::Value::Null);
    assert_eq!(shown(token(true, &[])), none);
}
