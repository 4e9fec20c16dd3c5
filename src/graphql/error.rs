//! What goes wrong with an operation: before it runs, and field by field.

use std::{borrow::Cow, sync::Arc};

use crate::{guard::Denied, json, resolver::Failure};

/// Why an operation was not run at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    /// From the root to the field, by response keys.
    pub(crate) path: Vec<Segment>,
    /// AppSync's name for the kind of error, where it has one.
    pub(crate) error_type: Option<Cow<'static, str>>,
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
            write_cause(&refused.path, refused.error_type.as_deref(), out);
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
        let (message, error_type) = match error.cause {
            Cause::Completion(message) => (message.into_owned(), None),
            Cause::Resolver(failure) => (failure.message.clone(), Some(failure.error_type.clone())),
        };
        RequestError {
            message,
            location: error.location,
            code: None,
            refused: Some(Box::new(Refused {
                path: error.path,
                error_type,
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
        let (message, error_type) = match &self.cause {
            Cause::Completion(message) => (&**message, None),
            Cause::Resolver(failure) => (&*failure.message, Some(&*failure.error_type)),
        };
        json::write_string(message, out);
        write_location(self.location, out);
        write_cause(&self.path, error_type, out);
        out.push(b'}');
    }
}

/// Where in the answer, and AppSync's names for what went wrong.
fn write_cause(path: &[Segment], error_type: Option<&str>, out: &mut Vec<u8>) {
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
    out.extend_from_slice(b",\"errorInfo\":null,\"data\":null");
}

impl Failure {
    /// The caller may not see a field, or not so often.
    ///
    /// See: appsync.md 7.8 (field denial).
    pub(super) fn denied(denied: Denied, field: &str, type_name: &str) -> Self {
        match denied {
            Denied::Unauthorized => Failure {
                message: format!("Not Authorized to access {field} on type {type_name}"),
                error_type: Cow::Borrowed("Unauthorized"),
            },
            Denied::Throttled => Failure {
                message: "Rate exceeded".to_owned(),
                error_type: Cow::Borrowed("ThrottlingException"),
            },
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
