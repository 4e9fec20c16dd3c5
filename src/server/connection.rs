//! One connection: what it has done lately, and whether it stands still.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
    task::{Context, Poll},
    time::Duration,
};

use metrics::Gauge;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    sync::OwnedSemaphorePermit,
};

/// How often a connection is looked at. One that has moved no byte and runs no request between two
/// looks is closed: silent from the start, stuck in half a request, or not taking its answer.
const LOOK: Duration = Duration::from_secs(60);

/// What a connection does, for the one who looks.
#[derive(Debug, Default)]
pub(super) struct Activity {
    moved: AtomicU64,
    running: AtomicUsize,
}

/// A request that runs.
pub(super) struct Running(Arc<Activity>);

/// A stream that counts what moves through it, and holds the connection's place among all of them: a
/// socket that takes the stream over holds it on.
#[derive(Debug)]
pub(super) struct Counted {
    stream: TcpStream,
    activity: Arc<Activity>,
    _slot: Slot,
}

/// The place of a connection; free again when it is dropped.
#[derive(Debug)]
pub(super) struct Slot {
    open: Gauge,
    _permit: OwnedSemaphorePermit,
}

// === impl Activity ===

impl Activity {
    /// Notes that a request runs, until what is handed out is dropped.
    pub(super) fn run(self: &Arc<Self>) -> Running {
        self.running.fetch_add(1, Relaxed);
        Running(Arc::clone(self))
    }

    /// Returns when the connection stands still.
    pub(super) async fn standstill(&self) {
        let mut seen = self.moved.load(Relaxed);
        loop {
            tokio::time::sleep(LOOK).await;
            let moved = self.moved.load(Relaxed);
            if moved == seen && self.running.load(Relaxed) == 0 {
                return;
            }
            seen = moved;
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Relaxed);
    }
}

// === impl Slot ===

impl Slot {
    /// Counts the connection in `open` for as long as it lasts.
    pub(super) fn new(permit: OwnedSemaphorePermit, open: Gauge) -> Self {
        open.increment(1.0);
        Slot {
            open,
            _permit: permit,
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.open.decrement(1.0);
    }
}

// === impl Counted ===

impl Counted {
    pub(super) fn new(stream: TcpStream, activity: Arc<Activity>, slot: Slot) -> Self {
        Counted {
            stream,
            activity,
            _slot: slot,
        }
    }

    fn moved(&self, bytes: usize) {
        self.activity.moved.fetch_add(bytes as u64, Relaxed);
    }
}

impl AsyncRead for Counted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buffer);
        self.moved(buffer.filled().len() - before);
        polled
    }
}

impl AsyncWrite for Counted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(cx, bytes);
        if let Poll::Ready(Ok(count)) = &polled {
            self.moved(*count);
        }
        polled
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        if let Poll::Ready(Ok(count)) = &polled {
            self.moved(*count);
        }
        polled
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn silence_is_a_standstill() {
        let activity = Arc::new(Activity::default());
        let waited = tokio::time::timeout(LOOK * 2, activity.standstill()).await;
        assert!(waited.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_running_request_or_a_moved_byte_is_none() {
        let activity = Arc::new(Activity::default());
        let running = activity.run();
        let waited = tokio::time::timeout(LOOK * 5, activity.standstill()).await;
        assert!(waited.is_err());
        drop(running);
        let mover = Arc::clone(&activity);
        let moving = tokio::spawn(async move {
            for _ in 0..5 {
                tokio::time::sleep(LOOK / 2).await;
                mover.moved.fetch_add(1, Relaxed);
            }
        });
        let waited = tokio::time::timeout(LOOK * 2, activity.standstill()).await;
        assert!(waited.is_err());
        moving.await.unwrap();
        assert!(
            tokio::time::timeout(LOOK * 3, activity.standstill())
                .await
                .is_ok()
        );
    }
}
