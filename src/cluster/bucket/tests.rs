use std::sync::Arc;

use proptest::prelude::*;

use super::*;

fn pace(rate: f64, burst: u32) -> Pace {
    Pace::from_config(Rate { rate, burst })
}

proptest! {
    /// Over any time that begins at any request, at most the burst and what the rate yields pass.
    #[test]
    fn never_more_pass_than_rate_and_burst_allow(
        rate in 0.01_f64..5_000.0,
        burst in 1_u32..50,
        waits in prop::collection::vec(0_u64..400_000, 1..120),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        let passed: Vec<f64> = runtime.block_on(async {
            let bucket = Bucket::new(pace(rate, burst));
            let start = Instant::now();
            let mut passed = Vec::new();
            for wait in waits {
                tokio::time::advance(Duration::from_micros(wait)).await;
                while bucket.take() {
                    passed.push(start.elapsed().as_secs_f64());
                }
            }
            passed
        });
        for (first, from) in passed.iter().enumerate() {
            for (last, to) in passed.iter().enumerate().skip(first) {
                let most = f64::from(burst) + rate * (to - from);
                let count = (last - first + 1) as f64;
                prop_assert!(count <= most + 1e-6, "{count} in {} s", to - from);
            }
        }
    }

    /// Nothing that can be configured overflows.
    #[test]
    fn any_pace_works(rate in prop::num::f64::POSITIVE, burst in any::<u32>()) {
        let bucket = Bucket::new(pace(rate, burst));
        prop_assert!(bucket.take());
        bucket.take();
        prop_assert!(bucket.pace.refill() < Duration::from_secs(100 * 366 * 86_400));
    }
}

#[tokio::test(start_paused = true)]
async fn a_bucket_refills_at_its_rate() {
    let bucket = Bucket::new(pace(0.5, 2));
    assert_eq!([(); 3].map(|()| bucket.take()), [true, true, false]);
    tokio::time::advance(Duration::from_millis(1_999)).await;
    assert!(!bucket.take());
    tokio::time::advance(Duration::from_millis(1)).await;
    assert_eq!([(); 2].map(|()| bucket.take()), [true, false]);
    tokio::time::advance(Duration::from_secs(60)).await;
    assert_eq!([(); 3].map(|()| bucket.take()), [true, true, false]);
}

#[test]
fn a_bucket_is_of_its_name_and_pace() {
    let buckets = Buckets::default();
    let held = buckets.named(b"api", pace(1.0, 1));
    assert!(Arc::ptr_eq(&held, &buckets.named(b"api", pace(1.0, 1))));
    assert!(!Arc::ptr_eq(&held, &buckets.named(b"api", pace(2.0, 1))));
    assert!(!Arc::ptr_eq(&held, &buckets.named(b"other", pace(1.0, 1))));
    let caller = buckets.of_caller(b"ann", pace(1.0, 1));
    assert!(Arc::ptr_eq(
        &caller,
        &buckets.of_caller(b"ann", pace(1.0, 1))
    ));
    assert!(!Arc::ptr_eq(
        &caller,
        &buckets.of_caller(b"bob", pace(1.0, 1))
    ));
    assert!(!Arc::ptr_eq(
        &caller,
        &buckets.of_caller(b"ann", pace(1.0, 2))
    ));
}

#[test]
fn named_buckets_go_with_those_who_hold_them() {
    let buckets = Buckets::default();
    drop(buckets.named(b"one", pace(1.0, 1)));
    let _held = buckets.named(b"two", pace(1.0, 1));
    assert_eq!(buckets.named.lock().unwrap().len(), 1);
}

#[test]
fn where_there_are_too_many_callers_the_one_unseen_for_longest_is_forgotten() {
    let buckets = Buckets::bounded(10);
    let slow = pace(0.001, 1);
    for name in 0_u8..20 {
        assert!(buckets.of_caller(&[name], slow).take());
        buckets.callers.run_pending_tasks();
    }
    assert_eq!(buckets.callers.entry_count(), 10);
    // A new one is remembered at once, or it would never be throttled.
    assert!(!buckets.of_caller(&[19], slow).take());
    assert!(buckets.of_caller(&[0], slow).take());
}
