//! One way to read a value, wherever it stands.

use std::{borrow::Cow, slice, sync::Arc};

use super::{
    document::{Node, Tag},
    escape,
};
use crate::json::{Document, Number, Value};

/// The six kinds of JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `null`
    Null,
    /// `true` or `false`
    Bool,
    /// a number
    Number,
    /// a string
    String,
    /// a list
    List,
    /// an object
    Object,
}

/// A borrowed value: a node of a document, or something built.
#[derive(Debug, Clone, Copy)]
pub enum View<'a> {
    /// A node of a document.
    Node(&'a Arc<Document>, u32),
    /// Something a mapping built; never [`Value::Node`].
    Built(&'a Value),
}

/// The items of a list, in order.
#[derive(Debug, Clone)]
pub struct Items<'a>(Inside<'a, slice::Iter<'a, Value>>);

/// The members of an object, in order; repeated names as they come.
#[derive(Debug, Clone)]
pub struct Entries<'a>(Inside<'a, indexmap::map::Iter<'a, Arc<str>, Value>>);

/// What is left of a container.
#[derive(Debug, Clone)]
enum Inside<'a, B> {
    /// The nodes between two places.
    Nodes(&'a Arc<Document>, u32, u32),
    Built(B),
}

// === impl View ===

impl<'a> View<'a> {
    /// `null`.
    pub const NULL: View<'static> = View::Built(&Value::Null);

    /// Borrows a value for reading.
    #[must_use]
    #[inline]
    pub fn of(value: &'a Value) -> Self {
        match value {
            Value::Node(document, node) => View::Node(document, *node),
            built => View::Built(built),
        }
    }

    /// Which of the six kinds this is.
    #[must_use]
    #[inline]
    pub fn kind(self) -> Kind {
        match self {
            View::Node(document, place) => document.node(place).tag.kind(),
            View::Built(Value::Null) => Kind::Null,
            View::Built(Value::Bool(_)) => Kind::Bool,
            View::Built(Value::Number(_)) => Kind::Number,
            View::Built(Value::String(_)) => Kind::String,
            View::Built(Value::List(_)) => Kind::List,
            View::Built(Value::Object(_)) => Kind::Object,
            View::Built(Value::Node(document, place)) => View::Node(document, *place).kind(),
        }
    }

    /// Whether this is `null`.
    #[must_use]
    #[inline]
    pub fn is_null(self) -> bool {
        self.kind() == Kind::Null
    }

    /// The member of an object; `None` when absent or when this is no object.
    #[must_use]
    pub fn get(self, key: &str) -> Option<View<'a>> {
        match self {
            View::Node(document, place) => {
                let key = find(document, place, key)?;
                Some(View::Node(document, key + 1))
            }
            View::Built(Value::Object(members)) => members.get(key).map(View::of),
            View::Built(_) => None,
        }
    }

    /// Like [`View::get`], faster for the same key over many objects of one shape: `hint` remembers
    /// where the key stood in the object before. Start with 0.
    #[must_use]
    #[inline]
    pub fn get_hinted(self, key: &str, hint: &mut u32) -> Option<View<'a>> {
        let View::Node(document, object) = self else {
            return self.get(key);
        };
        let guess = object.wrapping_add(*hint);
        // `Tag::Key` says that no key before it is the same, so that nothing has to be scanned.
        if let Some(node) = document.node_at(guess)
            && node.tag == Tag::Key
            && node.link == object
            && document.bytes_of(node) == key.as_bytes()
        {
            return Some(View::Node(document, guess + 1));
        }
        let found = find(document, object, key)?;
        *hint = found - object;
        Some(View::Node(document, found + 1))
    }

    /// The item of a list; `None` when out of range or when this is no list. In a document it is
    /// found by walking from the first, so loops should use [`View::items`].
    #[must_use]
    pub fn item(self, index: usize) -> Option<View<'a>> {
        match self {
            View::Node(..) => self.items().nth(index),
            View::Built(Value::List(items)) => items.get(index).map(View::of),
            View::Built(_) => None,
        }
    }

    /// The number of items or members; 0 for scalars. In a document they are counted.
    #[must_use]
    pub fn len(self) -> usize {
        match self {
            View::Node(document, place) => match document.node(place).tag {
                Tag::List => self.items().count(),
                Tag::Object => self.entry_places().count(),
                _ => 0,
            },
            View::Built(Value::List(items)) => items.len(),
            View::Built(Value::Object(members)) => members.len(),
            View::Built(_) => 0,
        }
    }

    /// Whether there are no items or members.
    #[must_use]
    pub fn is_empty(self) -> bool {
        match self {
            View::Node(document, place) => document.node(place).link == place + 1,
            View::Built(_) => self.len() == 0,
        }
    }

    /// The items of a list; nothing for any other kind.
    #[inline]
    pub fn items(self) -> Items<'a> {
        Items(match self {
            View::Node(document, place) => nodes_inside(document, place, Tag::List),
            View::Built(Value::List(items)) => Inside::Built(items.iter()),
            View::Built(_) => Inside::Built([].iter()),
        })
    }

    /// The members of an object in their order; nothing for any other kind.
    #[inline]
    pub fn entries(self) -> Entries<'a> {
        Entries(match self {
            View::Node(document, place) => nodes_inside(document, place, Tag::Object),
            View::Built(Value::Object(members)) => Inside::Built(members.iter()),
            View::Built(_) => Inside::Built(indexmap::map::Iter::default()),
        })
    }

    /// The text of a string, unescaped; borrowed when it has no escapes.
    #[must_use]
    #[inline]
    pub fn as_str(self) -> Option<Cow<'a, str>> {
        match self {
            View::Node(document, place) => string_text(document, document.node(place)),
            View::Built(Value::String(string)) => Some(Cow::Borrowed(string)),
            View::Built(_) => None,
        }
    }

    /// The boolean.
    #[must_use]
    pub fn as_bool(self) -> Option<bool> {
        match self {
            View::Node(document, place) => match document.node(place).tag {
                Tag::True => Some(true),
                Tag::False => Some(false),
                _ => None,
            },
            View::Built(Value::Bool(bool)) => Some(*bool),
            View::Built(_) => None,
        }
    }

    /// The number.
    #[must_use]
    pub fn as_number(self) -> Option<Number> {
        match self {
            View::Node(..) => self.number_text().map(Number::of),
            View::Built(Value::Number(number)) => Some(number.clone()),
            View::Built(_) => None,
        }
    }

    /// The number, when it is a whole number that fits; `1.0` and `1e2` are whole.
    #[must_use]
    pub fn as_i64(self) -> Option<i64> {
        match self {
            View::Node(document, place) => {
                let node = document.node(place);
                // What does not fit is refused without a second look.
                if node.tag == Tag::Int {
                    return document.str_of(node).parse().ok();
                }
                self.as_number()?.as_i64()
            }
            View::Built(Value::Number(number)) => number.as_i64(),
            View::Built(_) => None,
        }
    }

    /// The number as the nearest double; `None` when it is beyond all doubles.
    #[must_use]
    pub fn as_f64(self) -> Option<f64> {
        match self {
            View::Node(..) => {
                let float = self.number_text()?.parse::<f64>().ok()?;
                float.is_finite().then_some(float)
            }
            View::Built(Value::Number(number)) => number.as_f64(),
            View::Built(_) => None,
        }
    }

    /// The JSON text as it stands in its document: the quotes of a string, the digits of a number.
    /// `None` for what was built.
    #[must_use]
    #[inline]
    pub fn raw(self) -> Option<&'a [u8]> {
        match self {
            View::Node(document, place) => Some(document.bytes_of(document.node(place))),
            View::Built(_) => None,
        }
    }

    /// What identifies a scalar among batch keys and cache keys: the characters of a string, the
    /// JSON text of a number or boolean. `None` for null, lists and objects.
    #[must_use]
    #[inline]
    pub fn key_text(self) -> Option<Cow<'a, str>> {
        match self {
            View::Node(document, place) => {
                let node = document.node(place);
                match node.tag.kind() {
                    Kind::String => string_text(document, node),
                    Kind::Number | Kind::Bool => Some(Cow::Borrowed(document.str_of(node))),
                    Kind::Null | Kind::List | Kind::Object => None,
                }
            }
            View::Built(Value::String(string)) => Some(Cow::Borrowed(string)),
            View::Built(Value::Number(number)) => Some(number.with_text(str::to_owned).into()),
            View::Built(Value::Bool(bool)) => Some(if *bool { "true" } else { "false" }.into()),
            View::Built(_) => None,
        }
    }

    /// About how many bytes the value takes, for weighing what a cache holds: of a node the length
    /// of its text. A node keeps its whole document in memory; see [`Value::compact`].
    #[must_use]
    pub fn size(self) -> usize {
        const EACH: usize = size_of::<Value>();
        match self {
            View::Node(document, place) => {
                let node = document.node(place);
                (node.end - node.start) as usize
            }
            View::Built(Value::String(string)) => EACH + string.len(),
            View::Built(Value::Number(Number::Text(text))) => EACH + text.len(),
            View::Built(Value::List(_)) => EACH + self.items().map(View::size).sum::<usize>(),
            View::Built(Value::Object(_)) => {
                let members = self.entries();
                EACH + members
                    .map(|(key, value)| EACH + key.len() + value.size())
                    .sum::<usize>()
            }
            View::Built(_) => EACH,
        }
    }

    /// Holds on to the value: shares the document, copies nothing deep.
    #[must_use]
    pub fn to_value(self) -> Value {
        match self {
            View::Node(document, node) => Value::Node(Arc::clone(document), node),
            View::Built(value) => value.clone(),
        }
    }

    /// The digits of a number of a document.
    pub(super) fn number_text(self) -> Option<&'a str> {
        let View::Node(document, place) = self else {
            return None;
        };
        let node = document.node(place);
        matches!(node.tag, Tag::Int | Tag::Float).then(|| document.str_of(node))
    }

    /// The values of a document's object, without reading its keys.
    fn entry_places(self) -> impl Iterator<Item = u32> {
        let mut inside = self.entries().0;
        std::iter::from_fn(move || inside.next_member().map(|(_, _, place)| place))
    }
}

