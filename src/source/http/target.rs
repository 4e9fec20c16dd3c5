//! The path and query of a request, written into one buffer.
//!
//! A path arrives as one string in which values of clients may stand. What could make it another
//! path is refused: a query or fragment, a backslash, control characters, and `.` and `..` segments,
//! however often they are percent-encoded. Everything else that does not belong into a path is
//! encoded. An escape that is there already is left, so that a mapping may encode a value itself:
//! `%2F` is part of a segment and does not end it.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, percent_decode, utf8_percent_encode};

use crate::json::{Kind, View};

/// What is encoded in a path, beside a `%` that is no escape.
const PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'`')
    .add(b'{')
    .add(b'}')
    .add(b'[')
    .add(b']')
    .add(b'^')
    .add(b'|');

/// What is encoded in a key or value of a query: everything but RFC 3986's unreserved characters.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Longest path of one request, in bytes.
const MAX_PATH: usize = 8 << 10;

/// How often a path may be percent-encoded; nobody decodes more often.
const MAX_ENCODINGS: usize = 4;

/// Appends a path that begins with a slash.
pub(super) fn append_path(target: &mut String, path: &str) -> Result<(), &'static str> {
    if path.len() > MAX_PATH {
        return Err("`path` is too long for one request");
    }
    if !path.starts_with('/') {
        return Err("`path` must start with `/`");
    }
    if path.contains(['?', '#']) {
        return Err("`path` must not contain `?` or `#`; put the query under `query`");
    }
    check_segments(path)?;
    let mut pieces = path.split('%');
    target.extend(
        pieces
            .next()
            .map(|piece| utf8_percent_encode(piece, PATH))
            .into_iter()
            .flatten(),
    );
    for piece in pieces {
        let escape = piece.len() >= 2 && piece.bytes().take(2).all(|byte| byte.is_ascii_hexdigit());
        target.push_str(if escape { "%" } else { "%25" });
        target.extend(utf8_percent_encode(piece, PATH));
    }
    Ok(())
}

/// Appends a path that begins with a slash, as its client encoded it: the same bytes, or none.
pub(super) fn append_encoded_path(target: &mut String, path: &str) -> Result<(), &'static str> {
    if path.len() > MAX_PATH {
        return Err("the path is too long for one request");
    }
    if !path.starts_with('/') {
        return Err("the path must start with `/`");
    }
    let refused = |byte| matches!(byte, b'?' | b'^' | b'`' | b'{' | b'}') || !is_sendable(byte);
    if path.bytes().any(refused) || has_stray_percent(path) {
        return Err("the path has characters that must be percent-encoded");
    }
    check_segments(path)?;
    target.push_str(path);
    Ok(())
}

/// Appends a query, given without its question mark, as its client encoded it.
pub(super) fn append_encoded_query(target: &mut String, query: &str) -> Result<(), &'static str> {
    if !query.bytes().all(is_sendable) {
        return Err("the query has characters that must be percent-encoded");
    }
    target.push('?');
    target.push_str(query);
    Ok(())
}

/// What clients send unencoded in a path or a query: more than RFC 3986 has, as much as the URL
/// standard of browsers has.
fn is_sendable(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'"' | b'#' | b'<' | b'>')
}

/// Whether a `%` is no escape: one service would take it as it stands, another refuse it.
fn has_stray_percent(path: &str) -> bool {
    let mut pieces = path.split('%').skip(1);
    pieces
        .any(|piece| piece.len() < 2 || !piece.bytes().take(2).all(|byte| byte.is_ascii_hexdigit()))
}

/// Looks at the path as it is and as it would be decoded once, twice and so on: somebody between
/// here and the service may decode more than once.
fn check_segments(path: &str) -> Result<(), &'static str> {
    let mut path = Cow::Borrowed(path.as_bytes());
    for _ in 0..=MAX_ENCODINGS {
        if path.iter().any(u8::is_ascii_control) {
            return Err("`path` must not contain control characters");
        }
        if path.contains(&b'\\') {
            return Err("`path` must not contain a backslash");
        }
        if path.split(|byte| *byte == b'/').any(is_dots) {
            return Err("`path` must not contain `.` or `..` segments");
        }
        let decoded = match Cow::from(percent_decode(&path)) {
            Cow::Borrowed(_) => return Ok(()),
            Cow::Owned(decoded) => decoded,
        };
        path = Cow::Owned(decoded);
    }
    Err("`path` is percent-encoded too often")
}

/// Whether a segment leads nowhere or up. Some servers cut parameters off first: `..;x` is `..`.
fn is_dots(segment: &[u8]) -> bool {
    let name = segment.split(|byte| *byte == b';').next();
    matches!(name, Some(b"." | b".."))
}

/// Appends the pairs of a query. A list repeats its key, null is left out.
pub(super) fn append_query(target: &mut String, query: View<'_>) -> Result<(), String> {
    match query.kind() {
        Kind::Null => return Ok(()),
        Kind::Object => {}
        _ => return Err("`query` must be an object".to_owned()),
    }
    let mut separator = '?';
    for (key, value) in query.entries() {
        if value.kind() != Kind::List {
            append_pair(target, &mut separator, &key, value)?;
            continue;
        }
        for item in value.items() {
            append_pair(target, &mut separator, &key, item)?;
        }
    }
    Ok(())
}

fn append_pair(
    target: &mut String,
    separator: &mut char,
    key: &str,
    value: View<'_>,
) -> Result<(), String> {
    if value.is_null() {
        return Ok(());
    }
    let Some(text) = value.key_text() else {
        return Err(format!(
            "`query.{key}` must be a string, a number, a boolean or a list of those"
        ));
    };
    target.push(std::mem::replace(separator, '&'));
    target.extend(utf8_percent_encode(key, QUERY));
    target.push('=');
    target.extend(utf8_percent_encode(&text, QUERY));
    Ok(())
}

#[cfg(test)]
mod tests;
