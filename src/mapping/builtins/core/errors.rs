//! What ends a mapping, or adds an error to its value.

use std::borrow::Cow;

use crate::{
    json::{Kind, Value},
    mapping::{
        builtins::{Arguments, Services, Thrown},
        turn::{MAX_ADDED, MappingError},
    },
};

/// The type of an error that `validate` throws without being told one.
const INVALID: &str = "CustomTemplateException";

/// `error(message, type?, data?, errorInfo?)`
pub(in crate::mapping::builtins) fn error(
    _: &mut Services<'_>,
    values: &[Value],
) -> Result<Value, Thrown> {
    let arguments = Arguments::new("util.error", values);
    Err(Thrown::Error(Box::new(read(arguments, 0)?)))
}

/// `appendError(message, type?, data?, errorInfo?)`
pub(in crate::mapping::builtins) fn append_error(
    services: &mut Services<'_>,
    values: &[Value],
) -> Result<Value, Thrown> {
    let arguments = Arguments::new("util.appendError", values);
    let error = read(arguments, 0)?;
    let appended = &mut services.turn.appended;
    if appended.len() >= MAX_ADDED {
        return Err(arguments.wrong(format!("there are {MAX_ADDED} errors already")));
    }
    appended.push(error);
    Ok(Value::from(""))
}

/// `validate(condition, message, type?, data?)`
pub(in crate::mapping::builtins) fn validate(
    _: &mut Services<'_>,
    values: &[Value],
) -> Result<Value, Thrown> {
    let arguments = Arguments::new("util.validate", values);
    // Nothing is not true: a check of what is missing does not pass.
    if arguments.optional_bool(0, "condition")? == Some(true) {
        return Ok(Value::from(""));
    }
    let mut error = read(arguments, 1)?;
    error.error_type.get_or_insert(Cow::Borrowed(INVALID));
    Err(Thrown::Error(Box::new(error)))
}

/// `unauthorized()`
pub(in crate::mapping::builtins) fn unauthorized(
    _: &mut Services<'_>,
    _: &[Value],
) -> Result<Value, Thrown> {
    Err(Thrown::Error(Box::new(MappingError {
        message: "Unauthorized".to_owned(),
        error_type: Some(Cow::Borrowed("Unauthorized")),
        data: Value::Null,
        info: Value::Null,
        unauthorized: true,
        details: None,
        place: None,
    })))
}

/// `runtime.earlyReturn(value?, { skipTo: 'END' | 'NEXT' }?)`
pub(in crate::mapping::builtins) fn early_return(
    _: &mut Services<'_>,
    values: &[Value],
) -> Result<Value, Thrown> {
    let arguments = Arguments::new("runtime.earlyReturn", values);
    let options = arguments.view(1);
    if !matches!(options.kind(), Kind::Null | Kind::Object) {
        return Err(arguments.mismatch(1, "options", "an object"));
    }
    let skip_to = options.get("skipTo").filter(|value| !value.is_null());
    let to_end = match skip_to.map(|value| value.as_str()) {
        None => false,
        Some(Some(text)) if text == "NEXT" => false,
        Some(Some(text)) if text == "END" => true,
        Some(_) => return Err(arguments.wrong("'skipTo' must be 'END' or 'NEXT'")),
    };
    let value = arguments.value(0);
    Err(Thrown::Return { value, to_end })
}

/// A message and what may follow it. A message that is no text is shown as JSON, since whoever
/// hands an upstream's answer to `error` wants to see it.
fn read(arguments: Arguments<'_>, at: usize) -> Result<MappingError, Thrown> {
    let error_type = match arguments.view(at + 1).is_null() {
        true => None,
        false => Some(Cow::Owned(arguments.printed(at + 1)?.into_owned())),
    };
    Ok(MappingError {
        message: arguments.printed(at)?.into_owned(),
        error_type,
        data: arguments.value(at + 2),
        info: arguments.value(at + 3),
        unauthorized: false,
        details: None,
        place: None,
    })
}
