//! A small HTTP client over loopback.

use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::{
    client::legacy::{Client as Pool, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::Value;

use super::PATIENCE;

/// Keeps connections open between requests. Clones share them.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    pool: Pool<HttpConnector, Full<Bytes>>,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Response {
    /// The status.
    pub(crate) status: StatusCode,
    /// The header fields.
    pub(crate) headers: HeaderMap,
    /// The body.
    pub(crate) text: String,
}

impl Client {
    /// A client without connections.
    pub(crate) fn new() -> Self {
        Client {
            pool: Pool::builder(TokioExecutor::new()).build_http(),
        }
    }

    /// Sends a request and reads the whole answer; no answer in time is a failure.
    pub(crate) async fn send(
        &self,
        method: Method,
        url: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Response {
        let exchange = self.try_send(method, url, headers, body);
        let response = tokio::time::timeout(PATIENCE, exchange)
            .await
            .expect("the gateway answers in time");
        response.expect("the gateway answers")
    }

    /// The same, where the connection may break.
    pub(crate) async fn try_send(
        &self,
        method: Method,
        url: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> anyhow::Result<Response> {
        let mut request = Request::builder().method(method).uri(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(body.into()))?;
        let (head, body) = self.pool.request(request).await?.into_parts();
        let body = body.collect().await?.to_bytes();
        let text = String::from_utf8(body.to_vec())?;
        Ok(Response {
            status: head.status,
            headers: head.headers,
            text,
        })
    }

    /// Posts JSON and accepts JSON.
    pub(crate) async fn post_json(&self, url: &str, body: &str) -> Response {
        let headers = [
            ("content-type", "application/json"),
            ("accept", "application/json"),
        ];
        self.send(Method::POST, url, &headers, body.to_owned())
            .await
    }
}

impl Response {
    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}
