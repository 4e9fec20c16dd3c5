use std::sync::atomic::AtomicUsize;

use proptest::prelude::*;

use super::*;

const ROOMY: Bounds = Bounds {
    ttl: Duration::from_secs(60),
    max_entries: 1000,
    max_bytes: 1 << 20,
};

/// `Err` stands for a failed fetch, `Ok(None)` for a null.
type Fetched = Result<Option<u32>, &'static str>;

fn cache(bounds: Bounds) -> Cache<Fetched> {
    Cache::new(bounds, |_| 8)
}

fn key(name: &str) -> Key {
    KeyBuilder::new().part(name).finish()
}

fn ticket<V: Clone + Send + Sync>(claim: Claim<V>) -> Ticket<V> {
    match claim {
        Claim::Mine(ticket) => ticket,
        Claim::Hit(_) | Claim::Theirs(_) => panic!("expected a ticket"),
    }
}

fn waiting<V: Clone + Send + Sync>(claim: Claim<V>) -> Waiting<V> {
    match claim {
        Claim::Theirs(waiting) => waiting,
        Claim::Hit(_) | Claim::Mine(_) => panic!("expected to wait"),
    }
}

fn hit<V: Clone + Send + Sync>(claim: Claim<V>) -> Option<V> {
    match claim {
        Claim::Hit(value) => Some(value),
        Claim::Mine(_) | Claim::Theirs(_) => None,
    }
}

/// What a caller of the cache does: claims until it has a value.
async fn value_of<V, F>(cache: &Cache<V>, key: &Key, fetch: impl Fn() -> F) -> V
where
    V: Clone + Send + Sync + 'static,
    F: Future<Output = V>,
{
    loop {
        match cache.claim(key) {
            Claim::Hit(value) => return value,
            Claim::Mine(ticket) => {
                let value = fetch().await;
                ticket.settle(value.clone(), true);
                return value;
            }
            Claim::Theirs(waiting) => {
                if let Some(value) = waiting.get().await {
                    return value;
                }
            }
        }
    }
}

#[tokio::test]
async fn concurrent_misses_of_one_key_make_one_call() {
    let cache = cache(ROOMY);
    let mine = ticket(cache.claim(&key("a")));
    let waiters: Vec<_> = (0..50)
        .map(|_| tokio::spawn(waiting(cache.claim(&key("a"))).get()))
        .collect();
    mine.settle(Ok(Some(7)), true);
    for waiter in waiters {
        assert_eq!(waiter.await.unwrap(), Some(Ok(Some(7))));
    }
    assert_eq!(hit(cache.claim(&key("a"))), Some(Ok(Some(7))));
    let Stats {
        hits,
        misses,
        joined,
        ..
    } = cache.stats();
    assert_eq!((hits, misses, joined), (1, 1, 50));
}

#[tokio::test]
async fn different_keys_do_not_wait_for_each_other() {
    let cache = cache(ROOMY);
    let _a = ticket(cache.claim(&key("a")));
    ticket(cache.claim(&key("b"))).settle(Ok(None), true);
    assert!(hit(cache.claim(&key("b"))).is_some());
}

#[tokio::test]
async fn when_the_leader_goes_away_one_of_those_who_wait_takes_over() {
    let cache = cache(ROOMY);
    let leader = ticket(cache.claim(&key("a")));
    let first = waiting(cache.claim(&key("a")));
    let second = waiting(cache.claim(&key("a")));
    drop(leader);
    assert_eq!(first.get().await, None);
    assert_eq!(second.get().await, None);
    let successor = ticket(cache.claim(&key("a")));
    let follower = waiting(cache.claim(&key("a")));
    successor.settle(Ok(Some(1)), true);
    assert_eq!(follower.get().await, Some(Ok(Some(1))));
}

#[tokio::test]
async fn errors_are_shared_with_those_who_waited_but_not_kept() {
    let cache = cache(ROOMY);
    let mine = ticket(cache.claim(&key("a")));
    let other = waiting(cache.claim(&key("a")));
    mine.settle(Err("down"), false);
    assert_eq!(other.get().await, Some(Err("down")));
    ticket(cache.claim(&key("a"))).settle(Ok(Some(1)), true);
    assert_eq!(hit(cache.claim(&key("a"))), Some(Ok(Some(1))));
}

#[tokio::test]
async fn a_value_is_there_for_those_who_ask_late() {
    let cache = cache(ROOMY);
    let mine = ticket(cache.claim(&key("a")));
    let other = waiting(cache.claim(&key("a")));
    mine.settle(Ok(Some(1)), false);
    tokio::task::yield_now().await;
    assert_eq!(other.get().await, Some(Ok(Some(1))));
}

#[test]
fn nulls_are_kept() {
    let cache = cache(ROOMY);
    ticket(cache.claim(&key("a"))).settle(Ok(None), true);
    assert_eq!(hit(cache.claim(&key("a"))), Some(Ok(None)));
}

#[tokio::test(start_paused = true)]
async fn a_value_is_forgotten_when_its_time_is_over() {
    let cache = cache(ROOMY);
    ticket(cache.claim(&key("a"))).settle(Ok(Some(1)), true);
    tokio::time::advance(ROOMY.ttl - Duration::from_millis(1)).await;
    assert!(hit(cache.claim(&key("a"))).is_some());
    tokio::time::advance(Duration::from_millis(1)).await;
    ticket(cache.claim(&key("a"))).settle(Ok(Some(2)), true);
    assert_eq!(hit(cache.claim(&key("a"))), Some(Ok(Some(2))));
}

