//! Moments to text.

use std::fmt::Write;

use jiff::civil::DateTime;

use super::{
    field::Field,
    moment::Moment,
    pattern::{Item, Number, OffsetStyle, Part, Sign},
    zone::Zone,
};

/// A moment as clocks in a zone show it.
#[derive(Debug, Clone, Copy)]
struct Shown<'a> {
    at: Moment,
    zone: &'a Zone,
    local: DateTime,
    offset: i32,
}

/// Why a moment cannot be written so.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub(super) enum FormatError {
    #[error("{value} does not fit into {width} digits")]
    TooWide { value: i64, width: usize },
    #[error("the time zone is in another year than those from -9999 to 9999")]
    OutOfRange,
}

/// Writes a moment.
pub(super) fn format(pattern: &[Item], at: Moment, zone: &Zone) -> Result<String, FormatError> {
    let (local, offset) = zone.local(at).ok_or(FormatError::OutOfRange)?;
    let shown = Shown {
        at,
        zone,
        local,
        offset,
    };
    let mut out = String::new();
    shown.write(pattern, &mut out)?;
    Ok(out)
}

impl Shown<'_> {
    fn write(self, pattern: &[Item], out: &mut String) -> Result<(), FormatError> {
        for item in pattern {
            match item {
                Item::Literal(c) => out.push(*c),
                Item::Number(number) => write_number(number, number.field.of(self.local), out)?,
                Item::ShortYear(field) => {
                    put(out, format_args!("{:02}", field.of(self.local).abs() % 100));
                }
                Item::Fraction { digits } => {
                    let nano = format!("{:09}", Field::Nano.of(self.local));
                    out.push_str(nano.get(..*digits).unwrap_or(&nano));
                }
                Item::Text(field, style) => {
                    let name = field.name(field.of(self.local), *style);
                    out.push_str(name.unwrap_or_default());
                }
                Item::Offset(style) => write_offset(*style, self.offset, out),
                Item::LocalizedOffset { full } => write_localized(*full, self.offset, out),
                Item::ZoneId => out.push_str(self.zone.name()),
                Item::ZoneName => out.push_str(&self.zone.abbreviation(self.at)),
                // A moment in a zone has everything that a pattern can ask for.
                Item::Optional(section) => self.write(section, out)?,
            }
        }
        Ok(())
    }
}

/// Writing into a text does not fail.
fn put(out: &mut String, arguments: std::fmt::Arguments<'_>) {
    let _ = out.write_fmt(arguments);
}

fn write_number(number: &Number, value: i64, out: &mut String) -> Result<(), FormatError> {
    let digits = value.unsigned_abs().to_string();
    if digits.len() > number.max {
        let width = number.max;
        return Err(FormatError::TooWide { value, width });
    }
    if value < 0 {
        out.push('-');
    } else if number.sign == Sign::ExceedsPad && digits.len() > number.min {
        out.push('+');
    }
    put(out, format_args!("{digits:0>width$}", width = number.min));
    Ok(())
}

fn write_offset(style: OffsetStyle, seconds: i32, out: &mut String) {
    let all = seconds.unsigned_abs();
    let (hours, minutes, rest) = (all / 3600, all / 60 % 60, all % 60);
    let has = |part, value| part == Part::Always || (part == Part::Optional && value > 0);
    let has_minutes = has(style.minutes, minutes);
    let has_seconds = has_minutes && has(style.seconds, rest);
    let shown = hours + if has_minutes { minutes } else { 0 } + if has_seconds { rest } else { 0 };
    if shown == 0 {
        return out.push_str(style.zero);
    }
    let colon = if style.colon { ":" } else { "" };
    put(out, format_args!("{}{hours:02}", sign(seconds)));
    if has_minutes {
        put(out, format_args!("{colon}{minutes:02}"));
    }
    if has_seconds {
        put(out, format_args!("{colon}{rest:02}"));
    }
}

fn write_localized(full: bool, seconds: i32, out: &mut String) {
    out.push_str("GMT");
    if seconds == 0 {
        return;
    }
    let all = seconds.unsigned_abs();
    let (hours, minutes, rest) = (all / 3600, all / 60 % 60, all % 60);
    out.push(sign(seconds));
    if full {
        put(out, format_args!("{hours:02}:{minutes:02}"));
    } else {
        put(out, format_args!("{hours}"));
        if minutes > 0 || rest > 0 {
            put(out, format_args!(":{minutes:02}"));
        }
    }
    if rest > 0 {
        put(out, format_args!(":{rest:02}"));
    }
}

fn sign(seconds: i32) -> char {
    if seconds < 0 { '-' } else { '+' }
}
