//! A value on its way through a program.

use std::{borrow::Cow, sync::Arc};

use smallvec::SmallVec;

use crate::json::{Kind, Value, View};

/// Where text is gathered. Most texts fit without an allocation of their own.
pub(crate) type Buffer = SmallVec<[u8; 256]>;

/// A value: borrowed wherever it can be.
#[derive(Debug, Clone)]
pub(crate) enum Operand<'a> {
    /// Something that stands elsewhere.
    View(View<'a>),
    /// Characters that are no JSON yet, such as a header.
    Text(Cow<'a, str>),
    /// Something made on the way.
    Value(Value),
}

// === impl Operand ===

impl<'a> Operand<'a> {
    /// The value, for reading; text has none.
    fn view(&self) -> Option<View<'_>> {
        match self {
            Operand::View(view) => Some(*view),
            Operand::Value(value) => Some(value.view()),
            Operand::Text(_) => None,
        }
    }

    pub(super) fn is_null(&self) -> bool {
        self.view().is_some_and(View::is_null)
    }

    /// The member of an object.
    pub(super) fn member(self, name: &str) -> Option<Operand<'a>> {
        match self {
            Operand::View(view) => view.get(name).map(Operand::View),
            Operand::Value(value) => {
                let member = value.view().get(name)?;
                Some(Operand::Value(member.to_value()))
            }
            Operand::Text(_) => None,
        }
    }

    /// The item of a list; a negative index counts from the end.
    pub(super) fn item(self, index: i64) -> Option<Operand<'a>> {
        match self {
            Operand::View(view) => item(view, index).map(Operand::View),
            Operand::Value(value) => {
                let item = item(value.view(), index)?;
                Some(Operand::Value(item.to_value()))
            }
            Operand::Text(_) => None,
        }
    }

    /// The items, when this is a list.
    pub(super) fn list(&self) -> Option<View<'_>> {
        self.view().filter(|view| view.kind() == Kind::List)
    }

    /// Prints the value: strings as their characters, null as nothing, the rest as JSON.
    pub(super) fn print(&self, out: &mut Buffer) {
        match self {
            Operand::View(view) => print(*view, out),
            Operand::Value(value) => print(value.view(), out),
            Operand::Text(text) => out.extend_from_slice(text.as_bytes()),
        }
    }

    /// Holds on to the value.
    pub(crate) fn into_value(self) -> Value {
        match self {
            Operand::View(view) => view.to_value(),
            Operand::Value(value) => value,
            Operand::Text(text) => Value::String(Arc::from(text)),
        }
    }
}

/// Prints a value: strings as their characters, null as nothing, the rest as JSON.
pub(super) fn print(view: View<'_>, out: &mut Buffer) {
    if let Some(text) = view.key_text() {
        out.extend_from_slice(text.as_bytes());
        return;
    }
    if view.is_null() {
        return;
    }
    let mut json = Vec::new();
    view.write(&mut json);
    out.extend_from_slice(&json);
}

/// The item of a list; a negative index counts from the end.
pub(super) fn item(list: View<'_>, index: i64) -> Option<View<'_>> {
    if index >= 0 {
        return list.item(usize::try_from(index).ok()?);
    }
    let back = usize::try_from(index.unsigned_abs()).ok()?;
    list.item(list.len().checked_sub(back)?)
}
