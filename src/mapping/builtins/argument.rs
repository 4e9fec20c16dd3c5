//! Reads what a function was called with, and says what is wrong with it.

use std::borrow::Cow;

use super::Thrown;
use crate::json::{Kind, Value, View};

/// The arguments of one call.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arguments<'a> {
    /// As messages name it, such as `util.urlEncode`.
    function: &'static str,
    values: &'a [Value],
}

impl<'a> Arguments<'a> {
    pub(super) fn new(function: &'static str, values: &'a [Value]) -> Self {
        Arguments { function, values }
    }

    /// An argument as it is; null when it was left out.
    pub(super) fn view(self, index: usize) -> View<'a> {
        self.values.get(index).map_or(View::NULL, Value::view)
    }

    /// The same, to hold on to.
    pub(super) fn value(self, index: usize) -> Value {
        self.values.get(index).cloned().unwrap_or_default()
    }

    /// A text; numbers and booleans are taken for the texts they print as.
    pub(super) fn text(self, index: usize, name: &str) -> Result<Cow<'a, str>, Thrown> {
        let view = self.view(index);
        view.key_text()
            .ok_or_else(|| self.mismatch(index, name, "text"))
    }

    /// A text; `None` for null and for what was left out.
    pub(super) fn optional_text(
        self,
        index: usize,
        name: &str,
    ) -> Result<Option<Cow<'a, str>>, Thrown> {
        if self.view(index).is_null() {
            return Ok(None);
        }
        self.text(index, name).map(Some)
    }

    /// A text, whatever it takes: lists and objects as JSON, null as `null`.
    pub(super) fn printed(self, index: usize) -> Result<Cow<'a, str>, Thrown> {
        let view = self.view(index);
        match view.key_text() {
            Some(text) => Ok(text),
            None => super::core::json::text_of(self.function, view).map(Cow::Owned),
        }
    }

    /// A whole number; a text of digits will do.
    pub(super) fn integer(self, index: usize, name: &str) -> Result<i64, Thrown> {
        let view = self.view(index);
        let number = match view.kind() {
            Kind::String => view.as_str().and_then(|text| text.trim().parse().ok()),
            Kind::Number => view.as_i64(),
            Kind::Null | Kind::Bool | Kind::List | Kind::Object => None,
        };
        number.ok_or_else(|| self.mismatch(index, name, "a whole number"))
    }

    /// A number.
    pub(super) fn float(self, index: usize, name: &str) -> Result<f64, Thrown> {
        let number = self.view(index).as_f64();
        number.ok_or_else(|| self.mismatch(index, name, "a number"))
    }

    /// A boolean; `None` for null and for what was left out.
    pub(super) fn optional_bool(self, index: usize, name: &str) -> Result<Option<bool>, Thrown> {
        let view = self.view(index);
        match (view.as_bool(), view.is_null()) {
            (_, true) => Ok(None),
            (Some(bool), _) => Ok(Some(bool)),
            (None, false) => Err(self.mismatch(index, name, "true or false")),
        }
    }

    /// An argument is of the wrong kind.
    pub(super) fn mismatch(self, index: usize, name: &str, expected: &str) -> Thrown {
        let found = describe(self.view(index));
        self.wrong(format!("'{name}' must be {expected}, not {found}"))
    }

    /// Something is wrong with what the function was given.
    pub(super) fn wrong(self, message: impl std::fmt::Display) -> Thrown {
        wrong(self.function, message)
    }
}

/// A function was called wrongly.
pub(super) fn wrong(function: &str, message: impl std::fmt::Display) -> Thrown {
    Thrown::wrong(format!("{function}: {message}"))
}

/// A value, in a sentence about what it should have been.
fn describe(view: View<'_>) -> Cow<'_, str> {
    let kind = match view.kind() {
        Kind::Null => "null",
        Kind::Bool => "a boolean",
        Kind::Number => return view.key_text().unwrap_or_default(),
        Kind::String => "a text",
        Kind::List => "a list",
        Kind::Object => "an object",
    };
    Cow::Borrowed(kind)
}
