//! Methods of Java's texts.

use std::sync::Arc;

use tokio::time::Instant;

use super::{
    MethodFault, Room, Val, any,
    arguments::{int, items, text as text_of},
    format, texts, units,
};
use crate::mapping::pattern::Pattern;

type Outcome = Result<Val, MethodFault>;

/// Calls a method of a text.
pub(super) fn call(text: &Arc<str>, name: &str, arguments: &[Val], room: &mut Room) -> Outcome {
    room.work(text.len());
    for group in [ask, search, compare, cut, grow, spell, by_pattern_within] {
        match group(text, name, arguments, room) {
            Err(MethodFault::Unknown) => {}
            outcome => return outcome,
        }
    }
    match (name, arguments) {
        ("toString" | "intern", []) => Ok(Val::Text(Arc::clone(text))),
        _ => any(&Val::Text(Arc::clone(text)), name, arguments, room),
    }
}

/// Whether a text is nothing but white space.
pub(super) fn is_blank(text: &str) -> bool {
    text.chars().all(is_white)
}

fn ask(text: &Arc<str>, name: &str, arguments: &[Val], _: &mut Room) -> Outcome {
    Ok(match (name, arguments) {
        ("length", []) => Val::from(units::length(text)),
        ("isEmpty", []) => Val::Bool(text.is_empty()),
        ("isBlank", []) => Val::Bool(is_blank(text)),
        ("charAt", [index]) => char_at(text, int(index)?)?,
        ("codePointAt", [index]) => {
            let index = int(index)?;
            let length = units::length(text);
            if usize::try_from(index).map_or(true, |index| index >= length) {
                return Err(out_of_range(index, length));
            }
            let char = text[units::offset(text, index)..].chars().next();
            Val::from(char.map_or(0, |char| i64::from(u32::from(char))))
        }
        _ => return Err(MethodFault::Unknown),
    })
}

fn search(text: &Arc<str>, name: &str, arguments: &[Val], _: &mut Room) -> Outcome {
    Ok(match (name, arguments) {
        ("contains", [part]) => Val::Bool(text.contains(&**text_of(part)?)),
        ("startsWith", [part]) => Val::Bool(text.starts_with(&**text_of(part)?)),
        ("startsWith", [part, from]) => {
            let (part, from) = (text_of(part)?, int(from)?);
            let inside = (0..=units::length(text) as i64).contains(&from);
            Val::Bool(inside && text[units::offset(text, from)..].starts_with(&**part))
        }
        ("endsWith", [part]) => Val::Bool(text.ends_with(&**text_of(part)?)),
        ("indexOf", [part]) => Val::from(units::index_of(text, &char_or_text(part)?, 0)),
        ("indexOf", [part, from]) => {
            Val::from(units::index_of(text, &char_or_text(part)?, int(from)?))
        }
        ("lastIndexOf", [part]) => {
            Val::from(units::last_index_of(text, &char_or_text(part)?, None))
        }
        ("lastIndexOf", [part, from]) => {
            let from = Some(int(from)?);
            Val::from(units::last_index_of(text, &char_or_text(part)?, from))
        }
        _ => return Err(MethodFault::Unknown),
    })
}

fn compare(text: &Arc<str>, name: &str, arguments: &[Val], room: &mut Room) -> Outcome {
    let [other] = arguments else {
        return Err(MethodFault::Unknown);
    };
    Ok(match name {
        "equals" => Val::Bool(matches!(other, Val::Text(other) if other == text)),
        "equalsIgnoreCase" => {
            let Val::Text(other) = other else {
                let null = other.is_null();
                return null.then_some(Val::Bool(false)).ok_or(MethodFault::Unknown);
            };
            room.work(other.len());
            Val::Bool(units::folded(text) == units::folded(other))
        }
        "compareTo" => {
            let Val::Text(other) = other else {
                return Err(not_a_text(other));
            };
            Val::from(units::compare(text, other))
        }
        "compareToIgnoreCase" => {
            let other = text_of(other)?;
            room.work(other.len());
            Val::from(units::compare(&units::folded(text), &units::folded(other)))
        }
        "contentEquals" => Val::Bool(text_of(other)? == text),
        _ => return Err(MethodFault::Unknown),
    })
}

fn cut(text: &Arc<str>, name: &str, arguments: &[Val], room: &mut Room) -> Outcome {
    // `trim` means whatever is not above the space, `strip` what Unicode calls white.
    let trimmed = |char: char| char <= ' ';
    Ok(match (name, arguments) {
        ("substring" | "subSequence", [begin, end]) => {
            Val::from(units::substring(text, int(begin)?, Some(int(end)?))?)
        }
        ("substring", [begin]) => Val::from(units::substring(text, int(begin)?, None)?),
        ("trim", []) => Val::from(text.trim_matches(trimmed)),
        ("strip", []) => Val::from(text.trim_matches(is_white)),
        ("stripLeading", []) => Val::from(text.trim_start_matches(is_white)),
        ("stripTrailing", []) => Val::from(text.trim_end_matches(is_white)),
        ("lines", []) => {
            room.copy(text.lines().count());
            texts(text.lines())?
        }
        ("toCharArray", []) => {
            room.make_items(text.len())?;
            texts(text.chars().map(String::from))?
        }
        ("getBytes", []) => {
            room.make_items(text.len())?;
            // Java's bytes have a sign.
            let bytes = text
                .bytes()
                .map(|byte| Val::from(i64::from(byte.cast_signed())));
            Val::List(super::List::new(bytes.collect())?)
        }
        _ => return Err(MethodFault::Unknown),
    })
}

