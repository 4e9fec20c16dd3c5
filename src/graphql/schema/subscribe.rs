//! `@aws_subscribe(mutations:)`: which subscription field hears of which mutation field.
//!
//! See: appsync.md 6.1.

use std::collections::HashSet;

use apollo_compiler::{
    Name, Node,
    ast::{self, FieldDefinition, Type},
    parser::SourceSpan,
    schema::{ExtendedType, ObjectType, Schema as Sdl},
};

use super::load::locate;
use crate::config::{Diagnostics, GraphqlApi, did_you_mean};

const DIRECTIVE: &str = "aws_subscribe";

/// The mutation fields that a field names, and where.
pub(super) fn mutations(
    field: &FieldDefinition,
) -> impl Iterator<Item = (&str, Option<SourceSpan>)> {
    let directive = field.directives.get(DIRECTIVE);
    let named = directive.and_then(|it| it.specified_argument_by_name("mutations"));
    // One name will do for a list of one.
    let names: &[Node<ast::Value>] = match named {
        Some(list) => match &**list {
            ast::Value::List(names) => names,
            _ => std::slice::from_ref(list),
        },
        None => &[],
    };
    names
        .iter()
        .filter_map(|name| Some((name.as_str()?, name.location())))
}

/// The mutation fields that any subscription field names.
pub(super) fn published(sdl: &Sdl) -> HashSet<&str> {
    let root = root(sdl, ast::OperationType::Subscription);
    let fields = root.into_iter().flat_map(|root| root.fields.values());
    fields
        .flat_map(|field| mutations(field))
        .map(|(name, _)| name)
        .collect()
}

/// Checks that subscription fields hear of something, and of something they can show.
pub(super) fn check(sdl: &Sdl, api: &GraphqlApi, diagnostics: &mut Diagnostics) {
    let mut checker = Checker {
        sdl,
        api,
        mutation: root(sdl, ast::OperationType::Mutation),
        diagnostics,
    };
    let subscription = root(sdl, ast::OperationType::Subscription);
    for ty in sdl.types.values().filter(|ty| !ty.is_built_in()) {
        let fields = match ty {
            ExtendedType::Object(object) => &object.fields,
            ExtendedType::Interface(interface) => &interface.fields,
            ExtendedType::Scalar(_)
            | ExtendedType::Union(_)
            | ExtendedType::Enum(_)
            | ExtendedType::InputObject(_) => continue,
        };
        let listens = subscription.is_some_and(|root| root.name == *ty.name());
        for field in fields.values() {
            match listens {
                true => checker.subscription(ty.name(), field),
                false => checker.other(ty.name(), field),
            }
        }
    }
}

fn root(sdl: &Sdl, operation: ast::OperationType) -> Option<&ObjectType> {
    sdl.get_object(sdl.root_operation(operation)?)
        .map(|object| &**object)
}

struct Checker<'a> {
    sdl: &'a Sdl,
    api: &'a GraphqlApi,
    mutation: Option<&'a ObjectType>,
    diagnostics: &'a mut Diagnostics,
}

impl Checker<'_> {
    fn other(&mut self, ty: &Name, field: &FieldDefinition) {
        if let Some(directive) = field.directives.get(DIRECTIVE) {
            let message = format!(
                "`@aws_subscribe` does nothing on `{ty}.{}`: only fields of the subscription type listen",
                field.name
            );
            let help = "remove it".to_owned();
            self.error(directive.location(), message, help);
        }
    }

    fn subscription(&mut self, ty: &Name, field: &FieldDefinition) {
        if mutations(field).next().is_none() {
            let message = format!("`{ty}.{}` never fires: it names no mutations", field.name);
            let help = "add `@aws_subscribe(mutations: [\"…\"])`".to_owned();
            self.warning(field.name.location(), message, help);
        }
        for (name, location) in mutations(field) {
            self.named(ty, field, name, location);
        }
        self.arguments(ty, field);
    }

    fn named(
        &mut self,
        ty: &Name,
        field: &FieldDefinition,
        name: &str,
        location: Option<SourceSpan>,
    ) {
        let Some(mutation) = self.mutation else {
            let message = format!("there is no mutation `{name}`: the schema has no mutations");
            self.error(location, message, "add `type Mutation { … }`".to_owned());
            return;
        };
        let Some(found) = mutation.fields.get(name) else {
            let message = format!("type `{}` has no field `{name}`", mutation.name);
            let help = did_you_mean(name, mutation.fields.keys().map(Name::as_str));
            let span = locate(location, &self.sdl.sources, &self.api.schema);
            self.diagnostics.error(span, message, help);
            return;
        };
        if !is_same(&found.ty, &field.ty) {
            let message = format!(
                "`{ty}.{}` is of type `{}`, but `{}.{name}` of type `{}`: an event is what the mutation answers",
                field.name, field.ty, mutation.name, found.ty
            );
            self.error(location, message, "give both the same type".to_owned());
        }
    }

    fn arguments(&mut self, ty: &Name, field: &FieldDefinition) {
        let fields = match self.sdl.types.get(field.ty.inner_named_type()) {
            Some(ExtendedType::Object(object)) => Some(&object.fields),
            Some(ExtendedType::Interface(interface)) => Some(&interface.fields),
            _ => None,
        };
        for argument in &field.arguments {
            let name = &argument.name;
            if fields.is_some_and(|fields| fields.contains_key(name)) {
                continue;
            }
            let returned = field.ty.inner_named_type();
            let message = format!(
                "`{ty}.{}` never matches when `{name}` is given: `{returned}` has no such field",
                field.name
            );
            let names = fields.into_iter().flat_map(|fields| fields.keys());
            let help = did_you_mean(name, names.map(Name::as_str)).unwrap_or_else(|| {
                "an argument is compared with the field of its name in the event".to_owned()
            });
            self.warning(name.location(), message, help);
        }
    }

    fn error(&mut self, location: Option<SourceSpan>, message: String, help: String) {
        let span = locate(location, &self.sdl.sources, &self.api.schema);
        self.diagnostics.error(span, message, Some(help));
    }

    fn warning(&mut self, location: Option<SourceSpan>, message: String, help: String) {
        let span = locate(location, &self.sdl.sources, &self.api.schema);
        self.diagnostics.warning(span, message, Some(help));
    }
}

/// Whether two types are the same but for what may be null: where it matters, events are checked one
/// by one, and a null mutation has none.
fn is_same(one: &Type, other: &Type) -> bool {
    match (one, other) {
        (
            Type::List(one) | Type::NonNullList(one),
            Type::List(other) | Type::NonNullList(other),
        ) => is_same(one, other),
        (
            Type::Named(one) | Type::NonNullNamed(one),
            Type::Named(other) | Type::NonNullNamed(other),
        ) => one == other,
        _ => false,
    }
}
