//! Filters that a subscription's own resolver sets: groups of rules, of which one must hold.
//!
//! See: appsync.md 6.2.

use std::cmp::Ordering;

use crate::json::{Kind, Value, View};

/// Different fields in the filters of one group.
const MAX_FIELDS: usize = 5;
/// Rules of one group, each value of `in` and `notIn` counted.
const MAX_RULES: usize = 10;
/// Values of `in` and `notIn`.
const MAX_IN: usize = 5;
/// Values of `containsAny`.
const MAX_ANY: usize = 20;
/// Characters of a string.
const MAX_STRING: usize = 256;
/// Names of a path; rules that go deeper are ignored.
const MAX_DEPTH: usize = 5;

/// Why a filter cannot be used; the words are for the client.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Unusable(String);

/// Groups of rules: one group must hold, and in it every rule.
#[derive(Debug, Clone, Default)]
pub(crate) struct Enhanced(Vec<Vec<Rule>>);

/// A condition on one field.
#[derive(Debug, Clone)]
struct Rule {
    path: Vec<Box<str>>,
    operator: Operator,
    value: Value,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Eq,
    Ne,
    Le,
    Lt,
    Ge,
    Gt,
    Contains,
    NotContains,
    BeginsWith,
    In,
    NotIn,
    Between,
    ContainsAny,
}

// === impl Enhanced ===

impl Enhanced {
    /// Reads `{ filterGroup: [{ filters: [{ fieldName, operator, value }] }] }`.
    pub(crate) fn parse(filter: View<'_>) -> Result<Self, Unusable> {
        let groups = filter
            .get("filterGroup")
            .filter(|it| it.kind() == Kind::List);
        let groups =
            groups.ok_or_else(|| unusable("a subscription filter has no `filterGroup`"))?;
        groups
            .items()
            .map(group)
            .collect::<Result<_, _>>()
            .map(Enhanced)
    }

    /// Whether an event is wanted. Lists have no fields, and are never.
    pub(in crate::subscribe) fn matches(&self, payload: View<'_>) -> bool {
        let holds = |rules: &Vec<Rule>| rules.iter().all(|rule| rule.holds(payload));
        payload.kind() == Kind::Object && self.0.iter().any(holds)
    }
}

fn group(group: View<'_>) -> Result<Vec<Rule>, Unusable> {
    let filters = group.get("filters").unwrap_or(View::NULL);
    let mut rules = Vec::new();
    let mut size = 0;
    for filter in filters.items() {
        let rule = Rule::parse(filter)?;
        size += match rule.operator {
            Operator::In | Operator::NotIn => rule.value.view().len(),
            _ => 1,
        };
        if rule.path.len() <= MAX_DEPTH {
            rules.push(rule);
        }
    }
    let mut fields: Vec<&[Box<str>]> = rules.iter().map(|rule| &*rule.path).collect();
    fields.sort_unstable();
    fields.dedup();
    if fields.len() > MAX_FIELDS {
        return Err(unusable(&format!(
            "Filters exceed maximum attributes limit {MAX_FIELDS} for subscription"
        )));
    }
    if size > MAX_RULES {
        return Err(unusable(&format!(
            "Filters exceed maximum limit {MAX_RULES} of one group for subscription"
        )));
    }
    Ok(rules)
}

// === impl Rule ===

impl Rule {
    fn parse(filter: View<'_>) -> Result<Self, Unusable> {
        let word = |name: &str| filter.get(name).and_then(View::as_str);
        let name = word("fieldName").ok_or_else(|| unusable("a filter has no `fieldName`"))?;
        let written = word("operator").ok_or_else(|| unusable("a filter has no `operator`"))?;
        let operator = Operator::parse(&written)
            .ok_or_else(|| unusable(&format!("`{written}` is no operator of a filter")))?;
        let value = filter.get("value").unwrap_or(View::NULL);
        operator.check(&written, value)?;
        Ok(Rule {
            path: name.split('.').map(Box::from).collect(),
            operator,
            value: value.to_value().compact(),
        })
    }

    fn holds(&self, payload: View<'_>) -> bool {
        let mut found = Some(payload);
        for name in &self.path {
            found = found.and_then(|view| view.get(name));
        }
        self.operator
            .holds(found.unwrap_or(View::NULL), self.value.view())
    }
}

