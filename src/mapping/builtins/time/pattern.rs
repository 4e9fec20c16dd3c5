//! Patterns of Java's `DateTimeFormatter`, such as `yyyy-MM-dd'T'HH:mm[:ss]XXX`, compiled.
//!
//! See: `java.time.format.DateTimeFormatterBuilder.appendPattern`.

use super::field::Field;

/// The longest pattern, in characters, and how deep its optional sections nest.
const MAX_LENGTH: usize = 256;
const MAX_DEPTH: usize = 8;

/// The most digits of a number: those of an `i64`.
pub(super) const MAX_WIDTH: usize = 19;

/// A compiled pattern.
pub(super) type Pattern = Vec<Item>;

/// One part of a pattern.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Item {
    Literal(char),
    Number(Number),
    /// A fraction of a second with so many digits.
    Fraction {
        digits: usize,
    },
    /// A year of two digits, of the century that begins with 2000.
    ShortYear(Field),
    /// A name, such as `January`.
    Text(Field, Style),
    Offset(OffsetStyle),
    /// `GMT+8`, or `GMT+08:00` when full.
    LocalizedOffset {
        full: bool,
    },
    /// `Australia/Perth`
    ZoneId,
    /// `AWST`
    ZoneName,
    /// What stands in brackets.
    Optional(Pattern),
}

/// How a number is written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Number {
    pub(super) field: Field,
    /// The fewest and the most digits.
    pub(super) min: usize,
    pub(super) max: usize,
    pub(super) sign: Sign,
    /// How many digits belong to the numbers that follow without anything between.
    pub(super) reserved: usize,
}

/// Which signs a number may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    /// A minus.
    Normal,
    /// None.
    Never,
    /// A minus, and a plus where there are more digits than the fewest.
    ExceedsPad,
}

/// How long a name is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Short,
    Full,
    Narrow,
}

/// How an offset is written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct OffsetStyle {
    pub(super) minutes: Part,
    pub(super) seconds: Part,
    pub(super) colon: bool,
    /// What stands for no offset.
    pub(super) zero: &'static str,
}

/// Whether a part of an offset is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Never,
    /// When it is not zero.
    Optional,
    Always,
}

/// Why a pattern is none.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub(super) enum PatternError {
    #[error("the pattern is longer than {MAX_LENGTH} characters")]
    TooLong,
    #[error("the pattern's optional sections nest deeper than {MAX_DEPTH}")]
    TooDeep,
    #[error("the pattern has a quote that is not closed")]
    OpenQuote,
    #[error("the pattern closes a section with ']' that it has not opened")]
    NotOpen,
    #[error("'{0}' means nothing in a pattern; put text in single quotes")]
    UnknownLetter(char),
    #[error("the pattern has too many of '{letter}': {count}")]
    Count { letter: char, count: usize },
}

/// Compiles a pattern.
pub(super) fn compile(pattern: &str) -> Result<Pattern, PatternError> {
    if pattern.chars().nth(MAX_LENGTH).is_some() {
        return Err(PatternError::TooLong);
    }
    // The innermost open section is the last; at the bottom is the pattern itself.
    let mut open = vec![Builder::default()];
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '[' if open.len() > MAX_DEPTH => return Err(PatternError::TooDeep),
            '[' => open.push(Builder::default()),
            ']' => close(&mut open)?,
            '\'' => {
                let builder = innermost(&mut open);
                if chars.next_if_eq(&'\'').is_some() {
                    builder.other(Item::Literal('\''));
                    continue;
                }
                quoted(&mut chars, builder)?;
            }
            '{' | '}' | '#' => return Err(PatternError::UnknownLetter(c)),
            'A'..='Z' | 'a'..='z' => {
                let mut count = 1;
                while chars.next_if_eq(&c).is_some() {
                    count += 1;
                }
                innermost(&mut open).letters(c, count)?;
            }
            other => innermost(&mut open).other(Item::Literal(other)),
        }
    }
    // A section that is not closed ends with the pattern.
    while open.len() > 1 {
        close(&mut open)?;
    }
    Ok(std::mem::take(&mut innermost(&mut open).items))
}

