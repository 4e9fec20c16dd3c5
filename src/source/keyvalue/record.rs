//! An item as it is stored: its answer's JSON text, and beside it what JSON cannot tell.
//!
//! ```text
//! version  u8        1
//! size     u32       the bytes that DynamoDB counts for the item
//! tags     u32       how many tags follow
//! tag      u32, u8   a value's number, and its type: B, SS, NS or BS
//! text     the rest  the item as plain JSON, numbers in their one spelling
//! ```
//!
//! Values are numbered as the text mentions them, from 0, the item itself; elements of lists and sets
//! count too. A read copies the text and looks at nothing else: in `benches/keyvalue.rs` a third of a
//! level of point reads is redb's own work and a sixth the index of the document, which any form would
//! need once it was JSON again. Whoever needs types (conditions, updates, indexes) walks the text and
//! asks the tags where it meets a string or a list.
//! All numbers are little-endian.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::{
    json::write_string,
    source::keyvalue::{
        attribute::{Attribute, Item, size_of_item},
        refusal::Refusal,
    },
};

const VERSION: u8 = 1;
const HEAD: usize = 1 + 4 + 4;
const TAG: usize = 4 + 1;

/// DynamoDB's bound.
const MAX_SIZE: usize = 400 * 1024;

/// The types that JSON cannot tell, as they are stored.
const BINARY: u8 = b'B';
const STRING_SET: u8 = b's';
const NUMBER_SET: u8 = b'n';
const BINARY_SET: u8 = b'b';

/// A stored item, borrowed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Record<'a> {
    /// The bytes that DynamoDB counts.
    pub(crate) size: usize,
    /// The item as plain JSON.
    pub(crate) text: &'a [u8],
    tags: &'a [u8],
}

/// Writes an item in its stored form.
pub(crate) fn encode(item: &Item) -> Result<Vec<u8>, Refusal> {
    let size = size_of_item(item);
    if size > MAX_SIZE {
        return Err(Refusal::ItemTooLarge);
    }
    let mut writer = Writer {
        text: Vec::with_capacity(size + 8 * item.len() + 2),
        tags: Vec::new(),
        next: 1,
    };
    writer.members(item);
    let mut record = Vec::with_capacity(HEAD + writer.tags.len() + writer.text.len());
    record.push(VERSION);
    record.extend_from_slice(&number(size));
    record.extend_from_slice(&number(writer.tags.len() / TAG));
    record.extend_from_slice(&writer.tags);
    record.extend_from_slice(&writer.text);
    Ok(record)
}

/// Items are bounded by [`MAX_SIZE`], so everything counted in them fits.
fn number(count: usize) -> [u8; 4] {
    u32::try_from(count).unwrap_or(u32::MAX).to_le_bytes()
}

// === impl Record ===

impl<'a> Record<'a> {
    /// Finds the parts of a stored item.
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, Refusal> {
        Self::parts(bytes).ok_or_else(|| Refusal::corrupt("unknown format"))
    }

    fn parts(bytes: &'a [u8]) -> Option<Self> {
        let (version, rest) = bytes.split_first()?;
        let (size, rest) = rest.split_first_chunk::<4>()?;
        let (tags, rest) = rest.split_first_chunk::<4>()?;
        let tags = usize::try_from(u32::from_le_bytes(*tags)).ok()?;
        let (tags, text) = rest.split_at_checked(tags.checked_mul(TAG)?)?;
        (*version == VERSION).then_some(Record {
            size: usize::try_from(u32::from_le_bytes(*size)).ok()?,
            text,
            tags,
        })
    }

    /// The values whose type JSON cannot tell: their number and the letter they are stored with.
    #[allow(
        dead_code,
        reason = "conditions and updates read types; the tests prove them kept"
    )]
    pub(crate) fn tags(self) -> impl Iterator<Item = (u32, u8)> + use<'a> {
        self.tags.as_chunks::<TAG>().0.iter().map(|tag| {
            let [a, b, c, d, letter] = *tag;
            (u32::from_le_bytes([a, b, c, d]), letter)
        })
    }
}

/// Writes the text, and notes the tags on the way.
struct Writer {
    text: Vec<u8>,
    tags: Vec<u8>,
    next: u32,
}

// === impl Writer ===

impl Writer {
    fn value(&mut self, value: &Attribute) {
        let own = self.next;
        self.next += 1;
        match value {
            Attribute::Null => self.text.extend_from_slice(b"null"),
            Attribute::Bool(true) => self.text.extend_from_slice(b"true"),
            Attribute::Bool(false) => self.text.extend_from_slice(b"false"),
            Attribute::Number(number) => self.text.extend_from_slice(number.to_string().as_bytes()),
            Attribute::String(text) => self.string(text),
            Attribute::Binary(bytes) => {
                self.tag(own, BINARY);
                self.bytes(bytes);
            }
            Attribute::StringSet(set) => {
                self.tag(own, STRING_SET);
                self.elements(set, |writer, text| writer.string(text));
            }
            Attribute::NumberSet(set) => {
                self.tag(own, NUMBER_SET);
                self.elements(set, |writer, number| {
                    writer.text.extend_from_slice(number.to_string().as_bytes());
                });
            }
            Attribute::BinarySet(set) => {
                self.tag(own, BINARY_SET);
                self.elements(set, |writer, bytes| writer.bytes(bytes));
            }
            Attribute::List(list) => self.items(list),
            Attribute::Map(map) => self.members(map),
        }
    }

    fn members(&mut self, map: &Item) {
        self.text.push(b'{');
        for (index, (name, value)) in map.iter().enumerate() {
            if index > 0 {
                self.text.push(b',');
            }
            self.string(name);
            self.text.push(b':');
            self.value(value);
        }
        self.text.push(b'}');
    }

    fn items(&mut self, list: &[Attribute]) {
        self.text.push(b'[');
        for (index, value) in list.iter().enumerate() {
            if index > 0 {
                self.text.push(b',');
            }
            self.value(value);
        }
        self.text.push(b']');
    }

    fn elements<T>(&mut self, set: &[T], write: impl Fn(&mut Self, &T)) {
        self.text.push(b'[');
        for (index, element) in set.iter().enumerate() {
            if index > 0 {
                self.text.push(b',');
            }
            self.next += 1;
            write(self, element);
        }
        self.text.push(b']');
    }

    fn tag(&mut self, own: u32, letter: u8) {
        self.tags.extend_from_slice(&own.to_le_bytes());
        self.tags.push(letter);
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.text.push(b'"');
        self.text
            .extend_from_slice(STANDARD.encode(bytes).as_bytes());
        self.text.push(b'"');
    }

    fn string(&mut self, text: &str) {
        write_string(text, &mut self.text);
    }
}

#[cfg(test)]
mod tests;
