//! From a request document to an HTTP request.
//!
//! Scheme, host and base path come from the configuration alone. Header fields that say how the
//! message travels are ours; see [`is_ours`].

use std::borrow::Cow;

use ::http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, Uri,
    header::{self, CONTENT_TYPE, HOST, USER_AGENT},
    uri::PathAndQuery,
};
use bytes::Bytes;
use url::{Position, Url};

use super::{fault::Fault, sending::Sending, target};
use crate::{
    config::{self, Diagnostics},
    json::{Kind, Value, View},
};

/// The keys of a request document.
pub(crate) const REQUEST_KEYS: &[&str] = &[
    "version",
    "method",
    "path",
    "resourcePath",
    "query",
    "headers",
    "body",
    "params",
];

/// Header fields that one request may have.
const MAX_HEADERS: usize = 100;

/// The keys of `params` in a request document.
const PARAMS_KEYS: &[&str] = &["query", "headers", "body"];

/// A request as hyper sends it.
pub(super) type Outgoing = Request<Sending>;

/// What every request of one source has in common.
pub(super) struct Template {
    /// Without a slash at its end.
    pub(super) base_path: String,
    pub(super) host: HeaderValue,
    /// Fields that the configuration sets; they take the place of those that a mapping sets.
    pub(super) headers: HeaderMap,
}

/// A request document, taken apart.
#[derive(Default)]
struct Parts<'a> {
    method: Option<View<'a>>,
    path: Option<View<'a>>,
    query: Option<View<'a>>,
    headers: Option<View<'a>>,
    body: Option<View<'a>>,
    /// Whether it is AppSync's document, whose headers may be a client's.
    copied: bool,
}

const AGENT: HeaderValue =
    HeaderValue::from_static(concat!("loomgate/", env!("CARGO_PKG_VERSION")));

const JSON: HeaderValue = HeaderValue::from_static("application/json");

// === impl Template ===

impl Template {
    pub(super) fn from_config(
        config: &config::source::Http,
        diagnostics: &mut Diagnostics,
    ) -> Option<Self> {
        let url = &config.url.value;
        let faults = UrlFault::all(url);
        for fault in &faults {
            diagnostics.error(
                Some(config.url.span),
                fault.message,
                fault.help.map(str::to_owned),
            );
        }
        let headers = config_headers(config, diagnostics)?;
        if !faults.is_empty() {
            return None;
        }
        let host = &url[Position::BeforeHost..Position::AfterPort];
        Some(Template {
            base_path: url.path().trim_end_matches('/').to_owned(),
            host: HeaderValue::from_str(host).ok()?,
            headers,
        })
    }

    /// The request that a document asks for.
    pub(super) fn fill(&self, document: &Value) -> Result<Outgoing, Fault> {
        self.compose(document.view()).map_err(Fault::Request)
    }

