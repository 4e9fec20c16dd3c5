//! What `replaceAll` puts in place of a match: `$1`, `${name}`, `\$`.

use fancy_regex::{Captures, Regex};

use super::PatternError;

/// A replacement, read for one pattern.
pub(super) struct Replacement(Vec<Part>);

enum Part {
    Text(String),
    Group(usize),
}

impl Replacement {
    /// Reads a replacement as Java's `Matcher` does, and fails in its words.
    pub(super) fn parse(replacement: &str, regex: &Regex) -> Result<Self, PatternError> {
        let mut parts = Vec::new();
        let mut text = String::new();
        let mut rest = replacement;
        while let Some(char) = rest.chars().next() {
            rest = &rest[char.len_utf8()..];
            match char {
                '\\' => {
                    let Some(escaped) = rest.chars().next() else {
                        return Err(wrong("character to be escaped is missing"));
                    };
                    text.push(escaped);
                    rest = &rest[escaped.len_utf8()..];
                }
                '$' => {
                    let (group, after) = group(rest, regex)?;
                    parts.push(Part::Text(std::mem::take(&mut text)));
                    parts.push(Part::Group(group));
                    rest = after;
                }
                other => text.push(other),
            }
        }
        parts.push(Part::Text(text));
        Ok(Replacement(parts))
    }

    /// Appends what stands for a match.
    pub(super) fn expand(
        &self,
        found: &Captures<'_, str>,
        out: &mut String,
        limit: usize,
    ) -> Result<(), PatternError> {
        for part in &self.0 {
            let text = match part {
                Part::Text(text) => text,
                Part::Group(group) => found.get(*group).map_or("", |group| group.as_str()),
            };
            if text.len() > limit.saturating_sub(out.len()) {
                return Err(PatternError::TooLarge);
            }
            out.push_str(text);
        }
        Ok(())
    }
}

/// The group that is meant after a `$`, and what follows it.
fn group<'r>(rest: &'r str, regex: &Regex) -> Result<(usize, &'r str), PatternError> {
    if let Some(named) = rest.strip_prefix('{') {
        let length = named.bytes().take_while(u8::is_ascii_alphanumeric).count();
        let (name, after) = named.split_at(length);
        let Some(after) = after.strip_prefix('}') else {
            return Err(wrong("named capturing group is missing trailing '}'"));
        };
        let known = regex.capture_names().position(|known| known == Some(name));
        let known = known.ok_or_else(|| wrong(format!("No group with name {{{name}}}")))?;
        return Ok((known, after));
    }
    let digit = |text: &str| text.chars().next().and_then(|char| char.to_digit(10));
    let Some(first) = digit(rest) else {
        let missing = rest.is_empty();
        let missing = if missing {
            ": group index is missing"
        } else {
            ""
        };
        return Err(wrong(format!("Illegal group reference{missing}")));
    };
    let (mut group, mut rest) = (first as usize, &rest[1..]);
    if group >= regex.captures_len() {
        return Err(wrong(format!("No group {group}")));
    }
    // More digits belong to it as long as there is such a group.
    while let Some(next) = digit(rest) {
        let longer = group * 10 + next as usize;
        if longer >= regex.captures_len() {
            break;
        }
        (group, rest) = (longer, &rest[1..]);
    }
    Ok((group, rest))
}

fn wrong(message: impl Into<String>) -> PatternError {
    PatternError::Replacement(message.into())
}
