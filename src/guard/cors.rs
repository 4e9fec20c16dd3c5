//! Which pages of other origins may call, and what their browsers are told.
//!
//! A preflight is answered before anyone asks who calls: browsers send none of the credentials with
//! it. An origin that is not allowed gets the same status without any of the headers.
//!
//! See: apigateway.md 9.1 (HTTP API automatic), Fetch §3.2 (CORS protocol).

#[cfg(test)]
mod tests;

use axum::http::{
    HeaderMap, HeaderName, HeaderValue, Method,
    header::{
        ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS,
        ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS,
        ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD,
        ORIGIN, VARY,
    },
};

use super::Refusal;
use crate::{config, request::Request};

const ANY: HeaderValue = HeaderValue::from_static("*");

/// What one api says to pages of other origins.
#[derive(Debug)]
pub(super) struct Cors {
    origins: Origins,
    methods: Option<HeaderValue>,
    /// `None`: those that the preflight asks for.
    headers: Option<HeaderValue>,
    exposed: Option<HeaderValue>,
    max_age: Option<HeaderValue>,
    credentials: bool,
}

#[derive(Debug, Default)]
struct Origins {
    /// `*`
    all: bool,
    /// `https://*`
    https: bool,
    /// `http://*`
    http: bool,
    /// All others, to the letter.
    exact: Box<[Box<str>]>,
}

// === impl Cors ===

impl Cors {
    pub(super) fn from_config(cors: &config::access::Cors) -> Self {
        let methods = list(cors.allow_methods.iter().map(Method::as_str));
        let headers = cors.allow_headers.as_ref();
        Cors {
            origins: Origins::from_config(&cors.allow_origins),
            methods,
            headers: headers.and_then(|it| list(it.iter().map(HeaderName::as_str))),
            exposed: list(cors.expose_headers.iter().map(HeaderName::as_str)),
            max_age: cors.max_age.map(|age| HeaderValue::from(age.as_secs())),
            credentials: cors.allow_credentials,
        }
    }

    /// Whether pages of this origin may call.
    pub(super) fn allows(&self, origin: &HeaderValue) -> bool {
        self.origins.allow(origin)
    }

    /// Answers a preflight; `Ok` for everything else.
    pub(super) fn answer_preflight(&self, request: &Request) -> Result<(), Refusal> {
        let asked = &request.headers;
        let asks =
            request.method == Method::OPTIONS && asked.contains_key(ACCESS_CONTROL_REQUEST_METHOD);
        let Some(origin) = asked.get(ORIGIN).filter(|_| asks) else {
            return Ok(());
        };
        let mut headers = HeaderMap::new();
        self.dress(Some(origin), &mut headers);
        headers.remove(ACCESS_CONTROL_EXPOSE_HEADERS);
        if self.origins.allow(origin) {
            self.invite(asked, &mut headers);
        }
        Err(Refusal::Preflight(Box::new(headers)))
    }

    /// What may be sent by the request that the preflight asks about.
    fn invite(&self, asked: &HeaderMap, headers: &mut HeaderMap) {
        if let Some(methods) = &self.methods {
            headers.insert(ACCESS_CONTROL_ALLOW_METHODS, methods.clone());
        }
        let wanted = || {
            let values = asked.get_all(ACCESS_CONTROL_REQUEST_HEADERS).iter();
            list(values.filter_map(|it| it.to_str().ok()))
        };
        if let Some(allowed) = self.headers.clone().or_else(wanted) {
            headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, allowed);
        }
        if self.headers.is_none() {
            vary(headers, ACCESS_CONTROL_REQUEST_HEADERS.as_str());
        }
        if let Some(age) = &self.max_age {
            headers.insert(ACCESS_CONTROL_MAX_AGE, age.clone());
        }
    }

    /// Says in an answer who may read it, whatever an upstream said about that.
    pub(super) fn dress(&self, origin: Option<&HeaderValue>, headers: &mut HeaderMap) {
        headers.remove(ACCESS_CONTROL_ALLOW_ORIGIN);
        headers.remove(ACCESS_CONTROL_ALLOW_CREDENTIALS);
        headers.remove(ACCESS_CONTROL_EXPOSE_HEADERS);
        let is_for_all = self.origins.all && !self.credentials;
        if !is_for_all {
            // Without an origin too: a shared cache must not hand that answer to a page.
            vary(headers, ORIGIN.as_str());
        }
        let Some(origin) = origin.filter(|origin| self.origins.allow(origin)) else {
            return;
        };
        let allowed = if is_for_all { ANY } else { origin.clone() };
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
        if self.credentials {
            let yes = HeaderValue::from_static("true");
            headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, yes);
        }
        if let Some(exposed) = &self.exposed {
            headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, exposed.clone());
        }
    }
}

fn list<'a>(items: impl Iterator<Item = &'a str>) -> Option<HeaderValue> {
    let text = items.collect::<Vec<_>>().join(",");
    let text = Some(text).filter(|text| !text.is_empty())?;
    HeaderValue::from_str(&text).ok()
}

/// Adds a name to `vary`, once.
fn vary(headers: &mut HeaderMap, name: &str) {
    let says = |value: &HeaderValue| {
        let names = value.to_str().unwrap_or_default().split(',');
        names
            .map(str::trim)
            .any(|it| it == "*" || it.eq_ignore_ascii_case(name))
    };
    if headers.get_all(VARY).iter().any(says) {
        return;
    }
    if let Ok(value) = HeaderValue::from_str(name) {
        headers.append(VARY, value);
    }
}

// === impl Origins ===

impl Origins {
    fn from_config(origins: &[String]) -> Self {
        let has = |wanted: &str| origins.iter().any(|origin| origin == wanted);
        let is_exact = |origin: &&String| !origin.ends_with('*');
        Origins {
            all: has("*"),
            https: has("https://*"),
            http: has("http://*"),
            exact: origins
                .iter()
                .filter(is_exact)
                .map(|it| it.as_str().into())
                .collect(),
        }
    }

    fn allow(&self, origin: &HeaderValue) -> bool {
        let Ok(origin) = origin.to_str() else {
            return false;
        };
        self.all
            || (self.https && origin.starts_with("https://"))
            || (self.http && origin.starts_with("http://"))
            || self.exact.iter().any(|it| **it == *origin)
    }
}
