//! Results of scalars that cannot be copied as they stand: graphql-js's `serialize`.
//!
//! <https://spec.graphql.org/October2021/#sec-Scalars.Result-Coercion>

use super::{
    Refusal, Scalar,
    number::{is_integral, js_number, js_parse, number_text},
    refusal,
};
use crate::json::{Kind, Number, View, write_string};

/// Appends a result, or says why it is none.
pub(super) fn write(scalar: Scalar, value: View<'_>, out: &mut Vec<u8>) -> Result<(), Refusal> {
    match scalar {
        Scalar::Int => int(value, out),
        Scalar::Float => float(value, out),
        Scalar::String => string(value, out),
        Scalar::Boolean => boolean(value, out),
        Scalar::Id => id(value, out),
        Scalar::Aws(scalar) => scalar.write_result(value, out),
        Scalar::Custom => {
            value.write(out);
            Ok(())
        }
    }
}

fn int(value: View<'_>, out: &mut Vec<u8>) -> Result<(), Refusal> {
    let number = loose_number(value).filter(is_integral);
    let Some(number) = number else {
        return Err(refusal("Int cannot represent non-integer value: ", value));
    };
    match number.as_i64().map(i32::try_from) {
        Some(Ok(int)) => out.extend_from_slice(itoa::Buffer::new().format(int).as_bytes()),
        _ => {
            let what = "Int cannot represent non 32-bit signed integer value: ";
            return Err(refusal(what, value));
        }
    }
    Ok(())
}

fn float(value: View<'_>, out: &mut Vec<u8>) -> Result<(), Refusal> {
    if value.as_f64().is_some() {
        value.write(out);
        return Ok(());
    }
    match loose_number(value).and_then(|number| number.as_f64()) {
        Some(float) => out.extend_from_slice(js_number(float).as_bytes()),
        None => return Err(refusal("Float cannot represent non numeric value: ", value)),
    }
    Ok(())
}

fn string(value: View<'_>, out: &mut Vec<u8>) -> Result<(), Refusal> {
    if let Some(string) = value.as_str() {
        write_string(&string, out);
        return Ok(());
    }
    if let Some(bool) = value.as_bool() {
        write_string(if bool { "true" } else { "false" }, out);
        return Ok(());
    }
    match value.as_number().filter(|number| number.as_f64().is_some()) {
        Some(number) => write_string(&number_text(&number), out),
        None => return Err(refusal("String cannot represent value: ", value)),
    }
    Ok(())
}

fn boolean(value: View<'_>, out: &mut Vec<u8>) -> Result<(), Refusal> {
    let bool = match value.kind() {
        Kind::Bool => value.as_bool(),
        _ => value.as_f64().map(|float| float != 0.0),
    };
    match bool {
        Some(true) => out.extend_from_slice(b"true"),
        Some(false) => out.extend_from_slice(b"false"),
        None => {
            return Err(refusal(
                "Boolean cannot represent a non boolean value: ",
                value,
            ));
        }
    }
    Ok(())
}

fn id(value: View<'_>, out: &mut Vec<u8>) -> Result<(), Refusal> {
    if let Some(string) = value.as_str() {
        write_string(&string, out);
        return Ok(());
    }
    match value.as_number().filter(is_integral) {
        Some(number) => write_string(&number_text(&number), out),
        None => return Err(refusal("ID cannot represent value: ", value)),
    }
    Ok(())
}

/// A number, or what JavaScript takes for one: booleans and strings of digits.
fn loose_number(value: View<'_>) -> Option<Number> {
    match value.kind() {
        Kind::Number => value.as_number(),
        Kind::Bool => value.as_bool().map(|bool| Number::Int(i64::from(bool))),
        Kind::String => match &*value.as_str()? {
            "" => None,
            text => js_parse(text).map(Number::Float),
        },
        Kind::Null | Kind::List | Kind::Object => None,
    }
}
