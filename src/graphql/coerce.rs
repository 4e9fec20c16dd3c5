//! Coercion of variables and arguments, as graphql-js 16 does it.
//!
//! Types, defaults and constant arguments are settled when an operation is planned; a request only
//! brings its variables. Texts are those of graphql-js, except that the scalars of AppSync speak as
//! AppSync does.

mod argument;
mod incoming;
mod suggest;
mod value;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use apollo_compiler::{executable::Operation, parser::SourceSpan};

use super::schema::input::{InputType, Inputs};
use crate::json::{Value, View};

pub(crate) use argument::Arguments;
pub(crate) use incoming::from_variables;

use value::Coercion;

/// More errors than this are not told.
const MAX_ERRORS: usize = 50;

/// A variable that an operation declares.
#[derive(Debug, Clone)]
pub(crate) struct VariableDef {
    pub(crate) name: Arc<str>,
    pub(crate) ty: InputType,
    /// As resolvers see it.
    pub(crate) default: Option<Value>,
    /// Where it is declared.
    pub(crate) location: Option<SourceSpan>,
}

/// The variables of a request, in the order of their definitions. One that was not provided and has
/// no default is `None`, which is not the same as `null`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Variables {
    values: Vec<Option<Value>>,
}

/// Why variables or arguments do not fit.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{message}")]
pub(crate) struct CoerceError {
    /// For the client.
    pub(crate) message: String,
    /// The variable's definition, or the argument's literal.
    pub(crate) location: Option<SourceSpan>,
}

/// Coerces what a request provided, an object by names, to the types of an operation's variables.
///
/// <https://spec.graphql.org/October2021/#CoerceVariableValues()>
pub(crate) fn coerce_variables(
    inputs: &Inputs,
    defs: &[VariableDef],
    provided: View<'_>,
) -> Result<Variables, Vec<CoerceError>> {
    let mut errors = Vec::new();
    let mut values = Vec::with_capacity(defs.len());
    for def in defs {
        values.push(coerce_variable(
            inputs,
            def,
            provided.get(&def.name),
            &mut errors,
        ));
    }
    if errors.is_empty() {
        return Ok(Variables { values });
    }
    if errors.len() > MAX_ERRORS {
        errors.truncate(MAX_ERRORS);
        errors.push(CoerceError {
            message: "Too many errors processing variables, error limit reached. \
                      Execution aborted."
                .to_owned(),
            location: None,
        });
    }
    Err(errors)
}

fn coerce_variable(
    inputs: &Inputs,
    def: &VariableDef,
    provided: Option<View<'_>>,
    errors: &mut Vec<CoerceError>,
) -> Option<Value> {
    let VariableDef {
        name, ty, location, ..
    } = def;
    let mut refuse = |message| {
        errors.push(CoerceError {
            message,
            location: *location,
        })
    };
    let Some(value) = provided else {
        if def.default.is_none() && !ty.nullable {
            refuse(format!(
                "Variable \"${name}\" of required type \"{ty}\" was not provided."
            ));
        }
        return def.default.clone();
    };
    if value.is_null() && !ty.nullable {
        refuse(format!(
            "Variable \"${name}\" of non-null type \"{ty}\" must not be null."
        ));
        return None;
    }
    Coercion {
        inputs,
        variable: def,
        errors,
    }
    .value(ty, value, None)
}

// === impl VariableDef ===

impl VariableDef {
    /// Compiles the variables of a validated operation.
    pub(crate) fn compile(
        inputs: &Inputs,
        operation: &Operation,
    ) -> Result<Vec<VariableDef>, CoerceError> {
        let defs = operation.variables.iter().map(|variable| {
            let Some(ty) = inputs.resolve(&variable.ty) else {
                let message = format!(
                    "Variable \"${}\" expected value of type \"{}\" which cannot be used as an input type.",
                    variable.name, variable.ty
                );
                return Err(CoerceError { message, location: variable.location() });
            };
            let default = variable.default_value.as_ref();
            Ok(VariableDef {
                name: Arc::from(variable.name.as_str()),
                default: default.and_then(|literal| inputs.constant(&ty, literal)),
                ty,
                location: variable.location(),
            })
        });
        defs.collect()
    }
}

// === impl Variables ===

impl Variables {
    /// Whether a variable is `true`.
    pub(crate) fn is_true(&self, slot: usize) -> bool {
        matches!(self.get(slot).map(Value::view), Some(value) if value.as_bool() == Some(true))
    }

    /// The value of a variable by its place among the definitions.
    pub(crate) fn get(&self, slot: usize) -> Option<&Value> {
        self.values.get(slot).and_then(Option::as_ref)
    }

    /// All values, by place.
    pub(crate) fn values(&self) -> &[Option<Value>] {
        &self.values
    }
}
