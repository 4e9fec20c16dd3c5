//! A filter in the query language of OpenSearch.

use std::sync::Arc;

use super::{
    super::dynamodb::{called, object},
    MAX_DEPTH, Refused,
};
use crate::json::{Kind, Object, Value, View};

const OPERATORS: &str = "eq, ne, gt, gte, lt, lte, range, match, matchPhrase, matchPhrasePrefix, \
                         multiMatch, exists, wildcard or regexp";

/// The query that finds what the filter lets through.
pub(super) fn query(filter: View<'_>) -> Result<Value, Refused> {
    clause(filter, 0)
}

/// The members of a filter, all of which must hold.
fn clause(filter: View<'_>, depth: usize) -> Result<Value, Refused> {
    if filter.kind() != Kind::Object {
        let kind = called(filter.kind());
        return Err(Refused::shape(format!(
            "a filter is an object of fields, not {kind}"
        )));
    }
    if depth > MAX_DEPTH {
        return Err(Refused::shape("the filter nests too deep"));
    }
    let clauses = filter.entries().map(|(name, value)| match &*name {
        "and" => Ok(bool_of("must", group("and", value, depth)?)),
        "or" => Ok(bool_of("should", group("or", value, depth)?)),
        "not" => Ok(bool_of("must_not", clause(value, depth + 1)?)),
        field => operators(field, value),
    });
    clauses.collect::<Result<_, _>>().map(all)
}

fn group(name: &str, members: View<'_>, depth: usize) -> Result<Value, Refused> {
    if members.kind() != Kind::List {
        let kind = called(members.kind());
        return Err(Refused::shape(format!(
            "'{name}' is a list of filters, not {kind}"
        )));
    }
    members
        .items()
        .map(|member| clause(member, depth + 1))
        .collect()
}

fn operators(field: &str, operators: View<'_>) -> Result<Value, Refused> {
    if operators.kind() != Kind::Object {
        let kind = called(operators.kind());
        let message = format!("'{field}' is an object such as {{\"eq\":…}}, not {kind}");
        return Err(Refused::shape(message));
    }
    let clauses = operators
        .entries()
        .map(|(operator, value)| term(field, &operator, value));
    clauses.collect::<Result<_, _>>().map(all)
}

fn term(field: &str, operator: &str, value: View<'_>) -> Result<Value, Refused> {
    let of_field = |name| object([(name, object_of(field, value.to_value()))]);
    Ok(match operator {
        "eq" => of_field("term"),
        "ne" => bool_of("must_not", of_field("term")),
        "match" | "wildcard" | "regexp" => object_of(operator, object_of(field, value.to_value())),
        "matchPhrase" => of_field("match_phrase"),
        "matchPhrasePrefix" => of_field("match_phrase_prefix"),
        "gt" | "gte" | "lt" | "lte" => object([(
            "range",
            object_of(field, object_of(operator, value.to_value())),
        )]),
        "range" => {
            let mut bounds = value.items();
            let (Some(from), Some(to), None) = (bounds.next(), bounds.next(), bounds.next()) else {
                return Err(Refused::shape(format!(
                    "'{field}.range' is a list of two values"
                )));
            };
            let bounds = object([("gte", from.to_value()), ("lte", to.to_value())]);
            object([("range", object_of(field, bounds))])
        }
        "multiMatch" => {
            let fields = Value::from(vec![Value::from(field)]);
            let query = object([("query", value.to_value()), ("fields", fields)]);
            object([("multi_match", query)])
        }
        "exists" => {
            let exists = object([("exists", object([("field", Value::from(field))]))]);
            match value.as_bool() {
                Some(true) => exists,
                Some(false) => bool_of("must_not", exists),
                None => {
                    return Err(Refused::shape(format!("'{field}.exists' is true or false")));
                }
            }
        }
        other => {
            return Err(Refused::shape(format!(
                "'{field}.{other}' is no operator; there are {OPERATORS}"
            )));
        }
    })
}

/// One clause as it is, several as `bool.must`.
fn all(mut clauses: Vec<Value>) -> Value {
    match clauses.len() {
        1 => clauses.remove(0),
        _ => bool_of("must", Value::from(clauses)),
    }
}

fn bool_of(occurs: &'static str, clauses: Value) -> Value {
    object([("bool", object([(occurs, clauses)]))])
}

fn object_of(name: &str, value: Value) -> Value {
    Value::from(Object::from_iter([(Arc::from(name), value)]))
}
