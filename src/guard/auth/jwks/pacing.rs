//! When keys are fetched; pure arithmetic.

use std::time::Duration;

use tokio::time::Instant;

/// Older keys are fetched again, in the background.
const FRESH: Duration = Duration::from_secs(60 * 60);

/// Older keys hold no more.
const LIFE: Duration = Duration::from_secs(24 * 60 * 60);

/// Between two fetches.
const PAUSE: Duration = Duration::from_secs(30);

/// After the first failure while there are no keys at all: nobody gets in until there are.
const SHORT_PAUSE: Duration = Duration::from_secs(1);

/// After many failures.
const LONGEST_PAUSE: Duration = Duration::from_secs(5 * 60);

/// What may be done with keys of an age.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Age {
    /// They hold.
    Fresh,
    /// They hold, and newer ones are wanted.
    Old,
    /// They hold no more.
    Dead,
}

/// The fetches so far.
#[derive(Debug, Default)]
pub(super) struct Pacing {
    /// How many there were.
    made: u64,
    last: Option<Instant>,
    /// The one before the last.
    before: Option<Instant>,
    /// Since the last one that succeeded.
    failures: u32,
}

impl Age {
    pub(super) fn of(fetched: Instant, now: Instant) -> Self {
        match now.saturating_duration_since(fetched) {
            age if age < FRESH => Age::Fresh,
            age if age < LIFE => Age::Old,
            _ => Age::Dead,
        }
    }
}

impl Pacing {
    /// The number of the fetch that may be made now. A second one may follow a good one at once, so
    /// that a key which is rotated right after a fetch is not unknown for the length of a pause.
    pub(super) fn may_fetch(&self, now: Instant, has_keys: bool) -> Option<u64> {
        let pause = self.pause(has_keys);
        let is_over = |fetch: Option<Instant>| {
            fetch.is_none_or(|fetch| now.saturating_duration_since(fetch) >= pause)
        };
        let may = is_over(self.last) || (self.failures == 0 && is_over(self.before));
        may.then_some(self.made)
    }

    /// Whether the fetch of this number was not made yet.
    pub(super) fn is_next(&self, number: u64) -> bool {
        self.made == number
    }

    pub(super) fn fetched(&mut self, now: Instant, succeeded: bool) {
        self.made += 1;
        self.before = self.last.replace(now);
        self.failures = if succeeded { 0 } else { self.failures + 1 };
    }

    fn pause(&self, has_keys: bool) -> Duration {
        // The first failure doubles nothing when there are no keys: the pause is short as it is.
        let (first, doublings) = match has_keys {
            true => (PAUSE, self.failures),
            false => (SHORT_PAUSE, self.failures.saturating_sub(1)),
        };
        let factor = 2_u32.saturating_pow(doublings);
        first.saturating_mul(factor).min(LONGEST_PAUSE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pauses in seconds that are kept after so many failures in a row.
    fn pauses(has_keys: bool, failures: u32) -> u64 {
        let start = Instant::now();
        let mut pacing = Pacing::default();
        (0..failures).for_each(|_| pacing.fetched(start, false));
        if failures == 0 {
            pacing.fetched(start, true);
            pacing.fetched(start, true);
        }
        let may = |seconds| {
            let now = start + Duration::from_secs(seconds);
            pacing.may_fetch(now, has_keys).is_some()
        };
        (0..).find(|seconds| may(*seconds)).unwrap()
    }

    #[test]
    fn pauses_double_up_to_five_minutes() {
        let with_keys = (0..6).map(|it| pauses(true, it));
        assert_eq!(with_keys.collect::<Vec<_>>(), [30, 60, 120, 240, 300, 300]);
        let without = (1..12).map(|it| pauses(false, it));
        let expected = [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300];
        assert_eq!(without.collect::<Vec<_>>(), expected);
        assert_eq!(pauses(true, 100), 300);
    }

    #[test]
    fn the_first_fetch_is_made_at_once() {
        let mut pacing = Pacing::default();
        let now = Instant::now();
        assert_eq!(pacing.may_fetch(now, false), Some(0));
        assert!(pacing.is_next(0));
        pacing.fetched(now, true);
        assert!(!pacing.is_next(0));
    }

    #[test]
    fn one_more_may_follow_a_good_one_and_then_none() {
        let mut pacing = Pacing::default();
        let now = Instant::now();
        pacing.fetched(now, true);
        assert_eq!(pacing.may_fetch(now, true), Some(1));
        pacing.fetched(now, true);
        assert_eq!(pacing.may_fetch(now + PAUSE / 2, true), None);
        let mut failing = Pacing::default();
        failing.fetched(now, true);
        failing.fetched(now, false);
        assert_eq!(failing.may_fetch(now + PAUSE, true), None);
    }

    #[test]
    fn keys_grow_old_and_die() {
        let fetched = Instant::now();
        let after = |seconds| Age::of(fetched, fetched + Duration::from_secs(seconds));
        assert_eq!(after(3_599), Age::Fresh);
        assert_eq!(after(3_600), Age::Old);
        assert_eq!(after(86_399), Age::Old);
        assert_eq!(after(86_400), Age::Dead);
    }
}