// === impl Items, Entries, Inside ===

impl<'a> Iterator for Items<'a> {
    type Item = View<'a>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.0 {
            Inside::Nodes(document, at, end) if *at < *end => {
                let item = View::Node(document, *at);
                *at = document.node(*at).link;
                Some(item)
            }
            Inside::Nodes(..) => None,
            Inside::Built(items) => items.next().map(View::of),
        }
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = (Cow<'a, str>, View<'a>);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if let Inside::Built(members) = &mut self.0 {
            let (key, value) = members.next()?;
            return Some((Cow::Borrowed(key), View::of(value)));
        }
        let (document, key, value) = self.0.next_member()?;
        Some((key_text(document, key), View::Node(document, value)))
    }
}

impl<'a, B> Inside<'a, B> {
    /// The next key of a document's object and the place of its value.
    #[inline]
    fn next_member(&mut self) -> Option<(&'a Arc<Document>, Node, u32)> {
        match self {
            Inside::Nodes(document, at, end) if *at < *end => {
                let (key, value) = (document.node(*at), *at + 1);
                *at = document.node(value).link;
                Some((document, key, value))
            }
            Inside::Nodes(..) | Inside::Built(_) => None,
        }
    }
}

// === reading nodes ===

impl Tag {
    pub(super) fn kind(self) -> Kind {
        match self {
            Tag::Null => Kind::Null,
            Tag::True | Tag::False => Kind::Bool,
            Tag::Int | Tag::Float => Kind::Number,
            Tag::String | Tag::Escaped => Kind::String,
            Tag::List => Kind::List,
            Tag::Object => Kind::Object,
            // No view stands on a key.
            Tag::Key | Tag::LateKey | Tag::EscapedKey => Kind::String,
        }
    }
}