    fn compose(&self, document: View<'_>) -> Result<Outgoing, String> {
        let parts = Parts::of(document)?;
        let mut headers = self.headers(parts.headers, parts.copied)?;
        let body = body_of(parts.body, &mut headers);
        let method = match parts.method {
            None => Method::GET,
            Some(method) => method_of(method)
                .ok_or("`method` must be one of GET, POST, PUT, PATCH, DELETE and HEAD")?,
        };
        if body.is_empty() && matches!(method, Method::POST | Method::PUT | Method::PATCH) {
            // hyper says nothing of a body that is not there, and some servers insist (411).
            headers.insert(header::CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        let mut outgoing = Request::new(Sending::from(body));
        *outgoing.method_mut() = method;
        *outgoing.uri_mut() = self.target(parts.path, parts.query)?;
        *outgoing.headers_mut() = headers;
        Ok(outgoing)
    }

    fn target(&self, path: Option<View<'_>>, query: Option<View<'_>>) -> Result<Uri, String> {
        let path = path.and_then(View::as_str);
        let path = path.ok_or("`path` must be a string that starts with `/`")?;
        let mut target = String::with_capacity(self.base_path.len() + path.len() + 64);
        target.push_str(&self.base_path);
        target::append_path(&mut target, &path)?;
        if let Some(query) = query {
            target::append_query(&mut target, query)?;
        }
        let target = PathAndQuery::from_maybe_shared(Bytes::from(target))
            .map_err(|_| "`path` and `query` are too long for one request")?;
        Ok(Uri::from(target))
    }

    /// Of fields that were copied, such as all of a client's (`$util.http.copyHeaders`), those are
    /// left out that a request must not set.
    fn headers(&self, given: Option<View<'_>>, copied: bool) -> Result<HeaderMap, String> {
        let given = given.unwrap_or(View::NULL);
        if !matches!(given.kind(), Kind::Null | Kind::Object) {
            return Err("`headers` must be an object".to_owned());
        }
        if given.len() > MAX_HEADERS {
            return Err(format!("`headers` has more than {MAX_HEADERS} fields"));
        }
        let mut headers = HeaderMap::with_capacity(given.len() + self.headers.len() + 3);
        headers.insert(HOST, self.host.clone());
        headers.insert(USER_AGENT, AGENT);
        for (name, value) in given.entries() {
            if value.is_null() {
                continue;
            }
            let (name, value) = self.header(&name, value, copied)?;
            if let Some(value) = value {
                headers.insert(name, value);
            }
        }
        for (name, value) in &self.headers {
            headers.insert(name.clone(), value.clone());
        }
        Ok(headers)
    }

    fn header(
        &self,
        name: &str,
        value: View<'_>,
        copied: bool,
    ) -> Result<(HeaderName, Option<HeaderValue>), String> {
        let parsed = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| format!("`{}` is no name of a header field", name.escape_debug()))?;
        let ours = match parsed {
            HOST => true,
            USER_AGENT => !self.headers.contains_key(USER_AGENT),
            _ => is_ours(&parsed),
        };
        if copied && (ours || parsed == header::ACCEPT_ENCODING) {
            return Ok((parsed, None));
        }
        if ours {
            return Err(format!("header `{parsed}` must not be set by a request"));
        }
        let text = value
            .key_text()
            .ok_or_else(|| format!("header `{parsed}` must be a string, a number or a boolean"))?;
        let value = header_value(&text)
            .ok_or_else(|| format!("header `{parsed}` contains a control character"))?;
        Ok((parsed, Some(value)))
    }
}

/// Header fields that speak about one connection or frame the message: never a mapping's business.
fn is_ours(name: &HeaderName) -> bool {
    matches!(
        *name,
        header::CONNECTION
            | header::CONTENT_LENGTH
            | header::EXPECT
            | header::TE
            | header::TRAILER
            | header::TRANSFER_ENCODING
            | header::UPGRADE
    ) || name == "keep-alive"
        || name.as_str().starts_with("proxy-")
}

/// A value without control characters; [`HeaderValue`] itself would let a tab pass.
fn header_value(text: &str) -> Option<HeaderValue> {
    if text.bytes().any(|byte| byte.is_ascii_control()) {
        return None;
    }
    HeaderValue::from_str(text)
        .or_else(|_| HeaderValue::from_bytes(text.as_bytes()))
        .ok()
}

/// The method that a document names.
pub(super) fn method_of(method: View<'_>) -> Option<Method> {
    const METHODS: [Method; 6] = [
        Method::GET,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::HEAD,
    ];
    let name = method.as_str()?;
    METHODS
        .into_iter()
        .find(|method| method.as_str().eq_ignore_ascii_case(&name))
}

/// The bytes of a body: a string as it stands, anything else as JSON.
fn body_of(body: Option<View<'_>>, headers: &mut HeaderMap) -> Bytes {
    let Some(body) = body else {
        return Bytes::new();
    };
    if let Some(text) = body.as_str() {
        return Bytes::from(text.into_owned());
    }
    if !headers.contains_key(CONTENT_TYPE) {
        headers.insert(CONTENT_TYPE, JSON);
    }
    let mut bytes = Vec::with_capacity(256);
    body.write(&mut bytes);
    Bytes::from(bytes)
}

// === impl Parts ===

impl<'a> Parts<'a> {
    fn of(document: View<'a>) -> Result<Self, String> {
        if document.kind() != Kind::Object {
            return Err("the request must be an object".to_owned());
        }
        let mut parts = Parts::default();
        for (key, value) in document.entries() {
            match &*key {
                "version" => {}
                "params" => {
                    parts.copied = true;
                    parts.add_params(value)?;
                }
                key => parts.add(key, value)?,
            }
        }
        Ok(parts)
    }

