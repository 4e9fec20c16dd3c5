//! API keys: looked up by hash, never kept.
//!
//! What is kept of a key is SHA-256 over a secret of this process and the key. Nobody can foresee
//! such a hash, so looking it up by its first bytes tells nothing about other keys; the rest is
//! compared in constant time.

use std::{collections::HashMap, sync::Arc};

use axum::http::HeaderName;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::{Caller, Refusal};
use crate::{
    cluster::Cluster,
    config::{Config, Diagnostics, access},
    guard::throttle::usage_plan::Allowance,
    request::{ApiKey, Identity},
};

/// All keys of a configuration.
#[derive(Debug)]
pub(in crate::guard) struct KeyTable {
    pepper: [u8; 32],
    keys: Vec<Key>,
}

/// The keys as one provider knows them.
#[derive(Debug)]
pub(in crate::guard) struct ApiKeys {
    pub(super) name: Arc<str>,
    /// In which header they come.
    pub(super) header: HeaderName,
    table: Arc<KeyTable>,
    /// The places of keys in the table, by the first bytes of their hash.
    places: HashMap<u64, Vec<usize>, ahash::RandomState>,
    /// Whom the keys of the table speak of.
    holders: Vec<Arc<ApiKey>>,
}

struct Key {
    name: Box<str>,
    hash: [u8; 32],
    expires: Option<u64>,
    allowance: Option<Arc<Allowance>>,
}

// === impl KeyTable ===

impl KeyTable {
    pub(in crate::guard) fn from_config(
        config: &Config,
        cluster: &Cluster,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let pepper = pepper(diagnostics);
        let key = |key: &access::ApiKey| Key {
            name: key.name.value.as_str().into(),
            hash: hash(&pepper, key.value.reveal().as_bytes()),
            expires: key.expires,
            allowance: allowance(key, config, cluster),
        };
        KeyTable {
            keys: config.api_keys.iter().map(key).collect(),
            pepper,
        }
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name)
    }
}

/// A plan that does not exist was reported where the configuration was read.
fn allowance(key: &access::ApiKey, config: &Config, cluster: &Cluster) -> Option<Arc<Allowance>> {
    let plan = config.usage_plans.get(&key.plan.as_ref()?.value)?;
    let allowance = Allowance::from_config(&key.name.value, plan, cluster);
    Some(Arc::new(allowance))
}

/// A secret of this process.
fn pepper(diagnostics: &mut Diagnostics) -> [u8; 32] {
    let mut pepper = [0; 32];
    let random = rustls::crypto::aws_lc_rs::default_provider().secure_random;
    if random.fill(&mut pepper).is_err() {
        diagnostics.error(None, "the system gives no random numbers", None);
    }
    pepper
}

fn hash(pepper: &[u8; 32], key: &[u8]) -> [u8; 32] {
    let mut sha = Sha256::new();
    sha.update(pepper);
    sha.update(key);
    sha.finalize().into()
}

fn first_bytes(hash: &[u8; 32]) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = *hash;
    u64::from_le_bytes([a, b, c, d, e, f, g, h])
}

// === impl ApiKeys ===

impl ApiKeys {
    pub(in crate::guard) fn new(name: Arc<str>, header: HeaderName, table: Arc<KeyTable>) -> Self {
        let mut places: HashMap<u64, Vec<usize>, ahash::RandomState> = HashMap::default();
        for (place, key) in table.keys.iter().enumerate() {
            places
                .entry(first_bytes(&key.hash))
                .or_default()
                .push(place);
        }
        let holder = |key: &Key| {
            Arc::new(ApiKey {
                name: key.name.clone(),
                provider: Arc::clone(&name),
                expires: key.expires,
            })
        };
        ApiKeys {
            holders: table.keys.iter().map(holder).collect(),
            name,
            header,
            places,
            table,
        }
    }

    pub(super) fn identify(&self, shown: &[u8], now: u64) -> Result<Caller, Refusal> {
        let hash = hash(&self.table.pepper, shown);
        let places = self.places.get(&first_bytes(&hash)).into_iter().flatten();
        for &place in places {
            let key = &self.table.keys[place];
            if !bool::from(key.hash.ct_eq(&hash)) {
                continue;
            }
            if key.expires.is_some_and(|expires| expires <= now) {
                break;
            }
            return Ok(Caller {
                identity: Identity::ApiKey(Arc::clone(&self.holders[place])),
                allowance: key.allowance.clone(),
            });
        }
        Err(Refusal::ApiKey)
    }
}
