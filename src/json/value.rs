//! Values that are held on to.

use std::sync::Arc;

use bytes::Bytes;
use indexmap::IndexMap;

use crate::json::{Document, Number, ParseError, View};

/// An object that a mapping or a client built, in the order it was written.
pub type Object = IndexMap<Arc<str>, Value, rustc_hash::FxBuildHasher>;

/// A node is worth a document of its own when it is less than this part of the one it is in.
const SMALL_PART: usize = 4;

/// A JSON value that owns, or shares, what it stands on. Cloning is cheap.
#[derive(Debug, Clone, Default)]
pub enum Value {
    /// `null`.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string.
    String(Arc<str>),
    /// A list that was built here.
    List(Arc<Vec<Value>>),
    /// An object that was built here.
    Object(Arc<Object>),
    /// A node of a document that came from outside, by its place among the nodes. It comes from
    /// [`View::to_value`] or [`Value::parse`]; a place the document does not have panics when read.
    Node(Arc<Document>, u32),
}

impl Value {
    /// Parses a JSON text; the bytes are kept. See [`Document::parse`].
    pub fn parse(text: impl Into<Bytes>) -> Result<Value, ParseError> {
        Document::parse(text.into()).map(Value::from)
    }

    /// Borrows the value for reading.
    #[must_use]
    #[inline]
    pub fn view(&self) -> View<'_> {
        View::of(self)
    }

    /// The same value without the rest of any much larger document: what a cache should keep, so
    /// that a small value does not hold a big body in memory.
    #[must_use]
    pub fn compact(&self) -> Value {
        match self {
            Value::Node(document, place) => compact_node(document, *place),
            Value::List(items) => items.iter().map(Value::compact).collect::<Vec<_>>().into(),
            Value::Object(members) => {
                let members = members.iter();
                let compact = members.map(|(key, value)| (Arc::clone(key), value.compact()));
                Value::from(compact.collect::<Object>())
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => self.clone(),
        }
    }
}

fn compact_node(document: &Arc<Document>, place: u32) -> Value {
    let view = View::Node(document, place);
    if view.size().saturating_mul(SMALL_PART) > document.text().len() {
        return view.to_value();
    }
    Value::from(Arc::new(document.part(place)))
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        self.view() == other.view()
    }
}

impl From<Arc<Document>> for Value {
    fn from(document: Arc<Document>) -> Self {
        Value::Node(document, 0)
    }
}

impl From<View<'_>> for Value {
    fn from(view: View<'_>) -> Self {
        view.to_value()
    }
}

impl From<bool> for Value {
    fn from(bool: bool) -> Self {
        Value::Bool(bool)
    }
}

impl From<Number> for Value {
    fn from(number: Number) -> Self {
        Value::Number(number)
    }
}

impl From<i64> for Value {
    fn from(int: i64) -> Self {
        Value::Number(Number::Int(int))
    }
}

/// Infinities and NaN, which JSON cannot say, become `null`.
impl From<f64> for Value {
    fn from(float: f64) -> Self {
        Number::from_f64(float).map_or(Value::Null, Value::Number)
    }
}

impl From<&str> for Value {
    fn from(string: &str) -> Self {
        Value::String(string.into())
    }
}

impl From<String> for Value {
    fn from(string: String) -> Self {
        Value::String(string.into())
    }
}

impl From<Arc<str>> for Value {
    fn from(string: Arc<str>) -> Self {
        Value::String(string)
    }
}

impl From<Vec<Value>> for Value {
    fn from(items: Vec<Value>) -> Self {
        Value::List(Arc::new(items))
    }
}

impl From<Object> for Value {
    fn from(members: Object) -> Self {
        Value::Object(Arc::new(members))
    }
}

impl FromIterator<Value> for Value {
    fn from_iter<T: IntoIterator<Item = Value>>(items: T) -> Self {
        Value::from(Vec::from_iter(items))
    }
}

impl From<serde_json::Value> for Value {
    fn from(value: serde_json::Value) -> Self {
        match value {
            serde_json::Value::Null => Value::Null,
            serde_json::Value::Bool(bool) => Value::Bool(bool),
            serde_json::Value::Number(number) => Value::Number(Number::from(&number)),
            serde_json::Value::String(string) => Value::from(string),
            serde_json::Value::Array(items) => items.into_iter().map(Value::from).collect(),
            serde_json::Value::Object(members) => {
                let members = members.into_iter();
                let object = members.map(|(key, value)| (Arc::from(key), Value::from(value)));
                Value::from(object.collect::<Object>())
            }
        }
    }
}
