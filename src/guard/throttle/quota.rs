//! How many in a period of the calendar, in UTC.

use std::sync::Arc;

use crate::{
    clock,
    cluster::{Cluster, Counter},
    config::access::{self, Period},
};

/// What a caller may use up until the period ends.
#[derive(Debug)]
pub(super) struct Quota {
    limit: u64,
    period: Period,
    counter: Arc<Counter>,
}

impl Quota {
    /// `name` is whose quota it is. A changed limit counts on; a changed period begins anew.
    pub(super) fn from_config(name: &str, quota: access::Quota, cluster: &Cluster) -> Self {
        Quota {
            limit: quota.limit,
            period: quota.period,
            counter: cluster
                .buckets
                .counter(&format!("{:?} {name}", quota.period)),
        }
    }

    /// Uses up one, if there is one left.
    pub(super) fn take(&self, now: u64) -> bool {
        self.counter.count(number(self.period, now), self.limit)
    }
}

/// The number of the period that a time (in seconds since 1970) is in.
fn number(period: Period, now: u64) -> u64 {
    let days = now / 86_400;
    match period {
        Period::Day => days,
        // The first day of 1970 was a Thursday, three days behind its Monday.
        Period::Week => (days + 3) / 7,
        Period::Month => {
            let (year, month, _) = clock::civil(days);
            year * 12 + month
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As `date -u -d @N` shows them: the last second of one period, the first of the next.
    #[test]
    fn periods_begin_at_midnight_on_mondays_and_on_the_first() {
        let cases = [
            (Period::Day, 1_795_219_199),   // 2026-11-20 Fri 23:59:59
            (Period::Week, 1_795_391_999),  // 2026-11-22 Sun 23:59:59
            (Period::Month, 1_796_083_199), // 2026-11-30 Mon 23:59:59
            (Period::Month, 1_798_761_599), // 2026-12-31 Thu 23:59:59
            (Period::Month, 1_709_251_199), // 2024-02-29 Thu 23:59:59
            (Period::Week, 1_798_415_999),  // 2026-12-27 Sun 23:59:59
        ];
        for (period, last) in cases {
            let before = number(period, last - 86_399);
            assert_eq!(before, number(period, last), "{period:?} {last}");
            assert_eq!(before + 1, number(period, last + 1), "{period:?} {last}");
        }
    }

    #[test]
    fn a_quota_is_used_up_until_its_period_ends() {
        let cluster = Cluster::alone();
        let of = |limit| {
            let period = Period::Day;
            Quota::from_config("acme", access::Quota { limit, period }, &cluster)
        };
        let quota = of(2);
        assert_eq!([1, 2, 3].map(|now| quota.take(now)), [true, true, false]);
        // Another configuration of the same name counts on.
        assert_eq!([4, 5].map(|now| of(3).take(now)), [true, false]);
        assert!(quota.take(86_400));
        // A clock that is set back does not bring the old day back.
        assert_eq!([3, 4].map(|now| quota.take(now)), [true, false]);
    }
}