/// What is inside a node, when it has the tag.
fn nodes_inside<B>(document: &Arc<Document>, place: u32, tag: Tag) -> Inside<'_, B> {
    let node = document.node(place);
    let end = if node.tag == tag { node.link } else { 0 };
    Inside::Nodes(document, place + 1, end)
}

/// The place of the first key of an object that reads so.
fn find(document: &Document, object: u32, key: &str) -> Option<u32> {
    let node = document.node(object);
    if node.tag != Tag::Object {
        return None;
    }
    let mut at = object + 1;
    while at < node.link {
        let candidate = document.node(at);
        let same = match candidate.tag {
            Tag::EscapedKey => escape::unescape(document.str_of(candidate)) == key,
            _ => document.bytes_of(candidate) == key.as_bytes(),
        };
        if same {
            return Some(at);
        }
        at = document.node(at + 1).link;
    }
    None
}

fn key_text(document: &Document, key: Node) -> Cow<'_, str> {
    escape::unescape_if(key.tag == Tag::EscapedKey, document.str_of(key))
}

/// The characters between the quotes of a string.
fn string_text(document: &Document, node: Node) -> Option<Cow<'_, str>> {
    let escaped = match node.tag {
        Tag::String => false,
        Tag::Escaped => true,
        _ => return None,
    };
    let text = document.str_of(node);
    Some(escape::unescape_if(escaped, &text[1..text.len() - 1]))
}
