//! The name and the key of a table, and how keys are found in requests and items.

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Serialize};

use crate::{
    config::{self, source::KeyKind},
    json::{Kind, View},
    source::keyvalue::{
        attribute::{self, At, Attribute, Item},
        key::{self, Key},
        refusal::{self, Refusal},
    },
};

/// DynamoDB's bounds, in bytes.
pub(super) const MAX_PARTITION_KEY: usize = 2048;
const MAX_SORT_KEY: usize = 1024;

/// What a table's items are found by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schema {
    /// The table's name in the store, and in batch documents.
    pub table: String,
    /// The attribute that every item has.
    pub partition_key: KeyAttribute,
    /// The attribute that orders the items of one partition, if there may be more than one.
    pub sort_key: Option<KeyAttribute>,
}

/// A key attribute and its declared type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyAttribute {
    /// The attribute's name.
    pub name: String,
    /// Its type.
    pub kind: KeyKind,
}

// === impl Schema ===

impl Schema {
    /// The schema that a `sources:` entry declares.
    #[must_use]
    pub fn from_config(config: &config::source::KeyValue) -> Self {
        let attribute = |key: &config::source::Key| KeyAttribute {
            name: key.name.value.clone(),
            kind: key.kind,
        };
        Schema {
            table: config.table.value.clone(),
            partition_key: attribute(&config.partition_key),
            sort_key: config.sort_key.as_ref().map(attribute),
        }
    }

    /// The key attributes, the partition key first.
    pub(crate) fn attributes(&self) -> impl Iterator<Item = &KeyAttribute> {
        std::iter::once(&self.partition_key).chain(&self.sort_key)
    }

    /// The key that a request's typed `key` names: exactly the key attributes, of the declared types.
    pub(crate) fn typed_key(&self, value: View<'_>, at: At<'_>) -> Result<Key, Refusal> {
        if value.kind() != Kind::Object {
            return Err(attribute::wrong_kind("OBJECT", value, at));
        }
        if value.len() != self.attributes().count() {
            return Err(Refusal::KeyMismatch);
        }
        self.key(|attribute| {
            let typed = value.get(&attribute.name).ok_or(Refusal::KeyMismatch)?;
            Attribute::from_typed(typed, At::Member(&at, &attribute.name))
        })
    }

    /// The key that plain JSON names. `None` where an attribute is null or absent, as the reference of
    /// a parent that has none is: no item has such a key.
    pub(crate) fn plain_key(&self, value: View<'_>, at: At<'_>) -> Result<Option<Key>, Refusal> {
        for (name, _) in attribute::members(value, at)? {
            if !self.attributes().any(|attribute| attribute.name == name) {
                return Err(Refusal::KeyMismatch);
            }
        }
        let is_there = |attribute: &KeyAttribute| {
            value
                .get(&attribute.name)
                .is_some_and(|given| !given.is_null())
        };
        if !self.attributes().all(is_there) {
            return Ok(None);
        }
        let key = self.key(|attribute| {
            let given = value.get(&attribute.name).unwrap_or(View::NULL);
            attribute.read_json(given).map_err(|_| Refusal::KeyMismatch)
        })?;
        Ok(Some(key))
    }

    fn key(
        &self,
        mut find: impl FnMut(&KeyAttribute) -> Result<Attribute, Refusal>,
    ) -> Result<Key, Refusal> {
        let mut key = Key::new();
        for attribute in self.attributes() {
            let part = find(attribute)?;
            if part.letters() != refusal::letter(attribute.kind) {
                return Err(Refusal::KeyMismatch);
            }
            self.check_size(attribute, &part)?;
            key::push_part(&mut key, &part);
        }
        Ok(key)
    }

    /// The key of a whole item.
    pub(crate) fn key_of(&self, item: &Item) -> Result<Key, Refusal> {
        let mut key = Key::new();
        for attribute in self.attributes() {
            let part = item
                .get(&attribute.name)
                .ok_or_else(|| Refusal::KeyMissing(attribute.name.clone()))?;
            attribute.check_kind(part)?;
            self.check_size(attribute, part)?;
            key::push_part(&mut key, part);
        }
        Ok(key)
    }

    /// Reads one attribute of a plain item; a key attribute by its declared type.
    pub(crate) fn plain_attribute(
        &self,
        name: &str,
        value: View<'_>,
    ) -> Result<Attribute, Refusal> {
        match self.attributes().find(|attribute| attribute.name == name) {
            Some(attribute) => attribute.read_json(value),
            None => Attribute::from_json(value),
        }
    }