/// There is always one: [`close`] leaves the first where it is.
fn innermost(open: &mut [Builder]) -> &mut Builder {
    open.last_mut().expect("the pattern itself is never closed")
}

fn close(open: &mut Vec<Builder>) -> Result<(), PatternError> {
    if open.len() < 2 {
        return Err(PatternError::NotOpen);
    }
    let section = open.pop().unwrap_or_default();
    innermost(open).other(Item::Optional(section.items));
    Ok(())
}

/// Reads up to the closing quote; two quotes are one.
fn quoted(
    chars: &mut std::iter::Peekable<std::str::Chars<'_>>,
    builder: &mut Builder,
) -> Result<(), PatternError> {
    loop {
        match chars.next() {
            None => return Err(PatternError::OpenQuote),
            Some('\'') if chars.next_if_eq(&'\'').is_none() => return Ok(()),
            Some(c) => builder.other(Item::Literal(c)),
        }
    }
}

/// A section while it is read.
#[derive(Debug, Default)]
struct Builder {
    items: Vec<Item>,
    /// Where the number stands to which the numbers that follow are adjacent.
    adjacent: Option<usize>,
}

impl Builder {
    /// Adds what is no number.
    fn other(&mut self, item: Item) {
        self.items.push(item);
        self.adjacent = None;
    }

    /// Adds a number. A first number of any width leaves the digits to those of fixed width that
    /// follow it: `yyyyMMdd`.
    fn number(&mut self, item: Item, fixed: Option<usize>) {
        if let (Some(width), Some(first)) = (fixed, self.adjacent)
            && let Some(Item::Number(first)) = self.items.get_mut(first)
        {
            if !first.is_fixed() {
                first.reserved += width;
            }
            self.items.push(item);
            return;
        }
        self.adjacent = Some(self.items.len());
        self.items.push(item);
    }

    /// Adds a number of at least `min` digits.
    fn value(&mut self, field: Field, min: usize, max: usize, sign: Sign) {
        let number = Number {
            field,
            min,
            max,
            sign,
            reserved: 0,
        };
        let fixed = number.is_fixed().then_some(min);
        self.number(Item::Number(number), fixed);
    }

    /// Adds a number of any width, or of exactly two digits.
    fn one_or_two(&mut self, field: Field, letter: char, count: usize) -> Result<(), PatternError> {
        match count {
            1 => self.value(field, 1, MAX_WIDTH, Sign::Normal),
            2 => self.value(field, 2, 2, Sign::Never),
            _ => return Err(PatternError::Count { letter, count }),
        }
        Ok(())
    }

    /// Adds a number of any width, or of exactly as many digits as there are letters.
    fn any_width(&mut self, field: Field, letter: char, count: usize) -> Result<(), PatternError> {
        match count {
            1 => self.value(field, 1, MAX_WIDTH, Sign::Normal),
            2..=MAX_WIDTH => self.value(field, count, count, Sign::Never),
            _ => return Err(PatternError::Count { letter, count }),
        }
        Ok(())
    }

    fn year(&mut self, field: Field, letter: char, count: usize) -> Result<(), PatternError> {
        match count {
            2 => self.number(Item::ShortYear(field), Some(2)),
            1 | 3 => self.value(field, count, MAX_WIDTH, Sign::Normal),
            4..=MAX_WIDTH => self.value(field, count, MAX_WIDTH, Sign::ExceedsPad),
            _ => return Err(PatternError::Count { letter, count }),
        }
        Ok(())
    }

    fn text(&mut self, field: Field, letter: char, count: usize) -> Result<(), PatternError> {
        let style = match count {
            ..=3 => Style::Short,
            4 => Style::Full,
            5 => Style::Narrow,
            _ => return Err(PatternError::Count { letter, count }),
        };
        self.other(Item::Text(field, style));
        Ok(())
    }

