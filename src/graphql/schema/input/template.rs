//! Literals compiled to values with room for variables: graphql-js's `valueFromAST`, done once.
//!
//! <https://spec.graphql.org/October2021/#sec-Input-Values>

use std::sync::Arc;

use apollo_compiler::ast;

use super::{ArgumentDef, InputKind, InputType, Inputs, ObjectType, Scalar};
use crate::json::{Object, Value};

/// A literal, coerced as far as it can be without the values of variables.
#[derive(Debug, Clone)]
pub(crate) enum Template {
    /// No variable in it: shared by every evaluation.
    Constant(Value),
    /// A variable by its place among those of the operation.
    Variable {
        /// Its place; of a variable that the operation does not have, a place beyond all.
        slot: usize,
        /// Whether `null` will do here.
        nullable: bool,
    },
    /// A list with a variable somewhere inside.
    List(Box<[Template]>),
    /// An object with a variable somewhere inside.
    Object {
        /// The fields that may have a value, in the order of the type.
        fields: Box<[Field]>,
        /// Whether exactly one may, and not `null`.
        one_of: bool,
    },
}

/// A field of an object that is being built.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    name: Arc<str>,
    value: Template,
    missing: Missing,
}

/// What becomes of a field whose variable was not provided.
#[derive(Debug, Clone)]
enum Missing {
    Absent,
    Default(Value),
    Invalid,
}

/// A literal, or the value of a variable in it, does not fit its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Invalid;

/// Finds the place of a variable by its name.
type Slots<'a> = &'a dyn Fn(&str) -> Option<usize>;

// === impl Template ===

impl Template {
    /// Compiles a literal for a place of the given type.
    pub(crate) fn compile(
        inputs: &Inputs,
        ty: &InputType,
        literal: &ast::Value,
        slots: Slots<'_>,
    ) -> Result<Template, Invalid> {
        match (literal, &ty.kind) {
            (ast::Value::Variable(name), _) => Ok(variable(name, ty.nullable, slots)),
            (ast::Value::Null, _) if ty.nullable => Ok(Template::Constant(Value::Null)),
            (ast::Value::Null, _) => Err(Invalid),
            (ast::Value::List(items), InputKind::List(item)) => {
                let items = items.iter();
                list(items.map(|literal| Template::compile(inputs, item, literal, slots)))
            }
            (_, InputKind::List(item)) => list(std::iter::once(Template::compile(
                inputs, item, literal, slots,
            ))),
            (ast::Value::Object(fields), InputKind::Object(id, _)) => {
                object(inputs, inputs.object_type(*id), fields, slots)
            }
            (_, InputKind::Object(..)) => Err(Invalid),
            (ast::Value::Enum(name), InputKind::Enum(id, _)) => {
                let value = inputs.enum_type(*id).value(name).ok_or(Invalid)?;
                Ok(Template::Constant(value))
            }
            (_, InputKind::Enum(..)) => Err(Invalid),
            (_, InputKind::Scalar(Scalar::Custom, _)) => untyped(literal, slots),
            (_, InputKind::Scalar(scalar, _)) => {
                let value = scalar.parse_literal(literal).map_err(|_| Invalid)?;
                Ok(Template::Constant(value))
            }
        }
    }

    /// The value, given those of the operation's variables.
    pub(crate) fn evaluate(&self, variables: &[Option<Value>]) -> Result<Value, Invalid> {
        match self {
            Template::Constant(value) => Ok(value.clone()),
            Template::Variable { slot, nullable } => match provided(variables, *slot) {
                Some(value) if *nullable || !value.view().is_null() => Ok(value.clone()),
                _ => Err(Invalid),
            },
            Template::List(items) => items
                .iter()
                .map(|item| item.evaluate_item(variables))
                .collect(),
            Template::Object { fields, one_of } => {
                let object = evaluate_fields(fields, variables)?;
                check_one_of(*one_of, &object)?;
                Ok(Value::from(object))
            }
        }
    }

    /// A missing variable in a list is `null`, if that will do.
    fn evaluate_item(&self, variables: &[Option<Value>]) -> Result<Value, Invalid> {
        match self {
            Template::Variable {
                slot,
                nullable: true,
            } if provided(variables, *slot).is_none() => Ok(Value::Null),
            _ => self.evaluate(variables),
        }
    }
}

