//! Faults of one file, on their way to the diagnostics.

use crate::config::{Diagnostic, Span};

/// What was found in one file.
#[derive(Debug, Default)]
pub(super) struct Faults {
    pub(super) entries: Vec<Diagnostic>,
}

impl Faults {
    /// Something that cannot work.
    pub(super) fn error(&mut self, span: Span, message: impl Into<String>, help: &str) {
        let entry = Diagnostic::error(Some(span), message).help(help);
        self.entries.push(entry);
    }

    /// Something that works here, and that AppSync refuses.
    pub(super) fn refused(&mut self, span: Span, what: &str, help: &str) {
        let message = format!("works here; AppSync refuses {what}");
        let entry = Diagnostic::warning(Some(span), message).help(help);
        self.entries.push(entry);
    }

    pub(super) fn push(&mut self, entry: Diagnostic) {
        self.entries.push(entry);
    }
}
