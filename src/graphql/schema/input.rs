//! Input types: what arguments and variables may be.
//!
//! Compiled once from the schema. Defaults are coerced here, so that a request only copies them.

mod defaults;
mod template;

#[cfg(test)]
mod tests;

use std::{fmt, sync::Arc};

use apollo_compiler::{Node, Schema, ast, schema::ExtendedType};
use indexmap::{IndexMap, IndexSet};
use rustc_hash::FxBuildHasher;

use super::scalar::{Scalar, inspect};
use crate::json::{Value, View};

pub(crate) use template::Template;

/// The enums and input objects of a schema.
#[derive(Debug, Default)]
pub(crate) struct Inputs {
    enums: IndexMap<Arc<str>, Arc<EnumType>, FxBuildHasher>,
    objects: IndexMap<Arc<str>, ObjectType, FxBuildHasher>,
    scalars: IndexMap<Arc<str>, Scalar, FxBuildHasher>,
}

/// An enum of [`Inputs`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EnumId(usize);

/// An input object of [`Inputs`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ObjectId(usize);

/// An enum: its values are their names.
#[derive(Debug)]
pub(crate) struct EnumType {
    pub(crate) name: Arc<str>,
    values: IndexSet<Arc<str>, FxBuildHasher>,
}

/// An input object.
#[derive(Debug)]
pub(crate) struct ObjectType {
    pub(crate) name: Arc<str>,
    pub(crate) fields: IndexMap<Arc<str>, ArgumentDef, FxBuildHasher>,
    /// Whether exactly one field is to be given (`@oneOf`).
    pub(crate) one_of: bool,
}

/// An argument or a field of an input object.
#[derive(Debug, Clone)]
pub(crate) struct ArgumentDef {
    pub(crate) name: Arc<str>,
    pub(crate) ty: InputType,
    /// As resolvers see it.
    pub(crate) default: Option<Value>,
}

/// The type of an argument, an input field or a variable. Displays as `[Name!]!`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct InputType {
    pub(crate) nullable: bool,
    pub(crate) kind: InputKind,
}

/// An input type without its nullability.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum InputKind {
    /// A list of another type.
    List(Box<InputType>),
    /// A scalar and its name.
    Scalar(Scalar, Arc<str>),
    /// An enum and its name.
    Enum(EnumId, Arc<str>),
    /// An input object and its name.
    Object(ObjectId, Arc<str>),
}

// === impl Inputs ===

impl Inputs {
    /// Compiles the input side of a valid schema.
    pub(crate) fn build(schema: &Schema) -> Inputs {
        let mut inputs = Inputs::default();
        for (name, ty) in &schema.types {
            let name: Arc<str> = Arc::from(name.as_str());
            match ty {
                ExtendedType::Scalar(_) => {
                    let scalar = Scalar::named(&name);
                    inputs.scalars.insert(name, scalar);
                }
                ExtendedType::Enum(enum_) => {
                    let enum_ = Arc::new(EnumType::build(&name, enum_));
                    inputs.enums.insert(name, enum_);
                }
                ExtendedType::InputObject(object) => {
                    let one_of = object.directives.has("oneOf");
                    let fields = IndexMap::default();
                    let object = ObjectType {
                        name: Arc::clone(&name),
                        fields,
                        one_of,
                    };
                    inputs.objects.insert(name, object);
                }
                ExtendedType::Object(_) | ExtendedType::Interface(_) | ExtendedType::Union(_) => {}
            }
        }
        inputs.resolve_fields(schema);
        defaults::fill(&mut inputs, schema);
        inputs
    }

    /// The input type that a type reference names; `None` when it names no input type.
    pub(crate) fn resolve(&self, ty: &ast::Type) -> Option<InputType> {
        let kind = match ty {
            ast::Type::List(item) | ast::Type::NonNullList(item) => {
                InputKind::List(Box::new(self.resolve(item)?))
            }
            ast::Type::Named(name) | ast::Type::NonNullNamed(name) => self.named(name)?,
        };
        Some(InputType {
            nullable: !ty.is_non_null(),
            kind,
        })
    }

