//! Asks an issuer for its keys.
//!
//! Nothing steers the request but the configuration: no redirect is followed and no proxy of the
//! environment is used. Time and bytes are bounded.
//!
//! See: OpenID Connect Discovery 1.0 §4 (obtaining provider configuration).

use std::{sync::LazyLock, time::Duration};

use bytes::{Bytes, BytesMut};
use reqwest::redirect::Policy;
use serde::Deserialize;
use url::Url;

use super::set::NoKeys;
use crate::config::access;

/// How long one answer may take.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Bytes of one answer.
const MAX_BODY: usize = 150_000;

/// Where the keys of an issuer are.
#[derive(Debug)]
pub(super) enum Origin {
    /// Here.
    Keys(Url),
    /// Where this document says.
    Discovery {
        document: Url,
        /// What the document must say that it is of.
        issuer: Box<str>,
    },
}

/// Why there are no newer keys.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// No client could be made.
    #[error("there is no TLS to ask with")]
    Client,
    /// The issuer does not answer.
    #[error("the issuer does not answer")]
    Request(#[source] reqwest::Error),
    /// The issuer refuses.
    #[error("the issuer answers with the status {0}")]
    Status(u16),
    /// The answer is too long.
    #[error("the answer is longer than {MAX_BODY} bytes")]
    TooLarge,
    /// The discovery document is something else.
    #[error("the discovery document has no `issuer` and `jwks_uri`")]
    Document,
    /// The discovery document is of somebody else.
    #[error("the discovery document is of another issuer")]
    Issuer,
    /// The discovery document leaves TLS.
    #[error("the discovery document names keys without TLS")]
    Downgrade,
    /// The answer has no keys.
    #[error(transparent)]
    Keys(#[from] NoKeys),
}

#[derive(Deserialize)]
struct Document {
    issuer: String,
    jwks_uri: String,
}

/// One client for all issuers; `None` when it cannot be made.
static CLIENT: LazyLock<Option<reqwest::Client>> = LazyLock::new(|| {
    use hyper_rustls::ConfigBuilderExt as _;

    let provider = std::sync::Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .ok()?
        .with_webpki_roots()
        .with_no_client_auth();
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(Policy::none())
        .no_proxy()
        .timeout(TIMEOUT)
        .build()
        .ok()
});

// === impl Origin ===

impl Origin {
    pub(super) fn from_config(jwt: &access::Jwt) -> Option<Self> {
        if let Some(access::Jwks::Url(url)) = &jwt.jwks {
            return Some(Origin::Keys(url.clone()));
        }
        // An issuer that is no address was reported where the configuration was read.
        let base = jwt.issuer.value.trim_end_matches('/');
        let document = Url::parse(&format!("{base}/.well-known/openid-configuration"));
        Some(Origin::Discovery {
            document: document.ok()?,
            issuer: jwt.issuer.value.as_str().into(),
        })
    }

    /// The text of the key set.
    pub(super) async fn fetch(&self) -> Result<Bytes, Error> {
        match self {
            Origin::Keys(url) => get(url).await,
            Origin::Discovery { document, issuer } => {
                let text = get(document).await?;
                let found: Document = serde_json::from_slice(&text).map_err(|_| Error::Document)?;
                if *found.issuer != **issuer {
                    return Err(Error::Issuer);
                }
                let keys = Url::parse(&found.jwks_uri).map_err(|_| Error::Document)?;
                if document.scheme() == "https" && keys.scheme() != "https" {
                    return Err(Error::Downgrade);
                }
                get(&keys).await
            }
        }
    }
}

async fn get(url: &Url) -> Result<Bytes, Error> {
    let client = CLIENT.as_ref().ok_or(Error::Client)?;
    // The address may hold a secret, and the provider's name says whom we asked.
    let hide = |error: reqwest::Error| Error::Request(error.without_url());
    let mut response = client.get(url.clone()).send().await.map_err(hide)?;
    if response.status() != reqwest::StatusCode::OK {
        return Err(Error::Status(response.status().as_u16()));
    }
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(hide)? {
        if body.len() + chunk.len() > MAX_BODY {
            return Err(Error::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}
