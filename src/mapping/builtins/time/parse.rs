//! Text to what it says of a moment.
//!
//! Follows Java's formatter in its strict way of parsing: a pattern of two digits takes two digits,
//! names are those of the pattern's length, letters count as they are.

use super::{
    field::{FIELDS, Field},
    pattern::{Item, Number, OffsetStyle, Part, Sign, Style},
    zone::Zone,
};

/// What a text said.
#[derive(Debug, Clone, Default)]
pub(super) struct Parsed {
    fields: [Option<i64>; FIELDS],
    /// Seconds ahead of UTC.
    pub(super) offset: Option<i32>,
    pub(super) zone: Option<Zone>,
}

/// Why a text is not as a pattern says.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub(super) enum ParseError {
    #[error("the text does not follow the pattern at character {0}")]
    Mismatch(usize),
    #[error("the text goes on at character {0}, where the pattern ends")]
    TooLong(usize),
}

/// Reads all of a text.
pub(super) fn parse(pattern: &[Item], text: &str) -> Result<Parsed, ParseError> {
    let character = |at: usize| text.get(..at).unwrap_or(text).chars().count() + 1;
    let mut reader = Reader {
        text,
        at: 0,
        parsed: Parsed::default(),
    };
    if reader.items(pattern).is_none() {
        return Err(ParseError::Mismatch(character(reader.at)));
    }
    if reader.at < text.len() {
        return Err(ParseError::TooLong(character(reader.at)));
    }
    Ok(reader.parsed)
}

impl Parsed {
    pub(super) fn get(&self, field: Field) -> Option<i64> {
        self.fields[field as usize]
    }

    /// Says what a field is; `None` when it was said to be something else before.
    pub(super) fn set(&mut self, field: Field, value: i64) -> Option<()> {
        let before = self.fields[field as usize].replace(value);
        before.is_none_or(|before| before == value).then_some(())
    }

    fn set_offset(&mut self, seconds: i32) -> Option<()> {
        let before = self.offset.replace(seconds);
        before.is_none_or(|before| before == seconds).then_some(())
    }
}

