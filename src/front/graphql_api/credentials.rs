//! Credentials that come in a message, because browsers let a page set no header of a socket.
//!
//! The string members of `connection_init`'s payload, and of its `headers`, are taken for header
//! fields; they replace those of the upgrade. What a page may not set for `fetch`, it cannot set here
//! either.
//!
//! See: <https://fetch.spec.whatwg.org/#forbidden-request-header>.

use axum::http::{HeaderMap, HeaderName, HeaderValue};

use crate::{json::View, request::Request};

/// How many header fields a message may bring.
const MAX_FIELDS: usize = 32;

/// Those that say where a request comes from or how it travels. `cookie` is one of them: it is the
/// browser that vouches for cookies.
const FORBIDDEN: [&str; 17] = [
    "accept-charset",
    "accept-encoding",
    "connection",
    "content-length",
    "cookie",
    "cookie2",
    "date",
    "dnt",
    "expect",
    "host",
    "keep-alive",
    "origin",
    "referer",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// The upgrade as if it had come with the credentials of this payload.
pub(super) fn overlay(request: &Request, payload: View<'_>) -> Request {
    let mut request = request.clone();
    add(payload, &mut request.headers);
    if let Some(nested) = payload.get("headers") {
        add(nested, &mut request.headers);
    }
    request
}

fn add(members: View<'_>, headers: &mut HeaderMap) {
    for (name, value) in members.entries().take(MAX_FIELDS) {
        let Ok(name) = HeaderName::from_bytes(name.as_bytes()) else {
            continue;
        };
        let value = value.as_str().map(|text| HeaderValue::from_str(&text));
        let Some(Ok(mut value)) = value else {
            continue;
        };
        // Where the fields stand is no field, whatever it is.
        if is_forbidden(name.as_str()) || name == "headers" {
            continue;
        }
        value.set_sensitive(true);
        headers.insert(name, value);
    }
}

/// `name` is in lower case.
fn is_forbidden(name: &str) -> bool {
    let families = ["proxy-", "sec-", "x-forwarded-", "access-control-request-"];
    FORBIDDEN.contains(&name) || families.iter().any(|family| name.starts_with(family))
}

#[cfg(test)]
mod tests {
    use axum::http::{Method, Uri};
    use uuid::Uuid;

    use super::*;
    use crate::json::Value;

    fn overlaid(payload: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert("authorization", HeaderValue::from_static("of the upgrade"));
        headers.insert("origin", HeaderValue::from_static("https://page.example"));
        let request = Request {
            id: Uuid::nil(),
            method: Method::GET,
            uri: Uri::from_static("/graphql"),
            headers,
            client: None,
            secure: false,
        };
        let payload = Value::parse(payload.to_owned()).unwrap();
        overlay(&request, payload.view()).headers
    }

    #[test]
    fn members_are_header_fields_in_any_case_and_at_either_place() {
        for payload in [
            r#"{"authorization":"Bearer x"}"#,
            r#"{"Authorization":"Bearer x"}"#,
            r#"{"headers":{"AUTHORIZATION":"Bearer x"}}"#,
        ] {
            assert_eq!(overlaid(payload)["authorization"], "Bearer x", "{payload}");
        }
        assert_eq!(overlaid(r#"{"X-Api-Key":"k"}"#)["x-api-key"], "k");
    }

    #[test]
    fn what_is_no_header_field_leaves_the_upgrade_as_it_was() {
        for payload in [
            "null",
            "{}",
            r#"{"authorization":null}"#,
            r#"{"authorization":7,"not a name":"x"}"#,
            r#"{"authorization":"two\nlines"}"#,
        ] {
            let headers = overlaid(payload);
            assert_eq!(headers["authorization"], "of the upgrade", "{payload}");
            assert_eq!(headers.len(), 2, "{payload}");
        }
    }

    #[test]
    fn a_page_does_not_say_where_it_comes_from() {
        let headers = overlaid(r#"{"Origin":"https://other.example","X-Forwarded-For":"::1"}"#);
        assert_eq!(headers["origin"], "https://page.example");
        assert!(!headers.contains_key("x-forwarded-for"));
    }

    #[test]
    fn credentials_do_not_show() {
        let shown = format!("{:?}", overlaid(r#"{"x-api-key":"secret"}"#));
        assert!(!shown.contains("secret"), "{shown}");
    }
}
