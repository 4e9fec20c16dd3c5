//! Time, in one place: elapsed time, wall time and the calendar.

use std::{
    cell::Cell,
    fmt,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// Measures how long something takes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts now.
    #[expect(clippy::disallowed_methods, reason = "this is the one place")]
    pub(crate) fn start() -> Self {
        Stopwatch(Instant::now())
    }

    /// How long ago it was started.
    pub(crate) fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}

/// The wall time, in seconds since 1970.
#[expect(clippy::disallowed_methods, reason = "this is the one place")]
pub(crate) fn unix_seconds() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.unwrap_or_default().as_secs()
}

/// Writes the wall time as RFC 3339 has it, in UTC with microseconds.
#[expect(clippy::disallowed_methods, reason = "this is the one place")]
pub(crate) fn write_now(out: &mut impl fmt::Write) -> fmt::Result {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    write_time(now, out)
}

/// How long it is until a moment, in seconds since 1970; nothing, when it has passed.
#[expect(clippy::disallowed_methods, reason = "this is the one place")]
pub(crate) fn until(seconds: u64) -> Duration {
    let moment = UNIX_EPOCH.checked_add(Duration::from_secs(seconds));
    let left = moment.map(|moment| moment.duration_since(SystemTime::now()).unwrap_or_default());
    // A moment that cannot be said is a very distant one.
    left.unwrap_or(Duration::MAX)
}

/// The wall time, in milliseconds since 1970.
#[expect(clippy::disallowed_methods, reason = "this is the one place")]
pub(crate) fn unix_millis() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    u64::try_from(now.unwrap_or_default().as_millis()).unwrap_or(u64::MAX)
}

/// A time in milliseconds since 1970 as RFC 3339 has it, in UTC with milliseconds.
pub(crate) fn rfc_3339(millis: u64) -> String {
    let second = format_second(millis / 1000);
    let mut fraction = *b".000Z";
    digits(millis % 1000, &mut fraction[1..4]);
    let text = [&second[..], &fraction[..]].concat();
    String::from_utf8_lossy(&text).into_owned()
}

/// A time in milliseconds since 1970 as the common log format has it, in UTC:
/// `04/Mar/2020:19:15:17 +0000`.
pub(crate) fn common_log(millis: u64) -> String {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let seconds = millis / 1000;
    let (year, month, day) = civil(seconds / 86_400);
    let month = MONTHS[(month as usize - 1) % 12];
    let text = format_second(seconds);
    let of_day = String::from_utf8_lossy(&text[11..]);
    format!("{day:02}/{month}/{year}:{of_day} +0000")
}

/// A moment after another one, on the clock that timers run by. They do not reach further than some
/// years, which stand for never.
pub(crate) fn after(moment: tokio::time::Instant, duration: Duration) -> tokio::time::Instant {
    const NEVER: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);
    moment + duration.min(NEVER)
}

const TO_SECONDS: usize = "1970-01-01T00:00:00".len();

thread_local! {
    /// The last second that was written: its number and its text.
    static SECOND: Cell<(u64, [u8; TO_SECONDS])> = const { Cell::new((0, *b"1970-01-01T00:00:00")) };
}

fn write_time(since_epoch: Duration, out: &mut impl fmt::Write) -> fmt::Result {
    let seconds = since_epoch.as_secs();
    let (last, mut text) = SECOND.get();
    if last != seconds {
        text = format_second(seconds);
        SECOND.set((seconds, text));
    }
    out.write_str(str::from_utf8(&text).unwrap_or_default())?;
    let mut fraction = *b".000000Z";
    digits(u64::from(since_epoch.subsec_micros()), &mut fraction[1..7]);
    out.write_str(str::from_utf8(&fraction).unwrap_or_default())
}

fn format_second(seconds: u64) -> [u8; TO_SECONDS] {
    let (year, month, day) = civil(seconds / 86_400);
    let of_day = seconds % 86_400;
    let mut text = *b"0000-00-00T00:00:00";
    digits(year, &mut text[0..4]);
    digits(month, &mut text[5..7]);
    digits(day, &mut text[8..10]);
    digits(of_day / 3600, &mut text[11..13]);
    digits(of_day / 60 % 60, &mut text[14..16]);
    digits(of_day % 60, &mut text[17..19]);
    text
}

/// The date (year, month, day) of a day since 1970-01-01, in the Gregorian calendar.
///
/// See: <https://howardhinnant.github.io/date_algorithms.html#civil_from_days>.
pub(crate) fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let era = days / 146_097;
    let day_of_era = days % 146_097;
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year_of_era + era * 400 + u64::from(month <= 2), month, day)
}

fn digits(mut number: u64, place: &mut [u8]) {
    for digit in place.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_rfc_3339() {
        // As `date -u -d @N +%FT%TZ` prints them.
        let cases = [
            (0, "1970-01-01T00:00:00.000000Z"),
            (951_782_400, "2000-02-29T00:00:00.000000Z"),
            (951_868_799, "2000-02-29T23:59:59.000000Z"),
            (1_709_164_800, "2024-02-29T00:00:00.000000Z"),
            (1_795_193_145, "2026-11-20T16:45:45.000000Z"),
            (4_107_542_400, "2100-03-01T00:00:00.000000Z"),
        ];
        for (seconds, expected) in cases {
            let mut text = String::new();
            write_time(Duration::from_secs(seconds), &mut text).unwrap();
            assert_eq!(text, expected);
        }
        assert_eq!(rfc_3339(951_782_400_007), "2000-02-29T00:00:00.007Z");
        assert_eq!(common_log(1_583_349_317_135), "04/Mar/2020:19:15:17 +0000");
        assert_eq!(common_log(0), "01/Jan/1970:00:00:00 +0000");
        let mut text = String::new();
        write_time(Duration::new(59, 987_654_321), &mut text).unwrap();
        assert_eq!(text, "1970-01-01T00:00:59.987654Z");
    }
}
