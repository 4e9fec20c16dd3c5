//! Default values in SDL: apollo-compiler takes any, and one that does not fit would be no default.
//!
//! <https://spec.graphql.org/September2025/#sec-Values-of-Correct-Type>

use apollo_compiler::{
    Name, Node, ast,
    schema::{Component, EnumType, ExtendedType, InputObjectType, Schema as Sdl},
};

use super::{
    load::locate,
    scalar::{Scalar, print},
};
use crate::config::{Diagnostics, GraphqlApi, did_you_mean};

/// Reports every default of a valid schema that does not fit its type.
pub(super) fn check(schema: &Sdl, api: &GraphqlApi, diagnostics: &mut Diagnostics) {
    let mut checker = Checker {
        schema,
        api,
        diagnostics,
    };
    for ty in schema.types.values().filter(|ty| !ty.is_built_in()) {
        match ty {
            ExtendedType::Object(object) => checker.fields(object.fields.values()),
            ExtendedType::Interface(interface) => checker.fields(interface.fields.values()),
            ExtendedType::InputObject(object) => {
                checker.inputs(object.fields.values().map(|field| &field.node));
            }
            ExtendedType::Scalar(_) | ExtendedType::Union(_) | ExtendedType::Enum(_) => {}
        }
    }
    for directive in schema.directive_definitions.values() {
        checker.inputs(&directive.arguments);
    }
}

/// Walks the defaults of one schema.
struct Checker<'a> {
    schema: &'a Sdl,
    api: &'a GraphqlApi,
    diagnostics: &'a mut Diagnostics,
}

impl<'a> Checker<'a> {
    fn fields(&mut self, fields: impl Iterator<Item = &'a Component<ast::FieldDefinition>>) {
        for field in fields {
            self.inputs(&field.arguments);
        }
    }

    fn inputs(&mut self, inputs: impl IntoIterator<Item = &'a Node<ast::InputValueDefinition>>) {
        for input in inputs {
            if let Some(default) = &input.default_value {
                self.value(&input.ty, default);
            }
        }
    }

    fn value(&mut self, ty: &ast::Type, value: &Node<ast::Value>) {
        match (ty, &**value) {
            (_, ast::Value::Null) if !ty.is_non_null() => {}
            (_, ast::Value::Null | ast::Value::Variable(_)) => self.misfit(ty, value, None),
            (ast::Type::List(item) | ast::Type::NonNullList(item), ast::Value::List(items)) => {
                for value in items {
                    self.value(item, value);
                }
            }
            // One value will do for a list of one.
            (ast::Type::List(item) | ast::Type::NonNullList(item), _) => self.value(item, value),
            (ast::Type::Named(name) | ast::Type::NonNullNamed(name), _) => {
                self.named(ty, name, value);
            }
        }
    }

    fn named(&mut self, ty: &ast::Type, name: &Name, value: &Node<ast::Value>) {
        let schema = self.schema;
        match (schema.types.get(name), &**value) {
            (Some(ExtendedType::Scalar(_)), _) => match Scalar::named(name) {
                Scalar::Custom => {}
                scalar => {
                    if let Err(refusal) = scalar.parse_literal(value) {
                        self.misfit(ty, value, Some(refusal));
                    }
                }
            },
            (Some(ExtendedType::Enum(enum_)), ast::Value::Enum(word)) => {
                self.word(enum_, word, value);
            }
            (Some(ExtendedType::InputObject(object)), ast::Value::Object(fields)) => {
                self.object(object, value, fields);
            }
            _ => self.misfit(ty, value, None),
        }
    }

    fn word(&mut self, enum_: &EnumType, word: &Name, value: &Node<ast::Value>) {
        if !enum_.values.contains_key(word) {
            let help = did_you_mean(word, enum_.values.keys().map(Name::as_str));
            let message = format!("the enum `{}` has no value `{word}`", enum_.name);
            self.fault(value, message, help);
        }
    }

    fn object(
        &mut self,
        object: &'a InputObjectType,
        value: &Node<ast::Value>,
        given: &[(Name, Node<ast::Value>)],
    ) {
        let name = &object.name;
        for (field, value) in given {
            match object.fields.get(field) {
                Some(def) => self.value(&def.ty, value),
                None => {
                    let help = did_you_mean(field, object.fields.keys().map(Name::as_str));
                    let message = format!("the input `{name}` has no field `{field}`");
                    self.fault(value, message, help);
                }
            }
        }
        for def in object.fields.values().filter(|def| def.is_required()) {
            if !given.iter().any(|(field, _)| *field == def.name) {
                let message = format!("the input `{name}` needs a value for `{}`", def.name);
                self.fault(value, message, None);
            }
        }
        let is_one = matches!(given, [(_, value)] if !value.is_null());
        if object.directives.has("oneOf") && !is_one {
            let message = format!("the input `{name}` takes exactly one field");
            self.fault(value, message, None);
        }
    }

    fn misfit(&mut self, ty: &ast::Type, value: &Node<ast::Value>, help: Option<String>) {
        let message = format!("the default must be of type `{ty}`, not `{}`", print(value));
        self.fault(value, message, help);
    }

    fn fault(&mut self, value: &Node<ast::Value>, message: String, help: Option<String>) {
        let span = locate(value.location(), &self.schema.sources, &self.api.schema);
        let span = span.unwrap_or(self.api.schema_span);
        self.diagnostics.error(Some(span), message, help);
    }
}
