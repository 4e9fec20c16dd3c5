//! From a [`Place`] to its value in a context.

#[cfg(test)]
mod tests;

use std::{borrow::Cow, sync::Arc};

use http::{HeaderMap, HeaderValue, StatusCode, header::COOKIE};
use indexmap::IndexMap;
use url::form_urlencoded::{self, Parse};

use super::{ConnectionPart, Place};
use crate::{
    json::{Number, Object, Value, View},
    mapping::{
        ConnectionView, Context, Outcome,
        context::Caller,
        leaf::{Operand, Scope},
    },
    request::{Call, Identity},
};

impl<'a> Scope<'a> for Context<'a> {
    type Place = Place;

    #[inline]
    fn value(&self, place: &'a Place) -> Option<Operand<'a>> {
        match place {
            Place::Args => Some(Operand::View(self.args)),
            Place::Source => Some(Operand::View(self.source)),
            Place::Keys => self.keys.map(Operand::View),
            Place::Identity => Some(match self.caller {
                Caller::Call(call) => identity(call),
                Caller::Given(given) => Operand::View(given.get("identity").unwrap_or(View::NULL)),
            }),
            Place::Result
            | Place::Document
            | Place::Status
            | Place::ResultHeaders
            | Place::ResultHeader(_)
            | Place::Body => result(&self.result, place),
            Place::Request
            | Place::RequestHeaders
            | Place::RequestHeader(_)
            | Place::Method
            | Place::Path
            | Place::Query
            | Place::QueryParameter(_) => request(self, place),
            Place::RequestBody => Some(Operand::View(self.body)),
            Place::Connection(part) => connection(self.connection.as_ref()?, *part),
            Place::Info => Some(info(self)),
            Place::FieldName => Some(text(self.info.field_name)),
            Place::ParentTypeName => Some(text(self.info.parent_type_name)),
            Place::Variables => Some(Operand::View(self.info.variables)),
            Place::SelectionPaths => {
                let paths = self.info.selection?.paths().into_iter();
                Some(Operand::Value(paths.map(Value::from).collect()))
            }
            Place::SelectionText => Some(Operand::Value(self.info.selection?.printed().into())),
            Place::Stash => Some(Operand::View(self.stash)),
            Place::Env => Some(Operand::View(self.env)),
            Place::PrevResult => self.prev.map(Operand::View),
            Place::Prev => {
                let result = self.prev?.to_value();
                Some(Operand::Value(object([("result", result)])))
            }
            Place::Error => {
                let error = self.error?;
                Some(Operand::Value(object([
                    ("message", string(error.message)),
                    ("type", string(error.error_type)),
                ])))
            }
        }
    }
}

/// Those who show an API key are nobody in particular, as anonymous callers are.
///
/// See: appsync.md 2.7 (identity by mode).
fn identity(call: &Call) -> Operand<'_> {
    let Identity::Token(token) = call.identity() else {
        return Operand::View(View::NULL);
    };
    let text = |text: &Option<Box<str>>| text.as_deref().map_or(Value::Null, string);
    let mut members = vec![
        ("sub", text(&token.subject)),
        ("issuer", string(&token.issuer)),
        ("claims", token.claims.clone()),
    ];
    if token.user_pool {
        // AppSync lists what `x-forwarded-for` says, which a client may have made up; here is the
        // one address that is known.
        let client = call.request().client.iter();
        let groups = token.groups.iter().map(|it| string(it));
        members.extend([
            ("username", text(&token.username)),
            (
                "sourceIp",
                client.map(|it| string(&it.to_string())).collect(),
            ),
            ("defaultAuthStrategy", string("ALLOW")),
            (
                "groups",
                if token.groups.is_empty() {
                    Value::Null
                } else {
                    groups.collect()
                },
            ),
        ]);
    }
    Operand::Value(object(members))
}

fn text(text: &str) -> Operand<'_> {
    Operand::Text(Cow::Borrowed(text))
}

// === $ctx.result ===

