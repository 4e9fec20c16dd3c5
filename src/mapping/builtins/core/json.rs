//! Values to JSON text and back.

use crate::{
    json::{Value, View, write_string},
    mapping::{
        builtins::{Arguments, MAX_TEXT, Services, Thrown, argument},
        vtl::Val,
    },
};

/// How deep a value may nest that is written, beside what it has from documents.
const MAX_DEPTH: usize = 128;

const TOO_LONG: &str = "the JSON text is longer than 16 MiB";

/// `toJson(value)`
pub(in crate::mapping::builtins) fn to_json(
    _: &mut Services<'_>,
    values: &[Val],
) -> Result<Val, Thrown> {
    let value = values.first().unwrap_or(&Val::Null);
    let mut out = Vec::new();
    value
        .write_json(&mut out, MAX_TEXT)
        .map_err(|_| argument::wrong("util.toJson", TOO_LONG))?;
    Ok(Val::from(text_from(out)))
}

/// `parseJson(text)`
pub(in crate::mapping::builtins) fn parse_json(
    _: &mut Services<'_>,
    values: &[Value],
) -> Result<Value, Thrown> {
    let arguments = Arguments::new("util.parseJson", values);
    let text = arguments.text(0, "value")?;
    Value::parse(text.into_owned())
        .map_err(|error| arguments.wrong(format!("the text is not JSON: {error}")))
}

/// A value as JSON, within bounds: a list that holds another one twice, and so on, may be small
/// itself and yet endless as text.
pub(in crate::mapping::builtins) fn text_of(
    function: &str,
    view: View<'_>,
) -> Result<String, Thrown> {
    let mut out = Vec::new();
    if let Err(message) = write(view, MAX_DEPTH, &mut out) {
        return Err(argument::wrong(function, message));
    }
    Ok(text_from(out))
}

/// What was written is made of texts, so that nothing is replaced.
fn text_from(written: Vec<u8>) -> String {
    String::from_utf8(written)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

fn write(view: View<'_>, depth: usize, out: &mut Vec<u8>) -> Result<(), &'static str> {
    if out.len() > MAX_TEXT {
        return Err(TOO_LONG);
    }
    // A document is a tree, no larger than it came.
    let View::Built(value) = view else {
        view.write(out);
        return Ok(());
    };
    let inside = depth.checked_sub(1);
    let inside = inside.ok_or("the value nests too deep");
    match value {
        Value::List(items) => {
            out.push(b'[');
            for (index, item) in items.iter().enumerate() {
                separate(index, out);
                write(item.view(), inside?, out)?;
            }
            out.push(b']');
        }
        Value::Object(members) => {
            out.push(b'{');
            for (index, (key, value)) in members.iter().enumerate() {
                separate(index, out);
                write_string(key, out);
                out.push(b':');
                write(value.view(), inside?, out)?;
            }
            out.push(b'}');
        }
        _ => view.write(out),
    }
    Ok(())
}

fn separate(before: usize, out: &mut Vec<u8>) {
    if before > 0 {
        out.push(b',');
    }
}
