//! What the engine throws, as an error with a place.

use rquickjs::{Coerced, Ctx, Error, Exception, Value};

use super::{ErrorKind, Place, ScriptError};

/// Longer messages are cut: a program can throw a megabyte.
const LONGEST: usize = 4096;

/// An error of the engine that is no exception of a program.
pub(super) fn internal(error: &Error) -> ScriptError {
    match error {
        Error::Allocation => memory(),
        error => ScriptError::new(
            ErrorKind::Threw,
            format!("the script engine failed: {error}"),
        ),
    }
}

/// Takes what was thrown last. `kind` is what it is if it is nothing special.
pub(super) fn caught(ctx: &Ctx<'_>, error: &Error, kind: ErrorKind) -> ScriptError {
    if !matches!(error, Error::Exception) {
        return internal(error);
    }
    let value = ctx.catch();
    let exception = value.as_object().cloned().and_then(Exception::from_object);
    let Some(exception) = exception else {
        return thrown(ctx, value);
    };
    let name: Option<Coerced<String>> = exception.as_object().get("name").ok();
    let name = name.map_or_else(|| "Error".to_owned(), |name| name.0);
    let message = exception.message().unwrap_or_default();
    match (&*name, &*message) {
        ("InternalError", "out of memory" | "string too long") => return memory(),
        (_, "Maximum call stack size exceeded" | "stack overflow") => return stack(),
        _ => {}
    }
    let place = exception.stack().and_then(|stack| place(&stack));
    let message = match &*message {
        "" => name,
        message => format!("{name}: {message}"),
    };
    // Memory may have run out while an error about something else was made.
    drop(ctx.catch());
    ScriptError {
        kind,
        message: cut(message),
        place,
    }
}

/// Something that is no `Error` was thrown; the engine throws nothing where it has no memory left
/// for an error.
fn thrown<'js>(ctx: &Ctx<'js>, value: Value<'js>) -> ScriptError {
    if value.is_null() {
        // A program that throws null is told the same.
        return memory();
    }
    let text = match value.as_string() {
        Some(text) => text.to_string().ok(),
        None if value.is_undefined() => Some("undefined was thrown".to_owned()),
        None => ctx
            .json_stringify(value)
            .ok()
            .flatten()
            .and_then(|text| text.to_string().ok()),
    };
    let text = text.unwrap_or_else(|| "something that is no text".to_owned());
    ScriptError::new(ErrorKind::Threw, cut(text))
}

pub(super) fn memory() -> ScriptError {
    ScriptError::new(ErrorKind::Memory, "the script uses too much memory")
}

fn stack() -> ScriptError {
    ScriptError::new(ErrorKind::Stack, "the script calls itself too often")
}

pub(super) fn time() -> ScriptError {
    ScriptError::new(ErrorKind::Time, "the script takes too long")
}

/// The first place in a stack that is of a program: `    at request (7:price.js:3:14)`.
pub(super) fn place(stack: &str) -> Option<Place> {
    stack.lines().find_map(|line| {
        let at = line.trim().strip_prefix("at ")?;
        let at = match at.rsplit_once(" (") {
            Some((_, inner)) => inner.strip_suffix(')')?,
            None => at,
        };
        let (rest, column) = at.rsplit_once(':')?;
        let (module, line) = rest.rsplit_once(':')?;
        let (id, module) = module.split_once(':')?;
        id.parse::<u64>().ok()?;
        Some((module.to_owned(), line.parse().ok()?, column.parse().ok()?))
    })
}

fn cut(mut message: String) -> String {
    if message.len() > LONGEST {
        message.truncate(message.floor_char_boundary(LONGEST));
        message.push('…');
    }
    message
}
