//! Who may call, and how often: `auth:`, `usage_plans:`, `api_keys:`, and what an api says of them.

mod cors;
mod date;
mod entry;
mod key;
mod plan;
mod provider;

use std::{sync::Arc, time::Duration};

use http::{HeaderName, Method};
use ipnet::IpNet;
use url::Url;

use crate::config::{Span, Spanned, secret::Secret};

pub(crate) use key::api_keys;

/// The word among providers that admits callers without credentials.
const PUBLIC: &str = "public";

/// One entry of `auth:`.
#[derive(Debug, Clone)]
pub struct Provider {
    /// The name under `auth:`.
    pub name: Spanned<String>,
    /// How it tells who calls.
    pub kind: ProviderKind,
}

/// The kinds of providers.
#[derive(Debug, Clone)]
pub enum ProviderKind {
    /// `type: api_key`: one of the `api_keys:`, in a header.
    ApiKey {
        /// `header:` Default: `x-api-key`.
        header: HeaderName,
    },
    /// `type: jwt`: a signed token in the `authorization` header, with or without `Bearer`.
    Jwt(Jwt),
}

/// `type: jwt`
#[derive(Debug, Clone)]
pub struct Jwt {
    /// `issuer:` what `iss` must be, to the letter.
    pub issuer: Spanned<String>,
    /// `jwks:` where the keys are. Default: what the issuer's discovery document says.
    pub jwks: Option<Jwks>,
    /// `audience:` one of which `aud` (or, without `aud`, `client_id` or `azp`) must name.
    pub audience: Vec<String>,
    /// `algorithms:` the only ones that are accepted; none of them is symmetric. Default: `[RS256]`.
    pub algorithms: Vec<String>,
    /// `leeway:` how far clocks may differ. Default: `30s`.
    pub leeway: Duration,
    /// `user_pool: true`: its tokens satisfy `@aws_cognito_user_pools` as well. Default: false.
    pub user_pool: bool,
}

/// Where signing keys are.
#[derive(Debug, Clone)]
pub enum Jwks {
    /// Fetched, cached, and fetched again when a token names an unknown key.
    Url(Url),
    /// A file, read with the configuration.
    File {
        /// Where `jwks:` stands.
        span: Span,
        /// What the file says.
        text: Arc<str>,
    },
}

/// One entry of `usage_plans:`.
#[derive(Debug, Clone)]
pub struct UsagePlan {
    /// The name under `usage_plans:`.
    pub name: Spanned<String>,
    /// `rate:` and `burst:`
    pub rate: Option<Rate>,
    /// `quota:`
    pub quota: Option<Quota>,
}

/// How fast.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    /// Requests per second once the burst is spent; more than zero.
    pub rate: f64,
    /// Requests that may arrive at once. Default: the rate, rounded up.
    pub burst: u32,
}

/// How many in a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// Requests.
    pub limit: u64,
    /// From when on they are counted anew.
    pub period: Period,
}

/// A period of the calendar, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// From midnight.
    Day,
    /// From Monday.
    Week,
    /// From the first.
    Month,
}

/// One entry of `api_keys:`.
#[derive(Debug, Clone)]
pub struct ApiKey {
    /// Who holds it; what logs and metrics call it.
    pub name: Spanned<String>,
    /// The key itself.
    pub value: Secret,
    /// `plan:` the usage plan that its requests count against.
    pub plan: Option<Spanned<String>>,
    /// `expires:` a date or a time (RFC 3339), in seconds since 1970. Default: never.
    pub expires: Option<u64>,
}

/// What an api says about who may call it.
#[derive(Debug, Clone, Default)]
pub struct Access {
    /// `auth:` the providers, the first is the default mode. Without `auth:` everyone may call.
    pub auth: Vec<Spanned<String>>,
    /// Whether callers without credentials are let in: there is no `auth:`, or `public` is in it.
    pub public: bool,
    /// `addresses:`
    pub addresses: Addresses,
    /// `cors:`
    pub cors: Option<Cors>,
    /// `throttle:`
    pub throttle: Option<Throttle>,
}

/// `addresses:` from where requests may come.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Addresses {
    /// `allow:` when it is there, only from these networks.
    pub allow: Option<Vec<IpNet>>,
    /// `deny:` never from these, even if they are allowed.
    pub deny: Vec<IpNet>,
}

/// `throttle:` of an api, a route or a field.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Throttle {
    /// `rate:` and `burst:`
    pub rate: Rate,
    /// `per: api` (the default: all callers share it) or `per: caller` (each API key, each subject
    /// of a token, each address has its own).
    pub per_caller: bool,
}

/// `cors:` which pages of other origins may call.
#[derive(Debug, Clone)]
pub struct Cors {
    /// `allow_origins:` exact origins, `*`, `https://*` or `http://*`.
    pub allow_origins: Vec<String>,
    /// `allow_methods:` Default: `GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS`.
    pub allow_methods: Vec<Method>,
    /// `allow_headers:` Default: those that the preflight asks for.
    pub allow_headers: Option<Vec<HeaderName>>,
    /// `expose_headers:`
    pub expose_headers: Vec<HeaderName>,
    /// `max_age:` how long a preflight may be remembered. Default: not said.
    pub max_age: Option<Duration>,
    /// `allow_credentials:` Default: false. Not with the origin `*`.
    pub allow_credentials: bool,
}

/// What a route asks of its callers beyond what its api does.
#[derive(Debug, Clone, Default)]
pub struct RouteAccess {
    /// `auth:` some of the api's providers, or `public`. Default: all that the api has.
    pub auth: Option<Vec<Spanned<String>>>,
    /// `scopes:` one of which a token must have. An identity without scopes is refused.
    pub scopes: Vec<String>,
    /// `throttle:`
    pub throttle: Option<Throttle>,
    /// `require:`
    pub require: Require,
}

/// `require:` what a request must have before anything is asked.
#[derive(Debug, Clone, Default)]
pub struct Require {
    /// `query:` parameters.
    pub query: Vec<String>,
    /// `headers:`
    pub headers: Vec<HeaderName>,
    /// `body: true`
    pub body: bool,
}
