//! `util.http`: headers to pass on, and headers of the answer.
//!
//! See: appsync.md 3.6 (util.http).

mod requests;

#[cfg(test)]
mod tests;

use http::{HeaderName, HeaderValue};

use super::{
    Builtin, Languages, Namespace, Run, Services, Thrown,
    dynamodb::{called, check_size},
};
use crate::{
    json::{Kind, Object, Value, View},
    mapping::turn::{MAX_ADDED, MAX_HEADERS, MappingError, Turn},
};

pub(super) use requests::HTTP_REQUESTS;

pub(super) const HTTP: Namespace = Namespace {
    name: "util.http",
    functions: &[
        Builtin {
            name: "copyHeaders",
            arity: 1..=1,
            languages: Languages::Both,
            run: Run::Values(copy_headers),
            varies: false,
        },
        Builtin {
            name: "addResponseHeader",
            arity: 2..=2,
            languages: Languages::Both,
            run: Run::Values(add_response_header),
            varies: true,
        },
        Builtin {
            name: "addResponseHeaders",
            arity: 1..=1,
            languages: Languages::Both,
            run: Run::Values(add_response_headers),
            varies: true,
        },
    ],
    namespaces: &[],
};

/// Headers that belong to one connection or one message.
const HOP_BY_HOP: [&str; 10] = [
    "transfer-encoding",
    "connection",
    "host",
    "expect",
    "keep-alive",
    "upgrade",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "content-length",
];

/// What else an answer's headers may not be called, and how their names may not begin.
const RESERVED: [&str; 2] = ["vary", "content-type"];
const RESERVED_PREFIXES: [&str; 3] = ["access-control-", "x-amzn-", "x-amz-"];

fn copy_headers(_: &mut Services<'_>, arguments: &[Value]) -> Result<Value, Thrown> {
    let headers = first(arguments);
    match headers.kind() {
        Kind::Null => Ok(Value::Null),
        Kind::Object => {
            let headers = headers.entries().filter(|(name, _)| !is_hop_by_hop(name));
            let headers = headers.map(|(name, value)| ((&*name).into(), value.to_value()));
            Ok(Value::from(headers.collect::<Object>()))
        }
        other => Err(wrong("copyHeaders", "an object of headers", other)),
    }
}

fn add_response_header(services: &mut Services<'_>, arguments: &[Value]) -> Result<Value, Thrown> {
    let value = arguments.get(1).map_or(View::NULL, Value::view);
    match first(arguments).as_str() {
        Some(name) => add(services.turn, &name, value),
        None if first(arguments).is_null() => {}
        None => {
            let found = first(arguments).kind();
            return Err(wrong("addResponseHeader", "the name of a header", found));
        }
    }
    Ok(Value::from(""))
}

fn add_response_headers(services: &mut Services<'_>, arguments: &[Value]) -> Result<Value, Thrown> {
    let headers = first(arguments);
    match headers.kind() {
        Kind::Object | Kind::Null => {}
        other => return Err(wrong("addResponseHeaders", "an object of headers", other)),
    }
    for (name, value) in headers.entries() {
        add(services.turn, &name, value);
    }
    Ok(Value::from(""))
}

/// Adds a header, in place of one of the same name. One without name or value is left out; what
/// is not allowed becomes an error of the field, and the mapping goes on.
fn add(turn: &mut Turn, name: &str, value: View<'_>) {
    if name.is_empty() || value.is_null() {
        return;
    }
    if let Err(error) = check(turn, name, value) {
        if turn.appended.len() < MAX_ADDED {
            turn.appended.push(error);
        }
        return;
    }
    turn.headers
        .retain(|(other, _)| !other.eq_ignore_ascii_case(name));
    turn.headers.push((name.into(), value.to_value().compact()));
}

fn check(turn: &Turn, name: &str, value: View<'_>) -> Result<(), MappingError> {
    let Ok(lower) = HeaderName::try_from(name) else {
        return Err(MappingError::header(
            "the name of a response header has characters that no header may have",
        ));
    };
    let name = lower.as_str();
    let starts = |prefix: &&str| name.starts_with(prefix);
    if is_hop_by_hop(name) || RESERVED.contains(&name) || RESERVED_PREFIXES.iter().any(starts) {
        let message = format!("the response header '{name}' cannot be set");
        return Err(MappingError::header(message));
    }
    let too_large = || MappingError::too_many_headers(name);
    check_size(value, MAX_HEADERS).map_err(|_| too_large())?;
    let text = text(value);
    if HeaderValue::from_bytes(&text).is_err() {
        return Err(MappingError::header(format!(
            "the value of the response header '{name}' has control characters"
        )));
    }
    let others = turn
        .headers
        .iter()
        .filter(|(other, _)| !other.eq_ignore_ascii_case(name));
    let (count, size) = others.fold((0, 0), |(count, size), (name, value)| {
        (
            count + 1,
            size + name.len() + self::text(value.view()).len(),
        )
    });
    if count >= MAX_ADDED || size + name.len() + text.len() > MAX_HEADERS {
        return Err(too_large());
    }
    Ok(())
}

/// A value as it stands in a header: a string as it is, anything else as JSON.
fn text(value: View<'_>) -> Vec<u8> {
    match value.as_str() {
        Some(text) => text.as_bytes().to_vec(),
        None => {
            let mut out = Vec::new();
            value.write(&mut out);
            out
        }
    }
}

fn is_hop_by_hop(name: &str) -> bool {
    HOP_BY_HOP
        .iter()
        .any(|other| other.eq_ignore_ascii_case(name))
}

fn first(arguments: &[Value]) -> View<'_> {
    arguments.first().map_or(View::NULL, Value::view)
}

fn wrong(function: &str, expected: &str, found: Kind) -> Thrown {
    let found = called(found);
    Thrown::wrong(format!("{function} expects {expected}, not {found}"))
}
