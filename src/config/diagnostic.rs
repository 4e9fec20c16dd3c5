//! Faults in what the team wrote: where they stand, what is wrong, what would be right.
//!
//! Everything that reads or compiles files adds to one [`Diagnostics`] and goes on, so that all
//! faults of all files are reported together. Rendering is in `render`.

mod files;
mod render;
#[cfg(test)]
mod tests;

use indexmap::IndexSet;

pub use files::{FileId, Files, Position, Span, Spanned};

/// How bad a fault is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing starts.
    Error,
    /// It starts; somebody should look.
    Warning,
}

/// One fault.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong; lower case, no full stop.
    pub message: String,
    /// Where; `None` when no file is to blame.
    pub span: Option<Span>,
    /// Other places that have to do with it, each with a few words, such as `first defined here`.
    pub labels: Vec<(Span, String)>,
    /// What would be right, when we know it.
    pub help: Option<String>,
}

/// All faults of all files.
#[derive(Debug, Default)]
pub struct Diagnostics {
    /// The files that spans point into.
    pub files: Files,
    /// A set: a file that two apis name is read twice, and its faults are still said once.
    entries: IndexSet<Diagnostic>,
}

// === impl Diagnostic ===

impl Diagnostic {
    /// An error at a place.
    #[must_use]
    pub fn error(span: Option<Span>, message: impl Into<String>) -> Self {
        Diagnostic::new(Severity::Error, span, message.into())
    }

    /// A warning at a place.
    #[must_use]
    pub fn warning(span: Option<Span>, message: impl Into<String>) -> Self {
        Diagnostic::new(Severity::Warning, span, message.into())
    }

    /// Says what would be right.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Points at another place that has to do with it.
    #[must_use]
    pub fn label(mut self, span: Span, words: impl Into<String>) -> Self {
        self.labels.push((span, words.into()));
        self
    }

    fn new(severity: Severity, span: Option<Span>, message: String) -> Self {
        Diagnostic {
            severity,
            message,
            span,
            labels: Vec::new(),
            help: None,
        }
    }
}

// === impl Diagnostics ===

impl Diagnostics {
    /// Records an error.
    pub fn error(&mut self, span: Option<Span>, message: impl Into<String>, help: Option<String>) {
        let mut entry = Diagnostic::error(span, message);
        entry.help = help;
        self.push(entry);
    }

    /// Records a warning.
    pub fn warning(
        &mut self,
        span: Option<Span>,
        message: impl Into<String>,
        help: Option<String>,
    ) {
        let mut entry = Diagnostic::warning(span, message);
        entry.help = help;
        self.push(entry);
    }

    /// Records a fault; one that was recorded already is not repeated.
    pub fn push(&mut self, entry: Diagnostic) {
        self.entries.insert(entry);
    }

    /// Whether anything keeps the configuration from being served.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.count(Severity::Error) > 0
    }

    /// Whether there is nothing to say.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// How many faults are this bad.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        self.iter()
            .filter(|entry| entry.severity == severity)
            .count()
    }

    /// The faults, in the order they were found or, after [`Diagnostics::sort`], in reading order.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.entries.iter()
    }

    /// Puts the faults in reading order: those without a place first, then by file and position.
    pub fn sort(&mut self) {
        self.entries.sort_by(|a, b| a.span.cmp(&b.span));
    }

    /// Takes over the faults and files of another collection.
    pub fn merge(&mut self, other: Diagnostics) {
        let moved = self.files.adopt(other.files);
        let renumber = |mut span: Span| {
            // A collection without files of its own already speaks of ours.
            if let Some(id) = moved.get(span.file.0 as usize) {
                span.file = *id;
            }
            span
        };
        for mut entry in other.entries {
            entry.span = entry.span.map(renumber);
            for (span, _) in &mut entry.labels {
                *span = renumber(*span);
            }
            self.push(entry);
        }
    }
}

impl Extend<Diagnostic> for Diagnostics {
    fn extend<I: IntoIterator<Item = Diagnostic>>(&mut self, entries: I) {
        for entry in entries {
            self.push(entry);
        }
    }
}