// === impl Operator ===

impl Operator {
    fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "eq" => Operator::Eq,
            "ne" => Operator::Ne,
            "le" | "lte" => Operator::Le,
            "lt" => Operator::Lt,
            "ge" | "gte" => Operator::Ge,
            "gt" => Operator::Gt,
            "contains" => Operator::Contains,
            "notContains" => Operator::NotContains,
            "beginsWith" => Operator::BeginsWith,
            "in" => Operator::In,
            "notIn" => Operator::NotIn,
            "between" => Operator::Between,
            "containsAny" => Operator::ContainsAny,
            _ => return None,
        })
    }

    /// Whether it can compare with this value.
    fn check(self, written: &str, value: View<'_>) -> Result<(), Unusable> {
        let max = match self {
            Operator::In | Operator::NotIn => Some(MAX_IN),
            Operator::ContainsAny => Some(MAX_ANY),
            Operator::Between => Some(2),
            _ => None,
        };
        if let Some(max) = max {
            if value.len() > max {
                return Err(unusable(&format!(
                    "subscription exceeds maximum value limit {max} for operator `{written}`."
                )));
            }
            if value.kind() != Kind::List || self == Operator::Between && value.len() != 2 {
                let message = format!("the operator `{written}` needs a list of values");
                return Err(unusable(&message));
            }
        } else if matches!(value.kind(), Kind::List | Kind::Object) {
            let message = format!("the operator `{written}` needs one value");
            return Err(unusable(&message));
        }
        let is_long = |it: View<'_>| {
            it.as_str()
                .is_some_and(|text| text.chars().count() > MAX_STRING)
        };
        if is_long(value) || value.items().any(is_long) {
            let message = format!("a string of a filter is longer than {MAX_STRING} characters");
            return Err(unusable(&message));
        }
        Ok(())
    }

    /// What is not there satisfies those that say what must not be.
    fn holds(self, found: View<'_>, wanted: View<'_>) -> bool {
        let order = |wanted| compare(found, wanted);
        match self {
            Operator::Eq => found == wanted,
            Operator::Ne => found != wanted,
            Operator::Le => order(wanted).is_some_and(Ordering::is_le),
            Operator::Lt => order(wanted).is_some_and(Ordering::is_lt),
            Operator::Ge => order(wanted).is_some_and(Ordering::is_ge),
            Operator::Gt => order(wanted).is_some_and(Ordering::is_gt),
            Operator::Contains => contains(found, wanted),
            Operator::NotContains => !contains(found, wanted),
            Operator::BeginsWith => match (found.as_str(), wanted.as_str()) {
                (Some(found), Some(wanted)) => found.starts_with(&*wanted),
                _ => false,
            },
            Operator::In => wanted.items().any(|it| it == found),
            Operator::NotIn => !wanted.items().any(|it| it == found),
            // Its ends are not in it.
            Operator::Between => {
                let mut ends = wanted.items().map(order);
                ends.next().flatten().is_some_and(Ordering::is_gt)
                    && ends.next().flatten().is_some_and(Ordering::is_lt)
            }
            Operator::ContainsAny => wanted.items().any(|it| contains(found, it)),
        }
    }
}

/// A part of a string, or an item of a list.
fn contains(found: View<'_>, wanted: View<'_>) -> bool {
    match found.kind() {
        Kind::List => found.items().any(|item| item == wanted),
        _ => match (found.as_str(), wanted.as_str()) {
            (Some(found), Some(wanted)) => found.contains(&*wanted),
            _ => false,
        },
    }
}

fn compare(found: View<'_>, wanted: View<'_>) -> Option<Ordering> {
    match (found.kind(), wanted.kind()) {
        (Kind::Number, Kind::Number) => match (found.as_i64(), wanted.as_i64()) {
            (Some(found), Some(wanted)) => Some(found.cmp(&wanted)),
            _ => found.as_f64()?.partial_cmp(&wanted.as_f64()?),
        },
        (Kind::String, Kind::String) => Some(found.as_str()?.cmp(&wanted.as_str()?)),
        _ => None,
    }
}

fn unusable(message: &str) -> Unusable {
    Unusable(message.to_owned())
}

#[cfg(test)]
mod tests;
