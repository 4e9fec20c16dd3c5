//! How many values an introspection would write, counted without writing any.
//!
//! Types lead to fields and fields to types, so that a short query can ask for the product of all
//! of them. Each (element, selection set) is counted once and remembered: the count is quick
//! whatever it comes to.

use apollo_compiler::{
    ExecutableDocument, Name,
    ast::{DirectiveDefinition, FieldDefinition, InputValueDefinition, Type},
    collections::HashMap,
    executable::{Field, Selection, SelectionSet},
    schema::{ExtendedType, Implementers, Schema},
};
use rustc_hash::FxHashMap;

/// Counts over one schema and document.
pub(super) struct Cost<'a> {
    schema: &'a Schema,
    implementers: &'a HashMap<Name, Implementers>,
    document: &'a ExecutableDocument,
    counted: FxHashMap<(usize, usize), u64>,
}

/// Something introspection shows.
#[derive(Clone, Copy)]
enum Element<'a> {
    Schema,
    Type(&'a Type),
    Named(&'a ExtendedType),
    Field(&'a FieldDefinition),
    Input(&'a InputValueDefinition),
    Directive(&'a DirectiveDefinition),
    /// Has leaves only.
    Flat,
}

impl<'a> Cost<'a> {
    pub(super) fn new(
        schema: &'a Schema,
        implementers: &'a HashMap<Name, Implementers>,
        document: &'a ExecutableDocument,
    ) -> Self {
        Cost {
            schema,
            implementers,
            document,
            counted: FxHashMap::default(),
        }
    }

    /// The values below a root selection set.
    pub(super) fn of_root(&mut self, set: &'a SelectionSet) -> u64 {
        self.each(set, &mut |cost, field| match field.name.as_str() {
            "__schema" => cost.of(Element::Schema, &field.selection_set),
            // Which type it is may be a variable: any may be the dearest.
            "__type" => {
                let types = cost.schema.types.values();
                types
                    .map(|ty| cost.of(Element::Named(ty), &field.selection_set))
                    .max()
                    .unwrap_or(0)
            }
            _ => 0,
        })
    }

    /// Sums over the fields of a set, through its fragments.
    fn each(
        &mut self,
        set: &'a SelectionSet,
        of: &mut dyn FnMut(&mut Self, &'a Field) -> u64,
    ) -> u64 {
        let mut fields = Vec::new();
        self.fields(set, &mut Vec::new(), &mut fields);
        fields.into_iter().fold(0, |sum: u64, field| {
            sum.saturating_add(of(self, field)).saturating_add(1)
        })
    }

    /// The fields of a set; a fragment that is spread twice counts once, as in execution.
    fn fields(
        &self,
        set: &'a SelectionSet,
        spread: &mut Vec<&'a str>,
        fields: &mut Vec<&'a Field>,
    ) {
        for selection in &set.selections {
            match selection {
                Selection::Field(field) => fields.push(field),
                Selection::InlineFragment(fragment) => {
                    self.fields(&fragment.selection_set, spread, fields)
                }
                Selection::FragmentSpread(found)
                    if !spread.contains(&found.fragment_name.as_str()) =>
                {
                    spread.push(&found.fragment_name);
                    if let Some(fragment) = found.fragment_def(self.document) {
                        self.fields(&fragment.selection_set, spread, fields);
                    }
                }
                Selection::FragmentSpread(_) => {}
            }
        }
    }

    fn of(&mut self, element: Element<'a>, set: &'a SelectionSet) -> u64 {
        let key = (element.address(), std::ptr::from_ref(set).addr());
        if let Some(count) = self.counted.get(&key) {
            return *count;
        }
        let count = self.each(set, &mut |cost, field| {
            let below = &field.selection_set;
            let mut sum = 0_u64;
            cost.below(element, &field.name, &mut |cost, element| {
                sum = sum.saturating_add(cost.of(element, below).saturating_add(1));
            });
            sum
        });
        self.counted.insert(key, count);
        count
    }

    /// Calls `visit` with every element that a field of an element leads to.
    fn below(
        &mut self,
        element: Element<'a>,
        field: &str,
        visit: &mut dyn FnMut(&mut Self, Element<'a>),
    ) {
        let schema = self.schema;
        match (element, field) {
            (Element::Schema, "types") => {
                schema
                    .types
                    .values()
                    .for_each(|ty| visit(self, Element::Named(ty)));
            }
            (Element::Schema, "directives") => {
                let directives = schema.directive_definitions.values();
                directives.for_each(|directive| visit(self, Element::Directive(directive)));
            }
            (Element::Schema, _) => {
                let definition = &schema.schema_definition;
                let roots = [
                    &definition.query,
                    &definition.mutation,
                    &definition.subscription,
                ];
                roots
                    .into_iter()
                    .flatten()
                    .for_each(|root| self.named(root, visit));
            }
            (Element::Type(ty), _) => match ty {
                Type::Named(name) => {
                    if let Some(ty) = schema.types.get(name) {
                        self.below(Element::Named(ty), field, visit);
                    }
                }
                Type::NonNullNamed(name) if field == "ofType" => self.named(name, visit),
                Type::List(item) | Type::NonNullList(item) if field == "ofType" => {
                    visit(self, Element::Type(item))
                }
                Type::NonNullNamed(_) | Type::List(_) | Type::NonNullList(_) => {}
            },
            (Element::Named(ty), _) => self.below_type(ty, field, visit),
            (Element::Field(definition), "args") => {
                definition
                    .arguments
                    .iter()
                    .for_each(|argument| visit(self, Element::Input(argument)));
            }
            (Element::Field(definition), "type") => visit(self, Element::Type(&definition.ty)),
            (Element::Input(definition), "type") => visit(self, Element::Type(&definition.ty)),
            (Element::Directive(definition), "args") => {
                definition
                    .arguments
                    .iter()
                    .for_each(|argument| visit(self, Element::Input(argument)));
            }
            (Element::Field(_) | Element::Input(_) | Element::Directive(_) | Element::Flat, _) => {}
        }
    }

    fn below_type(
        &mut self,
        ty: &'a ExtendedType,
        field: &str,
        visit: &mut dyn FnMut(&mut Self, Element<'a>),
    ) {
        match (ty, field) {
            (ExtendedType::Object(def), "fields") => {
                def.fields
                    .values()
                    .for_each(|field| visit(self, Element::Field(field)));
            }
            (ExtendedType::Interface(def), "fields") => {
                def.fields
                    .values()
                    .for_each(|field| visit(self, Element::Field(field)));
            }
            (ExtendedType::Object(def), "interfaces") => {
                def.implements_interfaces
                    .iter()
                    .for_each(|name| self.named(name, visit));
            }
            (ExtendedType::Interface(def), "interfaces") => {
                def.implements_interfaces
                    .iter()
                    .for_each(|name| self.named(name, visit));
            }
            (ExtendedType::Interface(def), "possibleTypes") => {
                let objects = self
                    .implementers
                    .get(&def.name)
                    .into_iter()
                    .flat_map(|found| &found.objects);
                objects.for_each(|name| self.named(name, visit));
            }
            (ExtendedType::Union(def), "possibleTypes") => {
                def.members.iter().for_each(|name| self.named(name, visit));
            }
            (ExtendedType::InputObject(def), "inputFields") => {
                def.fields
                    .values()
                    .for_each(|field| visit(self, Element::Input(field)));
            }
            (ExtendedType::Enum(def), "enumValues") => {
                def.values.values().for_each(|_| visit(self, Element::Flat));
            }
            _ => {}
        }
    }

    fn named(&mut self, name: &str, visit: &mut dyn FnMut(&mut Self, Element<'a>)) {
        if let Some(ty) = self.schema.types.get(name) {
            visit(self, Element::Named(ty));
        }
    }
}

impl Element<'_> {
    /// Where the element stands in memory, which is what it is remembered by.
    fn address(self) -> usize {
        match self {
            Element::Schema => 0,
            Element::Flat => 1,
            Element::Type(ty) => std::ptr::from_ref(ty).addr(),
            Element::Named(ty) => std::ptr::from_ref(ty).addr(),
            Element::Field(field) => std::ptr::from_ref(field).addr(),
            Element::Input(input) => std::ptr::from_ref(input).addr(),
            Element::Directive(directive) => std::ptr::from_ref(directive).addr(),
        }
    }
}
