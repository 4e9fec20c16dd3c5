//! Subscriptions: what they answer for an event, when resolvers run, and who shares an answer.

use std::{
    collections::HashMap,
    sync::{Arc, atomic::Ordering},
};

use futures::future::FutureExt;

use super::{Counting, Files, call, deployment, json, key_holder, plan, refused, run_as, shown};
use crate::{
    deployment::Deployment,
    graphql::{RequestError, Subscription},
    json::{Document, View},
    request::Identity,
    source::Source,
};

const SCHEMA: &str = r#"
type Query { version: String }
type Mutation { add: Post touch: Post! addNode: Node log: AWSJSON }
type Subscription {
  added(id: ID, title: String = "a", size: Int): Post @aws_subscribe(mutations: ["add", "touch"])
  node: Node @aws_subscribe(mutations: ["addNode"])
  must: Post! @aws_subscribe(mutations: ["add"])
  resolved: Post @aws_subscribe(mutations: ["add"])
  logged: AWSJSON @aws_subscribe(mutations: ["log"])
  guarded(id: ID): Post @aws_subscribe(mutations: ["add"])
}
interface Node { id: ID! }
type Post implements Node { id: ID! title: String must: String! size: Int author: User reader: User }
type User { name: String }
"#;

const RESOLVERS: [(&str, &str); 10] = [
    ("Query.version", "request: { payload: 1 }"),
    ("Mutation.add", "request: { payload: {} }"),
    ("Mutation.touch", "request: { payload: {} }"),
    ("Mutation.addNode", "request: { payload: {} }"),
    ("Mutation.log", "request: { payload: { a: [1] } }"),
    ("Subscription.resolved", "resolve: true"),
    (
        "Subscription.guarded",
        "request: { payload: \"of $ctx.args.id\" }",
    ),
    (
        "Post.author",
        "request: { payload: { name: \"author of ${ctx.source.id}\" } }",
    ),
    (
        "Post.reader",
        "request: { payload: { name: $ctx.identity.sub } }",
    ),
    (
        "User.name",
        "request: { payload: \"Dr ${ctx.source.name}\" }",
    ),
];

fn api() -> Arc<Deployment> {
    deployment(SCHEMA, "", &RESOLVERS)
}

/// An api whose source counts.
fn counted() -> (Arc<Deployment>, Arc<Counting>) {
    let source = Arc::<Counting>::default();
    let replaced = HashMap::from([("data".to_owned(), Arc::clone(&source) as Arc<dyn Source>)]);
    let files = Files {
        schema: SCHEMA,
        resolvers: &RESOLVERS,
        replaced,
        ..Files::default()
    };
    let (api, _) = files.deploy();
    (api, source)
}

fn listen_as(
    api: &Deployment,
    who: Identity,
    text: &str,
    variables: &str,
) -> Result<Subscription, Vec<RequestError>> {
    let engine = &api.graphql().unwrap().engine;
    let document = engine.document(text, None)?;
    engine.subscribe(call(who), &document, json(variables).view())
}

fn listen(api: &Deployment, text: &str) -> Subscription {
    listen_as(api, Identity::Anonymous, text, "{}").unwrap()
}

async fn answer(subscription: &Subscription, payload: &str) -> String {
    let payload = Document::parse(payload.to_owned().into()).unwrap();
    shown(&subscription.answer(&payload, Vec::new()).await)
}

const POST: &str = r#"{"__typename":"Post","id":"7","title":"on time","must":"yes","size":3,"author":{"__typename":"User","name":"Ada"}}"#;