    /// Reads a plain item.
    pub(crate) fn plain_item(&self, value: View<'_>, at: At<'_>) -> Result<Item, Refusal> {
        attribute::members(value, at)?
            .map(|(name, given)| {
                let attribute = self.plain_attribute(&name, given)?;
                Ok((name.into_owned(), attribute))
            })
            .collect()
    }

    fn check_size(&self, attribute: &KeyAttribute, part: &Attribute) -> Result<(), Refusal> {
        let size = part.size();
        if size == 0 {
            return Err(Refusal::KeyEmpty {
                name: attribute.name.clone(),
                kind: attribute.kind,
            });
        }
        let is_partition = std::ptr::eq(attribute, &self.partition_key);
        match is_partition {
            true if size > MAX_PARTITION_KEY => Err(Refusal::PartitionKeyTooLong),
            false if size > MAX_SORT_KEY => Err(Refusal::SortKeyTooLong),
            _ => Ok(()),
        }
    }
}

/// As people say it: ``partition key `id` (S), sort key `sku` (S)``.
impl fmt::Display for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "partition key {}", self.partition_key)?;
        match &self.sort_key {
            Some(sort_key) => write!(f, ", sort key {sort_key}"),
            None => f.write_str(", no sort key"),
        }
    }
}

// === impl KeyAttribute ===

impl KeyAttribute {
    /// Reads plain JSON as the declared type. A number may come as its text, as GraphQL's `ID` does;
    /// bytes come as base64.
    pub(crate) fn read_json(&self, value: View<'_>) -> Result<Attribute, Refusal> {
        match (self.kind, value.kind()) {
            (KeyKind::String, Kind::String) => Attribute::from_json(value),
            (KeyKind::Number, Kind::Number | Kind::String) => {
                attribute::number(value, At::Root).map(Attribute::Number)
            }
            (KeyKind::Binary, Kind::String) => value
                .as_str()
                .and_then(|text| attribute::decode_base64(&text))
                .map(Attribute::Binary)
                .ok_or_else(|| Refusal::Document("Invalid base64 in a key.".into())),
            _ => Err(self.mismatch(&Attribute::from_json(value)?)),
        }
    }

    pub(crate) fn check_kind(&self, part: &Attribute) -> Result<(), Refusal> {
        if part.letters() == refusal::letter(self.kind) {
            return Ok(());
        }
        Err(self.mismatch(part))
    }

    fn mismatch(&self, actual: &Attribute) -> Refusal {
        Refusal::KeyType {
            name: self.name.clone(),
            expected: self.kind,
            actual: actual.letters(),
        }
    }
}

impl fmt::Display for KeyAttribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` ({})", self.name, refusal::letter(self.kind))
    }
}

/// A schema as the store remembers it.
#[derive(Serialize, Deserialize)]
struct Stored<'a> {
    partition_key: StoredKey<'a>,
    sort_key: Option<StoredKey<'a>>,
}

#[derive(Serialize, Deserialize)]
struct StoredKey<'a> {
    name: Cow<'a, str>,
    #[serde(rename = "type")]
    kind: Cow<'a, str>,
}

impl Schema {
    /// The text that the store remembers of a table.
    pub(super) fn to_stored(&self) -> String {
        let key = |attribute: &'_ KeyAttribute| StoredKey {
            name: Cow::Owned(attribute.name.clone()),
            kind: refusal::letter(attribute.kind).into(),
        };
        let stored = Stored {
            partition_key: key(&self.partition_key),
            sort_key: self.sort_key.as_ref().map(key),
        };
        serde_json::to_string(&stored).expect("names and letters are JSON")
    }

    /// Reads what [`Schema::to_stored`] wrote.
    pub(super) fn from_stored(table: &str, text: &str) -> Option<Self> {
        let stored: Stored<'_> = serde_json::from_str(text).ok()?;
        let attribute = |key: StoredKey<'_>| {
            let kind = match key.kind.as_ref() {
                "S" => KeyKind::String,
                "N" => KeyKind::Number,
                "B" => KeyKind::Binary,
                _ => return None,
            };
            Some(KeyAttribute {
                name: key.name.into_owned(),
                kind,
            })
        };
        let sort_key = match stored.sort_key {
            Some(key) => Some(attribute(key)?),
            None => None,
        };
        Some(Schema {
            table: table.to_owned(),
            partition_key: attribute(stored.partition_key)?,
            sort_key,
        })
    }
}
