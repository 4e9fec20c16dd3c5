//! Which keys a query reads: one partition, or a stretch of it in the order of the sort key.

use std::ops::Range;

use crate::source::keyvalue::{
    attribute::Attribute,
    expression::Comparison,
    key::{self, Key},
    refusal::{self, Refusal},
    schema::{KeyAttribute, Schema},
};

/// What a query may ask of the sort key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SortCondition {
    /// `=`, `<`, `<=`, `>`, `>=`
    Compare(Comparison, Attribute),
    /// `BETWEEN … AND …`, both ends included.
    Between(Attribute, Attribute),
    /// `begins_with`
    BeginsWith(Attribute),
}

/// The keys of a query: from the first included to the last excluded.
pub(crate) fn of_query(
    schema: &Schema,
    partition: &Attribute,
    sort: Option<&SortCondition>,
) -> Result<Range<Key>, Refusal> {
    check(&schema.partition_key, partition)?;
    let mut prefix = Key::new();
    key::push_part(&mut prefix, partition);
    let Some(condition) = sort else {
        return Ok(key::beginning_with(prefix));
    };
    let Some(attribute) = &schema.sort_key else {
        return Err(Refusal::Invalid("Query key condition not supported".into()));
    };
    within(prefix, attribute, condition)
}

fn within(
    prefix: Key,
    attribute: &KeyAttribute,
    condition: &SortCondition,
) -> Result<Range<Key>, Refusal> {
    let whole = |part: &Attribute| -> Result<Key, Refusal> {
        check(attribute, part)?;
        let mut key = prefix.clone();
        key::push_part(&mut key, part);
        Ok(key)
    };
    match condition {
        SortCondition::Compare(comparison, part) => {
            let key = whole(part)?;
            let partition = key::beginning_with(prefix);
            Ok(match comparison {
                Comparison::Equal => key::beginning_with(key),
                Comparison::Less => partition.start..key,
                Comparison::LessOrEqual => partition.start..key::behind(key),
                Comparison::Greater => key::behind(key)..partition.end,
                Comparison::GreaterOrEqual => key..partition.end,
                Comparison::NotEqual => {
                    return Err(Refusal::Invalid(
                        "Invalid operator used in KeyConditionExpression: <>".into(),
                    ));
                }
            })
        }
        SortCondition::Between(low, high) => {
            let (low, high) = (whole(low)?, whole(high)?);
            if low > high {
                return Err(Refusal::Invalid(
                    "Invalid KeyConditionExpression: The BETWEEN operator requires upper bound to \
                     be greater than or equal to lower bound"
                        .into(),
                ));
            }
            Ok(low..key::behind(high))
        }
        SortCondition::BeginsWith(part) => {
            if matches!(part, Attribute::Number(_)) {
                return Err(Refusal::Invalid(
                    "Invalid KeyConditionExpression: Incorrect operand type for operator or \
                     function; operator or function: begins_with, operand type: N"
                        .into(),
                ));
            }
            check(attribute, part)?;
            let mut beginning = prefix;
            key::push_beginning(&mut beginning, part);
            Ok(key::beginning_with(beginning))
        }
    }
}

fn check(attribute: &KeyAttribute, part: &Attribute) -> Result<(), Refusal> {
    if part.letters() != refusal::letter(attribute.kind) {
        return Err(Refusal::Invalid(
            "One or more parameter values were invalid: Condition parameter type does not match \
             schema type"
                .into(),
        ));
    }
    if part.size() == 0 {
        return Err(Refusal::KeyEmpty {
            name: attribute.name.clone(),
            kind: attribute.kind,
        });
    }
    Ok(())
}
