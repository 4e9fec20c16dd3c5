//! A route file: `resolvers/<api>/<any name>.yaml`, with `route: GET /products/{id}` in it.

mod file;
mod key;

use http::Method;

pub(crate) use file::read_folder;

use crate::config::{Span, Spanned, access::RouteAccess, resolver::BoundFile, yaml::Node};

/// What a route is bound to, as written.
#[derive(Debug, Clone)]
pub struct RouteFile {
    /// `route:`
    pub route: Spanned<RouteKey>,
    /// The whole file, for faults that have no better place.
    pub span: Span,
    /// Who may use it.
    pub access: RouteAccess,
    /// What it does.
    pub target: RouteTarget,
}

/// `GET /products/{id}`, `ANY /{proxy+}` or `$default`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RouteKey {
    /// What no other route takes.
    Default,
    /// A method and a path.
    Path {
        /// `None`: `ANY`.
        method: Option<Method>,
        /// The segments of the path; none for `/`.
        path: Vec<Segment>,
    },
}

/// One segment of a route's path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// `products`
    Literal(String),
    /// `{id}`
    Parameter(String),
    /// `{proxy+}`: one or more segments, at the end of a path.
    Greedy(String),
}

/// What a route does.
#[derive(Debug, Clone)]
pub enum RouteTarget {
    /// Asks a source and shapes what it says.
    Resolver(Box<RouteStep>),
    /// `proxy: true`: passes requests through to an `http` source, streamed both ways.
    Proxy {
        /// `source:`
        source: Spanned<String>,
        /// `path:` the path at the source, in which `{id}` and `{proxy}` stand for the route's own
        /// parameters. Default: the request's path below the api's.
        path: Option<Spanned<String>>,
    },
}

/// A step with the head of its answer.
#[derive(Debug, Clone)]
pub struct RouteStep {
    /// `source:`, `request:`, `batch:`, `response:`, `cache:`
    pub bound: BoundFile,
    /// `status:` a mapping. Default: 200.
    pub status: Option<Node>,
    /// `headers:` a mapping to an object of strings.
    pub headers: Option<Node>,
    /// `absent:` the status when the response is null, such as 404; its body is the usual error.
    pub absent: Option<u16>,
}
