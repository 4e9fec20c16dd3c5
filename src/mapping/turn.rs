//! What one execution of one resolver keeps from mapping to mapping, and what its mappings cause
//! beside their values.
//!
//! See: appsync.md 2.2 (stash), 2.8 (errors), 3.6 (response headers), 3.8 (extensions).

use std::borrow::Cow;

use crate::json::Value;

/// One execution of one resolver: one field of one parent, or one request of a route.
#[derive(Debug, Clone, Default)]
pub struct Turn {
    /// `$ctx.stash`: an object; null while nobody has put anything into it.
    pub stash: Value,
    /// `$ctx.outErrors`: what `appendError` added.
    pub appended: Vec<MappingError>,
    /// What `addResponseHeader` asked for; the last of a name counts.
    pub headers: Vec<(Box<str>, Value)>,
    /// What `$extensions` asked for.
    pub extensions: Vec<Extension>,
    /// What was logged.
    pub logs: Vec<LogLine>,
    /// What a template of a route changed about the request or the answer.
    pub overrides: Overrides,
}

/// Why a mapping has no value: something went wrong, or `$util.error` said so.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct MappingError {
    /// A sentence for the client.
    pub message: String,
    /// AppSync's name for the kind of error; `$util.error` may leave it out.
    pub error_type: Option<Cow<'static, str>>,
    /// `data` of the error: filtered by the selection of the field before a client sees it.
    pub data: Value,
    /// `errorInfo` of the error.
    pub info: Value,
    /// Whether it is `$util.unauthorized()`, whose message names the field.
    pub unauthorized: bool,
    /// What helps whoever wrote the mapping, such as the text that is no JSON. Never shown to
    /// clients.
    pub details: Option<Box<str>>,
    /// Where in the mapping's file it happened: line and column from 1, when that is known.
    pub place: Option<(u32, u32)>,
}

/// `$extensions.…`
#[derive(Debug, Clone, PartialEq)]
pub enum Extension {
    /// `evictFromApiCache(type, field, keys)`
    Evict {
        /// The type whose field is cached.
        type_name: Box<str>,
        /// The field.
        field_name: Box<str>,
        /// The values of its caching keys by their names, such as `ctx.args.id`, in order.
        keys: Value,
    },
    /// `setSubscriptionFilter(filter)`
    Filter(Value),
    /// `setSubscriptionInvalidationFilter(filter)`
    InvalidationFilter(Value),
    /// `invalidateSubscriptions({ subscriptionField, payload })`
    Invalidate {
        /// The field of the subscription type.
        subscription_field: Box<str>,
        /// What the invalidation filters are asked about.
        payload: Value,
    },
}

/// A line of `$util.log` or `console`.
#[derive(Debug, Clone, PartialEq)]
pub struct LogLine {
    /// How important it is.
    pub level: LogLevel,
    /// What it says.
    pub text: String,
    /// Where it was written: line and column from 1, when that is known.
    pub place: Option<(u32, u32)>,
}

/// How important a log line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    /// `debug`
    Debug,
    /// `info`, `console.log`
    Info,
    /// `error`
    Error,
}

/// `$context.requestOverride` and `$context.responseOverride`: objects, null while nothing is set.
///
/// See: apigateway.md 4.5.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// `header`, `path` and `querystring` of the request to the source.
    pub request: Value,
    /// `status` and `header` of the answer.
    pub response: Value,
}

/// The most lines one turn logs, and the longest of them in bytes; what is beyond is left out.
pub(crate) const MAX_LOG_LINES: usize = 200;
pub(crate) const MAX_LOG_LINE: usize = 4096;

/// The most errors, response headers and extensions one turn may add.
pub(crate) const MAX_ADDED: usize = 100;

/// The most bytes of names and values of response headers: of one turn, and of all turns of one
/// operation.
pub(crate) const MAX_HEADERS: usize = 4096;

/// The most invalidations, of one turn and of all turns of one operation. The same again does not
/// count.
pub(crate) const MAX_INVALIDATIONS: usize = 5;

// === impl MappingError ===

impl MappingError {
    /// A fault of the mapping: a client sees the type `MappingTemplate`.
    #[must_use]
    pub fn template(message: impl Into<String>) -> Self {
        MappingError::of_type("MappingTemplate", message)
    }

    /// A fault of a module, or of how a utility was called: a client sees the type `Code`.
    #[must_use]
    pub fn code(message: impl Into<String>) -> Self {
        MappingError::of_type("Code", message)
    }

    /// A response header that cannot be set.
    pub(crate) fn header(message: impl Into<String>) -> Self {
        MappingError::of_type("ResponseHeaderError", message)
    }

    /// The response headers are too many with this one.
    pub(crate) fn too_many_headers(name: &str) -> Self {
        MappingError::header(format!(
            "with '{name}' the response headers are larger than 4 KB"
        ))
    }

    /// One invalidation too many.
    pub(crate) fn too_many_invalidations() -> Self {
        MappingError::code(format!(
            "invalidateSubscriptions can be called {MAX_INVALIDATIONS} times in a request"
        ))
    }

    /// Whether it says that the mapping itself is wrong; then the place of it helps.
    pub(crate) fn is_misuse(&self) -> bool {
        self.error_type.as_deref() == Some("Code")
    }

    fn of_type(error_type: &'static str, message: impl Into<String>) -> Self {
        MappingError {
            message: message.into(),
            error_type: Some(Cow::Borrowed(error_type)),
            data: Value::Null,
            info: Value::Null,
            unauthorized: false,
            details: None,
            place: None,
        }
    }
}

// === impl Turn ===

impl Turn {
    /// Logs a line, within bounds.
    pub(crate) fn log(&mut self, level: LogLevel, mut text: String, place: Option<(u32, u32)>) {
        if self.logs.len() >= MAX_LOG_LINES {
            return;
        }
        if text.len() > MAX_LOG_LINE {
            let end = (0..=MAX_LOG_LINE)
                .rev()
                .find(|end| text.is_char_boundary(*end));
            text.truncate(end.unwrap_or_default());
            text.push('…');
        }
        self.logs.push(LogLine { level, text, place });
    }
}
