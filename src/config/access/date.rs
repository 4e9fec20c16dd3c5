//! Dates and times of RFC 3339, as seconds since 1970.

/// How many days each month has in a common year.
const DAYS: [u8; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/// `2027-01-31`, when that day begins in UTC, or `2027-01-31T08:00:00Z`. What was before 1970 is 0.
///
/// See: RFC 3339, section 5.6.
pub(super) fn seconds(text: &str) -> Option<u64> {
    let (day, rest) = date(text.as_bytes())?;
    let of_day = match rest {
        [] => 0,
        [b'T' | b't' | b' ', rest @ ..] => time(rest)?,
        _ => return None,
    };
    Some(u64::try_from(day * 86_400 + of_day).unwrap_or(0))
}

/// The days since 1970-01-01, and what follows the date.
fn date(text: &[u8]) -> Option<(i64, &[u8])> {
    let (century, text) = two_digits(text, 0..=99)?;
    let (year, text) = two_digits(text, 0..=99)?;
    let (month, text) = two_digits(text.strip_prefix(b"-")?, 1..=12)?;
    let (day, text) = two_digits(text.strip_prefix(b"-")?, 1..=31)?;
    let year = century * 100 + year;
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        2 if leap => 29,
        _ => i64::from(DAYS[month as usize - 1]),
    };
    (day <= last).then(|| (days(year, month, day), text))
}

/// The days from 1970-01-01 to a date of the Gregorian calendar.
///
/// See: <https://howardhinnant.github.io/date_algorithms.html#days_from_civil>.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month = (month + 9) % 12;
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The seconds since midnight in UTC, of a time with its offset.
fn time(text: &[u8]) -> Option<i64> {
    let (hour, text) = two_digits(text, 0..=23)?;
    let (minute, text) = two_digits(text.strip_prefix(b":")?, 0..=59)?;
    // A leap second is the one that follows.
    let (second, text) = two_digits(text.strip_prefix(b":")?, 0..=60)?;
    let offset = offset(fraction(text)?)?;
    Some(hour * 3600 + minute * 60 + second - offset)
}

/// What follows a fraction of a second, if there is one.
fn fraction(text: &[u8]) -> Option<&[u8]> {
    let Some(text) = text.strip_prefix(b".") else {
        return Some(text);
    };
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    (digits > 0).then(|| &text[digits..])
}

fn offset(text: &[u8]) -> Option<i64> {
    let (sign, text) = match text {
        b"Z" | b"z" => return Some(0),
        [b'+', text @ ..] => (1, text),
        [b'-', text @ ..] => (-1, text),
        _ => return None,
    };
    let (hours, text) = two_digits(text, 0..=23)?;
    let (minutes, text) = two_digits(text.strip_prefix(b":")?, 0..=59)?;
    text.is_empty()
        .then_some(sign * (hours * 3600 + minutes * 60))
}

fn two_digits(text: &[u8], bounds: std::ops::RangeInclusive<i64>) -> Option<(i64, &[u8])> {
    let [tens @ b'0'..=b'9', ones @ b'0'..=b'9', rest @ ..] = text else {
        return None;
    };
    let number = i64::from((tens - b'0') * 10 + (ones - b'0'));
    bounds.contains(&number).then_some((number, rest))
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn times_are_counted_from_1970() {
        // As `date -u -d … +%s` prints them.
        let cases = [
            ("1970-01-01", 0),
            ("2000-02-29", 951_782_400),
            ("2100-03-01", 4_107_542_400),
            ("2026-11-20T16:45:45Z", 1_795_193_145),
            ("2026-11-20t16:45:45.25z", 1_795_193_145),
            ("2026-11-20 18:15:45+01:30", 1_795_193_145),
            ("2026-11-20T08:45:45-08:00", 1_795_193_145),
            ("1969-12-31T23:59:59Z", 0),
        ];
        for (text, expected) in cases {
            assert_eq!(seconds(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in [
            "",
            "2027",
            "2027-1-1",
            "2027-02-29",
            "2027-13-01",
            "2027-00-01",
            "2027-01-31T08:00:00",
            "2027-01-31T08:00Z",
            "2027-01-31T24:00:00Z",
            "2027-01-31T08:00:00.Z",
            "2027-01-31T08:00:00+1:00",
            "2027-01-31Z",
            "tomorrow",
        ] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }
}
