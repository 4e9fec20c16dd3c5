//! A filter as subscriptions take it: alternatives, in each of which all conditions must hold.
//!
//! The operators of a field are alternatives, and so are the members of `or`; the alternatives of
//! different members are combined, each with each, in the order they were written. Operators are
//! handed on as they are.

use super::{
    super::dynamodb::{called, object},
    MAX_DEPTH, Refused,
};
use crate::{
    json::{Kind, Value, View},
    mapping::builtins::Thrown,
};

/// The most conditions of all alternatives together; an alternative counts as one, too.
const MAX_CONDITIONS: usize = 10_000;

/// Conditions, all of which must hold.
type Group = Vec<Value>;

/// `{ filterGroup: [{ filters: […] }] }`; each of the rules is an alternative that is added to every
/// group.
pub(super) fn filter(
    filter: View<'_>,
    ignored: View<'_>,
    rules: View<'_>,
) -> Result<Value, Refused> {
    let mut groups = all_of(filter, ignored, 0)?;
    if !rules.is_null() {
        let rules = rules_of(rules)?;
        groups = combined(&groups, &rules)?;
    }
    let groups = groups.into_iter().filter(|group| !group.is_empty());
    let groups = groups.map(|group| object([("filters", Value::from(group))]));
    Ok(object([("filterGroup", groups.collect())]))
}

/// The alternatives of an object of fields and groups. Never empty: where nothing is asked there is
/// one alternative without conditions.
fn all_of(filter: View<'_>, ignored: View<'_>, depth: usize) -> Result<Vec<Group>, Refused> {
    if filter.kind() != Kind::Object {
        let kind = called(filter.kind());
        return Err(Refused::shape(format!(
            "a filter is an object of fields, not {kind}"
        )));
    }
    if depth > MAX_DEPTH {
        return Err(Refused::shape("the filter nests too deep"));
    }
    let mut groups = vec![Group::new()];
    for (name, value) in filter.entries() {
        let alternatives = match &*name {
            "and" => {
                let mut groups = vec![Group::new()];
                for member in members("and", value)? {
                    groups = combined(&groups, &all_of(member, ignored, depth + 1)?)?;
                }
                groups
            }
            "or" => {
                let mut groups = Vec::new();
                for member in members("or", value)? {
                    groups.extend(all_of(member, ignored, depth + 1)?);
                    within_bounds(groups.iter().map(|group| group.len() + 1).sum())?;
                }
                groups
            }
            field
                if ignored
                    .items()
                    .any(|item| item.as_str().as_deref() == Some(field)) =>
            {
                continue;
            }
            field => field_of(field, value)?,
        };
        groups = combined(&groups, &alternatives)?;
    }
    Ok(groups)
}

fn members<'a>(name: &str, members: View<'a>) -> Result<impl Iterator<Item = View<'a>>, Refused> {
    if members.kind() != Kind::List {
        let kind = called(members.kind());
        return Err(Refused::shape(format!(
            "'{name}' is a list of filters, not {kind}"
        )));
    }
    Ok(members.items())
}

/// Every operator of every rule is an alternative.
fn rules_of(rules: View<'_>) -> Result<Vec<Group>, Refused> {
    if rules.kind() != Kind::Object {
        let kind = called(rules.kind());
        return Err(Refused::shape(format!(
            "the rules are an object of fields, not {kind}"
        )));
    }
    let mut alternatives = Vec::new();
    for (field, operators) in rules.entries() {
        alternatives.extend(field_of(&field, operators)?);
    }
    Ok(alternatives)
}

/// Every operator of a field is an alternative.
fn field_of(field: &str, operators: View<'_>) -> Result<Vec<Group>, Refused> {
    if operators.kind() != Kind::Object {
        let kind = called(operators.kind());
        let message = format!("'{field}' is an object such as {{\"eq\":…}}, not {kind}");
        return Err(Refused::shape(message));
    }
    let alternatives = operators.entries().map(|(operator, value)| {
        vec![object([
            ("fieldName", Value::from(field)),
            ("operator", Value::from(&*operator)),
            ("value", value.to_value()),
        ])]
    });
    Ok(alternatives.collect())
}

/// Each with each; what asks nothing changes nothing.
fn combined(groups: &[Group], alternatives: &[Group]) -> Result<Vec<Group>, Refused> {
    if alternatives.is_empty() {
        return Ok(groups.to_vec());
    }
    let length = |groups: &[Group]| groups.iter().map(|group| group.len() + 1).sum::<usize>();
    let left = length(groups).saturating_mul(alternatives.len());
    let right = length(alternatives).saturating_mul(groups.len());
    within_bounds(left.saturating_add(right))?;
    let mut combined = Vec::with_capacity(groups.len() * alternatives.len());
    for group in groups {
        for alternative in alternatives {
            combined.push([&group[..], alternative].concat());
        }
    }
    Ok(combined)
}

fn within_bounds(conditions: usize) -> Result<(), Refused> {
    if conditions <= MAX_CONDITIONS {
        return Ok(());
    }
    let message =
        format!("the filter has more than {MAX_CONDITIONS} conditions in its alternatives");
    Err(Refused::Thrown(Thrown::wrong(message)))
}
