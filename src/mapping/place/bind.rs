//! From the names of a reference to a [`Place`].

use super::{ConnectionPart, Place};
use crate::{
    config::nearest,
    mapping::{
        leaf::{Bound, Names},
        vtl::{Fault, Name, Segment, SegmentKind, SyntaxError},
    },
};

/// The names that every mapping knows: `$ctx`, `$context` and `$keys`.
#[derive(Debug)]
pub(in crate::mapping) struct ContextNames;

type Found = Result<Bound<Place>, SyntaxError>;

const ROOTS: [&str; 3] = ["ctx", "context", "keys"];

/// Roots of the whole language.
const LATER_ROOTS: [&str; 5] = ["util", "utils", "extensions", "input", "stageVariables"];

/// The members of an object whose members are known: those there are, and those to come.
struct Members {
    object: &'static str,
    known: &'static [&'static str],
    later: &'static [&'static str],
}

const CONTEXT: Members = Members {
    object: "$ctx",
    known: &[
        "args",
        "arguments",
        "source",
        "result",
        "identity",
        "request",
        "connection",
        "info",
        "stash",
        "prev",
        "error",
        "env",
    ],
    later: &["outErrors"],
};

const REQUEST: Members = Members {
    object: "$ctx.request",
    known: &["headers", "method", "path", "query", "body"],
    later: &["domainName"],
};

const CONNECTION: Members = Members {
    object: "$ctx.connection",
    known: &[
        "id",
        "connectedAt",
        "routeKey",
        "disconnectStatusCode",
        "disconnectReason",
    ],
    later: &[],
};

const INFO: Members = Members {
    object: "$ctx.info",
    known: &[
        "fieldName",
        "parentTypeName",
        "variables",
        "selectionSetList",
        "selectionSetGraphQL",
    ],
    later: &[],
};

impl Names for ContextNames {
    type Place = Place;

    fn bind(&self, root: &Name<'_>, path: &[Segment<'_>]) -> Found {
        match root.text {
            "ctx" | "context" => context(root, path),
            "keys" => Ok(bound(Place::Keys, 0)),
            _ => Err(wrong_root(root)),
        }
    }
}

fn context(root: &Name<'_>, path: &[Segment<'_>]) -> Found {
    let Some((segment, rest)) = path.split_first() else {
        return Err(whole_context(root));
    };
    match segment.member() {
        Some("args" | "arguments") => Ok(bound(Place::Args, 1)),
        Some("source") => Ok(bound(Place::Source, 1)),
        Some("identity") => Ok(bound(Place::Identity, 1)),
        Some("result") => Ok(result(rest)),
        Some("request") => request(rest),
        Some("connection") => connection(rest),
        Some("info") => info(rest),
        Some("stash") => Ok(bound(Place::Stash, 1)),
        Some("error") => Ok(bound(Place::Error, 1)),
        Some("env") => Ok(bound(Place::Env, 1)),
        Some("prev") => Ok(match rest.first().and_then(Segment::member) {
            Some("result") => bound(Place::PrevResult, 2),
            _ => bound(Place::Prev, 1),
        }),
        _ => Err(CONTEXT.wrong(segment)),
    }
}

