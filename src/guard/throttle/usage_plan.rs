//! What the holder of an API key may use: a rate and a quota, over all apis together.
//!
//! See: apigateway.md 6.9 (usage plans).

use std::sync::Arc;

use super::quota::Quota;
use crate::{
    cluster::{Bucket, Cluster, Pace},
    config::access::UsagePlan,
};

/// What one API key may use under its plan. Limits are per key, not shared by the plan's keys.
#[derive(Debug)]
pub(in crate::guard) struct Allowance {
    bucket: Option<Arc<Bucket>>,
    quota: Option<Quota>,
}

impl Allowance {
    pub(in crate::guard) fn from_config(key: &str, plan: &UsagePlan, cluster: &Cluster) -> Self {
        let name = format!("{}\0{key}", plan.name.value);
        // An empty name of an api does not exist, so that no throttle has the same name.
        let bucket = |rate| {
            let name = format!("\0{name}");
            cluster
                .buckets
                .named(name.as_bytes(), Pace::from_config(rate))
        };
        Allowance {
            bucket: plan.rate.map(bucket),
            quota: plan.quota.map(|it| Quota::from_config(&name, it, cluster)),
        }
    }

    /// Takes a token of the rate, if there is one.
    pub(in crate::guard) fn take_rate(&self) -> bool {
        self.bucket.as_ref().is_none_or(|bucket| bucket.take())
    }

    /// Uses up one of the quota, if there is one left.
    pub(in crate::guard) fn take_quota(&self, now: u64) -> bool {
        self.quota.as_ref().is_none_or(|quota| quota.take(now))
    }
}
