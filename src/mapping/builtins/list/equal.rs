//! Whether a list has a value, without comparing every item with every other.

use rustc_hash::FxHashSet;

use crate::{
    json::{Kind, View, write_string},
    mapping::{builtins::MAX_TEXT, vtl::Val},
};

/// How deep values may nest that are compared.
const MAX_DEPTH: usize = 256;

/// The items of a list, to be asked for. Each is held as a text that all equal values share.
#[derive(Debug)]
pub(super) struct Members(FxHashSet<Vec<u8>>);

impl Members {
    pub(super) fn of(list: &[Val]) -> Result<Self, &'static str> {
        let keys = list.iter().map(key).collect::<Result<_, _>>();
        keys.map(Members)
    }

    pub(super) fn contain(&self, item: &Val) -> Result<bool, &'static str> {
        Ok(self.0.contains(&key(item)?))
    }
}

fn key(value: &Val) -> Result<Vec<u8>, &'static str> {
    let mut out = Vec::new();
    write(value.to_value().view(), MAX_DEPTH, &mut out)?;
    Ok(out)
}

/// JSON with members in the order of their names and numbers in one spelling.
fn write(value: View<'_>, depth: usize, out: &mut Vec<u8>) -> Result<(), &'static str> {
    let inside = depth.checked_sub(1).ok_or("an item nests too deep")?;
    if out.len() > MAX_TEXT {
        return Err("an item is larger than 16 MiB");
    }
    match value.kind() {
        Kind::Null => out.push(b'n'),
        Kind::Bool => out.push(if value.as_bool() == Some(true) {
            b't'
        } else {
            b'f'
        }),
        Kind::Number => write_number(value, out),
        Kind::String => write_string(&value.as_str().unwrap_or_default(), out),
        Kind::List => {
            out.push(b'[');
            for item in value.items() {
                write(item, inside, out)?;
                out.push(b',');
            }
            out.push(b']');
        }
        Kind::Object => {
            let mut members: Vec<_> = value.entries().collect();
            // Stable, so that of a repeated name the first is kept.
            members.sort_by(|(a, _), (b, _)| a.cmp(b));
            members.dedup_by(|(later, _), (first, _)| later == first);
            out.push(b'{');
            for (name, member) in members {
                write_string(&name, out);
                write(member, inside, out)?;
                out.push(b',');
            }
            out.push(b'}');
        }
    }
    Ok(())
}

fn write_number(value: View<'_>, out: &mut Vec<u8>) {
    if let Some(whole) = value.as_i64() {
        return out.extend_from_slice(itoa::Buffer::new().format(whole).as_bytes());
    }
    if let Some(number) = value.as_number() {
        number.write(out);
    }
}
