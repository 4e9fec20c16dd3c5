//! What Java thinks of numbers.

use std::cmp::Ordering;

use crate::json::Number;

/// Compares two numbers by value, whatever their classes.
pub(crate) fn compare(a: &Number, b: &Number) -> Ordering {
    match (a, b) {
        (Number::Int(a), Number::Int(b)) => return a.cmp(b),
        (Number::Float(a), Number::Float(b)) => return doubles(*a, *b),
        _ if a == b => return Ordering::Equal,
        _ => {}
    }
    let (whole_a, whole_b) = (whole(a), whole(b));
    if let (Some(a), Some(b)) = (whole_a, whole_b) {
        return a.cmp(&b);
    }
    doubles(approximate(a), approximate(b))
}

/// Java's `equals`: only what is of one kind can be equal. Whole numbers are all of one here.
pub(super) fn same(a: &Number, b: &Number) -> bool {
    match (a, b) {
        (Number::Int(a), Number::Int(b)) => a == b,
        (Number::Float(a), Number::Float(b)) => a.to_bits() == b.to_bits(),
        (Number::Text(_), Number::Text(_)) => a == b,
        _ => false,
    }
}

/// There is no number that is none, but the compiler cannot know.
fn doubles(a: f64, b: f64) -> Ordering {
    a.partial_cmp(&b).unwrap_or(Ordering::Equal)
}

/// The nearest double; infinite when the number is beyond all doubles.
pub(crate) fn approximate(number: &Number) -> f64 {
    match number {
        Number::Int(int) => *int as f64,
        Number::Float(float) => *float,
        Number::Text(text) => text.parse().unwrap_or(f64::NAN),
    }
}

/// A whole number that is written as one.
fn whole(number: &Number) -> Option<i128> {
    match number {
        Number::Int(int) => Some(i128::from(*int)),
        Number::Float(_) => None,
        Number::Text(text) => text.parse().ok(),
    }
}

pub(super) fn class_name(number: &Number) -> &'static str {
    match number {
        Number::Int(int) if i32::try_from(*int).is_ok() => "java.lang.Integer",
        Number::Int(_) => "java.lang.Long",
        Number::Float(_) => "java.lang.Double",
        Number::Text(text) if text.contains(['.', 'e', 'E']) => "java.math.BigDecimal",
        Number::Text(_) => "java.math.BigInteger",
    }
}
