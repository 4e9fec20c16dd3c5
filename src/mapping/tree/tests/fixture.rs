//! A context out of a few lines of YAML.

use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use uuid::Uuid;

use crate::{
    config::yaml::{Data, Node},
    json::{Document, Number, Object, Value, View},
    mapping::{Context, Outcome, context::Info},
    request::{Call, Identity, Request},
};

/// What a context borrows.
pub(super) struct Fixture {
    call: Call,
    args: Value,
    source: Value,
    variables: Value,
    keys: Option<Value>,
    body: Option<Value>,
    result: Option<Value>,
    /// Status, headers and body.
    http: Option<(StatusCode, HeaderMap, Value)>,
}

impl Fixture {
    pub(super) fn parse(text: &str) -> Self {
        Self::new(&super::node(text).0)
    }

    /// Reads `args`, `source`, `variables`, `keys`, `result`, `http`, `headers`, `query`
    /// and `body`.
    pub(super) fn new(node: &Node) -> Self {
        let request = Request {
            id: Uuid::nil(),
            method: Method::POST,
            uri: uri(node.get("query").and_then(Node::as_str)),
            headers: node.get("headers").map(headers).unwrap_or_default(),
            client: None,
            secure: false,
        };
        let empty = || Value::Object(Arc::default());
        let document = |key| node.get(key).map(document);
        Fixture {
            call: Call::for_tests(request, Identity::Anonymous),
            args: document("args").unwrap_or_else(empty),
            source: document("source").unwrap_or_default(),
            variables: document("variables").unwrap_or_else(empty),
            keys: document("keys"),
            body: document("body"),
            result: document("result"),
            http: node.get("http").map(answer),
        }
    }

    pub(super) fn context(&self) -> Context<'_> {
        Context {
            caller: crate::mapping::context::Caller::Call(&self.call),
            prev: None,
            stash: View::NULL,
            error: None,
            env: View::NULL,
            args: self.args.view(),
            source: self.source.view(),
            result: self.outcome(),
            keys: self.keys.as_ref().map(Value::view),
            body: self.body.as_ref().map_or(View::NULL, Value::view),
            connection: None,
            info: Info {
                field_name: "author",
                parent_type_name: "Post",
                variables: self.variables.view(),
                selection: None,
            },
        }
    }

    /// The document that `$ctx.result` stands on.
    pub(super) fn result_document(&self) -> &Arc<Document> {
        match self.result.as_ref().map(Value::view) {
            Some(View::Node(document, _)) => document,
            other => panic!("the fixture has a result, not {other:?}"),
        }
    }

    fn outcome(&self) -> Outcome<'_> {
        match (&self.result, &self.http) {
            (Some(document), _) => Outcome::Document(document.view()),
            (None, Some((status, headers, body))) => Outcome::Http {
                status: *status,
                headers,
                body: body.view(),
            },
            (None, None) => Outcome::None,
        }
    }
}

fn answer(node: &Node) -> (StatusCode, HeaderMap, Value) {
    let status = match node.get("status").map(|node| &node.data) {
        Some(Data::Int(status)) => u16::try_from(*status).expect("a status"),
        _ => 200,
    };
    (
        StatusCode::from_u16(status).expect("a status"),
        node.get("headers").map(headers).unwrap_or_default(),
        node.get("body").map(document).unwrap_or_default(),
    )
}

fn uri(query: Option<&str>) -> http::Uri {
    let uri = match query {
        None => "/graphql".to_owned(),
        Some(query) => format!("/graphql?{query}"),
    };
    uri.parse().expect("a path and a query")
}

fn headers(node: &Node) -> HeaderMap {
    let Data::List(pairs) = &node.data else {
        panic!("headers are a list of pairs");
    };
    let pair = |pair: &Node| match &pair.data {
        Data::List(pair) => (
            HeaderName::try_from(pair[0].as_str().expect("a name")).expect("a header's name"),
            HeaderValue::from_str(pair[1].as_str().expect("a value")).expect("a header's value"),
        ),
        other => panic!("a pair, not {other:?}"),
    };
    pairs.iter().fold(HeaderMap::new(), |mut headers, item| {
        let (name, value) = pair(item);
        headers.append(name, value);
        headers
    })
}

/// The node as a document that came from outside.
fn document(node: &Node) -> Value {
    Value::parse(super::json(&value(node))).expect("it was written as JSON")
}

fn value(node: &Node) -> Value {
    match &node.data {
        Data::Null => Value::Null,
        Data::Bool(bool) => Value::Bool(*bool),
        Data::Int(int) => Value::Number(Number::Int(*int)),
        Data::Float(float) => Value::Number(Number::Float(*float)),
        Data::String { text, .. } => Value::String(Arc::from(text.as_str())),
        Data::List(items) => Value::List(Arc::new(items.iter().map(value).collect())),
        Data::Map(members) => {
            let member = |(key, node): &(crate::config::Spanned<String>, Node)| {
                (Arc::from(key.value.as_str()), value(node))
            };
            Value::Object(Arc::new(members.iter().map(member).collect::<Object>()))
        }
    }
}
