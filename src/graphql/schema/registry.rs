//! Output types and fields by id: what the planner walks instead of names.

use std::{collections::HashSet, sync::Arc};

use apollo_compiler::{
    Name,
    ast::{FieldDefinition, Type},
    schema::{ExtendedType, Implementers, Schema as Sdl},
    validation::Valid,
};
use rustc_hash::FxHashMap;

use crate::{
    graphql::schema::{
        directive,
        input::{ArgumentDef, EnumType, Inputs},
        scalar::Scalar,
        subscribe,
    },
    guard::Rule,
    resolver::Resolver,
};

/// A schema, compiled: types by id, fields with their resolvers.
#[derive(Debug)]
pub(crate) struct Schema {
    /// What documents are validated against.
    pub(crate) sdl: Valid<Sdl>,
    /// What introspection shows: the same without what Loomgate brought itself.
    pub(crate) shown: Valid<Sdl>,
    /// Which types implement an interface, for introspection.
    pub(crate) implementers: apollo_compiler::collections::HashMap<Name, Implementers>,
    /// Whether `__schema` and `__type` may be asked for.
    pub(crate) introspection: bool,
    /// Arguments, variables and what they may be.
    pub(crate) inputs: Inputs,
    types: Vec<TypeDef>,
    by_name: FxHashMap<Arc<str>, TypeId>,
}

/// Where a type stands in its schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct TypeId(u32);

/// An output type.
#[derive(Debug)]
pub(crate) struct TypeDef {
    /// Its name.
    pub(crate) name: Arc<str>,
    /// Which kind of type it is, with what that kind has.
    pub(crate) kind: TypeKind,
}

/// The kinds of output types.
#[derive(Debug)]
pub(crate) enum TypeKind {
    /// A leaf with a coercion of its own.
    Scalar(Scalar),
    /// A leaf with a closed set of values.
    Enum(Arc<EnumType>),
    /// An object type.
    Object(FxHashMap<Name, FieldDef>),
    /// An interface or a union: the object types a value may have.
    Abstract(Possible),
}

/// The object types that an abstract type may turn out to be.
#[derive(Debug)]
pub(crate) struct Possible {
    /// In the order of the schema.
    pub(crate) types: Vec<TypeId>,
    /// Which of them has which name; plans share it.
    pub(crate) by_name: Arc<FxHashMap<Arc<str>, usize>>,
}

/// A field of an object type.
#[derive(Debug)]
pub(crate) struct FieldDef {
    /// Its type as written.
    pub(crate) ty: Type,
    /// The arguments it takes.
    pub(crate) arguments: Vec<ArgumentDef>,
    /// What the files beside the schema say about it.
    pub(crate) binding: Binding,
    /// The mutation fields it hears of, if it is a field of the subscription type.
    pub(crate) mutations: Vec<Arc<str>>,
    /// Whether a subscription field hears of it: then it is a field of the mutation type.
    pub(crate) publishes: bool,
}

/// What a field is bound to, and what is asked of those who select it.
#[derive(Debug, Default)]
pub(crate) struct Binding {
    /// Where its value comes from, if not from the property of its name.
    pub(crate) resolver: Option<Arc<Resolver>>,
    /// Who may see it, and how often, where that is not for the whole api to say.
    pub(crate) rule: Option<Arc<Rule>>,
    /// `resolve: true`: below a subscription field, resolvers run for each event.
    pub(crate) resolve: bool,
}

// === impl Schema ===

