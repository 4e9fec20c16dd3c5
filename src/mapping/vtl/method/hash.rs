//! Java's `hashCode`.

use super::{MethodFault, Room, Val};
use crate::{json::Number, mapping::vtl::value::List};

/// The hash of a value. It looks at no more than may be printed.
pub(super) fn code(value: &Val, room: &mut Room) -> Result<i32, MethodFault> {
    let weight = value.weight(room.output).ok_or(MethodFault::TooLarge)?;
    room.work(weight);
    Ok(of(value))
}

fn of(value: &Val) -> i32 {
    match value {
        Val::Null | Val::Object(_) => 0,
        Val::Bool(bool) => {
            if *bool {
                1231
            } else {
                1237
            }
        }
        Val::Number(number) => number_code(number),
        Val::Text(text) => text_code(text),
        Val::List(list) => list_code(list),
        Val::Map(map) => map.read(|members| {
            let entries = members
                .iter()
                .map(|(key, value)| text_code(key) ^ of(value));
            entries.fold(0, i32::wrapping_add)
        }),
        Val::Range(first, last) => {
            let numbers = crate::mapping::vtl::value::range(*first, *last);
            numbers.fold(1, |hash, number| next(hash, number_code(&number.into())))
        }
        Val::Entry(map, key) => text_code(key) ^ of(&map.get(key).unwrap_or_default()),
    }
}

fn list_code(list: &List) -> i32 {
    list.read(|items| items.iter().fold(1, |hash, item| next(hash, of(item))))
}

fn text_code(text: &str) -> i32 {
    text.encode_utf16()
        .fold(0, |hash, unit| next(hash, i32::from(unit)))
}

fn number_code(number: &Number) -> i32 {
    match number {
        Number::Int(int) => i32::try_from(*int).unwrap_or_else(|_| fold(*int as u64)),
        Number::Float(float) => fold(float.to_bits()),
        // Nobody can tell what Java makes of its digits.
        Number::Text(text) => text_code(text),
    }
}

fn next(hash: i32, item: i32) -> i32 {
    hash.wrapping_mul(31).wrapping_add(item)
}

/// Both halves of a number in one.
fn fold(bits: u64) -> i32 {
    ((bits >> 32) ^ bits) as u32 as i32
}
