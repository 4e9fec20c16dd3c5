//! Promise: what has begun is finished, whether the program is asked to end or the client goes away.

use std::{sync::Arc, time::Instant};

use serde_json::{Value, json};
use tokio::{io::AsyncWriteExt, net::TcpStream};

use crate::support::{Answer, Gateway, PATIENCE, Project, Upstream, upstream::Gate};

const FILES: &[(&str, &str)] = &[
    (
        "loomgate.yaml",
        "sources: { up: { type: http, url: \"{upstream}\" } }\n",
    ),
    (
        "schema.graphql",
        "type Query { slow: String }\ntype Mutation { step(number: Int!): String }\n",
    ),
    (
        "resolvers/Query.slow.yaml",
        "source: up\nrequest: { method: GET, path: /slow }\n",
    ),
    (
        "resolvers/Mutation.step.yaml",
        "source: up\nrequest: { method: POST, path: /steps/$ctx.args.number, body: { number: $ctx.args.number } }\n",
    ),
];

/// An upstream that answers once the gate is open, and a gateway before it.
async fn behind_a_gate() -> (Gate, Upstream, Gateway) {
    let gate = Gate::closed();
    let held = gate.clone();
    let upstream = Upstream::start(move |_| {
        Answer::Behind(held.clone(), Box::new(Answer::Json(json!("done"))))
    })
    .await;
    let gateway = Gateway::start(&Project::new(FILES, &[("upstream", &upstream.url())])).await;
    (gate, upstream, gateway)
}

/// Waits until nobody accepts connections any more.
async fn closed(address: &str) {
    let start = Instant::now();
    while TcpStream::connect(address).await.is_ok() {
        assert!(
            start.elapsed() < PATIENCE,
            "it still accepts connections after SIGTERM"
        );
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn running_requests_are_finished_after_sigterm() {
    let (gate, upstream, gateway) = behind_a_gate().await;
    let client = gateway.client().clone();
    let (url, body) = (
        gateway.graphql(),
        json!({ "query": "{ slow }" }).to_string(),
    );
    let running = tokio::spawn(async move { client.post_json(&url, &body).await.json() });
    upstream.reached(1).await;
    gateway.terminate();
    closed(gateway.address()).await;
    gate.open();
    assert_eq!(
        running.await.expect("the request is answered"),
        json!({ "data": { "slow": "done" } })
    );
    gateway.ended().await;
}

#[tokio::test]
async fn idle_connections_do_not_hold_up_the_end() {
    let (_gate, _upstream, mut gateway) = behind_a_gate().await;
    gateway.lives().await;
    let _idle = TcpStream::connect(gateway.address())
        .await
        .expect("it accepts connections");
    gateway.terminate();
    gateway.ended().await;
}

#[tokio::test]
async fn a_mutation_is_not_cut_in_half_when_its_client_goes_away() {
    let (gate, upstream, mut gateway) = behind_a_gate().await;
    let body =
        json!({ "query": "mutation { a: step(number: 1) b: step(number: 2) c: step(number: 3) }" })
            .to_string();
    let mut client = TcpStream::connect(gateway.address())
        .await
        .expect("it accepts connections");
    let request = format!(
        "POST /graphql HTTP/1.1\r\nhost: test\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    client
        .write_all(request.as_bytes())
        .await
        .expect("the request is taken");
    upstream.reached(1).await;
    drop(client);
    // Answers on another connection: by now it has seen that the first one is gone.
    gateway.lives().await;
    gate.open();
    upstream.reached(3).await;
    let paths: Vec<String> = upstream
        .requests()
        .into_iter()
        .map(|request| request.path)
        .collect();
    assert_eq!(paths, ["/steps/1", "/steps/2", "/steps/3"]);
}

#[tokio::test]
async fn requests_do_not_wait_for_each_other() {
    let (gate, upstream, gateway) = behind_a_gate().await;
    let gateway = Arc::new(gateway);
    let waiting: Vec<_> = (0..50)
        .map(|_| {
            let gateway = Arc::clone(&gateway);
            tokio::spawn(async move { gateway.ask("{ slow }").await })
        })
        .collect();
    upstream.reached(50).await;
    assert_eq!(
        gateway.ask("{ __typename }").await,
        json!({ "data": { "__typename": "Query" } })
    );
    gate.open();
    for answer in waiting {
        let answer: Value = answer.await.expect("the request is answered");
        assert_eq!(answer, json!({ "data": { "slow": "done" } }));
    }
}
