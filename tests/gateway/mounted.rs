//! Promise: an api can be mounted wherever async-graphql has an integration.

use std::collections::HashMap;

use async_graphql_axum::GraphQL;
use axum::{Router, routing::post_service};
use loomgate::front::Mounted;
use serde_json::json;

use crate::support::{Client, Project};

const FILES: &[(&str, &str)] = &[
    ("loomgate.yaml", "sources: { local: { type: none } }\n"),
    (
        "schema.graphql",
        "type Query { hello(name: String!): String! broken: Int }\ntype Mutation { touch: String }\n",
    ),
    (
        "resolvers/Query.hello.yaml",
        "source: local\nrequest: { payload: \"Hello $ctx.args.name\" }\n",
    ),
    (
        "resolvers/Query.broken.yaml",
        "source: local\nrequest: { payload: no number }\n",
    ),
    (
        "resolvers/Mutation.touch.yaml",
        "source: local\nrequest: { payload: touched }\n",
    ),
];

/// Serves the api through async-graphql's own integration for axum, on a free port.
async fn mount(project: &Project) -> String {
    let mounted = Mounted::open(&project.config(), None, HashMap::new()).expect("it is sound");
    let app = Router::new().route("/mounted", post_service(GraphQL::new(mounted)));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a free port");
    let url = format!(
        "http://{}/mounted",
        listener.local_addr().expect("an address")
    );
    tokio::spawn(async move { axum::serve(listener, app).await });
    url
}

#[tokio::test]
async fn async_graphqls_integration_serves_an_api() {
    let project = Project::new(FILES, &[]);
    let url = mount(&project).await;
    let ask = async |body: serde_json::Value| {
        Client::new()
            .post_json(&url, &body.to_string())
            .await
            .json()
    };
    let answer = ask(json!({
        "query": "query ($n: String!) { hello(name: $n) }",
        "variables": { "n": "Ada" },
    }));
    assert_eq!(answer.await, json!({ "data": { "hello": "Hello Ada" } }));

    let answer = ask(json!({ "query": "mutation { touch }" })).await;
    assert_eq!(answer, json!({ "data": { "touch": "touched" } }));

    let answer = ask(json!({ "query": "{ hello(name: \"Bob\") broken }" })).await;
    assert_eq!(
        answer["data"],
        json!({ "hello": "Hello Bob", "broken": null })
    );
    assert_eq!(answer["errors"][0]["path"], json!(["broken"]));

    let answer = ask(json!({ "query": "{ nope }" })).await;
    assert!(
        answer["errors"][0]["message"]
            .as_str()
            .is_some_and(|message| message.contains("nope"))
    );
}
