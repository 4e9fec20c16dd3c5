//! Scalars: what values they take and how results are written.
//!
//! graphql-js 16 is the measure for what passes and for every text; AppSync is for its own scalars.
//! Where JavaScript would round a long integer to a double, the digits stay as they are.

mod aws;
mod inspect;
mod literal;
mod number;
mod result;

#[cfg(test)]
mod tests;

use apollo_compiler::ast;

use crate::json::{Kind, Value, View};

pub(crate) use aws::AwsScalar;
pub(crate) use inspect::{inspect, print, shorten};

use number::{is_integral, number_text};

/// A scalar type, as far as its values go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scalar {
    /// `Int`
    Int,
    /// `Float`
    Float,
    /// `String`
    String,
    /// `Boolean`
    Boolean,
    /// `ID`
    Id,
    /// One of AppSync's
    Aws(AwsScalar),
    /// Any other: takes and gives any JSON.
    Custom,
}

/// What a scalar has to say to a value that it does not take.
pub(crate) type Refusal = String;

impl Scalar {
    /// The scalar of a name; any name that is not known is a custom one.
    pub(crate) fn named(name: &str) -> Scalar {
        match name {
            "Int" => Scalar::Int,
            "Float" => Scalar::Float,
            "String" => Scalar::String,
            "Boolean" => Scalar::Boolean,
            "ID" => Scalar::Id,
            _ => AwsScalar::named(name).map_or(Scalar::Custom, Scalar::Aws),
        }
    }

    /// The value of a variable that is not `null`, as resolvers see it.
    pub(crate) fn parse_value(self, value: View<'_>) -> Result<Value, Refusal> {
        match self {
            Scalar::Int => int(value),
            Scalar::Float if value.as_f64().is_some() => Ok(value.to_value()),
            Scalar::Float => Err(refusal("Float cannot represent non numeric value: ", value)),
            Scalar::String if value.kind() == Kind::String => Ok(value.to_value()),
            Scalar::String => {
                let what = "String cannot represent a non string value: ";
                Err(refusal(what, value))
            }
            Scalar::Boolean if value.kind() == Kind::Bool => Ok(value.to_value()),
            Scalar::Boolean => {
                let what = "Boolean cannot represent a non boolean value: ";
                Err(refusal(what, value))
            }
            Scalar::Id => id(value),
            Scalar::Aws(scalar) => scalar.parse(value),
            Scalar::Custom => Ok(value.to_value()),
        }
    }

    /// The value of a literal that is neither `null` nor a variable nor has any inside.
    pub(crate) fn parse_literal(self, value: &ast::Value) -> Result<Value, Refusal> {
        literal::parse(self, value)
    }

    /// Appends a result that is not `null`; nothing is appended when it does not fit.
    ///
    /// A node of a document is copied as it stands where its text is of the right kind.
    #[inline]
    pub(crate) fn write_result(self, value: View<'_>, out: &mut Vec<u8>) -> Result<(), Refusal> {
        match value.raw() {
            Some(raw) if self.takes_raw(raw) => {
                out.extend_from_slice(raw);
                Ok(())
            }
            _ => result::write(self, value, out),
        }
    }

    /// Whether a JSON text is surely a result of this scalar as it stands.
    #[inline]
    fn takes_raw(self, raw: &[u8]) -> bool {
        match self {
            Scalar::String | Scalar::Id => raw.first() == Some(&b'"'),
            Scalar::Int => is_short_integer(raw),
            Scalar::Float => is_short_number(raw),
            Scalar::Boolean => matches!(raw, b"true" | b"false"),
            Scalar::Aws(_) | Scalar::Custom => false,
        }
    }
}

/// Up to nine digits without a zero in front: in JSON and in 32 bits.
#[inline]
fn is_short_integer(raw: &[u8]) -> bool {
    let digits = raw.strip_prefix(b"-").unwrap_or(raw);
    match digits {
        [b'1'..=b'9', rest @ ..] => rest.len() < 9 && rest.iter().all(u8::is_ascii_digit),
        _ => raw == b"0",
    }
}

/// A number without an exponent, too short to be beyond all doubles.
#[inline]
fn is_short_number(raw: &[u8]) -> bool {
    matches!(raw.first(), Some(b'0'..=b'9' | b'-'))
        && raw.len() <= 300
        && !raw.iter().any(|byte| matches!(byte, b'e' | b'E'))
}

fn int(value: View<'_>) -> Result<Value, Refusal> {
    let Some(number) = value.as_number().filter(is_integral) else {
        return Err(refusal("Int cannot represent non-integer value: ", value));
    };
    match number.as_i64().map(i32::try_from) {
        Some(Ok(int)) => Ok(Value::from(i64::from(int))),
        _ => {
            let what = "Int cannot represent non 32-bit signed integer value: ";
            Err(refusal(what, value))
        }
    }
}

fn id(value: View<'_>) -> Result<Value, Refusal> {
    if value.kind() == Kind::String {
        return Ok(value.to_value());
    }
    match value.as_number().filter(is_integral) {
        Some(number) => Ok(Value::from(number_text(&number))),
        None => Err(refusal("ID cannot represent value: ", value)),
    }
}

fn refusal(what: &str, value: View<'_>) -> Refusal {
    format!("{what}{}", inspect(value))
}