    /// Compiles the arguments of a field or directive. One whose type is no input type, which no
    /// valid schema has, is left out.
    pub(crate) fn arguments(&self, args: &[Node<ast::InputValueDefinition>]) -> Vec<ArgumentDef> {
        args.iter()
            .filter_map(|argument| self.argument(argument))
            .collect()
    }

    /// Compiles one argument.
    fn argument(&self, argument: &ast::InputValueDefinition) -> Option<ArgumentDef> {
        let ty = self.resolve(&argument.ty)?;
        let default = argument.default_value.as_ref();
        let default = default.and_then(|literal| self.constant(&ty, literal));
        Some(ArgumentDef {
            name: Arc::from(argument.name.as_str()),
            ty,
            default,
        })
    }

    /// Coerces a literal without variables; `None` when it does not fit the type.
    pub(crate) fn constant(&self, ty: &InputType, literal: &ast::Value) -> Option<Value> {
        Template::compile(self, ty, literal, &|_| None)
            .ok()?
            .evaluate(&[])
            .ok()
    }

    /// The definition behind an id of this arena.
    pub(crate) fn enum_type(&self, id: EnumId) -> &EnumType {
        &self.enums[id.0]
    }

    /// The enum of a name.
    pub(crate) fn enum_named(&self, name: &str) -> Option<Arc<EnumType>> {
        self.enums.get(name).cloned()
    }

    /// The definition behind an id of this arena.
    pub(crate) fn object_type(&self, id: ObjectId) -> &ObjectType {
        &self.objects[id.0]
    }

    fn named(&self, name: &str) -> Option<InputKind> {
        if let Some((_, name, scalar)) = self.scalars.get_full(name) {
            return Some(InputKind::Scalar(*scalar, Arc::clone(name)));
        }
        if let Some((id, name, _)) = self.enums.get_full(name) {
            return Some(InputKind::Enum(EnumId(id), Arc::clone(name)));
        }
        let (id, name, _) = self.objects.get_full(name)?;
        Some(InputKind::Object(ObjectId(id), Arc::clone(name)))
    }

    /// Needs the names of all types; leaves the defaults out.
    fn resolve_fields(&mut self, schema: &Schema) {
        for id in 0..self.objects.len() {
            let Some(definition) = schema.get_input_object(&self.objects[id].name) else {
                continue;
            };
            let fields = definition.fields.iter().filter_map(|(name, field)| {
                let name: Arc<str> = Arc::from(name.as_str());
                let ty = self.resolve(&field.ty)?;
                let field = ArgumentDef {
                    name: Arc::clone(&name),
                    ty,
                    default: None,
                };
                Some((name, field))
            });
            self.objects[id].fields = fields.collect();
        }
    }
}

// === impl EnumType ===

impl EnumType {
    fn build(name: &Arc<str>, definition: &apollo_compiler::schema::EnumType) -> EnumType {
        let values = definition.values.keys();
        EnumType {
            name: Arc::clone(name),
            values: values.map(|value| Arc::from(value.as_str())).collect(),
        }
    }

    /// The names of the values, in the schema's order.
    pub(crate) fn values(&self) -> impl Iterator<Item = &Arc<str>> {
        self.values.iter()
    }

    /// The value of a name.
    pub(crate) fn value(&self, name: &str) -> Option<Value> {
        self.values.get(name).cloned().map(Value::String)
    }

    /// Appends a result that is not `null`; nothing is appended when it is no value of the enum.
    pub(crate) fn write_result(&self, value: View<'_>, out: &mut Vec<u8>) -> Result<(), String> {
        if value
            .as_str()
            .is_some_and(|name| self.values.contains(&*name))
        {
            value.write(out);
            return Ok(());
        }
        Err(format!(
            "Enum \"{}\" cannot represent value: {}",
            self.name,
            inspect(value)
        ))
    }
}

// === impl InputType ===

impl fmt::Display for InputType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            InputKind::List(item) => write!(f, "[{item}]")?,
            InputKind::Scalar(_, name) | InputKind::Enum(_, name) | InputKind::Object(_, name) => {
                f.write_str(name)?;
            }
        }
        f.write_str(if self.nullable { "" } else { "!" })
    }
}
