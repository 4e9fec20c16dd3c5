//! Numbers as DynamoDB has them: exact decimals of up to 38 digits.
//!
//! `1`, `1.0` and `10e-1` are one number, with one text and one place in the order.
//!
//! See: DynamoDB developer guide, "Naming rules and data types", Number.

use std::{cmp::Ordering, fmt};

use crate::json::Number;

/// The most digits a number may have, zeros at either end not counted.
pub(super) const DIGITS: u32 = 38;

/// The smallest and largest power of ten of a number's first digit.
pub(super) const MAGNITUDES: std::ops::RangeInclusive<i64> = -130..=125;

/// An exact decimal: `coefficient × 10^exponent`, where the coefficient does not end in zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Decimal {
    negative: bool,
    coefficient: u128,
    exponent: i16,
}

/// Why a text is no number that DynamoDB can hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DecimalError {
    /// Not a number at all.
    #[error("The parameter cannot be converted to a numeric value: {0}")]
    NotANumber(String),
    /// More than 38 digits.
    #[error("Attempting to store more than 38 significant digits in a Number")]
    TooPrecise,
    /// Too far from zero.
    #[error(
        "Number overflow. Attempting to store a number with magnitude larger than supported range"
    )]
    TooLarge,
    /// Too near to zero.
    #[error(
        "Number underflow. Attempting to store a number with magnitude smaller than supported range"
    )]
    TooSmall,
}

// === impl Decimal ===

impl Decimal {
    const ZERO: Decimal = Decimal {
        negative: false,
        coefficient: 0,
        exponent: 0,
    };

    /// Reads a decimal in any JSON spelling, and the ones that only DynamoDB has (`+1`, `.5`, `007`).
    pub(crate) fn parse(text: &str) -> Result<Self, DecimalError> {
        let not_a_number = || DecimalError::NotANumber(text.chars().take(64).collect());
        let (negative, unsigned) = match text.as_bytes().first() {
            Some(b'-') => (true, &text[1..]),
            Some(b'+') => (false, &text[1..]),
            _ => (false, text),
        };
        let (mantissa, power) = match unsigned.find(['e', 'E']) {
            Some(at) => (
                &unsigned[..at],
                parse_power(&unsigned[at + 1..]).ok_or_else(not_a_number)?,
            ),
            None => (unsigned, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = || whole.bytes().chain(fraction.bytes());
        if whole.len() + fraction.len() == 0 || !digits().all(|digit| digit.is_ascii_digit()) {
            return Err(not_a_number());
        }
        let (coefficient, zeros) = significant(digits())?;
        let scale = i64::try_from(fraction.len()).unwrap_or(i64::MAX);
        let exponent = power.saturating_sub(scale).saturating_add(zeros);
        Self::new(negative, coefficient, exponent)
    }

    /// The decimal that a JSON number is.
    pub(crate) fn from_number(number: &Number) -> Result<Self, DecimalError> {
        // Its own text: of two shortest spellings of a double another printer may choose the other one.
        number.with_text(Self::parse)
    }

    fn new(negative: bool, coefficient: u128, exponent: i64) -> Result<Self, DecimalError> {
        if coefficient == 0 {
            return Ok(Self::ZERO);
        }
        let magnitude = exponent.saturating_add(i64::from(coefficient.ilog10()));
        if magnitude > *MAGNITUDES.end() {
            return Err(DecimalError::TooLarge);
        }
        if magnitude < *MAGNITUDES.start() {
            return Err(DecimalError::TooSmall);
        }
        let exponent = i16::try_from(exponent).map_err(|_| DecimalError::TooSmall)?;
        Ok(Decimal {
            negative,
            coefficient,
            exponent,
        })
    }

    /// Whether this is below zero.
    pub(super) fn is_negative(self) -> bool {
        self.negative
    }

    /// The power of ten of the first digit, and all digits as a whole number of 38 digits;
    /// `None` for zero. Two numbers of one sign are in the order of these pairs.
    pub(super) fn scaled(self) -> Option<(i16, u128)> {
        let last = self.coefficient.checked_ilog10()?;
        let magnitude = self.exponent + i16::try_from(last).ok()?;
        Some((magnitude, self.coefficient * 10u128.pow(DIGITS - 1 - last)))
    }

    /// How many bytes DynamoDB counts for it.
    pub(super) fn size(self) -> usize {
        let digits = self.coefficient.checked_ilog10().map_or(1, |last| last + 1);
        digits.div_ceil(2) as usize + 1 + usize::from(self.negative)
    }
}

fn parse_power(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let magnitude = digits.parse::<i64>().unwrap_or(i64::MAX / 2);
    Some(if text.starts_with('-') {
        -magnitude
    } else {
        magnitude
    })
}

/// The digits without the zeros at either end, and how many zeros were at the end.
fn significant(digits: impl Iterator<Item = u8>) -> Result<(u128, i64), DecimalError> {
    let (mut coefficient, mut count, mut zeros) = (0u128, 0u32, 0u32);
    for digit in digits {
        if digit == b'0' {
            zeros = zeros.saturating_add(u32::from(coefficient > 0));
            continue;
        }
        count = count.saturating_add(zeros).saturating_add(1);
        if count > DIGITS {
            return Err(DecimalError::TooPrecise);
        }
        coefficient = coefficient * 10u128.pow(zeros + 1) + u128::from(digit - b'0');
        zeros = 0;
    }
    Ok((coefficient, i64::from(zeros)))
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => self.scaled().cmp(&other.scaled()),
            (true, true) => other.scaled().cmp(&self.scaled()),
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Without an exponent, as DynamoDB answers numbers.
impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.negative {
            f.write_str("-")?;
        }
        let digits = self.coefficient.to_string();
        if self.exponent >= 0 {
            let zeros = usize::from(self.exponent.unsigned_abs());
            return write!(f, "{digits}{:0<zeros$}", "");
        }
        let fraction = usize::from(self.exponent.unsigned_abs());
        match digits.len().checked_sub(fraction) {
            Some(whole @ 1..) => write!(f, "{}.{}", &digits[..whole], &digits[whole..]),
            _ => write!(f, "0.{digits:0>fraction$}"),
        }
    }
}

#[cfg(test)]
mod tests;
