//! Keys in their stored form: bytes that sort as the values do.
//!
//! A key is its parts, one behind the other, and each part says itself where it ends. So all keys of one
//! partition share a prefix, within it they stand in the order of the sort key, and more parts can
//! follow: an index is a table whose keys go on with the key of the item.
//!
//! - Strings and bytes: as they are, `00` written `00 FF`, ended by `00 00`.
//! - Numbers: a byte for the sign, the power of ten of the first digit, the digits in pairs (each
//!   plus one), ended by `00`. Below zero everything behind the sign is inverted.

use std::ops::Range;

use crate::source::keyvalue::{attribute::Attribute, decimal::Decimal};

/// The stored form of a key.
pub(crate) type Key = Vec<u8>;

const NEGATIVE: u8 = 1;
const ZERO: u8 = 2;
const POSITIVE: u8 = 3;

/// Appends a part; nothing for an attribute that cannot be part of a key.
pub(super) fn push_part(out: &mut Key, part: &Attribute) {
    if push_beginning(out, part) {
        out.extend_from_slice(&[0, 0]);
    }
}

/// Appends what all strings or bytes have in front that begin with the given ones. Numbers have no
/// beginning; they are appended whole. Whether an end is still missing is what is returned.
pub(super) fn push_beginning(out: &mut Key, part: &Attribute) -> bool {
    match part {
        Attribute::String(text) => push_bytes(out, text.as_bytes()),
        Attribute::Binary(bytes) => push_bytes(out, bytes),
        Attribute::Number(number) => {
            push_number(out, *number);
            return false;
        }
        Attribute::Bool(_)
        | Attribute::Null
        | Attribute::StringSet(_)
        | Attribute::NumberSet(_)
        | Attribute::BinarySet(_)
        | Attribute::List(_)
        | Attribute::Map(_) => return false,
    }
    true
}

fn push_bytes(out: &mut Key, bytes: &[u8]) {
    let mut rest = bytes;
    while let Some(zero) = memchr::memchr(0, rest) {
        out.extend_from_slice(&rest[..=zero]);
        out.push(0xFF);
        rest = &rest[zero + 1..];
    }
    out.extend_from_slice(rest);
}

fn push_number(out: &mut Key, number: Decimal) {
    let Some((magnitude, digits)) = number.scaled() else {
        out.push(ZERO);
        return;
    };
    out.push(if number.is_negative() {
        NEGATIVE
    } else {
        POSITIVE
    });
    let body = out.len();
    // Magnitudes run from -130 to 125: exactly a byte.
    out.push(u8::try_from(magnitude + 130).unwrap_or(u8::MAX));
    let mut unit = 10u128.pow(36);
    let mut rest = digits;
    while rest > 0 {
        out.push(u8::try_from(rest / unit).unwrap_or(99) + 1);
        rest %= unit;
        unit /= 100;
    }
    out.push(0);
    if number.is_negative() {
        for byte in &mut out[body..] {
            *byte = !*byte;
        }
    }
}

/// All keys that begin with these bytes.
pub(super) fn beginning_with(prefix: Key) -> Range<Key> {
    let end = behind(prefix.clone());
    prefix..end
}

/// The first key behind all those that begin with these bytes.
pub(super) fn behind(mut prefix: Key) -> Key {
    // Every part starts with a byte below FF or has its end in 00, so something is left.
    while prefix.pop_if(|byte| *byte == 0xFF).is_some() {}
    if let Some(last) = prefix.last_mut() {
        *last += 1;
    }
    prefix
}

#[cfg(test)]
mod tests;
