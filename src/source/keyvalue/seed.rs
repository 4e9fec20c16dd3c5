//! The first items of a table, from a file that the configuration read.
//!
//! The rules are the store's own. They are asked twice: when a configuration is checked, with every
//! fault told, and when the items are put, where nothing is left to be wrong.

use std::collections::hash_map::Entry;

use redb::{Database, Durability, ReadableTableMetadata};
use rustc_hash::FxHashMap;

use crate::{
    config::source::KeyKind,
    json::{Kind, Value},
    source::keyvalue::{
        attribute::Item,
        key::Key,
        record,
        refusal::{self, Refusal},
        schema::Schema,
        store::StoreError,
        table::{self, Table},
    },
};

/// Why a table could not be seeded; then none of the items is in it.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// An item that the table cannot hold.
    #[error("item {index}: {reason}")]
    Item {
        /// Its place in the list, from 0.
        index: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// An attribute that the table cannot hold.
    #[error("item {index}, attribute `{attribute}`: {reason}")]
    Attribute {
        /// The item's place in the list, from 0.
        index: usize,
        /// The attribute's name.
        attribute: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Reading or writing failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What is wrong with one item of a seed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct SeedFault {
    /// The item's place in the list, from 0.
    pub(crate) index: usize,
    /// What it is.
    pub(crate) kind: SeedFaultKind,
}

/// What can be wrong with an item of a seed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum SeedFaultKind {
    /// It is no object.
    Shape,
    /// An item before it has the same key.
    Duplicate {
        /// The place of the first one.
        first: usize,
    },
    /// The table refuses the whole item.
    Item(Refusal),
    /// The table refuses an attribute.
    Attribute(String, Refusal),
}

/// Finds the items that a table of this schema would refuse.
pub(crate) fn faults<'a>(
    schema: &'a Schema,
    items: impl IntoIterator<Item = Value> + 'a,
) -> impl Iterator<Item = SeedFault> + 'a {
    let mut seen: FxHashMap<Key, usize> = FxHashMap::default();
    items
        .into_iter()
        .enumerate()
        .filter_map(move |(index, item)| {
            let kind = match stored(schema, &item) {
                Err(kind) => kind,
                Ok((key, _)) => SeedFaultKind::Duplicate {
                    first: match seen.entry(key) {
                        Entry::Occupied(first) => *first.get(),
                        Entry::Vacant(place) => {
                            place.insert(index);
                            return None;
                        }
                    },
                },
            };
            Some(SeedFault { index, kind })
        })
}

/// Puts all items into a table that has none, in one transaction; how many is returned.
/// A table with items is left alone: 0.
pub(super) fn load(
    database: &Database,
    table: &Table,
    items: &[Value],
) -> Result<usize, SeedError> {
    let mut transaction = database.begin_write().map_err(StoreError::from)?;
    transaction
        .set_durability(Durability::Immediate)
        .map_err(StoreError::from)?;
    {
        let mut table_items = transaction
            .open_table(table::items(&table.stored_name))
            .map_err(StoreError::from)?;
        if !table_items.is_empty().map_err(StoreError::from)? {
            return Ok(0);
        }
        for (index, given) in items.iter().enumerate() {
            let (key, record) =
                stored(&table.schema, given).map_err(|kind| SeedError::new(index, kind))?;
            let before = table_items
                .insert(key.as_slice(), record.as_slice())
                .map_err(StoreError::from)?;
            if before.is_some() {
                let kind = SeedFaultKind::Duplicate { first: index };
                return Err(SeedError::new(index, kind));
            }
        }
    }
    transaction.commit().map_err(StoreError::from)?;
    Ok(items.len())
}

/// The key and the stored form of an item.
fn stored(schema: &Schema, given: &Value) -> Result<(Key, Vec<u8>), SeedFaultKind> {
    if given.view().kind() != Kind::Object {
        return Err(SeedFaultKind::Shape);
    }
    let attributes = given.view().entries().map(|(name, value)| {
        let name = name.into_owned();
        match schema.plain_attribute(&name, value) {
            Ok(attribute) => Ok((name, attribute)),
            Err(refusal) => Err(SeedFaultKind::Attribute(name, refusal)),
        }
    });
    let item: Item = attributes.collect::<Result<_, _>>()?;
    let key = schema.key_of(&item).map_err(SeedFaultKind::Item)?;
    let record = record::encode(&item).map_err(SeedFaultKind::Item)?;
    Ok((key, record))
}

