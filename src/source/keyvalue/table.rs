//! One table of the store: its schema, its tokens, and where its items are.

use std::sync::Arc;

use redb::TableDefinition;

use crate::source::keyvalue::{schema::Schema, token::Tokens};

/// A table that was opened, so it exists and has this schema.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) schema: Schema,
    pub(crate) tokens: Tokens,
    /// The name of its items among the tables of the file.
    pub(super) stored_name: Arc<str>,
}

// === impl Table ===

impl Table {
    pub(super) fn new(schema: Schema, secret: [u8; 32]) -> Self {
        Table {
            stored_name: stored_name(&schema.table),
            tokens: Tokens::new(secret, schema.table.clone()),
            schema,
        }
    }
}

/// Items have a name space of their own: indexes and bookkeeping stand beside them.
pub(super) fn stored_name(table: &str) -> Arc<str> {
    format!("items/{table}").into()
}

/// The definition that opens a table by its stored name.
pub(super) fn items(stored_name: &str) -> TableDefinition<'_, &'static [u8], &'static [u8]> {
    TableDefinition::new(stored_name)
}
