//! `cors:`

use http::Method;
use url::Url;

use crate::config::{
    Diagnostics, Spanned,
    access::Cors,
    fields::{Decoded, Fields, Wrong},
    unit,
    yaml::Node,
};

/// What `allow_methods:` is when it is not written.
const METHODS: [Method; 7] = [
    Method::GET,
    Method::HEAD,
    Method::POST,
    Method::PUT,
    Method::PATCH,
    Method::DELETE,
    Method::OPTIONS,
];

/// Origins that stand for many.
const PATTERNS: [&str; 3] = ["*", "https://*", "http://*"];

// === impl Cors ===

impl Cors {
    pub(super) fn optional(faults: &mut Diagnostics, fields: &mut Fields<'_>) -> Option<Self> {
        let mut fields = fields.section(faults, "cors")?;
        fields.required_entry("allow_origins", "allow_origins: [https://shop.example.com]");
        let origins = fields.list(faults, "allow_origins", origin);
        let methods = fields.list(faults, "allow_methods", method);
        let allow_headers = fields.list(faults, "allow_headers", one_header);
        let expose_headers = fields.list(faults, "expose_headers", unit::header_name);
        let max_age = fields.optional(faults, "max_age", unit::duration);
        let credentials = fields.optional(faults, "allow_credentials", unit::flag);
        fields.finish(faults);
        let origins = origins?;
        if let Some(credentials) = &credentials {
            check_credentials(faults, credentials, &origins);
        }
        Some(Cors {
            allow_origins: values(origins),
            allow_methods: methods.map_or(METHODS.to_vec(), values),
            allow_headers: allow_headers.map(values),
            expose_headers: expose_headers.map(values).unwrap_or_default(),
            max_age: max_age.map(|it| it.value),
            allow_credentials: credentials.is_some_and(|it| it.value),
        })
    }
}

fn values<T>(items: Vec<Spanned<T>>) -> Vec<T> {
    items.into_iter().map(|item| item.value).collect()
}

/// See: apigateway.md 9.1 (credentials with any origin are refused).
fn check_credentials(
    faults: &mut Diagnostics,
    credentials: &Spanned<bool>,
    origins: &[Spanned<String>],
) {
    let any = origins.iter().find(|origin| origin.value == "*");
    if let Some(any) = any.filter(|_| credentials.value) {
        let wrong = Wrong::new(
            "would let the pages of every origin call with the credentials of their visitors",
            "name the origins, or remove `allow_credentials`",
        );
        let fault = wrong.at("allow_credentials", credentials.span);
        faults.push(fault.label(any.span, "every origin"));
    }
}

/// `https://shop.example.com`, as browsers send it, or a pattern.
fn origin(node: &Node) -> Decoded<String> {
    let text = unit::word(node)?;
    if PATTERNS.contains(&text.as_str()) {
        return Ok(text);
    }
    let help = "write `https://shop.example.com`, `https://*` or `*`";
    let wrong =
        |help: &str| Wrong::expected("an origin: a scheme, a host and its port", node, help);
    let url = Url::parse(&text).map_err(|_| wrong(help))?;
    if matches!(url.scheme(), "http" | "https") {
        let plain = url.origin().ascii_serialization();
        return match plain == text {
            true => Ok(text),
            false => Err(wrong(&format!("write `{plain}`"))),
        };
    }
    // Apps have origins with schemes of their own, such as `capacitor://localhost`.
    let host = text.split_once("://").map(|(_, host)| host);
    let is_plain = |host: &str| !host.is_empty() && !host.contains(['/', '?', '#', '@', '*']);
    match host.is_some_and(is_plain) {
        true => Ok(text),
        false => Err(wrong(help)),
    }
}

fn method(node: &Node) -> Decoded<Method> {
    let text = unit::word(node)?;
    if text == "*" {
        return Err(Wrong::expected(
            "a method",
            node,
            "remove `allow_methods` to allow all of them",
        ));
    }
    let upper = text.to_ascii_uppercase();
    match Method::from_bytes(text.as_bytes()) {
        Ok(method) if text == upper => Ok(method),
        _ => Err(Wrong::expected("a method", node, "write `GET` or `POST`")),
    }
}

fn one_header(node: &Node) -> Decoded<http::HeaderName> {
    if node.as_str() == Some("*") {
        let help = "remove `allow_headers` to allow all that a page asks for";
        return Err(Wrong::expected("a header name", node, help));
    }
    unit::header_name(node)
}
