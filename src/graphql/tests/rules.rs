//! Who may see which field, and how often.

use std::{
    collections::HashMap,
    sync::{Arc, atomic::Ordering},
};

use super::{Counting, Files, call, json, key_holder, plan, refused, run_as, shown};
use crate::{
    deployment::Deployment,
    json::{Document, Object, Value, View},
    request::{Identity, Token},
    source::Source,
};

const SCHEMA: &str = r#"
type Query {
  post: Post @aws_api_key @aws_cognito_user_pools
  node: Node @aws_api_key @aws_cognito_user_pools
  posts: [Post] @aws_api_key @aws_oidc
  mine: Post
  rare: Int @aws_api_key
  must: Int! @aws_oidc
}
type Mutation @aws_api_key @aws_oidc {
  add: Post @aws_oidc
  touch: Post
  count: Int
}
type Subscription @aws_api_key @aws_oidc {
  added: Post @aws_oidc @aws_subscribe(mutations: ["add"])
  touched: Post @aws_subscribe(mutations: ["touch"])
  counted: Int @aws_subscribe(mutations: ["count"])
}
interface Node { id: ID! }
type Post implements Node @aws_api_key @aws_cognito_user_pools {
  id: ID!
  title: String
  draft: String @aws_cognito_user_pools(cognito_groups: ["editors", "chiefs"])
  author: User @aws_oidc
  owner: User
}
type User @aws_oidc { name: String nick: String @aws_api_key }
"#;

const RESOLVERS: [(&str, &str); 12] = [
    ("Query.post", POST),
    ("Query.node", POST),
    (
        "Query.posts",
        "request: { payload: [{ id: 1, draft: a }, { id: 2, draft: b }] }",
    ),
    ("Query.mine", POST),
    (
        "Query.rare",
        "request: { payload: 1 }\nthrottle: { rate: 0.001, burst: 2 }",
    ),
    ("Query.must", "request: { payload: 1 }"),
    ("Mutation.add", POST),
    ("Mutation.touch", POST),
    ("Mutation.count", "request: { payload: 1 }"),
    (
        "Subscription.counted",
        "resolve: false\nsource: data\nthrottle: { rate: 0.001, burst: 1 }",
    ),
    ("Post.author", "request: { payload: { name: Ada } }"),
    (
        "Post.owner",
        "request: { payload: { name: Eve, nick: eve } }",
    ),
];

const POST: &str =
    "request: { payload: { __typename: Post, id: 7, title: on time, draft: early } }";

