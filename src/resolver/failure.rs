//! Why a field or a route has no value.

use std::borrow::Cow;

use crate::{
    json::Value,
    mapping::{MappingError, context::Info},
    source::SourceError,
};

/// Why a field has no value: what AppSync puts into an error beside path and location.
///
/// See: appsync.md 2.8, 2.9.
#[derive(Debug, Clone, Default, PartialEq, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Failure {
    /// A sentence for the client.
    pub(crate) message: String,
    /// AppSync's name for the kind of error; `$util.error` may leave it out.
    pub(crate) error_type: Option<Cow<'static, str>>,
    /// `data` of the error: a client sees what the selection of the field lets through.
    pub(crate) data: Value,
    /// `errorInfo` of the error.
    pub(crate) info: Value,
    /// Whether the mapping said that the caller may not have the value.
    pub(crate) unauthorized: bool,
}

// === impl Failure ===

impl Failure {
    /// A failure of this kind.
    pub(crate) fn new(
        error_type: impl Into<Cow<'static, str>>,
        message: impl Into<String>,
    ) -> Self {
        Failure {
            message: message.into(),
            error_type: Some(error_type.into()),
            ..Failure::default()
        }
    }

    /// What a mapping of this field or route said.
    pub(crate) fn of(error: MappingError, info: &Info<'_>) -> Self {
        let MappingError {
            mut message,
            mut error_type,
            data,
            info: error_info,
            unauthorized,
            details,
            place: _,
        } = error;
        if let Some(details) = details {
            tracing::debug!(target: "loomgate::mapping", field = info.field_name, "{message}\n{details}");
        }
        if unauthorized {
            error_type = Some(Cow::Borrowed("Unauthorized"));
            if !info.parent_type_name.is_empty() {
                message = unauthorized_message(info.field_name, info.parent_type_name);
            }
        }
        Failure {
            message,
            error_type,
            data,
            info: error_info,
            unauthorized,
        }
    }

    /// Its kind, as text; empty when it has none.
    pub(crate) fn kind(&self) -> &str {
        self.error_type.as_deref().unwrap_or_default()
    }
}

impl From<SourceError> for Failure {
    fn from(error: SourceError) -> Self {
        Failure::new(error.error_type, error.message)
    }
}

/// See: appsync.md 7.8 (field denial).
pub(crate) fn unauthorized_message(field: &str, type_name: &str) -> String {
    format!("Not Authorized to access {field} on type {type_name}")
}