fn result<'a>(outcome: &Outcome<'a>, place: &Place) -> Option<Operand<'a>> {
    match *outcome {
        Outcome::None => None,
        Outcome::Document(document) => in_document(document, place).map(Operand::View),
        Outcome::Http {
            status,
            headers,
            body,
        } => match place {
            Place::Status => Some(Operand::Value(status_code(status))),
            Place::ResultHeaders => Some(Operand::Value(result_headers(headers))),
            Place::ResultHeader(name) => joined(headers, name).map(Operand::Text),
            Place::Body => Some(Operand::View(body)),
            Place::Result => Some(Operand::Value(object([
                ("statusCode", status_code(status)),
                ("headers", result_headers(headers)),
                ("body", body.to_value()),
            ]))),
            // An HTTP answer has no other members.
            _ => None,
        },
    }
}

/// A document may have members of the same names as an HTTP answer.
fn in_document<'a>(document: View<'a>, place: &Place) -> Option<View<'a>> {
    match place {
        Place::Status => document.get("statusCode"),
        Place::ResultHeaders => document.get("headers"),
        Place::ResultHeader(name) => document.get("headers")?.get(name),
        Place::Body => document.get("body"),
        _ => Some(document),
    }
}

fn status_code(status: StatusCode) -> Value {
    Value::Number(Number::Int(i64::from(status.as_u16())))
}

/// Every header by its lower-case name; one that came several times is joined by commas.
pub(in crate::mapping) fn result_headers(headers: &HeaderMap) -> Value {
    let members = headers.keys().filter_map(|name| {
        let value = joined(headers, name.as_str())?;
        Some((Arc::from(name.as_str()), Value::String(Arc::from(value))))
    });
    Value::Object(Arc::new(members.collect::<Object>()))
}

fn joined<'a>(headers: &'a HeaderMap, name: &str) -> Option<Cow<'a, str>> {
    let mut values = headers.get_all(name).iter().map(characters);
    let first = values.next()?;
    Some(values.fold(first, |before, value| before + ", " + value))
}

// === $ctx.request ===

fn request<'a>(cx: &Context<'a>, place: &Place) -> Option<Operand<'a>> {
    let request = match cx.caller {
        Caller::Call(call) => call.request(),
        Caller::Given(given) => return given_request(given, place).map(Operand::View),
    };
    match place {
        Place::RequestHeader(name) => request_header(&request.headers, name),
        Place::RequestHeaders => Some(Operand::Value(request_headers(&request.headers))),
        Place::Method => Some(text(request.method.as_str())),
        Place::Path => Some(text(request.path())),
        Place::QueryParameter(name) => query_parameter(request.uri.query(), name),
        Place::Query => Some(Operand::Value(query(request.uri.query()))),
        _ => Some(Operand::Value(object([
            ("headers", request_headers(&request.headers)),
            ("method", string(request.method.as_str())),
            ("path", string(request.path())),
            ("query", query(request.uri.query())),
            ("body", cx.body.to_value()),
        ]))),
    }
}

/// What somebody wrote as the request.
fn given_request<'a>(given: View<'a>, place: &Place) -> Option<View<'a>> {
    let request = given.get("request")?;
    match place {
        Place::RequestHeader(name) => {
            let mut headers = request.get("headers")?.entries();
            headers
                .find(|(known, _)| known.eq_ignore_ascii_case(name))
                .map(|(_, value)| value)
        }
        Place::RequestHeaders => request.get("headers"),
        Place::Method => request.get("method"),
        Place::Path => request.get("path"),
        Place::QueryParameter(name) => request.get("query")?.get(name),
        Place::Query => request.get("query"),
        _ => Some(request),
    }
}

/// One header; a list when it came several times. A cookie is never shown.
fn request_header<'a>(headers: &'a HeaderMap, name: &str) -> Option<Operand<'a>> {
    if name.eq_ignore_ascii_case(COOKIE.as_str()) {
        return None;
    }
    let mut values = headers.get_all(name).iter();
    let first = values.next()?;
    if values.next().is_none() {
        return Some(Operand::Text(characters(first)));
    }
    let list = headers.get_all(name).iter().map(header_value).collect();
    Some(Operand::Value(Value::List(Arc::new(list))))
}

