//! What those who listen hear of a mutation.

use std::sync::Arc;

use super::{deployment, run_as, shown};
use crate::{deployment::Deployment, request::Identity};

const SCHEMA: &str = r#"
type Query { version: String }
type Mutation { add: Post addAll: [Post] touch: Post count: Int broken: Post silent: Post log: AWSJSON any: Node }
type Subscription {
  added: Post @aws_subscribe(mutations: ["add", "touch", "broken"])
  all: [Post] @aws_subscribe(mutations: ["addAll"])
  counted: Int @aws_subscribe(mutations: ["count"])
  logged: AWSJSON @aws_subscribe(mutations: ["log"])
  any: Node @aws_subscribe(mutations: ["any"])
}
interface Node { id: ID! }
type Post implements Node { id: ID! title(short: Boolean): String must: String! size: Int author: User tags: [Tag!] }
type User { name: String }
type Tag { name: String! }
"#;

const POST: &str = r#"{ __typename: Post, id: 7, title: "on \"time\"", size: many, author: { name: Ada }, tags: [{ name: a }, { name: b }] }"#;

fn api() -> Arc<Deployment> {
    let post = format!("request: {{ payload: {POST} }}");
    let posts = format!("request: {{ payload: [{POST}, null] }}");
    let resolvers = [
        ("Query.version", "request: { payload: 1 }"),
        ("Mutation.add", post.as_str()),
        ("Mutation.touch", "request: { payload: null }"),
        ("Mutation.addAll", posts.as_str()),
        ("Mutation.count", "request: { payload: 3 }"),
        (
            "Mutation.broken",
            "request: { payload: \"x $ctx.request.headers.none\" }",
        ),
        ("Mutation.silent", post.as_str()),
        ("Mutation.log", "request: { payload: { a: [1] } }"),
        ("Mutation.any", post.as_str()),
        (
            "User.name",
            "request: { payload: \"the ${ctx.source.name}\" }",
        ),
    ];
    deployment(SCHEMA, "", &resolvers)
}

/// The answer, its errors, and a line for each event.
async fn heard(text: &str) -> String {
    let (executed, events) = run_as(&api(), Identity::Anonymous, text).await;
    let mut lines = shown(&executed);
    for event in events {
        let payload = std::str::from_utf8(&event.payload).unwrap();
        lines.push_str(&format!("\n{}: {payload}", event.field));
    }
    lines
}

#[tokio::test]
async fn events_are_keyed_by_field_and_say_every_type() {
    insta::assert_snapshot!(heard("mutation { it: add { number: id title author { who: name } tags { name } } }").await, @r#"
{"it":{"number":"7","title":"on \"time\"","author":{"who":"the Ada"},"tags":[{"name":"a"},{"name":"b"}]}}
add: {"__typename":"Post","id":"7","title":"on \"time\"","author":{"__typename":"User","name":"the Ada"},"tags":[{"__typename":"Tag","name":"a"},{"__typename":"Tag","name":"b"}]}
"#);
}

#[tokio::test]
async fn of_a_field_with_several_aliases_the_first_counts() {
    insta::assert_snapshot!(heard("mutation { add { a: title(short: true) title b: title __typename kind: __typename author { x: name name } } }").await, @r#"
{"add":{"a":"on \"time\"","title":"on \"time\"","b":"on \"time\"","__typename":"Post","kind":"Post","author":{"x":"the Ada","name":"the Ada"}}}
add: {"__typename":"Post","title":"on \"time\"","author":{"__typename":"User","name":"the Ada"}}
"#);
}

#[tokio::test]
async fn what_is_wrong_is_null_for_those_who_listen() {
    insta::assert_snapshot!(heard("mutation { add { id size author { name } } }").await, @r#"
{"add":{"id":"7","size":null,"author":{"name":"the Ada"}}}
{"message":"Can't serialize value (/add/size) : Int cannot represent non-integer value: \"many\"","locations":[{"line":1,"column":21}],"path":["add","size"],"errorType":null,"errorInfo":null,"data":null}
add: {"__typename":"Post","id":"7","size":null,"author":{"__typename":"User","name":"the Ada"}}
"#);
}

#[tokio::test]
async fn every_root_field_that_somebody_names_has_an_event_of_its_own() {
    insta::assert_snapshot!(heard("mutation { a: add { id } silent { id } count b: add { title } addAll { id } log any { id } }").await, @r#"
{"a":{"id":"7"},"silent":{"id":"7"},"count":3,"b":{"title":"on \"time\""},"addAll":[{"id":"7"},null],"log":"{\"a\":[1]}","any":{"id":"7"}}
add: {"__typename":"Post","id":"7"}
count: 3
add: {"__typename":"Post","title":"on \"time\""}
addAll: [{"__typename":"Post","id":"7"},null]
log: "{\"a\":[1]}"
any: {"__typename":"Post","id":"7"}
"#);
}

#[tokio::test]
async fn what_is_null_or_failed_has_no_event() {
    insta::assert_snapshot!(heard("mutation { touch { id } broken { id } add { must } }").await, @r#"
{"touch":null,"broken":null,"add":null}
{"message":"`$ctx.request.headers.none` has no value; write `$!{ctx.request.headers.none}` where it may be missing (`payload`, column 3)","locations":[{"line":1,"column":25}],"path":["broken"],"errorType":"MappingTemplate","errorInfo":null,"data":null}
{"message":"Cannot return null for non-nullable type: 'String' within parent 'Post' (/add/must)","locations":[{"line":1,"column":45}],"path":["add","must"],"errorType":null,"errorInfo":null,"data":null}
"#);
}

#[tokio::test]
async fn an_event_beyond_its_bound_is_not_told() {
    let long = "x".repeat(1000);
    let of = |count: usize| {
        let items = vec![format!("{{ name: {long} }}"); count].join(",");
        format!("request: {{ payload: {{ id: 1, tags: [{items}] }} }}")
    };
    for (count, is_told) in [(235, true), (250, false)] {
        let payload = of(count);
        let api = deployment(
            SCHEMA,
            "",
            &[
                ("Query.version", "request: { payload: 1 }"),
                ("Mutation.add", payload.as_str()),
            ],
        );
        let text = "mutation { add { tags { name } } }";
        let (executed, events) = run_as(&api, Identity::Anonymous, text).await;
        assert!(executed.errors.is_empty() && executed.out.len() > 200_000);
        assert_eq!(!events.is_empty(), is_told, "{count}");
    }
}

#[tokio::test]
async fn a_query_has_no_events() {
    insta::assert_snapshot!(heard("{ version }").await, @r#"{"version":"1"}"#);
}
