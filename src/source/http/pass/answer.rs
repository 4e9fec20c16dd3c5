//! The body of an answer that is passed through: it holds the connection that it comes over, and
//! drives it.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::sync::OwnedSemaphorePermit;

use super::idle::Idle;
use crate::source::http::{
    connection::{Connection, Pool},
    fault::Fault,
    report,
};

/// The body of an answer. Dropped before its end, it closes the connection.
pub(super) struct Answer {
    /// The source's name, for the log.
    pub(super) name: Arc<str>,
    pub(super) incoming: Incoming,
    /// What the answer occupies until its end.
    pub(super) running: Option<(Connection, Arc<Pool>, OwnedSemaphorePermit)>,
    pub(super) idle: Idle,
}

impl Answer {
    fn finish(&mut self) {
        if let Some((connection, pool, _slot)) = self.running.take() {
            pool.put_back(connection);
        }
    }

    fn fail(&mut self, fault: Fault) -> Poll<Option<Result<Frame<Bytes>, Fault>>> {
        self.running = None;
        report(&self.name, &fault);
        Poll::Ready(Some(Err(fault)))
    }
}

impl Body for Answer {
    type Data = Bytes;
    type Error = Fault;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Fault>>> {
        let this = &mut *self;
        loop {
            let Some((connection, ..)) = &mut this.running else {
                return Poll::Ready(None);
            };
            let frame = match connection.poll_frame(&mut this.incoming, cx) {
                Poll::Ready(frame) => frame,
                Poll::Pending => {
                    return match this.idle.poll_elapsed(cx) {
                        Poll::Ready(()) => this.fail(Fault::Timeout),
                        Poll::Pending => Poll::Pending,
                    };
                }
            };
            match frame {
                None => this.finish(),
                Some(Err(error)) => return this.fail(error.into()),
                // Trailers belong to the connection they came over.
                Some(Ok(frame)) if !frame.is_data() => {}
                Some(Ok(frame)) => {
                    this.idle.moved();
                    // Whoever reads a body of known length does not come back for its end.
                    if this.incoming.is_end_stream() {
                        this.finish();
                    }
                    return Poll::Ready(Some(Ok(frame)));
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.running.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}
