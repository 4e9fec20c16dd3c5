//! Promise: resolvers that teams bring from AppSync run unchanged, in both spellings. What they
//! render is compared in `tests/resolvers`; here they run against the embedded store.

use std::{fs, path::Path};

use serde_json::{Value, json};

use crate::support::{Gateway, Project};

const CONFIG: &str = "
sources:
  posts: { type: keyvalue, partition_key: id, seed: posts.yaml }
  orders: { type: keyvalue, partition_key: id, seed: orders.yaml }
  local: { type: none }
";

const POSTS: &str = "- { id: p1, title: Hello, tags: [a, b], score: 4.5 }\n";
const ORDERS: &str = "- { id: o1, owner: somebody else, total: 12 }\n";

const SCHEMA: &str = "
type Query {
  postVtl(id: ID!): Post
  postJs(id: ID!): Post
  orderVtl(id: ID!): Order
  orderJs(id: ID!): Order
}
type Mutation {
  announceVtl(channel: String!, text: String!): Announcement
  announceJs(channel: String!, text: String!): Announcement
}
type Post { id: ID! title: String tags: [String!] score: Float }
type Order { id: ID! total: Int }
type Announcement { channel: String text: String by: String }
";

/// Field, source, and the folder of the resolver.
const FIELDS: [(&str, &str, &str); 3] = [
    ("Query.post", "posts", "get_post"),
    ("Query.order", "orders", "own_order"),
    ("Mutation.announce", "local", "announce"),
];

async fn gateway() -> Gateway {
    let mut files = vec![
        ("loomgate.yaml".to_owned(), CONFIG.to_owned()),
        ("schema.graphql".to_owned(), SCHEMA.to_owned()),
        ("posts.yaml".to_owned(), POSTS.to_owned()),
        ("orders.yaml".to_owned(), ORDERS.to_owned()),
    ];
    let brought = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/resolvers");
    for (field, source, folder) in FIELDS {
        for (name, file) in [
            ("request.vtl", format!("{folder}.request.vtl")),
            ("response.vtl", format!("{folder}.response.vtl")),
            ("resolver.js", format!("{folder}.js")),
        ] {
            let text = fs::read_to_string(brought.join(folder).join(name)).expect("it is there");
            files.push((format!("resolvers/{file}"), text));
        }
        let vtl = format!(
            "source: {source}\nrequest: {folder}.request.vtl\nresponse: {folder}.response.vtl\n"
        );
        files.push((format!("resolvers/{field}Vtl.yaml"), vtl));
        let js = format!("source: {source}\ncode: {folder}.js\n");
        files.push((format!("resolvers/{field}Js.yaml"), js));
    }
    Gateway::start(&Project::new(&files, &[])).await
}

/// What both spellings of a field answer.
async fn both(gateway: &Gateway, operation: &str, field: &str, rest: &str) -> (Value, Value) {
    let ask = async |spelling: &str| {
        let answer = gateway
            .ask(&format!("{operation} {{ it: {field}{spelling}{rest} }}"))
            .await;
        let error = &answer["errors"][0];
        let said = json!([error["message"], error["errorType"]]);
        (answer["data"]["it"].clone(), said)
    };
    let (vtl, js) = (ask("Vtl").await, ask("Js").await);
    assert_eq!(vtl.0, js.0);
    // The message of a refusal names the field.
    assert_eq!(vtl.1[1], js.1[1], "{} {}", vtl.1, js.1);
    vtl
}

#[tokio::test]
async fn both_spellings_answer_the_same() {
    let gateway = gateway().await;
    let (post, _) = both(
        &gateway,
        "query",
        "post",
        "(id: \"p1\") { id title tags score }",
    )
    .await;
    let expected = json!({ "id": "p1", "title": "Hello", "tags": ["a", "b"], "score": 4.5 });
    assert_eq!(post, expected);
    let (none, error) = both(&gateway, "query", "post", "(id: \"p9\") { id }").await;
    assert_eq!(none, Value::Null);
    assert_eq!(error, json!(["There is no post p9", "NotFound"]));
    let (_, error) = both(&gateway, "query", "order", "(id: \"o1\") { id }").await;
    let refused = "Not Authorized to access orderVtl on type Query";
    assert_eq!(error, json!([refused, "Unauthorized"]));
}

#[tokio::test]
async fn an_error_of_a_mutation_names_its_kind() {
    let gateway = gateway().await;
    let long = "x".repeat(501);
    let call = format!("(channel: \"news\", text: \"{long}\") {{ text }}");
    let (_, error) = both(&gateway, "mutation", "announce", &call).await;
    assert_eq!(
        error,
        json!(["A text has at most 500 characters", "TooLong"])
    );
}
