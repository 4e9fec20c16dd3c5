//! How the gateway is watched: sets up logs and metrics. The counters live beside what they count.

mod log;
mod meter;
mod metrics;
mod process;

pub(crate) use log::install;
pub(crate) use meter::Meter;
#[cfg(test)]
pub(crate) use metrics::observed;
pub(crate) use metrics::{
    CACHE_CLAIMS, CACHE_ENTRIES, CONNECTIONS, DELIVERIES, EVENTS, HANDSHAKES_FAILED, JOINED_READS,
    KEY_FETCHES, MESSAGES_LOST, Metrics, REFUSALS, RUNNING, SOCKET_CLOSES, SOCKET_MESSAGES,
    SOCKETS, SUBSCRIPTIONS, SUBSCRIPTIONS_ENDED,
};
