//! Conditions: `[?(@.price < 10 && @.isbn)]`.

use crate::json::{Kind, Value};

use super::{
    JsonPath, TooMuch,
    compare::{self, Order},
    read::Reader,
};

/// A condition on one item.
#[derive(Debug)]
pub(super) enum Filter {
    /// `a && b`
    All(Vec<Filter>),
    /// `a || b`
    Any(Vec<Filter>),
    /// `!a`
    Not(Box<Filter>),
    /// An operand alone: it is there and not null; of a literal, it is true.
    Holds(Operand),
    /// `left operator right`
    Compare(Operand, Operator, Operand),
    /// `left =~ /pattern/`: the pattern matches the whole text.
    Matches(Operand, Box<fancy_regex::Regex>),
}

/// A side of a comparison.
#[derive(Debug)]
pub(super) enum Operand {
    /// `@.name`
    Item(JsonPath),
    /// `$.name`
    Root(JsonPath),
    /// `'text'`, `1`, `true`, `null`, `['a', 'b']`
    Literal(Value),
}

/// How two sides are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`, `<=`, `>`, `>=`
    Order(Order),
    /// `in`: the right side is a list that has the left one.
    In,
    /// `nin`
    NotIn,
    /// `contains`: the left side is a list or a text that has the right one.
    Contains,
    /// `size`: the left side is a list or a text of so many items or characters.
    Size,
    /// `empty true`, `empty false`
    Empty,
    /// `exists true`, `exists false`
    Exists,
}

impl Filter {
    /// Whether the item of the reader meets the condition.
    pub(super) fn accepts(&self, item: &Reader<'_, '_>) -> Result<bool, TooMuch> {
        match self {
            Filter::All(conditions) => every(conditions, item, true),
            Filter::Any(conditions) => every(conditions, item, false).map(|none| !none),
            Filter::Not(condition) => condition.accepts(item).map(|accepts| !accepts),
            Filter::Holds(Operand::Literal(value)) => Ok(value.view().as_bool() == Some(true)),
            Filter::Holds(operand) => {
                let value = operand.value(item)?;
                Ok(value.is_some_and(|value| !value.view().is_null()))
            }
            Filter::Compare(left, operator, right) => {
                let (left, right) = (left.value(item)?, right.value(item)?);
                Ok(holds(left.as_ref(), *operator, right.as_ref()))
            }
            Filter::Matches(operand, pattern) => Ok(match operand.value(item)? {
                Some(value) => compare::text(value.view())
                    // A pattern that gives up has not matched.
                    .is_some_and(|text| pattern.is_match(&*text).unwrap_or(false)),
                None => false,
            }),
        }
    }
}

/// Whether all conditions are as wanted; stops at the first that is not.
fn every(conditions: &[Filter], item: &Reader<'_, '_>, wanted: bool) -> Result<bool, TooMuch> {
    for condition in conditions {
        if condition.accepts(item)? != wanted {
            return Ok(false);
        }
    }
    Ok(true)
}

impl Operand {
    fn value(&self, item: &Reader<'_, '_>) -> Result<Option<Value>, TooMuch> {
        match self {
            Operand::Item(path) => item.read(path),
            Operand::Root(path) => item.of_root().read(path),
            Operand::Literal(value) => Ok(Some(value.clone())),
        }
    }
}

/// What is not there equals nothing, and differs from nothing either.
fn holds(left: Option<&Value>, operator: Operator, right: Option<&Value>) -> bool {
    let Some(right) = right.map(Value::view) else {
        return false;
    };
    if operator == Operator::Exists {
        return right.as_bool() == Some(left.is_some());
    }
    let Some(left) = left.map(Value::view) else {
        return false;
    };
    match operator {
        Operator::Equal => compare::equal(left, right),
        Operator::NotEqual => !compare::equal(left, right),
        Operator::Order(order) => compare::ordered(left, order, right),
        Operator::In => right.items().any(|item| compare::equal(left, item)),
        Operator::NotIn => !right.items().any(|item| compare::equal(left, item)),
        Operator::Contains => match (left.as_str(), right.as_str()) {
            (Some(text), Some(part)) => text.contains(&*part),
            _ => left.items().any(|item| compare::equal(item, right)),
        },
        Operator::Size => usize::try_from(right.as_i64().unwrap_or(-1)) == Ok(size(left)),
        Operator::Empty => right.as_bool() == Some(size(left) == 0),
        Operator::Exists => true,
    }
}

fn size(view: crate::json::View<'_>) -> usize {
    match view.kind() {
        Kind::String => view.as_str().map_or(0, |text| text.chars().count()),
        _ => view.len(),
    }
}
