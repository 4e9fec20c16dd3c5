//! DynamoDB's expressions: what they are made of once parsed, and the names and values they use.
//!
//! The way is lexer → parser → a compiled form per clause. Today there are two clauses, the key
//! condition of a query (`key_condition`) and the projection (`projection`, beside this module);
//! conditions, filters and updates are more clauses over the same tokens, operands and bindings.
//!
//! See: DynamoDB developer guide, "Using expressions in DynamoDB".

mod key_condition;
mod lexer;
mod parser;

use std::cell::RefCell;

pub(crate) use key_condition::compile as compile_key_condition;
pub(crate) use parser::{parse_condition, parse_paths};

use crate::{
    json::View,
    source::keyvalue::{
        attribute::{At, Attribute},
        refusal::Refusal,
    },
};

/// Which expression of a request is meant, in messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Clause {
    /// `query.expression`
    KeyCondition,
    /// `projection.expression`
    Projection,
}

/// A condition as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Condition<'e> {
    /// `left op right`
    Compare(Operand<'e>, Comparison, Operand<'e>),
    /// `operand BETWEEN low AND high`
    Between(Operand<'e>, Operand<'e>, Operand<'e>),
    /// `begins_with(operand, beginning)`
    BeginsWith(Operand<'e>, Operand<'e>),
    /// `left AND right`
    And(Box<Condition<'e>>, Box<Condition<'e>>),
}

/// The comparison operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    /// `=`
    Equal,
    /// `<>`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

/// What a condition speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Operand<'e> {
    /// An attribute, or something inside one.
    Path(Path<'e>),
    /// `:name`, a value of the request.
    Value(&'e str),
}

/// A document path: `a.b[0]`, `#a.b`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Path<'e> {
    /// The attribute: a name, or `#name`.
    pub(crate) root: &'e str,
    /// Whether the path goes on into the attribute.
    pub(crate) is_nested: bool,
}

/// `expressionNames` and `expressionValues`, and which of them an expression used.
#[derive(Debug)]
pub(crate) struct Bindings<'r> {
    clause: Clause,
    names: View<'r>,
    values: View<'r>,
    used: RefCell<Vec<String>>,
}

// === impl Clause ===

impl Clause {
    /// DynamoDB's name for it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Clause::KeyCondition => "KeyConditionExpression",
            Clause::Projection => "ProjectionExpression",
        }
    }

    /// A fault in the expression itself.
    pub(crate) fn invalid(self, what: std::fmt::Arguments<'_>) -> Refusal {
        Refusal::Invalid(format!("Invalid {}: {what}", self.name()))
    }
}

// === impl Comparison ===

impl Comparison {
    /// The same comparison with its sides exchanged.
    pub(crate) fn mirrored(self) -> Self {
        match self {
            Comparison::Less => Comparison::Greater,
            Comparison::LessOrEqual => Comparison::GreaterOrEqual,
            Comparison::Greater => Comparison::Less,
            Comparison::GreaterOrEqual => Comparison::LessOrEqual,
            same @ (Comparison::Equal | Comparison::NotEqual) => same,
        }
    }
}

// === impl Bindings ===

impl<'r> Bindings<'r> {
    /// The bindings that stand beside an expression.
    pub(crate) fn of(clause: Clause, holder: View<'r>) -> Self {
        Bindings {
            clause,
            names: holder.get("expressionNames").unwrap_or(View::NULL),
            values: holder.get("expressionValues").unwrap_or(View::NULL),
            used: RefCell::default(),
        }
    }

    /// The attribute that a path's root names.
    pub(crate) fn name(&self, root: &str) -> Result<String, Refusal> {
        if !root.starts_with('#') {
            return Ok(root.to_owned());
        }
        self.used.borrow_mut().push(root.to_owned());
        let name = self.names.get(root).and_then(View::as_str);
        name.map(std::borrow::Cow::into_owned).ok_or_else(|| {
            self.clause.invalid(format_args!(
                "An expression attribute name used in the document path is not defined; \
                 attribute name: {root}"
            ))
        })
    }

    /// The value that `:name` stands for.
    pub(crate) fn value(&self, name: &str) -> Result<Attribute, Refusal> {
        self.used.borrow_mut().push(name.to_owned());
        let value = self.values.get(name).ok_or_else(|| {
            self.clause.invalid(format_args!(
                "An expression attribute value used in expression is not defined; \
                 attribute value: {name}"
            ))
        })?;
        let at = At::Member(&At::Root, "expressionValues");
        Attribute::from_typed(value, At::Member(&at, name))
    }

    /// Refuses names and values that nothing used, as DynamoDB does: they are mistakes.
    pub(crate) fn finish(self) -> Result<(), Refusal> {
        let used = self.used.into_inner();
        for (bound, list) in [(self.values, "Values"), (self.names, "Names")] {
            let unused: Vec<String> = bound
                .entries()
                .map(|(name, _)| name.into_owned())
                .filter(|name| !used.contains(name))
                .collect();
            if !unused.is_empty() {
                return Err(Refusal::Invalid(format!(
                    "Value provided in ExpressionAttribute{list} unused in expressions: keys: {{{}}}",
                    unused.join(", ")
                )));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
