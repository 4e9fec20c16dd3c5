//! One line a request in the log: what was asked, by whom, what came of it, how long it took.

use std::{borrow::Cow, time::Duration};

use axum::{
    body::Body,
    http::{Method, Response, Uri},
};
use hyper::body::Body as _;

use crate::request::{Identity, Request};

/// The longest path and refusal that are logged, in bytes.
const LONGEST: usize = 256;

/// What the summary line tells of a request and only the front of its api knows. It travels in the
/// extensions of the response, and never leaves the process. Has no `Debug`: claims are in it.
#[derive(Clone, Default)]
pub(crate) struct Noted {
    /// Who called.
    identity: Identity,
    /// Why the request was refused, if it was.
    refusal: Option<Cow<'static, str>>,
}

/// What is known of a request before it is answered.
pub(super) struct Summary {
    method: Method,
    uri: Uri,
}

// === impl Noted ===

impl Noted {
    /// The caller was let in. Noting an anonymous one costs nothing: nothing is noted.
    pub(super) fn caller(response: &mut Response<Body>, identity: &Identity) {
        if !matches!(identity, Identity::Anonymous) {
            response.extensions_mut().insert(Noted {
                identity: identity.clone(),
                refusal: None,
            });
        }
    }

    /// The request was refused. `reason` repeats no credential.
    pub(super) fn refusal(response: &mut Response<Body>, reason: impl Into<Cow<'static, str>>) {
        response.extensions_mut().insert(Noted {
            identity: Identity::Anonymous,
            refusal: Some(reason.into()),
        });
    }

    /// Names the caller: `anonymous`, `key:NAME`, `token:PROVIDER`.
    fn name(&self) -> Cow<'static, str> {
        match &self.identity {
            Identity::Anonymous => Cow::Borrowed("anonymous"),
            Identity::ApiKey(key) => Cow::Owned(format!("key:{}", key.name)),
            Identity::Token(token) => Cow::Owned(format!("token:{}", token.provider)),
        }
    }
}

// === impl Summary ===

impl Summary {
    pub(super) fn new(request: &Request) -> Self {
        Summary {
            method: request.method.clone(),
            uri: request.uri.clone(),
        }
    }

    /// Logs the line; `id` is the request's, `api` the name of the api it was for. What was noted is
    /// taken out of the response.
    pub(super) fn log(
        &self,
        id: &str,
        api: Option<&str>,
        response: &mut Response<Body>,
        took: Duration,
    ) {
        let noted = response.extensions_mut().remove::<Noted>();
        let caller = noted
            .as_ref()
            .map_or(Cow::Borrowed("anonymous"), Noted::name);
        let refusal = noted.as_ref().and_then(|noted| noted.refusal.as_deref());
        tracing::info!(
            target: "loomgate::request",
            id,
            method = self.method.as_str(),
            path = shorten(self.uri.path()),
            api,
            caller = &*caller,
            status = u64::from(response.status().as_u16()),
            refusal = refusal.map(shorten),
            bytes = response.body().size_hint().exact(),
            took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
        );
    }
}

fn shorten(text: &str) -> &str {
    text.get(..text.floor_char_boundary(LONGEST))
        .unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::request::ApiKey;

    #[test]
    fn callers_are_named_and_the_note_stays_inside() {
        let key = Arc::new(ApiKey {
            name: "acme".into(),
            provider: "partners".into(),
            expires: None,
        });
        let mut response = Response::new(Body::empty());
        Noted::caller(&mut response, &Identity::ApiKey(key));
        let noted = response.extensions().get::<Noted>().map(Noted::name);
        assert_eq!(noted.as_deref(), Some("key:acme"));
        let summary = Summary {
            method: Method::GET,
            uri: Uri::from_static("/a"),
        };
        summary.log("1", Some("shop"), &mut response, Duration::ZERO);
        assert!(response.extensions().is_empty());
    }

    #[test]
    fn nothing_is_noted_of_an_anonymous_caller() {
        let mut response = Response::new(Body::empty());
        Noted::caller(&mut response, &Identity::Anonymous);
        assert!(response.extensions().is_empty());
    }

    #[test]
    fn what_is_logged_ends_between_characters() {
        let long = "é".repeat(LONGEST);
        assert_eq!(shorten(&long), "é".repeat(LONGEST / 2));
        assert_eq!(shorten("/short"), "/short");
    }
}
