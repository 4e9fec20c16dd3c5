//! Promise: automatic persisted queries, as Apollo's clients speak them.
//!
//! See: <https://www.apollographql.com/docs/apollo-server/performance/apq>

use http::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::{Gateway, Project};

const QUERY: &str = "query Hello { hello }";

async fn gateway() -> Gateway {
    let files = [
        ("loomgate.yaml", "sources: { local: { type: none } }\n"),
        ("schema.graphql", "type Query { hello: String }\n"),
        (
            "resolvers/Query.hello.yaml",
            "source: local\nrequest: { payload: Hello }\n",
        ),
    ];
    Gateway::start(&Project::new(&files, &[])).await
}

fn hash(query: &str) -> String {
    Sha256::digest(query)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn extensions(hash: &str) -> Value {
    json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } })
}

fn hello() -> Value {
    json!({ "data": { "hello": "Hello" } })
}

fn assert_not_found(answer: &Value) {
    assert_eq!(
        answer["errors"][0]["message"], "PersistedQueryNotFound",
        "{answer}"
    );
    assert_eq!(
        answer["errors"][0]["extensions"]["code"], "PERSISTED_QUERY_NOT_FOUND",
        "{answer}"
    );
    assert_eq!(answer.get("data"), None, "{answer}");
}

#[tokio::test]
async fn a_query_is_registered_once_and_known_by_its_hash() {
    let gateway = gateway().await;
    let known = json!({ "extensions": extensions(&hash(QUERY)) });
    assert_not_found(&gateway.post(&known).await.json());
    let register = json!({ "query": QUERY, "extensions": extensions(&hash(QUERY)) });
    assert_eq!(gateway.post(&register).await.json(), hello());
    assert_eq!(gateway.post(&known).await.json(), hello());
}

#[tokio::test]
async fn a_hash_works_by_get() {
    let gateway = gateway().await;
    let register = json!({ "query": QUERY, "extensions": extensions(&hash(QUERY)) });
    gateway.post(&register).await;
    let extensions = extensions(&hash(QUERY)).to_string();
    let query: String = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("extensions", &extensions)
        .finish();
    let response = gateway
        .client()
        .send(
            Method::GET,
            &format!("{}?{query}", gateway.graphql()),
            &[],
            "",
        )
        .await;
    assert_eq!(response.json(), hello());
}

#[tokio::test]
async fn a_wrong_hash_registers_nothing() {
    let gateway = gateway().await;
    let other = hash("{ __typename }");
    let answer = gateway
        .post(&json!({ "query": QUERY, "extensions": extensions(&other) }))
        .await
        .json();
    assert_eq!(answer.get("data"), None, "{answer}");
    let message = answer["errors"][0]["message"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    assert!(
        !message.is_empty() && message != "PersistedQueryNotFound",
        "{answer}"
    );
    for hash in [other, hash(QUERY)] {
        assert_not_found(
            &gateway
                .post(&json!({ "extensions": extensions(&hash) }))
                .await
                .json(),
        );
    }
}

#[tokio::test]
async fn a_query_with_a_fault_is_refused_by_its_hash_as_well() {
    let gateway = gateway().await;
    let wrong = "{ nope }";
    let register = json!({ "query": wrong, "extensions": extensions(&hash(wrong)) });
    for body in [
        &register,
        &json!({ "extensions": extensions(&hash(wrong)) }),
    ] {
        let answer = gateway.post(body).await.json();
        assert!(
            answer["errors"][0]["message"].is_string() && answer.get("data").is_none(),
            "{answer}"
        );
    }
}
