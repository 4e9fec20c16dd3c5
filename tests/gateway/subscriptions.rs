//! Promise: public clients listen to mutations, over WebSocket and as server-sent events.

use crate::support::{Gateway, Project, node};

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