fn request_headers(headers: &HeaderMap) -> Value {
    let members = headers.keys().filter_map(|name| {
        let value = request_header(headers, name.as_str())?;
        Some((Arc::from(name.as_str()), value.into_value()))
    });
    Value::Object(Arc::new(members.collect::<Object>()))
}

/// One parameter of the query; a list when it came several times.
fn query_parameter<'a>(query: Option<&'a str>, name: &str) -> Option<Operand<'a>> {
    let mut values = pairs(query).filter(|(known, _)| known == name);
    let (_, first) = values.next()?;
    let mut rest = values.map(|(_, value)| Value::String(Arc::from(value)));
    let Some(second) = rest.next() else {
        return Some(Operand::Text(first));
    };
    let list = [Value::String(Arc::from(first)), second].into_iter();
    Some(Operand::Value(list.chain(rest).collect()))
}

/// All parameters of a query by name; one that came several times is a list.
pub(crate) fn query(query: Option<&str>) -> Value {
    let mut lists: IndexMap<Cow<'_, str>, Vec<Value>> = IndexMap::new();
    for (name, value) in pairs(query) {
        let value = Value::String(Arc::from(value));
        lists.entry(name).or_default().push(value);
    }
    let members = lists.into_iter().map(|(name, mut values)| {
        let value = match values.len() {
            1 => values.swap_remove(0),
            _ => Value::List(Arc::new(values)),
        };
        (Arc::from(name), value)
    });
    Value::Object(Arc::new(members.collect::<Object>()))
}

fn pairs(query: Option<&str>) -> Parse<'_> {
    form_urlencoded::parse(query.unwrap_or_default().as_bytes())
}

fn header_value(value: &HeaderValue) -> Value {
    Value::String(Arc::from(characters(value)))
}

fn characters(value: &HeaderValue) -> Cow<'_, str> {
    String::from_utf8_lossy(value.as_bytes())
}

// === $ctx.connection ===

fn connection<'a>(connection: &ConnectionView<'a>, part: ConnectionPart) -> Option<Operand<'a>> {
    match part {
        ConnectionPart::Id => Some(text(connection.id)),
        ConnectionPart::ConnectedAt => Some(int(connection.connected_at)),
        ConnectionPart::RouteKey => Some(text(connection.route_key)),
        ConnectionPart::StatusCode => Some(int(i64::from(connection.ended?.0))),
        ConnectionPart::Reason => Some(text(connection.ended?.1)),
        ConnectionPart::Whole => Some(Operand::Value(whole_connection(connection))),
    }
}

fn whole_connection(connection: &ConnectionView<'_>) -> Value {
    let mut members: Object = [
        ("id", string(connection.id)),
        ("connectedAt", Value::from(connection.connected_at)),
        ("routeKey", string(connection.route_key)),
    ]
    .into_iter()
    .map(|(name, value)| (Arc::from(name), value))
    .collect();
    if let Some((code, reason)) = connection.ended {
        members.insert("disconnectStatusCode".into(), i64::from(code).into());
        members.insert("disconnectReason".into(), string(reason));
    }
    Value::from(members)
}

fn int(int: i64) -> Operand<'static> {
    Operand::Value(Value::from(int))
}

// === $ctx.info ===

fn info(cx: &Context<'_>) -> Operand<'static> {
    Operand::Value(object([
        ("fieldName", string(cx.info.field_name)),
        ("parentTypeName", string(cx.info.parent_type_name)),
        ("variables", cx.info.variables.to_value()),
    ]))
}

fn string(text: &str) -> Value {
    Value::String(Arc::from(text))
}

fn object<'a>(members: impl IntoIterator<Item = (&'a str, Value)>) -> Value {
    let members = members
        .into_iter()
        .map(|(name, value)| (Arc::from(name), value));
    Value::Object(Arc::new(members.collect::<Object>()))
}
