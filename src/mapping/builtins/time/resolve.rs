//! What a text said, to the one moment that is meant.
//!
//! Follows Java's `SMART` resolving: February 31 is the last of February, a time of hours alone is
//! on the hour, 24:00 is the next midnight, and what is said twice must agree.

use jiff::civil::{Date, DateTime, Time};

use super::{
    field::{Field, OF_DATE},
    moment::Moment,
    parse::Parsed,
    zone::Zone,
};

/// Why a text means no moment.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub(super) enum ResolveError {
    #[error("it says no date: a year, a month and a day are needed")]
    NoDate,
    #[error("it says no time of day")]
    NoTime,
    #[error("it says no time zone, and none was given")]
    NoZone,
    #[error("there is no such date or time")]
    Invalid,
    #[error("it contradicts itself")]
    Contradiction,
}

/// The moment that is meant; `zone` is where, unless the text says it.
pub(super) fn resolve(mut parsed: Parsed, zone: Option<&Zone>) -> Result<Moment, ResolveError> {
    let date = date(&mut parsed)?;
    let (time, next_day) = time(&mut parsed)?;
    let local = DateTime::from_parts(date, time);
    check(&parsed, local)?;
    let local = match next_day {
        true => local.tomorrow().map_err(|_| ResolveError::Invalid)?,
        false => local,
    };
    // An offset is more than a zone.
    let by_offset = parsed.offset.map(Zone::at_offset);
    let zone = match by_offset {
        Some(zone) => zone.ok_or(ResolveError::Invalid)?,
        None => parsed.zone.or(zone.cloned()).ok_or(ResolveError::NoZone)?,
    };
    Ok(zone.moment(local))
}

fn date(parsed: &mut Parsed) -> Result<Date, ResolveError> {
    if let Some(of_era) = parsed.get(Field::YearOfEra) {
        if of_era < 1 {
            return Err(ResolveError::Invalid);
        }
        let year = match parsed.get(Field::Era) {
            Some(0) => 1 - of_era,
            _ => of_era,
        };
        set(parsed, Field::Year, year)?;
    }
    let year = parsed.get(Field::Year).ok_or(ResolveError::NoDate)?;
    let year = i16::try_from(year).map_err(|_| ResolveError::Invalid)?;
    if let (Some(month), Some(day)) = (parsed.get(Field::Month), parsed.get(Field::Day)) {
        let month = i8::try_from(month).map_err(|_| ResolveError::Invalid)?;
        let first = Date::new(year, month, 1).map_err(|_| ResolveError::Invalid)?;
        if !(1..=31).contains(&day) {
            return Err(ResolveError::Invalid);
        }
        let day = day.min(i64::from(first.days_in_month()));
        let day = i8::try_from(day).map_err(|_| ResolveError::Invalid)?;
        return Date::new(year, month, day).map_err(|_| ResolveError::Invalid);
    }
    let of_year = parsed.get(Field::DayOfYear).ok_or(ResolveError::NoDate)?;
    let first = Date::new(year, 1, 1).map_err(|_| ResolveError::Invalid)?;
    if !(1..=i64::from(first.days_in_year())).contains(&of_year) {
        return Err(ResolveError::Invalid);
    }
    let offset = jiff::Span::new().try_days(of_year - 1);
    let date = offset.and_then(|offset| first.checked_add(offset));
    date.map_err(|_| ResolveError::Invalid)
}

/// The time of day, and whether it is that of the next day.
fn time(parsed: &mut Parsed) -> Result<(Time, bool), ResolveError> {
    spell_out(parsed)?;
    let hour = parsed.get(Field::Hour).ok_or(ResolveError::NoTime)?;
    let (minute, second, nano) = (
        parsed.get(Field::Minute),
        parsed.get(Field::Second),
        parsed.get(Field::Nano),
    );
    // Only what comes last may be left out.
    let is_gapless = match (minute, second, nano) {
        (None, second, nano) => second.is_none() && nano.is_none(),
        (Some(_), None, nano) => nano.is_none(),
        _ => true,
    };
    if !is_gapless {
        return Err(ResolveError::NoTime);
    }
    let rest = [minute, second, nano].map(|part| part.unwrap_or(0));
    let next_day = hour == 24 && rest == [0; 3];
    let hour = if next_day { 0 } else { hour };
    let [minute, second, nano] = rest;
    let small = |value: i64| i8::try_from(value).map_err(|_| ResolveError::Invalid);
    let nano = i32::try_from(nano).map_err(|_| ResolveError::Invalid)?;
    let time = Time::new(small(hour)?, small(minute)?, small(second)?, nano);
    Ok((time.map_err(|_| ResolveError::Invalid)?, next_day))
}

/// Turns other ways to say a time into hours, minutes and seconds.
fn spell_out(parsed: &mut Parsed) -> Result<(), ResolveError> {
    if let Some(hour) = parsed.get(Field::ClockHour) {
        within(hour, 0..=24)?;
        set(parsed, Field::Hour, hour % 24)?;
    }
    if let Some(hour) = parsed.get(Field::ClockHourOfAmPm) {
        within(hour, 0..=12)?;
        set(parsed, Field::HourOfAmPm, hour % 12)?;
    }
    if let (Some(half), Some(hour)) = (parsed.get(Field::AmPm), parsed.get(Field::HourOfAmPm)) {
        within(hour, 0..=11)?;
        set(parsed, Field::Hour, half * 12 + hour)?;
    }
    if let Some(nanos) = parsed.get(Field::NanoOfDay) {
        of_day(parsed, nanos, 1_000_000_000)?;
    }
    if let Some(millis) = parsed.get(Field::MilliOfDay) {
        of_day(parsed, millis, 1000)?;
    }
    Ok(())
}

/// A count of parts of a second since midnight.
fn of_day(parsed: &mut Parsed, count: i64, per_second: i64) -> Result<(), ResolveError> {
    within(count, 0..=86_400 * per_second - 1)?;
    let seconds = count / per_second;
    set(parsed, Field::Hour, seconds / 3600)?;
    set(parsed, Field::Minute, seconds / 60 % 60)?;
    set(parsed, Field::Second, seconds % 60)?;
    let nanos = count % per_second * (1_000_000_000 / per_second);
    set(parsed, Field::Nano, nanos)
}

/// What was said beside date and time must agree with them.
fn check(parsed: &Parsed, local: DateTime) -> Result<(), ResolveError> {
    let mut said = OF_DATE.into_iter().chain([Field::AmPm, Field::HourOfAmPm]);
    let agrees = said.all(|field| {
        let value = parsed.get(field);
        value.is_none_or(|value| value == field.of(local))
    });
    agrees.then_some(()).ok_or(ResolveError::Contradiction)
}

fn within(value: i64, range: std::ops::RangeInclusive<i64>) -> Result<(), ResolveError> {
    range
        .contains(&value)
        .then_some(())
        .ok_or(ResolveError::Invalid)
}

fn set(parsed: &mut Parsed, field: Field, value: i64) -> Result<(), ResolveError> {
    parsed.set(field, value).ok_or(ResolveError::Contradiction)
}