    /// Adds what a run of one letter means.
    fn letters(&mut self, letter: char, count: usize) -> Result<(), PatternError> {
        let too_many = Err(PatternError::Count { letter, count });
        match (letter, count) {
            ('u', _) => self.year(Field::Year, letter, count),
            ('y', _) => self.year(Field::YearOfEra, letter, count),
            ('Y', _) => self.year(Field::WeekYear, letter, count),
            ('M' | 'L', 1 | 2) => self.one_or_two(Field::Month, letter, count),
            ('M' | 'L', _) => self.text(Field::Month, letter, count),
            ('Q' | 'q', 1 | 2) => self.one_or_two(Field::Quarter, letter, count),
            ('Q' | 'q', _) => self.text(Field::Quarter, letter, count),
            ('c', 2) => too_many,
            ('e' | 'c', 1 | 2) => self.one_or_two(Field::LocalDayOfWeek, letter, count),
            ('E' | 'e' | 'c', _) => self.text(Field::DayOfWeek, letter, count),
            ('G', _) => self.text(Field::Era, letter, count),
            ('a', 1) => self.text(Field::AmPm, letter, count),
            ('a', _) => too_many,
            ('w', _) => self.one_or_two(Field::WeekOfYear, letter, count),
            ('W', 1) => self.one_or_two(Field::WeekOfMonth, letter, count),
            ('W', _) => too_many,
            ('d', _) => self.one_or_two(Field::Day, letter, count),
            ('D', 2 | 3) => {
                self.value(Field::DayOfYear, count, 3, Sign::Never);
                Ok(())
            }
            ('D', _) => self.one_or_two(Field::DayOfYear, letter, count),
            ('h', _) => self.one_or_two(Field::ClockHourOfAmPm, letter, count),
            ('H', _) => self.one_or_two(Field::Hour, letter, count),
            ('k', _) => self.one_or_two(Field::ClockHour, letter, count),
            ('K', _) => self.one_or_two(Field::HourOfAmPm, letter, count),
            ('m', _) => self.one_or_two(Field::Minute, letter, count),
            ('s', _) => self.one_or_two(Field::Second, letter, count),
            ('S', 1..=9) => {
                self.number(Item::Fraction { digits: count }, Some(count));
                Ok(())
            }
            ('S', _) => too_many,
            ('A', _) => self.any_width(Field::MilliOfDay, letter, count),
            ('n', _) => self.any_width(Field::Nano, letter, count),
            ('N', _) => self.any_width(Field::NanoOfDay, letter, count),
            _ => self.zone_letters(letter, count),
        }
    }

    fn zone_letters(&mut self, letter: char, count: usize) -> Result<(), PatternError> {
        let item = match (letter, count) {
            ('V', 2) => Item::ZoneId,
            ('z', 1..=3) => Item::ZoneName,
            ('Z', 1..=3) => Item::Offset(OffsetStyle::of(2, "+0000")),
            ('Z', 4) => Item::LocalizedOffset { full: true },
            ('Z', 5) => Item::Offset(OffsetStyle::of(5, "Z")),
            ('O', 1 | 4) => Item::LocalizedOffset { full: count == 4 },
            ('X', 1..=5) => Item::Offset(OffsetStyle::of(count, "Z")),
            ('x', 1) => Item::Offset(OffsetStyle::of(count, "+00")),
            ('x', 2 | 4) => Item::Offset(OffsetStyle::of(count, "+0000")),
            ('x', 3 | 5) => Item::Offset(OffsetStyle::of(count, "+00:00")),
            ('V' | 'z' | 'Z' | 'O' | 'X' | 'x', _) => {
                return Err(PatternError::Count { letter, count });
            }
            _ => return Err(PatternError::UnknownLetter(letter)),
        };
        self.other(item);
        Ok(())
    }
}

// === impl Number, OffsetStyle ===

impl Number {
    /// Whether it always has the same number of digits.
    pub(super) fn is_fixed(&self) -> bool {
        self.min == self.max && self.sign == Sign::Never
    }
}

impl OffsetStyle {
    /// As so many `X` write it: hours; and minutes; the same with a colon; and seconds; all with
    /// colons.
    fn of(count: usize, zero: &'static str) -> Self {
        let minutes = match count {
            1 => Part::Optional,
            _ => Part::Always,
        };
        let seconds = match count {
            ..=3 => Part::Never,
            _ => Part::Optional,
        };
        OffsetStyle {
            minutes,
            seconds,
            colon: matches!(count, 3 | 5),
            zero,
        }
    }
}
