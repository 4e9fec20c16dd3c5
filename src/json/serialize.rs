//! Values for whatever serde writes to.

use serde::{
    Serialize, Serializer,
    ser::{Error, SerializeMap},
};
use serde_json::value::RawValue;

use super::{Kind, Number, Value, View};

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.view().serialize(serializer)
    }
}

impl Serialize for View<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.kind() {
            Kind::Null => serializer.serialize_unit(),
            Kind::Bool => self.as_bool().serialize(serializer),
            Kind::Number => self.as_number().serialize(serializer),
            Kind::String => self.as_str().serialize(serializer),
            Kind::List => serializer.collect_seq(self.items()),
            Kind::Object => {
                let mut map = serializer.serialize_map(None)?;
                for (key, value) in self.entries() {
                    map.serialize_entry(&key, &value)?;
                }
                map.end()
            }
        }
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Number::Int(int) => serializer.serialize_i64(*int),
            Number::Float(float) => serializer.serialize_f64(*float),
            // Exact where the target is JSON text; nothing else has such numbers.
            Number::Text(text) => RawValue::from_string(text.as_ref().to_owned())
                .map_err(S::Error::custom)?
                .serialize(serializer),
        }
    }
}
