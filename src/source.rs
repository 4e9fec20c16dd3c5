//! Where data lives: a batch of requests in, answers in the same order out.
//!
//! Knows neither GraphQL nor fronts nor mappings: a document goes in, a document comes out.

pub mod http;
pub mod keyvalue;
pub mod none;
mod registry;

use std::{borrow::Cow, fmt, sync::Arc};

use ::http::{HeaderMap, StatusCode};
use futures::future::BoxFuture;

use crate::json::Value;

pub(crate) use registry::Sources;

/// Somewhere data lives.
pub trait Source: Send + Sync + fmt::Debug {
    /// Answers a batch: one reply a request, in the same order. Never hangs: every source bounds
    /// its own time. One failed request fails alone.
    fn send<'a>(&'a self, requests: &'a [Value]) -> BoxFuture<'a, Vec<Result<Reply, SourceError>>>;

    /// Whether the request only reads, so that equal requests of one level may be made once.
    fn is_read(&self, request: &Value) -> bool;

    /// Whether equal reads of one operation are worth being made once, wherever in it they stand.
    fn is_far(&self) -> bool {
        false
    }

    /// Whether the source itself makes one call of all the reads of a batch.
    fn joins_reads(&self) -> bool;

    /// The members that a request to this source may have.
    fn request_members(&self) -> &'static [&'static str];

    /// Those of them that are URL paths, which callers must not steer.
    fn path_members(&self) -> &'static [&'static str] {
        &[]
    }
}

/// What a source answered.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The document.
    pub body: Value,
    /// Status and headers, when the source speaks HTTP.
    pub head: Option<Arc<Head>>,
}

/// The head of an HTTP answer.
#[derive(Debug)]
pub struct Head {
    /// The status.
    pub status: StatusCode,
    /// The header fields.
    pub headers: HeaderMap,
    /// Why the body, which is a string then, is no document, although the status is a success.
    pub unread: Option<SourceError>,
}

/// Why a source has no answer. The message may be shown to clients: it names no address.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct SourceError {
    /// AppSync's name for it, such as `Http:ExecutionTimeoutException`.
    pub error_type: Cow<'static, str>,
    /// A sentence for the client.
    pub message: String,
}

// === impl Reply ===

impl Reply {
    /// The error that a status which is no success means, where nobody judges it otherwise.
    #[must_use]
    pub fn status_error(&self) -> Option<SourceError> {
        http::status_error(self)
    }

    /// The error that a body means which is no document, for whoever wants a document.
    #[must_use]
    pub fn unread_error(&self) -> Option<SourceError> {
        self.head.as_ref()?.unread.clone()
    }
}
