//! From a [`Place`] to its value in a context.

use std::{borrow::Cow, sync::Arc};

use http::{HeaderMap, HeaderValue, StatusCode, header::COOKIE};

use super::Place;
use crate::{
    json::{Number, Object, Value, View},
    mapping::{Context, Outcome, vtl::Operand, vtl::Scope},
    request::Identity,
};

impl<'a> Scope<'a> for Context<'a> {
    type Place = Place;

    #[inline]
    fn value(&self, place: &'a Place) -> Option<Operand<'a>> {
        match place {
            Place::Args => Some(Operand::View(self.args)),
            Place::Source => Some(Operand::View(self.source)),
            Place::Keys => self.keys.map(Operand::View),
            Place::Identity => Some(identity(self.call.identity())),
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
            | Place::Path => request(self, place),
            Place::Info => Some(info(self)),
            Place::FieldName => Some(text(self.info.field_name)),
            Place::ParentTypeName => Some(text(self.info.parent_type_name)),
            Place::Variables => Some(Operand::View(self.info.variables)),
        }
    }
}

fn identity(identity: &Identity) -> Operand<'static> {
    match identity {
        Identity::Anonymous => Operand::View(View::NULL),
    }
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
fn result_headers(headers: &HeaderMap) -> Value {
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
    let request = cx.call.request();
    match place {
        Place::RequestHeader(name) => request_header(&request.headers, name),
        Place::RequestHeaders => Some(Operand::Value(request_headers(&request.headers))),
        Place::Method => Some(text(request.method.as_str())),
        Place::Path => Some(text(request.path())),
        _ => Some(Operand::Value(object([
            ("headers", request_headers(&request.headers)),
            ("method", string(request.method.as_str())),
            ("path", string(request.path())),
        ]))),
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

fn header_value(value: &HeaderValue) -> Value {
    Value::String(Arc::from(characters(value)))
}

fn characters(value: &HeaderValue) -> Cow<'_, str> {
    String::from_utf8_lossy(value.as_bytes())
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

fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    let members = members
        .into_iter()
        .map(|(name, value)| (Arc::from(name), value));
    Value::Object(Arc::new(members.collect::<Object>()))
}
