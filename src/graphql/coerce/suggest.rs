//! "Did you mean": names near the one that was given, as graphql-js finds them.

/// Longer names than this are not a slip of the finger.
const MAX_LENGTH: usize = 100;
/// More would not help.
const MAX_SUGGESTIONS: usize = 5;

/// The known names near the given one, the nearest first.
pub(super) fn nearest<'a>(given: &str, known: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    if given.len() > MAX_LENGTH {
        return Vec::new();
    }
    let threshold = given.encode_utf16().count() * 2 / 5 + 1;
    let distances = known.map(|name| (distance(given, name), name));
    let mut near: Vec<_> = distances
        .filter(|(distance, _)| *distance <= threshold)
        .collect();
    near.sort_unstable();
    near.into_iter().map(|(_, name)| name).collect()
}

/// ` Did you mean "a" or "b"?`, or nothing.
pub(super) fn did_you_mean(what: &str, names: &[&str]) -> String {
    let quoted = names
        .iter()
        .take(MAX_SUGGESTIONS)
        .map(|name| format!("\"{name}\""));
    let quoted: Vec<_> = quoted.collect();
    let list = match quoted.as_slice() {
        [] => return String::new(),
        [one] => one.clone(),
        [one, other] => format!("{one} or {other}"),
        [head @ .., last] => format!("{}, or {last}", head.join(", ")),
    };
    format!(" Did you mean {what}{list}?")
}

/// Any change of case counts as one edit.
fn distance(given: &str, known: &str) -> usize {
    if given == known {
        return 0;
    }
    let (given, known) = (given.to_lowercase(), known.to_lowercase());
    if given == known {
        return 1;
    }
    strsim::osa_distance(&given, &known)
}
