//! What a refusal looks like on the wire.

use axum::http::HeaderMap;
use http_body_util::BodyExt as _;

use super::*;

/// Status, the headers that matter, body.
async fn show(response: Response<Body>) -> String {
    let (head, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let header = |name| {
        head.headers
            .get(name)
            .map(|it: &HeaderValue| it.to_str().unwrap())
    };
    let parts = [
        Some(head.status.as_str()),
        header("x-amzn-errortype"),
        header("www-authenticate"),
        str::from_utf8(&body).ok(),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn all() -> Vec<Refusal> {
    vec![
        Refusal::Address,
        Refusal::NoCredentials,
        Refusal::NoApiKey,
        Refusal::ApiKey,
        Refusal::Malformed,
        Refusal::Expired,
        Refusal::Token("the token does not have a valid audience"),
        Refusal::Keys,
        Refusal::NotAllowed,
        Refusal::Scope,
        Refusal::Throttled,
        Refusal::Quota,
        Refusal::Missing(vec!["page".to_owned(), "x-tenant".to_owned()]),
        Refusal::NoBody,
    ]
}

async fn table(answer: impl Fn(&Refusal) -> Response<Body>) -> String {
    let mut lines = String::new();
    for refusal in all() {
        let shown = show(answer(&refusal)).await;
        lines.push_str(&format!("{refusal:?}: {shown}\n"));
    }
    lines
}

/// See: appsync.md 7.9 (request-level failures).
#[tokio::test]
async fn graphql_apis_refuse_as_appsync_does() {
    insta::assert_snapshot!(table(refused_graphql).await);
}

/// See: apigateway.md 5.2 (gateway responses).
#[tokio::test]
async fn rest_apis_refuse_as_api_gateway_does() {
    insta::assert_snapshot!(table(|it| refused_route(it, Flavor::Rest)).await);
}

/// See: apigateway.md 6.6 (JWT authorizer).
#[tokio::test]
async fn http_apis_refuse_as_api_gateway_does() {
    insta::assert_snapshot!(table(|it| refused_route(it, Flavor::Http)).await);
}

#[tokio::test]
async fn a_preflight_has_its_headers_and_no_body() {
    let mut headers = HeaderMap::new();
    headers.insert("access-control-allow-origin", HeaderValue::from_static("*"));
    let refusal = Refusal::Preflight(Box::new(headers.clone()));
    for response in [
        refused_graphql(&refusal),
        refused_route(&refusal, Flavor::Rest),
        refused_route(&refusal, Flavor::Http),
    ] {
        assert_eq!(response.headers(), &headers);
        assert_eq!(show(response).await, "204 ");
    }
}
