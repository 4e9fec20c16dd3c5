//! Promise: API Gateway's mapping templates shape the requests and answers of routes.

use serde_json::json;

use crate::support::{Answer, Gateway, Project, Upstream};

const CONFIG: &str = "
server: { listen: 127.0.0.1:0 }
sources: { up: { type: http, url: '{upstream}' } }
apis:
  store:
    type: rest
    path: /store
    resolvers: resolvers
    variables: { REGION: north }
";

const ROUTE: &str = "
route: POST /orders/{customer}
source: up
request: { method: POST, path: /v1/orders, body: order.vtl }
response: answer.vtl
";

const ORDER: &str = r##"
#set($in = $input.path('$'))
{
  "customer": "$input.params('customer')",
  "channel": "$input.params('channel')",
  "region": "$stageVariables.REGION",
  "method": "$context.httpMethod",
  "first": $input.json('$.lines[0]'),
  "skus": [#foreach($line in $in.lines)"$util.escapeJavaScript($line.sku)"#if($foreach.hasNext),#end#end],
  "missing": "$input.params('nothing')$in.nothing"
}
#set($context.requestOverride.header.x-order = "$in.id")
#set($context.requestOverride.querystring.lines = $in.lines.size())
"##;

const ANSWER: &str = r##"
#set($out = $input.path('$'))
#set($context.responseOverride.status = 201)
#set($context.responseOverride.header.location = "/store/orders/$out.id")
{ "id": "$out.id", "all": $input.json('$') }
"##;

async fn start() -> (Gateway, Upstream) {
    let upstream = Upstream::start(|received| {
        Answer::Json(json!({
            "id": "o7",
            "path": received.path,
            "query": received.query,
            "header": received.headers.get("x-order").and_then(|it| it.to_str().ok()),
            "body": received.body,
        }))
    })
    .await;
    let files = [
        ("loomgate.yaml", CONFIG),
        ("resolvers/order.yaml", ROUTE),
        ("resolvers/order.vtl", ORDER),
        ("resolvers/answer.vtl", ANSWER),
    ];
    let project = Project::new(&files, &[("upstream", &upstream.url())]);
    (Gateway::start(&project).await, upstream)
}

#[tokio::test]
async fn a_route_is_shaped_by_templates() {
    let (gateway, _upstream) = start().await;
    let url = format!("{}/store/orders/ada?channel=web", gateway.url());
    let body = r#"{"id":"n1","lines":[{"sku":"a\"b","n":2},{"sku":"c","n":1}]}"#;
    let answer = gateway.client().post_json(&url, body).await;
    assert_eq!(answer.status, 201, "{}", answer.json());
    assert_eq!(answer.headers["location"], "/store/orders/o7");
    let sent = &answer.json()["all"];
    assert_eq!(sent["path"], "/v1/orders");
    assert_eq!(sent["query"], json!([["lines", "2"]]));
    assert_eq!(sent["header"], "n1");
    let expected = json!({
        "customer": "ada",
        "channel": "web",
        "region": "north",
        "method": "POST",
        "first": { "sku": "a\"b", "n": 2 },
        "skus": ["a\"b", "c"],
        "missing": "",
    });
    let received = sent["body"].as_str().expect("a body");
    let received: serde_json::Value = serde_json::from_str(received).expect("a body of JSON");
    assert_eq!(received, expected);
}