#[test]
fn times_and_bounds_at_their_limits_are_no_trouble() {
    for (ttl, max) in [(Duration::MAX, u64::MAX), (Duration::ZERO, 0)] {
        let cache = cache(Bounds {
            ttl,
            max_entries: max,
            max_bytes: max,
        });
        ticket(cache.claim(&key("a"))).settle(Ok(Some(1)), true);
        assert_eq!(hit(cache.claim(&key("a"))).is_some(), max > 0);
    }
}

/// A value of some size that counts how many of its kind are alive.
struct Ballast {
    alive: Arc<AtomicUsize>,
    size: usize,
}

impl Ballast {
    fn new(alive: &Arc<AtomicUsize>, size: usize) -> Arc<Self> {
        alive.fetch_add(size, Relaxed);
        Arc::new(Ballast {
            alive: Arc::clone(alive),
            size,
        })
    }
}

impl Drop for Ballast {
    fn drop(&mut self) {
        self.alive.fetch_sub(self.size, Relaxed);
    }
}

/// Stores 100,000 values of one size; says how many stay in the end. What is evicted is freed a
/// little later, the later the busier the machine is: at no moment may a quarter of it all be alive.
fn flood(bounds: Bounds, size: usize) -> u64 {
    const VALUES: u32 = 100_000;
    let alive = Arc::new(AtomicUsize::new(0));
    let cache: Cache<Arc<Ballast>> = Cache::new(bounds, |value| value.size);
    for name in 0..VALUES {
        let key = KeyBuilder::new().part(name.to_le_bytes()).finish();
        ticket(cache.claim(&key)).settle(Ballast::new(&alive, size), true);
        let bytes = alive.load(Relaxed);
        assert!(bytes < VALUES as usize / 4 * size, "{bytes} bytes");
    }
    cache.shared.store.tidy();
    cache.stats().entries
}

#[test]
fn memory_is_flat_over_many_small_values() {
    let entries = flood(
        Bounds {
            max_entries: 500,
            max_bytes: 64 << 20,
            ..ROOMY
        },
        100,
    );
    assert!((400..=500).contains(&entries), "{entries} entries");
}

#[test]
fn memory_is_flat_over_large_values() {
    let entries = flood(
        Bounds {
            max_entries: 10_000,
            max_bytes: 1 << 20,
            ..ROOMY
        },
        10_000,
    );
    assert!((80..=104).contains(&entries), "{entries} entries");
}

#[test]
fn a_value_larger_than_the_whole_cache_is_not_kept() {
    let cache: Cache<Vec<u8>> = Cache::new(
        Bounds {
            max_bytes: 1000,
            ..ROOMY
        },
        Vec::len,
    );
    ticket(cache.claim(&key("a"))).settle(vec![0; 5000], true);
    cache.shared.store.tidy();
    assert!(hit(cache.claim(&key("a"))).is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn under_stress_each_key_is_fetched_once_and_nobody_hangs() {
    let cache: Cache<usize> = Cache::new(ROOMY, |_| 8);
    let fetches: Arc<Vec<AtomicUsize>> = Arc::new((0..20).map(|_| AtomicUsize::new(0)).collect());
    let callers: Vec<_> = (0..400)
        .map(|caller: usize| {
            let (cache, fetches) = (cache.clone(), Arc::clone(&fetches));
            tokio::spawn(async move {
                for step in 0..20 {
                    let name = (caller + step) % 20;
                    let key = key(&name.to_string());
                    let value = value_of(&cache, &key, || async {
                        tokio::task::yield_now().await;
                        fetches[name].fetch_add(1, Relaxed);
                        name
                    });
                    assert_eq!(value.await, name);
                }
            })
        })
        .collect();
    // Some go away while they fetch or wait.
    for caller in callers.iter().step_by(7) {
        caller.abort();
    }
    for (place, caller) in callers.into_iter().enumerate() {
        assert!(caller.await.is_ok() || place % 7 == 0);
    }
    for fetched in fetches.iter() {
        assert_eq!(fetched.load(Relaxed), 1);
    }
    assert!(cache.shared.flights.is_empty());
}

#[test]
fn absent_and_empty_parts_make_different_keys() {
    let absent = KeyBuilder::new().absent().finish();
    let empty = KeyBuilder::new().part("").finish();
    let none = KeyBuilder::new().finish();
    assert_ne!(absent, empty);
    assert_ne!(absent, none);
    assert_ne!(empty, none);
}

#[test]
fn a_builder_starts_over_after_each_key() {
    let mut builder = KeyBuilder::new();
    assert_eq!(builder.part("a").finish(), builder.part("a").finish());
}

proptest! {
    #[test]
    fn keys_are_equal_exactly_when_their_parts_are(
        one in prop::collection::vec(prop::option::of(".{0,3}"), 0..4),
        other in prop::collection::vec(prop::option::of(".{0,3}"), 0..4),
    ) {
        let build = |parts: &[Option<String>]| {
            let mut builder = KeyBuilder::new();
            for part in parts {
                match part {
                    Some(part) => builder.part(part),
                    None => builder.absent(),
                };
            }
            builder.finish()
        };
        prop_assert_eq!(build(&one) == build(&other), one == other);
    }
}
