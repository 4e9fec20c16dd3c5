//! `util.dynamodb`: values as DynamoDB writes them.
//!
//! Numbers stay numbers (`{"N":12}`), with all their digits. The functions whose names end in
//! `Json` are those of templates: they give the same as text.
//!
//! See: appsync.md 3.4 (util.dynamodb), 4.2 (typed values).

mod typed;

#[cfg(test)]
pub(super) mod tests;

use super::{Builtin, Languages, Namespace, Run, Services, Thrown};
use crate::json::{Kind, Object, Value};

pub(super) use typed::{MAX_MADE, Typed, check_size, object, text_of};

pub(super) const DYNAMODB: Namespace = Namespace {
    name: "util.dynamodb",
    functions: &[
        both("toDynamoDB", to_dynamodb),
        both("toString", to_string),
        both("toNumber", to_number),
        both("toBinary", to_binary),
        both("toBoolean", to_boolean),
        both("toStringSet", to_string_set),
        both("toNumberSet", to_number_set),
        both("toBinarySet", to_binary_set),
        both("toList", to_list),
        both("toMap", to_map),
        both("toMapValues", to_map_values),
        Builtin {
            arity: 0..=0,
            ..both("toNull", to_null)
        },
        Builtin {
            arity: 3..=4,
            ..both("toS3Object", to_s3_object)
        },
        both("fromS3ObjectJson", from_s3_object_json),
        text("toDynamoDBJson", |s, a| as_text(to_dynamodb(s, a))),
        text("toStringJson", |s, a| as_text(to_string(s, a))),
        text("toNumberJson", |s, a| as_text(to_number(s, a))),
        text("toBinaryJson", |s, a| as_text(to_binary(s, a))),
        text("toBooleanJson", |s, a| as_text(to_boolean(s, a))),
        text("toStringSetJson", |s, a| as_text(to_string_set(s, a))),
        text("toNumberSetJson", |s, a| as_text(to_number_set(s, a))),
        text("toBinarySetJson", |s, a| as_text(to_binary_set(s, a))),
        text("toListJson", |s, a| as_text(to_list(s, a))),
        text("toMapJson", |s, a| as_text(to_map(s, a))),
        text("toMapValuesJson", |s, a| as_text(to_map_values(s, a))),
        Builtin {
            arity: 0..=0,
            ..text("toNullJson", |s, a| as_text(to_null(s, a)))
        },
        Builtin {
            arity: 3..=4,
            ..text("toS3ObjectJson", |s, a| as_text(to_s3_object(s, a)))
        },
    ],
    namespaces: &[],
};

