//! A filter as a DynamoDB expression.
//!
//! Names become `#name`. Values are named after where they stand: `:title_contains`,
//! `:and_0_or_1_price_between_start`. What an empty filter leaves behind, such as a joiner without
//! a right side, is left as AppSync leaves it.

use std::sync::Arc;

use super::{
    super::dynamodb::{Typed, called, object},
    MAX_DEPTH, Refused,
};
use crate::json::{Kind, Object, Value, View};

/// An expression and what its placeholders stand for.
#[derive(Debug)]
pub(in super::super) struct Expression {
    pub(in super::super) text: String,
    pub(in super::super) names: Object,
    pub(in super::super) values: Object,
}

/// The types of attributes as filters name them.
const TYPES: [(&str, &str); 10] = [
    ("_null", "NULL"),
    ("string", "S"),
    ("stringSet", "SS"),
    ("number", "N"),
    ("numberSet", "NS"),
    ("binary", "B"),
    ("binarySet", "BS"),
    ("boolean", "BOOL"),
    ("list", "L"),
    ("map", "M"),
];

const OPERATORS: &str = "eq, ne, lt, le, gt, ge, in, between, beginsWith, contains, notContains, \
                         attributeExists, attributeType or size";

struct Writer<'t> {
    names: Object,
    values: Object,
    typed: &'t mut Typed,
}

// === impl Expression ===

impl Expression {
    /// Writes a filter as an expression; what it makes is counted.
    pub(in super::super) fn of(filter: View<'_>, typed: &mut Typed) -> Result<Expression, Refused> {
        let mut writer = Writer {
            names: Object::default(),
            values: Object::default(),
            typed,
        };
        let clauses = writer.clauses(filter, "", 0)?;
        Ok(Expression {
            text: clauses.join(" AND "),
            names: writer.names,
            values: writer.values,
        })
    }

    /// As requests have it: without values when there are none.
    pub(in super::super) fn into_value(self) -> Value {
        let (text, names) = (Value::from(self.text), Value::from(self.names));
        if self.values.is_empty() {
            return object([("expression", text), ("expressionNames", names)]);
        }
        object([
            ("expression", text),
            ("expressionNames", names),
            ("expressionValues", Value::from(self.values)),
        ])
    }
}

// === impl Writer ===

