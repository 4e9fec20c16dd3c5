//! Counts the requests of one api. All handles are made beforehand: counting a request builds no name
//! and looks nothing up.

use std::time::Duration;

use axum::http::StatusCode;
use metrics::{Counter, Histogram};

use crate::observe::metrics::{DURATION, REQUESTS};

/// The classes of statuses.
const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// Counts the requests of one api.
#[derive(Debug)]
pub(crate) struct Meter {
    by_class: [Counter; CLASSES.len()],
    duration: Histogram,
}

impl Meter {
    /// For the api of a name and a type. Two of one name count together, so that an api that is
    /// compiled again goes on where it was.
    pub(crate) fn new(api: &str, type_name: &'static str) -> Self {
        let counter = |class: &'static str| {
            let labels = [
                ("api", api.to_owned()),
                ("type", type_name.to_owned()),
                ("status", class.to_owned()),
            ];
            metrics::counter!(REQUESTS, &labels)
        };
        let labels = [("api", api.to_owned()), ("type", type_name.to_owned())];
        Meter {
            by_class: CLASSES.map(counter),
            duration: metrics::histogram!(DURATION, &labels),
        }
    }

    /// Counts one request.
    pub(crate) fn record(&self, status: StatusCode, took: Duration) {
        let class = usize::from(status.as_u16() / 100).saturating_sub(1);
        if let Some(counter) = self.by_class.get(class) {
            counter.increment(1);
        }
        self.duration.record(took.as_secs_f64());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::metrics::observed;

    #[test]
    fn requests_are_counted_by_class_and_compiling_again_forgets_nothing() {
        let text = observed(|| {
            let meter = Meter::new("shop", "graphql");
            meter.record(StatusCode::OK, Duration::from_millis(1));
            meter.record(StatusCode::NO_CONTENT, Duration::from_millis(1));
            meter.record(StatusCode::SWITCHING_PROTOCOLS, Duration::from_millis(1));
            let again = Meter::new("shop", "graphql");
            again.record(StatusCode::OK, Duration::from_millis(1));
            let odd = StatusCode::from_u16(999).expect("it is in range");
            again.record(odd, Duration::from_millis(1));
        });
        let counted = |class: &str, count: u32| {
            let line = format!(
                "loomgate_requests_total{{api=\"shop\",type=\"graphql\",status=\"{class}\"}} {count}\n"
            );
            assert!(text.contains(&line), "{line} is not in\n{text}");
        };
        counted("1xx", 1);
        counted("2xx", 3);
        counted("5xx", 0);
        assert!(text.contains(
            "loomgate_request_duration_seconds_count{api=\"shop\",type=\"graphql\"} 5\n"
        ));
    }
}
