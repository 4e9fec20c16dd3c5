//! `variables:` what the mappings of an api read as `$ctx.env` and `$stageVariables`.
//!
//! See: appsync.md 1.6 (environment variables); apigateway.md 2.5 (stage variables).

use std::sync::Arc;

use crate::{
    config::{
        Diagnostic, Secret, Span,
        fields::{Decoded, Wrong},
        load::Reading,
        yaml::{Data, Node},
    },
    json::{Object, Value},
};

/// An object of texts; null when nothing is written.
pub(super) fn decode(cx: &mut Reading, entry: Option<(Span, &Node)>) -> Value {
    let entries = match entry.map(|(_, node)| (node, &node.data)) {
        None | Some((_, Data::Null)) => return Value::Null,
        Some((_, Data::Map(entries))) => entries.as_slice(),
        Some((node, _)) => {
            let help = "write `variables: { TABLE: posts }`";
            let wrong = Wrong::expected("a mapping of names to values", node, help);
            cx.faults.push(wrong.at("variables", node.span));
            return Value::Null;
        }
    };
    let mut variables = Object::default();
    for (name, value) in entries {
        if !is_name(&name.value) {
            let message = format!("`{}` is no name of a variable", name.value);
            let help = "a name is a letter, and then letters, digits and `_`";
            cx.faults
                .push(Diagnostic::error(Some(name.span), message).help(help));
        }
        match text(cx, value) {
            Ok(text) => {
                variables.insert(Arc::from(name.value.as_str()), Value::from(text));
            }
            Err(wrong) => {
                let span = if value.is_null() {
                    name.span
                } else {
                    value.span
                };
                cx.faults.push(wrong.at(&name.value, span));
            }
        }
    }
    Value::from(variables)
}

/// See: appsync.md 1.6.
fn is_name(name: &str) -> bool {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(is_word)
}

fn text(cx: &mut Reading, node: &Node) -> Decoded<String> {
    match &node.data {
        Data::String { text, .. } if text.starts_with("env:") || text.starts_with("file:") => {
            Ok(Secret::decode(cx, node)?.reveal().to_owned())
        }
        Data::String { text, .. } => Ok(text.clone()),
        Data::Bool(bool) => Ok(bool.to_string()),
        Data::Int(int) => Ok(int.to_string()),
        Data::Float(_) | Data::Null | Data::List(_) | Data::Map(_) => Err(Wrong::expected(
            "text",
            node,
            "write a text, `env:NAME` or `file:PATH`",
        )),
    }
}
