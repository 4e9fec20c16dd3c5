//! `query.expression` into the keys it reads.

use std::ops::Range;

use super::{Bindings, Clause, Comparison, Condition, Operand, parse_condition};
use crate::{
    json::View,
    source::keyvalue::{
        attribute::{self, At, Attribute},
        key::Key,
        range::{self, SortCondition},
        refusal::Refusal,
        schema::Schema,
    },
};

/// The keys that a request's `query` reads.
pub(crate) fn compile(schema: &Schema, query: View<'_>) -> Result<Range<Key>, Refusal> {
    let at = At::Member(&At::Root, "query");
    let Some(expression) = query.get("expression").filter(|given| !given.is_null()) else {
        return Err(Refusal::Document(
            "Value for field '$[query][expression]' not found.".into(),
        ));
    };
    let text = expression.as_str().ok_or_else(|| {
        attribute::wrong_kind("STRING", expression, At::Member(&at, "expression"))
    })?;
    let bindings = Bindings::of(Clause::KeyCondition, query);
    let condition = parse_condition(Clause::KeyCondition, &text)?;
    let mut terms = Terms::default();
    terms.gather(&condition, &bindings)?;
    bindings.finish()?;
    terms.range(schema)
}

/// What the expression says about each attribute it names.
#[derive(Default)]
struct Terms(Vec<(String, SortCondition)>);

// === impl Terms ===

impl Terms {
    fn gather(
        &mut self,
        condition: &Condition<'_>,
        bindings: &Bindings<'_>,
    ) -> Result<(), Refusal> {
        let (name, term) = match condition {
            Condition::And(left, right) => {
                self.gather(left, bindings)?;
                return self.gather(right, bindings);
            }
            Condition::Compare(Operand::Value(value), comparison, path) => (
                name(path, bindings)?,
                SortCondition::Compare(comparison.mirrored(), bindings.value(value)?),
            ),
            Condition::Compare(path, comparison, operand) => (
                name(path, bindings)?,
                SortCondition::Compare(*comparison, value(operand, bindings)?),
            ),
            Condition::Between(path, low, high) => (
                name(path, bindings)?,
                SortCondition::Between(value(low, bindings)?, value(high, bindings)?),
            ),
            Condition::BeginsWith(path, beginning) => (
                name(path, bindings)?,
                SortCondition::BeginsWith(value(beginning, bindings)?),
            ),
        };
        if self.0.iter().any(|(other, _)| *other == name) {
            return Err(Refusal::Invalid(
                "KeyConditionExpressions must only contain one condition per key".into(),
            ));
        }
        self.0.push((name, term));
        Ok(())
    }

    fn range(mut self, schema: &Schema) -> Result<Range<Key>, Refusal> {
        if self.0.len() > 2 {
            return Err(Refusal::Invalid(
                "Conditions can be of length 1 or 2 only".into(),
            ));
        }
        let partition = match self.take(&schema.partition_key.name)? {
            SortCondition::Compare(Comparison::Equal, value) => value,
            SortCondition::Compare(..)
            | SortCondition::Between(..)
            | SortCondition::BeginsWith(_) => {
                return Err(Refusal::Invalid("Query key condition not supported".into()));
            }
        };
        let sort = match (&schema.sort_key, self.0.is_empty()) {
            (_, true) => None,
            (Some(sort_key), false) => Some(self.take(&sort_key.name)?),
            (None, false) => {
                return Err(Refusal::Invalid("Query key condition not supported".into()));
            }
        };
        range::of_query(schema, &partition, sort.as_ref())
    }

    fn take(&mut self, name: &str) -> Result<SortCondition, Refusal> {
        match self.0.iter().position(|(other, _)| other == name) {
            Some(index) => Ok(self.0.swap_remove(index).1),
            None => Err(Refusal::Invalid(format!(
                "Query condition missed key schema element: {name}"
            ))),
        }
    }
}

fn name(operand: &Operand<'_>, bindings: &Bindings<'_>) -> Result<String, Refusal> {
    match operand {
        Operand::Path(path) if path.is_nested => Err(Refusal::Invalid(
            "KeyConditionExpressions cannot have conditions on nested attributes".into(),
        )),
        Operand::Path(path) => bindings.name(path.root),
        Operand::Value(_) => Err(Refusal::Invalid("Query key condition not supported".into())),
    }
}

fn value(operand: &Operand<'_>, bindings: &Bindings<'_>) -> Result<Attribute, Refusal> {
    match operand {
        Operand::Value(value) => bindings.value(value),
        Operand::Path(_) => Err(Refusal::Invalid("Query key condition not supported".into())),
    }
}
