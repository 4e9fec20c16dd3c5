//! A JSON text and the tape of its nodes.

use std::sync::Arc;

use ahash::AHashSet;
use bytes::Bytes;
use bytestring::ByteString;

use super::{
    View, escape,
    parse::{self, ParseError},
};

/// A JSON text with an index of offsets into it: parsed once, immutable, shared by `Arc`.
///
/// The tape lists the nodes in the order of the text: a list before its items, an object before its
/// members, and each key as a node of its own before its value. Node 0 is the root.
#[derive(Debug)]
pub struct Document {
    text: ByteString,
    nodes: Vec<Node>,
}

/// One entry of the tape, 16 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Node {
    /// Where its text begins; a string's with its quotes, a key's without.
    pub(super) start: u32,
    /// Where its text ends.
    pub(super) end: u32,
    /// Of a value: the node after it and all that is in it. Of a key: the object it belongs to.
    pub(super) link: u32,
    pub(super) tag: Tag,
    /// Whether its text has no whitespace between its tokens.
    pub(super) compact: bool,
}

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tag {
    Null,
    True,
    False,
    /// A number without fraction and exponent.
    Int,
    /// Any other number.
    Float,
    String,
    /// A string with escapes.
    Escaped,
    List,
    Object,
    /// A key that no key before it in its object equals.
    Key,
    /// A key that may repeat one before it.
    LateKey,
    /// A key with escapes; it too may repeat one before it.
    EscapedKey,
}

// === impl Document ===

impl Document {
    /// Parses a text; the bytes are kept, nothing is copied.
    ///
    /// Strict RFC 8259: UTF-8, one value, whitespace around it, no byte order mark. Nests up to 128
    /// deep. Escapes of lone surrogates pass and read as U+FFFD.
    pub fn parse(text: Bytes) -> Result<Arc<Self>, ParseError> {
        let text = ByteString::try_from(text).map_err(|error| ParseError {
            message: "the text is not UTF-8",
            offset: error.valid_up_to(),
        })?;
        let nodes = parse::tape(&text)?;
        Ok(Arc::new(Document { text, nodes }))
    }

    /// The text as it came.
    #[must_use]
    pub fn text(&self) -> &Bytes {
        self.text.as_bytes()
    }

    /// The whole document.
    #[must_use]
    pub fn root(self: &Arc<Self>) -> View<'_> {
        View::Node(self, 0)
    }

    /// A name that some object of the document has twice, unescaped.
    #[must_use]
    pub fn repeated_name(&self) -> Option<String> {
        let is_suspect = |node: &&Node| matches!(node.tag, Tag::LateKey | Tag::EscapedKey);
        let mut objects: Vec<u32> = self
            .nodes
            .iter()
            .filter(is_suspect)
            .map(|it| it.link)
            .collect();
        objects.dedup();
        objects
            .into_iter()
            .find_map(|object| self.repeated_in(object))
    }

    fn repeated_in(&self, object: u32) -> Option<String> {
        let mut seen = AHashSet::new();
        let mut at = object + 1;
        while at < self.node(object).link {
            let key = self.node(at);
            let name = escape::unescape_if(key.tag == Tag::EscapedKey, self.str_of(key));
            if let Some(name) = seen.replace(name) {
                return Some(name.into_owned());
            }
            at = self.node(at + 1).link;
        }
        None
    }

    /// A node, by its place on the tape. A place that is not on it is a mistake of ours.
    #[inline]
    pub(super) fn node(&self, place: u32) -> Node {
        self.nodes[place as usize]
    }

    /// A node that may not be there.
    #[inline]
    pub(super) fn node_at(&self, place: u32) -> Option<Node> {
        self.nodes.get(place as usize).copied()
    }

    /// The text of a node.
    #[inline]
    pub(super) fn str_of(&self, node: Node) -> &str {
        &self.text[node.start as usize..node.end as usize]
    }

    /// The text of a node, for copying and comparing.
    #[inline]
    pub(super) fn bytes_of(&self, node: Node) -> &[u8] {
        &self.text.as_bytes()[node.start as usize..node.end as usize]
    }

    /// A document of one node of this one, with a copy of its text.
    pub(super) fn part(&self, place: u32) -> Document {
        let root = self.node(place);
        let shifted = |node: &Node| Node {
            start: node.start - root.start,
            end: node.end - root.start,
            link: node.link - place,
            ..*node
        };
        Document {
            text: ByteString::from(self.str_of(root)),
            nodes: self.nodes[place as usize..root.link as usize]
                .iter()
                .map(shifted)
                .collect(),
        }
    }
}
