//! How long nothing may move.

use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use tokio::time::{Instant, Sleep};

use crate::source::http::{fault::Fault, sending::Upload};

/// Watches that something moves.
pub(super) struct Idle {
    limit: Duration,
    last: Instant,
    /// Made only when there is something to wait for. Set anew when it ends too early, not with
    /// each piece that moves.
    sleep: Option<Pin<Box<Sleep>>>,
    upload: Option<Arc<Upload>>,
}

impl Idle {
    /// Begins now; what moves of `upload` counts.
    pub(super) fn new(limit: Duration, upload: Option<Arc<Upload>>) -> Self {
        Idle {
            limit,
            last: Instant::now(),
            sleep: None,
            upload,
        }
    }

    /// Something moved.
    pub(super) fn moved(&mut self) {
        self.last = Instant::now();
    }

    /// Waits for `work`, as long as something moves.
    pub(super) async fn bound<T>(&mut self, work: impl Future<Output = T>) -> Result<T, Fault> {
        let mut work = pin!(work);
        poll_fn(|cx| {
            if let Poll::Ready(done) = work.as_mut().poll(cx) {
                return Poll::Ready(Ok(done));
            }
            self.poll_elapsed(cx).map(|()| Err(Fault::Timeout))
        })
        .await
    }

    /// Ready when nothing has moved for too long.
    pub(super) fn poll_elapsed(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self
            .upload
            .as_ref()
            .is_some_and(|upload| upload.has_moved())
        {
            self.moved();
        }
        // A limit that no clock can show is none.
        let Some(deadline) = self.last.checked_add(self.limit) else {
            return Poll::Pending;
        };
        let sleep = self
            .sleep
            .get_or_insert_with(|| Box::pin(tokio::time::sleep_until(deadline)));
        while sleep.as_mut().poll(cx).is_ready() {
            if sleep.deadline() >= deadline {
                return Poll::Ready(());
            }
            sleep.as_mut().reset(deadline);
        }
        Poll::Pending
    }
}
