//! The body of a request, read as a whole: within so many bytes, and until a deadline.

use std::time::Duration;

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, header::CONTENT_LENGTH},
};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tokio::time::{Instant, timeout_at};

/// How long a body may take to arrive, where nothing else bounds it.
const ARRIVAL: Duration = Duration::from_secs(30);

/// How much of a body is read, and until when.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// Bytes.
    pub(super) max: usize,
    /// It must be there by then.
    pub(super) deadline: Instant,
}

/// Why there is no body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unread {
    /// It is larger than allowed.
    TooLarge,
    /// It did not arrive in time.
    TooLate,
    /// It did not arrive whole.
    Incomplete,
}

impl Bounds {
    /// So many bytes, from now on.
    pub(super) fn of(max: usize) -> Self {
        Bounds {
            max,
            deadline: Instant::now() + ARRIVAL,
        }
    }
}

/// Reads a body. One that announces too much is not read at all.
pub(super) async fn collect(
    headers: &HeaderMap,
    body: Body,
    bounds: Bounds,
) -> Result<Bytes, Unread> {
    let announced = headers
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > bounds.max as u64) {
        return Err(Unread::TooLarge);
    }
    let collected = timeout_at(bounds.deadline, Limited::new(body, bounds.max).collect());
    match collected.await.map_err(|_| Unread::TooLate)? {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(Unread::TooLarge),
        Err(_) => Err(Unread::Incomplete),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(announced: Option<u64>, body: impl Into<Body>) -> Result<Bytes, Unread> {
        let length = announced.map(|length| (CONTENT_LENGTH, length.into()));
        collect(&HeaderMap::from_iter(length), body.into(), Bounds::of(4)).await
    }

    #[tokio::test]
    async fn a_body_is_bounded_to_the_byte() {
        assert_eq!(read(None, "1234").await.as_deref(), Ok(&b"1234"[..]));
        assert_eq!(read(None, "12345").await, Err(Unread::TooLarge));
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_does_not_come_is_not_waited_for() {
        let never =
            || Body::from_stream(futures::stream::pending::<Result<Bytes, std::io::Error>>());
        assert_eq!(read(Some(5), never()).await, Err(Unread::TooLarge));
        assert_eq!(read(Some(4), never()).await, Err(Unread::TooLate));
    }

    #[tokio::test]
    async fn half_a_body_is_none() {
        let broken = futures::stream::iter([Ok("12"), Err(std::io::Error::other("gone"))]);
        let read = read(None, Body::from_stream(broken)).await;
        assert_eq!(read, Err(Unread::Incomplete));
    }
}
