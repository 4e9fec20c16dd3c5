//! What a value is remembered under.

use std::sync::Arc;

/// The bytes that identify a value. Cloning is cheap.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Key(Arc<[u8]>);

/// Puts a [`Key`] together from parts, so that different parts never make the same key.
///
/// Each part is preceded by its length: `("a", "bc")` and `("ab", "c")` differ, and so do an empty
/// part and an absent one.
#[derive(Debug, Clone, Default)]
pub(crate) struct KeyBuilder {
    bytes: Vec<u8>,
}

/// The bytes of a length in front of a part.
const PREFIX: usize = size_of::<u64>();

/// Stands where the length of a part would: longer than any part can be.
const ABSENT: u64 = u64::MAX;

// === impl Key ===

impl Key {
    /// How many bytes the key has.
    #[must_use]
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

// === impl KeyBuilder ===

impl KeyBuilder {
    /// A key without parts.
    #[must_use]
    pub(crate) fn new() -> Self {
        KeyBuilder::default()
    }

    /// Adds a part.
    #[cfg(test)]
    pub(crate) fn part(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        let bytes = bytes.as_ref();
        self.part_with(|out| out.extend_from_slice(bytes))
    }

    /// Adds a part that `write` appends to the buffer it is given; it must leave alone what the
    /// buffer held before.
    pub(crate) fn part_with(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> &mut Self {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(&[0; PREFIX]);
        write(&mut self.bytes);
        let length = (self.bytes.len() - start - PREFIX) as u64;
        self.bytes[start..start + PREFIX].copy_from_slice(&length.to_le_bytes());
        self
    }

    /// Adds the place of a part that is not there.
    pub(crate) fn absent(&mut self) -> &mut Self {
        self.bytes.extend_from_slice(&ABSENT.to_le_bytes());
        self
    }

    /// The key of the parts added so far; the builder starts over.
    #[must_use]
    pub(crate) fn finish(&mut self) -> Key {
        let key = Key(Arc::from(self.bytes.as_slice()));
        self.bytes.clear();
        key
    }
}
