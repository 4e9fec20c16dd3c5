//! An identity provider whose tokens are signed by npm `jose`.

use serde_json::{Value, json};

use super::{Client, node, process::Process};

/// Runs until it is dropped.
#[derive(Debug)]
pub(crate) struct Issuer {
    _process: Process,
    url: String,
    client: Client,
}

impl Issuer {
    /// Starts with one key.
    pub(crate) async fn start() -> Self {
        let (process, url) = node::serve("issuer.mjs").await;
        Issuer {
            _process: process,
            url,
            client: Client::new(),
        }
    }

    /// What tokens name as their issuer.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// A token with these claims beside the usual ones; a null takes one away.
    pub(crate) async fn token(&self, claims: Value) -> String {
        self.sign(&json!({ "claims": claims })).await
    }

    /// A token as `issuer.mjs` says.
    pub(crate) async fn sign(&self, wish: &Value) -> String {
        let url = format!("{}/sign", self.url);
        let answer = self.client.post_json(&url, &wish.to_string()).await.json();
        answer.as_str().expect("a token is text").to_owned()
    }

    /// From now on another key signs, and only that one is published.
    pub(crate) async fn rotate(&self) {
        let url = format!("{}/rotate", self.url);
        self.client.post_json(&url, "").await;
    }
}
