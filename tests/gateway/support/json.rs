//! Answers and what is expected of them.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{self, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Number, Value};

/// JSON that knows the order of its members: in GraphQL, it is promised.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Json {
    /// Anything but a list or an object.
    Scalar(Value),
    /// A list.
    List(Vec<Json>),
    /// An object.
    Object(Vec<(String, Json)>),
}

impl Json {
    /// Reads a text.
    pub(crate) fn parse(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// A member of an object.
    pub(crate) fn get(&self, key: &str) -> Option<&Json> {
        let Json::Object(members) = self else {
            return None;
        };
        members
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, value)| value)
    }

    fn items(&self) -> &[Json] {
        match self {
            Json::List(items) => items,
            Json::Scalar(_) | Json::Object(_) => &[],
        }
    }
}

/// What is wrong with an answer; `Ok` when nothing is.
///
/// `data` is compared exactly, with the order of its keys. Errors may come in any order, and may
/// have more members than the expectation names; `…` in an expected text stands for any text.
pub(crate) fn answers(expected: &Json, actual: &Json) -> Result<(), String> {
    let (Json::Object(wanted), Json::Object(got)) = (expected, actual) else {
        return equal(expected, actual);
    };
    let keys = |members: &[(String, Json)]| {
        let mut keys: Vec<String> = members.iter().map(|(key, _)| key.clone()).collect();
        keys.sort();
        keys
    };
    if keys(wanted) != keys(got) {
        return Err(format!(
            "expected the members {:?}, got {:?}",
            keys(wanted),
            keys(got)
        ));
    }
    for (key, value) in wanted {
        let other = actual.get(key).expect("both have the same members");
        match key.as_str() {
            "errors" => errors(value, other)?,
            _ => equal(value, other).map_err(|fault| format!("{key}{fault}"))?,
        }
    }
    Ok(())
}

/// Every expected error is found once among the errors that came.
fn errors(expected: &Json, actual: &Json) -> Result<(), String> {
    let mut open: Vec<&Json> = actual.items().iter().collect();
    for error in expected.items() {
        let Some(found) = open.iter().position(|candidate| covers(error, candidate)) else {
            return Err(format!("expected the error {error}, got {actual}"));
        };
        open.swap_remove(found);
    }
    match open.first() {
        Some(extra) => Err(format!("unexpected error {extra}")),
        None => Ok(()),
    }
}

/// Whether the actual value has all that the expected one names.
fn covers(expected: &Json, actual: &Json) -> bool {
    match (expected, actual) {
        (Json::Object(wanted), Json::Object(_)) => wanted
            .iter()
            .all(|(key, value)| actual.get(key).is_some_and(|other| covers(value, other))),
        _ => equal(expected, actual).is_ok(),
    }
}

/// Compares exactly; the fault starts with the place where it is.
fn equal(expected: &Json, actual: &Json) -> Result<(), String> {
    match (expected, actual) {
        (Json::List(wanted), Json::List(got)) if wanted.len() == got.len() => {
            let mut pairs = wanted.iter().zip(got).enumerate();
            pairs.try_for_each(|(index, (wanted, got))| {
                equal(wanted, got).map_err(|fault| format!("[{index}]{fault}"))
            })
        }
        (Json::Object(wanted), Json::Object(got)) if wanted.len() == got.len() => {
            for ((key, wanted), (other, got)) in wanted.iter().zip(got) {
                if key != other {
                    return Err(format!(": expected the key {key:?}, got {other:?}"));
                }
                equal(wanted, got).map_err(|fault| format!(".{key}{fault}"))?;
            }
            Ok(())
        }
        (Json::Scalar(Value::String(wanted)), Json::Scalar(Value::String(got)))
            if like(wanted, got) =>
        {
            Ok(())
        }
        (Json::Scalar(wanted), Json::Scalar(got)) if wanted == got => Ok(()),
        _ => Err(format!(": expected {expected}, got {actual}")),
    }
}

/// Whether a text is the expected one, in which `…` stands for any text.
pub(crate) fn like(expected: &str, actual: &str) -> bool {
    let mut parts = expected.split('…');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = actual.strip_prefix(first) else {
        return false;
    };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        let Some(found) = rest.find(part) else {
            return false;
        };
        rest = &rest[found + part.len()..];
    }
    true
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Json::Scalar(value) => write!(f, "{value}"),
            Json::List(items) => {
                f.write_str("[")?;
                for (index, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if index == 0 { "" } else { ", " })?;
                }
                f.write_str("]")
            }
            Json::Object(members) => {
                f.write_str("{")?;
                for (index, (key, value)) in members.iter().enumerate() {
                    write!(f, "{}{key:?}: {value}", if index == 0 { "" } else { ", " })?;
                }
                f.write_str("}")
            }
        }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Json, E> {
        Ok(Json::Scalar(Value::Null))
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Scalar(Value::Bool(value)))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Scalar(Value::Number(value.into())))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Scalar(Value::Number(value.into())))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Json, E> {
        Ok(Json::Scalar(
            Number::from_f64(value).map_or(Value::Null, Value::Number),
        ))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Json, E> {
        Ok(Json::Scalar(Value::String(value.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Json, A::Error> {
        let mut object: Vec<(String, Json)> = Vec::new();
        while let Some((key, value)) = members.next_entry::<String, Json>()? {
            if object.iter().any(|(name, _)| *name == key) {
                return Err(de::Error::custom(format!("the key {key:?} stands twice")));
            }
            object.push((key, value));
        }
        Ok(Json::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(expected: &str, actual: &str) -> Result<(), String> {
        let parse = |text| Json::parse(text).expect("JSON");
        answers(&parse(expected), &parse(actual))
    }

    #[test]
    fn data_is_compared_with_the_order_of_its_keys() {
        assert_eq!(
            check(
                r#"{"data": {"a": 1, "b": [2]}}"#,
                r#"{"data":{"a":1,"b":[2]}}"#
            ),
            Ok(())
        );
        assert!(check(r#"{"data": {"a": 1, "b": 2}}"#, r#"{"data":{"b":2,"a":1}}"#).is_err());
        assert!(check(r#"{"data": {"a": 1}}"#, r#"{"data":{"a":"1"}}"#).is_err());
        assert!(check(r#"{"data": {"a": 1}}"#, r#"{"data":{"a":1},"errors":[]}"#).is_err());
    }

    #[test]
    fn errors_come_in_any_order_and_may_say_more() {
        let actual = r#"{"errors":[{"message":"one is wrong","path":["a"]},{"message":"two"}]}"#;
        assert_eq!(
            check(
                r#"{"errors": [{"message": "two"}, {"message": "one…"}]}"#,
                actual
            ),
            Ok(())
        );
        assert!(check(r#"{"errors": [{"message": "two"}]}"#, actual).is_err());
        assert!(
            check(
                r#"{"errors": [{"message": "two"}, {"message": "two"}]}"#,
                actual
            )
            .is_err()
        );
        assert!(
            check(
                r#"{"errors": [{"message": "two"}, {"path": ["b"]}]}"#,
                actual
            )
            .is_err()
        );
    }

    #[test]
    fn dots_stand_for_any_text() {
        for (expected, actual, right) in [
            ("a…c", "abc", true),
            ("…", "", true),
            ("a…b…c", "a--b--c", true),
            ("a…b…c", "a--c", false),
            ("abc", "abcd", false),
        ] {
            assert_eq!(like(expected, actual), right, "{expected} {actual}");
        }
    }
}
