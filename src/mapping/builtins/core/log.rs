//! `util.log`: lines for whoever runs the api.

use std::borrow::Cow;

use crate::mapping::{
    builtins::{Services, Thrown},
    turn::{LogLevel, MAX_LOG_LINE},
    vtl::Val,
};

pub(in crate::mapping::builtins) fn info(
    services: &mut Services<'_>,
    values: &[Val],
) -> Result<Val, Thrown> {
    log(services, LogLevel::Info, values)
}

pub(in crate::mapping::builtins) fn debug(
    services: &mut Services<'_>,
    values: &[Val],
) -> Result<Val, Thrown> {
    log(services, LogLevel::Debug, values)
}

pub(in crate::mapping::builtins) fn error(
    services: &mut Services<'_>,
    values: &[Val],
) -> Result<Val, Thrown> {
    log(services, LogLevel::Error, values)
}

fn log(services: &mut Services<'_>, level: LogLevel, values: &[Val]) -> Result<Val, Thrown> {
    let Some((first, rest)) = values.split_first() else {
        return Ok(Val::Text("".into()));
    };
    let text = fill(&print(first), rest);
    services.turn.log(level, text, services.place);
    Ok(Val::Text("".into()))
}

/// Puts the arguments where `{}` stands, in their order. A `{}` without an argument stays, an
/// argument without a `{}` is left out. What is beyond the longest line is not even built.
fn fill(format: &str, arguments: &[Val]) -> String {
    let mut out = String::new();
    let mut rest = format;
    for argument in arguments {
        let Some((before, after)) = rest.split_once("{}") else {
            break;
        };
        if out.len() > MAX_LOG_LINE {
            return out;
        }
        out.push_str(before);
        out.push_str(&print(argument));
        rest = after;
    }
    out.push_str(rest);
    out
}

/// A value as it would print, up to the length of a line.
fn print(value: &Val) -> Cow<'_, str> {
    if let Val::Text(text) = value {
        return Cow::Borrowed(text);
    }
    let mut out = String::new();
    // What is too long for a line is cut anyway.
    let _ = value.print(&mut out, MAX_LOG_LINE);
    Cow::Owned(out)
}
