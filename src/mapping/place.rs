//! The places of a [`Context`](crate::mapping::Context) that a reference can name.
//!
//! `$ctx.args` and its like are found once, at load, and are an enum from then on.
//!
//! See: appsync.md 2.6 (context object).

mod bind;
mod value;

pub(super) use bind::ContextNames;

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
    /// `$ctx.info`
    Info,
    /// `$ctx.info.fieldName`
    FieldName,
    /// `$ctx.info.parentTypeName`
    ParentTypeName,
    /// `$ctx.info.variables`
    Variables,
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
            | Place::Identity
            | Place::Info
            | Place::Variables => place.clone(),
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
                Place::RequestHeaders | Place::RequestHeader(_) | Place::Method | Place::Path,
            )
            | (Place::RequestHeaders, Place::RequestHeader(_))
            | (Place::Info, Place::Variables) => self.members.is_empty(),
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
            Place::Identity => f.write_str("$ctx.identity")?,
            Place::Info => f.write_str("$ctx.info")?,
            Place::Variables => f.write_str("$ctx.info.variables")?,
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
            | Place::Path => reads.request = true,
            Place::Info | Place::FieldName | Place::ParentTypeName | Place::Variables => {
                reads.info = true;
            }
        }
    }
}
