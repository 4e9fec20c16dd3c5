//! Promise: public clients listen to mutations, over WebSocket and as server-sent events, to those
//! events that a resolver lets through, until a mutation ends what they listen to.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::support::{Gateway, Project, node, socket::Socket};

const KEY: &str = "listener-key-0123456789";

const CONFIG: &str = "
server: { listen: 127.0.0.1:0 }
sources: { local: { type: none } }
auth: { keys: { type: api_key }, people: { type: jwt, issuer: 'https://nobody.example', audience: shop } }
api_keys: [{ name: listener, value: listener-key-0123456789 }]
apis:
  test:
    type: graphql
    schema: schema.graphql
    resolvers: resolvers
    auth: [keys, people]
    subscriptions: { init_timeout: 2s, per_connection: 5 }
";

const SCHEMA: &str = "
type Query { ready: Boolean }
type Mutation { add(id: ID!, kind: String): Post }
type Subscription {
  added(kind: String): Post @aws_subscribe(mutations: [\"add\"])
  hidden: Post @aws_subscribe(mutations: [\"add\"]) @aws_oidc
}
type Post { id: ID! kind: String secret: String }
";

const ADD: &str = "
source: local
request: { payload: { id: $ctx.args.id, kind: $ctx.args.kind, secret: kept } }
";

fn project() -> Project {
    Project::new(
        &[
            ("loomgate.yaml", CONFIG),
            ("schema.graphql", SCHEMA),
            ("resolvers/Mutation.add.yaml", ADD),
            (
                "resolvers/Query.ready.yaml",
                "source: local\nrequest: { payload: true }\n",
            ),
        ],
        &[],
    )
}

#[tokio::test]
async fn npm_graphql_ws_listens() {
    let gateway = Gateway::start(&project()).await;
    node::run("clients/graphql-ws.mjs", &[&gateway.graphql(), KEY]).await;
}

#[tokio::test]
async fn npm_graphql_sse_listens() {
    let gateway = Gateway::start(&project()).await;
    node::run("clients/graphql-sse.mjs", &[&gateway.graphql(), KEY]).await;
}

const MOVES_CONFIG: &str = "
server: { listen: 127.0.0.1:0 }
sources: { local: { type: none } }
apis:
  test:
    type: graphql
    schema: schema.graphql
    resolvers: resolvers
    subscriptions: { per_connection: 2 }
";

const MOVES_SCHEMA: &str = "
type Query { ready: Boolean }
type Mutation {
  move(user: ID!, level: Int!): Move
  dismiss(user: ID!): Boolean
  dismissAll(users: [ID!]!): Boolean
}
type Subscription {
  moved(user: ID!, least: Int!): Move @aws_subscribe(mutations: [\"move\"])
  watched(user: ID!): Move @aws_subscribe(mutations: [\"move\"])
}
type Move { user: ID! level: Int! }
";

const MOVED: &str = "
import { util, extensions } from '@aws-appsync/utils'
export function request() { return { payload: null } }
export function response(ctx) {
  const { user, least } = ctx.args
  extensions.setSubscriptionFilter(util.transform.toSubscriptionFilter({ level: { ge: least } }))
  extensions.setSubscriptionInvalidationFilter({
    filterGroup: [{ filters: [{ fieldName: 'user', operator: 'eq', value: user }] }],
  })
  return null
}
";

const WATCHED: &str = r##"
#set($mine = { "fieldName": "user", "operator": "in", "value": ["$ctx.args.user"] })
$extensions.setSubscriptionFilter($util.transform.toSubscriptionFilter({ "level": { "between": [999, 1001] } }))
$extensions.setSubscriptionInvalidationFilter({ "filterGroup": [{ "filters": [$mine] }] })
null
"##;

const DISMISS: &str = r##"
#foreach($field in ["moved", "watched"])
$extensions.invalidateSubscriptions({ "subscriptionField": $field, "payload": { "user": $ctx.args.user } })
#end
true
"##;

const DISMISS_ALL: &str = "
export function request() { return { payload: true } }
export function response(ctx) {
  ctx.args.users.forEach((user) => extensions.invalidateSubscriptions({ subscriptionField: 'moved', payload: { user } }))
  return ctx.result
}
";

const LOCAL: &str = "source: local\nrequest: { payload: ~ }\n";

/// Every subscription wants an event of this level.
const LOUD: i64 = 1000;

async fn moves() -> Gateway {
    let files = [
        ("loomgate.yaml", MOVES_CONFIG.to_owned()),
        ("schema.graphql", MOVES_SCHEMA.to_owned()),
        ("resolvers/Query.ready.yaml", LOCAL.to_owned()),
        (
            "resolvers/Mutation.move.yaml",
            "source: local\nrequest: { payload: $ctx.args }\n".to_owned(),
        ),
        (
            "resolvers/Mutation.dismiss.yaml",
            format!("{LOCAL}response: dismiss.vtl\n"),
        ),
        ("resolvers/dismiss.vtl", DISMISS.to_owned()),
        (
            "resolvers/Mutation.dismissAll.yaml",
            "source: local\ncode: dismissAll.js\n".to_owned(),
        ),
        ("resolvers/dismissAll.js", DISMISS_ALL.to_owned()),
        (
            "resolvers/Subscription.moved.yaml",
            "source: local\ncode: moved.js\n".to_owned(),
        ),
        ("resolvers/moved.js", MOVED.to_owned()),
        (
            "resolvers/Subscription.watched.yaml",
            format!("{LOCAL}response: watched.vtl\n"),
        ),
        ("resolvers/watched.vtl", WATCHED.to_owned()),
    ];
    Gateway::start(&Project::new(&files, &[])).await
}

/// Publishes an event.
async fn publish(gateway: &Gateway, level: i64) {
    let text = format!("mutation {{ move(user: \"eve\", level: {level}) {{ level }} }}");
    let answer = gateway.ask(&text).await;
    assert_eq!(answer, json!({ "data": { "move": { "level": level } } }));
}

async fn dismiss(gateway: &Gateway, user: &str) {
    let answer = gateway
        .ask(&format!("mutation {{ dismiss(user: \"{user}\") }}"))
        .await;
    assert_eq!(answer, json!({ "data": { "dismiss": true } }));
}

/// A socket that is let in.
async fn listener(gateway: &Gateway) -> Socket {
    let protocol = ("sec-websocket-protocol", "graphql-transport-ws".to_owned());
    let opened = Socket::open(&gateway.graphql(), &[protocol]).await;
    let mut socket = opened.expect("it opens");
    socket.say(&json!({ "type": "connection_init" })).await;
    socket.next().await.expect("it is acknowledged");
    socket
}

/// Subscribes, and waits until events arrive: nothing else says that a subscription is open.
async fn subscribe(gateway: &Gateway, socket: &mut Socket, id: &str, field: &str) {
    let query = format!("subscription {{ event: {field} {{ level }} }}");
    socket
        .say(&json!({ "id": id, "type": "subscribe", "payload": { "query": query } }))
        .await;
    loop {
        publish(gateway, LOUD).await;
        let next = timeout(Duration::from_millis(50), socket.next()).await;
        let Ok(next) = next else { continue };
        let next = next.expect("the socket is open");
        assert_eq!(next["type"], "next", "{next}");
        if next["id"] == id {
            return;
        }
    }
}

/// The next message that is not about a loud event: its id, and the level of its event.
async fn told(socket: &mut Socket) -> (String, Value) {
    loop {
        let message = socket.next().await.expect("the socket is open");
        let level = message["payload"]["data"]["event"]["level"].clone();
        let id = message["id"].as_str().unwrap_or_default().to_owned();
        match message["type"].as_str() {
            Some("next") if level == LOUD => {}
            Some("next") => return (id, level),
            _ => return (id, message["type"].clone()),
        }
    }
}

fn said(id: &str, what: impl Into<Value>) -> (String, Value) {
    (id.to_owned(), what.into())
}

#[tokio::test]
async fn a_resolver_sets_which_events_arrive_and_what_ends_the_subscription() {
    let gateway = moves().await;
    let mut socket = listener(&gateway).await;
    subscribe(
        &gateway,
        &mut socket,
        "ada",
        "moved(user: \"ada\", least: 5)",
    )
    .await;
    subscribe(
        &gateway,
        &mut socket,
        "bob",
        "moved(user: \"bob\", least: 1)",
    )
    .await;

    publish(&gateway, 3).await;
    assert_eq!(told(&mut socket).await, said("bob", 3));
    publish(&gateway, 7).await;
    let mut both = [told(&mut socket).await, told(&mut socket).await];
    both.sort_by(|one, other| one.0.cmp(&other.0));
    assert_eq!(both, [said("ada", 7), said("bob", 7)]);

    dismiss(&gateway, "ada").await;
    assert_eq!(told(&mut socket).await, said("ada", "complete"));
    publish(&gateway, 8).await;
    assert_eq!(told(&mut socket).await, said("bob", 8));

    // Its id and its place among two are free again.
    subscribe(&gateway, &mut socket, "ada", "watched(user: \"ada\")").await;
    publish(&gateway, 9).await;
    assert_eq!(told(&mut socket).await, said("bob", 9));
    dismiss(&gateway, "nobody").await;
    dismiss(&gateway, "ada").await;
    assert_eq!(told(&mut socket).await, said("ada", "complete"));
    dismiss(&gateway, "bob").await;
    assert_eq!(told(&mut socket).await, said("bob", "complete"));
}

#[tokio::test]
async fn an_operation_asks_for_five_invalidations_at_most() {
    let gateway = moves().await;
    let answer = gateway
        .ask(
            "mutation {
              a: dismissAll(users: [\"1\", \"2\", \"3\"])
              b: dismissAll(users: [\"3\", \"4\", \"5\", \"6\"])
            }",
        )
        .await;
    assert_eq!(answer["data"], json!({ "a": true, "b": true }));
    assert_eq!(answer["errors"][0]["path"], json!(["b"]));
    assert_eq!(
        answer["errors"][0]["message"],
        "invalidateSubscriptions can be called 5 times in a request"
    );
}

#[tokio::test]
async fn an_event_stream_that_is_ended_is_complete() {
    let gateway = moves().await;
    let query = "subscription { event: moved(user: \"ada\", least: 1) { level } }";
    let (client, url) = (gateway.client().clone(), gateway.graphql());
    let mut stream = tokio::spawn(async move {
        let headers = [
            ("content-type", "application/json"),
            ("accept", "text/event-stream"),
        ];
        let body = json!({ "query": query }).to_string();
        client.send(Method::POST, &url, &headers, body).await
    });
    let ended = loop {
        publish(&gateway, 3).await;
        dismiss(&gateway, "ada").await;
        if let Ok(ended) = timeout(Duration::from_millis(50), &mut stream).await {
            break ended.expect("the client is well");
        }
    };
    assert!(
        ended.text.ends_with("event: complete\ndata:\n\n"),
        "{}",
        ended.text
    );
}
