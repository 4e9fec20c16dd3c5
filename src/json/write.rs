//! Values written as JSON text.

use std::sync::Arc;

use super::{Document, Kind, Value, View, document::Node, write_string};

impl View<'_> {
    /// Appends the value as JSON without whitespace; what comes from documents is copied as it
    /// stands, digits and escapes as their author wrote them.
    #[inline]
    pub fn write(self, out: &mut Vec<u8>) {
        match self {
            View::Node(document, place) => {
                let node = document.node(place);
                if node.compact {
                    return out.extend_from_slice(document.bytes_of(node));
                }
                write_loose(document, place, node, out);
            }
            View::Built(value) => write_built(value, out),
        }
    }
}

fn write_built(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Number(number) => number.write(out),
        Value::String(string) => write_string(string, out),
        Value::List(items) => {
            out.push(b'[');
            for (index, item) in items.iter().enumerate() {
                separate(index, out);
                item.view().write(out);
            }
            out.push(b']');
        }
        Value::Object(members) => {
            out.push(b'{');
            for (index, (key, value)) in members.iter().enumerate() {
                separate(index, out);
                write_string(key, out);
                out.push(b':');
                value.view().write(out);
            }
            out.push(b'}');
        }
        Value::Node(..) => value.view().write(out),
    }
}

/// Writes a list or object that has whitespace between its tokens.
#[cold]
fn write_loose(document: &Arc<Document>, place: u32, node: Node, out: &mut Vec<u8>) {
    let is_object = node.tag.kind() == Kind::Object;
    out.push(if is_object { b'{' } else { b'[' });
    let mut at = place + 1;
    while at < node.link {
        separate((at - place - 1) as usize, out);
        if is_object {
            out.push(b'"');
            out.extend_from_slice(document.bytes_of(document.node(at)));
            out.extend_from_slice(b"\":");
            at += 1;
        }
        View::Node(document, at).write(out);
        at = document.node(at).link;
    }
    out.push(if is_object { b'}' } else { b']' });
}

fn separate(before: usize, out: &mut Vec<u8>) {
    if before > 0 {
        out.push(b',');
    }
}
