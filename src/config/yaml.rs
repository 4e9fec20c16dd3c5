//! YAML with positions.
//!
//! The events of `saphyr-parser` become [`Node`]s whose spans are exact in bytes. Scalars follow
//! the core schema of YAML 1.2 (`yes` and `0777` are not special; quoted scalars are text).
//! Duplicate keys are errors, aliases are resolved within bounds, merge keys are refused. JSON
//! files become the same nodes.

mod build;
mod json;
mod scalar;
mod syntax;
#[cfg(test)]
mod tests;

use crate::{
    config::{Diagnostics, Span, Spanned, diagnostic::FileId},
    json::{Number, Object, Value},
};

/// How deep lists and mappings may stand in each other.
pub(crate) const MAX_DEPTH: usize = 64;

/// A YAML node and where it was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Where.
    pub span: Span,
    /// What.
    pub data: Data,
}

/// What a node holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Data {
    /// `null`, `~`, or nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number that fits 64 bits.
    Int(i64),
    /// Any other number; always finite.
    Float(f64),
    /// Text.
    String {
        /// The characters.
        text: String,
        /// Where the characters stand in the file one to one; `None` for quoted strings with
        /// escapes and for block or folded scalars.
        verbatim: Option<Span>,
    },
    /// A sequence.
    List(Vec<Node>),
    /// A mapping, in its order.
    Map(Vec<(Spanned<String>, Node)>),
}

/// Reads one YAML document. `None` when it cannot be read at all; the faults say why. An empty
/// document is a null.
pub fn parse(file: FileId, text: &str, faults: &mut Diagnostics) -> Option<Node> {
    build::document(file, text, faults)
}

/// Reads one JSON document into the same nodes.
pub fn parse_json(file: FileId, text: &str, faults: &mut Diagnostics) -> Option<Node> {
    json::document(file, text, faults)
}

// === impl Node ===

impl Node {
    /// The characters of text; `None` for every other kind.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match &self.data {
            Data::String { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The value of a key; `None` when it is absent or this is no mapping.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        match &self.data {
            Data::Map(entries) => entries
                .iter()
                .find(|(name, _)| name.value == key)
                .map(|(_, node)| node),
            _ => None,
        }
    }

    /// The node as JSON; references in text are not looked at.
    #[must_use]
    pub fn to_value(&self) -> Value {
        match &self.data {
            Data::Null => Value::Null,
            Data::Bool(value) => Value::from(*value),
            Data::Int(value) => Value::from(*value),
            Data::Float(value) => Value::Number(Number::Float(*value)),
            Data::String { text, .. } => Value::from(text.as_str()),
            Data::List(items) => items.iter().map(Node::to_value).collect(),
            Data::Map(entries) => {
                let members = entries
                    .iter()
                    .map(|(key, node)| (key.value.as_str().into(), node.to_value()));
                Value::from(members.collect::<Object>())
            }
        }
    }

    /// Whether nothing is written here.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self.data, Data::Null)
    }

    /// Names the node in a message, such as "the number `5`" or "a list".
    #[must_use]
    pub fn describe(&self) -> String {
        match &self.data {
            Data::Null => "nothing".to_owned(),
            Data::Bool(value) => format!("`{value}`"),
            Data::Int(value) => format!("the number `{value}`"),
            Data::Float(value) => format!("the number `{value}`"),
            Data::String { text, .. } => match text.char_indices().nth(40) {
                Some((end, _)) => format!("the text `{}…`", &text[..end]),
                None => format!("the text `{text}`"),
            },
            Data::List(_) => "a list".to_owned(),
            Data::Map(_) => "a mapping".to_owned(),
        }
    }
}
