//! What AppSync schemas may use without defining it: the `AWS…` scalars and the `@aws_…` directives.
//!
//! A definition is added only where a schema uses it and does not bring its own. Directives that
//! were added stay out of introspection, as in AppSync.
//!
//! See: appsync.md 1.2 (scalars), 1.3 (directives), 1.5 (introspection).

use std::collections::HashSet;

use apollo_compiler::{
    ast::{Definition, DirectiveList, Document, FieldDefinition, InputValueDefinition, Type},
    schema::Schema,
};

/// The file that added definitions are said to stand in.
const BUILT_IN: &str = "loomgate:built-in";

const SCALARS: [&str; 9] = [
    "AWSDate",
    "AWSTime",
    "AWSDateTime",
    "AWSTimestamp",
    "AWSEmail",
    "AWSJSON",
    "AWSPhone",
    "AWSURL",
    "AWSIPAddress",
];

const MERGE_LOCATIONS: &str = "OBJECT | INTERFACE | UNION | ENUM | ENUM_VALUE | INPUT_OBJECT | \
     INPUT_FIELD_DEFINITION | SCALAR | FIELD_DEFINITION | ARGUMENT_DEFINITION";

/// Name and arguments of each directive, and where it may stand (`None`: objects and fields).
const DIRECTIVES: [(&str, &str, Option<&str>); 11] = [
    (
        "aws_subscribe",
        "(mutations: [String!]!)",
        Some("FIELD_DEFINITION"),
    ),
    ("aws_api_key", "", None),
    ("aws_iam", "", None),
    ("aws_oidc", "", None),
    ("aws_lambda", "", None),
    (
        "aws_cognito_user_pools",
        "(cognito_groups: [String!])",
        None,
    ),
    ("aws_auth", "(cognito_groups: [String!]!)", None),
    ("canonical", "", Some(MERGE_LOCATIONS)),
    ("hidden", "", Some(MERGE_LOCATIONS)),
    ("renamed", "(to: String!)", Some(MERGE_LOCATIONS)),
    // Not AppSync's: apollo-compiler does not bring this directive of the specification.
    ("oneOf", "", Some("INPUT_OBJECT")),
];

/// The SDL to add to these documents, and the name of the file it is said to stand in. `None`: they
/// define all they use.
pub(crate) fn missing(documents: &[Document]) -> Option<(String, &'static str)> {
    let mut names = Names::default();
    for document in documents {
        for definition in &document.definitions {
            names.definition(definition);
        }
    }
    let mut sdl = String::new();
    for scalar in SCALARS {
        if names.used_types.contains(scalar) && !names.defined_types.contains(scalar) {
            sdl.push_str(&format!("scalar {scalar}\n"));
        }
    }
    for (name, arguments, locations) in DIRECTIVES {
        if names.used_directives.contains(name) && !names.defined_directives.contains(name) {
            let locations = locations.unwrap_or("OBJECT | FIELD_DEFINITION");
            sdl.push_str(&format!("directive @{name}{arguments} on {locations}\n"));
        }
    }
    (!sdl.is_empty()).then_some((sdl, BUILT_IN))
}

/// The schema as introspection shows it: without the directives that were added here.
pub(crate) fn without_builtin(schema: &Schema) -> Schema {
    let mut shown = schema.clone();
    shown.directive_definitions.retain(|_, definition| {
        let Some(location) = definition.location() else {
            return true;
        };
        schema
            .sources
            .get(&location.file_id())
            .is_none_or(|file| file.path() != std::path::Path::new(BUILT_IN))
    });
    shown
}

/// The names that documents define and use.
#[derive(Default)]
struct Names<'a> {
    defined_types: HashSet<&'a str>,
    used_types: HashSet<&'a str>,
    defined_directives: HashSet<&'a str>,
    used_directives: HashSet<&'a str>,
}

impl<'a> Names<'a> {
    fn definition(&mut self, definition: &'a Definition) {
        if let Some(name) = definition.name() {
            match definition {
                Definition::DirectiveDefinition(_) => self.defined_directives.insert(name),
                Definition::ScalarTypeDefinition(_) => self.defined_types.insert(name),
                _ => false,
            };
        }
        self.directives(definition.directives());
        match definition {
            Definition::ObjectTypeDefinition(def) => {
                self.fields(def.fields.iter().map(|field| &**field))
            }
            Definition::ObjectTypeExtension(def) => {
                self.fields(def.fields.iter().map(|field| &**field))
            }
            Definition::InterfaceTypeDefinition(def) => {
                self.fields(def.fields.iter().map(|field| &**field))
            }
            Definition::InterfaceTypeExtension(def) => {
                self.fields(def.fields.iter().map(|field| &**field))
            }
            Definition::InputObjectTypeDefinition(def) => {
                self.inputs(def.fields.iter().map(|field| &**field))
            }
            Definition::InputObjectTypeExtension(def) => {
                self.inputs(def.fields.iter().map(|field| &**field))
            }
            Definition::DirectiveDefinition(def) => {
                self.inputs(def.arguments.iter().map(|argument| &**argument))
            }
            Definition::EnumTypeDefinition(def) => {
                def.values
                    .iter()
                    .for_each(|value| self.directives(&value.directives));
            }
            _ => {}
        }
    }

    fn fields(&mut self, fields: impl Iterator<Item = &'a FieldDefinition>) {
        for field in fields {
            self.ty(&field.ty);
            self.directives(&field.directives);
            self.inputs(field.arguments.iter().map(|argument| &**argument));
        }
    }

    fn inputs(&mut self, inputs: impl Iterator<Item = &'a InputValueDefinition>) {
        for input in inputs {
            self.ty(&input.ty);
            self.directives(&input.directives);
        }
    }

    fn ty(&mut self, ty: &'a Type) {
        self.used_types.insert(ty.inner_named_type());
    }

    fn directives(&mut self, directives: &'a DirectiveList) {
        self.used_directives
            .extend(directives.iter().map(|directive| directive.name.as_str()));
    }
}
