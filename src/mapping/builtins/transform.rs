//! `util.transform`: filters, as clients write them, in the languages of sources.
//!
//! A filter that cannot be read comes to null, as in AppSync; a line of the log says why.
//!
//! See: appsync.md 3.7 (util.transform).

mod expression;
mod search;
mod subscription;

#[cfg(test)]
mod tests;

use super::{
    Builtin, Languages, Namespace, Run, Services, Thrown,
    dynamodb::{MAX_MADE, Typed, check_size, object, text_of},
};
use crate::{
    json::{Value, View},
    mapping::turn::LogLevel,
};

pub(super) use expression::Expression;

pub(super) const TRANSFORM: Namespace = Namespace {
    name: "util.transform",
    functions: &[
        function("toDynamoDBFilterExpression", to_filter_expression),
        function("toDynamoDBConditionExpression", to_condition_expression),
        function("toElasticsearchQueryDSL", to_search),
        Builtin {
            arity: 1..=3,
            ..function("toSubscriptionFilter", to_subscription_filter)
        },
    ],
    namespaces: &[],
};

/// How deep filters may nest.
const MAX_DEPTH: usize = 32;

/// Why a filter has no other form.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Refused {
    /// It is not built as filters are: what it should have been.
    Shape(String),
    /// It is too large.
    Thrown(Thrown),
}

const fn function(
    name: &'static str,
    function: fn(&mut Services<'_>, &[Value]) -> Result<Value, Thrown>,
) -> Builtin {
    Builtin {
        name,
        arity: 1..=1,
        languages: Languages::Both,
        run: Run::Values(function),
        varies: false,
    }
}

fn to_filter_expression(services: &mut Services<'_>, arguments: &[Value]) -> Result<Value, Thrown> {
    let expression = expression_text(arguments);
    or_null(services, "toDynamoDBFilterExpression", expression)
}

fn to_condition_expression(
    services: &mut Services<'_>,
    arguments: &[Value],
) -> Result<Value, Thrown> {
    let expression = expression_text(arguments);
    or_null(services, "toDynamoDBConditionExpression", expression)
}

fn expression_text(arguments: &[Value]) -> Result<Value, Refused> {
    let expression = Expression::of(argument(arguments, 0)?, &mut Typed::default())?;
    let expression = object([
        ("expression", Value::from(expression.text)),
        ("expressionNames", Value::from(expression.names)),
        ("expressionValues", Value::from(expression.values)),
    ]);
    Ok(text_of(&expression)?)
}

fn to_search(services: &mut Services<'_>, arguments: &[Value]) -> Result<Value, Thrown> {
    let query = argument(arguments, 0).map_err(Refused::from);
    let query = query.and_then(search::query);
    let text = query.and_then(|query| Ok(text_of(&query)?));
    or_null(services, "toElasticsearchQueryDSL", text)
}

fn to_subscription_filter(
    services: &mut Services<'_>,
    arguments: &[Value],
) -> Result<Value, Thrown> {
    let [filter, ignored, rules] = [0, 1, 2].map(|index| argument(arguments, index));
    let (filter, ignored, rules) = (filter?, ignored?, rules?);
    let filter = subscription::filter(filter, ignored, rules);
    or_null(services, "toSubscriptionFilter", filter)
}

fn argument(arguments: &[Value], index: usize) -> Result<View<'_>, Thrown> {
    let view = arguments.get(index).map_or(View::NULL, Value::view);
    check_size(view, MAX_MADE)?;
    Ok(view)
}

/// What was made; null, and a line in the log, where the filter has the wrong shape.
fn or_null(
    services: &mut Services<'_>,
    function: &str,
    made: Result<Value, Refused>,
) -> Result<Value, Thrown> {
    match made {
        Ok(value) => Ok(value),
        Err(Refused::Thrown(thrown)) => Err(thrown),
        Err(Refused::Shape(message)) => {
            let line = format!("{function} gives null: {message}");
            services.turn.log(LogLevel::Error, line, services.place);
            Ok(Value::Null)
        }
    }
}

impl Refused {
    fn shape(message: impl Into<String>) -> Self {
        Refused::Shape(message.into())
    }

    /// The same, of the parts of a call.
    pub(super) fn into_thrown(self, function: &str, argument: &str) -> Thrown {
        match self {
            Refused::Thrown(thrown) => thrown,
            Refused::Shape(message) => Thrown::wrong(format!(
                "{function}: '{argument}' is no condition: {message}"
            )),
        }
    }
}

impl From<Thrown> for Refused {
    fn from(thrown: Thrown) -> Self {
        Refused::Thrown(thrown)
    }
}