fn grow(text: &Arc<str>, name: &str, arguments: &[Val], room: &mut Room) -> Outcome {
    Ok(match (name, arguments) {
        ("concat", [end]) => {
            let end = text_of(end)?;
            room.make(text.len().saturating_add(end.len()))?;
            Val::from([&**text, &**end].concat())
        }
        ("repeat", [count]) => {
            let count = int(count)?;
            let Ok(count) = usize::try_from(count) else {
                return Err(MethodFault::Thrown(format!("count is negative: {count}")));
            };
            room.make(text.len().saturating_mul(count))?;
            Val::from(text.repeat(count))
        }
        ("replace", [part, other]) => {
            let (part, other) = (text_of(part)?, text_of(other)?);
            let count = text.matches(&**part).count();
            room.make(text.len().saturating_add(count.saturating_mul(other.len())))?;
            Val::from(text.replace(&**part, other))
        }
        ("toUpperCase", []) => {
            // A character becomes three at most.
            room.make(text.len())?;
            Val::from(text.to_uppercase())
        }
        ("toLowerCase", []) => {
            room.make(text.len())?;
            Val::from(text.to_lowercase())
        }
        _ => return Err(MethodFault::Unknown),
    })
}

/// Methods that have nothing to do with the text they are called on, but are reached through one.
fn spell(_: &Arc<str>, name: &str, arguments: &[Val], room: &mut Room) -> Outcome {
    Ok(match (name, arguments) {
        ("valueOf" | "copyValueOf", [value]) => {
            let text = value.printed(room.output)?;
            room.work(text.len());
            Val::from(text)
        }
        ("format", [pattern, values @ ..]) => {
            Val::from(format::format(text_of(pattern)?, values, room)?)
        }
        ("join", [separator, list @ (Val::List(_) | Val::Range(..))]) => {
            joined(text_of(separator)?, &items(list, room)?, room)?
        }
        ("join", [separator, parts @ ..]) => joined(text_of(separator)?, parts, room)?,
        _ => return Err(MethodFault::Unknown),
    })
}

/// How long a search takes cannot be told from its text.
fn by_pattern_within(text: &Arc<str>, name: &str, arguments: &[Val], room: &mut Room) -> Outcome {
    let since = Instant::now();
    let outcome = by_pattern(text, name, arguments, room);
    if !matches!(outcome, Err(MethodFault::Unknown)) {
        room.searched(since);
    }
    outcome
}

fn by_pattern(text: &Arc<str>, name: &str, arguments: &[Val], room: &mut Room) -> Outcome {
    Ok(match (name, arguments) {
        ("matches", [pattern]) => Val::Bool(Pattern::compile(text_of(pattern)?)?.matches(text)?),
        ("replaceAll", [pattern, other]) => {
            let pattern = Pattern::compile(text_of(pattern)?)?;
            let text = pattern.replace_all(text, text_of(other)?, room.output)?;
            room.make(text.len())?;
            Val::from(text)
        }
        ("replaceFirst", [pattern, other]) => {
            let pattern = Pattern::compile(text_of(pattern)?)?;
            let text = pattern.replace_first(text, text_of(other)?, room.output)?;
            room.make(text.len())?;
            Val::from(text)
        }
        ("split", [pattern, limit @ ..]) => {
            let limit = match limit {
                [] => 0,
                [limit] => int(limit)?,
                _ => return Err(MethodFault::Unknown),
            };
            let parts = Pattern::compile(text_of(pattern)?)?.split(text, limit)?;
            room.copy(parts.len());
            texts(parts)?
        }
        _ => return Err(MethodFault::Unknown),
    })
}

/// `String.join`, which takes nothing but texts.
fn joined(separator: &str, parts: &[Val], room: &mut Room) -> Outcome {
    let mut out = String::new();
    for (index, part) in parts.iter().enumerate() {
        let part = match part {
            Val::Text(part) => part,
            Val::Null => "null",
            other => return Err(not_a_text(other)),
        };
        let separator = if index == 0 { "" } else { separator };
        room.fits(out.len().saturating_add(separator.len() + part.len()))?;
        out.push_str(separator);
        out.push_str(part);
    }
    room.work(out.len());
    Ok(Val::from(out))
}

fn char_at(text: &str, index: i64) -> Outcome {
    let length = units::length(text);
    match usize::try_from(index) {
        Ok(at) if at < length => Ok(Val::from(units::substring(text, index, Some(index + 1))?)),
        _ => Err(MethodFault::Thrown(format!(
            "String index out of range: {index}"
        ))),
    }
}

/// What Java takes for a character or a text: a number is a code point.
fn char_or_text(value: &Val) -> Result<Arc<str>, MethodFault> {
    if let Ok(point) = int(value) {
        let char = u32::try_from(point).ok().and_then(char::from_u32);
        // A text with a character that no text has: it is found nowhere.
        return Ok(char.map_or_else(|| "\u{0}\u{0}\u{0}".into(), |char| char.to_string().into()));
    }
    text_of(value).map(Arc::clone)
}

fn out_of_range(index: i64, length: usize) -> MethodFault {
    MethodFault::Thrown(format!("index {index}, length {length}"))
}

fn not_a_text(value: &Val) -> MethodFault {
    let class = value.class_name();
    MethodFault::Thrown(format!(
        "class {class} cannot be cast to class java.lang.String"
    ))
}

/// What `Character.isWhitespace` says: no spaces that keep words together.
fn is_white(char: char) -> bool {
    match char {
        '\u{1c}'..='\u{1f}' => true,
        '\u{a0}' | '\u{2007}' | '\u{202f}' | '\u{85}' => false,
        other => other.is_whitespace(),
    }
}
