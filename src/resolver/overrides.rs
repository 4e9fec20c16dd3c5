//! `$context.requestOverride` and `$context.responseOverride` of a route's templates: they win over
//! what the mappings say.
//!
//! See: apigateway.md 4.5.

use std::sync::Arc;

use crate::json::{Kind, Object, Value, View};

/// Lays overrides over a request: `header` over its headers, `querystring` over its query.
pub(super) fn request(request: Value, overrides: View<'_>) -> Value {
    let view = request.view();
    if overrides.is_null() || view.kind() != Kind::Object {
        return request;
    }
    let mut object = members(view);
    for (name, member) in [("header", "headers"), ("querystring", "query")] {
        lay_over(&mut object, member, overrides.get(name));
    }
    Value::from(object)
}

/// Lays overrides over an answer with a head. A status that is none is ignored.
pub(super) fn answer(answer: &mut Object, overrides: View<'_>) {
    if overrides.is_null() {
        return;
    }
    let status = overrides.get("status");
    let number = status.and_then(|status| match status.as_str() {
        Some(digits) => digits.parse().ok(),
        None => status.as_i64(),
    });
    if let Some(status) = number.filter(|status| (100..=599).contains(status)) {
        answer.insert(Arc::from("statusCode"), Value::from(status));
    }
    lay_over(answer, "headers", overrides.get("header"));
}

fn lay_over(object: &mut Object, member: &str, overrides: Option<View<'_>>) {
    let Some(overrides) = overrides.filter(|it| it.kind() == Kind::Object) else {
        return;
    };
    let mut merged = object
        .get(member)
        .map(|below| members(below.view()))
        .unwrap_or_default();
    for (name, value) in overrides.entries() {
        merged.retain(|known, _| !known.eq_ignore_ascii_case(&name));
        merged.insert(Arc::from(&*name), value.to_value());
    }
    object.insert(Arc::from(member), Value::from(merged));
}

fn members(view: View<'_>) -> Object {
    let members = view.entries();
    members
        .map(|(name, value)| (Arc::from(&*name), value.to_value()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Value {
        Value::parse(text.to_owned()).unwrap()
    }

    fn text(value: &Value) -> String {
        let mut out = Vec::new();
        value.view().write(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_request_is_overridden_by_header_and_query() {
        let asked = json(r#"{"path":"/a","headers":{"X-A":"1","x-b":"2"}}"#);
        let overrides = json(r#"{"header":{"x-a":"3"},"querystring":{"q":"4"},"path":{"id":"5"}}"#);
        assert_eq!(
            text(&request(asked, overrides.view())),
            r#"{"path":"/a","headers":{"x-b":"2","x-a":"3"},"query":{"q":"4"}}"#
        );
    }

    #[test]
    fn an_answer_is_overridden_by_header_and_by_a_status_that_is_one() {
        for (status, expected) in [("418", 418), ("\"404\"", 404), ("99", 200), ("\"?\"", 200)] {
            let mut object = members(json(r#"{"statusCode":200,"body":1}"#).view());
            let overrides = format!(r#"{{"status":{status},"header":{{"x":["a","b"]}}}}"#);
            answer(&mut object, json(&overrides).view());
            assert_eq!(
                text(&Value::from(object)),
                format!(r#"{{"statusCode":{expected},"body":1,"headers":{{"x":["a","b"]}}}}"#)
            );
        }
    }
}