type Function = fn(&mut Services<'_>, &[Value]) -> Result<Value, Thrown>;

const fn both(name: &'static str, function: Function) -> Builtin {
    Builtin {
        name,
        arity: 1..=1,
        languages: Languages::Both,
        run: Run::Values(function),
        varies: false,
    }
}

const fn text(name: &'static str, function: Function) -> Builtin {
    Builtin {
        name,
        arity: 1..=1,
        languages: Languages::Vtl,
        run: Run::Values(function),
        varies: false,
    }
}

fn to_dynamodb(_: &mut Services<'_>, arguments: &[Value]) -> Result<Value, Thrown> {
    Typed::default().value(argument(arguments, 0).view())
}

fn to_null(_: &mut Services<'_>, _: &[Value]) -> Result<Value, Thrown> {
    Ok(object([("NULL", Value::Null)]))
}

fn to_string(_: &mut Services<'_>, arguments: &[Value]) -> Result<Value, Thrown> {
    scalar("toString", "S", Kind::String, arguments)
}

fn to_number(_: &mut Services<'_>, arguments: &[Value]) -> Result<Value, Thrown> {
    scalar("toNumber", "N", Kind::Number, arguments)
}

fn to_binary(_: &mut Services<'_>, arguments: &[Value]) -> Result<Value, Thrown> {
    scalar("toBinary", "B", Kind::String, arguments)
}

fn to_boolean(_: &mut Services<'_>, arguments: &[Value]) -> Result<Value, Thrown> {
    scalar("toBoolean", "BOOL", Kind::Bool, arguments)
}

fn to_string_set(_: &mut Services<'_>, arguments: &[Value]) -> Result<Value, Thrown> {
    set("toStringSet", "SS", Kind::String, arguments)
}

fn to_number_set(_: &mut Services<'_>, arguments: &[Value]) -> Result<Value, Thrown> {
    set("toNumberSet", "NS", Kind::Number, arguments)
}

fn to_binary_set(_: &mut Services<'_>, arguments: &[Value]) -> Result<Value, Thrown> {
    set("toBinarySet", "BS", Kind::String, arguments)
}

fn to_list(_: &mut Services<'_>, arguments: &[Value]) -> Result<Value, Thrown> {
    match of_kind("toList", Kind::List, arguments)? {
        Some(list) => Typed::default().value(list.view()),
        None => Ok(Value::Null),
    }
}

fn to_map(_: &mut Services<'_>, arguments: &[Value]) -> Result<Value, Thrown> {
    match of_kind("toMap", Kind::Object, arguments)? {
        Some(map) => Typed::default().value(map.view()),
        None => Ok(Value::Null),
    }
}

fn to_map_values(_: &mut Services<'_>, arguments: &[Value]) -> Result<Value, Thrown> {
    match of_kind("toMapValues", Kind::Object, arguments)? {
        Some(map) => Typed::default().members(map.view()),
        None => Ok(Value::Null),
    }
}

/// An S3 object is kept as text in a string attribute.
fn to_s3_object(_: &mut Services<'_>, arguments: &[Value]) -> Result<Value, Thrown> {
    let mut members = Object::default();
    for (index, name) in ["key", "bucket", "region", "version"]
        .into_iter()
        .enumerate()
    {
        let value = argument(arguments, index);
        match value.view().kind() {
            Kind::String => members.insert(name.into(), value.clone()),
            Kind::Null if name == "version" => None,
            kind => {
                let kind = called(kind);
                let message = format!("toS3Object expects a string as its {name}, not {kind}");
                return Err(Thrown::wrong(message));
            }
        };
    }
    let described = object([("s3", Value::from(members))]);
    Ok(object([("S", text_of(&described)?)]))
}

fn from_s3_object_json(_: &mut Services<'_>, arguments: &[Value]) -> Result<Value, Thrown> {
    let Some(text) = of_kind("fromS3ObjectJson", Kind::String, arguments)? else {
        return Ok(Value::Null);
    };
    let text = text.view().as_str().unwrap_or_default().into_owned();
    let described = Value::parse(text);
    let s3 = described
        .ok()
        .and_then(|value| value.view().get("s3").map(Value::from));
    match s3 {
        Some(s3) if s3.view().kind() == Kind::Object => Ok(s3),
        _ => Err(Thrown::wrong(
            "fromS3ObjectJson expects a text such as {\"s3\":{\"key\":…,\"bucket\":…,\"region\":…}}",
        )),
    }
}

// === arguments ===

static NULL: Value = Value::Null;

fn argument(arguments: &[Value], index: usize) -> &Value {
    arguments.get(index).unwrap_or(&NULL)
}

/// The only argument, which is null or of the kind.
fn of_kind<'a>(
    function: &str,
    kind: Kind,
    arguments: &'a [Value],
) -> Result<Option<&'a Value>, Thrown> {
    let value = argument(arguments, 0);
    let found = value.view().kind();
    if found == Kind::Null {
        return Ok(None);
    }
    if found == kind {
        return Ok(Some(value));
    }
    let (kind, found) = (called(kind), called(found));
    Err(Thrown::wrong(format!(
        "{function} expects {kind}, not {found}"
    )))
}

fn scalar(
    function: &str,
    tag: &'static str,
    kind: Kind,
    arguments: &[Value],
) -> Result<Value, Thrown> {
    Ok(match of_kind(function, kind, arguments)? {
        Some(value) => object([(tag, value.clone())]),
        None => Value::Null,
    })
}

/// A set of scalars; the list is handed on as it is.
pub(super) fn set(
    function: &str,
    tag: &'static str,
    kind: Kind,
    arguments: &[Value],
) -> Result<Value, Thrown> {
    let Some(list) = of_kind(function, Kind::List, arguments)? else {
        return Ok(Value::Null);
    };
    if let Some(other) = list.view().items().find(|item| item.kind() != kind) {
        let (kind, other) = (called(kind), called(other.kind()));
        let message =
            format!("{function} expects a list in which each item is {kind}, not {other}");
        return Err(Thrown::wrong(message));
    }
    Ok(object([(tag, list.clone())]))
}

fn as_text(value: Result<Value, Thrown>) -> Result<Value, Thrown> {
    text_of(&value?)
}

/// A kind, as messages name it.
pub(super) fn called(kind: Kind) -> &'static str {
    match kind {
        Kind::Null => "null",
        Kind::Bool => "a boolean",
        Kind::Number => "a number",
        Kind::String => "a string",
        Kind::List => "a list",
        Kind::Object => "an object",
    }
}
