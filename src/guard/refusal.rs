//! Why a request does not pass. What it becomes on the wire, `front::fault` says.

use axum::http::HeaderMap;

use crate::observe;

/// Why a request does not pass. No message repeats a credential.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    /// It was a preflight, which is answered here: 204 with these headers.
    #[error("answered")]
    Preflight(Box<HeaderMap>),
    /// The client's address may not call.
    #[error("the address may not call this api")]
    Address,
    /// There are no credentials, and some are needed.
    #[error("there are no credentials")]
    NoCredentials,
    /// There are no credentials, and what is needed first of all is an API key.
    #[error("there is no API key")]
    NoApiKey,
    /// The API key is not known, or has expired.
    #[error("the API key is not valid")]
    ApiKey,
    /// What was shown is no token at all.
    #[error("the token cannot be read")]
    Malformed,
    /// The token has expired.
    #[error("the token has expired")]
    Expired,
    /// The token is not to be believed; why, in the words of RFC 6750's `error_description`.
    #[error("{0}")]
    Token(&'static str),
    /// Nobody can say whether the token is right: its issuer's keys cannot be had.
    #[error("the keys of the token's issuer cannot be had")]
    Keys,
    /// The caller is known, and may not do this.
    #[error("the caller may not do this")]
    NotAllowed,
    /// The token has none of the scopes that are needed.
    #[error("the token has none of the scopes that are needed")]
    Scope,
    /// Too many requests in too short a time.
    #[error("too many requests")]
    Throttled,
    /// The quota of the usage plan is used up.
    #[error("the quota is used up")]
    Quota,
    /// These required parameters are missing.
    #[error("missing required request parameters: [{}]", .0.join(", "))]
    Missing(Vec<String>),
    /// A body is required.
    #[error("the request has no body")]
    NoBody,
}

impl Refusal {
    /// Counts it; a preflight that was answered is none.
    pub(super) fn count(&self) {
        if matches!(self, Refusal::Preflight(_)) {
            return;
        }
        metrics::counter!(observe::REFUSALS, "reason" => self.reason()).increment(1);
    }

    /// What metrics and log lines call it.
    pub(crate) fn reason(&self) -> &'static str {
        match self {
            Refusal::Preflight(_) => "preflight",
            Refusal::Address => "address",
            Refusal::NoCredentials | Refusal::NoApiKey => "no_credentials",
            Refusal::ApiKey => "api_key",
            Refusal::Malformed => "malformed",
            Refusal::Expired => "expired",
            Refusal::Token(_) => "token",
            Refusal::Keys => "keys",
            Refusal::NotAllowed => "not_allowed",
            Refusal::Scope => "scope",
            Refusal::Throttled => "throttled",
            Refusal::Quota => "quota",
            Refusal::Missing(_) => "missing",
            Refusal::NoBody => "no_body",
        }
    }
}
