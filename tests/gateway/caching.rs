//! Promise: a field is remembered as long as its `ttl` says, and fetched once by those who miss together.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use serde_json::{Value, json};

use crate::support::{Answer, Gateway, PATIENCE, Project, Received, Upstream, upstream::Gate};

const CONFIG: &str = "sources: { up: { type: http, url: \"{upstream}\" } }\n";

const SCHEMA: &str = "
type Query { value(id: ID!, other: Int): Value people: [Person!]! }
type Value { text: String }
type Person { id: ID! score: Score }
type Score { score: Int }
";

const PEOPLE: &str = "source: up\nrequest: { method: GET, path: /people }\n";

const SCORE: &str = "source: up
request: { method: GET, path: /scores }
batch: { key: $ctx.source.id, query: { id: $keys }, group_by: id }
response: $ctx.result.body
cache: { ttl: 60s, keys: [$ctx.source.id] }
";

async fn gateway(upstream: &Upstream, cache: &str) -> Gateway {
    let value = format!(
        "source: up\nrequest: {{ method: GET, path: /values/$ctx.args.id }}\ncache: {cache}\n"
    );
    let files = [
        ("loomgate.yaml", CONFIG),
        ("schema.graphql", SCHEMA),
        ("resolvers/Query.value.yaml", &value),
        ("resolvers/Query.people.yaml", PEOPLE),
        ("resolvers/Person.score.yaml", SCORE),
    ];
    Gateway::start(&Project::new(&files, &[("upstream", &upstream.url())])).await
}

/// Answers with how often it was asked.
async fn counting() -> Upstream {
    let calls = AtomicUsize::new(0);
    Upstream::start(move |_| {
        let call = calls.fetch_add(1, Ordering::SeqCst) + 1;
        Answer::Json(json!({ "text": format!("answer {call}") }))
    })
    .await
}

fn value(text: &str) -> Value {
    json!({ "data": { "value": { "text": text } } })
}

#[tokio::test]
async fn a_remembered_answer_makes_no_call() {
    let upstream = counting().await;
    let gateway = gateway(&upstream, "{ ttl: 60s }").await;
    for _ in 0..3 {
        assert_eq!(
            gateway.ask("{ value(id: 1) { text } }").await,
            value("answer 1")
        );
    }
    assert_eq!(upstream.count(), 1);
}

#[tokio::test]
async fn other_arguments_are_another_entry() {
    let upstream = counting().await;
    let gateway = gateway(&upstream, "{ ttl: 60s }").await;
    assert_eq!(
        gateway.ask("{ value(id: 1) { text } }").await,
        value("answer 1")
    );
    assert_eq!(
        gateway.ask("{ value(id: 2) { text } }").await,
        value("answer 2")
    );
    assert_eq!(
        gateway.ask("{ value(id: 1) { text } }").await,
        value("answer 1")
    );
    assert_eq!(
        gateway.ask("{ value(id: 1, other: 1) { text } }").await,
        value("answer 3")
    );
}

#[tokio::test]
async fn keys_say_what_makes_an_entry() {
    let upstream = counting().await;
    let gateway = gateway(&upstream, "{ ttl: 60s, keys: [$ctx.args.id] }").await;
    assert_eq!(
        gateway.ask("{ value(id: 1) { text } }").await,
        value("answer 1")
    );
    assert_eq!(
        gateway.ask("{ value(id: 1, other: 1) { text } }").await,
        value("answer 1")
    );
    assert_eq!(
        gateway.ask("{ value(id: 2, other: 1) { text } }").await,
        value("answer 2")
    );
}

#[tokio::test]
async fn after_its_ttl_an_entry_is_gone() {
    let upstream = counting().await;
    let gateway = gateway(&upstream, "{ ttl: 200ms }").await;
    gateway.ask("{ value(id: 1) { text } }").await;
    let start = Instant::now();
    while upstream.count() == 1 {
        assert!(start.elapsed() < PATIENCE, "the entry never expires");
        gateway.ask("{ value(id: 1) { text } }").await;
    }
    assert!(
        start.elapsed().as_millis() >= 100,
        "the entry expired after {:?}",
        start.elapsed()
    );
}

#[tokio::test]
async fn those_who_miss_together_make_one_call() {
    let gate = Gate::closed();
    let held = gate.clone();
    let upstream = Upstream::start(move |_| {
        Answer::Behind(
            held.clone(),
            Box::new(Answer::Json(json!({ "text": "shared" }))),
        )
    })
    .await;
    let gateway = Arc::new(gateway(&upstream, "{ ttl: 60s }").await);
    let asked: Vec<_> = (0..10)
        .map(|_| {
            let gateway = Arc::clone(&gateway);
            tokio::spawn(async move { gateway.ask("{ value(id: 1) { text } }").await })
        })
        .collect();
    upstream.reached(1).await;
    // A round trip for each of them, so that all have been read before the answer comes.
    for _ in 0..10 {
        gateway.ask("{ __typename }").await;
    }
    gate.open();
    for answer in asked {
        assert_eq!(answer.await.expect("the task ends"), value("shared"));
    }
    assert_eq!(upstream.count(), 1);
}

#[tokio::test]
async fn errors_are_not_remembered() {
    let calls = AtomicUsize::new(0);
    let upstream = Upstream::start(move |_| match calls.fetch_add(1, Ordering::SeqCst) {
        0 => Answer::broken(),
        _ => Answer::Json(json!({ "text": "well again" })),
    })
    .await;
    let gateway = gateway(&upstream, "{ ttl: 60s }").await;
    let first = gateway.ask("{ value(id: 1) { text } }").await;
    assert_eq!(first["data"], json!({ "value": null }));
    assert_eq!(first["errors"][0]["path"], json!(["value"]));
    assert_eq!(
        gateway.ask("{ value(id: 1) { text } }").await,
        value("well again")
    );
    assert_eq!(
        gateway.ask("{ value(id: 1) { text } }").await,
        value("well again")
    );
    assert_eq!(upstream.count(), 2);
}

#[tokio::test]
async fn nulls_are_remembered() {
    let upstream = Upstream::start(|_| Answer::Json(Value::Null)).await;
    let gateway = gateway(&upstream, "{ ttl: 60s }").await;
    for _ in 0..2 {
        assert_eq!(
            gateway.ask("{ value(id: 1) { text } }").await,
            json!({ "data": { "value": null } })
        );
    }
    assert_eq!(upstream.count(), 1);
}

#[tokio::test]
async fn only_the_keys_that_miss_go_into_a_batch() {
    let rounds = AtomicUsize::new(1);
    let upstream = Upstream::start(move |request: &Received| match request.path.as_str() {
        "/people" => {
            let people = rounds.fetch_add(1, Ordering::SeqCst) + 1;
            Answer::Json((0..people).map(|id| json!({ "id": id })).collect())
        }
        _ => Answer::Json(
            request
                .all("id")
                .iter()
                .map(|id| json!({ "id": id, "score": 1 }))
                .collect(),
        ),
    })
    .await;
    let gateway = gateway(&upstream, "{ ttl: 60s }").await;
    for people in [2, 3] {
        let answer = gateway.ask("{ people { score { score } } }").await;
        let expected: Vec<_> = (0..people)
            .map(|_| json!({ "score": { "score": 1 } }))
            .collect();
        assert_eq!(answer["data"]["people"], json!(expected));
    }
    let asked: Vec<Vec<String>> = (upstream.requests().iter())
        .filter(|request| request.path == "/scores")
        .map(|request| request.all("id").into_iter().map(str::to_owned).collect())
        .collect();
    assert_eq!(asked, [vec!["0", "1"], vec!["2"]]);
}
