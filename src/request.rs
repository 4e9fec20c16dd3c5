//! What travels through the house: a [`Request`] before the guard, a [`Call`] after it.
//!
//! This module knows no front, no source and no GraphQL.

use std::net::SocketAddr;

use http::{HeaderMap, Method, Uri};
use uuid::Uuid;

/// What came in over the wire, before anyone looked at who sent it.
#[derive(Debug, Clone)]
pub struct Request {
    /// Names the request in logs and in internal errors.
    pub id: Uuid,
    /// The HTTP method.
    pub method: Method,
    /// Path and query.
    pub uri: Uri,
    /// The header fields.
    pub headers: HeaderMap,
    /// Who is at the other end of the connection, when there is one.
    pub peer: Option<SocketAddr>,
}

/// Who the caller is, as far as the guard found out.
#[derive(Debug, Clone, Default)]
pub enum Identity {
    /// No credentials were asked for.
    #[default]
    Anonymous,
}

/// A request that the guard let pass. Everything below the fronts takes one.
#[derive(Debug, Clone)]
pub struct Call {
    request: Request,
    identity: Identity,
}

// === impl Request ===

impl Request {
    /// The path without its query.
    #[must_use]
    pub fn path(&self) -> &str {
        self.uri.path()
    }
}

// === impl Call ===

impl Call {
    /// For the guard alone: it is the one place that may say that a request passed.
    pub(crate) fn admitted(request: Request, identity: Identity) -> Self {
        Call { request, identity }
    }

    /// What came in.
    #[must_use]
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// Who sent it.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.identity
    }
}