    fn add_params(&mut self, params: View<'a>) -> Result<(), String> {
        if !matches!(params.kind(), Kind::Null | Kind::Object) {
            return Err("`params` must be an object".to_owned());
        }
        for (key, value) in params.entries() {
            if !PARAMS_KEYS.contains(&&*key) {
                return Err(unknown(&format!("params.{key}"), PARAMS_KEYS));
            }
            self.add(&key, value)?;
        }
        Ok(())
    }

    fn add(&mut self, key: &str, value: View<'a>) -> Result<(), String> {
        let part = match key {
            "method" => &mut self.method,
            "path" | "resourcePath" => &mut self.path,
            "query" => &mut self.query,
            "headers" => &mut self.headers,
            "body" => &mut self.body,
            _ => return Err(unknown(key, REQUEST_KEYS)),
        };
        if part.is_some() {
            return Err(format!("`{key}` is given twice"));
        }
        if !value.is_null() {
            *part = Some(value);
        }
        Ok(())
    }
}

fn unknown(key: &str, known: &[&str]) -> String {
    let key: Cow<'_, str> = key.escape_debug().collect();
    format!(
        "unknown key `{key}` in the request, known are {}",
        known.join(", ")
    )
}

// === configuration ===

struct UrlFault {
    message: &'static str,
    help: Option<&'static str>,
}

impl UrlFault {
    fn all(url: &Url) -> Vec<UrlFault> {
        let mut faults = Vec::new();
        let mut fault = |wrong: bool, message, help| {
            if wrong {
                faults.push(UrlFault { message, help });
            }
        };
        fault(
            !matches!(url.scheme(), "http" | "https"),
            "the url must start with `http://` or `https://`",
            None,
        );
        fault(!url.has_host(), "the url names no host", None);
        fault(
            !url.username().is_empty() || url.password().is_some(),
            "the url must not contain credentials",
            Some("send them in a header: `headers: { authorization: env:NAME }`"),
        );
        fault(
            url.query().is_some() || url.fragment().is_some(),
            "the url must not have a query or a fragment",
            Some("the query belongs to the request of a resolver"),
        );
        faults
    }
}

/// The fields that the configuration sets; all of its faults are recorded.
fn config_headers(
    config: &config::source::Http,
    diagnostics: &mut Diagnostics,
) -> Option<HeaderMap> {
    let mut headers = HeaderMap::with_capacity(config.headers.len());
    let mut sound = true;
    for (name, secret) in &config.headers {
        let mut refuse = |message: String| {
            diagnostics.error(Some(name.span), message, None);
            sound = false;
        };
        let Ok(parsed) = HeaderName::from_bytes(name.value.as_bytes()) else {
            refuse(format!("`{}` is no name of a header field", name.value));
            continue;
        };
        if is_ours(&parsed) {
            refuse(format!("header `{parsed}` is set by the gateway itself"));
            continue;
        }
        let Some(mut value) = header_value(secret.reveal()) else {
            refuse(format!(
                "the value of header `{parsed}` contains a control character"
            ));
            continue;
        };
        value.set_sensitive(true);
        headers.insert(parsed, value);
    }
    sound.then_some(headers)
}
