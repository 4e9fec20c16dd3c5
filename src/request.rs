//! What travels through the house: a [`Request`] before the guard, a [`Call`] after it, and the
//! [`Identity`] of whoever sent it.
//!
//! This module knows no front, no source and no GraphQL.

use std::{net::IpAddr, sync::Arc};

use http::{HeaderMap, Method, Uri};
use uuid::Uuid;

use crate::json::Value;

// The type stands in `guard` because privacy does: its constructor is visible there and nowhere
// else, so that nothing below a front can be reached past the guard.
pub use crate::guard::call::Call;

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
    /// The address of the client: the other end of the connection or, behind a trusted proxy, whom
    /// that proxy names.
    pub client: Option<IpAddr>,
    /// Whether it came over TLS.
    pub secure: bool,
}

/// Who the caller is, as far as the guard found out.
#[derive(Debug, Clone, Default)]
pub enum Identity {
    /// No credentials were shown, and none were needed.
    #[default]
    Anonymous,
    /// Whoever holds an API key.
    ApiKey(Arc<ApiKey>),
    /// Whoever a verified token speaks of.
    Token(Arc<Token>),
}

/// An API key that was shown.
#[derive(Debug)]
pub struct ApiKey {
    /// Its name in the configuration; the key itself is not kept.
    pub name: Box<str>,
    /// The name of the provider that knows it.
    pub provider: Arc<str>,
    /// When it ends, in seconds since 1970; `None`: never.
    pub expires: Option<u64>,
}

/// A token whose signature and claims were verified.
#[derive(Debug)]
pub struct Token {
    /// The name of the provider that verified it.
    pub provider: Arc<str>,
    /// Whether it counts as a Cognito user pool's.
    pub user_pool: bool,
    /// `iss`
    pub issuer: Box<str>,
    /// `sub`
    pub subject: Option<Box<str>>,
    /// `cognito:username`, or `username`.
    pub username: Option<Box<str>>,
    /// `cognito:groups`
    pub groups: Vec<Box<str>>,
    /// `scope` (separated by blanks) or `scp`.
    pub scopes: Vec<Box<str>>,
    /// All claims.
    pub claims: Value,
    /// Until when it is accepted: `exp`, and the leeway that its provider is given; in seconds since
    /// 1970.
    pub expires: u64,
}

/// How a caller showed who it is: what AppSync's directives speak of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Not at all.
    Anonymous,
    /// `@aws_api_key`
    ApiKey,
    /// `@aws_oidc`
    Oidc,
    /// `@aws_cognito_user_pools`: such a token satisfies `@aws_oidc` too.
    UserPool,
}

// === impl Request ===

impl Request {
    /// The path without its query.
    #[must_use]
    pub fn path(&self) -> &str {
        self.uri.path()
    }
}

// === impl Identity ===

impl Identity {
    /// How the caller showed who it is.
    #[must_use]
    pub fn mode(&self) -> Mode {
        match self {
            Identity::Anonymous => Mode::Anonymous,
            Identity::ApiKey(_) => Mode::ApiKey,
            Identity::Token(token) if token.user_pool => Mode::UserPool,
            Identity::Token(_) => Mode::Oidc,
        }
    }

    /// The name of the provider under `auth:` that vouches for the caller.
    #[must_use]
    pub fn provider(&self) -> Option<&str> {
        match self {
            Identity::Anonymous => None,
            Identity::ApiKey(key) => Some(&key.provider),
            Identity::Token(token) => Some(&token.provider),
        }
    }

    /// When the identity ends, in seconds since 1970.
    #[must_use]
    pub fn expires(&self) -> Option<u64> {
        match self {
            Identity::Anonymous => None,
            Identity::ApiKey(key) => key.expires,
            Identity::Token(token) => Some(token.expires),
        }
    }

    /// Appends what tells this caller apart from every other one, for the keys of caches and
    /// buckets: two callers who may see different things never write the same. Nothing for an
    /// anonymous one.
    pub fn write_key(&self, out: &mut Vec<u8>) {
        match self {
            Identity::Anonymous => {}
            Identity::ApiKey(key) => {
                out.push(b'k');
                out.extend_from_slice(key.name.as_bytes());
            }
            Identity::Token(token) => {
                out.push(b't');
                out.extend_from_slice(token.provider.as_bytes());
                out.push(0);
                token.claims.view().write(out);
            }
        }
    }
}
