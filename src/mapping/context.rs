//! The one context object that all mappings see.
//!
//! See: appsync.md 2.6 (context object), 2.7 (identity), 2.9 (errors).

use http::{HeaderMap, StatusCode};

use crate::{json::View, request::Call};

/// What a mapping may read. Everything is borrowed; building one costs nothing.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// Who asks: `$ctx.request`, `$ctx.identity`.
    pub call: &'a Call,
    /// `$ctx.args`, `$ctx.arguments`.
    pub args: View<'a>,
    /// `$ctx.source`: the parent object.
    pub source: View<'a>,
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

/// Which field or route is being resolved: `$ctx.info`.
#[derive(Debug, Clone, Copy)]
pub struct Info<'a> {
    /// `$ctx.info.fieldName`; of a route its key, such as `GET /products/{id}`.
    pub field_name: &'a str,
    /// `$ctx.info.parentTypeName`; empty for a route.
    pub parent_type_name: &'a str,
    /// `$ctx.info.variables`
    pub variables: View<'a>,
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
}