// === impl SeedFault ===

impl SeedFault {
    /// The attribute that is to blame, when it is not the whole item.
    pub(crate) fn attribute(&self) -> Option<&str> {
        match &self.kind {
            SeedFaultKind::Attribute(name, _)
            | SeedFaultKind::Item(Refusal::KeyType { name, .. } | Refusal::KeyEmpty { name, .. }) => {
                Some(name)
            }
            SeedFaultKind::Item(_) | SeedFaultKind::Shape | SeedFaultKind::Duplicate { .. } => None,
        }
    }

    /// The key attribute that the fault is about, if it is about one.
    pub(crate) fn key(&self) -> Option<&str> {
        match &self.kind {
            SeedFaultKind::Attribute(_, refusal) | SeedFaultKind::Item(refusal) => match refusal {
                Refusal::KeyMissing(name)
                | Refusal::KeyType { name, .. }
                | Refusal::KeyEmpty { name, .. } => Some(name),
                _ => None,
            },
            SeedFaultKind::Shape | SeedFaultKind::Duplicate { .. } => None,
        }
    }

    /// What is wrong, for whoever wrote the seed; DynamoDB's own words are for clients.
    pub(crate) fn message(&self) -> String {
        let refusal = match &self.kind {
            SeedFaultKind::Shape => return "an item must be a mapping".to_owned(),
            SeedFaultKind::Duplicate { .. } => {
                return "an item before it has the same key".to_owned();
            }
            SeedFaultKind::Item(refusal) | SeedFaultKind::Attribute(_, refusal) => refusal,
        };
        match refusal {
            Refusal::KeyMissing(name) => {
                format!("the item has no `{name}`, which is a key of its table")
            }
            Refusal::KeyType {
                name,
                expected,
                actual,
            } => format!(
                "the key `{name}` must be of the type `{}`, not `{actual}`",
                refusal::letter(*expected)
            ),
            Refusal::KeyEmpty { name, .. } => format!("the key `{name}` must not be empty"),
            Refusal::ItemTooLarge => "the item is larger than 400 KiB".to_owned(),
            Refusal::PartitionKeyTooLong => {
                "the partition key is longer than 2048 bytes".to_owned()
            }
            Refusal::SortKeyTooLong => "the sort key is longer than 1024 bytes".to_owned(),
            Refusal::TooDeep => "lists and mappings stand more than 32 levels deep".to_owned(),
            other => match self.attribute() {
                Some(name) => format!("`{name}` cannot be stored: {other}"),
                None => format!("the item cannot be stored: {other}"),
            },
        }
    }

    /// What would be right, when that is known.
    pub(crate) fn help(&self) -> Option<String> {
        let refusal = match &self.kind {
            SeedFaultKind::Shape => {
                return Some("write its attributes: `{ id: …, name: … }`".to_owned());
            }
            SeedFaultKind::Duplicate { .. } => return Some("keep one of them".to_owned()),
            SeedFaultKind::Item(refusal) | SeedFaultKind::Attribute(_, refusal) => refusal,
        };
        match refusal {
            Refusal::KeyMissing(name) => Some(format!("every item of the seed needs `{name}`")),
            Refusal::KeyType {
                expected: KeyKind::String,
                actual: "N" | "BOOL",
                ..
            } => Some("put it in quotes, or give the key another `type`".to_owned()),
            Refusal::KeyType { .. } => {
                Some("`S` is a string, `N` a number, `B` bytes in base64".to_owned())
            }
            _ => None,
        }
    }
}

// === impl SeedError ===

impl SeedError {
    fn new(index: usize, kind: SeedFaultKind) -> Self {
        let reason = match kind {
            SeedFaultKind::Shape => "an item is an object".to_owned(),
            SeedFaultKind::Duplicate { .. } => "an item before it has the same key".to_owned(),
            SeedFaultKind::Item(refusal) => refusal.to_string(),
            SeedFaultKind::Attribute(attribute, refusal) => {
                return SeedError::Attribute {
                    index,
                    attribute,
                    reason: refusal.to_string(),
                };
            }
        };
        SeedError::Item { index, reason }
    }
}