const AUTH: &str = "
auth:
  partners: { type: api_key }
  people: { type: jwt, issuer: https://id.example.com, jwks: https://id.example.com/keys, audience: [shop] }
  pool: { type: jwt, issuer: https://pool.example.com, jwks: https://pool.example.com/keys, audience: [shop], user_pool: true }
api_keys: [{ name: acme, value: a-key-that-only-tests-know }]
";

fn api() -> (Arc<Deployment>, Arc<Counting>) {
    let source = Arc::<Counting>::default();
    let files = Files {
        schema: SCHEMA,
        top: AUTH,
        api: "auth: [partners, people, pool]",
        resolvers: &RESOLVERS,
        replaced: HashMap::from([("data".to_owned(), Arc::clone(&source) as Arc<dyn Source>)]),
    };
    let (api, faults) = files.deploy();
    assert!(faults.is_empty(), "{}", faults.render(false));
    (api, source)
}

fn token(user_pool: bool, groups: &[&str]) -> Identity {
    Identity::Token(Arc::new(Token {
        provider: if user_pool { "pool" } else { "people" }.into(),
        user_pool,
        issuer: "it".into(),
        subject: None,
        username: None,
        groups: groups.iter().map(|group| Box::from(*group)).collect(),
        scopes: Vec::new(),
        claims: Value::from(Object::default()),
        expires: u64::MAX,
    }))
}

/// What a caller is answered, and how often the source was asked.
async fn answered(who: Identity, text: &str) -> String {
    let (api, source) = api();
    let (executed, events) = run_as(&api, who, text).await;
    let calls = source.0.load(Ordering::Relaxed);
    format!(
        "{}\n{calls} calls, {} events",
        shown(&executed),
        events.len()
    )
}

#[tokio::test]
async fn a_denied_field_is_null_and_its_siblings_answer() {
    let text = "{ post { id draft author { name } owner { name nick } } mine { id } }";
    insta::assert_snapshot!(answered(key_holder("acme"), text).await, @r#"
{"post":{"id":"7","draft":null,"author":null,"owner":{"name":null,"nick":"eve"}},"mine":{"id":"7"}}
{"message":"Not Authorized to access draft on type Post","locations":[{"line":1,"column":13}],"path":["post","draft"],"errorType":"Unauthorized","errorInfo":null,"data":null}
{"message":"Not Authorized to access author on type Post","locations":[{"line":1,"column":19}],"path":["post","author"],"errorType":"Unauthorized","errorInfo":null,"data":null}
{"message":"Not Authorized to access name on type User","locations":[{"line":1,"column":43}],"path":["post","owner","name"],"errorType":"Unauthorized","errorInfo":null,"data":null}
2 calls, 0 events
"#);
    insta::assert_snapshot!(answered(token(false, &[]), text).await, @r#"
{"post":null,"mine":null}
{"message":"Not Authorized to access post on type Query","locations":[{"line":1,"column":3}],"path":["post"],"errorType":"Unauthorized","errorInfo":null,"data":null}
{"message":"Not Authorized to access mine on type Query","locations":[{"line":1,"column":57}],"path":["mine"],"errorType":"Unauthorized","errorInfo":null,"data":null}
0 calls, 0 events
"#);
    insta::assert_snapshot!(answered(token(true, &["editors"]), text).await, @r#"
{"post":{"id":"7","draft":"early","author":{"name":"Ada"},"owner":{"name":"Eve","nick":null}},"mine":null}
{"message":"Not Authorized to access nick on type User","locations":[{"line":1,"column":48}],"path":["post","owner","nick"],"errorType":"Unauthorized","errorInfo":null,"data":null}
{"message":"Not Authorized to access mine on type Query","locations":[{"line":1,"column":57}],"path":["mine"],"errorType":"Unauthorized","errorInfo":null,"data":null}
3 calls, 0 events
"#);
}

#[tokio::test]
async fn neither_alias_nor_fragment_nor_interface_leads_around_a_rule() {
    let text = "{ a: node { ... on Post { x: draft } ...F } b: post { ...G } } \
                fragment F on Post { y: author { name } } fragment G on Node { id ... on Post { draft } }";
    insta::assert_snapshot!(answered(key_holder("acme"), text).await, @r#"
{"a":{"x":null,"y":null},"b":{"id":"7","draft":null}}
{"message":"Not Authorized to access draft on type Post","locations":[{"line":1,"column":27}],"path":["a","x"],"errorType":"Unauthorized","errorInfo":null,"data":null}
{"message":"Not Authorized to access author on type Post","locations":[{"line":1,"column":85}],"path":["a","y"],"errorType":"Unauthorized","errorInfo":null,"data":null}
{"message":"Not Authorized to access draft on type Post","locations":[{"line":1,"column":144}],"path":["b","draft"],"errorType":"Unauthorized","errorInfo":null,"data":null}
1 calls, 0 events
"#);
}

#[tokio::test]
async fn a_denial_has_the_path_of_each_of_its_places() {
    insta::assert_snapshot!(answered(key_holder("acme"), "{ posts { id draft } }").await, @r#"
{"posts":[{"id":"1","draft":null},{"id":"2","draft":null}]}
{"message":"Not Authorized to access draft on type Post","locations":[{"line":1,"column":14}],"path":["posts",0,"draft"],"errorType":"Unauthorized","errorInfo":null,"data":null}
{"message":"Not Authorized to access draft on type Post","locations":[{"line":1,"column":14}],"path":["posts",1,"draft"],"errorType":"Unauthorized","errorInfo":null,"data":null}
1 calls, 0 events
"#);
}

#[tokio::test]
async fn a_denied_field_that_must_not_be_null_propagates() {
    insta::assert_snapshot!(answered(key_holder("acme"), "{ post { id } must }").await, @r#"
null
{"message":"Not Authorized to access must on type Query","locations":[{"line":1,"column":15}],"path":["must"],"errorType":"Unauthorized","errorInfo":null,"data":null}
1 calls, 0 events
"#);
}

#[tokio::test]
async fn a_denied_mutation_does_not_run_and_has_no_event() {
    let text = "mutation { add { id } touch { id draft } }";
    insta::assert_snapshot!(answered(key_holder("acme"), text).await, @r#"
{"add":null,"touch":{"id":"7","draft":null}}
{"message":"Not Authorized to access add on type Mutation","locations":[{"line":1,"column":12}],"path":["add"],"errorType":"Unauthorized","errorInfo":null,"data":null}
{"message":"Not Authorized to access draft on type Post","locations":[{"line":1,"column":34}],"path":["touch","draft"],"errorType":"Unauthorized","errorInfo":null,"data":null}
1 calls, 1 events
"#);
}

#[tokio::test]
async fn nobody_is_denied_introspection() {
    let text = "{ __typename it: __type(name: \"Post\") { name } }";
    insta::assert_snapshot!(answered(token(true, &[]), text).await, @r#"
{"__typename":"Query","it":{"name":"Post"}}
0 calls, 0 events
"#);
}

#[tokio::test]
async fn a_field_is_throttled_once_a_request() {
    let (api, source) = api();
    let text = "{ a: rare b: rare }";
    for _ in 0..2 {
        let (executed, _) = run_as(&api, key_holder("acme"), text).await;
        assert_eq!(shown(&executed), r#"{"a":1,"b":1}"#);
    }
    let calls = source.0.load(Ordering::Relaxed);
    let (executed, _) = run_as(&api, key_holder("acme"), "{ a: rare post { id } }").await;
    insta::assert_snapshot!(shown(&executed), @r#"
{"a":null,"post":{"id":"7"}}
{"message":"Rate exceeded","locations":[{"line":1,"column":3}],"path":["a"],"errorType":"ThrottlingException","errorInfo":null,"data":null}
"#);
    assert_eq!(source.0.load(Ordering::Relaxed), calls + 1, "for the post");
}

#[tokio::test]
async fn a_plan_shows_its_rules_and_has_each_once() {
    let (api, _) = api();
    let text = "{ posts { draft id title } post { draft } mine { other: draft } rare }";
    insta::assert_snapshot!(plan(&api, text, "{}"));
    let engine = &api.graphql().unwrap().engine;
    let document = engine.document(text, None).unwrap();
    let plan = engine.plan(&document, View::NULL).unwrap();
    assert_eq!(plan.rules.len(), 5, "five things are asked of ten fields");
}

#[tokio::test]
async fn a_subscription_is_refused_where_its_root_is_denied() {
    let (api, _) = api();
    let engine = &api.graphql().unwrap().engine;
    let document = engine
        .document("subscription { it: added { id } }", None)
        .unwrap();
    let listen = |who: Identity| engine.subscribe(call(who), &document, View::NULL).unwrap();
    listen(token(false, &[])).open().await.unwrap();
    let refusal = listen(key_holder("acme")).open().await.unwrap_err();
    insta::assert_snapshot!(refused(&refusal), @r#"{"message":"Not Authorized to access added on type Subscription","locations":[{"line":1,"column":16}],"path":["it"],"errorType":"Unauthorized","errorInfo":null,"data":null}"#);
}

#[tokio::test]
async fn a_throttled_subscription_is_refused_and_not_null_for_ever() {
    let (api, _) = api();
    let engine = &api.graphql().unwrap().engine;
    let document = engine.document("subscription { counted }", None).unwrap();
    let listen = || engine.subscribe(call(key_holder("acme")), &document, View::NULL);
    listen().unwrap().open().await.unwrap();
    let refusal = listen().unwrap().open().await.unwrap_err();
    insta::assert_snapshot!(refused(&refusal), @r#"{"message":"Rate exceeded","locations":[{"line":1,"column":16}],"path":["counted"],"errorType":"ThrottlingException","errorInfo":null,"data":null}"#);
}

#[tokio::test]
async fn an_event_hides_what_its_listener_may_not_see() {
    let (api, _) = api();
    let engine = &api.graphql().unwrap().engine;
    let text = "subscription { touched { id draft } }";
    let document = engine.document(text, None).unwrap();
    let payload = Document::parse(r#"{"id":7,"draft":"early"}"#.into()).unwrap();
    let mut keys = Vec::new();
    for who in [
        key_holder("acme"),
        key_holder("umbrella"),
        token(true, &["chiefs"]),
    ] {
        let subscription = engine.subscribe(call(who), &document, json("{}").view());
        let mut subscription = subscription.unwrap();
        subscription.open().await.unwrap();
        keys.push(subscription.key.clone());
        let executed = subscription.answer(&payload, Vec::new()).await;
        match keys.len() {
            1 | 2 => insta::allow_duplicates!(insta::assert_snapshot!(shown(&executed), @r#"
{"touched":{"id":"7","draft":null}}
{"message":"Not Authorized to access draft on type Post","locations":[{"line":1,"column":29}],"path":["touched","draft"],"errorType":"Unauthorized","errorInfo":null,"data":null}
"#)),
            _ => assert_eq!(
                shown(&executed),
                r#"{"touched":{"id":"7","draft":"early"}}"#
            ),
        }
    }
    assert_eq!(keys[0], keys[1], "the same rights are the same answer");
    assert_ne!(keys[0], keys[2]);
}
