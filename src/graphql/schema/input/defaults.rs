//! The defaults of input fields, coerced once.
//!
//! A default may be an object whose own fields have defaults, so they are filled in depth first.
//! A circle of defaults is an error in recent editions of the specification and not in older ones;
//! here the default that closes it counts as absent, as does one nested absurdly deep.
//!
//! <https://spec.graphql.org/draft/#InputFieldDefaultValueHasCycle()>

use apollo_compiler::{Schema, ast};

use super::{InputKind, InputType, Inputs, ObjectId};

/// How many defaults may wait for one another.
const MAX_DEPTH: usize = 100;

/// Coerces the defaults of all input fields.
pub(super) fn fill(inputs: &mut Inputs, schema: &Schema) {
    let fields = inputs
        .objects
        .values()
        .map(|object| vec![false; object.fields.len()]);
    let seen = fields.collect();
    let mut filler = Filler {
        inputs,
        schema,
        seen,
    };
    for object in 0..filler.inputs.objects.len() {
        filler.fill_object(ObjectId(object), &[], 0);
    }
}

struct Filler<'a> {
    inputs: &'a mut Inputs,
    schema: &'a Schema,
    /// By object and field: whether its default is filled in, or about to be.
    seen: Vec<Vec<bool>>,
}

impl Filler<'_> {
    /// Fills in the defaults of an object's fields, except those that are given.
    fn fill_object(&mut self, id: ObjectId, given: &[&str], depth: usize) {
        for field in 0..self.seen[id.0].len() {
            let def = &self.inputs.objects[id.0].fields[field];
            let wanted = !given.contains(&&*def.name) && !self.seen[id.0][field];
            if wanted && depth < MAX_DEPTH {
                self.fill_field(id, field, depth);
            }
        }
    }

    fn fill_field(&mut self, id: ObjectId, field: usize, depth: usize) {
        self.seen[id.0][field] = true;
        let object = &self.inputs.objects[id.0];
        let def = &object.fields[field];
        let schema = self.schema;
        let definition = schema.get_input_object(&object.name);
        let definition = definition.and_then(|object| object.fields.get(&*def.name));
        let Some(literal) = definition.and_then(|field| field.default_value.as_ref()) else {
            return;
        };
        let ty = def.ty.clone();
        self.fill_needs(&ty, literal, depth);
        let default = self.inputs.constant(&ty, literal);
        self.inputs.objects[id.0].fields[field].default = default;
    }

    /// Fills in the defaults that coercing a literal will look up.
    fn fill_needs(&mut self, ty: &InputType, literal: &ast::Value, depth: usize) {
        match (&ty.kind, literal) {
            (InputKind::List(item), ast::Value::List(items)) => {
                for literal in items {
                    self.fill_needs(item, literal, depth);
                }
            }
            (InputKind::List(item), _) => self.fill_needs(item, literal, depth),
            (InputKind::Object(id, _), ast::Value::Object(fields)) => {
                let given: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
                self.fill_object(*id, &given, depth + 1);
                for (name, literal) in fields {
                    let field = self.inputs.objects[id.0].fields.get(name.as_str());
                    if let Some(ty) = field.map(|field| field.ty.clone()) {
                        self.fill_needs(&ty, literal, depth);
                    }
                }
            }
            _ => {}
        }
    }
}
