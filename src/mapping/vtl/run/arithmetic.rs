//! Calculating as Velocity does: whole numbers stay whole and grow as they need to, a fraction
//! anywhere makes the result one, and there is no result of a division by zero.

use std::sync::Arc;

use crate::{json::Number, mapping::vtl::ast::Operator};

/// A number to calculate with.
#[derive(Debug, Clone, Copy)]
enum Operand {
    Long(i64),
    /// A `BigInteger`, as far as we follow it: beyond this it is calculated as a fraction.
    Big(i128),
    Double(f64),
}

/// Whether an operator makes a number or a text, and not true or false.
pub(super) fn calculates(operator: Operator) -> bool {
    matches!(
        operator,
        Operator::Add
            | Operator::Subtract
            | Operator::Multiply
            | Operator::Divide
            | Operator::Modulo
    )
}

/// `a + b` and so on; `None` where Velocity has no result.
pub(super) fn calculate(operator: Operator, a: &Number, b: &Number) -> Option<Number> {
    match (Operand::of(a), Operand::of(b)) {
        (Operand::Long(a), Operand::Long(b)) => longs(operator, a, b),
        (Operand::Double(a), b) => doubles(operator, a, b.double()),
        (a, Operand::Double(b)) => doubles(operator, a.double(), b),
        (a, b) => {
            let whole = bigs(operator, a.big()?, b.big()?);
            match whole {
                Whole::Fits(whole) => Some(number(whole)),
                Whole::Beyond => doubles(operator, a.double(), b.double()),
                Whole::None => None,
            }
        }
    }
}

/// The result of calculating with whole numbers.
enum Whole {
    Fits(i128),
    Beyond,
    None,
}

/// Java's `long`s do not grow in a division: the smallest one by -1 is itself. Nor do they in the
/// product of these two, which Velocity's check for an overflow takes for right.
fn longs(operator: Operator, a: i64, b: i64) -> Option<Number> {
    let result = match operator {
        Operator::Add => a.checked_add(b),
        Operator::Subtract => a.checked_sub(b),
        Operator::Multiply if (a, b) == (i64::MIN, -1) => Some(a),
        Operator::Multiply => a.checked_mul(b),
        Operator::Divide if b != 0 => Some(a.wrapping_div(b)),
        Operator::Modulo if b != 0 => Some(a.wrapping_rem(b)),
        _ => return None,
    };
    match result {
        Some(result) => Some(Number::Int(result)),
        None => match bigs(operator, i128::from(a), i128::from(b)) {
            Whole::Fits(whole) => Some(number(whole)),
            Whole::Beyond | Whole::None => None,
        },
    }
}

fn bigs(operator: Operator, a: i128, b: i128) -> Whole {
    let result = match operator {
        Operator::Add => a.checked_add(b),
        Operator::Subtract => a.checked_sub(b),
        Operator::Multiply => a.checked_mul(b),
        Operator::Divide if b != 0 => a.checked_div(b),
        Operator::Modulo if b != 0 => a.checked_rem(b),
        _ => return Whole::None,
    };
    result.map_or(Whole::Beyond, Whole::Fits)
}

fn doubles(operator: Operator, a: f64, b: f64) -> Option<Number> {
    let result = match operator {
        Operator::Add => a + b,
        Operator::Subtract => a - b,
        Operator::Multiply => a * b,
        Operator::Divide if b != 0.0 => a / b,
        Operator::Modulo if b != 0.0 => a % b,
        _ => return None,
    };
    // Infinity is a number to Java, and prints as one.
    Some(Number::Float(result))
}

fn number(whole: i128) -> Number {
    match i64::try_from(whole) {
        Ok(int) => Number::Int(int),
        Err(_) => Number::Text(Arc::from(whole.to_string())),
    }
}

// === impl Operand ===

impl Operand {
    fn of(number: &Number) -> Self {
        match number {
            Number::Int(int) => Operand::Long(*int),
            Number::Float(float) => Operand::Double(*float),
            Number::Text(text) => match text.parse() {
                Ok(big) => Operand::Big(big),
                // What is beyond all doubles is infinite.
                Err(_) => Operand::Double(text.parse().unwrap_or(f64::NAN)),
            },
        }
    }

    fn double(self) -> f64 {
        match self {
            Operand::Long(int) => int as f64,
            Operand::Big(big) => big as f64,
            Operand::Double(double) => double,
        }
    }

    fn big(self) -> Option<i128> {
        match self {
            Operand::Long(int) => Some(i128::from(int)),
            Operand::Big(big) => Some(big),
            Operand::Double(_) => None,
        }
    }
}
