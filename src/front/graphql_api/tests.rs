//! What operations cost, however they come.

use std::{collections::HashMap, fs, net::SocketAddr};

use axum::http::Request as HttpRequest;
use http_body_util::BodyExt;
use uuid::Uuid;

use super::*;
use crate::{
    cluster::Cluster,
    config,
    control::Health,
    deployment::{self, Deployment},
    front::{Front, Incoming},
    guard::Refusal,
};

/// The key may ask three times, whatever the time between.
const FILES: &[(&str, &str)] = &[
    (
        "loomgate.yaml",
        "sources: { local: { type: none } }
auth: { partners: { type: api_key } }
usage_plans: { few: { quota: { limit: 3, period: month } } }
api_keys: [{ name: acme, value: an-api-key-for-tests, plan: few }]
apis:
  notes: { type: graphql, path: /graphql, schema: s.graphql, resolvers: r, auth: partners }
  slow:
    type: graphql
    path: /slow
    schema: s.graphql
    resolvers: r
    throttle: { rate: 0.001, burst: 2 }
",
    ),
    ("s.graphql", "type Query { a: String }"),
    (
        "r/Query.a.yaml",
        "source: local\nrequest: { payload: hello }",
    ),
];

fn front() -> Front {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("r")).unwrap();
    for (name, text) in FILES {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let cluster = Cluster::alone();
    let path = folder.path().join("loomgate.yaml");
    let (loaded, faults) = deployment::load(&path, HashMap::new(), &cluster);
    let loaded = loaded.unwrap_or_else(|| panic!("{}", faults.render(false)));
    let settings: config::Server = loaded.config.server;
    Front::new(
        loaded.deployments,
        cluster,
        Arc::new(Health::default()),
        &settings,
    )
}

fn post(path: &str, body: String) -> HttpRequest<Body> {
    HttpRequest::post(path)
        .header(CONTENT_TYPE, "application/json")
        .header("x-api-key", "an-api-key-for-tests")
        .body(Body::from(body))
        .unwrap()
}

/// The answers of a batch of so many operations: the type of each one's error, or nothing.
async fn batch(front: &Front, path: &str, operations: usize) -> Vec<String> {
    let operations = vec!["{\"query\":\"{ a }\"}"; operations].join(",");
    let response = front
        .answer(Incoming {
            request: post(path, format!("[{operations}]")),
            peer: Some(SocketAddr::from(([192, 0, 2, 7], 5000))),
            secure: false,
        })
        .await;
    let body = response.into_body().collect().await.unwrap().to_bytes();
    let answers: Vec<serde_json::Value> = serde_json::from_slice(&body).unwrap();
    let error = |answer: &serde_json::Value| {
        let error = answer.pointer("/errors/0/errorType");
        error.map_or("", |it| it.as_str().unwrap()).to_owned()
    };
    answers.iter().map(error).collect()
}

#[tokio::test]
async fn each_operation_of_a_batch_counts() {
    let front = front();
    let over_quota = "LimitExceededException";
    let answers = batch(&front, "/graphql", 5).await;
    assert_eq!(answers, ["", "", "", over_quota, over_quota]);
    let answers = batch(&front, "/slow", 3).await;
    assert_eq!(answers, ["", "", "ThrottlingException"]);
}

#[tokio::test]
async fn each_operation_of_a_socket_counts() {
    let front = front();
    let (parts, _) = post("/graphql", String::new()).into_parts();
    let request = front.receive(parts, None, false);
    let (deployment, _) = front.find(&request).unwrap();
    let Deployment { guard, rule, .. } = &*deployment;
    let call = guard.admit(request, rule).await.unwrap();
    for _ in 0..2 {
        assert!(guard.readmit(&call, Uuid::new_v4(), rule).is_ok());
    }
    let refused = guard.readmit(&call, Uuid::new_v4(), rule);
    assert!(matches!(refused, Err(Refusal::Quota)), "{refused:?}");
}
