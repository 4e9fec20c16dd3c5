use std::{collections::HashMap, fs};

use axum::http::StatusCode;
use http_body_util::BodyExt;

use super::*;
use crate::deployment;

const FILES: &[(&str, &str)] = &[
    (
        "loomgate.yaml",
        "sources: { local: { type: none } }
apis: { notes: { type: graphql, path: /graphql, schema: s.graphql, resolvers: r } }
",
    ),
    ("s.graphql", "type Query { a: String }"),
    (
        "r/Query.a.yaml",
        "source: local\nrequest: { payload: hello }",
    ),
];

/// A front of one GraphQL api, with other settings.
fn front(change: impl FnOnce(&mut config::Server)) -> Front {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("r")).unwrap();
    for (name, text) in FILES {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let cluster = Cluster::alone();
    let path = folder.path().join("loomgate.yaml");
    let (loaded, faults) = deployment::load(&path, HashMap::new(), &cluster);
    let loaded = loaded.unwrap_or_else(|| panic!("{}", faults.render(false)));
    let mut settings = loaded.config.server;
    change(&mut settings);
    Front::new(
        loaded.deployments,
        cluster,
        Arc::new(Health::default()),
        &settings,
    )
}

async fn get(
    front: &Front,
    uri: &str,
    headers: &[(&str, &str)],
) -> (StatusCode, HeaderMap, String) {
    let mut request = HttpRequest::get(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = front
        .answer(Incoming {
            request: request.body(Body::empty()).unwrap(),
            peer: Some(SocketAddr::from(([192, 0, 2, 7], 5000))),
            secure: false,
        })
        .await;
    let (parts, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let body = String::from_utf8(body.to_vec()).unwrap();
    (parts.status, parts.headers, body)
}

#[tokio::test]
async fn health_is_told_where_no_api_is_served() {
    let front = front(|_| ());
    let (status, _, body) = get(&front, "/healthz", &[]).await;
    assert_eq!(
        (status, body.as_str()),
        (StatusCode::OK, "{\"status\":\"ok\"}")
    );
    assert_eq!(get(&front, "/readyz", &[]).await.0, StatusCode::OK);
    front.announce_end();
    let (status, headers, _) = get(&front, "/readyz", &[]).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(headers[CONNECTION], "close");
    assert_eq!(get(&front, "/metrics", &[]).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn requests_beyond_the_bounds_are_answered_with_a_body() {
    let front = front(|settings| {
        settings.max_url = 40;
        settings.max_headers = 60;
    });
    let hello = "/graphql?query=%7Ba%7D";
    assert_eq!(
        get(&front, hello, &[]).await.2,
        "{\"data\":{\"a\":\"hello\"}}"
    );
    let long = format!("{hello}&{}", "x".repeat(20));
    let (status, _, body) = get(&front, &long, &[]).await;
    assert_eq!(status, StatusCode::URI_TOO_LONG);
    assert_eq!(
        body,
        "{\"errors\":[{\"message\":\"Request URI too long\",\"errorType\":\"RequestUriTooLongException\"}]}"
    );
    let (status, _, body) = get(&front, hello, &[("cookie", &"c".repeat(55))]).await;
    assert_eq!(status, StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
    assert!(
        body.contains("Request header or cookie too large"),
        "{body}"
    );
}

#[tokio::test]
async fn more_requests_than_allowed_are_refused_and_told_when_to_come_back() {
    let front = front(|settings| settings.max_requests = 0);
    let (status, headers, body) = get(&front, "/graphql?query=%7Ba%7D", &[]).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(headers["retry-after"], "1");
    assert!(body.contains("Service Unavailable"), "{body}");
    assert_eq!(get(&front, "/healthz", &[]).await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_request_is_for_one_host() {
    let front = front(|_| ());
    let hello = "/graphql?query=%7Ba%7D";
    let (status, ..) = get(&front, hello, &[("host", "a.test")]).await;
    assert_eq!(status, StatusCode::OK);
    for second in ["b.test", "a.test"] {
        let (status, ..) = get(&front, hello, &[("host", "a.test"), ("host", second)]).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{second}");
    }
}

#[tokio::test]
async fn other_apis_have_messages_of_their_own_shape() {
    let response = fault::Exceeded::Requests.into_response(false);
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(body, "{\"message\":\"Service Unavailable\"}");
}

#[test]
fn only_a_trusted_proxy_says_that_its_client_came_over_tls() {
    let secure = |peer: [u8; 4], value: &'static str| {
        let front = front(|settings| {
            settings.trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()];
        });
        let request = HttpRequest::get("/").header(FORWARDED_PROTO, value);
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let peer = SocketAddr::from((peer, 5000));
        front.receive(parts, Some(peer), false).secure
    };
    assert!(secure([10, 1, 2, 3], "https"));
    assert!(secure([10, 1, 2, 3], "http, HTTPS"));
    assert!(!secure([10, 1, 2, 3], "https, http"));
    assert!(!secure([10, 1, 2, 3], "http"));
    assert!(!secure([11, 1, 2, 3], "https"));
}

#[test]
fn a_request_is_counted_under_its_api_and_others_under_none() {
    let text = crate::observe::observed(|| {
        let front = front(|_| ());
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap();
        runtime.block_on(async {
            get(&front, "/graphql?query=%7Ba%7D", &[]).await;
            get(&front, "/nowhere", &[]).await;
        });
        front.report();
    });
    for line in [
        "loomgate_requests_total{api=\"notes\",type=\"graphql\",status=\"2xx\"} 1\n",
        "loomgate_requests_total{api=\"\",type=\"\",status=\"4xx\"} 1\n",
        "loomgate_requests_running 0\n",
    ] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
}