/// `rest` is what follows `$ctx.result`. Any member may follow: what it is depends on the source.
fn result(rest: &[Segment<'_>]) -> Bound<Place> {
    let Some((segment, rest)) = rest.split_first() else {
        return bound(Place::Result, 1);
    };
    match segment.member() {
        Some("statusCode") => bound(Place::Status, 2),
        Some("body") => bound(Place::Body, 2),
        Some("headers") => match rest.first().and_then(Segment::member) {
            Some(name) => bound(Place::ResultHeader(name.into()), 3),
            None => bound(Place::ResultHeaders, 2),
        },
        _ => bound(Place::Document, 1),
    }
}

/// `rest` is what follows `$ctx.request`.
fn request(rest: &[Segment<'_>]) -> Found {
    let Some((segment, rest)) = rest.split_first() else {
        return Ok(bound(Place::Request, 1));
    };
    match segment.member() {
        Some("method") => Ok(bound(Place::Method, 2)),
        Some("path") => Ok(bound(Place::Path, 2)),
        Some("body") => Ok(bound(Place::RequestBody, 2)),
        Some("query") => match rest.first().and_then(Segment::member) {
            Some(name) => Ok(bound(Place::QueryParameter(name.into()), 3)),
            None => Ok(bound(Place::Query, 2)),
        },
        Some("headers") => match rest.first().and_then(Segment::member) {
            Some(name) => Ok(bound(Place::RequestHeader(name.into()), 3)),
            None => Ok(bound(Place::RequestHeaders, 2)),
        },
        _ => Err(REQUEST.wrong(segment)),
    }
}

/// `rest` is what follows `$ctx.connection`.
fn connection(rest: &[Segment<'_>]) -> Found {
    let Some(segment) = rest.first() else {
        return Ok(bound(Place::Connection(ConnectionPart::Whole), 1));
    };
    let part = match segment.member() {
        Some("id") => ConnectionPart::Id,
        Some("connectedAt") => ConnectionPart::ConnectedAt,
        Some("routeKey") => ConnectionPart::RouteKey,
        Some("disconnectStatusCode") => ConnectionPart::StatusCode,
        Some("disconnectReason") => ConnectionPart::Reason,
        _ => return Err(CONNECTION.wrong(segment)),
    };
    Ok(bound(Place::Connection(part), 2))
}

/// `rest` is what follows `$ctx.info`.
fn info(rest: &[Segment<'_>]) -> Found {
    let Some(segment) = rest.first() else {
        return Ok(bound(Place::Info, 1));
    };
    match segment.member() {
        Some("fieldName") => Ok(bound(Place::FieldName, 2)),
        Some("parentTypeName") => Ok(bound(Place::ParentTypeName, 2)),
        Some("variables") => Ok(bound(Place::Variables, 2)),
        Some("selectionSetList") => Ok(bound(Place::SelectionPaths, 2)),
        Some("selectionSetGraphQL") => Ok(bound(Place::SelectionText, 2)),
        _ => Err(INFO.wrong(segment)),
    }
}

fn bound(place: Place, taken: usize) -> Bound<Place> {
    Bound { place, taken }
}

// === Faults ===

impl Members {
    fn wrong(&self, segment: &Segment<'_>) -> SyntaxError {
        let fault = match (segment.member(), &segment.kind) {
            (Some(name), _) if self.later.contains(&name) => {
                Fault::Unsupported(format!("{}.{name}", self.object))
            }
            (Some(name), _) => Fault::Name {
                message: format!("`{}` has no member `{name}`", self.object),
                help: Some(match nearest(name, self.known.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("its members are {}", listed(self.known)),
                }),
            },
            (None, SegmentKind::Call(name, _)) => Fault::Method((*name).to_owned()),
            (None, _) => Fault::Name {
                message: format!("`{}` is no list", self.object),
                help: Some(format!("its members are {}", listed(self.known))),
            },
        };
        SyntaxError::new(segment.span.clone(), fault)
    }
}

fn whole_context(root: &Name<'_>) -> SyntaxError {
    let fault = Fault::Name {
        message: format!("`${}` alone is no value", root.text),
        help: Some(format!(
            "name one of its members: {}",
            listed(CONTEXT.known)
        )),
    };
    SyntaxError::new(root.span.clone(), fault)
}

fn wrong_root(root: &Name<'_>) -> SyntaxError {
    let fault = if LATER_ROOTS.contains(&root.text) {
        Fault::Unsupported(format!("${}", root.text))
    } else {
        Fault::Name {
            message: format!("`${}` is not known", root.text),
            help: Some(match nearest(root.text, ROOTS) {
                Some(near) => format!("did you mean `${near}`?"),
                None => "there are `$ctx` and `$keys`; write `\\$` for a `$` that is meant as text"
                    .to_owned(),
            }),
        }
    };
    SyntaxError::new(root.span.clone(), fault)
}

fn listed(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}
