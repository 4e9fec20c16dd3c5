//! The escapes of strings, both ways.

use std::borrow::Cow;

use super::scan;

/// What stands for a surrogate that has no partner.
const LONE_SURROGATE: char = char::REPLACEMENT_CHARACTER;

const HEX: &[u8; 16] = b"0123456789abcdef";

/// Appends a string as JSON, in quotes and escaped where it must be.
#[inline]
pub fn write_string(string: &str, out: &mut Vec<u8>) {
    let mut rest = string.as_bytes();
    out.reserve(rest.len() + 2);
    out.push(b'"');
    loop {
        let (plain, special) = rest.split_at(scan::plain_length(rest));
        out.extend_from_slice(plain);
        let Some((&byte, after)) = special.split_first() else {
            break;
        };
        write_escape(byte, out);
        rest = after;
    }
    out.push(b'"');
}

fn write_escape(byte: u8, out: &mut Vec<u8>) {
    let short = match byte {
        b'"' | b'\\' => byte,
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        0x08 => b'b',
        0x0c => b'f',
        _ => {
            let (high, low) = (HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]);
            return out.extend_from_slice(&[b'\\', b'u', b'0', b'0', high, low]);
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}

/// The characters that the inside of a parsed JSON string stands for.
pub(super) fn unescape(inside: &str) -> String {
    let mut out = String::with_capacity(inside.len());
    let mut rest = inside;
    while let Some((plain, escape)) = rest.split_once('\\') {
        out.push_str(plain);
        let (char, after) = first_escape(escape);
        out.push(char);
        rest = after;
    }
    out.push_str(rest);
    out
}

/// The same, borrowed when there is nothing to do.
pub(super) fn unescape_if(escaped: bool, inside: &str) -> Cow<'_, str> {
    if escaped {
        return Cow::Owned(unescape(inside));
    }
    Cow::Borrowed(inside)
}

/// What the escape after a backslash stands for, and what follows it.
fn first_escape(escape: &str) -> (char, &str) {
    let mut chars = escape.chars();
    let char = match chars.next() {
        Some('b') => '\x08',
        Some('f') => '\x0c',
        Some('n') => '\n',
        Some('r') => '\r',
        Some('t') => '\t',
        Some('u') => return unicode_escape(chars.as_str()),
        Some(other) => other,
        None => LONE_SURROGATE,
    };
    (char, chars.as_str())
}

/// What the four digits after `\u` stand for; a pair of surrogates is one character.
fn unicode_escape(digits: &str) -> (char, &str) {
    let (unit, rest) = code_unit(digits);
    if let Some(char) = char::from_u32(unit) {
        return (char, rest);
    }
    let low = rest.strip_prefix("\\u").map(code_unit);
    match low {
        Some((low @ 0xDC00..=0xDFFF, after)) if unit < 0xDC00 => {
            let joined = 0x1_0000 + ((unit - 0xD800) << 10 | (low - 0xDC00));
            (char::from_u32(joined).unwrap_or(LONE_SURROGATE), after)
        }
        _ => (LONE_SURROGATE, rest),
    }
}

/// Four digits and what follows them. The parser saw the digits, so that nothing is missing here.
fn code_unit(digits: &str) -> (u32, &str) {
    let (unit, rest) = digits.split_at_checked(4).unwrap_or((digits, ""));
    (u32::from_str_radix(unit, 16).unwrap_or(0xD800), rest)
}
