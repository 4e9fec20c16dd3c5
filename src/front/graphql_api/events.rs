//! GraphQL over Server-Sent Events, one stream for each operation.
//!
//! A client that reads more slowly than `sockets.queue` events allow has its stream ended, without
//! the `complete` that would tell it that there is nothing more to come: it may ask again. So ends a
//! stream whose caller's identity ends, and every stream when the gateway stops. One that a mutation
//! ended is told `complete`.
//!
//! See: <https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md> (distinct connections
//! mode), <https://html.spec.whatwg.org/multipage/server-sent-events.html>.

use std::{convert::Infallible, time::Duration};

use async_stream::stream;
use axum::{
    body::Body,
    http::{
        HeaderName, HeaderValue, Response,
        header::{CACHE_CONTROL, CONTENT_TYPE},
    },
};
use bytes::Bytes;
use futures::Stream;
use tokio::{
    sync::mpsc,
    time::{Instant, MissedTickBehavior, interval_at, sleep_until},
};
use tokio_tungstenite::tungstenite::Utf8Bytes;
use tokio_util::sync::CancellationToken;

use crate::{
    front::graphql_api::{expiry, operation::Api},
    graphql::Subscription,
    request::Call,
    subscribe::{Envelope, Membership, Notice, Overrun},
};

/// What is written when there is nothing to say.
const NOTHING: Bytes = Bytes::from_static(b":\n\n");

/// A stream is never silent for longer, whatever `keep_alive` says: a connection on which nothing moves
/// for a minute is taken for one that stands still, and is closed.
const SILENCE: Duration = Duration::from_secs(30);

/// The last event of an operation that has answered.
const COMPLETE: &str = "event: complete\ndata:\n\n";

/// Answers a query or a mutation.
pub(super) fn once(answer: &[u8]) -> Response<Body> {
    let answer = String::from_utf8_lossy(answer);
    let mut body = Envelope::Event.wrap(&answer).to_string();
    body.push_str(COMPLETE);
    respond(Body::from(body))
}

/// Answers a subscription that was opened.
pub(super) fn listen(
    api: &Api,
    call: &Call,
    subscription: Subscription,
    gone: CancellationToken,
) -> Response<Body> {
    let graphql = api.graphql();
    let settings = &graphql.subscriptions;
    let (sink, events) = mpsc::channel(settings.sockets.queue.max(1));
    let sink = move |notice| {
        let event = match notice {
            Notice::Answer(event) => event,
            Notice::End => Utf8Bytes::from_static(COMPLETE),
        };
        sink.try_send(event).map_err(|_| Overrun)
    };
    let membership = graphql
        .hub
        .join(subscription, Envelope::Event, Box::new(sink));
    let stream = Listener {
        events,
        membership,
        keep_alive: settings.keep_alive,
        end: end(call, settings.sockets.total),
        gone,
    };
    respond(Body::from_stream(stream.run()))
}

/// When a stream ends at the latest.
fn end(call: &Call, total: Duration) -> Instant {
    let total = expiry::after(total);
    expiry::of(call).map_or(total, |expires| expires.min(total))
}

/// How often something is written.
fn period(keep_alive: Duration) -> Duration {
    keep_alive.clamp(Duration::from_millis(1), SILENCE)
}

fn respond(body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    for (name, value) in [
        (CONTENT_TYPE, "text/event-stream; charset=utf-8"),
        (CACHE_CONTROL, "no-cache"),
        // Without it nginx waits until it has a buffer full of events.
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// One stream. Dropped with the connection, and the subscriber with it.
struct Listener {
    events: mpsc::Receiver<Utf8Bytes>,
    membership: Membership,
    keep_alive: Duration,
    end: Instant,
    gone: CancellationToken,
}

impl Listener {
    fn run(mut self) -> impl Stream<Item = Result<Bytes, Infallible>> + Send {
        stream! {
            // Some browsers take an answer for begun when its first byte is there.
            yield Ok(NOTHING);
            let period = period(self.keep_alive);
            let mut quiet = interval_at(expiry::after(period), period);
            quiet.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                let next = tokio::select! {
                    event = self.events.recv() => event.map(Bytes::from),
                    _ = quiet.tick() => Some(NOTHING),
                    () = sleep_until(self.end) => None,
                    () = self.gone.cancelled() => None,
                };
                match next {
                    Some(event) => yield Ok(event),
                    None => break,
                }
            }
            drop(self.membership);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_never_silent_for_as_long_as_a_connection_that_stands_still() {
        let written_every = |seconds| period(Duration::from_secs(seconds)).as_secs();
        assert_eq!([5, 20, 90, 3600].map(written_every), [5, 20, 30, 30]);
    }
}
