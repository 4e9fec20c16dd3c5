//! A stream on which a failed write does not hide what can still be read.
//!
//! A service that refuses a body early writes its answer and closes. What we still write then fails,
//! and hyper gives the connection up at once, the answer with it, although that waits in the socket's
//! buffer. Here such a write stays pending instead, and the read side says how the connection ended:
//! the other side is gone, so reading ends for sure.

use std::{
    io::{Error, ErrorKind, IoSlice},
    pin::Pin,
    task::{Context, Poll},
};

use hyper::rt::{Read, ReadBufCursor, Write};

/// A stream of which only the read side fails.
#[derive(Debug)]
pub(super) struct Patient<S>(pub(super) S);

impl<S: Read + Unpin> Read for Patient<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: ReadBufCursor<'_>,
    ) -> Poll<Result<(), Error>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl<S: Write + Unpin> Write for Patient<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<Result<usize, Error>> {
        wait_if_gone(Pin::new(&mut self.0).poll_write(cx, buf))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        wait_if_gone(Pin::new(&mut self.0).poll_flush(cx))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.0.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<Result<usize, Error>> {
        wait_if_gone(Pin::new(&mut self.0).poll_write_vectored(cx, bufs))
    }
}

/// Nobody is woken for this pending write: reading is what goes on.
fn wait_if_gone<T>(outcome: Poll<Result<T, Error>>) -> Poll<Result<T, Error>> {
    match outcome {
        Poll::Ready(Err(error))
            if matches!(
                error.kind(),
                ErrorKind::BrokenPipe | ErrorKind::ConnectionReset
            ) =>
        {
            Poll::Pending
        }
        outcome => outcome,
    }
}
