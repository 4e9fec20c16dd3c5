//! The `none` source: answers what it was asked with. AppSync calls its fields local resolvers.
//!
//! See: appsync.md 4.1.

use futures::future::{BoxFuture, FutureExt as _, ready};

use crate::{
    json::{Value, View},
    source::{Reply, Source, SourceError},
};

/// The members that requests to this source may have.
pub(crate) const REQUEST_KEYS: &[&str] = &["version", "payload"];

/// A source without a back end.
#[derive(Debug, Clone, Copy, Default)]
pub struct Local;

// === impl Local ===

impl Source for Local {
    fn send<'a>(&'a self, requests: &'a [Value]) -> BoxFuture<'a, Vec<Result<Reply, SourceError>>> {
        ready(requests.iter().map(|request| Ok(echo(request))).collect()).boxed()
    }

    fn is_read(&self, _request: &Value) -> bool {
        true
    }

    /// All at once: there is no call to make.
    fn joins_reads(&self) -> bool {
        true
    }

    fn request_members(&self) -> &'static [&'static str] {
        REQUEST_KEYS
    }
}

fn echo(request: &Value) -> Reply {
    let payload = request.view().get("payload");
    Reply {
        body: payload.map(View::to_value).unwrap_or_default(),
        head: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(request: &'static str) -> String {
        let request = bytes::Bytes::from_static(request.as_bytes());
        let request = crate::json::Document::parse(request).expect("JSON");
        let answers = Local.send(&[Value::Node(request, 0)]).now_or_never();
        let reply = answers.expect("is ready").remove(0).expect("is answered");
        let mut text = Vec::new();
        reply.body.view().write(&mut text);
        String::from_utf8(text).expect("UTF-8")
    }

    #[test]
    fn the_payload_is_the_answer() {
        assert_eq!(
            answer(r#"{"version":"2018-05-29","payload":{"a":[1,null]}}"#),
            r#"{"a":[1,null]}"#
        );
    }

    #[test]
    fn without_a_payload_the_answer_is_null() {
        assert_eq!(answer(r#"{"version":"2018-05-29"}"#), "null");
        assert_eq!(answer("[]"), "null");
    }
}
