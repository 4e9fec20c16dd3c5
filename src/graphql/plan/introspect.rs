//! `__schema` and `__type`, answered while planning: the answer is part of the plan.
//!
//! apollo-compiler executes them over the schema as it is shown to clients.

mod cost;

use apollo_compiler::{
    introspection,
    response::{JsonMap, JsonValue},
    validation::Valid,
};

use cost::Cost;

use crate::{
    config::api::Limits,
    graphql::{RequestError, coerce::Variables, plan::Document, schema::Schema},
    json::Value,
};

/// What a value of an introspection takes at least: with its key, its quotes, its comma.
const BYTES_A_VALUE: u64 = 16;

/// The introspection part of an operation; executed when the first field asks.
pub(super) struct Introspection<'a> {
    schema: &'a Schema,
    document: &'a Document,
    variables: &'a Variables,
    data: Option<JsonMap>,
    /// How many values an answer may have.
    max_values: u64,
}

impl<'a> Introspection<'a> {
    pub(super) fn new(
        schema: &'a Schema,
        document: &'a Document,
        variables: &'a Variables,
        bounds: &Limits,
    ) -> Self {
        Introspection {
            max_values: bounds.answer_size / BYTES_A_VALUE,
            schema,
            document,
            variables,
            data: None,
        }
    }

    /// The JSON of a root field, by its response key.
    pub(super) fn answer(&mut self, key: &str) -> Result<Box<[u8]>, RequestError> {
        if !self.schema.introspection {
            return Err(RequestError::new(
                "introspection is switched off for this api: `__schema` and `__type` are not available",
            ));
        }
        let data = match &self.data {
            Some(data) => data,
            None => self.data.insert(self.execute()?),
        };
        let value = data.get(key).unwrap_or(&JsonValue::Null);
        serde_json::to_vec(value)
            .map(Vec::into_boxed_slice)
            .map_err(|error| RequestError::new(format!("introspection failed: {error}")))
    }

    fn execute(&self) -> Result<JsonMap, RequestError> {
        let document = &self.document.document;
        let operation = self.document.operation();
        let failed = |error: apollo_compiler::request::RequestError| {
            RequestError::new(error.message().to_string())
        };
        introspection::check_max_depth(document, operation).map_err(failed)?;
        let values = Cost::new(&self.schema.shown, &self.schema.implementers, document)
            .of_root(&operation.selection_set);
        if values > self.max_values {
            let limit = self.max_values;
            return Err(RequestError::new(format!(
                "the introspection asks for {values} values: at most {limit} are allowed"
            )));
        }
        let answer = introspection::partial_execute(
            &self.schema.shown,
            &self.schema.implementers,
            document,
            operation,
            &Valid::assume_valid(self.variable_map()),
        )
        .map_err(failed)?;
        Ok(answer.data.unwrap_or_default())
    }

    /// The coerced variables in apollo-compiler's form.
    fn variable_map(&self) -> JsonMap {
        let mut map = JsonMap::new();
        for (index, definition) in self.document.variables.iter().enumerate() {
            if let Some(value) = self.variables.get(index) {
                map.insert(&*definition.name, to_apollo(value));
            }
        }
        map
    }
}

fn to_apollo(value: &Value) -> JsonValue {
    let mut text = Vec::new();
    value.view().write(&mut text);
    serde_json::from_slice(&text).unwrap_or(JsonValue::Null)
}
