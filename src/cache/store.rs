//! Values kept in memory, bounded in time, number and bytes.

use std::time::Duration;

use tokio::time::Instant;

use super::{Bounds, Key};

/// The values that are remembered. Memory of what was evicted is given back a little later, in bulk.
pub(super) struct Store<V> {
    entries: moka::sync::Cache<Key, Entry<V>>,
    ttl: Duration,
}

#[derive(Clone)]
struct Entry<V> {
    value: V,
    expires: Instant,
}

/// What an entry costs beside its key and value: the nodes and counters around it.
const OVERHEAD: usize = 200;

/// Beyond this a time to live is as good as for ever; moka panics at 1000 years.
const FOR_EVER: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

impl<V: Clone + Send + Sync + 'static> Store<V> {
    /// moka has one weight and one capacity. The capacity is `max_bytes`, and every entry weighs
    /// its bytes but at least `max_bytes / max_entries`, rounded up: more than `max_entries` of
    /// them never fit, nor ever more than `max_bytes`. The price: where sizes are mixed, small
    /// entries reserve more than they need, so that fewer than `max_entries` may fit although
    /// bytes are left (at worst half of what the two bounds would hold apart).
    pub(super) fn new(bounds: Bounds, weigh: fn(&V) -> usize) -> Self {
        // A weight has 32 bits; an entry of 4 GiB or more does not occur.
        let capacity = bounds
            .max_bytes
            .min(bounds.max_entries.saturating_mul(u64::from(u32::MAX)));
        let floor = capacity.div_ceil(bounds.max_entries.max(1));
        let ttl = bounds.ttl.min(FOR_EVER);
        let entries = moka::sync::Cache::builder()
            .max_capacity(capacity)
            .weigher(move |key: &Key, entry: &Entry<V>| {
                let bytes = (OVERHEAD + key.len()).saturating_add(weigh(&entry.value)) as u64;
                u32::try_from(bytes.max(floor)).unwrap_or(u32::MAX)
            })
            .time_to_live(ttl)
            .build();
        Store { entries, ttl }
    }

    /// The value, if it is fresh. Freshness is decided here, by tokio's clock, so that tests can
    /// move time; moka's own time to live only gives the memory back.
    pub(super) fn get(&self, key: &Key) -> Option<V> {
        let entry = self.entries.get(key)?;
        (Instant::now() < entry.expires).then_some(entry.value)
    }

    pub(super) fn insert(&self, key: &Key, value: V) {
        let expires = Instant::now() + self.ttl;
        self.entries.insert(key.clone(), Entry { value, expires });
    }

    /// Says whether the value was there and fresh.
    pub(super) fn remove(&self, key: &Key) -> bool {
        let removed = self.entries.remove(key);
        removed.is_some_and(|entry| Instant::now() < entry.expires)
    }

    pub(super) fn entries(&self) -> u64 {
        self.entries.entry_count()
    }

    #[cfg(test)]
    pub(super) fn tidy(&self) {
        self.entries.run_pending_tasks();
    }
}
