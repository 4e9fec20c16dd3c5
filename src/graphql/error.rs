//! What goes wrong with an operation: before it runs, and field by field.

use std::{borrow::Cow, sync::Arc};

use crate::{
    guard::Denied,
    json::{self, Value, View},
    resolver::{Failure, unauthorized_message},
};

/// Why an operation was not run at all.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{message}")]
pub(crate) struct RequestError {
    /// A sentence for the client.
    pub message: String,
    /// Where in the document: line and column, from 1.
    pub location: Option<(u32, u32)>,
    /// A code for programs, under `extensions.code`.
    pub code: Option<&'static str>,
    /// The field that refused the operation as a whole, as the root of a subscription may.
    pub(crate) refused: Option<Box<Refused>>,
}

/// What AppSync's clients are told beside the message when a field refuses the operation.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Refused {
    /// From the root to the field, by response keys.
    pub(crate) path: Vec<Segment>,
    /// AppSync's name for the kind of error, where it has one.
    pub(crate) error_type: Option<Cow<'static, str>>,
    /// What else a mapping said about it.
    pub(crate) info: Value,
}

/// Why a field is null.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FieldError {
    /// From the root to the field, by response keys and list indexes.
    pub(crate) path: Vec<Segment>,
    /// Where the field stands in the document.
    pub(crate) location: Option<(u32, u32)>,
    /// What went wrong.
    pub(crate) cause: Cause,
    /// `data` as JSON: what the field's selection lets through; empty for null.
    pub(crate) data: Box<[u8]>,
}

/// A step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Segment {
    /// A response key.
    Key(Arc<str>),
    /// A list index.
    Index(usize),
}

/// What went wrong with a field.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cause {
    /// The engine could not complete the value.
    Completion(Cow<'static, str>),
    /// What AppSync has a name for: the resolver failed, or the caller may not see the field.
    Resolver(Arc<Failure>),
}

// === impl RequestError ===

impl RequestError {
    /// An error without a place.
    #[must_use]
    pub(crate) fn new(message: impl Into<String>) -> Self {
        RequestError {
            message: message.into(),
            location: None,
            code: None,
            refused: None,
        }
    }

    /// Writes the error as clients read it.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"message\":");
        json::write_string(&self.message, out);
        write_location(self.location, out);
        if let Some(refused) = &self.refused {
            let error_type = refused.error_type.as_deref();
            write_cause(&refused.path, error_type, refused.info.view(), &[], out);
        }
        if let Some(code) = self.code {
            out.extend_from_slice(b",\"extensions\":{\"code\":");
            json::write_string(code, out);
            out.push(b'}');
        }
        out.push(b'}');
    }
}

/// A field that refuses the operation it stands in.
impl From<FieldError> for RequestError {
    fn from(error: FieldError) -> Self {
        let (message, error_type, info) = match error.cause {
            Cause::Completion(message) => (message.into_owned(), None, Value::Null),
            Cause::Resolver(failure) => (
                failure.message.clone(),
                failure.error_type.clone(),
                failure.info.clone(),
            ),
        };
        RequestError {
            message,
            location: error.location,
            code: None,
            refused: Some(Box::new(Refused {
                path: error.path,
                error_type,
                info,
            })),
        }
    }
}

// === impl FieldError ===

impl FieldError {
    /// Writes the error as AppSync's clients read it.
    ///
    /// See: appsync.md 2.9 (error JSON on the wire).
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"message\":");
        let (message, error_type, info) = match &self.cause {
            Cause::Completion(message) => (&**message, None, View::NULL),
            Cause::Resolver(failure) => (
                &*failure.message,
                failure.error_type.as_deref(),
                failure.info.view(),
            ),
        };
        json::write_string(message, out);
        write_location(self.location, out);
        write_cause(&self.path, error_type, info, &self.data, out);
        out.push(b'}');
    }
}

/// Where in the answer, and AppSync's names for what went wrong. Data is JSON; none of it is null.
fn write_cause(
    path: &[Segment],
    error_type: Option<&str>,
    info: View<'_>,
    data: &[u8],
    out: &mut Vec<u8>,
) {
    out.extend_from_slice(b",\"path\":[");
    for (index, segment) in path.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        match segment {
            Segment::Key(key) => json::write_string(key, out),
            Segment::Index(index) => {
                out.extend_from_slice(itoa::Buffer::new().format(*index).as_bytes())
            }
        }
    }
    out.extend_from_slice(b"],\"errorType\":");
    match error_type {
        Some(error_type) => json::write_string(error_type, out),
        None => out.extend_from_slice(b"null"),
    }
    out.extend_from_slice(b",\"errorInfo\":");
    info.write(out);
    out.extend_from_slice(b",\"data\":");
    out.extend_from_slice(if data.is_empty() { b"null" } else { data });
}

impl Failure {
    /// About how many bytes of an error are its message and what else a mapping said.
    pub(super) fn said(&self) -> usize {
        match self.info.view() {
            info if info.is_null() => self.message.len(),
            info => self.message.len() + info.size(),
        }
    }

    /// The caller may not see a field, or not so often.
    ///
    /// See: appsync.md 7.8 (field denial).
    pub(super) fn denied(denied: Denied, field: &str, type_name: &str) -> Self {
        match denied {
            Denied::Unauthorized => {
                Failure::new("Unauthorized", unauthorized_message(field, type_name))
            }
            Denied::Throttled => Failure::new("ThrottlingException", "Rate exceeded"),
        }
    }
}

fn write_location(location: Option<(u32, u32)>, out: &mut Vec<u8>) {
    let Some((line, column)) = location else {
        return;
    };
    let mut digits = itoa::Buffer::new();
    out.extend_from_slice(b",\"locations\":[{\"line\":");
    out.extend_from_slice(digits.format(line).as_bytes());
    out.extend_from_slice(b",\"column\":");
    out.extend_from_slice(digits.format(column).as_bytes());
    out.extend_from_slice(b"}]");
}
