//! Literals of scalars.
//!
//! <https://spec.graphql.org/October2021/#sec-Scalars.Input-Coercion>

use std::sync::Arc;

use apollo_compiler::ast;

use super::{Refusal, Scalar, aws::AwsScalar, inspect::print};
use crate::json::{Number, Object, Value};

/// graphql-js's `parseLiteral`.
pub(super) fn parse(scalar: Scalar, value: &ast::Value) -> Result<Value, Refusal> {
    match (scalar, value) {
        (Scalar::Int, ast::Value::Int(int)) => match int.try_to_i32() {
            Ok(int) => Ok(Value::from(i64::from(int))),
            Err(_) => Err(refusal(
                "Int cannot represent non 32-bit signed integer value: ",
                value,
            )),
        },
        (Scalar::Int, _) => Err(refusal("Int cannot represent non-integer value: ", value)),
        (Scalar::Float, ast::Value::Int(_) | ast::Value::Float(_)) => Ok(any(value)),
        (Scalar::Float, _) => Err(refusal("Float cannot represent non numeric value: ", value)),
        (Scalar::String, ast::Value::String(_)) => Ok(any(value)),
        (Scalar::String, _) => Err(refusal(
            "String cannot represent a non string value: ",
            value,
        )),
        (Scalar::Boolean, ast::Value::Boolean(_)) => Ok(any(value)),
        (Scalar::Boolean, _) => Err(refusal(
            "Boolean cannot represent a non boolean value: ",
            value,
        )),
        (Scalar::Id, ast::Value::String(_)) => Ok(any(value)),
        (Scalar::Id, ast::Value::Int(digits)) => Ok(Value::from(digits.as_str())),
        (Scalar::Id, _) => Err(refusal(
            "ID cannot represent a non-string and non-integer value: ",
            value,
        )),
        (Scalar::Aws(scalar), _) => aws(scalar, value),
        (Scalar::Custom, _) => Ok(any(value)),
    }
}

/// A word without quotes is no string to AppSync's scalars.
fn aws(scalar: AwsScalar, value: &ast::Value) -> Result<Value, Refusal> {
    match value {
        ast::Value::Enum(word) => Err(scalar.refuse_text(word)),
        _ => scalar.parse(any(value).view()),
    }
}

/// Any literal as JSON, words as strings; what a custom scalar takes. Variables are the caller's.
fn any(value: &ast::Value) -> Value {
    match value {
        ast::Value::Null | ast::Value::Variable(_) => Value::Null,
        ast::Value::Boolean(bool) => Value::Bool(*bool),
        ast::Value::Int(int) => number(int.as_str()),
        ast::Value::Float(float) => number(float.as_str()),
        ast::Value::String(string) => Value::from(string.as_str()),
        ast::Value::Enum(word) => Value::from(word.as_str()),
        ast::Value::List(items) => items.iter().map(|item| any(item)).collect(),
        ast::Value::Object(fields) => {
            let fields = fields.iter();
            let object = fields.map(|(name, field)| (Arc::from(name.as_str()), any(field)));
            Value::from(object.collect::<Object>())
        }
    }
}

/// GraphQL writes its numbers as JSON does.
fn number(text: &str) -> Value {
    Number::parse(text).map_or(Value::Null, Value::Number)
}

fn refusal(what: &str, value: &ast::Value) -> Refusal {
    format!("{what}{}", print(value))
}
