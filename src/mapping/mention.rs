//! Which places a mapping mentions, and where: for checks that know more than the mapping does,
//! such as which arguments there are.

use crate::{
    config::{
        Span,
        yaml::{Data, Node},
    },
    mapping::{
        leaf,
        place::{ContextNames, Place},
    },
};

/// A reference in a mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mention {
    /// What it reads.
    pub(crate) subject: Subject,
    /// The member of it that follows, if one does.
    pub(crate) member: Option<Box<str>>,
    /// Where the reference stands.
    pub(crate) span: Span,
}

/// What a reference reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    /// `$ctx.args`
    Args,
    /// `$ctx.source`
    Source,
    /// `$ctx.result`
    Result,
    /// `$ctx.request.body`
    RequestBody,
    /// Anything else.
    Other,
}

/// All references of a mapping, in their order. What is no template is left out: compiling the
/// mapping says so.
pub(crate) fn mentions(node: &Node) -> Vec<Mention> {
    let mut found = Vec::new();
    walk(node, &mut found);
    found
}

/// The depth of nodes is bounded where files are read.
fn walk(node: &Node, found: &mut Vec<Mention>) {
    match &node.data {
        Data::String { text, verbatim } => leaf(node.span, text, *verbatim, found),
        Data::List(items) => items.iter().for_each(|item| walk(item, found)),
        Data::Map(members) => members.iter().for_each(|(_, node)| walk(node, found)),
        Data::Null | Data::Bool(_) | Data::Int(_) | Data::Float(_) => {}
    }
}

fn leaf(span: Span, text: &str, verbatim: Option<Span>, found: &mut Vec<Mention>) {
    let Ok(program) = leaf::compile(text, &ContextNames) else {
        return;
    };
    found.extend(program.references().map(|reference| Mention {
        subject: Subject::of(&reference.place),
        member: reference.members().next().map(Box::from),
        span: match verbatim {
            Some(verbatim) => super::tree::within(verbatim, &reference.range()),
            None => span,
        },
    }));
}

// === impl Subject ===

impl Subject {
    fn of(place: &Place) -> Self {
        match place {
            Place::Args => Subject::Args,
            Place::Source => Subject::Source,
            Place::Result
            | Place::Document
            | Place::Status
            | Place::ResultHeaders
            | Place::ResultHeader(_)
            | Place::Body => Subject::Result,
            Place::RequestBody => Subject::RequestBody,
            Place::Identity
            | Place::Keys
            | Place::Request
            | Place::RequestHeaders
            | Place::RequestHeader(_)
            | Place::Method
            | Place::Path
            | Place::Query
            | Place::QueryParameter(_)
            | Place::Connection(_)
            | Place::Info
            | Place::FieldName
            | Place::ParentTypeName
            | Place::Variables
            | Place::SelectionPaths
            | Place::SelectionText
            | Place::Stash
            | Place::Prev
            | Place::PrevResult
            | Place::Error
            | Place::Env => Subject::Other,
        }
    }
}
