//! What async-graphql decoded, as our own values.

use std::sync::Arc;

use async_graphql::{Value as ConstValue, Variables};

use crate::json::{Number, Object, Value};

/// The variables of a request as an object by names.
pub(crate) fn from_variables(variables: Variables) -> Value {
    // It is a map under a private field; its value form is the way to own what is in it.
    from_const_value(variables.into_value())
}

/// A value of a request.
pub(super) fn from_const_value(value: ConstValue) -> Value {
    match value {
        ConstValue::Null => Value::Null,
        ConstValue::Boolean(bool) => Value::Bool(bool),
        ConstValue::Number(number) => Value::Number(Number::from(&number)),
        ConstValue::String(string) => Value::from(string),
        ConstValue::Enum(name) => Value::from(name.as_str()),
        // No JSON has bytes; they are shown as the numbers they are.
        ConstValue::Binary(bytes) => bytes
            .iter()
            .map(|byte| Value::from(i64::from(*byte)))
            .collect(),
        ConstValue::List(items) => items.into_iter().map(from_const_value).collect(),
        ConstValue::Object(members) => {
            let members = members.into_iter();
            let object = members.map(|(key, value)| (Arc::from(&*key), from_const_value(value)));
            Value::from(object.collect::<Object>())
        }
    }
}
