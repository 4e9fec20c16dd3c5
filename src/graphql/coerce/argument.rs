//! The arguments of a field, coerced as far as possible when it is planned.

use std::sync::Arc;

use apollo_compiler::{Node, ast, parser::SourceSpan};

use super::{CoerceError, VariableDef, Variables};
use crate::{
    graphql::schema::{
        input::{ArgumentDef, InputType, Inputs, Template},
        scalar::print,
    },
    json::{Object, Value},
};

/// A field's arguments with room for variables.
#[derive(Debug, Clone)]
pub(crate) enum Arguments {
    /// No variable in them: one value for every request.
    Constant(Value),
    /// Those that may have a value, in the order of the definition.
    Variable(Box<[Argument]>),
}

/// One argument.
#[derive(Debug, Clone)]
pub(crate) struct Argument {
    name: Arc<str>,
    ty: InputType,
    default: Option<Value>,
    template: Template,
    /// What was written; `None` when the default stands for it.
    literal: Option<Node<ast::Value>>,
}

impl Arguments {
    /// Compiles the arguments given to a field or directive.
    ///
    /// <https://spec.graphql.org/October2021/#CoerceArgumentValues()>
    pub(crate) fn compile(
        inputs: &Inputs,
        defs: &[ArgumentDef],
        given: &[Node<ast::Argument>],
        variables: &[VariableDef],
    ) -> Result<Arguments, CoerceError> {
        let mut arguments = Vec::with_capacity(defs.len());
        for def in defs {
            let literal = given.iter().find(|argument| argument.name == *def.name);
            let literal = literal.map(|argument| &argument.value);
            arguments.extend(Argument::compile(inputs, def, literal, variables)?);
        }
        let constant = |argument: &Argument| matches!(argument.template, Template::Constant(_));
        if arguments.iter().all(constant) {
            return Ok(Arguments::Constant(evaluate(
                &arguments,
                &Variables::default(),
            )?));
        }
        Ok(Arguments::Variable(arguments.into()))
    }

    /// The arguments of one request as an object by names.
    pub(crate) fn values(&self, variables: &Variables) -> Result<Value, CoerceError> {
        match self {
            Arguments::Constant(value) => Ok(value.clone()),
            Arguments::Variable(arguments) => evaluate(arguments, variables),
        }
    }
}

fn evaluate(arguments: &[Argument], variables: &Variables) -> Result<Value, CoerceError> {
    let mut object = Object::with_capacity_and_hasher(arguments.len(), Default::default());
    for argument in arguments {
        let value = argument.value(variables)?;
        object.extend(value.map(|value| (Arc::clone(&argument.name), value)));
    }
    Ok(Value::from(object))
}

// === impl Argument ===

impl Argument {
    /// `None` when it was not given, has no default and need not be given.
    fn compile(
        inputs: &Inputs,
        def: &ArgumentDef,
        literal: Option<&Node<ast::Value>>,
        variables: &[VariableDef],
    ) -> Result<Option<Argument>, CoerceError> {
        let ArgumentDef { name, ty, default } = def;
        let template = match (literal, default) {
            (Some(literal), _) => {
                let slot = |name: &str| variables.iter().position(|def| *def.name == *name);
                Template::compile(inputs, ty, literal, &slot)
                    .map_err(|_| refuse_literal(name, ty, literal))?
            }
            (None, Some(default)) => Template::Constant(default.clone()),
            (None, None) if ty.nullable => return Ok(None),
            (None, None) => {
                let why = format!("of required type \"{ty}\" was not provided.");
                return Err(refuse(name, &why, None));
            }
        };
        Ok(Some(Argument {
            name: Arc::clone(name),
            ty: ty.clone(),
            default: default.clone(),
            template,
            literal: literal.cloned(),
        }))
    }

    /// `None` when its variable was not provided, and nothing stands in for it.
    fn value(&self, variables: &Variables) -> Result<Option<Value>, CoerceError> {
        let Argument { name, ty, .. } = self;
        if let Template::Variable { slot, .. } = self.template {
            match variables.get(slot) {
                None if self.default.is_some() => return Ok(self.default.clone()),
                None if ty.nullable => return Ok(None),
                None => {
                    let why = format!(
                        "of required type \"{ty}\" was provided the variable \"{}\" which was not provided a runtime value.",
                        self.literal.as_deref().map(print).unwrap_or_default()
                    );
                    return Err(refuse(name, &why, self.location()));
                }
                Some(value) if value.view().is_null() && !ty.nullable => {
                    return Err(refuse_null(name, ty, self.location()));
                }
                Some(value) => return Ok(Some(value.clone())),
            }
        }
        match (self.template.evaluate(variables.values()), &self.literal) {
            (Ok(value), _) => Ok(Some(value)),
            (Err(_), Some(literal)) => Err(refuse_literal(name, ty, literal)),
            (Err(_), None) => Err(refuse(name, "has an invalid default value.", None)),
        }
    }

    fn location(&self) -> Option<SourceSpan> {
        self.literal.as_ref().and_then(Node::location)
    }
}

fn refuse_literal(name: &str, ty: &InputType, literal: &Node<ast::Value>) -> CoerceError {
    if literal.is_null() && !ty.nullable {
        return refuse_null(name, ty, literal.location());
    }
    refuse(
        name,
        &format!("has invalid value {}.", print(literal)),
        literal.location(),
    )
}

fn refuse_null(name: &str, ty: &InputType, location: Option<SourceSpan>) -> CoerceError {
    refuse(
        name,
        &format!("of non-null type \"{ty}\" must not be null."),
        location,
    )
}

fn refuse(name: &str, why: &str, location: Option<SourceSpan>) -> CoerceError {
    CoerceError {
        message: format!("Argument \"{name}\" {why}"),
        location,
    }
}
