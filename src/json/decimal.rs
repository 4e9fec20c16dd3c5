//! The value of a JSON number, apart from how it was written.

use smallvec::SmallVec;

/// Room for the digits of all but the longest numbers.
type Digits = SmallVec<[u8; 32]>;

/// A number as `0.d₁d₂d₃… × 10^exponent`, in one way only: no zero leads and none trails, and zero
/// has no digits, no sign and no exponent.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Decimal {
    negative: bool,
    digits: Digits,
    exponent: i64,
}

impl Decimal {
    /// Reads the text of a JSON number; `None` when its exponent is beyond all measure.
    pub(super) fn of(number: &str) -> Option<Decimal> {
        let (negative, magnitude) = match number.strip_prefix('-') {
            Some(magnitude) => (true, magnitude),
            None => (false, number),
        };
        let (mantissa, power) = magnitude.split_once(['e', 'E']).unwrap_or((magnitude, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let mut digits: Digits = whole.bytes().chain(fraction.bytes()).collect();
        let leading = digits.iter().take_while(|&&digit| digit == b'0').count();
        digits.drain(..leading);
        let trailing = digits
            .iter()
            .rev()
            .take_while(|&&digit| digit == b'0')
            .count();
        digits.truncate(digits.len() - trailing);
        if digits.is_empty() {
            return Some(Decimal {
                negative: false,
                digits,
                exponent: 0,
            });
        }
        let point = i64::try_from(whole.len()).ok()? - i64::try_from(leading).ok()?;
        let exponent = power.parse::<i64>().ok()?.checked_add(point)?;
        Some(Decimal {
            negative,
            digits,
            exponent,
        })
    }

    /// The number, when it is whole and fits.
    pub(super) fn to_i64(&self) -> Option<i64> {
        // The largest i64 has 19 digits.
        if self.exponent < self.digits.len() as i64 || self.exponent > 19 {
            return None;
        }
        let zeros = std::iter::repeat_n(&b'0', self.exponent as usize - self.digits.len());
        let value = self.digits.iter().chain(zeros);
        let value = value.fold(0_i128, |sum, digit| sum * 10 + i128::from(digit - b'0'));
        i64::try_from(if self.negative { -value } else { value }).ok()
    }
}