fn provided(variables: &[Option<Value>], slot: usize) -> Option<&Value> {
    variables.get(slot).and_then(Option::as_ref)
}

fn variable(name: &str, nullable: bool, slots: Slots<'_>) -> Template {
    Template::Variable {
        slot: slots(name).unwrap_or(usize::MAX),
        nullable,
    }
}

fn list(items: impl Iterator<Item = Result<Template, Invalid>>) -> Result<Template, Invalid> {
    let items: Box<[Template]> = items.collect::<Result<_, _>>()?;
    let constants = items.iter().map(|item| match item {
        Template::Constant(value) => Some(value.clone()),
        _ => None,
    });
    match constants.collect::<Option<Value>>() {
        Some(list) => Ok(Template::Constant(list)),
        None => Ok(Template::List(items)),
    }
}

fn object(
    inputs: &Inputs,
    ty: &ObjectType,
    given: &[(apollo_compiler::Name, apollo_compiler::Node<ast::Value>)],
    slots: Slots<'_>,
) -> Result<Template, Invalid> {
    let mut fields = Vec::with_capacity(ty.fields.len());
    for def in ty.fields.values() {
        // Of a field that is given twice, graphql-js takes the last.
        let literal = given.iter().rev().find(|(name, _)| *name == *def.name);
        match literal {
            Some((_, literal)) => {
                let value = Template::compile(inputs, &def.ty, literal, slots)?;
                let missing = Missing::of(def);
                fields.push(Field {
                    name: Arc::clone(&def.name),
                    value,
                    missing,
                });
            }
            None => match Missing::of(def) {
                Missing::Absent => {}
                Missing::Default(default) => fields.push(Field {
                    name: Arc::clone(&def.name),
                    value: Template::Constant(default),
                    missing: Missing::Absent,
                }),
                Missing::Invalid => return Err(Invalid),
            },
        }
    }
    finish_object(fields, ty.one_of)
}

/// A literal of a custom scalar: any JSON.
fn untyped(literal: &ast::Value, slots: Slots<'_>) -> Result<Template, Invalid> {
    match literal {
        ast::Value::Variable(name) => Ok(variable(name, true, slots)),
        ast::Value::List(items) => list(items.iter().map(|item| untyped(item, slots))),
        ast::Value::Object(given) => {
            let fields = given.iter().map(|(name, literal)| {
                let (name, missing) = (Arc::from(name.as_str()), Missing::Absent);
                Ok(Field {
                    name,
                    value: untyped(literal, slots)?,
                    missing,
                })
            });
            finish_object(fields.collect::<Result<_, _>>()?, false)
        }
        leaf => Scalar::Custom
            .parse_literal(leaf)
            .map(Template::Constant)
            .map_err(|_| Invalid),
    }
}

fn finish_object(fields: Vec<Field>, one_of: bool) -> Result<Template, Invalid> {
    let constant = |field: &Field| matches!(field.value, Template::Constant(_));
    if !fields.iter().all(constant) {
        return Ok(Template::Object {
            fields: fields.into(),
            one_of,
        });
    }
    let object = evaluate_fields(&fields, &[])?;
    check_one_of(one_of, &object)?;
    Ok(Template::Constant(Value::from(object)))
}

fn evaluate_fields(fields: &[Field], variables: &[Option<Value>]) -> Result<Object, Invalid> {
    let mut object = Object::with_capacity_and_hasher(fields.len(), Default::default());
    for field in fields {
        let value = match (&field.value, &field.missing) {
            (Template::Variable { slot, .. }, missing) if provided(variables, *slot).is_none() => {
                match missing {
                    Missing::Absent => continue,
                    Missing::Default(default) => default.clone(),
                    Missing::Invalid => return Err(Invalid),
                }
            }
            (value, _) => value.evaluate(variables)?,
        };
        object.insert(Arc::clone(&field.name), value);
    }
    Ok(object)
}

fn check_one_of(one_of: bool, object: &Object) -> Result<(), Invalid> {
    let fits = || object.len() == 1 && object.values().all(|value| !value.view().is_null());
    if one_of && !fits() {
        return Err(Invalid);
    }
    Ok(())
}

// === impl Missing ===

impl Missing {
    fn of(def: &ArgumentDef) -> Missing {
        match &def.default {
            Some(default) => Missing::Default(default.clone()),
            None if def.ty.nullable => Missing::Absent,
            None => Missing::Invalid,
        }
    }
}
