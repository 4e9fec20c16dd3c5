//! Header fields of the answer that mappings asked for.
//!
//! See: appsync.md 3.6 (response headers).

use std::borrow::Cow;

use axum::http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING, VARY},
};

use indexmap::IndexMap;

use crate::{json::Value, mapping::turn::MAX_HEADERS};

/// What the gateway itself says about its answers.
const OURS: [HeaderName; 4] = [CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING, VARY];

/// Sets what was asked for; the last of a name counts. What cannot be sent is left out.
///
/// An operation is held to its bytes while it runs, and told of what is beyond them; here those of a
/// batch are, which share one answer.
pub(super) fn set(headers: &mut HeaderMap, asked: &[(Box<str>, Value)]) {
    let mut wanted: IndexMap<HeaderName, HeaderValue> = IndexMap::new();
    for (name, value) in asked {
        let name = HeaderName::from_bytes(name.as_bytes()).ok();
        let name = name.filter(|name| !OURS.contains(name));
        match (name, header_value(value)) {
            (Some(name), Some(value)) => {
                wanted.insert(name, value);
            }
            _ => tracing::debug!("a mapping asked for a header that cannot be set"),
        }
    }
    let mut size = 0;
    for (name, value) in wanted {
        size += name.as_str().len() + value.len();
        if size > MAX_HEADERS {
            tracing::debug!("the mappings of a batch asked for more headers than an answer has");
            return;
        }
        headers.insert(name, value);
    }
}

/// Text as it is; everything else as JSON.
fn header_value(value: &Value) -> Option<HeaderValue> {
    let view = value.view();
    let text = view.as_str().map(Cow::into_owned).unwrap_or_else(|| {
        let mut out = Vec::new();
        view.write(&mut out);
        String::from_utf8_lossy(&out).into_owned()
    });
    HeaderValue::from_str(&text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_is_held_to_the_bytes_of_one_answer() {
        let of = |name: &str, length: usize| (Box::from(name), Value::from("v".repeat(length)));
        let asked = [
            of("x-a", 4000),
            of("x-b", 90),
            of("x-a", 4000),
            of("x-c", 1),
        ];
        let mut headers = HeaderMap::new();
        set(&mut headers, &asked);
        assert_eq!(headers.keys().collect::<Vec<_>>(), ["x-a", "x-b"]);
    }

    #[test]
    fn the_last_of_a_name_counts_and_what_is_ours_stays() {
        let json = |text: &str| Value::parse(text.to_owned()).unwrap();
        let asked = [
            ("x-a", json("1")),
            ("X-A", json("\"two\"")),
            ("x-o", json("{\"a\":1}")),
            ("content-type", json("\"text/html\"")),
            ("bad name", json("1")),
            ("x-line", json("\"a\\nb\"")),
        ];
        let asked = asked.map(|(name, value)| (Box::from(name), value));
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        set(&mut headers, &asked);
        let mut shown: Vec<String> = headers
            .iter()
            .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
            .collect();
        shown.sort();
        assert_eq!(
            shown,
            [
                "content-type: application/json",
                "x-a: two",
                "x-o: {\"a\":1}"
            ]
        );
    }
}
