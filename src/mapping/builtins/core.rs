//! `util` itself, `util.log` and `runtime`; and what API Gateway's `$util` has of it.
//!
//! What only does something gives an empty text, so that a template that calls it without
//! `$util.qr` prints nothing.
//!
//! See: appsync.md 2.8 (errors), 3.1 (core); apigateway.md 4.4.

mod encode;
mod errors;
mod ids;
pub(super) mod json;
mod log;
mod null;

#[cfg(test)]
mod tests;

use super::{Arguments, Builtin, Languages, Namespace, Services, Thrown};
use crate::{json::Value, mapping::pattern::Pattern};

pub(super) const FUNCTIONS: &[Builtin] = &[
    Builtin::objects("toJson", 1..=1, json::to_json),
    Builtin::values("parseJson", 1..=1, json::parse_json).only(Languages::Vtl),
    Builtin::values("urlEncode", 1..=1, encode::url_encode),
    Builtin::values("urlDecode", 1..=1, encode::url_decode),
    Builtin::values("base64Encode", 1..=1, encode::base64_encode),
    Builtin::values("base64Decode", 1..=1, encode::base64_decode),
    Builtin::values("escapeJavaScript", 1..=1, encode::escape_java_script),
    Builtin::values("autoId", 0..=0, ids::auto_id).varying(),
    Builtin::values("autoUlid", 0..=0, ids::auto_ulid).varying(),
    Builtin::values("autoKsuid", 0..=0, ids::auto_ksuid).varying(),
    Builtin::values("error", 1..=4, errors::error).varying(),
    Builtin::values("appendError", 1..=4, errors::append_error).varying(),
    Builtin::values("unauthorized", 0..=0, errors::unauthorized).varying(),
    Builtin::values("validate", 2..=4, errors::validate)
        .only(Languages::Vtl)
        .varying(),
    Builtin::objects("isNull", 1..=1, null::is_null),
    Builtin::objects("isNullOrEmpty", 1..=1, null::is_null_or_empty),
    Builtin::objects("isNullOrBlank", 1..=1, null::is_null_or_blank),
    Builtin::objects("defaultIfNull", 2..=2, null::default_if_null),
    Builtin::objects(
        "defaultIfNullOrEmpty",
        2..=2,
        null::default_if_null_or_empty,
    ),
    Builtin::objects(
        "defaultIfNullOrBlank",
        2..=2,
        null::default_if_null_or_blank,
    ),
    Builtin::objects("typeOf", 1..=1, null::type_of),
    Builtin::objects("isString", 1..=1, null::is_string),
    Builtin::objects("isNumber", 1..=1, null::is_number),
    Builtin::objects("isBoolean", 1..=1, null::is_boolean),
    Builtin::objects("isList", 1..=1, null::is_list),
    Builtin::objects("isMap", 1..=1, null::is_map),
    Builtin::objects("qr", 1..=1, null::quiet),
    Builtin::objects("quiet", 1..=1, null::quiet),
    Builtin::values("matches", 2..=2, matches),
    Builtin::values("authType", 0..=0, auth_type),
];

pub(super) const LOG: Namespace = Namespace {
    name: "util.log",
    functions: &[
        Builtin::objects("info", 1..=usize::MAX, log::info).varying(),
        Builtin::objects("debug", 1..=usize::MAX, log::debug).varying(),
        Builtin::objects("error", 1..=usize::MAX, log::error).varying(),
    ],
    namespaces: &[],
};

pub(super) const RUNTIME: Namespace = Namespace {
    name: "runtime",
    functions: &[Builtin::values("earlyReturn", 0..=2, errors::early_return).only(Languages::Js)],
    namespaces: &[],
};

pub(super) const GATEWAY_UTIL: Namespace = Namespace {
    name: "util",
    functions: &[
        Builtin::values("escapeJavaScript", 1..=1, encode::escape_java_script),
        Builtin::values("parseJson", 1..=1, json::parse_json),
        Builtin::values("urlEncode", 1..=1, encode::url_encode),
        Builtin::values("urlDecode", 1..=1, encode::url_decode),
        Builtin::values("base64Encode", 1..=1, encode::base64_encode),
        Builtin::values("base64Decode", 1..=1, encode::base64_decode),
    ],
    namespaces: &[],
};

/// `matches(pattern, value)`: whether all of the value matches, as Java's `Pattern.matches` has it.
fn matches(_: &mut Services<'_>, values: &[Value]) -> Result<Value, Thrown> {
    let arguments = Arguments::new("util.matches", values);
    let (pattern, value) = (arguments.text(0, "pattern")?, arguments.text(1, "value")?);
    let is_match = Pattern::compile(&pattern).and_then(|pattern| pattern.matches(&value));
    is_match
        .map(Value::Bool)
        .map_err(|error| arguments.wrong(error.to_string()))
}

fn auth_type(services: &mut Services<'_>, _: &[Value]) -> Result<Value, Thrown> {
    Ok(Value::from(services.auth_type))
}
