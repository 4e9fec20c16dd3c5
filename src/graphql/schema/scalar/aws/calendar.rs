//! Dates and times of ISO 8601 in the extended format, as AppSync takes them.

/// `YYYY-MM-DD`, then an offset or nothing.
pub(super) fn is_date(text: &str) -> bool {
    let rest = date(text.as_bytes());
    rest.is_some_and(|rest| rest.is_empty() || is_offset(rest))
}

/// `hh:mm[:ss[.fraction]]`, then an offset or nothing.
pub(super) fn is_time(text: &str) -> bool {
    let rest = time(text.as_bytes());
    rest.is_some_and(|rest| rest.is_empty() || is_offset(rest))
}

/// A date, `T`, a time, and always an offset.
pub(super) fn is_date_time(text: &str) -> bool {
    let rest = date(text.as_bytes()).and_then(|rest| rest.strip_prefix(b"T"));
    rest.and_then(time).is_some_and(is_offset)
}

// Each of these reads from the front and gives back what follows.

/// Years before 0000 have a minus.
fn date(text: &[u8]) -> Option<&[u8]> {
    let negative = text.first() == Some(&b'-');
    let text = text.strip_prefix(b"-").unwrap_or(text);
    let (century, text) = two_digits(text, 99)?;
    let (year, text) = two_digits(text, 99)?;
    let (month, text) = two_digits(text.strip_prefix(b"-")?, 12)?;
    let (day, text) = two_digits(text.strip_prefix(b"-")?, 31)?;
    let year = i32::from(century) * 100 + i32::from(year);
    let year = if negative { -year } else { year };
    (month >= 1 && day >= 1 && day <= days_of(month, year)).then_some(text)
}

fn days_of(month: u8, year: i32) -> u8 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The fraction has up to nine digits; none at all after its point is fine.
fn time(text: &[u8]) -> Option<&[u8]> {
    let (_, text) = two_digits(text, 23)?;
    let (_, text) = two_digits(text.strip_prefix(b":")?, 59)?;
    let Some(text) = text.strip_prefix(b":") else {
        return Some(text);
    };
    let (_, text) = two_digits(text, 59)?;
    let Some(text) = text.strip_prefix(b".") else {
        return Some(text);
    };
    let fraction = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    (fraction <= 9).then(|| &text[fraction..])
}

/// `Z` or `±hh:mm[:ss]`, no more than 18 hours.
fn is_offset(text: &[u8]) -> bool {
    let (b"Z" | [b'+' | b'-', _, ..]) = text else {
        return false;
    };
    text == b"Z" || is_hours(&text[1..])
}

fn is_hours(text: &[u8]) -> bool {
    let parse = || {
        let (hours, text) = two_digits(text, 18)?;
        let (minutes, text) = two_digits(text.strip_prefix(b":")?, 59)?;
        let (seconds, text) = match text.strip_prefix(b":") {
            Some(text) => two_digits(text, 59)?,
            None => (0, text),
        };
        Some(text.is_empty() && (hours < 18 || minutes == 0 && seconds == 0))
    };
    parse().unwrap_or(false)
}

fn two_digits(text: &[u8], max: u8) -> Option<(u8, &[u8])> {
    let [tens @ b'0'..=b'9', ones @ b'0'..=b'9', rest @ ..] = text else {
        return None;
    };
    let number = (tens - b'0') * 10 + (ones - b'0');
    (number <= max).then_some((number, rest))
}
