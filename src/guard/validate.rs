//! What a request must have before anything is asked.
//!
//! See: apigateway.md 5.1 (validators).

use axum::http::{
    HeaderName,
    header::{CONTENT_LENGTH, TRANSFER_ENCODING},
};
use url::form_urlencoded;

use super::Refusal;
use crate::{config, request::Request};

/// What a route requires.
#[derive(Debug, Default)]
pub(super) struct Require {
    query: Box<[Box<str>]>,
    headers: Box<[HeaderName]>,
    body: bool,
}

impl Require {
    pub(super) fn from_config(require: &config::access::Require) -> Self {
        Require {
            query: require.query.iter().map(|it| it.as_str().into()).collect(),
            headers: require.headers.as_slice().into(),
            body: require.body,
        }
    }

    /// A parameter that is there and blank is missing.
    pub(super) fn check(&self, request: &Request) -> Result<(), Refusal> {
        let query = self.query.iter().filter(|name| !has_query(request, name));
        let headers = self
            .headers
            .iter()
            .filter(|name| !has_header(request, name));
        let missing: Vec<String> = query
            .map(|it| it.to_string())
            .chain(headers.map(|it| it.to_string()))
            .collect();
        if !missing.is_empty() {
            return Err(Refusal::Missing(missing));
        }
        if self.body && is_without_body(request) {
            return Err(Refusal::NoBody);
        }
        Ok(())
    }
}

fn has_query(request: &Request, name: &str) -> bool {
    let query = request.uri.query().unwrap_or_default();
    form_urlencoded::parse(query.as_bytes())
        .any(|(key, value)| key == name && !value.trim().is_empty())
}

fn has_header(request: &Request, name: &HeaderName) -> bool {
    let values = request.headers.get_all(name);
    values
        .iter()
        .any(|value| !value.as_bytes().trim_ascii().is_empty())
}

/// Whether the head alone says that no body follows. Over HTTP/2, which is told by the authority in
/// the target, a body of unknown length announces itself by nothing and passes.
fn is_without_body(request: &Request) -> bool {
    match request.headers.get(CONTENT_LENGTH) {
        Some(length) => length == "0",
        None => {
            !request.headers.contains_key(TRANSFER_ENCODING) && request.uri.authority().is_none()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::tests::{Headers, request};

    fn check(require: &config::access::Require, line: &str, headers: &[(&str, &str)]) -> String {
        match Require::from_config(require).check(&request(line, headers)) {
            Ok(()) => "passes".to_owned(),
            Err(refusal) => refusal.to_string(),
        }
    }

    #[test]
    fn all_that_is_missing_is_named() {
        let require = || config::access::Require {
            query: vec!["page".to_owned(), "size".to_owned()],
            headers: vec![HeaderName::from_static("x-tenant")],
            body: false,
        };
        let tenant = [("x-tenant", "acme")];
        let cases: [(&str, Headers<'_>, &str); 5] = [
            ("GET /?page=1&size=2", &tenant, "passes"),
            ("GET /?p%61ge=1&size=2", &tenant, "passes"),
            (
                "GET /",
                &[],
                "missing required request parameters: [page, size, x-tenant]",
            ),
            (
                "GET /?page=&size=+",
                &tenant,
                "missing required request parameters: [page, size]",
            ),
            (
                "GET /?page=1&size=2",
                &[("x-tenant", " ")],
                "missing required request parameters: [x-tenant]",
            ),
        ];
        for (line, headers, expected) in cases {
            assert_eq!(check(&require(), line, headers), expected, "{line}");
        }
    }

    #[test]
    fn a_body_must_be_announced() {
        let require = || config::access::Require {
            body: true,
            ..config::access::Require::default()
        };
        let cases: [(&str, Headers<'_>, &str); 5] = [
            ("POST /", &[], "the request has no body"),
            (
                "POST /",
                &[("content-length", "0")],
                "the request has no body",
            ),
            ("POST /", &[("content-length", "2")], "passes"),
            ("POST /", &[("transfer-encoding", "chunked")], "passes"),
            ("POST https://shop.example/", &[], "passes"),
        ];
        for (line, headers, expected) in cases {
            assert_eq!(
                check(&require(), line, headers),
                expected,
                "{line} {headers:?}"
            );
        }
    }
}
