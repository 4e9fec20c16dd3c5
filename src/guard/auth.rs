//! Who calls: what a request shows becomes an [`Identity`].
//!
//! The first of an api's providers, in the order of its `auth:`, that finds its credentials decides.
//! Credentials that are wrong are refused; they are never taken for none.

mod api_key;
mod jwks;
mod jwt;

use std::sync::Arc;

use axum::http::{HeaderMap, HeaderName, HeaderValue, header::AUTHORIZATION};

use super::{Refusal, throttle::usage_plan::Allowance};
use crate::request::{Identity, Mode, Request};

pub(super) use api_key::{ApiKeys, KeyTable};
pub(super) use jwt::Jwt;

/// One entry of `auth:`.
#[derive(Debug, Clone)]
pub(super) enum Provider {
    /// `type: api_key`
    ApiKey(Arc<ApiKeys>),
    /// `type: jwt`
    Jwt(Arc<Jwt>),
}

/// Who an api or a route asks about its callers.
#[derive(Debug, Clone, Default)]
pub(super) struct Callers {
    /// In the order in which they are asked.
    pub(super) providers: Box<[Provider]>,
    /// Whether callers without credentials are let in.
    pub(super) public: bool,
}

/// Whoever sent a request.
#[derive(Debug, Clone, Default)]
pub(super) struct Caller {
    pub(super) identity: Identity,
    /// What the caller may use under a usage plan.
    pub(super) allowance: Option<Arc<Allowance>>,
}

/// The header came several times, and not always with the same value.
struct Ambiguous;

// === impl Provider ===

impl Provider {
    pub(super) fn name(&self) -> &Arc<str> {
        match self {
            Provider::ApiKey(keys) => &keys.name,
            Provider::Jwt(jwt) => &jwt.name,
        }
    }

    /// Whether both verify tokens of one issuer.
    pub(super) fn has_issuer_of(&self, other: &Provider) -> bool {
        match (self, other) {
            (Provider::Jwt(one), Provider::Jwt(other)) => one.issuer() == other.issuer(),
            (Provider::ApiKey(_), _) | (_, Provider::ApiKey(_)) => false,
        }
    }

    /// What those are whom it vouches for.
    pub(super) fn mode(&self) -> Mode {
        match self {
            Provider::ApiKey(_) => Mode::ApiKey,
            Provider::Jwt(jwt) if jwt.user_pool => Mode::UserPool,
            Provider::Jwt(_) => Mode::Oidc,
        }
    }
}

// === impl Callers ===

impl Callers {
    /// Finds out who calls. `now` is in seconds since 1970.
    pub(super) async fn identify(&self, request: &Request, now: u64) -> Result<Caller, Refusal> {
        for provider in &self.providers {
            match provider {
                Provider::ApiKey(keys) => {
                    let shown = one(&request.headers, &keys.header);
                    match shown.map_err(|Ambiguous| Refusal::ApiKey)? {
                        Some(key) => return keys.identify(key.as_bytes(), now),
                        None => continue,
                    }
                }
                Provider::Jwt(_) => {
                    let shown = one(&request.headers, &AUTHORIZATION);
                    match shown.map_err(|Ambiguous| Refusal::Malformed)? {
                        Some(header) => return self.by_token(header, now).await,
                        None => continue,
                    }
                }
            }
        }
        match self.providers.first() {
            _ if self.public => Ok(Caller::default()),
            Some(Provider::ApiKey(_)) => Err(Refusal::NoApiKey),
            Some(Provider::Jwt(_)) | None => Err(Refusal::NoCredentials),
        }
    }

    /// A token is verified by the provider whose issuer it names, and by no other one.
    async fn by_token(&self, header: &HeaderValue, now: u64) -> Result<Caller, Refusal> {
        let text = jwt::text(header)?;
        for jwt in self.jwts() {
            if let Some(token) = jwt.remembered(text) {
                Jwt::check_expiry(&token, now)?;
                return Ok(Caller::of(Identity::Token(token)));
            }
        }
        let unverified = jwt::Unverified::parse(text)?;
        let jwt = self.jwts().find(|jwt| unverified.is_from(jwt));
        let jwt = jwt.ok_or(Refusal::Token("the token does not have a valid issuer"))?;
        let token = jwt.verify(&unverified, now).await?;
        Ok(Caller::of(Identity::Token(token)))
    }

    /// Only tokens have scopes.
    pub(super) fn may_have_scopes(&self) -> bool {
        self.jwts().next().is_some()
    }

    fn jwts(&self) -> impl Iterator<Item = &Arc<Jwt>> {
        self.providers.iter().filter_map(|provider| match provider {
            Provider::ApiKey(_) => None,
            Provider::Jwt(jwt) => Some(jwt),
        })
    }
}

// === impl Caller ===

impl Caller {
    /// Nobody's plan bounds this one.
    pub(super) fn of(identity: Identity) -> Self {
        Caller {
            identity,
            allowance: None,
        }
    }
}

/// The value of a header. Several different ones are refused: whoever stands before us may have
/// checked another one than we would.
fn one<'a>(
    headers: &'a HeaderMap,
    name: &HeaderName,
) -> Result<Option<&'a HeaderValue>, Ambiguous> {
    let mut values = headers.get_all(name).iter();
    let first = values.next();
    match values.all(|value| Some(value) == first) {
        true => Ok(first),
        false => Err(Ambiguous),
    }
}
