//! Promise: what the embedded store acknowledged is on disk. `kill -9` loses nothing.

use std::sync::Arc;

use http::Method;
use serde_json::{Value, json};
use tokio::sync::{Barrier, mpsc};

use crate::support::{Client, Gateway, Project};

const FILES: &[(&str, &str)] = &[
    (
        "loomgate.yaml",
        "server: { listen: 127.0.0.1:0, data: store }\nsources: { notes: { type: keyvalue, table: notes, partition_key: id } }\n",
    ),
    (
        "schema.graphql",
        "type Note { id: ID! number: Int! }\ntype Query { note(id: ID!): Note }\ntype Mutation { put(id: ID!, number: Int!): Note }\n",
    ),
    (
        "resolvers/Query.note.yaml",
        "source: notes\nrequest: { get: { id: $ctx.args.id } }\n",
    ),
    (
        "resolvers/Mutation.put.yaml",
        "source: notes\nrequest: { put: { id: $ctx.args.id, number: $ctx.args.number } }\n",
    ),
];

/// Connections that write at the same time.
const WRITERS: usize = 4;

/// Acknowledgements to wait for before the plug is pulled.
const ENOUGH: usize = 120;

/// Writes one note after the other until the gateway is gone; reports what was acknowledged.
async fn write(
    url: String,
    round: usize,
    writer: usize,
    acknowledged: mpsc::UnboundedSender<(String, usize)>,
) {
    let client = Client::new();
    for number in 0.. {
        let id = format!("{round}-{writer}-{number}");
        let body = json!({
            "query": "mutation ($id: ID!, $number: Int!) { put(id: $id, number: $number) { id } }",
            "variables": { "id": id, "number": number },
        });
        let headers = [("content-type", "application/json")];
        let sent = client.try_send(Method::POST, &url, &headers, body.to_string());
        let Ok(response) = sent.await else {
            return;
        };
        assert_eq!(response.json(), json!({ "data": { "put": { "id": id } } }));
        let _ = acknowledged.send((id, number));
    }
}

/// Writes from several connections, and kills the program in the midst of it.
async fn write_until_killed(gateway: Gateway, round: usize) -> Vec<(String, usize)> {
    let (sender, mut receiver) = mpsc::unbounded_channel();
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| tokio::spawn(write(gateway.graphql(), round, writer, sender.clone())))
        .collect();
    drop(sender);
    let mut acknowledged = Vec::new();
    while acknowledged.len() < ENOUGH {
        acknowledged.push(receiver.recv().await.expect("writes are acknowledged"));
    }
    gateway.kill();
    for writer in writers {
        writer.await.expect("every acknowledgement was right");
    }
    while let Some(late) = receiver.recv().await {
        acknowledged.push(late);
    }
    acknowledged
}

async fn assert_all_there(gateway: &Gateway, notes: &[(String, usize)]) {
    for chunk in notes.chunks(50) {
        let fields: Vec<_> = (chunk.iter().enumerate())
            .map(|(index, (id, _))| format!("n{index}: note(id: \"{id}\") {{ id number }}"))
            .collect();
        let answer = gateway.ask(&format!("{{ {} }}", fields.join(" "))).await;
        for (index, (id, number)) in chunk.iter().enumerate() {
            let found = &answer["data"][format!("n{index}")];
            assert_eq!(
                *found,
                json!({ "id": id, "number": number }),
                "{id} was acknowledged and is lost"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_nine_loses_no_acknowledged_write() {
    let project = Project::new(FILES, &[]);
    let mut written = Vec::new();
    for round in 0..2 {
        let gateway = Gateway::start(&project).await;
        assert_all_there(&gateway, &written).await;
        written.extend(write_until_killed(gateway, round).await);
    }
    assert_all_there(&Gateway::start(&project).await, &written).await;
}

#[tokio::test]
async fn a_clean_end_keeps_everything_and_the_seed_does_not_come_back() {
    let seed = ("seed.yaml", "- { id: seeded, number: 1 }\n");
    let mut files = FILES.to_vec();
    files.push(seed);
    files[0].1 = "server: { listen: 127.0.0.1:0, data: store }\nsources: { notes: { type: keyvalue, table: notes, partition_key: id, seed: seed.yaml } }\n";
    let project = Project::new(&files, &[]);
    let gateway = Gateway::start(&project).await;
    assert_eq!(
        gateway.ask("{ note(id: \"seeded\") { number } }").await,
        json!({ "data": { "note": { "number": 1 } } })
    );
    gateway
        .ask("mutation { put(id: \"seeded\", number: 2) { id } }")
        .await;
    gateway.terminate();
    gateway.ended().await;
    let gateway = Gateway::start(&project).await;
    assert_eq!(
        gateway.ask("{ note(id: \"seeded\") { number } }").await,
        json!({ "data": { "note": { "number": 2 } } })
    );
}

#[tokio::test]
async fn concurrent_writes_of_one_item_leave_one_of_them() {
    let gateway = Arc::new(Gateway::start(&Project::new(FILES, &[])).await);
    let together = Arc::new(Barrier::new(8));
    let writes: Vec<_> = (0..8)
        .map(|number| {
            let (gateway, together) = (Arc::clone(&gateway), Arc::clone(&together));
            tokio::spawn(async move {
                together.wait().await;
                gateway
                    .ask(&format!(
                        "mutation {{ put(id: \"one\", number: {number}) {{ number }} }}"
                    ))
                    .await
            })
        })
        .collect();
    for (number, write) in writes.into_iter().enumerate() {
        let answer: Value = write.await.expect("the write is answered");
        assert_eq!(answer, json!({ "data": { "put": { "number": number } } }));
    }
    let answer = gateway.ask("{ note(id: \"one\") { id number } }").await;
    let number = answer["data"]["note"]["number"].as_u64();
    assert!(number.is_some_and(|number| number < 8), "{answer}");
}
