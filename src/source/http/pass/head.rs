//! The heads of what is passed through.
//!
//! A request keeps its method, path, query and header fields, but for these:
//!
//! | field | to the service |
//! |---|---|
//! | `connection`, what it names, `keep-alive`, `te`, `trailer`, `transfer-encoding`, `upgrade`, `expect`, `http2-settings`, `proxy-*` | not sent |
//! | `host` | the source's own |
//! | `content-length` | that of the body, where its length is known; else the body is chunked |
//! | `forwarded` | not sent: what a client claims there contradicts what we say below |
//! | `x-forwarded-for` | the client's own, and the client's address |
//! | `x-forwarded-host`, `x-forwarded-proto` | what the client asked us for, whatever it claims |
//! | `via` | the client's own, and `1.1 loomgate`, as RFC 9110 asks of a gateway |
//! | the source's own `headers` | set last: a client cannot replace or remove them |
//!
//! Of an answer the same fields of the connection are not passed on; `date` and `server` stay those
//! of the service.
//!
//! See: RFC 9110 7.6 (message forwarding), RFC 7239 (`forwarded`); apigateway.md 3.11, from which
//! this differs: nothing is renamed.

use std::{fmt::Write as _, net::IpAddr, sync::Arc};

use ::http::{
    HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header, uri::PathAndQuery,
};
use axum::body::Body;
use bytes::Bytes;
use hyper::body::{Body as _, Incoming};

use super::Passage;
use crate::source::http::{
    fault::Fault,
    request::{Outgoing, Template},
    sending::{Sending, Upload},
    target,
};

/// Fields that speak about one connection, beside `proxy-*` and those that `connection` names.
const HOP_BY_HOP: [HeaderName; 8] = [
    header::CONNECTION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    header::EXPECT,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("http2-settings"),
];

const FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// What we put into `via`.
const US: &str = "1.1 loomgate";

impl Template {
    /// The request that a passage becomes, and what is known of its body while it is streamed.
    pub(super) fn carry(&self, passage: Passage) -> Result<(Outgoing, Option<Arc<Upload>>), Fault> {
        if wants_upgrade(&passage) {
            return Err(Fault::Upgrade);
        }
        let uri = self.uri(&passage.path, passage.query.as_deref())?;
        let mut headers = passage.headers;
        let length = declared_length(&headers);
        remove_hop_by_hop(&mut headers);
        tell_origin(
            &mut headers,
            passage.client,
            passage.host.as_deref(),
            passage.secure,
        );
        frame(&mut headers, &passage.method, &passage.body, length);
        headers.insert(header::HOST, self.host.clone());
        for (name, value) in &self.headers {
            headers.insert(name.clone(), value.clone());
        }
        let (body, upload) = match passage.body.is_end_stream() {
            true => (Sending::empty(), None),
            false => {
                let (body, upload) = Sending::streamed(passage.body);
                (body, Some(upload))
            }
        };
        let mut outgoing = Outgoing::new(body);
        *outgoing.method_mut() = passage.method;
        *outgoing.uri_mut() = uri;
        *outgoing.headers_mut() = headers;
        Ok((outgoing, upload))
    }

    fn uri(&self, path: &str, query: Option<&str>) -> Result<Uri, Fault> {
        let refuse = |why: &str| Fault::Request(why.to_owned());
        let mut uri = String::with_capacity(
            self.base_path.len() + path.len() + query.map_or(0, |query| query.len() + 1),
        );
        uri.push_str(&self.base_path);
        target::append_encoded_path(&mut uri, path).map_err(refuse)?;
        if let Some(query) = query {
            target::append_encoded_query(&mut uri, query).map_err(refuse)?;
        }
        let uri = PathAndQuery::from_maybe_shared(Bytes::from(uri))
            .map_err(|_| refuse("the path and the query are too long for one request"))?;
        Ok(Uri::from(uri))
    }
}

