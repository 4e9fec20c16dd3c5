//! `$ctx.args` of a route: the parameters of its path and of the query, all of them text.

use std::{borrow::Cow, sync::Arc};

use percent_encoding::percent_decode;

use crate::{
    front::fault::RouteFault,
    json::{Object, Value},
};

/// The arguments for these values of the path, as they were sent, and this query. The path wins over
/// the query; of a name that the query has twice the last value counts.
///
/// # Errors
///
/// An escape that is none, or what is not UTF-8 when its escapes are resolved.
pub(super) fn of(
    names: &[Box<str>],
    values: &[&str],
    query: Option<&str>,
) -> Result<Value, RouteFault> {
    let mut args = Object::default();
    let pairs = query.unwrap_or_default().split('&');
    for pair in pairs.filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        args.insert(Arc::from(&*form(name)?), text(&form(value)?));
    }
    for (name, value) in names.iter().zip(values) {
        args.insert(Arc::from(&**name), text(&decode(value)?));
    }
    Ok(Value::from(args))
}

fn text(text: &str) -> Value {
    Value::String(Arc::from(text))
}

/// A name or value of a query, in which `+` is a blank.
fn form(part: &str) -> Result<Cow<'_, str>, RouteFault> {
    if !part.contains('+') {
        return decode(part);
    }
    Ok(Cow::Owned(decode(&part.replace('+', " "))?.into_owned()))
}

fn decode(part: &str) -> Result<Cow<'_, str>, RouteFault> {
    if !part.contains('%') {
        return Ok(Cow::Borrowed(part));
    }
    let is_escape =
        |rest: &str| rest.len() >= 2 && rest.bytes().take(2).all(|b| b.is_ascii_hexdigit());
    if !part.split('%').skip(1).all(is_escape) {
        return Err(RouteFault::BadRequest);
    }
    let decoded = percent_decode(part.as_bytes()).decode_utf8();
    decoded.map_err(|_| RouteFault::BadRequest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(values: &[&str], query: &str) -> Result<String, RouteFault> {
        let names = ["id", "rest"].map(Box::from);
        let args = of(&names[..values.len()], values, Some(query))?;
        let mut out = Vec::new();
        args.view().write(&mut out);
        Ok(String::from_utf8(out).expect("JSON is UTF-8"))
    }

    #[test]
    fn path_and_query_are_decoded_text() {
        let args = args(
            &["a%20b+c", "x//y%2Fz"],
            "q=1+2%2B3&%C3%A9=%E2%82%AC&flag&=v",
        );
        let expected = r#"{"q":"1 2+3","é":"€","flag":"","":"v","id":"a b+c","rest":"x//y/z"}"#;
        assert_eq!(args.as_deref(), Ok(expected));
    }

    #[test]
    fn the_path_wins_and_the_last_value_of_a_query_counts() {
        let args = args(&["7"], "id=8&a=1&&a=2");
        assert_eq!(args.as_deref(), Ok(r#"{"id":"7","a":"2"}"#));
    }

    #[test]
    fn what_cannot_be_decoded_is_refused() {
        for value in ["%", "%4", "%zz", "%+1", "a%ff", "%C3", "%C3%28"] {
            assert_eq!(args(&[value], ""), Err(RouteFault::BadRequest), "{value}");
            let query = format!("q={value}");
            assert_eq!(args(&[], &query), Err(RouteFault::BadRequest), "{value}");
            let query = format!("{value}=1");
            assert_eq!(args(&[], &query), Err(RouteFault::BadRequest), "{value}");
        }
    }
}
