//! Which media type an answer has.
//!
//! See: GraphQL over HTTP §4.1 (media types), §6.3 (Accept).

use axum::http::{HeaderMap, HeaderValue, header::ACCEPT};

/// The media types that answers are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Media {
    /// `application/json`: every well-formed request is answered with 200.
    Json,
    /// `application/graphql-response+json`: the status says whether the operation ran.
    GraphqlResponse,
    /// `text/event-stream`: every answer is an event.
    EventStream,
}

impl Media {
    /// The type that the client prefers. Without an `Accept` header, or where anything goes, it is
    /// `application/json`, which AppSync's clients expect. `None`: the client takes neither.
    pub(super) fn negotiate(headers: &HeaderMap) -> Option<Self> {
        let mut best: Option<(Self, f32, u8)> = None;
        let mut stated = false;
        for value in headers.get_all(ACCEPT) {
            let Ok(text) = value.to_str() else { continue };
            for range in text
                .split(',')
                .map(str::trim)
                .filter(|range| !range.is_empty())
            {
                stated = true;
                let Some((media, weight, precision)) = parse(range) else {
                    continue;
                };
                let better = |(_, other, precise)| {
                    weight > other || (weight == other && precision > precise)
                };
                if weight > 0.0 && best.is_none_or(better) {
                    best = Some((media, weight, precision));
                }
            }
        }
        match best {
            Some((media, ..)) => Some(media),
            None if stated => None,
            None => Some(Media::Json),
        }
    }

    /// The value of `Content-Type`.
    pub(super) fn header(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Media::Json => "application/json; charset=utf-8",
            Media::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Media::EventStream => "text/event-stream; charset=utf-8",
        })
    }

    /// The type in which it is told that nothing was executed.
    pub(super) fn of_refusal(self) -> Self {
        match self {
            Media::EventStream => Media::Json,
            other => other,
        }
    }

    /// Whether the client takes an event stream, if there is no other way: some ask for all
    /// operations in the same words.
    pub(super) fn takes_events(headers: &HeaderMap) -> bool {
        let values = headers.get_all(ACCEPT).iter();
        values
            .filter_map(|value| value.to_str().ok())
            .flat_map(|text| text.split(','))
            .filter_map(|range| parse(range.trim()))
            .any(|(media, weight, _)| media == Media::EventStream && weight > 0.0)
    }
}

/// A media range that we can serve, its weight, and how precisely it names a type.
fn parse(range: &str) -> Option<(Media, f32, u8)> {
    let mut parts = range.split(';').map(str::trim);
    let name = parts.next()?;
    let mut weight = 1.0;
    for parameter in parts {
        let (key, value) = parameter.split_once('=')?;
        match key.trim().to_ascii_lowercase().as_str() {
            "q" => weight = value.trim().parse().ok()?,
            "charset" if !value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8") => {
                return None;
            }
            _ => {}
        }
    }
    let ranges = [
        ("application/json", Media::Json, 2),
        (
            "application/graphql-response+json",
            Media::GraphqlResponse,
            2,
        ),
        ("text/event-stream", Media::EventStream, 2),
        ("application/*", Media::Json, 1),
        ("*/*", Media::Json, 0),
    ];
    let (_, media, precision) = ranges
        .into_iter()
        .find(|(range, ..)| name.eq_ignore_ascii_case(range))?;
    Some((media, weight, precision))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn negotiate(accept: &str) -> Option<Media> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_str(accept).unwrap());
        Media::negotiate(&headers)
    }

    #[test]
    fn nothing_stated_means_json() {
        assert_eq!(Media::negotiate(&HeaderMap::new()), Some(Media::Json));
        assert_eq!(negotiate("*/*"), Some(Media::Json));
        assert_eq!(negotiate("application/*"), Some(Media::Json));
    }

    #[test]
    fn the_heavier_type_wins_and_the_first_of_equals() {
        let cases = [
            (
                "application/graphql-response+json",
                Some(Media::GraphqlResponse),
            ),
            (
                "application/json, application/graphql-response+json",
                Some(Media::Json),
            ),
            (
                "application/graphql-response+json, application/json;q=0.9",
                Some(Media::GraphqlResponse),
            ),
            (
                "application/graphql-response+json;q=0.1, application/json;q=0.9",
                Some(Media::Json),
            ),
            (
                "*/*, application/graphql-response+json",
                Some(Media::GraphqlResponse),
            ),
            ("application/json; charset=UTF-8", Some(Media::Json)),
        ];
        for (accept, expected) in cases {
            assert_eq!(negotiate(accept), expected, "{accept}");
        }
    }

    #[test]
    fn events_are_taken_where_they_are_named() {
        let takes = |accept: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT, HeaderValue::from_str(accept).unwrap());
            Media::takes_events(&headers)
        };
        assert_eq!(negotiate("text/event-stream"), Some(Media::EventStream));
        assert_eq!(
            negotiate("application/json, text/event-stream"),
            Some(Media::Json)
        );
        assert!(takes("application/json, text/event-stream"));
        assert!(!takes("text/event-stream;q=0, application/json"));
        assert!(!takes("*/*"));
    }

    #[test]
    fn neither_is_not_acceptable() {
        assert_eq!(negotiate("text/html"), None);
        assert_eq!(negotiate("application/json;q=0"), None);
        assert_eq!(negotiate("application/json; charset=latin1"), None);
    }
}