impl Writer<'_> {
    /// The members of a filter, all of which must hold. `path` is where it stands, with `_` behind
    /// each part.
    fn clauses(
        &mut self,
        filter: View<'_>,
        path: &str,
        depth: usize,
    ) -> Result<Vec<String>, Refused> {
        if filter.kind() != Kind::Object {
            let kind = called(filter.kind());
            let message = format!("a filter is an object of fields, not {kind}");
            return Err(Refused::shape(message));
        }
        if depth > MAX_DEPTH {
            return Err(Refused::shape("the filter nests too deep"));
        }
        let clauses = filter.entries().map(|(name, value)| match &*name {
            "and" => self.group("and", " AND ", value, path, depth),
            "or" => self.group("or", " OR ", value, path, depth),
            "not" => {
                let clauses = self.clauses(value, &format!("{path}not_"), depth + 1)?;
                self.charge(format!("(NOT {})", joined(&clauses, " AND ")))
            }
            field => self.field(field, value, path),
        });
        clauses.collect()
    }

    /// `and: […]`, `or: […]`
    fn group(
        &mut self,
        name: &str,
        joiner: &str,
        members: View<'_>,
        path: &str,
        depth: usize,
    ) -> Result<String, Refused> {
        if members.kind() != Kind::List {
            let kind = called(members.kind());
            return Err(Refused::shape(format!(
                "'{name}' is a list of filters, not {kind}"
            )));
        }
        let mut clauses = Vec::new();
        for (index, member) in members.items().enumerate() {
            let inner = self.clauses(member, &format!("{path}{name}_{index}_"), depth + 1)?;
            clauses.push(joined(&inner, " AND "));
        }
        self.charge(joined(&clauses, joiner))
    }

    /// `field: { operator: value, … }`
    fn field(&mut self, field: &str, operators: View<'_>, path: &str) -> Result<String, Refused> {
        let placeholder = format!("#{field}");
        self.names
            .insert(placeholder.as_str().into(), Value::from(field));
        let value_name = format!(":{path}{field}");
        self.operators(field, &placeholder, &value_name, operators, 0)
    }

    /// All operators of a field, or of its size. `operand` is what they are about.
    fn operators(
        &mut self,
        field: &str,
        operand: &str,
        value_name: &str,
        operators: View<'_>,
        depth: usize,
    ) -> Result<String, Refused> {
        if operators.kind() != Kind::Object {
            let kind = called(operators.kind());
            let message = format!("'{field}' is an object such as {{\"eq\":…}}, not {kind}");
            return Err(Refused::shape(message));
        }
        if depth > MAX_DEPTH {
            return Err(Refused::shape("the filter nests too deep"));
        }
        let mut clauses = Vec::new();
        for (operator, value) in operators.entries() {
            let value_name = format!("{value_name}_{operator}");
            if operator == "size" {
                let size = match depth {
                    0 => format!("size({operand})"),
                    _ => operand.to_owned(),
                };
                clauses.push(self.operators(field, &size, &value_name, value, depth + 1)?);
                continue;
            }
            let clause = self.comparison(field, operand, &operator, value_name, value)?;
            clauses.push(self.charge(format!("({clause})"))?);
        }
        Ok(joined(&clauses, " AND "))
    }

    fn comparison(
        &mut self,
        field: &str,
        operand: &str,
        operator: &str,
        name: String,
        value: View<'_>,
    ) -> Result<String, Refused> {
        let sign = match operator {
            "eq" => "=",
            "ne" => "<>",
            "lt" => "<",
            "le" => "<=",
            "gt" => ">",
            "ge" => ">=",
            _ => return self.call(field, operand, operator, name, value),
        };
        let name = self.bind(name, value)?;
        Ok(format!("{operand} {sign} {name}"))
    }

    /// The operators that are no signs.
    fn call(
        &mut self,
        field: &str,
        operand: &str,
        operator: &str,
        name: String,
        value: View<'_>,
    ) -> Result<String, Refused> {
        match operator {
            "contains" => Ok(format!("contains({operand},{})", self.bind(name, value)?)),
            "notContains" => Ok(format!(
                "NOT contains({operand},{})",
                self.bind(name, value)?
            )),
            "beginsWith" => Ok(format!(
                "begins_with({operand},{})",
                self.bind(name, value)?
            )),
            "between" => {
                let mut bounds = value.items();
                let (Some(start), Some(end)) = (bounds.next(), bounds.next()) else {
                    let message = format!("'{field}.between' is a list of two values");
                    return Err(Refused::shape(message));
                };
                let start = self.bind(format!("{name}_start"), start)?;
                let end = self.bind(format!("{name}_end"), end)?;
                Ok(format!("{operand} BETWEEN {start} AND {end}"))
            }
            "in" => self.any_of(field, operand, &name, value),
            "attributeExists" => match value.as_bool() {
                Some(true) => Ok(format!("attribute_exists({operand})")),
                Some(false) => Ok(format!("attribute_not_exists({operand})")),
                None => Err(Refused::shape(format!(
                    "'{field}.attributeExists' is true or false"
                ))),
            },
            "attributeType" => {
                let type_name = value.as_str().unwrap_or_default();
                let Some((_, code)) = TYPES.iter().find(|(name, _)| *name == type_name) else {
                    let names = TYPES.map(|(name, _)| name).join(", ");
                    let message = format!("'{field}.attributeType' is one of {names}");
                    return Err(Refused::shape(message));
                };
                let name = self.bind(name, Value::from(*code).view())?;
                Ok(format!("attribute_type({operand},{name})"))
            }
            other => Err(Refused::shape(format!(
                "'{field}.{other}' is no operator; there are {OPERATORS}"
            ))),
        }
    }

    fn any_of(
        &mut self,
        field: &str,
        operand: &str,
        name: &str,
        values: View<'_>,
    ) -> Result<String, Refused> {
        if values.kind() != Kind::List {
            return Err(Refused::shape(format!("'{field}.in' is a list of values")));
        }
        if values.is_empty() {
            return Ok("null".to_owned());
        }
        let names = values.items().enumerate();
        let names: Result<Vec<_>, _> = names
            .map(|(index, value)| self.bind(format!("{name}_{index}"), value))
            .collect();
        Ok(format!("{operand} IN ({})", names?.join(", ")))
    }

    /// Gives a value its name.
    fn bind(&mut self, name: String, value: View<'_>) -> Result<String, Refused> {
        self.typed.spend(name.len())?;
        let value = self.typed.value(value)?;
        self.values.insert(Arc::from(name.as_str()), value);
        Ok(name)
    }

    fn charge(&mut self, clause: String) -> Result<String, Refused> {
        self.typed.spend(clause.len())?;
        Ok(clause)
    }
}

/// The clauses as one: several stand in parentheses.
fn joined(clauses: &[String], joiner: &str) -> String {
    match clauses {
        [] => String::new(),
        [clause] => clause.clone(),
        several => format!("({})", several.join(joiner)),
    }
}
