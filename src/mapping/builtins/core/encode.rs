//! Texts written so that they survive where others would be misread.

use base64::{Engine, engine::general_purpose::STANDARD};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{
    json::Value,
    mapping::builtins::{Arguments, Services, Thrown},
};

/// What Java's `URLEncoder` does not leave as it is. A space is left for a second look.
const FORM: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'.')
    .remove(b'-')
    .remove(b'*')
    .remove(b'_')
    .remove(b' ');

pub(in crate::mapping::builtins) fn url_encode(
    _: &mut Services<'_>,
    values: &[Value],
) -> Result<Value, Thrown> {
    let text = Arguments::new("util.urlEncode", values).text(0, "value")?;
    let encoded = utf8_percent_encode(&text, FORM).to_string();
    Ok(Value::from(encoded.replace(' ', "+")))
}

pub(in crate::mapping::builtins) fn url_decode(
    _: &mut Services<'_>,
    values: &[Value],
) -> Result<Value, Thrown> {
    let arguments = Arguments::new("util.urlDecode", values);
    let text = arguments.text(0, "value")?;
    let bytes = form_bytes(&text)
        .ok_or_else(|| arguments.wrong("a '%' must be followed by two hexadecimal digits"))?;
    Ok(Value::from(String::from_utf8_lossy(&bytes).into_owned()))
}

/// What a form's text stands for; `None` where a `%` is not the beginning of an escape.
fn form_bytes(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut digit = || char::from(bytes.next()?).to_digit(16);
                let (high, low) = (digit()?, digit()?);
                u8::try_from(high << 4 | low).ok()?
            }
            other => other,
        });
    }
    Some(out)
}

pub(in crate::mapping::builtins) fn base64_encode(
    _: &mut Services<'_>,
    values: &[Value],
) -> Result<Value, Thrown> {
    let text = Arguments::new("util.base64Encode", values).text(0, "value")?;
    Ok(Value::from(STANDARD.encode(text.as_bytes())))
}

/// Bytes that are no text read as U+FFFD.
pub(in crate::mapping::builtins) fn base64_decode(
    _: &mut Services<'_>,
    values: &[Value],
) -> Result<Value, Thrown> {
    let text = Arguments::new("util.base64Decode", values).text(0, "value")?;
    let bytes = base64_bytes(&text);
    Ok(Value::from(String::from_utf8_lossy(&bytes).into_owned()))
}

/// Decodes as Apache's codec does: either alphabet, no padding needed, other characters skipped,
/// nothing after the padding.
fn base64_bytes(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3 + 2);
    let (mut bits, mut held) = (0_u32, 0);
    for byte in text.bytes().take_while(|byte| *byte != b'=') {
        let Some(sextet) = sextet(byte) else {
            continue;
        };
        bits = bits << 6 | u32::from(sextet);
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held) as u8);
        }
    }
    out
}

fn sextet(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    }
}

/// Null stays null.
pub(in crate::mapping::builtins) fn escape_java_script(
    _: &mut Services<'_>,
    values: &[Value],
) -> Result<Value, Thrown> {
    let text = Arguments::new("util.escapeJavaScript", values).optional_text(0, "value")?;
    Ok(text.map_or(Value::Null, |text| Value::from(escaped(&text))))
}

/// Escapes as Apache's `StringEscapeUtils` does, single quotes and slashes included.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\'' | '"' | '\\' | '/' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\x08' => out.push_str("\\b"),
            '\x0c' => out.push_str("\\f"),
            ' '..='\x7f' => out.push(c),
            _ => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    out.push_str(&format!("\\u{unit:04X}"));
                }
            }
        }
    }
    out
}
