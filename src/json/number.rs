//! JSON numbers, kept exactly.

use std::sync::Arc;

use super::decimal::Decimal;

/// A JSON number. Two are equal when their values are, however they are written.
#[derive(Debug, Clone)]
pub enum Number {
    /// Fits 64 bits.
    Int(i64),
    /// Has a fraction or an exponent, and survives a round trip through a double. Finite.
    Float(f64),
    /// Neither: the digits as they were written. Always the text of a JSON number.
    Text(Arc<str>),
}

impl Number {
    /// Reads the text of a JSON number; `None` when it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Number> {
        is_number(text).then(|| Number::of(text))
    }

    /// Reads what is known to be the text of a JSON number.
    pub(super) fn of(text: &str) -> Number {
        let whole = !text.contains(['.', 'e', 'E']);
        // An integer cannot say `-0`.
        if whole
            && text != "-0"
            && let Ok(int) = text.parse()
        {
            return Number::Int(int);
        }
        match text.parse::<f64>() {
            Ok(float) if survives(float, text) => Number::Float(float),
            _ => Number::Text(text.into()),
        }
    }

    /// A double; `None` when it is infinite or not a number, which JSON cannot say.
    #[must_use]
    pub fn from_f64(float: f64) -> Option<Number> {
        float.is_finite().then_some(Number::Float(float))
    }

    /// The number, when it is a whole number that fits; `1.0` and `1e2` are whole.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Number::Int(int) => Some(*int),
            // The bounds are powers of two, so that the comparison and the cast are exact.
            Number::Float(float) => (float.fract() == 0.0
                && (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(float))
            .then_some(*float as i64),
            Number::Text(text) => Decimal::of(text)?.to_i64(),
        }
    }

    /// The nearest double; `None` when the number is beyond all doubles.
    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        let float = match self {
            Number::Int(int) => *int as f64,
            Number::Float(float) => *float,
            Number::Text(text) => text.parse().ok()?,
        };
        float.is_finite().then_some(float)
    }

    /// Appends the number as JSON.
    pub fn write(&self, out: &mut Vec<u8>) {
        self.with_text(|text| out.extend_from_slice(text.as_bytes()));
    }

    /// Hands over the number's JSON text.
    pub(crate) fn with_text<T>(&self, read: impl FnOnce(&str) -> T) -> T {
        match self {
            Number::Int(int) => read(itoa::Buffer::new().format(*int)),
            Number::Float(float) if float.is_finite() => {
                read(ryu::Buffer::new().format_finite(*float))
            }
            // The variant is public, so this may be built; it is written as JavaScript does.
            Number::Float(_) => read("null"),
            Number::Text(text) => read(text),
        }
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Number::Int(a), Number::Int(b)) => a == b,
            (Number::Float(a), Number::Float(b)) => a == b,
            _ => self.with_text(|a| other.with_text(|b| same_value(a, b))),
        }
    }
}

impl From<i64> for Number {
    fn from(int: i64) -> Self {
        Number::Int(int)
    }
}

impl From<&serde_json::Number> for Number {
    fn from(number: &serde_json::Number) -> Self {
        match number.as_i64() {
            Some(int) => Number::Int(int),
            None => Number::of(&number.to_string()),
        }
    }
}

/// Whether two texts of JSON numbers have the same value.
pub(super) fn same_value(a: &str, b: &str) -> bool {
    if a == b {
        return true;
    }
    match (Decimal::of(a), Decimal::of(b)) {
        (Some(a), Some(b)) => a == b,
        // An exponent that no machine number holds: only the same text is surely the same.
        _ => false,
    }
}

/// Whether a double, written again, has the value of the text it was read from.
fn survives(float: f64, text: &str) -> bool {
    float.is_finite() && same_value(ryu::Buffer::new().format_finite(float), text)
}

/// Whether a text is a JSON number from end to end.
fn is_number(text: &str) -> bool {
    let magnitude = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, power) = match magnitude.split_once(['e', 'E']) {
        Some((mantissa, power)) => (mantissa, power.strip_prefix(['+', '-']).unwrap_or(power)),
        None => (magnitude, "0"),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let leading_zero = whole.len() > 1 && whole.starts_with('0');
    !leading_zero && [whole, fraction, power].into_iter().all(is_digits)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
