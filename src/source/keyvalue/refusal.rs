//! Everything this source refuses, in DynamoDB's words where DynamoDB has some.
//!
//! The texts are what clients of AppSync match on, so they stand in one place.

use crate::{
    config::source::KeyKind,
    source::{SourceError, keyvalue::decimal::DecimalError},
};

/// Why a request, or an item, is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    /// The request document has the wrong shape.
    #[error("{0}")]
    Document(String),
    /// Part of DynamoDB's language that is not built.
    #[error("{0} is not supported yet")]
    NotYet(String),
    /// A key with a missing attribute, one too many, or one of the wrong type.
    #[error("The provided key element does not match the schema")]
    KeyMismatch,
    /// An item without one of its key attributes.
    #[error("One or more parameter values were invalid: Missing the key {0} in the item")]
    KeyMissing(String),
    /// An item whose key attribute is of another type than the table declares.
    #[error("One or more parameter values were invalid: Type mismatch for key {name} expected: {} actual: {actual}", letter(*.expected))]
    KeyType {
        /// The key attribute.
        name: String,
        /// What the table declares.
        expected: KeyKind,
        /// DynamoDB's letters for what came.
        actual: &'static str,
    },
    /// A key attribute of zero bytes.
    #[error("One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty {} value. Key: {name}", word(*.kind))]
    KeyEmpty {
        /// The key attribute.
        name: String,
        /// Its type.
        kind: KeyKind,
    },
    /// A partition key that is too long.
    #[error(
        "One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of 2048 bytes"
    )]
    PartitionKeyTooLong,
    /// A sort key that is too long.
    #[error(
        "One or more parameter values were invalid: Aggregated size of all range keys has exceeded the size limit of 1024 bytes"
    )]
    SortKeyTooLong,
    /// A text that is no number, or a number that DynamoDB cannot hold.
    #[error(transparent)]
    Number(#[from] DecimalError),
    /// A set without elements.
    #[error("One or more parameter values were invalid: An {0} set may not be empty")]
    SetEmpty(&'static str),
    /// A set that names an element twice.
    #[error("One or more parameter values were invalid: Input collection contains duplicates")]
    SetDuplicate,
    /// Lists and maps within each other, too deep.
    #[error("Nesting Levels have exceeded supported limits")]
    TooDeep,
    /// An item above DynamoDB's bound.
    #[error("Item size has exceeded the maximum allowed size")]
    ItemTooLarge,
    /// A request that is well-formed and still not acceptable, with DynamoDB's sentence.
    #[error("{0}")]
    Invalid(String),
    /// A `nextToken` that was not issued for this query of this table.
    #[error("Invalid pagination token given: it was not issued for this request")]
    Token,
    /// The commit took longer than a client should wait.
    #[error("the write did not complete in time; it may still be applied")]
    Slow,
    /// The file could not be read or written; the log says why.
    #[error("the key-value store failed")]
    Storage,
}

impl Refusal {
    /// AppSync's name for the error.
    fn error_type(&self) -> &'static str {
        match self {
            Refusal::Document(_) => "MappingTemplate",
            Refusal::NotYet(_) => "UnsupportedOperation",
            Refusal::Slow => "DynamoDB:RequestTimeoutException",
            Refusal::Storage => "DynamoDB:InternalServerErrorException",
            Refusal::KeyMismatch
            | Refusal::KeyMissing(_)
            | Refusal::KeyType { .. }
            | Refusal::KeyEmpty { .. }
            | Refusal::PartitionKeyTooLong
            | Refusal::SortKeyTooLong
            | Refusal::Number(_)
            | Refusal::SetEmpty(_)
            | Refusal::SetDuplicate
            | Refusal::TooDeep
            | Refusal::ItemTooLarge
            | Refusal::Invalid(_)
            | Refusal::Token => "DynamoDB:DynamoDbException",
        }
    }

    /// Writes the cause to the log, where it belongs, and leaves the client a fixed sentence.
    pub(super) fn storage(cause: impl Into<redb::Error>) -> Self {
        let cause = cause.into();
        tracing::error!(error = %cause, "the key-value store failed");
        Refusal::Storage
    }

    /// An item on disk that this version cannot read.
    pub(super) fn corrupt(what: &str) -> Self {
        tracing::error!(
            what,
            "the key-value store holds an item that cannot be read"
        );
        Refusal::Storage
    }
}

impl From<Refusal> for SourceError {
    fn from(refusal: Refusal) -> Self {
        SourceError {
            error_type: refusal.error_type().into(),
            message: refusal.to_string(),
        }
    }
}

/// DynamoDB's letter for a key type.
pub(super) fn letter(kind: KeyKind) -> &'static str {
    match kind {
        KeyKind::String => "S",
        KeyKind::Number => "N",
        KeyKind::Binary => "B",
    }
}

fn word(kind: KeyKind) -> &'static str {
    match kind {
        KeyKind::String => "string",
        KeyKind::Number => "number",
        KeyKind::Binary => "binary",
    }
}
