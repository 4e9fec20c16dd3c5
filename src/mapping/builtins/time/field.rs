//! What the letters of a pattern stand for, and what they are at a moment.
//!
//! Weeks are those of the United States: they begin on Sunday, and the first one holds January 1.

use jiff::civil::{Date, DateTime};

use super::pattern::Style;

/// A number that a date or a time has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    /// 0 is the year before 1.
    Year,
    YearOfEra,
    /// 0: before year 1.
    Era,
    Quarter,
    Month,
    Day,
    DayOfYear,
    /// From Monday, 1.
    DayOfWeek,
    /// From Sunday, 1.
    LocalDayOfWeek,
    WeekYear,
    WeekOfYear,
    WeekOfMonth,
    AmPm,
    /// From 0 to 23.
    Hour,
    /// From 1 to 24.
    ClockHour,
    /// From 0 to 11.
    HourOfAmPm,
    /// From 1 to 12.
    ClockHourOfAmPm,
    Minute,
    Second,
    Nano,
    MilliOfDay,
    NanoOfDay,
}

/// How many there are.
pub(super) const FIELDS: usize = Field::NanoOfDay as usize + 1;

/// Those of a date, without the day: what is parsed of them must agree with the date.
pub(super) const OF_DATE: [Field; 11] = [
    Field::Year,
    Field::YearOfEra,
    Field::Era,
    Field::Quarter,
    Field::Month,
    Field::DayOfYear,
    Field::DayOfWeek,
    Field::LocalDayOfWeek,
    Field::WeekYear,
    Field::WeekOfYear,
    Field::WeekOfMonth,
];

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

const DAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];

const QUARTERS: [&str; 4] = ["1st quarter", "2nd quarter", "3rd quarter", "4th quarter"];
const SHORT_QUARTERS: [&str; 4] = ["Q1", "Q2", "Q3", "Q4"];
const ERAS: [&str; 2] = ["Before Christ", "Anno Domini"];
const SHORT_ERAS: [&str; 2] = ["BC", "AD"];
const HALVES: [&str; 2] = ["AM", "PM"];

impl Field {
    /// What the field is at a moment.
    pub(super) fn of(self, at: DateTime) -> i64 {
        let year = i64::from(at.year());
        let hour = i64::from(at.hour());
        match self {
            Field::Year => year,
            Field::YearOfEra if year < 1 => 1 - year,
            Field::YearOfEra => year,
            Field::Era => i64::from(year > 0),
            Field::Quarter => (i64::from(at.month()) + 2) / 3,
            Field::Month => i64::from(at.month()),
            Field::Day => i64::from(at.day()),
            Field::DayOfYear => i64::from(at.day_of_year()),
            Field::DayOfWeek => i64::from(at.weekday().to_monday_one_offset()),
            Field::LocalDayOfWeek => i64::from(at.weekday().to_sunday_one_offset()),
            Field::WeekYear => week_of_year(at.date()).0,
            Field::WeekOfYear => week_of_year(at.date()).1,
            Field::WeekOfMonth => week_at(at.date(), i64::from(at.day())),
            Field::AmPm => hour / 12,
            Field::Hour => hour,
            Field::ClockHour if hour == 0 => 24,
            Field::ClockHour => hour,
            Field::HourOfAmPm => hour % 12,
            Field::ClockHourOfAmPm => (hour + 11) % 12 + 1,
            Field::Minute => i64::from(at.minute()),
            Field::Second => i64::from(at.second()),
            Field::Nano => i64::from(at.subsec_nanosecond()),
            Field::MilliOfDay => nano_of_day(at) / 1_000_000,
            Field::NanoOfDay => nano_of_day(at),
        }
    }

    /// The name for a value, such as `January` for 1.
    pub(super) fn name(self, value: i64, style: Style) -> Option<&'static str> {
        let index = usize::try_from(value - self.first_value()).ok()?;
        let names: &[&'static str] = match (self, style) {
            (Field::Month, _) => &MONTHS,
            (Field::DayOfWeek, _) => &DAYS,
            (Field::Quarter, Style::Full) => &QUARTERS,
            (Field::Quarter, _) => &SHORT_QUARTERS,
            (Field::Era, Style::Short) => &SHORT_ERAS,
            (Field::Era, _) => &ERAS,
            (Field::AmPm, _) => &HALVES,
            _ => return None,
        };
        let name = *names.get(index)?;
        match (self, style) {
            (Field::Month | Field::DayOfWeek, Style::Short) => name.get(..3),
            (Field::Quarter, Style::Narrow) => name.get(1..),
            (_, Style::Narrow) => name.get(..1),
            _ => Some(name),
        }
    }

    /// The value whose name a text begins with, and how long the name is. Of several the longest.
    pub(super) fn named(self, text: &str, style: Style) -> Option<(i64, usize)> {
        let first = self.first_value();
        let names = (first..).map_while(|value| Some((value, self.name(value, style)?)));
        let found = names.filter(|(_, name)| text.starts_with(name));
        found
            .max_by_key(|(_, name)| name.len())
            .map(|(value, name)| (value, name.len()))
    }

    /// Whether every value has a narrow name of its own.
    pub(super) fn has_narrow_names(self) -> bool {
        !matches!(self, Field::Month | Field::DayOfWeek)
    }

    fn first_value(self) -> i64 {
        match self {
            Field::Era | Field::AmPm => 0,
            _ => 1,
        }
    }
}

fn nano_of_day(at: DateTime) -> i64 {
    let seconds = (i64::from(at.hour()) * 60 + i64::from(at.minute())) * 60;
    (seconds + i64::from(at.second())) * 1_000_000_000 + i64::from(at.subsec_nanosecond())
}

/// The week that a date is in, by its year and number.
fn week_of_year(date: Date) -> (i64, i64) {
    let year = i64::from(date.year());
    let week = week_at(date, i64::from(date.day_of_year()));
    let last = date.last_of_year();
    // The days from the last Sunday of a year on are of the first week of the next one, unless the
    // year ends with a Saturday.
    let days_left = i64::from(last.day_of_year()) - i64::from(date.day_of_year());
    let into_week = i64::from(date.weekday().to_sunday_zero_offset());
    let last_into_week = i64::from(last.weekday().to_sunday_zero_offset());
    if last_into_week < 6 && into_week + days_left == last_into_week {
        return (year + 1, 1);
    }
    (year, week)
}

/// The week of a period in which a date is its `day`th.
fn week_at(date: Date, day: i64) -> i64 {
    let into_week = i64::from(date.weekday().to_sunday_zero_offset());
    let first_into_week = (into_week - (day - 1)).rem_euclid(7);
    (day - 1 + first_into_week) / 7 + 1
}
