//! Numbers as JavaScript reads and writes them.

use crate::json::Number;

/// Whether a number is whole; beyond all doubles, nothing is.
pub(super) fn is_integral(number: &Number) -> bool {
    match number {
        Number::Int(_) => true,
        Number::Float(float) => float.is_finite() && float.fract() == 0.0,
        Number::Text(_) => number.as_f64().is_some_and(|float| float.fract() == 0.0),
    }
}

/// A number as JavaScript turns it into a string, except that the digits of an integer are kept.
pub(super) fn number_text(number: &Number) -> String {
    match number {
        Number::Int(int) => int.to_string(),
        Number::Text(digits) if is_integer_text(digits) => digits.to_string(),
        Number::Float(_) | Number::Text(_) => js_number(double(number)),
    }
}

/// A number as JavaScript prints it: through a double.
pub(super) fn js_number_text(number: &Number) -> String {
    js_number(double(number))
}

/// The value of a number that JavaScript would have read, an infinity when there is no such double.
fn double(number: &Number) -> f64 {
    match number {
        Number::Int(int) => *int as f64,
        Number::Float(float) => *float,
        Number::Text(text) => text.parse().unwrap_or(f64::NAN),
    }
}

fn is_integer_text(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits.bytes().all(|byte| byte.is_ascii_digit()) && digits != "0"
}

/// <https://tc39.es/ecma262/#sec-numeric-types-number-tostring>
pub(super) fn js_number(float: f64) -> String {
    if float == 0.0 {
        return "0".to_owned();
    }
    if !float.is_finite() {
        return match float {
            f64::INFINITY => "Infinity",
            f64::NEG_INFINITY => "-Infinity",
            _ => "NaN",
        }
        .to_owned();
    }
    let sign = if float < 0.0 { "-" } else { "" };
    let shortest = format!("{:e}", float.abs());
    let (mantissa, exponent) = shortest.split_once('e').unwrap_or((&shortest, "0"));
    let digits = mantissa.replace('.', "");
    let exponent: i32 = exponent.parse().unwrap_or(0);
    format!("{sign}{}", place_point(&digits, exponent + 1))
}

/// Digits with the decimal point after the given number of them.
fn place_point(digits: &str, point: i32) -> String {
    let zeros = |count: i32| "0".repeat(usize::try_from(count).unwrap_or(0));
    let length = i32::try_from(digits.len()).unwrap_or(i32::MAX);
    match point {
        _ if length <= point && point <= 21 => format!("{digits}{}", zeros(point - length)),
        1..=21 => {
            let (whole, fraction) = digits.split_at(usize::try_from(point).unwrap_or(0));
            format!("{whole}.{fraction}")
        }
        -5..=0 => format!("0.{}{digits}", zeros(-point)),
        _ => {
            let (first, rest) = digits.split_at(1);
            let dot = if rest.is_empty() { "" } else { "." };
            format!("{first}{dot}{rest}e{:+}", point - 1)
        }
    }
}

/// What `Number(text)` gives in JavaScript, when it is a finite number.
///
/// <https://tc39.es/ecma262/#sec-stringtonumber>
pub(super) fn js_parse(text: &str) -> Option<f64> {
    let text = text.trim_matches(is_js_space);
    if text.is_empty() {
        return Some(0.0);
    }
    let radix = |digits: &str, radix| parse_radix(digits, radix);
    let parsed = match text.as_bytes() {
        [b'0', b'x' | b'X', ..] => radix(&text[2..], 16)?,
        [b'0', b'o' | b'O', ..] => radix(&text[2..], 8)?,
        [b'0', b'b' | b'B', ..] => radix(&text[2..], 2)?,
        _ if is_decimal(text) => text.parse().ok()?,
        _ => return None,
    };
    parsed.is_finite().then_some(parsed)
}

fn is_js_space(char: char) -> bool {
    char.is_whitespace() && char != '\u{85}' || char == '\u{FEFF}'
}

fn parse_radix(digits: &str, radix: u32) -> Option<f64> {
    if digits.is_empty() {
        return None;
    }
    digits.chars().try_fold(0.0, |sum, digit| {
        Some(sum * f64::from(radix) + f64::from(digit.to_digit(radix)?))
    })
}

/// Rust reads also `inf`, `nan` and the like, JavaScript does not.
fn is_decimal(text: &str) -> bool {
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, power)) => (mantissa, power.strip_prefix(['+', '-']).unwrap_or(power)),
        None => (unsigned, "0"),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let has_digits = !whole.is_empty() || !fraction.is_empty();
    has_digits && !exponent.is_empty() && [whole, fraction, exponent].into_iter().all(digits)
}
