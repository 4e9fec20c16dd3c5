//! How often things happened: token buckets and counters, by name.
//!
//! A bucket refills by arithmetic when it is asked, so nothing runs in the background. Who the
//! callers are is not known here: whoever asks makes up the names. A bucket belongs to its name and
//! its pace together, so that a reload keeps it and a changed pace begins anew.
//!
//! What the configuration names lives as long as somebody holds it, and as many exist as are
//! configured. What callers bring along is bounded: a bucket is forgotten once it would be full
//! again anyway, and where there are too many, the one that was not asked for longest. A caller that
//! is forgotten in that way begins with a full bucket.

#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    fmt,
    num::NonZeroU32,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use governor::{
    Quota, RateLimiter,
    clock::Clock,
    middleware::NoOpMiddleware,
    nanos::Nanos,
    state::{InMemoryState, NotKeyed},
};
use moka::{Expiry, policy::EvictionPolicy};
use tokio::time::Instant;

use crate::config::access::Rate;

/// Buckets of callers that are remembered at once.
const CALLERS: u64 = 100_000;

/// A bucket of a caller is remembered at least this long.
const SHORTEST_MEMORY: Duration = Duration::from_secs(1);

/// All buckets and counters of a process.
pub(crate) struct Buckets {
    /// Those that the configuration names.
    named: Mutex<HashMap<Key, Weak<Bucket>>>,
    /// Those of callers.
    callers: moka::sync::Cache<Key, Arc<Bucket>, ahash::RandomState>,
    /// The counters. They are kept for good, because a quota that is taken out of the configuration
    /// and put back must not begin anew; there are as many as names were ever configured.
    counters: Mutex<HashMap<String, Arc<Counter>>>,
}

/// How fast, and how many at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Pace {
    /// How long it takes until another one may pass.
    period: Duration,
    /// How many may pass at once.
    burst: NonZeroU32,
}

/// What is left under one pace.
pub(crate) struct Bucket {
    pace: Pace,
    limiter: RateLimiter<NotKeyed, InMemoryState, Age, NoOpMiddleware<Nanos>>,
}

/// How many in the current period.
#[derive(Debug, Default)]
pub(crate) struct Counter {
    counted: Mutex<Counted>,
}

#[derive(Debug, Default)]
struct Counted {
    /// The period that is counted.
    period: u64,
    /// How many there were in it.
    used: u64,
}

/// A name, and behind it the pace.
type Key = Vec<u8>;

/// The time since a bucket was made. It is tokio's time, which tests can stop.
#[derive(Debug, Clone, Copy)]
struct Age(Instant);

/// Forgets a bucket when nobody can tell it from a new one.
struct OnceFull;

// === impl Buckets ===

impl Default for Buckets {
    fn default() -> Self {
        Buckets::bounded(CALLERS)
    }
}

impl Buckets {
    fn bounded(callers: u64) -> Self {
        Buckets {
            named: Mutex::default(),
            // Least recently used: a policy that weighs frequency would not let a new caller in when
            // the memory is full, and without a bucket it would never be throttled.
            callers: moka::sync::Cache::builder()
                .max_capacity(callers)
                .eviction_policy(EvictionPolicy::lru())
                .expire_after(OnceFull)
                .build_with_hasher(ahash::RandomState::new()),
            counters: Mutex::default(),
        }
    }

    /// The bucket of a name that stands in the configuration.
    pub(crate) fn named(&self, name: &[u8], pace: Pace) -> Arc<Bucket> {
        let mut named = self.named.lock().unwrap_or_else(PoisonError::into_inner);
        named.retain(|_, bucket| bucket.strong_count() > 0);
        let key = pace.key(name);
        if let Some(bucket) = named.get(&key).and_then(Weak::upgrade) {
            return bucket;
        }
        let bucket = Arc::new(Bucket::new(pace));
        named.insert(key, Arc::downgrade(&bucket));
        bucket
    }

