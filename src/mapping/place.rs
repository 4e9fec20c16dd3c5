//! The places of a [`Context`](crate::mapping::Context) that a reference can name.
//!
//! `$ctx.args` and its like are found once, at load, and are an enum from then on.
//!
//! See: appsync.md 2.6 (context object).

mod bind;
mod value;

pub(super) use bind::ContextNames;
pub(crate) use value::query as query_parameters;
pub(super) use value::result_headers;

use std::fmt;

use crate::mapping::Reads;

/// Where in a context a reference begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// `$ctx.args`
    Args,
    /// `$ctx.source`
    Source,
    /// `$ctx.identity`
    Identity,
    /// `$keys`
    Keys,
    /// `$ctx.result`, the whole of it.
    Result,
    /// `$ctx.result` where a member other than the three of an HTTP answer follows.
    Document,
    /// `$ctx.result.statusCode`
    Status,
    /// `$ctx.result.headers`
    ResultHeaders,
    /// `$ctx.result.headers.<name>`
    ResultHeader(Box<str>),
    /// `$ctx.result.body`
    Body,
    /// `$ctx.request`
    Request,
    /// `$ctx.request.headers`
    RequestHeaders,
    /// `$ctx.request.headers.<name>`
    RequestHeader(Box<str>),
    /// `$ctx.request.method`
    Method,
    /// `$ctx.request.path`
    Path,
    /// `$ctx.request.query`
    Query,
    /// `$ctx.request.query.<name>`
    QueryParameter(Box<str>),
    /// `$ctx.request.body`
    RequestBody,
    /// `$ctx.connection`, or a part of it.
    Connection(ConnectionPart),
    /// `$ctx.stash`
    Stash,
    /// `$ctx.prev`
    Prev,
    /// `$ctx.prev.result`
    PrevResult,
    /// `$ctx.error`
    Error,
    /// `$ctx.env`
    Env,
    /// `$ctx.info`
    Info,
    /// `$ctx.info.fieldName`
    FieldName,
    /// `$ctx.info.parentTypeName`
    ParentTypeName,
    /// `$ctx.info.variables`
    Variables,
    /// `$ctx.info.selectionSetList`
    SelectionPaths,
    /// `$ctx.info.selectionSetGraphQL`
    SelectionText,
}

/// What can be read of a WebSocket connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ConnectionPart {
    /// `$ctx.connection`
    Whole,
    /// `$ctx.connection.id`
    Id,
    /// `$ctx.connection.connectedAt`
    ConnectedAt,
    /// `$ctx.connection.routeKey`
    RouteKey,
    /// `$ctx.connection.disconnectStatusCode`
    StatusCode,
    /// `$ctx.connection.disconnectReason`
    Reason,
}

/// Something that differs from caller to caller and that a mapping reads: what a cache must tell
/// apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallerRead {
    place: Place,
    members: Vec<Box<str>>,
}

// === impl CallerRead ===

impl CallerRead {
    /// What a reference to `place` and then `members` reads of the caller; `None`: nothing.
    pub(super) fn new(place: &Place, members: Vec<Box<str>>) -> Option<Self> {
        let place = match place {
            Place::Request
            | Place::RequestHeaders
            | Place::RequestHeader(_)
            | Place::Method
            | Place::Path
            | Place::Query
            | Place::QueryParameter(_)
            | Place::RequestBody
            | Place::Connection(_)
            | Place::Identity
            | Place::Info
            | Place::Variables => place.clone(),
            // Two spellings of one thing.
            Place::SelectionPaths | Place::SelectionText => Place::SelectionText,
            _ => return None,
        };
        Some(CallerRead { place, members })
    }

    /// What a cache tells apart when its keys are not named: identity and variables.
    #[must_use]
    pub fn default_keys() -> Vec<Self> {
        let places = [Place::Identity, Place::Info];
        places
            .iter()
            .filter_map(|place| CallerRead::new(place, Vec::new()))
            .collect()
    }

    /// Whether this is some of the operation's variables.
    #[must_use]
    pub fn is_variables(&self) -> bool {
        matches!(self.place, Place::Info | Place::Variables)
    }

    /// Whether two callers for whom this is the same see the same in `other`.
    #[must_use]
    pub fn covers(&self, other: &CallerRead) -> bool {
        match (&self.place, &other.place) {
            (
                Place::Request,
                Place::RequestHeaders
                | Place::RequestHeader(_)
                | Place::Method
                | Place::Path
                | Place::Query
                | Place::QueryParameter(_)
                | Place::RequestBody,
            )
            | (Place::RequestHeaders, Place::RequestHeader(_))
            | (Place::Query, Place::QueryParameter(_))
            | (Place::Connection(ConnectionPart::Whole), Place::Connection(_))
            | (Place::Info, Place::Variables | Place::SelectionText) => self.members.is_empty(),
            (own, others) => own == others && other.members.starts_with(&self.members),
        }
    }
}

/// As it is written, with `$ctx` in front.
impl fmt::Display for CallerRead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::RequestHeaders => f.write_str("$ctx.request.headers")?,
            Place::RequestHeader(name) => write!(f, "$ctx.request.headers.{name}")?,
            Place::Method => f.write_str("$ctx.request.method")?,
            Place::Path => f.write_str("$ctx.request.path")?,
            Place::Query => f.write_str("$ctx.request.query")?,
            Place::QueryParameter(name) => write!(f, "$ctx.request.query.{name}")?,
            Place::RequestBody => f.write_str("$ctx.request.body")?,
            Place::Connection(part) => write!(f, "$ctx.connection{part}")?,
            Place::Identity => f.write_str("$ctx.identity")?,
            Place::Info => f.write_str("$ctx.info")?,
            Place::Variables => f.write_str("$ctx.info.variables")?,
            Place::SelectionText => f.write_str("$ctx.info.selectionSetGraphQL")?,
            _ => f.write_str("$ctx.request")?,
        }
        self.members
            .iter()
            .try_for_each(|member| write!(f, ".{member}"))
    }
}

// === impl Place ===

impl Place {
    /// Notes that this place is read.
    pub(super) fn note(&self, reads: &mut Reads) {
        match self {
            Place::Args => reads.args = true,
            Place::Source => reads.source = true,
            Place::Identity => reads.identity = true,
            Place::Keys => reads.keys = true,
            Place::Result | Place::Status => {
                reads.result = true;
                reads.status = true;
            }
            Place::Document | Place::ResultHeaders | Place::ResultHeader(_) | Place::Body => {
                reads.result = true;
            }
            Place::Request
            | Place::RequestHeaders
            | Place::RequestHeader(_)
            | Place::Method
            | Place::Path
            | Place::Query
            | Place::QueryParameter(_)
            | Place::RequestBody
            | Place::Connection(_) => reads.request = true,
            Place::Stash => reads.stash = true,
            Place::Prev | Place::PrevResult => reads.prev = true,
            Place::Error => reads.error = true,
            // The same for everybody.
            Place::Env => {}
            Place::Info
            | Place::FieldName
            | Place::ParentTypeName
            | Place::Variables
            | Place::SelectionPaths
            | Place::SelectionText => reads.info = true,
        }
    }
}

// === impl ConnectionPart ===

impl fmt::Display for ConnectionPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ConnectionPart::Whole => "",
            ConnectionPart::Id => ".id",
            ConnectionPart::ConnectedAt => ".connectedAt",
            ConnectionPart::RouteKey => ".routeKey",
            ConnectionPart::StatusCode => ".disconnectStatusCode",
            ConnectionPart::Reason => ".disconnectReason",
        })
    }
}
