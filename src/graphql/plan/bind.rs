//! Binds a merged field to where its value comes from.

use std::sync::Arc;

use apollo_compiler::{Node, ast::Type, executable::Field as AstField, name};

use crate::{
    graphql::{
        RequestError,
        coerce::Arguments,
        plan::{Field, Origin, Shape, ShapeKind, document::line_column, merge::Planner},
        schema::{TypeId, scalar::Scalar},
    },
    json,
};

/// Plans the fields of one response key as one field of an object type.
pub(super) fn field<'a>(
    planner: &mut Planner<'a>,
    parent: TypeId,
    key: &str,
    group: &Vec<&'a Node<AstField>>,
) -> Result<Field, RequestError> {
    let first = group[0];
    let mut key_json = Vec::with_capacity(key.len() + 3);
    json::write_string(key, &mut key_json);
    key_json.push(b':');
    let mut field = Field {
        key: Arc::from(key),
        key_json: key_json.into(),
        name: Arc::from(first.name.as_str()),
        location: location(planner, first),
        origin: Origin::Property,
        shape: Shape {
            nullable: false,
            kind: ShapeKind::Scalar(Scalar::String, Arc::from("String")),
            resolves: false,
        },
        arguments: None,
        given: given(first),
        column: None,
        rule: None,
        publishes: false,
        repeats: false,
        slot: planner.next_slot(),
    };
    if first.name == name!("__typename") {
        field.origin = Origin::Typename;
        return Ok(field);
    }
    if matches!(first.name.as_str(), "__schema" | "__type") {
        field.origin = Origin::Introspection(planner.introspection.answer(key)?);
        return Ok(field);
    }
    define(planner, parent, group, &mut field)?;
    Ok(field)
}

/// Fills in what the schema says about a field.
fn define<'a>(
    planner: &mut Planner<'a>,
    parent: TypeId,
    group: &Vec<&'a Node<AstField>>,
    field: &mut Field,
) -> Result<(), RequestError> {
    let schema = planner.schema;
    let Some(definition) = schema.field(parent, &field.name) else {
        let type_name = &schema.get(parent).name;
        return Err(RequestError::new(format!(
            "type `{type_name}` has no field `{}`",
            field.name
        )));
    };
    let ty: &Type = &definition.ty;
    // Said before the fields below are planned: it is for the root of a subscription to say whether
    // they are resolved.
    let is_resolved = planner.resolves_at(definition);
    field.rule = planner.keep_rule(definition);
    field.publishes = definition.publishes;
    field.shape = planner.shape(ty, group)?;
    if !definition.arguments.is_empty() {
        let given = &group[0].arguments;
        let arguments = Arguments::compile(
            &schema.inputs,
            &definition.arguments,
            given,
            &planner.document.variables,
        )
        .map_err(|error| RequestError::locate(error, &planner.document.document))?;
        field.arguments = Some(planner.keep_arguments(arguments));
    }
    if let Some(resolver) = definition.binding.resolver.as_ref().filter(|_| is_resolved) {
        planner.count_resolver()?;
        field.origin = Origin::Resolver(Arc::clone(resolver));
    }
    Ok(())
}

fn given(field: &Node<AstField>) -> Box<str> {
    if field.arguments.is_empty() {
        return Box::default();
    }
    let mut text = String::from("(");
    for (index, argument) in field.arguments.iter().enumerate() {
        text.push_str(if index == 0 { "" } else { ", " });
        text.push_str(&argument.name);
        text.push_str(": ");
        text.push_str(&argument.value.serialize().no_indent().to_string());
    }
    text.push(')');
    text.into()
}

fn location(planner: &Planner<'_>, field: &Node<AstField>) -> Option<(u32, u32)> {
    line_column(field.location()?, &planner.document.document)
}

impl Origin {
    /// Whether a resolver runs for the field.
    pub(crate) fn is_resolver(&self) -> bool {
        matches!(self, Origin::Resolver(_))
    }
}
