//! `util.time`: now, and moments to text and back, as Java's `DateTimeFormatter` has it.
//!
//! Names of months and days are English. Moments reach from the year -9999 to the year 9999.
//!
//! See: appsync.md 3.2.

mod field;
mod format;
mod moment;
mod parse;
mod pattern;
mod resolve;
mod zone;

#[cfg(test)]
mod tests;

use jiff::fmt::temporal::{Pieces, PiecesOffset};

use super::{Arguments, Builtin, Namespace, Services, Thrown};
use crate::{clock, json::Value};
use moment::Moment;
use pattern::Pattern;
use zone::{UTC, Zone};

pub(super) const TIME: Namespace = Namespace {
    name: "util.time",
    functions: &[
        Builtin::values("nowISO8601", 0..=0, now_iso_8601).varying(),
        Builtin::values("nowEpochSeconds", 0..=0, now_seconds).varying(),
        Builtin::values("nowEpochMilliSeconds", 0..=0, now_millis).varying(),
        Builtin::values("nowFormatted", 1..=2, now_formatted).varying(),
        Builtin::values("parseFormattedToEpochMilliSeconds", 2..=3, parse_formatted),
        Builtin::values("parseISO8601ToEpochMilliSeconds", 1..=1, parse_iso_8601),
        Builtin::values("epochMilliSecondsToSeconds", 1..=1, to_seconds),
        Builtin::values("epochMilliSecondsToISO8601", 1..=1, to_iso_8601),
        Builtin::values("epochMilliSecondsToFormatted", 2..=3, to_formatted),
    ],
    namespaces: &[],
};

/// ISO 8601 with milliseconds, in UTC.
const ISO_8601: &str = "uuuu-MM-dd'T'HH:mm:ss.SSS'Z'";

fn now_iso_8601(_: &mut Services<'_>, _: &[Value]) -> Result<Value, Thrown> {
    Ok(Value::from(clock::rfc_3339(clock::unix_millis())))
}

fn now_seconds(_: &mut Services<'_>, _: &[Value]) -> Result<Value, Thrown> {
    Ok(Value::from(now() / 1000))
}

fn now_millis(_: &mut Services<'_>, _: &[Value]) -> Result<Value, Thrown> {
    Ok(Value::from(now()))
}

fn now() -> i64 {
    i64::try_from(clock::unix_millis()).unwrap_or(i64::MAX)
}

fn now_formatted(_: &mut Services<'_>, values: &[Value]) -> Result<Value, Thrown> {
    let arguments = Arguments::new("util.time.nowFormatted", values);
    let now = moment(arguments, now())?;
    formatted(arguments, now, 0)
}

fn to_formatted(_: &mut Services<'_>, values: &[Value]) -> Result<Value, Thrown> {
    let arguments = Arguments::new("util.time.epochMilliSecondsToFormatted", values);
    let at = moment(arguments, arguments.integer(0, "milliseconds")?)?;
    formatted(arguments, at, 1)
}

/// A moment by the format at an index and the zone after it.
fn formatted(arguments: Arguments<'_>, at: Moment, index: usize) -> Result<Value, Thrown> {
    let pattern = pattern(arguments, index)?;
    let zone = zone(arguments, index + 1)?;
    let text = format::format(&pattern, at, zone.as_ref().unwrap_or(&UTC));
    text.map(Value::from)
        .map_err(|error| arguments.wrong(error))
}

fn to_iso_8601(_: &mut Services<'_>, values: &[Value]) -> Result<Value, Thrown> {
    let arguments = Arguments::new("util.time.epochMilliSecondsToISO8601", values);
    let at = moment(arguments, arguments.integer(0, "milliseconds")?)?;
    let pattern = pattern::compile(ISO_8601).map_err(|error| arguments.wrong(error))?;
    let text = format::format(&pattern, at, &UTC);
    text.map(Value::from)
        .map_err(|error| arguments.wrong(error))
}

fn to_seconds(_: &mut Services<'_>, values: &[Value]) -> Result<Value, Thrown> {
    let arguments = Arguments::new("util.time.epochMilliSecondsToSeconds", values);
    let millis = arguments.integer(0, "milliseconds")?;
    Ok(Value::from(millis.div_euclid(1000)))
}

fn parse_formatted(_: &mut Services<'_>, values: &[Value]) -> Result<Value, Thrown> {
    let arguments = Arguments::new("util.time.parseFormattedToEpochMilliSeconds", values);
    let text = arguments.text(0, "text")?;
    let pattern = pattern(arguments, 1)?;
    let zone = zone(arguments, 2)?;
    let parsed = parse::parse(&pattern, &text).map_err(|error| arguments.wrong(error))?;
    let moment = resolve::resolve(parsed, zone.as_ref());
    moment
        .map(millis)
        .map_err(|error| arguments.wrong(format!("'{}': {error}", shortened(&text))))
}

fn parse_iso_8601(_: &mut Services<'_>, values: &[Value]) -> Result<Value, Thrown> {
    let arguments = Arguments::new("util.time.parseISO8601ToEpochMilliSeconds", values);
    let text = arguments.text(0, "text")?;
    iso_moment(&text).map(millis).ok_or_else(|| {
        let text = shortened(&text);
        arguments.wrong(format!(
            "'{text}' is not a date and time with an offset, such as 2018-02-06T19:01:35.749Z"
        ))
    })
}

/// A date, a time and an offset, as ISO 8601 writes them.
fn iso_moment(text: &str) -> Option<Moment> {
    let pieces = Pieces::parse(text).ok()?;
    let offset = match pieces.offset()? {
        PiecesOffset::Zulu => 0,
        _ => pieces.to_numeric_offset()?.seconds(),
    };
    let local = pieces.date().to_datetime(pieces.time()?);
    Some(Moment::from_civil(local, offset))
}

fn moment(arguments: Arguments<'_>, millis: i64) -> Result<Moment, Thrown> {
    let moment = Moment::from_millis(millis);
    moment.ok_or_else(|| arguments.wrong(format!("{millis} is not within the years -9999 to 9999")))
}

fn millis(moment: Moment) -> Value {
    Value::from(moment.millis())
}

fn pattern(arguments: Arguments<'_>, index: usize) -> Result<Pattern, Thrown> {
    let text = arguments.text(index, "format")?;
    pattern::compile(&text).map_err(|error| {
        let text = shortened(&text);
        arguments.wrong(format!("'{text}' is no format: {error}"))
    })
}

fn zone(arguments: Arguments<'_>, index: usize) -> Result<Option<Zone>, Thrown> {
    let Some(name) = arguments.optional_text(index, "timezone")? else {
        return Ok(None);
    };
    Zone::named(&name).map(Some).ok_or_else(|| {
        let name = shortened(&name);
        arguments.wrong(format!(
            "'{name}' is no time zone; write +08:00 or Australia/Perth"
        ))
    })
}

/// What a message shows of a text.
fn shortened(text: &str) -> String {
    text.chars().take(60).collect()
}
