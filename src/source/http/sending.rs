//! The body of a request on its way to the service: there as a whole, or streamed from a client.
//!
//! One type, so that a source's own calls and the requests it passes through share connections.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    task::{Context, Poll, ready},
};

use axum::body::Body;
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::{Frame, SizeHint};

/// The body of a request.
pub(super) enum Sending {
    /// It is there.
    Whole(Full<Bytes>),
    /// It comes from a client, as fast as the service takes it.
    Streamed {
        /// What the client sends.
        body: Body,
        /// Tells whoever waits for the answer that something moved.
        upload: Arc<Upload>,
    },
}

/// What is known of a streamed body while hyper has it.
#[derive(Debug, Default)]
pub(super) struct Upload {
    moved: AtomicBool,
}

// === impl Sending ===

impl Sending {
    /// No body.
    pub(super) fn empty() -> Self {
        Sending::Whole(Full::default())
    }

    /// A body that is streamed.
    pub(super) fn streamed(body: Body) -> (Self, Arc<Upload>) {
        let upload = Arc::<Upload>::default();
        let sending = Sending::Streamed {
            body,
            upload: Arc::clone(&upload),
        };
        (sending, upload)
    }
}

impl From<Bytes> for Sending {
    fn from(bytes: Bytes) -> Self {
        Sending::Whole(Full::new(bytes))
    }
}

impl hyper::body::Body for Sending {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let (body, upload) = match &mut *self {
            Sending::Whole(body) => {
                return Pin::new(body)
                    .poll_frame(cx)
                    .map_err(|never| match never {});
            }
            Sending::Streamed { body, upload } => (body, upload),
        };
        loop {
            let frame = ready!(Pin::new(&mut *body).poll_frame(cx));
            upload.moved.store(true, Relaxed);
            match frame {
                // Trailers belong to the connection they came over.
                Some(Ok(frame)) if !frame.is_data() => {}
                frame => return Poll::Ready(frame),
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Sending::Whole(body) => body.is_end_stream(),
            Sending::Streamed { body, .. } => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Sending::Whole(body) => body.size_hint(),
            Sending::Streamed { body, .. } => body.size_hint(),
        }
    }
}

// === impl Upload ===

impl Upload {
    /// Whether anything was taken from the client since this was asked last.
    pub(super) fn has_moved(&self) -> bool {
        self.moved.load(Relaxed) && self.moved.swap(false, Relaxed)
    }
}
