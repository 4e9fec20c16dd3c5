//! What a value is, and what stands in where there is none.

use std::sync::Arc;

use crate::mapping::{
    builtins::{Services, Thrown, argument},
    vtl::Val,
};

pub(in crate::mapping::builtins) fn is_null(
    _: &mut Services<'_>,
    values: &[Val],
) -> Result<Val, Thrown> {
    Ok(Val::Bool(is(values, |value| matches!(value, Val::Null))))
}

pub(in crate::mapping::builtins) fn is_null_or_empty(
    _: &mut Services<'_>,
    values: &[Val],
) -> Result<Val, Thrown> {
    let text = text(values, "util.isNullOrEmpty")?;
    Ok(Val::Bool(text.is_none_or(|text| text.is_empty())))
}

pub(in crate::mapping::builtins) fn is_null_or_blank(
    _: &mut Services<'_>,
    values: &[Val],
) -> Result<Val, Thrown> {
    let text = text(values, "util.isNullOrBlank")?;
    Ok(Val::Bool(text.is_none_or(|text| is_blank(&text))))
}

pub(in crate::mapping::builtins) fn default_if_null(
    _: &mut Services<'_>,
    values: &[Val],
) -> Result<Val, Thrown> {
    let absent = is(values, |value| matches!(value, Val::Null));
    Ok(choose(values, absent))
}

pub(in crate::mapping::builtins) fn default_if_null_or_empty(
    _: &mut Services<'_>,
    values: &[Val],
) -> Result<Val, Thrown> {
    let text = text(values, "util.defaultIfNullOrEmpty")?;
    Ok(choose(values, text.is_none_or(|text| text.is_empty())))
}

pub(in crate::mapping::builtins) fn default_if_null_or_blank(
    _: &mut Services<'_>,
    values: &[Val],
) -> Result<Val, Thrown> {
    let text = text(values, "util.defaultIfNullOrBlank")?;
    Ok(choose(values, text.is_none_or(|text| is_blank(&text))))
}

pub(in crate::mapping::builtins) fn type_of(
    _: &mut Services<'_>,
    values: &[Val],
) -> Result<Val, Thrown> {
    let name = match values.first().unwrap_or(&Val::Null) {
        Val::Null => "Null",
        Val::Bool(_) => "Boolean",
        Val::Number(_) => "Number",
        Val::Text(_) => "String",
        Val::List(_) | Val::Range(..) => "List",
        Val::Map(_) => "Map",
        Val::Entry(..) | Val::Object(_) => "Object",
    };
    Ok(Val::Text(name.into()))
}

pub(in crate::mapping::builtins) fn is_string(
    _: &mut Services<'_>,
    values: &[Val],
) -> Result<Val, Thrown> {
    Ok(Val::Bool(is(values, |value| matches!(value, Val::Text(_)))))
}

pub(in crate::mapping::builtins) fn is_number(
    _: &mut Services<'_>,
    values: &[Val],
) -> Result<Val, Thrown> {
    let is = is(values, |value| matches!(value, Val::Number(_)));
    Ok(Val::Bool(is))
}

pub(in crate::mapping::builtins) fn is_boolean(
    _: &mut Services<'_>,
    values: &[Val],
) -> Result<Val, Thrown> {
    Ok(Val::Bool(is(values, |value| matches!(value, Val::Bool(_)))))
}

pub(in crate::mapping::builtins) fn is_list(
    _: &mut Services<'_>,
    values: &[Val],
) -> Result<Val, Thrown> {
    let is = is(values, |value| {
        matches!(value, Val::List(_) | Val::Range(..))
    });
    Ok(Val::Bool(is))
}

pub(in crate::mapping::builtins) fn is_map(
    _: &mut Services<'_>,
    values: &[Val],
) -> Result<Val, Thrown> {
    Ok(Val::Bool(is(values, |value| matches!(value, Val::Map(_)))))
}

/// `qr(value)`, `quiet(value)`: the value was made, which is all that was wanted.
pub(in crate::mapping::builtins) fn quiet(_: &mut Services<'_>, _: &[Val]) -> Result<Val, Thrown> {
    Ok(Val::Text("".into()))
}

fn is(values: &[Val], test: impl Fn(&Val) -> bool) -> bool {
    test(values.first().unwrap_or(&Val::Null))
}

/// The first argument, or the second in its stead.
fn choose(values: &[Val], absent: bool) -> Val {
    values.get(usize::from(absent)).cloned().unwrap_or_default()
}

/// The first argument as a text; `None` for null.
fn text(values: &[Val], function: &str) -> Result<Option<Arc<str>>, Thrown> {
    match values.first().unwrap_or(&Val::Null) {
        Val::Null => Ok(None),
        Val::Text(text) => Ok(Some(Arc::clone(text))),
        _ => Err(argument::wrong(function, "'value' must be text or null")),
    }
}

/// Whether there is nothing but what Java takes for white space.
fn is_blank(text: &str) -> bool {
    text.chars().all(|c| {
        let no_break = matches!(c, '\u{a0}' | '\u{2007}' | '\u{202f}' | '\u{85}');
        (c.is_whitespace() && !no_break) || matches!(c, '\x1c'..='\x1f')
    })
}
