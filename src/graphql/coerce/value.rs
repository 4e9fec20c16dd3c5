//! Values that a request brings, coerced to a type: graphql-js's `coerceInputValue`.

use std::fmt::{self, Write};

use super::{CoerceError, MAX_ERRORS, VariableDef, suggest};
use crate::{
    graphql::schema::{
        input::{EnumType, InputKind, InputType, Inputs, ObjectType},
        scalar::{Scalar, inspect, shorten},
    },
    json::{Kind, Object, Value, View},
};

/// The coercion of one variable. It goes on after an error, to find the others.
pub(super) struct Coercion<'a> {
    pub(super) inputs: &'a Inputs,
    pub(super) variable: &'a VariableDef,
    pub(super) errors: &'a mut Vec<CoerceError>,
}

/// Where in the variable's value we are; the parents are on the stack.
#[derive(Clone, Copy)]
pub(super) struct Path<'a> {
    parent: Option<&'a Path<'a>>,
    step: Step<'a>,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Field(&'a str),
    Item(usize),
}

// === impl Coercion ===

impl Coercion<'_> {
    /// The value for a place of the given type; `None` after an error.
    pub(super) fn value(
        &mut self,
        ty: &InputType,
        value: View<'_>,
        path: Option<&Path<'_>>,
    ) -> Option<Value> {
        if value.is_null() {
            if ty.nullable {
                return Some(Value::Null);
            }
            let message = format!("Expected non-nullable type \"{ty}\" not to be null.");
            self.refuse(value, path, &message);
            return None;
        }
        match &ty.kind {
            InputKind::List(item) => self.list(item, value, path),
            InputKind::Object(id, _) => self.object(self.inputs.object_type(*id), value, path),
            InputKind::Enum(id, _) => self.enum_value(self.inputs.enum_type(*id), value, path),
            InputKind::Scalar(scalar, _) => self.scalar(*scalar, value, path),
        }
    }

    /// What is no list is a list of one.
    fn list(
        &mut self,
        item: &InputType,
        value: View<'_>,
        path: Option<&Path<'_>>,
    ) -> Option<Value> {
        if value.kind() != Kind::List {
            return Some(Value::from(vec![self.value(item, value, path)?]));
        }
        let mut items = Vec::with_capacity(value.len());
        for (index, member) in value.items().enumerate() {
            if self.is_full() {
                return None;
            }
            let path = Path {
                parent: path,
                step: Step::Item(index),
            };
            items.extend(self.value(item, member, Some(&path)));
        }
        // One is missing only after an error, and then nobody looks at the rest.
        Some(Value::from(items))
    }

    fn object(
        &mut self,
        ty: &ObjectType,
        value: View<'_>,
        path: Option<&Path<'_>>,
    ) -> Option<Value> {
        if value.kind() != Kind::Object {
            let message = format!("Expected type \"{}\" to be an object.", ty.name);
            self.refuse(value, path, &message);
            return None;
        }
        let mut object = Object::with_capacity_and_hasher(ty.fields.len(), Default::default());
        for (name, field) in &ty.fields {
            let coerced = match (value.get(name), &field.default) {
                (Some(member), _) => {
                    let path = Path {
                        parent: path,
                        step: Step::Field(name),
                    };
                    self.value(&field.ty, member, Some(&path))
                }
                (None, Some(default)) => Some(default.clone()),
                (None, None) if field.ty.nullable => None,
                (None, None) => {
                    let message = format!(
                        "Field \"{name}\" of required type \"{}\" was not provided.",
                        field.ty
                    );
                    self.refuse(value, path, &message);
                    None
                }
            };
            object.extend(coerced.map(|coerced| (name.clone(), coerced)));
        }
        self.refuse_unknown_fields(ty, value, path);
        if ty.one_of {
            self.check_one_of(ty, value, path);
        }
        Some(Value::from(object))
    }

    fn refuse_unknown_fields(&mut self, ty: &ObjectType, value: View<'_>, path: Option<&Path<'_>>) {
        for (name, _) in value.entries() {
            if ty.fields.contains_key(&*name) || self.is_full() {
                continue;
            }
            let name = shorten(name.into_owned());
            let known = ty.fields.keys().map(|name| &**name);
            let message = format!(
                "Field \"{name}\" is not defined by type \"{}\".{}",
                ty.name,
                suggest::did_you_mean("", &suggest::nearest(&name, known))
            );
            self.refuse(value, path, &message);
        }
    }

    fn check_one_of(&mut self, ty: &ObjectType, value: View<'_>, path: Option<&Path<'_>>) {
        let mut given = ty
            .fields
            .keys()
            .filter_map(|name| Some((name, value.get(name)?)));
        let (first, second) = (given.next(), given.next());
        if first.is_none() || second.is_some() {
            let message = format!(
                "Exactly one key must be specified for OneOf type \"{}\".",
                ty.name
            );
            self.refuse(value, path, &message);
        }
        if let Some((name, member)) = first
            && member.is_null()
        {
            let path = Path {
                parent: path,
                step: Step::Field(name),
            };
            let message = format!("Field \"{name}\" must be non-null.");
            self.refuse(member, Some(&path), &message);
        }
    }

    fn enum_value(
        &mut self,
        ty: &EnumType,
        value: View<'_>,
        path: Option<&Path<'_>>,
    ) -> Option<Value> {
        let (given, what) = match value.as_str() {
            Some(name) => match ty.value(&name) {
                Some(known) => return Some(known),
                None => {
                    let name = shorten(name.into_owned());
                    let what = format!("Value \"{name}\" does not exist in \"{}\" enum.", ty.name);
                    (name, what)
                }
            },
            None => {
                let given = inspect(value);
                let what = format!(
                    "Enum \"{}\" cannot represent non-string value: {given}.",
                    ty.name
                );
                (given, what)
            }
        };
        let known = ty.values().map(|name| &**name);
        let hint = suggest::did_you_mean("the enum value ", &suggest::nearest(&given, known));
        self.refuse(value, path, &(what + &hint));
        None
    }

    fn scalar(
        &mut self,
        scalar: Scalar,
        value: View<'_>,
        path: Option<&Path<'_>>,
    ) -> Option<Value> {
        match (scalar.parse_value(value), scalar) {
            (Ok(value), _) => return Some(value),
            (Err(refusal), Scalar::Aws(_)) => {
                // AppSync names the field that the value is for, however deep it is.
                let name = path
                    .and_then(Path::last_field)
                    .unwrap_or(&self.variable.name);
                self.push(format!("Variable '{name}' has an invalid value. {refusal}"));
            }
            (Err(refusal), _) => self.refuse(value, path, &refusal),
        }
        None
    }

    fn refuse(&mut self, value: View<'_>, path: Option<&Path<'_>>, why: &str) {
        if self.is_full() {
            return;
        }
        let name = &self.variable.name;
        let mut message = format!("Variable \"${name}\" got invalid value {}", inspect(value));
        if let Some(path) = path {
            _ = write!(message, " at \"{name}{path}\"");
        }
        self.push(format!("{message}; {why}"));
    }

    fn push(&mut self, message: String) {
        self.errors.push(CoerceError {
            message,
            location: self.variable.location,
        });
    }

    /// Whether there are more errors than will be told.
    fn is_full(&self) -> bool {
        self.errors.len() > MAX_ERRORS
    }
}

// === impl Path ===

impl<'a> Path<'a> {
    fn last_field(&self) -> Option<&'a str> {
        match self.step {
            Step::Field(name) => Some(name),
            Step::Item(_) => self.parent.and_then(Path::last_field),
        }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
        }
        match self.step {
            Step::Field(name) => write!(f, ".{name}"),
            Step::Item(index) => write!(f, "[{index}]"),
        }
    }
}
