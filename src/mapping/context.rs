//! The one context object that all mappings see.
//!
//! See: appsync.md 2.6 (context object), 2.7 (identity), 2.9 (errors).

use std::borrow::Cow;

use http::{HeaderMap, StatusCode};

use crate::{json::View, request::Call};

/// What a mapping may read. Everything is borrowed; building one costs nothing.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// Who asks: `$ctx.request`, `$ctx.identity`.
    pub caller: Caller<'a>,
    /// `$ctx.args`, `$ctx.arguments`.
    pub args: View<'a>,
    /// `$ctx.source`: the parent object.
    pub source: View<'a>,
    /// `$ctx.prev.result`: what the step before came to, in a pipeline.
    pub prev: Option<View<'a>>,
    /// `$ctx.error`: why the source has no answer, in a response mapping.
    pub error: Option<SourceFault<'a>>,
    /// `$ctx.stash`, for trees; what programs change is in their [`Turn`](crate::mapping::Turn).
    pub stash: View<'a>,
    /// `$ctx.env`, `$stageVariables`: the variables of the api.
    pub env: View<'a>,
    /// `$ctx.result`, in a response mapping.
    pub result: Outcome<'a>,
    /// `$keys`: the keys of a batch, a list.
    pub keys: Option<View<'a>>,
    /// `$ctx.request.body`: what the client sent to a route; null below a GraphQL field.
    pub body: View<'a>,
    /// `$ctx.connection`: below a route of a WebSocket api.
    pub connection: Option<ConnectionView<'a>>,
    /// `$ctx.info`.
    pub info: Info<'a>,
}

/// Who asks.
#[derive(Debug, Clone, Copy)]
pub enum Caller<'a> {
    /// A request that the guard let pass.
    Call(&'a Call),
    /// A context that somebody wrote to try a mapping out: its `request` and `identity`.
    Given(View<'a>),
}

/// What a source did wrong, as `$ctx.error` shows it.
#[derive(Debug, Clone, Copy)]
pub struct SourceFault<'a> {
    /// `$ctx.error.message`
    pub message: &'a str,
    /// `$ctx.error.type`
    pub error_type: &'a str,
}

/// What a source answered, as `$ctx.result` shows it.
#[derive(Debug, Clone, Copy)]
pub enum Outcome<'a> {
    /// Nothing yet: a request mapping.
    None,
    /// A document.
    Document(View<'a>),
    /// An HTTP answer: `statusCode`, `headers` (lower-case names) and `body` (the parsed document).
    Http {
        /// `$ctx.result.statusCode`
        status: StatusCode,
        /// `$ctx.result.headers`
        headers: &'a HeaderMap,
        /// `$ctx.result.body`
        body: View<'a>,
    },
}

impl<'a> Outcome<'a> {
    /// `$ctx.result.body` of an HTTP answer as programs see it: the text, as it came.
    #[must_use]
    pub fn body_text(&self) -> Option<Cow<'a, str>> {
        let Outcome::Http { body, .. } = *self else {
            return None;
        };
        match body {
            // A body that is JSON is the whole of its document.
            View::Node(document, 0) => Some(String::from_utf8_lossy(document.text())),
            body if body.is_null() => Some(Cow::Borrowed("")),
            body => body.as_str(),
        }
    }
}

/// Which field or route is being resolved: `$ctx.info`.
#[derive(Debug, Clone, Copy)]
pub struct Info<'a> {
    /// `$ctx.info.fieldName`; of a route its key, such as `GET /products/{id}`.
    pub field_name: &'a str,
    /// `$ctx.info.parentTypeName`; empty for a route.
    pub parent_type_name: &'a str,
    /// `$ctx.info.variables`
    pub variables: View<'a>,
    /// `$ctx.info.selectionSetList`, `$ctx.info.selectionSetGraphQL`; `None` below a route.
    pub selection: Option<&'a dyn Selection>,
}

/// What was asked for below a field.
///
/// See: appsync.md 2.6 (selectionSetList rules).
pub trait Selection: Sync + std::fmt::Debug {
    /// `selectionSetList`: paths of response keys, parents before children.
    fn paths(&self) -> Vec<String>;

    /// `selectionSetGraphQL`: as it would be written, with its braces.
    fn printed(&self) -> String;
}

/// The WebSocket connection that a message came over: `$ctx.connection`.
///
/// See: apigateway.md 11.2 (events).
#[derive(Debug, Clone, Copy)]
pub struct ConnectionView<'a> {
    /// `$ctx.connection.id`
    pub id: &'a str,
    /// `$ctx.connection.connectedAt`, in milliseconds since 1970.
    pub connected_at: i64,
    /// `$ctx.connection.routeKey`
    pub route_key: &'a str,
    /// `$ctx.connection.disconnectStatusCode` and `$ctx.connection.disconnectReason`: how it ended,
    /// when it has.
    pub ended: Option<(u16, &'a str)>,
}

impl Reads {
    /// Adds what another mapping reads.
    pub(crate) fn add(&mut self, other: Reads) {
        self.args |= other.args;
        self.source |= other.source;
        self.result |= other.result;
        self.status |= other.status;
        self.identity |= other.identity;
        self.request |= other.request;
        self.info |= other.info;
        self.keys |= other.keys;
        self.stash |= other.stash;
        self.prev |= other.prev;
        self.head |= other.head;
        self.error |= other.error;
    }
}

/// Which parts of a context a mapping reads; decided at load, used to share and to cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reads {
    /// `$ctx.args`
    pub args: bool,
    /// `$ctx.source`
    pub source: bool,
    /// `$ctx.result`
    pub result: bool,
    /// `$ctx.result.statusCode` (or the whole of `$ctx.result`): the mapping judges the status itself.
    pub status: bool,
    /// `$ctx.identity`
    pub identity: bool,
    /// `$ctx.request`
    pub request: bool,
    /// `$ctx.info`
    pub info: bool,
    /// `$keys`
    pub keys: bool,
    /// `$ctx.stash` or `$ctx.outErrors`: what the turn keeps.
    pub stash: bool,
    /// `$ctx.prev`
    pub prev: bool,
    /// `$context.responseOverride`: the mapping may change the head of the answer.
    pub head: bool,
    /// `$ctx.error`: the mapping judges a source's failure itself.
    pub error: bool,
}