impl Schema {
    /// Compiles a validated schema; `bind` is asked once for each field of an object type.
    pub(crate) fn build(
        sdl: Valid<Sdl>,
        introspection: bool,
        mut bind: impl FnMut(&str, &str) -> Binding,
    ) -> Self {
        let inputs = Inputs::build(&sdl);
        let names: Vec<Arc<str>> = sdl
            .types
            .iter()
            .filter(|(_, ty)| ty.is_output_type())
            .map(|(name, _)| Arc::from(name.as_str()))
            .collect();
        let by_name: FxHashMap<Arc<str>, TypeId> = (0..)
            .map(TypeId)
            .zip(&names)
            .map(|(id, name)| (Arc::clone(name), id))
            .collect();
        let implementers = sdl.implementers_map();
        let published = subscribe::published(&sdl);
        let mutation = sdl.schema_definition.mutation.as_ref();
        let is_mutation = |name: &str| mutation.is_some_and(|root| root.as_str() == name);
        let types = names
            .into_iter()
            .map(|name| {
                let kind = match &sdl.types[&*name] {
                    ExtendedType::Scalar(scalar) => TypeKind::Scalar(Scalar::named(&scalar.name)),
                    ExtendedType::Enum(_) => {
                        TypeKind::Enum(inputs.enum_named(&name).expect("inputs hold every enum"))
                    }
                    ExtendedType::Object(def) => {
                        let published = is_mutation(&name).then_some(&published);
                        let fields = def.fields.iter().map(|(field, def)| {
                            let binding = bind(&name, field);
                            (
                                field.clone(),
                                FieldDef::build(def, &inputs, binding, published),
                            )
                        });
                        TypeKind::Object(fields.collect())
                    }
                    ExtendedType::Interface(_) => {
                        let found = implementers.get(&*name).into_iter();
                        let objects = found.flat_map(|found| &found.objects);
                        TypeKind::Abstract(Possible::build(&by_name, objects.map(Name::as_str)))
                    }
                    ExtendedType::Union(def) => {
                        let members = def.members.iter().map(|member| member.as_str());
                        TypeKind::Abstract(Possible::build(&by_name, members))
                    }
                    ExtendedType::InputObject(_) => unreachable!("input objects were filtered out"),
                };
                TypeDef { name, kind }
            })
            .collect();
        let shown = Valid::assume_valid(directive::without_builtin(&sdl));
        Schema {
            shown,
            implementers,
            introspection,
            inputs,
            types,
            by_name,
            sdl,
        }
    }

    /// The fields that are bound to a resolver, with their types.
    pub(crate) fn bound(&self) -> impl Iterator<Item = (&str, &Name, &Resolver)> {
        self.types.iter().flat_map(|ty| {
            let fields = match &ty.kind {
                TypeKind::Object(fields) => Some(fields),
                TypeKind::Scalar(_) | TypeKind::Enum(_) | TypeKind::Abstract(_) => None,
            };
            fields.into_iter().flatten().filter_map(|(name, field)| {
                Some((&*ty.name, name, field.binding.resolver.as_deref()?))
            })
        })
    }

    /// The type of an id.
    pub(crate) fn get(&self, id: TypeId) -> &TypeDef {
        &self.types[id.0 as usize]
    }

    /// The output type of a name.
    pub(crate) fn id(&self, name: &str) -> Option<TypeId> {
        self.by_name.get(name).copied()
    }

    /// A field of an object type.
    pub(crate) fn field(&self, id: TypeId, name: &str) -> Option<&FieldDef> {
        match &self.get(id).kind {
            TypeKind::Object(fields) => fields.get(name),
            TypeKind::Scalar(_) | TypeKind::Enum(_) | TypeKind::Abstract(_) => None,
        }
    }
}

// === impl FieldDef ===

impl FieldDef {
    /// `published` are the fields that somebody may listen to, on the mutation type.
    fn build(
        def: &FieldDefinition,
        inputs: &Inputs,
        binding: Binding,
        published: Option<&HashSet<&str>>,
    ) -> Self {
        let mutations = subscribe::mutations(def).map(|(mutation, _)| Arc::from(mutation));
        FieldDef {
            ty: def.ty.clone(),
            arguments: inputs.arguments(&def.arguments),
            binding,
            mutations: mutations.collect(),
            publishes: published.is_some_and(|names| names.contains(def.name.as_str())),
        }
    }
}

// === impl Possible ===

impl Possible {
    fn build<'n>(ids: &FxHashMap<Arc<str>, TypeId>, names: impl Iterator<Item = &'n str>) -> Self {
        let mut found: Vec<_> = names.filter_map(|name| ids.get_key_value(name)).collect();
        // apollo-compiler keeps implementers in no order; plans are the same in every process.
        found.sort_unstable_by_key(|(_, id)| **id);
        Possible {
            types: found.iter().map(|(_, id)| **id).collect(),
            by_name: Arc::new(
                found
                    .into_iter()
                    .map(|(name, _)| Arc::clone(name))
                    .zip(0..)
                    .collect(),
            ),
        }
    }
}
