//! When an identity ends, on the clock that timers run by.

use std::time::Duration;

use tokio::time::Instant;

use crate::{clock, request::Call};

/// When the caller's identity ends, if it does.
pub(super) fn of(call: &Call) -> Option<Instant> {
    let expires = call.identity().expires()?;
    Some(after(clock::until(expires)))
}

/// So long from now.
pub(super) fn after(duration: Duration) -> Instant {
    clock::after(Instant::now(), duration)
}
