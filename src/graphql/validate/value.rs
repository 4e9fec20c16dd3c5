//! The rules that look at one value in its place.

use std::collections::HashSet;

use apollo_compiler::{
    Name, Node, ast,
    schema::{ExtendedType, InputObjectType},
};

use super::{Usage, Violation, Walk};
use crate::graphql::schema::scalar::{Scalar, print};

/// Where a value stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    /// `None` where anything goes: inside an object for a custom scalar.
    pub(super) ty: Option<&'a ast::Type>,
    /// Whether an item of a list for a custom scalar, where the type's own `!` does not count.
    pub(super) nullable: bool,
    pub(super) has_default: bool,
    /// The `@oneOf` object that the value is a field of.
    pub(super) one_of: Option<&'a Name>,
}

// === impl Place ===

impl<'a> Place<'a> {
    pub(super) fn of_type(ty: &'a ast::Type) -> Self {
        Place {
            ty: Some(ty),
            nullable: false,
            has_default: false,
            one_of: None,
        }
    }

    pub(super) fn of_argument(def: &'a ast::InputValueDefinition) -> Self {
        Place {
            has_default: def.default_value.is_some(),
            ..Place::of_type(&def.ty)
        }
    }

    pub(super) fn anything() -> Self {
        Place {
            ty: None,
            nullable: true,
            has_default: false,
            one_of: None,
        }
    }

    /// The place of an item of a list that stands here.
    fn item(self) -> Self {
        let Some(ty) = self.ty else {
            return Place::anything();
        };
        match ty {
            ast::Type::List(item) | ast::Type::NonNullList(item) => Place::of_type(item),
            ast::Type::Named(_) | ast::Type::NonNullNamed(_) => Place {
                nullable: true,
                ..Place::of_type(ty)
            },
        }
    }
}

// === impl Walk ===

impl<'a> Walk<'a, '_> {
    /// Looks at a value and all that is in it.
    pub(super) fn value(&mut self, place: Place<'a>, value: &'a Node<ast::Value>) {
        match &**value {
            ast::Value::Variable(name) => {
                self.usages.push(Usage {
                    name,
                    place,
                    location: value.location(),
                });
            }
            ast::Value::List(items) => {
                let place = match place.ty {
                    Some(ty) if ty.is_named() && self.refuse_aws(place, value) => Place::anything(),
                    _ => place.item(),
                };
                for item in items {
                    self.value(place, item);
                }
            }
            ast::Value::Object(fields) => self.object(place, value, fields),
            ast::Value::Null => {}
            _ => _ = self.refuse_aws(place, value),
        }
    }

    fn object(
        &mut self,
        place: Place<'a>,
        value: &'a Node<ast::Value>,
        fields: &'a [(Name, Node<ast::Value>)],
    ) {
        self.unique_fields(fields);
        let object = place
            .ty
            .and_then(|ty| self.schema.get_input_object(ty.inner_named_type()));
        let Some(object) = object else {
            self.refuse_aws(place, value);
            for (_, field) in fields {
                self.value(Place::anything(), field);
            }
            return;
        };
        let one_of = object.directives.has("oneOf");
        if one_of {
            self.one_of(object, value, fields);
        }
        for (name, field) in fields {
            let place = object.fields.get(name).map(|def| Place {
                one_of: one_of.then_some(&object.name),
                ..Place::of_argument(def)
            });
            self.value(place.unwrap_or_else(Place::anything), field);
        }
    }

    /// A field may be given once.
    ///
    /// <https://spec.graphql.org/October2021/#sec-Input-Object-Field-Uniqueness>
    fn unique_fields(&mut self, fields: &'a [(Name, Node<ast::Value>)]) {
        let mut seen = HashSet::with_capacity(fields.len());
        for (name, field) in fields {
            if !seen.insert(name) {
                let message = format!("There can be only one input field named \"{name}\".");
                self.violate(message, field);
            }
        }
    }

    /// Of an object with `@oneOf`, exactly one field is given, and not as `null`.
    ///
    /// <https://spec.graphql.org/draft/#sec-OneOf-Input-Objects>
    fn one_of(
        &mut self,
        ty: &InputObjectType,
        value: &'a Node<ast::Value>,
        fields: &'a [(Name, Node<ast::Value>)],
    ) {
        let message = match fields {
            [(name, field)] if field.is_null() => {
                format!("Field \"{}.{name}\" must be non-null.", ty.name)
            }
            [_] => return,
            _ => format!(
                "OneOf Input Object \"{}\" must specify exactly one key.",
                ty.name
            ),
        };
        self.violate(message, value);
    }

    /// A literal for a scalar of AppSync has its form. Says whether it has not.
    ///
    /// <https://spec.graphql.org/October2021/#sec-Values-of-Correct-Type>
    fn refuse_aws(&mut self, place: Place<'a>, value: &'a Node<ast::Value>) -> bool {
        let Some(ty) = place.ty else {
            return false;
        };
        let name = ty.inner_named_type();
        let is_scalar = matches!(self.schema.types.get(name), Some(ExtendedType::Scalar(_)));
        let scalar @ Scalar::Aws(_) = Scalar::named(name) else {
            return false;
        };
        let refusal = is_scalar
            .then(|| scalar.parse_literal(value).err())
            .flatten();
        let Some(refusal) = refusal else {
            return false;
        };
        let found = print(value);
        let message = format!("Expected value of type \"{ty}\", found {found}; {refusal}");
        self.violate(message, value);
        true
    }

    fn violate(&mut self, message: String, value: &Node<ast::Value>) {
        let locations = value.location().into_iter().collect();
        self.violations.push(Violation { message, locations });
    }
}
