//! How values compare in conditions: a number and a text that says a number do, as in Jayway.

use std::{borrow::Cow, cmp::Ordering};

use crate::json::{Kind, Number, View};

/// `<`, `<=`, `>`, `>=`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Less,
    AtMost,
    Greater,
    AtLeast,
}

/// Whether two values are equal. A text equals the number whose digits it says; a number equals any
/// text that says its value.
pub(super) fn equal(left: View<'_>, right: View<'_>) -> bool {
    match (left.kind(), right.kind()) {
        (Kind::Number, Kind::String) => {
            let right = right.as_str().and_then(|text| Number::parse(&text));
            right.is_some() && right == left.as_number()
        }
        (Kind::String, Kind::Number) => left.as_str() == text(right),
        _ => left == right,
    }
}

/// Whether two values stand in an order; values that have none do not.
pub(super) fn ordered(left: View<'_>, order: Order, right: View<'_>) -> bool {
    let ordering = match (left.kind(), right.kind()) {
        (Kind::String, Kind::String) => left.as_str().cmp(&right.as_str()),
        (Kind::Number | Kind::String, Kind::Number | Kind::String) => {
            let Some(ordering) = double(left)
                .zip(double(right))
                .and_then(|(left, right)| left.partial_cmp(&right))
            else {
                return false;
            };
            ordering
        }
        _ => return false,
    };
    match order {
        Order::Less => ordering == Ordering::Less,
        Order::AtMost => ordering != Ordering::Greater,
        Order::Greater => ordering == Ordering::Greater,
        Order::AtLeast => ordering != Ordering::Less,
    }
}

/// The text of a string or of a number.
pub(super) fn text(view: View<'_>) -> Option<Cow<'_, str>> {
    match view.kind() {
        Kind::String | Kind::Number => view.key_text(),
        _ => None,
    }
}

fn double(view: View<'_>) -> Option<f64> {
    match view.as_str() {
        Some(text) => Number::parse(&text)?.as_f64(),
        None => view.as_f64(),
    }
}
