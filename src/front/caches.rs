//! What the caches of all apis did, told as metrics when somebody asks.
//!
//! A cache begins to count anew when its api is compiled again; a counter of the metrics never goes
//! back. So what is told is how far each cache has come since it was last asked.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use crate::{
    cache::Stats,
    deployment::Deployments,
    observe::{CACHE_CLAIMS, CACHE_ENTRIES},
};

/// How far the caches were when they were last asked, by api and field.
#[derive(Debug, Default)]
pub(super) struct Caches {
    told: Mutex<HashMap<(String, String), Stats>>,
}

impl Caches {
    /// Tells what the caches of these deployments did since they were last asked.
    pub(super) fn report(&self, deployments: &Deployments) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        for deployment in deployments.iter() {
            for (field, stats) in deployment.cache_stats() {
                let place = ((*deployment.name).to_owned(), field);
                tell(&place, told.get(&place).copied().unwrap_or_default(), stats);
                told.insert(place, stats);
            }
        }
    }

    /// Tells the last of these deployments, which are about to be replaced.
    pub(super) fn close(&self, deployments: &Deployments) {
        self.report(deployments);
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        for ((api, field), _) in told.drain() {
            metrics::gauge!(CACHE_ENTRIES, "api" => api, "field" => field).set(0.0);
        }
    }
}

fn tell((api, field): &(String, String), before: Stats, now: Stats) {
    let outcomes = [
        ("hit", now.hits.saturating_sub(before.hits)),
        ("miss", now.misses.saturating_sub(before.misses)),
        ("joined", now.joined.saturating_sub(before.joined)),
    ];
    for (outcome, more) in outcomes {
        let labels = [
            ("api", api.clone()),
            ("field", field.clone()),
            ("outcome", outcome.to_owned()),
        ];
        metrics::counter!(CACHE_CLAIMS, &labels).increment(more);
    }
    let labels = [("api", api.clone()), ("field", field.clone())];
    metrics::gauge!(CACHE_ENTRIES, &labels).set(now.entries as f64);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::observed;

    #[test]
    fn a_cache_that_begins_anew_adds_to_what_was_told() {
        let place = ("shop".to_owned(), "Query.product".to_owned());
        let stats = |hits, entries| Stats {
            hits,
            entries,
            ..Stats::default()
        };
        let text = observed(|| {
            tell(&place, Stats::default(), stats(5, 2));
            tell(&place, stats(5, 2), stats(7, 1));
            tell(&place, Stats::default(), stats(1, 1));
        });
        assert!(text.contains(
            "loomgate_cache_claims_total{api=\"shop\",field=\"Query.product\",outcome=\"hit\"} 8\n"
        ), "{text}");
        assert!(
            text.contains("loomgate_cache_entries{api=\"shop\",field=\"Query.product\"} 1\n"),
            "{text}"
        );
    }
}
