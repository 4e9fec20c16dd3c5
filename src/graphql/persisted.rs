//! Automatic persisted queries: a client sends a document's hash, and the text only when asked.
//!
//! The text is kept under the SHA-256 that we computed ourselves, in bounded memory.
//!
//! See: <https://www.apollographql.com/docs/apollo-server/performance/apq>.

use std::{fmt::Write, sync::Arc};

use moka::sync::Cache;
use sha2::{Digest, Sha256};

use crate::graphql::RequestError;

/// How much text is remembered, in bytes.
const MEMORY: u64 = 4 << 20;

/// The documents that clients registered.
#[derive(Debug)]
pub(super) struct Persisted {
    texts: Cache<Arc<str>, Arc<str>>,
}

impl Persisted {
    /// Remembers nothing yet.
    pub(super) fn new() -> Self {
        let weigh =
            |_: &Arc<str>, text: &Arc<str>| u32::try_from(text.len() + 128).unwrap_or(u32::MAX);
        Persisted {
            texts: Cache::builder().max_capacity(MEMORY).weigher(weigh).build(),
        }
    }

    /// The text that was registered under a hash.
    pub(super) fn find(&self, hash: &str) -> Result<Arc<str>, RequestError> {
        self.texts
            .get(&*hash.to_ascii_lowercase())
            .ok_or_else(|| RequestError {
                code: Some("PERSISTED_QUERY_NOT_FOUND"),
                ..RequestError::new("PersistedQueryNotFound")
            })
    }

    /// Registers a text under its hash, if it is its hash.
    pub(super) fn register(&self, hash: &str, text: &str) -> Result<(), RequestError> {
        let hash = hash.to_ascii_lowercase();
        if sha256(text) != hash {
            return Err(RequestError {
                code: Some("BAD_USER_INPUT"),
                ..RequestError::new("provided sha does not match query")
            });
        }
        self.texts.insert(Arc::from(hash), Arc::from(text));
        Ok(())
    }
}

fn sha256(text: &str) -> String {
    Sha256::digest(text)
        .iter()
        .fold(String::with_capacity(64), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}
