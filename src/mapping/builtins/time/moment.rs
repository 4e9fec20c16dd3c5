//! A moment, within the years -9999 to 9999 to their last second, which is where "never" is often
//! put. What we look zones up with ends a day earlier.

use jiff::{
    Timestamp,
    civil::{Date, DateTime, Time},
};

const PER_SECOND: i128 = 1_000_000_000;
const PER_DAY: i128 = 86_400 * PER_SECOND;

/// In nanoseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment(i128);

impl Moment {
    /// A moment in milliseconds since 1970; `None` beyond the years that there are.
    pub(super) fn from_millis(millis: i64) -> Option<Moment> {
        let moment = Moment(i128::from(millis) * 1_000_000);
        moment.civil(0).map(|_| moment)
    }

    /// What clocks show that are so many seconds ahead of UTC.
    pub(super) fn from_civil(civil: DateTime, offset: i32) -> Moment {
        let days = civil.date().duration_since(EPOCH).as_nanos();
        let of_day = civil.time().duration_since(Time::midnight()).as_nanos();
        Moment(days + of_day - i128::from(offset) * PER_SECOND)
    }

    /// In milliseconds since 1970; those before are rounded down as all others are.
    pub(super) fn millis(self) -> i64 {
        i64::try_from(self.0.div_euclid(1_000_000)).unwrap_or_default()
    }

    /// What clocks show that are so many seconds ahead of UTC; `None` beyond the years.
    pub(super) fn civil(self, offset: i32) -> Option<DateTime> {
        let local = self.0 + i128::from(offset) * PER_SECOND;
        let days = i64::try_from(local.div_euclid(PER_DAY)).ok()?;
        let days = jiff::Span::new().try_days(days).ok()?;
        let date = EPOCH.checked_add(days).ok()?;
        let of_day = local.rem_euclid(PER_DAY);
        let (seconds, nano) = (of_day / PER_SECOND, of_day % PER_SECOND);
        let part = |value: i128| i8::try_from(value).ok();
        let time = Time::new(
            part(seconds / 3600)?,
            part(seconds / 60 % 60)?,
            part(seconds % 60)?,
            i32::try_from(nano).ok()?,
        );
        Some(DateTime::from_parts(date, time.ok()?))
    }

    /// The nearest that zones are looked up with.
    pub(super) fn timestamp(self) -> Timestamp {
        let nearest = if self.0 < 0 {
            Timestamp::MIN
        } else {
            Timestamp::MAX
        };
        Timestamp::from_nanosecond(self.0).unwrap_or(nearest)
    }
}

impl From<Timestamp> for Moment {
    fn from(timestamp: Timestamp) -> Self {
        Moment(timestamp.as_nanosecond())
    }
}

const EPOCH: Date = Date::constant(1970, 1, 1);
