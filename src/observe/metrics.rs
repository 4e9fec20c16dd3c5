//! Metrics in Prometheus' text format, and the table of all there are.
//!
//! Whoever counts something uses the `metrics` crate and names it here. What is known anyway and need
//! not be counted is written when somebody asks: by those who were added with [`Metrics::at_scrape`].

use std::{fmt, time::Duration};

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

use crate::observe::process;

/// How long a request took: upper bounds of the histogram's buckets, in seconds.
const BUCKETS: [f64; 14] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

/// How often recorded times are sorted into their buckets: until then each takes 8 bytes.
const UPKEEP: Duration = Duration::from_secs(1);

/// Requests that were answered. Labels: `api`, `type`, `status`.
pub(crate) const REQUESTS: &str = "loomgate_requests_total";
/// How long answers took. Labels: `api`, `type`.
pub(crate) const DURATION: &str = "loomgate_request_duration_seconds";
/// Requests that are being answered.
pub(crate) const RUNNING: &str = "loomgate_requests_running";
/// Open connections.
pub(crate) const CONNECTIONS: &str = "loomgate_connections";
/// Failed TLS handshakes.
pub(crate) const HANDSHAKES_FAILED: &str = "loomgate_tls_handshakes_failed_total";
/// Questions to caches. Labels: `api`, `field`, `outcome`.
pub(crate) const CACHE_CLAIMS: &str = "loomgate_cache_claims_total";
/// Values in caches. Labels: `api`, `field`.
pub(crate) const CACHE_ENTRIES: &str = "loomgate_cache_entries";
/// Reads of routes and messages that were made in one call with others.
pub(crate) const JOINED_READS: &str = "loomgate_joined_reads_total";
/// Requests and messages that the guard refused. Label: `reason`.
pub(crate) const REFUSALS: &str = "loomgate_refusals_total";
/// Fetches of issuers' signing keys. Label: `outcome`.
pub(crate) const KEY_FETCHES: &str = "loomgate_jwks_fetches_total";
/// Open WebSockets.
pub(crate) const SOCKETS: &str = "loomgate_sockets";
/// Messages of WebSockets. Label: `direction`.
pub(crate) const SOCKET_MESSAGES: &str = "loomgate_socket_messages_total";
/// WebSockets that ended. Label: `reason`.
pub(crate) const SOCKET_CLOSES: &str = "loomgate_socket_closes_total";
/// Subscriptions that listen. Label: `api`.
pub(crate) const SUBSCRIPTIONS: &str = "loomgate_subscriptions";
/// Events for subscribers. Labels: `api`, `outcome`.
pub(crate) const EVENTS: &str = "loomgate_events_total";
/// Answers that were handed to subscribers. Label: `api`.
pub(crate) const DELIVERIES: &str = "loomgate_deliveries_total";
/// Subscriptions that a mutation ended. Label: `api`.
pub(crate) const SUBSCRIPTIONS_ENDED: &str = "loomgate_subscriptions_ended_total";
/// Messages that found a listener full.
pub(crate) const MESSAGES_LOST: &str = "loomgate_messages_lost_total";
/// Always 1. Label: `version`.
const BUILD: &str = "loomgate_build_info";
/// Named as every program names it.
pub(super) const RESIDENT: &str = "process_resident_memory_bytes";
/// Named as every program names it.
pub(super) const OPEN_FDS: &str = "process_open_fds";

enum Kind {
    Counter,
    Gauge,
    Histogram,
}

/// All metrics there are; `docs/operations.md` has the same table.
const TABLE: [(&str, Kind, &str); 21] = [
    (
        REQUESTS,
        Kind::Counter,
        "Requests answered, by api, type of api and class of status.",
    ),
    (
        DURATION,
        Kind::Histogram,
        "Seconds from the head of a request to the head of its answer.",
    ),
    (
        RUNNING,
        Kind::Gauge,
        "Requests being answered; bounded by server.max_requests.",
    ),
    (
        CONNECTIONS,
        Kind::Gauge,
        "Open client connections, sockets among them; bounded by server.max_connections.",
    ),
    (
        HANDSHAKES_FAILED,
        Kind::Counter,
        "TLS handshakes that failed or took too long.",
    ),
    (
        CACHE_CLAIMS,
        Kind::Counter,
        "Questions to the caches of fields, by outcome: hit, miss, joined.",
    ),
    (
        CACHE_ENTRIES,
        Kind::Gauge,
        "Values that the caches of fields hold.",
    ),
    (
        JOINED_READS,
        Kind::Counter,
        "Single reads of routes and messages that were made in one call with others.",
    ),
    (
        REFUSALS,
        Kind::Counter,
        "Requests and messages that the guard refused, by reason.",
    ),
    (
        KEY_FETCHES,
        Kind::Counter,
        "Fetches of issuers' signing keys, by outcome: changed, unchanged, failed.",
    ),
    (SOCKETS, Kind::Gauge, "Open WebSockets."),
    (
        SOCKET_MESSAGES,
        Kind::Counter,
        "Messages of WebSockets, by direction: in, out.",
    ),
    (
        SOCKET_CLOSES,
        Kind::Counter,
        "WebSockets that ended, by reason.",
    ),
    (SUBSCRIPTIONS, Kind::Gauge, "Subscriptions that listen."),
    (
        EVENTS,
        Kind::Counter,
        "Events for subscribers, by outcome: published, answered, failed, lost.",
    ),
    (
        DELIVERIES,
        Kind::Counter,
        "Answers that were handed to subscribers.",
    ),
    (
        SUBSCRIPTIONS_ENDED,
        Kind::Counter,
        "Subscriptions that a mutation ended.",
    ),
    (
        MESSAGES_LOST,
        Kind::Counter,
        "Messages between publishers and listeners that found the listener full.",
    ),
    (BUILD, Kind::Gauge, "Always 1; the label tells the version."),
    (RESIDENT, Kind::Gauge, "Resident memory."),
    (OPEN_FDS, Kind::Gauge, "Open file descriptors."),
];

