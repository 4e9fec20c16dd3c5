use axum::http::{Method, header::AUTHORIZATION};
use http_body_util::BodyExt;

use super::*;

struct World {
    health: Arc<Health>,
    control: Control,
}

fn world(token: Option<&str>) -> World {
    let health = Arc::new(Health::default());
    let metrics = Arc::new(Metrics::for_tests());
    let token = token.map(|token| Secret::new(token.to_owned()));
    World {
        health: Arc::clone(&health),
        control: Control::new(health, metrics, token),
    }
}

impl World {
    async fn ask(&self, path: &str, authorization: Option<&str>) -> (u16, String) {
        let mut request = Request::get(path);
        if let Some(value) = authorization {
            request = request.header(AUTHORIZATION, value);
        }
        let request = request.body(Body::empty()).unwrap();
        let response = self.control.answer(request).await;
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }
}

#[tokio::test]
async fn health_needs_no_token_and_readiness_ends_with_the_drain() {
    let world = world(Some("open sesame"));
    let ok = (200, "{\"status\":\"ok\"}".to_owned());
    assert_eq!(world.ask("/healthz", None).await, ok);
    assert_eq!(
        world.ask("/readyz", None).await,
        (200, "{\"status\":\"ready\"}".to_owned())
    );
    world.health.drain();
    assert_eq!(world.ask("/healthz", None).await, ok);
    assert_eq!(
        world.ask("/readyz", None).await,
        (503, "{\"status\":\"draining\"}".to_owned())
    );
}

#[tokio::test]
async fn metrics_need_the_token_where_there_is_one() {
    let closed = world(Some("open sesame"));
    for wrong in [
        None,
        Some(""),
        Some("Bearer"),
        Some("Bearer "),
        Some("Bearer open sesam"),
        Some("Bearer open sesame "),
        Some("Basic open sesame"),
        Some("open sesame"),
    ] {
        let answer = closed.ask("/metrics", wrong).await;
        assert_eq!(
            answer,
            (401, "{\"message\":\"Unauthorized\"}".to_owned()),
            "{wrong:?}"
        );
    }
    for right in ["Bearer open sesame", "bearer open sesame"] {
        let (status, body) = closed.ask("/metrics", Some(right)).await;
        assert_eq!(status, 200);
        assert!(body.contains("process_"), "{body}");
    }
    assert_eq!(world(None).ask("/metrics", None).await.0, 200);
}

#[tokio::test]
async fn there_is_nothing_else() {
    let world = world(None);
    let (status, body) = world.ask("/graphql", None).await;
    assert_eq!(
        (status, body.as_str()),
        (404, "{\"message\":\"Not Found\"}")
    );
}

#[test]
fn health_is_asked_by_get_and_head() {
    let health = Health::default();
    assert!(health.answer(&Method::GET, "/healthz").is_some());
    assert!(health.answer(&Method::HEAD, "/readyz").is_some());
    assert!(health.answer(&Method::POST, "/healthz").is_none());
    assert!(health.answer(&Method::GET, "/healthz/").is_none());
}