/// Whether the request is about to stop being HTTP. An offer of HTTP/2 may be ignored, and is.
fn wants_upgrade(passage: &Passage) -> bool {
    let offers = passage.headers.get_all(header::UPGRADE).iter();
    let mut names = offers.flat_map(|offer| offer.as_bytes().split(|byte| *byte == b','));
    let is_other = |name: &[u8]| !name.is_empty() && !name.eq_ignore_ascii_case(b"h2c");
    passage.method == Method::CONNECT || names.any(|name| is_other(name.trim_ascii()))
}

/// Removes what speaks about one connection.
fn remove_hop_by_hop(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(header::CONNECTION)
        .iter()
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
        .filter_map(|name| HeaderName::from_bytes(name.trim_ascii()).ok())
        .collect();
    for name in named.iter().chain(&HOP_BY_HOP) {
        headers.remove(name);
    }
    let proxy: Vec<HeaderName> = headers
        .keys()
        .filter(|name| name.as_str().starts_with("proxy-"))
        .cloned()
        .collect();
    for name in proxy {
        headers.remove(name);
    }
}

/// Says for whom the request is made, and who makes it.
fn tell_origin(headers: &mut HeaderMap, client: Option<IpAddr>, host: Option<&str>, secure: bool) {
    headers.remove(header::FORWARDED);
    if let Some(client) = client {
        let mut text = String::new();
        let _ = write!(text, "{client}");
        append(headers, FOR, &text);
    }
    match host.and_then(|host| HeaderValue::from_str(host).ok()) {
        Some(host) => headers.insert(HOST, host),
        None => headers.remove(HOST),
    };
    let proto = if secure { "https" } else { "http" };
    headers.insert(PROTO, HeaderValue::from_static(proto));
    append(headers, header::VIA, US);
}

/// Adds a member to a list, which is one field afterwards.
fn append(headers: &mut HeaderMap, name: HeaderName, member: &str) {
    let mut list: Vec<u8> = Vec::new();
    for value in headers.get_all(&name) {
        list.extend_from_slice(value.as_bytes());
        list.extend_from_slice(b", ");
    }
    list.extend_from_slice(member.as_bytes());
    // Values and our own text are all made of bytes that a value may have.
    if let Ok(value) = HeaderValue::from_maybe_shared(Bytes::from(list)) {
        headers.insert(name, value);
    }
}

/// The length that a request says its body has, when nothing else frames it.
fn declared_length(headers: &HeaderMap) -> Option<u64> {
    if headers.contains_key(header::TRANSFER_ENCODING) {
        return None;
    }
    let length = headers.get(header::CONTENT_LENGTH)?.to_str().ok()?;
    length.parse().ok()
}

/// Says how long the body is. Never taken from the client alone: what hyper counted goes first, and
/// hyper sends no more than is said here.
fn frame(headers: &mut HeaderMap, method: &Method, body: &Body, declared: Option<u64>) {
    headers.remove(header::CONTENT_LENGTH);
    if body.is_end_stream() {
        // Some services insist on a length for these.
        if matches!(*method, Method::POST | Method::PUT | Method::PATCH) {
            headers.insert(header::CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        return;
    }
    match body.size_hint().exact().or(declared) {
        Some(length) => headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length)),
        // Said, because hyper would take a GET to have none.
        None => headers.insert(
            header::TRANSFER_ENCODING,
            HeaderValue::from_static("chunked"),
        ),
    };
}

/// Removes from an answer what speaks about the connection it came over.
pub(super) fn clean_answer(
    headers: &mut HeaderMap,
    body: &Incoming,
    status: StatusCode,
    is_head: bool,
) {
    remove_hop_by_hop(headers);
    // Where it does not frame the body it may only speak of one that is not sent.
    let speaks = is_head || status == StatusCode::NOT_MODIFIED;
    if body.size_hint().exact().is_none() || (body.is_end_stream() && !speaks) {
        headers.remove(header::CONTENT_LENGTH);
    }
}
