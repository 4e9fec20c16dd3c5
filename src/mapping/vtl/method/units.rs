//! Texts as Java counts them: in units of UTF-16. A half of a pair that is cut apart becomes U+FFFD.

use super::MethodFault;

/// How many units a text has.
pub(super) fn length(text: &str) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    text.chars().map(char::len_utf16).sum()
}

/// The units between two indexes.
pub(super) fn substring(text: &str, begin: i64, end: Option<i64>) -> Result<String, MethodFault> {
    let length = length(text);
    let end = end.unwrap_or(length as i64);
    let inside = (|| {
        let (begin, end) = (usize::try_from(begin).ok()?, usize::try_from(end).ok()?);
        (begin <= end && end <= length).then_some((begin, end))
    })();
    let Some((begin, end)) = inside else {
        return Err(MethodFault::Thrown(format!(
            "begin {begin}, end {end}, length {length}"
        )));
    };
    if length == text.len() {
        return Ok(text[begin..end].to_owned());
    }
    let units: Vec<_> = text.encode_utf16().skip(begin).take(end - begin).collect();
    Ok(String::from_utf16_lossy(&units))
}

/// Where the character at an index begins, in bytes; the end when there is none.
pub(super) fn offset(text: &str, index: i64) -> usize {
    let Ok(index) = usize::try_from(index) else {
        return 0;
    };
    if text.is_ascii() {
        return index.min(text.len());
    }
    let mut units = 0;
    let mut chars = text.char_indices();
    let found = chars.find(|(_, char)| {
        let here = units;
        units += char.len_utf16();
        here >= index
    });
    found.map_or(text.len(), |(at, _)| at)
}

/// The first place of a text from an index on; -1 for none.
pub(super) fn index_of(text: &str, wanted: &str, from: i64) -> i64 {
    let from = offset(text, from);
    let found = memchr::memmem::find(&text.as_bytes()[from..], wanted.as_bytes());
    found.map_or(-1, |at| length(&text[..from + at]) as i64)
}

/// The last place of a text up to an index; -1 for none.
pub(super) fn last_index_of(text: &str, wanted: &str, from: Option<i64>) -> i64 {
    let end = match from {
        Some(from) if from < 0 => return -1,
        Some(from) => offset(text, from)
            .saturating_add(wanted.len())
            .min(text.len()),
        None => text.len(),
    };
    let found = memchr::memmem::rfind(&text.as_bytes()[..end], wanted.as_bytes());
    found.map_or(-1, |at| length(&text[..at]) as i64)
}

/// How two texts are ordered: the difference of their first units that differ, or of their lengths.
pub(super) fn compare(a: &str, b: &str) -> i64 {
    let mut pairs = a.encode_utf16().zip(b.encode_utf16());
    let differing = pairs.find(|(a, b)| a != b);
    differing.map_or_else(
        || length(a) as i64 - length(b) as i64,
        |(a, b)| i64::from(a) - i64::from(b),
    )
}

/// A text with what Java takes for upper and lower case made the same.
pub(super) fn folded(text: &str) -> String {
    let simple = |char: char| {
        let mut upper = char.to_uppercase();
        let upper = if upper.len() == 1 {
            upper.next().unwrap_or(char)
        } else {
            char
        };
        let mut lower = upper.to_lowercase();
        if lower.len() == 1 {
            lower.next().unwrap_or(upper)
        } else {
            upper
        }
    };
    text.chars().map(simple).collect()
}