#[tokio::test]
async fn an_event_is_reduced_to_the_selection() {
    let api = api();
    let subscription = listen(
        &api,
        "subscription { it: added { id name: title author { name } kind: __typename } }",
    );
    insta::assert_snapshot!(answer(&subscription, POST).await, @r#"{"it":{"id":"7","name":"on time","author":{"name":"Ada"},"kind":"Post"}}"#);
    assert_eq!(*subscription.mutations, ["add".into(), "touch".into()]);
}

#[tokio::test]
async fn what_the_mutation_did_not_select_is_null() {
    let api = api();
    let subscription = listen(&api, "subscription { added { id title author { name } } }");
    insta::assert_snapshot!(answer(&subscription, r#"{"id":"7"}"#).await, @r#"{"added":{"id":"7","title":null,"author":null}}"#);
    let subscription = listen(&api, "subscription { added { id must } }");
    insta::assert_snapshot!(answer(&subscription, r#"{"id":"7"}"#).await, @r#"
{"added":null}
{"message":"Cannot return null for non-nullable type: 'String' within parent 'Post' (/added/must)","locations":[{"line":1,"column":27}],"path":["added","must"],"errorType":null,"errorInfo":null,"data":null}
"#);
    let subscription = listen(&api, "subscription { must { id must } }");
    insta::assert_snapshot!(answer(&subscription, r#"{"id":"7"}"#).await, @r#"
null
{"message":"Cannot return null for non-nullable type: 'String' within parent 'Post' (/must/must)","locations":[{"line":1,"column":26}],"path":["must","must"],"errorType":null,"errorInfo":null,"data":null}
"#);
}

#[tokio::test]
async fn an_event_says_which_type_it_is() {
    let api = api();
    let subscription = listen(&api, "subscription { node { id ... on Post { title } } }");
    insta::assert_snapshot!(answer(&subscription, POST).await, @r#"{"node":{"id":"7","title":"on time"}}"#);
}

#[tokio::test]
async fn json_that_a_mutation_wrote_as_text_is_not_written_so_twice() {
    let api = api();
    let (_, events) = run_as(&api, Identity::Anonymous, "mutation { log }").await;
    let payload = std::str::from_utf8(&events[0].payload).unwrap();
    let subscription = listen(&api, "subscription { logged }");
    insta::assert_snapshot!(answer(&subscription, payload).await, @r#"{"logged":"{\"a\":[1]}"}"#);
}

#[tokio::test]
async fn without_resolve_nothing_runs_and_nobody_waits() {
    let (api, source) = counted();
    let subscription = listen(
        &api,
        "subscription { added { author { name } reader { name } } }",
    );
    let payload = Document::parse(POST.to_owned().into()).unwrap();
    let executed = subscription.answer(&payload, Vec::new()).now_or_never();
    insta::assert_snapshot!(shown(&executed.unwrap()), @r#"{"added":{"author":{"name":"Ada"},"reader":null}}"#);
    assert_eq!(source.0.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn with_resolve_the_resolvers_below_run_anew_for_every_event() {
    let (api, source) = counted();
    let text = "subscription { resolved { id author { name } other: author { name } } }";
    let mut subscription = listen(&api, text);
    subscription.open().await.unwrap();
    assert_eq!(source.0.load(Ordering::Relaxed), 0);
    insta::assert_snapshot!(answer(&subscription, POST).await, @r#"{"resolved":{"id":"7","author":{"name":"Dr author of 7"},"other":{"name":"Dr author of 7"}}}"#);
    assert_eq!(
        source.0.load(Ordering::Relaxed),
        2,
        "the author once, the name once"
    );
    answer(&subscription, POST).await;
    assert_eq!(
        source.0.load(Ordering::Relaxed),
        4,
        "and again for the next event"
    );
    insta::assert_snapshot!("resolved", plan(&api, text, "{}"));
}

#[tokio::test]
async fn the_field_s_own_resolver_runs_once_and_may_refuse() {
    let (api, source) = counted();
    let mut subscription = listen(&api, "subscription { guarded(id: 1) { id } }");
    subscription.open().await.unwrap();
    assert_eq!(source.0.load(Ordering::Relaxed), 1);
    insta::assert_snapshot!(answer(&subscription, POST).await, @r#"{"guarded":{"id":"7"}}"#);
    assert_eq!(source.0.load(Ordering::Relaxed), 1);
    let mut subscription = listen(&api, "subscription { mine: guarded { id } }");
    insta::assert_snapshot!(refused(&subscription.open().await.unwrap_err()), @r#"{"message":"`$ctx.args.id` has no value; write `$!{ctx.args.id}` where it may be missing (`payload`, column 4)","locations":[{"line":1,"column":16}],"path":["mine"],"errorType":"MappingTemplate","errorInfo":null,"data":null}"#);
}

#[tokio::test]
async fn arguments_are_those_that_were_given() {
    let api = api();
    let text = "subscription($id: ID, $size: Int) { added(id: $id, size: $size) { id } }";
    let given = |variables: &str| {
        let subscription = listen_as(&api, Identity::Anonymous, text, variables).unwrap();
        let mut shown = Vec::new();
        subscription.arguments.view().write(&mut shown);
        String::from_utf8(shown).unwrap()
    };
    assert_eq!(given("{}"), r#"{"title":"a"}"#);
    assert_eq!(
        given(r#"{"id":7,"size":null}"#),
        r#"{"id":"7","title":"a","size":null}"#
    );
    let wrong = listen_as(&api, Identity::Anonymous, text, r#"{"size":"x"}"#);
    assert!(wrong.is_err());
    assert!(
        listen(&api, "subscription { must { id } }")
            .arguments
            .view()
            .is_empty()
    );
}

#[tokio::test]
async fn equal_subscriptions_share_a_key() {
    let api = api();
    let text = "subscription($id: ID) { added(id: $id) { id } }";
    let key = |who: Identity, text: &str, variables: &str| {
        listen_as(&api, who, text, variables).unwrap().key
    };
    let one = key(Identity::Anonymous, text, r#"{"id":1}"#);
    assert_eq!(one, key(key_holder("acme"), text, r#"{"id":"1"}"#));
    for variables in ["{}", r#"{"id":null}"#, r#"{"id":2}"#] {
        assert_ne!(one, key(Identity::Anonymous, text, variables));
    }
    let other = "subscription($id: ID) { added(id: $id) { id title } }";
    assert_ne!(one, key(Identity::Anonymous, other, r#"{"id":1}"#));
    let again = self::api();
    let elsewhere = listen_as(&again, Identity::Anonymous, text, r#"{"id":1}"#).unwrap();
    assert_ne!(one, elsewhere.key, "another api's answers are its own");
}

#[tokio::test]
async fn callers_share_a_key_unless_a_resolver_reads_who_they_are() {
    let api = api();
    let is_shared = |text: &str| {
        let key = |who: Identity| listen_as(&api, who, text, "{}").unwrap().key;
        key(key_holder("acme")) == key(key_holder("umbrella"))
    };
    assert!(is_shared("subscription { resolved { author { name } } }"));
    assert!(!is_shared("subscription { resolved { reader { name } } }"));
    assert!(
        is_shared("subscription { added { reader { name } } }"),
        "it does not run"
    );
}

#[tokio::test]
async fn only_a_subscription_is_listened_to_and_it_is_not_executed() {
    let api = api();
    let refusal = listen_as(&api, Identity::Anonymous, "{ version }", "{}").unwrap_err();
    insta::assert_snapshot!(refused(&refusal), @r#"{"message":"only a subscription can be listened to"}"#);
    let engine = &api.graphql().unwrap().engine;
    let document = engine
        .document("subscription { must { id } }", None)
        .unwrap();
    let refusal = engine.prepare(call(Identity::Anonymous), &document, View::NULL);
    insta::assert_snapshot!(refused(&refusal.unwrap_err()), @r#"{"message":"a subscription is listened to: it cannot be executed"}"#);
    for text in [
        "subscription { added { id } must { id } }",
        "subscription { added @include(if: true) { id } }",
        "subscription { ... @skip(if: false) { added { id } } }",
        "subscription { __typename }",
    ] {
        assert!(engine.document(text, None).is_err(), "{text}");
    }
}
