//! Promise: SIGHUP reads the configuration again. What is faulty never replaces what runs, and no
//! request is lost.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{Gateway, Project};

const PATIENCE: Duration = Duration::from_secs(20);

const FILES: &[(&str, &str)] = &[
    (
        "loomgate.yaml",
        "server: { listen: 127.0.0.1:0, data: store }\nsources: { local: { type: none }, notes: { type: keyvalue, table: notes, partition_key: id } }\n",
    ),
    (
        "schema.graphql",
        "type Note { id: ID! }\ntype Query { hello: String note(id: ID!): Note }\ntype Mutation { put(id: ID!): Note }\n",
    ),
    (
        "resolvers/Query.hello.yaml",
        "source: local\nrequest: { payload: first }\n",
    ),
    (
        "resolvers/Query.note.yaml",
        "source: notes\nrequest: { get: { id: $ctx.args.id } }\n",
    ),
    (
        "resolvers/Mutation.put.yaml",
        "source: notes\nrequest: { put: { id: $ctx.args.id } }\n",
    ),
];

/// Asks until the answer is the one that is waited for.
async fn until(gateway: &Gateway, expected: &Value) {
    let start = Instant::now();
    while gateway.ask("{ hello }").await["data"] != *expected {
        assert!(
            start.elapsed() < PATIENCE,
            "it was not reloaded:\n{}",
            gateway.output()
        );
    }
}

#[tokio::test]
async fn a_reload_serves_the_new_files_and_keeps_the_store() {
    let project = Project::new(FILES, &[]);
    let gateway = Gateway::start(&project).await;
    gateway.ask("mutation { put(id: \"a\") { id } }").await;
    project.write(
        "resolvers/Query.hello.yaml",
        "source: local\nrequest: { payload: second }\n",
    );
    gateway.hang_up();
    until(&gateway, &json!({ "hello": "second" })).await;
    let note = gateway.ask("{ note(id: \"a\") { id } }").await;
    assert_eq!(note, json!({ "data": { "note": { "id": "a" } } }));
}

#[tokio::test]
async fn faulty_files_do_not_replace_what_runs() {
    let project = Project::new(FILES, &[]);
    let mut gateway = Gateway::start(&project).await;
    project.write("resolvers/Query.hello.yaml", "source: nowhere\n");
    gateway.hang_up();
    let start = Instant::now();
    while !gateway.output().contains("what was served goes on") {
        assert!(start.elapsed() < PATIENCE, "{}", gateway.output());
        gateway.lives().await;
    }
    assert!(gateway.output().contains("nowhere"), "{}", gateway.output());
    until(&gateway, &json!({ "hello": "first" })).await;
}

#[tokio::test]
async fn two_reloads_under_load_lose_no_request() {
    let project = Project::new(FILES, &[]);
    let gateway = Gateway::start(&project).await;
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let load = (0..8).map(|_| {
        let (client, url, stopped) = (gateway.client().clone(), gateway.graphql(), stopped.clone());
        tokio::spawn(async move {
            while !*stopped.borrow() {
                let answer = client.post_json(&url, "{\"query\":\"{ hello }\"}").await;
                let hello = &answer.json()["data"]["hello"];
                assert!(hello.is_string(), "{}", answer.text);
            }
        })
    });
    let load: Vec<_> = load.collect();
    for payload in ["second", "third"] {
        let text = format!("source: local\nrequest: {{ payload: {payload} }}\n");
        project.write("resolvers/Query.hello.yaml", &text);
        gateway.hang_up();
        until(&gateway, &json!({ "hello": payload })).await;
    }
    let _ = stop.send(true);
    for task in load {
        task.await.expect("every request was answered");
    }
}

#[tokio::test]
async fn a_store_that_another_process_has_is_said_to_be_in_use() {
    let project = Project::new(FILES, &[]);
    let _first = Gateway::start(&project).await;
    let config = project.config();
    let output = crate::support::loomgate(
        &["serve", "--config", config.to_str().expect("text")],
        project.path(),
    )
    .output()
    .expect("it runs");
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success());
    assert!(text.contains("in use by another process"), "{text}");
}
