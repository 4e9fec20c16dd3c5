//! Time zones: offsets such as `+08:00`, and regions such as `Australia/Perth`.
//!
//! See: `java.time.ZoneId.of`.

use std::sync::LazyLock;

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

use super::moment::Moment;

/// The longest name of a zone, in bytes; those of the database are shorter.
pub(super) const MAX_NAME: usize = 64;

/// The largest offset that Java knows, in seconds.
const MAX_OFFSET: i32 = 18 * 60 * 60;

/// Abbreviations that stand for one region to most people.
const ABBREVIATIONS: [(&str, &str); 8] = [
    ("EST", "America/New_York"),
    ("EDT", "America/New_York"),
    ("CST", "America/Chicago"),
    ("CDT", "America/Chicago"),
    ("MST", "America/Denver"),
    ("MDT", "America/Denver"),
    ("PST", "America/Los_Angeles"),
    ("PDT", "America/Los_Angeles"),
];

/// A time zone.
#[derive(Debug, Clone)]
pub(super) struct Zone {
    name: Box<str>,
    rules: TimeZone,
}

/// UTC, by its own name.
pub(super) static UTC: LazyLock<Zone> = LazyLock::new(|| Zone {
    name: "UTC".into(),
    rules: TimeZone::UTC,
});

impl Zone {
    /// A zone by its name, as `ZoneId.of` knows it.
    pub(super) fn named(name: &str) -> Option<Zone> {
        if name.len() > MAX_NAME {
            return None;
        }
        if name == "Z" || name.starts_with(['+', '-']) {
            return Zone::at_offset(offset(name)?);
        }
        for prefix in ["UTC", "GMT", "UT"] {
            match name.strip_prefix(prefix) {
                Some("") => return Zone::new(name, 0),
                Some(rest) if rest.starts_with(['+', '-']) => {
                    return Zone::new(name, offset(rest)?);
                }
                _ => {}
            }
        }
        let rules = TimeZone::get(name).ok()?;
        let name = rules.iana_name().unwrap_or(name).into();
        Some(Zone { name, rules })
    }

    /// A zone that is an offset, in seconds, and nothing else.
    pub(super) fn at_offset(seconds: i32) -> Option<Zone> {
        Zone::new(&offset_name(seconds), seconds)
    }

    fn new(name: &str, seconds: i32) -> Option<Zone> {
        let offset = jiff::tz::Offset::from_seconds(seconds).ok()?;
        let within = seconds.abs() <= MAX_OFFSET;
        within.then(|| Zone {
            name: name.into(),
            rules: offset.to_time_zone(),
        })
    }

    /// The zone whose name a text begins with, and how long the name is. Of several the longest.
    pub(super) fn at_start_of(text: &str) -> Option<(Zone, usize)> {
        let is_part =
            |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '+' | '-' | ':');
        let length = text.find(|c| !is_part(c)).unwrap_or(text.len());
        // All of these are ASCII, so that any length is a boundary.
        let lengths = (1..=length.min(MAX_NAME)).rev();
        lengths
            .filter_map(|length| Some((Zone::named(&text[..length])?, length)))
            .next()
    }

    /// The same, where a text may also begin with an abbreviation such as `PST`.
    pub(super) fn abbreviated_at_start_of(text: &str) -> Option<(Zone, usize)> {
        let mut abbreviations = ABBREVIATIONS.iter();
        match abbreviations.find(|(short, _)| text.starts_with(short)) {
            Some((short, name)) => Some((Zone::named(name)?, short.len())),
            None => Zone::at_start_of(text),
        }
    }

    /// What `VV` prints.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// What `z` prints: an abbreviation where the database has one.
    pub(super) fn abbreviation(&self, at: Moment) -> String {
        let info = self.rules.to_offset_info(at.timestamp());
        let abbreviation = info.abbreviation();
        let is_word = abbreviation.starts_with(|c: char| c.is_ascii_alphabetic());
        match is_word && self.rules.iana_name().is_some() {
            true => abbreviation.to_owned(),
            false => self.name.to_string(),
        }
    }

    /// What clocks in the zone show, and how many seconds they are ahead of UTC. `None` where they
    /// show a year that there is not.
    pub(super) fn local(&self, at: Moment) -> Option<(DateTime, i32)> {
        let offset = self.rules.to_offset(at.timestamp()).seconds();
        Some((at.civil(offset)?, offset))
    }

    /// The moment at which clocks in the zone show a time. One that they skip is as much later; of
    /// one that they show twice it is the first.
    pub(super) fn moment(&self, local: DateTime) -> Moment {
        let moment = self.rules.to_ambiguous_timestamp(local).compatible();
        moment.map_or_else(|_| self.distant_moment(local), Moment::from)
    }

    /// The same, for the first and the last day of all, when no clock is changed.
    fn distant_moment(&self, local: DateTime) -> Moment {
        let nearest = if local.year() < 0 {
            Timestamp::MIN
        } else {
            Timestamp::MAX
        };
        Moment::from_civil(local, self.rules.to_offset(nearest).seconds())
    }
}

/// The seconds of `Z`, `+h`, `+hh`, `+hhmm`, `+hh:mm`, `+hhmmss` and `+hh:mm:ss`.
fn offset(text: &str) -> Option<i32> {
    if text == "Z" {
        return Some(0);
    }
    let negative = text.starts_with('-');
    let digits = text.strip_prefix(['+', '-'])?;
    let colons = digits.contains(':');
    let padded = match digits.len() {
        1 => format!("0{digits}"),
        5 | 8 if colons => {
            let mut parts = digits.split(':');
            if !parts.all(|part| part.len() == 2) {
                return None;
            }
            digits.replace(':', "")
        }
        2 | 4 | 6 if !colons => digits.to_owned(),
        _ => return None,
    };
    let number = |at: usize| match padded.get(at..at + 2) {
        Some(part) if part.bytes().all(|byte| byte.is_ascii_digit()) => part.parse::<i32>().ok(),
        Some(_) => None,
        None => Some(0),
    };
    let (hours, minutes, seconds) = (number(0)?, number(2)?, number(4)?);
    if minutes > 59 || seconds > 59 {
        return None;
    }
    let total = (hours * 60 + minutes) * 60 + seconds;
    let total = if negative { -total } else { total };
    (total.abs() <= MAX_OFFSET).then_some(total)
}

/// As `ZoneOffset` prints itself.
fn offset_name(seconds: i32) -> String {
    if seconds == 0 {
        return "Z".to_owned();
    }
    let sign = if seconds < 0 { '-' } else { '+' };
    let all = seconds.unsigned_abs();
    let (hours, minutes, seconds) = (all / 3600, all / 60 % 60, all % 60);
    match seconds {
        0 => format!("{sign}{hours:02}:{minutes:02}"),
        _ => format!("{sign}{hours:02}:{minutes:02}:{seconds:02}"),
    }
}
