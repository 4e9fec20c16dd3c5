//! `util.xml`: XML as maps, in the manner of the `org.json` library.
//!
//! An element with nothing but text is that text; attributes, children and the text beside them
//! (`content`) are members; elements of one name in one place are a list. A document type is
//! refused, so that no entity can grow.
//!
//! See: appsync.md 3.3.

mod scan;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use roxmltree::{Document, Node, ParsingOptions};

use super::{Arguments, Builtin, Namespace, Services, Thrown, core};
use crate::json::{Number, Object, Value};

pub(super) const XML: Namespace = Namespace {
    name: "util.xml",
    functions: &[
        Builtin::values("toMap", 1..=1, to_map),
        Builtin::values("toJsonString", 1..=2, to_json_string),
    ],
    namespaces: &[],
};

/// The most elements and texts of a document; see also [`scan`].
const MAX_NODES: u32 = 200_000;

/// The member for the text of an element that has other members.
const CONTENT: &str = "content";

fn to_map(_: &mut Services<'_>, values: &[Value]) -> Result<Value, Thrown> {
    document(Arguments::new("util.xml.toMap", values), false)
}

/// `toJsonString(text, keepStrings?)`
fn to_json_string(_: &mut Services<'_>, values: &[Value]) -> Result<Value, Thrown> {
    let arguments = Arguments::new("util.xml.toJsonString", values);
    let keep_strings = arguments.optional_bool(1, "stringEncodeScalars")?;
    let value = document(arguments, keep_strings.unwrap_or(false))?;
    core::json::text_of("util.xml.toJsonString", value.view()).map(Value::from)
}

/// The whole document: an object of its root element. Nothing for a text that is empty.
fn document(arguments: Arguments<'_>, keep_strings: bool) -> Result<Value, Thrown> {
    let text = arguments.text(0, "value")?;
    if text.trim().is_empty() {
        return Ok(Value::Null);
    }
    scan::check(&text).map_err(|error| arguments.wrong(error))?;
    let options = ParsingOptions {
        allow_dtd: false,
        nodes_limit: MAX_NODES,
        ..ParsingOptions::default()
    };
    let document = Document::parse_with_options(&text, options)
        .map_err(|error| arguments.wrong(format!("the text is not XML: {error}")))?;
    let reader = Reader {
        text: &text,
        keep_strings,
    };
    let root = document.root_element();
    let mut members = Object::default();
    members.insert(reader.name(root), reader.element(root));
    Ok(Value::from(members))
}

/// Turns elements into values.
#[derive(Debug, Clone, Copy)]
struct Reader<'a> {
    /// The document, which knows names as they were written.
    text: &'a str,
    keep_strings: bool,
}

impl Reader<'_> {
    /// How deep this goes was checked before.
    fn element(self, element: Node<'_, '_>) -> Value {
        let mut members = Object::default();
        for attribute in element.attributes() {
            let name = self.text.get(attribute.range_qname()).unwrap_or_default();
            add(&mut members, name.into(), self.scalar(attribute.value()));
        }
        for child in element.children() {
            if child.is_element() {
                add(&mut members, self.name(child), self.element(child));
            }
            let text = child.text().filter(|_| child.is_text());
            if let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) {
                add(&mut members, CONTENT.into(), self.scalar(text));
            }
        }
        match members.len() {
            0 => Value::from(""),
            1 => match members.swap_remove(CONTENT) {
                Some(content) => content,
                None => Value::from(members),
            },
            _ => Value::from(members),
        }
    }

    /// The name as it was written, its prefix included.
    fn name(self, element: Node<'_, '_>) -> Arc<str> {
        let tag = self.text.get(element.range()).unwrap_or_default();
        let tag = tag.strip_prefix('<').unwrap_or(tag);
        let is_end = |c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>');
        tag.split(is_end).next().unwrap_or_default().into()
    }

    /// What a text stands for: a number, a boolean, null or itself.
    fn scalar(self, text: &str) -> Value {
        if self.keep_strings {
            return Value::from(text);
        }
        match text {
            _ if text.eq_ignore_ascii_case("true") => Value::Bool(true),
            _ if text.eq_ignore_ascii_case("false") => Value::Bool(false),
            _ if text.eq_ignore_ascii_case("null") => Value::Null,
            _ => Number::parse(text).map_or_else(|| Value::from(text), Value::Number),
        }
    }
}

/// Adds a member; what has the name of an earlier one makes a list of the two.
fn add(members: &mut Object, name: Arc<str>, value: Value) {
    let Some(present) = members.get_mut(&name) else {
        members.insert(name, value);
        return;
    };
    // No value of an element or an attribute is a list, so that a list is one that was made here.
    if let Value::List(items) = present {
        Arc::make_mut(items).push(value);
        return;
    }
    let first = std::mem::take(present);
    *present = Value::from(vec![first, value]);
}
