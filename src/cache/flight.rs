//! Which keys are being fetched right now.

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::sync::watch;

use super::Key;

/// The keys of one shard, each with what its waiters listen to.
pub(super) type Shard<V> = HashMap<Key, watch::Receiver<Option<V>>>;

/// The fetches under way, split so that claims of different keys seldom meet at one lock.
pub(super) struct Flights<V> {
    shards: [Mutex<Shard<V>>; SHARDS],
    hasher: RandomState,
}

const SHARDS: usize = 16;

impl<V> Default for Flights<V> {
    fn default() -> Self {
        Flights {
            shards: std::array::from_fn(|_| Mutex::default()),
            hasher: RandomState::new(),
        }
    }
}

impl<V> Flights<V> {
    /// Locks the shard that a key belongs to.
    pub(super) fn of(&self, key: &Key) -> MutexGuard<'_, Shard<V>> {
        let shard = self.hasher.hash_one(key) as usize % SHARDS;
        // Nothing that runs under the lock can leave the map half changed.
        self.shards[shard]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
impl<V> Flights<V> {
    pub(super) fn is_empty(&self) -> bool {
        self.shards
            .iter()
            .all(|shard| shard.lock().is_ok_and(|shard| shard.is_empty()))
    }
}
