//! The members of `$ctx` and `ctx` as whole values: what templates reach through names that are
//! only known while they run, and what modules are handed.
//!
//! See: appsync.md 2.6 (context object), 4.7 (the body of an HTTP answer is text).

use std::sync::Arc;

use super::{
    Context, MappingError, Outcome, Turn,
    context::{Caller, Info, SourceFault},
    leaf::{Operand, Scope},
    place::{ConnectionPart, Place},
};
use crate::{
    json::{Object, Value, View},
    request::Mode,
};

/// What `$ctx` has.
pub(super) const NAMES: [&str; 13] = [
    "arguments",
    "args",
    "source",
    "identity",
    "stash",
    "result",
    "prev",
    "request",
    "info",
    "error",
    "outErrors",
    "env",
    "connection",
];

/// The value of a member; `None` when it is not there.
pub(super) fn value(cx: &Context<'_>, turn: &Turn, name: &str) -> Option<Value> {
    match name {
        "args" | "arguments" => Some(object_or_empty(cx.args)),
        "source" => Some(cx.source.to_value()),
        "identity" => place(cx, &Place::Identity),
        "stash" => Some(object_or_empty(turn.stash.view())),
        "result" => result(&cx.result),
        "prev" => cx
            .prev
            .map(|result| object([("result", result.to_value())])),
        "request" => Some(request(cx)),
        "info" => Some(info(&cx.info)),
        "error" => cx.error.as_ref().map(error),
        "outErrors" => Some(turn.appended.iter().map(out_error).collect()),
        "env" => Some(object_or_empty(cx.env)),
        "connection" => place(cx, &Place::Connection(ConnectionPart::Whole)),
        _ => None,
    }
}

/// `util.authType()`
///
/// See: appsync.md 3.1.
pub(super) fn auth_type(cx: &Context<'_>) -> &'static str {
    let Caller::Call(call) = cx.caller else {
        return "API Key Authorization";
    };
    match call.identity().mode() {
        Mode::UserPool => "User Pool Authorization",
        Mode::Oidc => "Open ID Connect Authorization",
        Mode::Anonymous | Mode::ApiKey => "API Key Authorization",
    }
}

/// `$ctx.result`: the body of an HTTP answer is its text.
fn result(outcome: &Outcome<'_>) -> Option<Value> {
    match *outcome {
        Outcome::None => None,
        Outcome::Document(document) => Some(document.to_value()),
        Outcome::Http {
            status,
            headers,
            body,
        } => Some(object([
            ("statusCode", Value::from(i64::from(status.as_u16()))),
            ("headers", super::place::result_headers(headers)),
            ("body", body_text(body)),
        ])),
    }
}

/// The text of a body as it came: JSON is parsed by whoever wants it parsed.
pub(super) fn body_text(body: View<'_>) -> Value {
    if let Some(text) = body.as_str() {
        return Value::String(Arc::from(text));
    }
    if let View::Node(document, 0) = body {
        return Value::String(String::from_utf8_lossy(document.text()).into());
    }
    let mut json = Vec::new();
    body.write(&mut json);
    Value::String(String::from_utf8_lossy(&json).into())
}

fn request(cx: &Context<'_>) -> Value {
    let request = place(cx, &Place::Request).unwrap_or_default();
    let mut members: Object = request
        .view()
        .entries()
        .map(|(name, value)| (Arc::from(name), value.to_value()))
        .collect();
    members.entry("domainName".into()).or_default();
    Value::from(members)
}

/// `$ctx.info` with what was selected.
fn info(info: &Info<'_>) -> Value {
    let mut members: Object = [
        ("fieldName", Value::from(info.field_name)),
        ("parentTypeName", Value::from(info.parent_type_name)),
        ("variables", object_or_empty(info.variables)),
    ]
    .into_iter()
    .map(|(name, value)| (Arc::from(name), value))
    .collect();
    if let Some(selection) = info.selection {
        let paths = selection.paths().into_iter().map(Value::from).collect();
        members.insert("selectionSetList".into(), paths);
        members.insert("selectionSetGraphQL".into(), selection.printed().into());
    }
    Value::from(members)
}

fn error(fault: &SourceFault<'_>) -> Value {
    object([
        ("message", Value::from(fault.message)),
        ("type", Value::from(fault.error_type)),
    ])
}

fn out_error(error: &MappingError) -> Value {
    let error_type = error.error_type.as_deref().map(Value::from);
    object([
        ("message", Value::from(error.message.as_str())),
        ("type", error_type.unwrap_or_default()),
        ("data", error.data.clone()),
        ("errorInfo", error.info.clone()),
    ])
}

fn place(cx: &Context<'_>, place: &'static Place) -> Option<Value> {
    cx.value(place).map(Operand::into_value)
}

/// Where an object belongs: an operation without variables, a field without arguments.
fn object_or_empty(view: View<'_>) -> Value {
    match view.is_null() {
        true => Value::from(Object::default()),
        false => view.to_value(),
    }
}

fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    let members = members.into_iter();
    let members = members.map(|(name, value)| (Arc::from(name), value));
    Value::from(members.collect::<Object>())
}