    /// The bucket of a name that a caller brought along.
    pub(crate) fn of_caller(&self, name: &[u8], pace: Pace) -> Arc<Bucket> {
        let key = pace.key(name);
        if let Some(bucket) = self.callers.get(&key) {
            return bucket;
        }
        self.callers.get_with(key, || Arc::new(Bucket::new(pace)))
    }

    /// The counter of a name that stands in the configuration.
    pub(crate) fn counter(&self, name: &str) -> Arc<Counter> {
        let mut counters = self.counters.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(counter) = counters.get(name) {
            return Arc::clone(counter);
        }
        let counter = Arc::<Counter>::default();
        counters.insert(name.to_owned(), Arc::clone(&counter));
        counter
    }
}

impl fmt::Debug for Buckets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Buckets")
            .field("callers", &self.callers.entry_count())
            .finish_non_exhaustive()
    }
}

// === impl Pace ===

impl Pace {
    /// The pace that was written.
    pub(crate) fn from_config(rate: Rate) -> Self {
        let burst = NonZeroU32::new(rate.burst).unwrap_or(NonZeroU32::MIN);
        // The bucket calculates in 64 bits of nanoseconds, among others the period times the burst.
        let longest = (u64::MAX / 8) / u64::from(burst.get());
        let nanoseconds = (1e9 / rate.rate).ceil().clamp(1.0, longest as f64) as u64;
        Pace {
            period: Duration::from_nanos(nanoseconds.min(longest)),
            burst,
        }
    }

    /// How long it takes until an empty bucket is full.
    fn refill(self) -> Duration {
        self.period.saturating_mul(self.burst.get())
    }

    fn key(self, name: &[u8]) -> Key {
        let mut key = Key::with_capacity(name.len() + 12);
        key.extend_from_slice(name);
        let period = u64::try_from(self.period.as_nanos()).unwrap_or(u64::MAX);
        key.extend_from_slice(&period.to_le_bytes());
        key.extend_from_slice(&self.burst.get().to_le_bytes());
        key
    }
}

// === impl Bucket ===

impl Bucket {
    /// A full bucket that nobody else knows.
    pub(crate) fn new(pace: Pace) -> Self {
        // A period is never zero, so the quota is always there.
        let quota = Quota::with_period(pace.period)
            .unwrap_or(Quota::per_second(NonZeroU32::MIN))
            .allow_burst(pace.burst);
        Bucket {
            pace,
            limiter: RateLimiter::new(quota, InMemoryState::default(), Age(Instant::now())),
        }
    }

    /// Takes a token, if there is one.
    pub(crate) fn take(&self) -> bool {
        self.limiter.check().is_ok()
    }
}

impl fmt::Debug for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bucket")
            .field("pace", &self.pace)
            .finish_non_exhaustive()
    }
}

impl Clock for Age {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        self.0.elapsed().into()
    }
}

impl Expiry<Key, Arc<Bucket>> for OnceFull {
    fn expire_after_create(
        &self,
        _: &Key,
        bucket: &Arc<Bucket>,
        _: std::time::Instant,
    ) -> Option<Duration> {
        Some(bucket.pace.refill().max(SHORTEST_MEMORY))
    }

    fn expire_after_read(
        &self,
        _: &Key,
        bucket: &Arc<Bucket>,
        _: std::time::Instant,
        _: Option<Duration>,
        _: std::time::Instant,
    ) -> Option<Duration> {
        Some(bucket.pace.refill().max(SHORTEST_MEMORY))
    }
}

// === impl Counter ===

impl Counter {
    /// Counts one in a period, unless there were `limit` already. Periods are numbered upwards; one
    /// that is over is not counted again, should the wall clock be set back.
    pub(crate) fn count(&self, period: u64, limit: u64) -> bool {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        if period > counted.period {
            *counted = Counted { period, used: 0 };
        }
        if counted.used >= limit {
            return false;
        }
        counted.used += 1;
        true
    }
}
