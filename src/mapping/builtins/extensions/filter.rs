//! Filters of subscriptions: whether they are built as they should be, within the bounds.

use std::collections::HashSet;

use super::{MAX_MADE, Thrown, check_size, wrong};
use crate::json::{Kind, Value, View};

/// The most fields of one alternative, and the most conditions in it; each value of `in` counts.
const MAX_FIELDS: usize = 5;
const MAX_CONDITIONS: usize = 10;

/// The most alternatives.
const MAX_GROUPS: usize = 100;

/// The most values of `in` and `notIn`, and of `containsAny`.
const MAX_IN: usize = 5;
const MAX_ANY: usize = 20;

/// The longest string, in characters.
const MAX_STRING: usize = 256;

const SHAPE: &str = "a filter such as {\"filterGroup\":[{\"filters\":[{\"fieldName\":\"id\",\
                     \"operator\":\"eq\",\"value\":1}]}]}";

const OPERATORS: &str = "eq, ne, le, lt, ge, gt, contains, notContains, beginsWith, in, notIn, \
                         between and containsAny";

/// The filter, when it is one.
pub(super) fn checked(function: &str, filter: View<'_>) -> Result<Value, Thrown> {
    check_size(filter, MAX_MADE)?;
    let groups = filter.get("filterGroup");
    let Some(groups) = groups.filter(|groups| groups.kind() == Kind::List) else {
        return Err(wrong(function, SHAPE, filter));
    };
    if groups.len() > MAX_GROUPS {
        let message = format!("{function}: a filter has at most {MAX_GROUPS} groups");
        return Err(Thrown::wrong(message));
    }
    for group in groups.items() {
        let filters = group.get("filters");
        let Some(filters) = filters.filter(|filters| filters.kind() == Kind::List) else {
            return Err(wrong(function, SHAPE, group));
        };
        conditions(function, filters)?;
    }
    Ok(filter.to_value().compact())
}

/// One alternative.
fn conditions(function: &str, filters: View<'_>) -> Result<(), Thrown> {
    let mut fields = HashSet::new();
    let mut count = 0;
    for filter in filters.items() {
        let field = filter.get("fieldName").and_then(View::as_str);
        let operator = filter.get("operator").and_then(View::as_str);
        let (Some(field), Some(operator), Some(value)) = (field, operator, filter.get("value"))
        else {
            return Err(wrong(function, SHAPE, filter));
        };
        count += condition(function, &operator, value)?;
        fields.insert(field);
        if fields.len() > MAX_FIELDS {
            return Err(Thrown::wrong(format!(
                "Filters exceed maximum attributes limit {MAX_FIELDS} for subscription"
            )));
        }
        if count > MAX_CONDITIONS {
            return Err(Thrown::wrong(format!(
                "{function}: a group has at most {MAX_CONDITIONS} filters; each value of 'in' counts"
            )));
        }
    }
    Ok(())
}

/// One condition; how many it counts for.
fn condition(function: &str, operator: &str, value: View<'_>) -> Result<usize, Thrown> {
    let (expected, fits) = match operator {
        "eq" | "ne" | "contains" | "notContains" => ("a scalar", is_scalar(value)),
        "le" | "lt" | "ge" | "gt" | "lte" | "gte" => ("a number or a string", is_ordered(value)),
        "beginsWith" => ("a string", value.kind() == Kind::String),
        "between" => (
            "a list of two numbers or two strings",
            value.len() == 2 && value.items().all(is_ordered),
        ),
        "in" | "notIn" => ("a list of scalars", is_list(value)),
        "containsAny" => ("a list of scalars", is_list(value)),
        other => {
            let message = format!("{function}: '{other}' is no operator; there are {OPERATORS}");
            return Err(Thrown::wrong(message));
        }
    };
    if !fits {
        return Err(wrong(&format!("{function}: '{operator}'"), expected, value));
    }
    let most = match operator {
        "in" | "notIn" => MAX_IN,
        _ => MAX_ANY,
    };
    if value.len() > most {
        return Err(Thrown::wrong(format!(
            "subscription exceeds maximum value limit {most} for operator `{operator}`."
        )));
    }
    let long = |value: View<'_>| {
        value
            .as_str()
            .is_some_and(|text| text.chars().count() > MAX_STRING)
    };
    if long(value) || value.items().any(long) {
        let message = format!("{function}: a string has at most {MAX_STRING} characters");
        return Err(Thrown::wrong(message));
    }
    Ok(match operator {
        "in" | "notIn" => value.len(),
        _ => 1,
    })
}

fn is_scalar(value: View<'_>) -> bool {
    !matches!(value.kind(), Kind::List | Kind::Object)
}

fn is_ordered(value: View<'_>) -> bool {
    matches!(value.kind(), Kind::Number | Kind::String)
}

fn is_list(value: View<'_>) -> bool {
    value.kind() == Kind::List && value.items().all(is_scalar)
}