/// The metrics of this process.
pub(crate) struct Metrics {
    handle: PrometheusHandle,
    at_scrape: Vec<Box<dyn Fn() + Send + Sync>>,
}

/// The metrics cannot be set up.
#[derive(Debug, thiserror::Error)]
#[error("cannot set up the metrics")]
pub(crate) struct MetricsError(#[from] BuildError);

// === impl Metrics ===

impl Metrics {
    /// Sets up the metrics of this process. Counters that were made before count for nobody.
    pub(crate) fn install() -> Result<Self, MetricsError> {
        let metrics = Metrics::new(builder()?.install_recorder()?);
        describe();
        Ok(metrics)
    }

    fn new(handle: PrometheusHandle) -> Self {
        Metrics {
            handle,
            at_scrape: vec![Box::new(process::report)],
        }
    }

    /// Adds someone who writes what is known when somebody asks for the metrics.
    pub(crate) fn at_scrape(&mut self, report: impl Fn() + Send + Sync + 'static) {
        self.at_scrape.push(Box::new(report));
    }

    /// All metrics as Prometheus reads them.
    pub(crate) fn render(&self) -> String {
        for report in &self.at_scrape {
            report();
        }
        self.handle.render()
    }

    /// Sorts what was recorded into buckets, for ever.
    pub(crate) async fn upkeep(&self) {
        let mut interval = tokio::time::interval(UPKEEP);
        loop {
            interval.tick().await;
            self.handle.run_upkeep();
        }
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

fn builder() -> Result<PrometheusBuilder, BuildError> {
    PrometheusBuilder::new().set_buckets_for_metric(Matcher::Full(DURATION.to_owned()), &BUCKETS)
}

fn describe() {
    for (name, kind, help) in TABLE {
        match kind {
            Kind::Counter => metrics::describe_counter!(name, help),
            Kind::Gauge => metrics::describe_gauge!(name, help),
            Kind::Histogram => metrics::describe_histogram!(name, help),
        }
    }
    metrics::gauge!(BUILD, "version" => env!("CARGO_PKG_VERSION")).set(1.0);
}

#[cfg(test)]
impl Metrics {
    /// Of nothing that is counted elsewhere.
    pub(crate) fn for_tests() -> Self {
        let recorder = PrometheusBuilder::new().build_recorder();
        let handle = recorder.handle();
        let mut metrics = Metrics::new(handle);
        metrics.at_scrape = vec![Box::new(move || {
            metrics::with_local_recorder(&recorder, process::report);
        })];
        metrics
    }
}

/// Runs `scenario` with metrics of its own and says what they are then.
#[cfg(test)]
pub(crate) fn observed(scenario: impl FnOnce()) -> String {
    let recorder = builder()
        .expect("the buckets are in order")
        .build_recorder();
    let metrics = Metrics::new(recorder.handle());
    metrics::with_local_recorder(&recorder, || {
        describe();
        scenario();
        metrics.render()
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_metric_is_described_once_and_in_the_manual() {
        let manual = include_str!("../../docs/operations.md");
        let mut seen = HashSet::new();
        for (name, _, help) in TABLE {
            assert!(seen.insert(name), "{name} stands twice in the table");
            assert!(help.ends_with('.'), "{name}: {help}");
            assert!(manual.contains(&format!("`{name}`")), "{name}");
        }
    }

    #[test]
    fn a_scrape_says_what_the_process_takes() {
        let text = observed(|| ());
        assert!(text.contains("# TYPE process_resident_memory_bytes gauge"));
        let version = env!("CARGO_PKG_VERSION");
        assert!(text.contains(&format!("loomgate_build_info{{version=\"{version}\"}} 1")));
        let resident = text
            .lines()
            .find_map(|line| line.strip_prefix("process_resident_memory_bytes "))
            .and_then(|value| value.parse::<f64>().ok());
        assert!(resident.is_some_and(|bytes| bytes > 1e6), "{text}");
    }

    #[test]
    fn durations_fall_into_buckets() {
        let text = observed(|| {
            metrics::histogram!(DURATION, "api" => "shop").record(0.003);
            metrics::histogram!(DURATION, "api" => "shop").record(60.0);
        });
        let bucket = |le: &str, count: u32| {
            let line = format!(
                "loomgate_request_duration_seconds_bucket{{api=\"shop\",le=\"{le}\"}} {count}\n"
            );
            assert!(text.contains(&line), "{line} is not in\n{text}");
        };
        bucket("0.0025", 0);
        bucket("0.005", 1);
        bucket("10", 1);
        bucket("+Inf", 2);
    }
}
