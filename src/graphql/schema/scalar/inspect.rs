//! Values and literals in error messages, as graphql-js prints them.

use std::fmt::Write;

use apollo_compiler::ast;

use super::number::js_number_text;
use crate::json::{Kind, View};

/// Lists show this many items.
const MAX_ITEMS: usize = 10;
/// Objects and lists in objects and lists show this deep.
const MAX_DEPTH: usize = 2;
/// A message is for people; what a client sent by the megabyte is not sent back to them.
const MAX_BYTES: usize = 2_000;

/// A value for a message. Long ones are cut off.
pub(crate) fn inspect(value: View<'_>) -> String {
    let mut out = String::new();
    inspect_into(value, 0, &mut out);
    shorten(out)
}

/// A literal for a message, as it would be written in an operation. Long ones are cut off.
pub(crate) fn print(value: &ast::Value) -> String {
    let mut out = String::new();
    print_into(value, &mut out);
    shorten(out)
}

/// Shortens a text to what a message can bear.
pub(crate) fn shorten(mut text: String) -> String {
    if text.len() > MAX_BYTES {
        text.truncate(text.floor_char_boundary(MAX_BYTES));
        text.push('…');
    }
    text
}

fn inspect_into(value: View<'_>, depth: usize, out: &mut String) {
    if out.len() > MAX_BYTES {
        return;
    }
    match value.kind() {
        Kind::Null => out.push_str("null"),
        Kind::Bool => out.push_str(if value.as_bool() == Some(true) {
            "true"
        } else {
            "false"
        }),
        Kind::Number => out.push_str(
            &value
                .as_number()
                .map_or_else(String::new, |n| js_number_text(&n)),
        ),
        Kind::String => quote(&value.as_str().unwrap_or_default(), out),
        Kind::List => inspect_list(value, depth, out),
        Kind::Object => inspect_object(value, depth, out),
    }
}

fn inspect_list(list: View<'_>, depth: usize, out: &mut String) {
    if list.is_empty() {
        return out.push_str("[]");
    }
    if depth >= MAX_DEPTH {
        return out.push_str("[Array]");
    }
    out.push('[');
    for (index, item) in list.items().take(MAX_ITEMS).enumerate() {
        out.push_str(if index == 0 { "" } else { ", " });
        inspect_into(item, depth + 1, out);
    }
    match list.len().saturating_sub(MAX_ITEMS) {
        0 => {}
        1 => out.push_str(", ... 1 more item"),
        more => _ = write!(out, ", ... {more} more items"),
    }
    out.push(']');
}

fn inspect_object(object: View<'_>, depth: usize, out: &mut String) {
    if object.is_empty() {
        return out.push_str("{}");
    }
    if depth >= MAX_DEPTH {
        return out.push_str("[Object]");
    }
    out.push_str("{ ");
    for (index, (key, member)) in object.entries().enumerate() {
        if out.len() > MAX_BYTES {
            return;
        }
        out.push_str(if index == 0 { "" } else { ", " });
        out.push_str(&key);
        out.push_str(": ");
        inspect_into(member, depth + 1, out);
    }
    out.push_str(" }");
}

fn print_into(value: &ast::Value, out: &mut String) {
    if out.len() > MAX_BYTES {
        return;
    }
    match value {
        ast::Value::Null => out.push_str("null"),
        ast::Value::Boolean(bool) => _ = write!(out, "{bool}"),
        ast::Value::Int(int) => out.push_str(int.as_str()),
        ast::Value::Float(float) => out.push_str(float.as_str()),
        ast::Value::String(string) => quote(string, out),
        ast::Value::Enum(name) => out.push_str(name),
        ast::Value::Variable(name) => _ = write!(out, "${name}"),
        ast::Value::List(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index == 0 { "" } else { ", " });
                print_into(item, out);
            }
            out.push(']');
        }
        ast::Value::Object(fields) => {
            out.push('{');
            for (index, (name, field)) in fields.iter().enumerate() {
                out.push_str(if index == 0 { "" } else { ", " });
                _ = write!(out, "{name}: ");
                print_into(field, out);
            }
            out.push('}');
        }
    }
}

fn quote(string: &str, out: &mut String) {
    let shown = &string[..string.floor_char_boundary(MAX_BYTES)];
    // Serializing a string cannot fail.
    out.push_str(&serde_json::to_string(shown).unwrap_or_default());
}
