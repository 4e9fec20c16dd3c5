//! What the listener takes of a request before any api looks at it, and of how many at once.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use crate::{config, front::fault::Exceeded, request::Request};

/// The bounds of all requests.
#[derive(Debug)]
pub(super) struct Limits {
    url: usize,
    headers: usize,
    requests: usize,
    running: AtomicUsize,
}

/// The place of a request among those that are answered now; free again when it is dropped.
///
/// What is streamed holds none: an answer without end would hold it for as long.
#[derive(Debug)]
pub(super) struct Place<'a>(&'a Limits);

impl Limits {
    pub(super) fn new(settings: &config::Server) -> Self {
        Limits {
            url: settings.max_url,
            headers: settings.max_headers,
            requests: settings.max_requests,
            running: AtomicUsize::new(0),
        }
    }

    /// Gives a request a place, when it is within the bounds and there is room.
    pub(super) fn admit(&self, request: &Request) -> Result<Place<'_>, Exceeded> {
        let url = request.uri.path_and_query();
        if url.is_some_and(|url| url.as_str().len() > self.url) {
            return Err(Exceeded::Url);
        }
        let fields = request.headers.iter();
        let headers: usize = fields
            .map(|(name, value)| name.as_str().len() + value.len())
            .sum();
        if headers > self.headers {
            return Err(Exceeded::Headers);
        }
        let before = self.running.fetch_add(1, Relaxed);
        let place = Place(self);
        match before < self.requests {
            true => Ok(place),
            false => Err(Exceeded::Requests),
        }
    }

    /// How many requests are being answered.
    pub(super) fn running(&self) -> usize {
        self.running.load(Relaxed)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
    use uuid::Uuid;

    use super::*;

    fn limits() -> Limits {
        Limits {
            url: 10,
            headers: 20,
            requests: 2,
            running: AtomicUsize::new(0),
        }
    }

    fn request(url: &str, header: &str) -> Request {
        let value = HeaderValue::from_str(header).unwrap();
        Request {
            id: Uuid::nil(),
            method: Method::GET,
            uri: url.parse().unwrap(),
            headers: HeaderMap::from_iter([(HeaderName::from_static("x-note"), value)]),
            client: None,
            secure: false,
        }
    }

    #[test]
    fn url_and_headers_are_bounded_to_the_byte() {
        let limits = limits();
        let refused = |url: &str, header: &str| limits.admit(&request(url, header)).err();
        assert_eq!(refused("/123456?ab", "12345678901234"), None);
        assert_eq!(refused("/123456?abc", ""), Some(Exceeded::Url));
        assert_eq!(refused("http://a.example/123456?ab", ""), None);
        assert_eq!(refused("/", "123456789012345"), Some(Exceeded::Headers));
    }

    #[test]
    fn a_place_is_free_again_when_it_is_dropped() {
        let limits = limits();
        let request = request("/", "");
        let first = limits.admit(&request).unwrap();
        let _second = limits.admit(&request).unwrap();
        assert_eq!(limits.admit(&request).unwrap_err(), Exceeded::Requests);
        assert_eq!(limits.running(), 2);
        drop(first);
        assert!(limits.admit(&request).is_ok());
    }
}
