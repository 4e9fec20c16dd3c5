//! Remember for a while, fetch once.
//!
//! A [`Cache`] keeps values for a time and within bounds of entries and bytes, and sees to it that
//! concurrent misses of one key make one call: the first to [`claim`](Cache::claim) a missing key
//! gets a [`Ticket`] and fetches, the others get a [`Waiting`] and wait for that ticket.
//!
//! The cache fetches nothing itself and knows neither sources nor GraphQL. It neither takes part in
//! who may see a value: whatever tells two callers apart belongs into the [`Key`].
//!
//! **Who holds several tickets settles all of them before waiting for anyone.** A caller that waits
//! while it holds an unsettled ticket may wait for a caller that waits for it. In that order a key
//! that one caller claims twice is no trouble: the second claim waits for the caller's own ticket,
//! which is settled by then.

mod flight;
mod key;
mod store;

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use tokio::sync::watch;

pub(crate) use key::{Key, KeyBuilder};

use flight::Flights;
use store::Store;

/// How long and how much is remembered. Both bounds of size hold at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bounds {
    /// How long a value is handed out after it was settled.
    pub ttl: Duration,
    /// Values remembered at most.
    pub max_entries: u64,
    /// Bytes remembered at most: keys, values as weighed, and what an entry itself costs.
    pub max_bytes: u64,
}

/// What happened to claims so far, and what is remembered now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Stats {
    /// Claims answered from memory.
    pub hits: u64,
    /// Claims that were given a ticket.
    pub misses: u64,
    /// Claims that waited for somebody else's ticket.
    pub joined: u64,
    /// Values remembered, roughly: evictions are carried out a little later.
    pub entries: u64,
}

/// Values by key, for a while. Cloning shares the cache.
pub(crate) struct Cache<V> {
    shared: Arc<Shared<V>>,
}

/// What became of a claim.
#[derive(Debug)]
pub(crate) enum Claim<V: Clone + Send + Sync + 'static> {
    /// The value is remembered.
    Hit(V),
    /// Nobody fetches it: the claimant does.
    Mine(Ticket<V>),
    /// Somebody fetches it already.
    Theirs(Waiting<V>),
}

/// The duty to fetch one value. Dropped unsettled, it passes to one of those who wait.
pub(crate) struct Ticket<V: Clone + Send + Sync + 'static> {
    shared: Arc<Shared<V>>,
    key: Key,
    landing: watch::Sender<Option<V>>,
    landed: bool,
}

/// A value that somebody else is fetching.
pub(crate) struct Waiting<V> {
    landing: watch::Receiver<Option<V>>,
}

struct Shared<V> {
    store: Store<V>,
    flights: Flights<V>,
    hits: AtomicU64,
    misses: AtomicU64,
    joined: AtomicU64,
}

// === impl Cache ===

impl<V: Clone + Send + Sync + 'static> Cache<V> {
    /// An empty cache; `weigh` says how many bytes a value holds.
    #[must_use]
    pub(crate) fn new(bounds: Bounds, weigh: fn(&V) -> usize) -> Self {
        Cache {
            shared: Arc::new(Shared {
                store: Store::new(bounds, weigh),
                flights: Flights::default(),
                hits: AtomicU64::new(0),
                misses: AtomicU64::new(0),
                joined: AtomicU64::new(0),
            }),
        }
    }

    /// Asks for one key. Never waits and never blocks for long.
    #[must_use]
    pub(crate) fn claim(&self, key: &Key) -> Claim<V> {
        let shared = &*self.shared;
        if let Some(value) = shared.store.get(key) {
            shared.hits.fetch_add(1, Relaxed);
            return Claim::Hit(value);
        }
        let mut flights = shared.flights.of(key);
        if let Some(landing) = flights.get(key) {
            shared.joined.fetch_add(1, Relaxed);
            return Claim::Theirs(Waiting {
                landing: landing.clone(),
            });
        }
        // A flight may have landed between the first look and the lock.
        if let Some(value) = shared.store.get(key) {
            shared.hits.fetch_add(1, Relaxed);
            return Claim::Hit(value);
        }
        let (landing, waiting) = watch::channel(None);
        flights.insert(key.clone(), waiting);
        drop(flights);
        shared.misses.fetch_add(1, Relaxed);
        Claim::Mine(Ticket {
            shared: Arc::clone(&self.shared),
            key: key.clone(),
            landing,
            landed: false,
        })
    }

    /// Forgets the value of a key, and says whether it was remembered. What is being fetched for it at
    /// the moment is remembered all the same.
    pub(crate) fn remove(&self, key: &Key) -> bool {
        self.shared.store.remove(key)
    }

    /// What happened so far.
    #[must_use]
    pub(crate) fn stats(&self) -> Stats {
        Stats {
            hits: self.shared.hits.load(Relaxed),
            misses: self.shared.misses.load(Relaxed),
            joined: self.shared.joined.load(Relaxed),
            entries: self.shared.store.entries(),
        }
    }
}

impl<V> Clone for Cache<V> {
    fn clone(&self) -> Self {
        Cache {
            shared: Arc::clone(&self.shared),
        }
    }
}

impl<V> fmt::Debug for Cache<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache").finish_non_exhaustive()
    }
}

// === impl Ticket ===

impl<V: Clone + Send + Sync + 'static> Ticket<V> {
    /// Hands the value to all who wait and, with `keep`, remembers it. An error is settled with
    /// `keep: false`: those who waited share it, the next claim fetches again. A null is a value.
    pub(crate) fn settle(mut self, value: V, keep: bool) {
        if keep {
            self.shared.store.insert(&self.key, value.clone());
        }
        // First stored, then taken off the list, then handed out: whoever claims meanwhile finds
        // the value or the flight, and nobody joins a flight whose error is out already.
        self.land();
        self.landing.send_replace(Some(value));
    }

    fn land(&mut self) {
        self.shared.flights.of(&self.key).remove(&self.key);
        self.landed = true;
    }
}

impl<V: Clone + Send + Sync + 'static> Drop for Ticket<V> {
    fn drop(&mut self) {
        // The list is left before `landing` is dropped, which wakes the waiters: when they claim
        // anew, the first of them gets a ticket of its own.
        if !self.landed {
            self.land();
        }
    }
}

impl<V: Clone + Send + Sync + 'static> fmt::Debug for Ticket<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ticket").finish_non_exhaustive()
    }
}

// === impl Waiting ===

impl<V: Clone> Waiting<V> {
    /// Waits for the value. `None`: whoever fetched it has gone, claim again.
    pub(crate) async fn get(mut self) -> Option<V> {
        let value = self.landing.wait_for(Option::is_some).await.ok()?;
        value.clone()
    }
}

impl<V> fmt::Debug for Waiting<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waiting").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