/// A text halfway through. Where an item does not fit, `at` is left where it began.
#[derive(Debug)]
struct Reader<'a> {
    text: &'a str,
    at: usize,
    parsed: Parsed,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn items(&mut self, pattern: &[Item]) -> Option<()> {
        for item in pattern {
            match item {
                Item::Literal(c) => {
                    self.rest().strip_prefix(*c)?;
                    self.at += c.len_utf8();
                }
                Item::Number(number) => self.number(number)?,
                Item::ShortYear(field) => {
                    let value = self.digits(2)?;
                    self.parsed.set(*field, 2000 + value)?;
                }
                Item::Fraction { digits } => {
                    let value = self.digits(*digits)?;
                    let scale = 10_i64.pow(9_u32.saturating_sub(u32::try_from(*digits).ok()?));
                    self.parsed.set(Field::Nano, value * scale)?;
                }
                Item::Text(field, style) => self.text(*field, *style)?,
                Item::Offset(style) => self.offset(*style)?,
                Item::LocalizedOffset { full } => self.localized(*full)?,
                Item::ZoneId => self.zone(Zone::at_start_of)?,
                Item::ZoneName => self.zone(Zone::abbreviated_at_start_of)?,
                Item::Optional(section) => self.optional(section),
            }
        }
        Some(())
    }

    /// What is optional and does not fit is as if it were not there.
    fn optional(&mut self, section: &[Item]) {
        let (at, parsed) = (self.at, self.parsed.clone());
        if self.items(section).is_none() {
            (self.at, self.parsed) = (at, parsed);
        }
    }

    /// A number of exactly so many digits.
    fn digits(&mut self, width: usize) -> Option<i64> {
        let digits = self.rest().get(..width)?;
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let value = digits.parse().ok()?;
        self.at += width;
        Some(value)
    }

    fn number(&mut self, number: &Number) -> Option<()> {
        let rest = self.rest();
        let sign = rest.chars().next().filter(|c| matches!(c, '+' | '-'));
        let is_allowed = match (sign, number.sign) {
            (None, _) | (Some(_), Sign::ExceedsPad) | (Some('-'), Sign::Normal) => true,
            (Some(_), Sign::Normal | Sign::Never) => false,
        };
        let unsigned = &rest[usize::from(sign.is_some())..];
        let most = number.max + number.reserved;
        let available = unsigned.bytes().take(most);
        let available = available.take_while(u8::is_ascii_digit).count();
        // What follows without anything between has its digits taken from the end.
        let length = match number.reserved {
            0 => available,
            reserved => available.saturating_sub(reserved).max(number.min),
        };
        if !is_allowed || available < number.min || length > available {
            return None;
        }
        let value: i64 = unsigned.get(..length)?.parse().ok()?;
        let value = match sign {
            Some('-') if value == 0 => return None,
            Some('-') => -value,
            // A plus says that there are more digits than needed, and must say so.
            Some(_) if length <= number.min => return None,
            None if number.sign == Sign::ExceedsPad && length > number.min => return None,
            _ => value,
        };
        self.parsed.set(number.field, value)?;
        self.at += length + usize::from(sign.is_some());
        Some(())
    }

    fn text(&mut self, field: Field, style: Style) -> Option<()> {
        // One letter stands for several months, and days; Java does not read it either.
        if style == Style::Narrow && !field.has_narrow_names() {
            return None;
        }
        let (value, length) = field.named(self.rest(), style)?;
        self.parsed.set(field, value)?;
        self.at += length;
        Some(())
    }

    fn zone(&mut self, find: fn(&str) -> Option<(Zone, usize)>) -> Option<()> {
        let (zone, length) = find(self.rest())?;
        self.parsed.zone = Some(zone);
        self.at += length;
        Some(())
    }

    fn offset(&mut self, style: OffsetStyle) -> Option<()> {
        let rest = self.rest();
        if rest.starts_with(style.zero) {
            self.parsed.set_offset(0)?;
            self.at += style.zero.len();
            return Some(());
        }
        let negative = rest.starts_with('-');
        let rest = rest.strip_prefix(['+', '-'])?;
        let (hours, mut length) = (two_digits(rest, 0)?, 2);
        let mut part = |wanted: Part| {
            let colon = usize::from(style.colon);
            let has_colon = !style.colon || rest[length..].starts_with(':');
            let value = two_digits(rest, length + colon).filter(|_| has_colon);
            match (wanted, value) {
                (Part::Never, _) | (Part::Optional, None) => Some(0),
                (Part::Always, None) => None,
                (_, Some(value)) => {
                    length += colon + 2;
                    Some(value)
                }
            }
        };
        let minutes = part(style.minutes)?;
        let seconds = part(style.seconds)?;
        let total = total(negative, hours, minutes, seconds)?;
        self.parsed.set_offset(total)?;
        self.at += 1 + length;
        Some(())
    }

    /// `GMT`, and an offset in one of two widths.
    fn localized(&mut self, full: bool) -> Option<()> {
        let rest = self.rest().strip_prefix("GMT")?;
        let negative = rest.starts_with('-');
        let Some(rest) = rest.strip_prefix(['+', '-']) else {
            self.parsed.set_offset(0)?;
            self.at += "GMT".len();
            return Some(());
        };
        let (hours, mut length) = match (two_digits(rest, 0), full) {
            (Some(hours), _) => (hours, 2),
            (None, true) => return None,
            (None, false) => (i32::from(rest.bytes().next().and_then(digit)?), 1),
        };
        let mut part = || {
            let value = two_digits(rest, length + 1)?;
            rest[length..].starts_with(':').then_some(())?;
            length += 3;
            Some(value)
        };
        let minutes = part();
        if full && minutes.is_none() {
            return None;
        }
        let seconds = minutes.and_then(|_| part()).unwrap_or(0);
        let total = total(negative, hours, minutes.unwrap_or(0), seconds)?;
        self.parsed.set_offset(total)?;
        self.at += "GMT+".len() + length;
        Some(())
    }
}

fn digit(byte: u8) -> Option<u8> {
    byte.is_ascii_digit().then(|| byte - b'0')
}

fn two_digits(text: &str, at: usize) -> Option<i32> {
    let bytes = text.as_bytes();
    let (tens, ones) = (digit(*bytes.get(at)?)?, digit(*bytes.get(at + 1)?)?);
    Some(i32::from(tens * 10 + ones))
}

fn total(negative: bool, hours: i32, minutes: i32, seconds: i32) -> Option<i32> {
    if hours > 18 || minutes > 59 || seconds > 59 {
        return None;
    }
    let total = (hours * 60 + minutes) * 60 + seconds;
    Some(if negative { -total } else { total })
}
