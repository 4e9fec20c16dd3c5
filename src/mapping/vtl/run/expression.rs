//! Values between brackets and parentheses.

use std::sync::Arc;

use super::{
    arithmetic, comparison,
    halt::{Flow, Halt},
    machine::Machine,
};
use crate::{
    json::Number,
    mapping::vtl::{
        ast::Operator,
        compile::{Code, Expression, Operand, Span},
        error::EvalFault,
        host::{Host, Names},
        method::ITEM,
        value::{List, Map, Refused, Val},
    },
};

/// The longest range that becomes a list at once when it is kept, as Velocity does with all: it can
/// be changed then. A longer one stays what it is.
const MAX_SPELLED_RANGE: u64 = 1000;

impl<'p, H: Host + Names> Machine<'p, '_, H> {
    /// The value of an expression; `span` is the reference or directive around it.
    pub(super) fn expression(
        &mut self,
        expression: &'p Expression,
        span: Span,
    ) -> Flow<H::Thrown, Val> {
        match expression {
            Expression::Null => return Ok(Val::Null),
            Expression::Bool(bool) => return Ok(Val::Bool(*bool)),
            Expression::Number(number) => return Ok(Val::Number(number.clone())),
            Expression::Text(text) => return Ok(Val::Text(Arc::clone(text))),
            _ => {}
        }
        self.meter.enter(span)?;
        let value = self.composed(expression, span);
        self.meter.leave();
        value
    }

    fn composed(&mut self, expression: &'p Expression, span: Span) -> Flow<H::Thrown, Val> {
        match expression {
            Expression::Reference(reference) => self.reference(reference),
            Expression::Interpolated(code) => self.interpolated(code, span),
            Expression::List(items) => self.list(items, span),
            Expression::Map(entries) => self.map(entries, span),
            Expression::Range(ends) => {
                let range = held(spelled(self.range(ends, span)?), span)?;
                if let Val::List(list) = &range {
                    self.meter.pay_for(list.len() * ITEM, span)?;
                }
                Ok(range)
            }
            Expression::Not(value) => Ok(Val::Bool(!self.truth(value, span)?)),
            Expression::Binary(operator, operands) => self.binary(*operator, operands, span),
            Expression::Null
            | Expression::Bool(_)
            | Expression::Number(_)
            | Expression::Text(_) => Ok(Val::Null),
        }
    }

    /// What `#if` and its like make of an expression: what a reference is, it is true unless it is
    /// nothing or `false`. Anything else that is neither true nor false is not true, and not even
    /// looked at: `#if("a")` does nothing.
    pub(super) fn truth(
        &mut self,
        expression: &'p Expression,
        span: Span,
    ) -> Flow<H::Thrown, bool> {
        match expression {
            Expression::Bool(bool) => Ok(*bool),
            Expression::Reference(reference) => Ok(self.reference(reference)?.truthy()),
            Expression::Not(_) => Ok(self.expression(expression, span)?.truthy()),
            Expression::Binary(operator, _) if !arithmetic::calculates(*operator) => {
                Ok(self.expression(expression, span)?.truthy())
            }
            _ => Ok(false),
        }
    }

    /// What a text in double quotes prints.
    fn interpolated(&mut self, code: &'p Code, span: Span) -> Flow<H::Thrown, Val> {
        let outer = self.out.begin();
        let flow = self.block(code);
        let length = self.out.text.len();
        let text = self.out.end(outer, |text| Val::Text(Arc::from(text)));
        flow?;
        self.meter.pay_for(length, span)?;
        Ok(text)
    }

    fn list(&mut self, items: &'p [Expression], span: Span) -> Flow<H::Thrown, Val> {
        self.meter.pay_for(items.len() * ITEM, span)?;
        let mut values = Vec::with_capacity(items.len());
        for item in items {
            let value = self.expression(item, span)?;
            values.push(self.settled(value, span)?);
        }
        held(List::new(values).map(Val::List), span)
    }

    fn map(&mut self, entries: &'p [(Expression, Expression)], span: Span) -> Flow<H::Thrown, Val> {
        self.meter.pay_for(entries.len() * ITEM, span)?;
        let map = Map::default();
        for (key, value) in entries {
            let key = self.expression(key, span)?;
            let key = self
                .text_of(&key, span)?
                .unwrap_or_else(|| Arc::from("null"));
            let value = self.expression(value, span)?;
            let value = self.settled(value, span)?;
            held(map.put(key, value), span)?;
        }
        Ok(Val::Map(map))
    }

    /// `[first..last]`; null unless both are whole numbers.
    pub(super) fn range(
        &mut self,
        ends: &'p (Expression, Expression),
        span: Span,
    ) -> Flow<H::Thrown, Val> {
        let first = self.expression(&ends.0, span)?;
        let last = self.expression(&ends.1, span)?;
        Ok(match (first, last) {
            (Val::Number(Number::Int(first)), Val::Number(Number::Int(last))) => {
                Val::Range(first, last)
            }
            _ => Val::Null,
        })
    }

    fn binary(
        &mut self,
        operator: Operator,
        operands: &'p (Operand, Operand),
        span: Span,
    ) -> Flow<H::Thrown, Val> {
        let (left, right) = operands;
        match operator {
            Operator::And => {
                let both = self.truth(&left.value, span)? && self.truth(&right.value, span)?;
                return Ok(Val::Bool(both));
            }
            Operator::Or => {
                let either = self.truth(&left.value, span)? || self.truth(&right.value, span)?;
                return Ok(Val::Bool(either));
            }
            _ => {}
        }
        let a = self.expression(&left.value, span)?;
        let b = self.expression(&right.value, span)?;
        match operator {
            Operator::Equal => Ok(Val::Bool(self.equal(&a, &b, span)?)),
            Operator::NotEqual => Ok(Val::Bool(!self.equal(&a, &b, span)?)),
            Operator::Less
            | Operator::LessOrEqual
            | Operator::Greater
            | Operator::GreaterOrEqual => Ok(Val::Bool(comparison::ordered(operator, &a, &b))),
            Operator::Add if matches!(a, Val::Text(_)) || matches!(b, Val::Text(_)) => {
                self.joined((&a, &left.written), (&b, &right.written), span)
            }
            _ => Ok(match (&a, &b) {
                (Val::Number(a), Val::Number(b)) => {
                    arithmetic::calculate(operator, a, b).map_or(Val::Null, Val::Number)
                }
                _ => Val::Null,
            }),
        }
    }

    /// `+` with a text: what has no value is added as it is written.
    fn joined(
        &mut self,
        left: (&Val, &str),
        right: (&Val, &str),
        span: Span,
    ) -> Flow<H::Thrown, Val> {
        let outer = self.out.begin();
        let mut flow = Ok(());
        for (value, written) in [left, right] {
            flow = match self.write_value(value, span) {
                Ok(true) => continue,
                Ok(false) => self.write(written, span),
                Err(halt) => Err(halt),
            };
            if flow.is_err() {
                break;
            }
        }
        let length = self.out.text.len();
        let text = self.out.end(outer, |text| Val::Text(Arc::from(text)));
        flow?;
        self.meter.pay_for(length, span)?;
        Ok(text)
    }

    /// `==`: numbers by value, what is of one kind as Java has it, everything else by its text.
    fn equal(&mut self, a: &Val, b: &Val, span: Span) -> Flow<H::Thrown, bool> {
        if self.settings.null_is_empty
            && let (Val::Null, Val::Text(text)) | (Val::Text(text), Val::Null) = (a, b)
        {
            return Ok(text.is_empty());
        }
        if let Some(equal) = comparison::equal(a, b) {
            return Ok(equal);
        }
        let a = self.text_of(a, span)?;
        let b = self.text_of(b, span)?;
        Ok(a == b)
    }
}

/// A range that is kept: it is a list like any other, unless it is long.
fn spelled(range: Val) -> Result<Val, Refused> {
    let Val::Range(first, last) = range else {
        return Ok(range);
    };
    if first.abs_diff(last) >= MAX_SPELLED_RANGE {
        return Ok(range);
    }
    let items = if first <= last {
        (first..=last).map(Val::from).collect()
    } else {
        (last..=first).rev().map(Val::from).collect()
    };
    List::new(items).map(Val::List)
}

/// Says where a list or map was to hold what it cannot.
pub(super) fn held<T, V>(result: Result<V, Refused>, span: Span) -> Flow<T, V> {
    result.map_err(|refused| Halt::failed(span, EvalFault::Wrong(refused.to_string())))
}
