//! Values as JSON text.

use super::{List, Map, Oversized, Val, from::range};
use crate::json::write_string;

impl Val {
    /// Appends the value as JSON; what nobody has changed is copied as it stands. Stops soon after
    /// the text is longer than the limit, in bytes; a single document may be longer than that.
    pub(crate) fn write_json(&self, out: &mut Vec<u8>, limit: usize) -> Result<(), Oversized> {
        match self {
            Val::Null | Val::Object(_) => out.extend_from_slice(b"null"),
            Val::Bool(bool) => out.extend_from_slice(if *bool { b"true" } else { b"false" }),
            Val::Number(number) => number.write(out),
            Val::Text(text) => write_string(text, out),
            Val::List(list) => return write_list(list, out, limit),
            Val::Map(map) => return write_map(map, out, limit),
            Val::Range(first, last) => {
                let numbers = range(*first, *last).map(Val::from);
                return write_items(numbers, out, limit);
            }
            Val::Entry(map, key) => {
                out.push(b'{');
                write_member(key, &map.get(key).unwrap_or_default(), out, limit)?;
                out.push(b'}');
            }
        }
        within(out, limit)
    }
}

fn write_list(list: &List, out: &mut Vec<u8>, limit: usize) -> Result<(), Oversized> {
    if let Some(origin) = list.origin() {
        origin.view().write(out);
        return within(out, limit);
    }
    list.read(|items| write_items(items, out, limit))
}

fn write_items(
    items: impl IntoIterator<Item = impl std::borrow::Borrow<Val>>,
    out: &mut Vec<u8>,
    limit: usize,
) -> Result<(), Oversized> {
    out.push(b'[');
    for (index, item) in items.into_iter().enumerate() {
        separate(index, out);
        item.borrow().write_json(out, limit)?;
    }
    out.push(b']');
    within(out, limit)
}

fn write_map(map: &Map, out: &mut Vec<u8>, limit: usize) -> Result<(), Oversized> {
    if let Some(origin) = map.origin() {
        origin.view().write(out);
        return within(out, limit);
    }
    map.read(|members| {
        out.push(b'{');
        for (index, (key, value)) in members.iter().enumerate() {
            separate(index, out);
            write_member(key, value, out, limit)?;
        }
        out.push(b'}');
        within(out, limit)
    })
}

fn write_member(key: &str, value: &Val, out: &mut Vec<u8>, limit: usize) -> Result<(), Oversized> {
    write_string(key, out);
    out.push(b':');
    value.write_json(out, limit)
}

fn separate(before: usize, out: &mut Vec<u8>) {
    if before > 0 {
        out.push(b',');
    }
}

fn within(out: &[u8], limit: usize) -> Result<(), Oversized> {
    if out.len() > limit {
        return Err(Oversized);
    }
    Ok(())
}
