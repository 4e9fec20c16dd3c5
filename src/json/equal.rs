//! Equality by JSON value.

use std::borrow::Cow;

use super::{Kind, View, number::same_value};

/// Equality by JSON value: object members in any order, `1` equals `1.0`. Of a repeated name the
/// first member counts, as everywhere.
impl PartialEq for View<'_> {
    fn eq(&self, other: &Self) -> bool {
        // The same text is the same value; often it is even the same node.
        if let (Some(mine), Some(theirs)) = (self.raw(), other.raw())
            && mine == theirs
        {
            return true;
        }
        let kind = self.kind();
        if kind != other.kind() {
            return false;
        }
        match kind {
            Kind::Null => true,
            Kind::Bool => self.as_bool() == other.as_bool(),
            Kind::Number => same_number(*self, *other),
            Kind::String => self.as_str() == other.as_str(),
            Kind::List => self.items().eq(other.items()),
            Kind::Object => members(*self) == members(*other),
        }
    }
}

fn same_number(a: View<'_>, b: View<'_>) -> bool {
    match (a.number_text(), b.number_text()) {
        (Some(a), Some(b)) => same_value(a, b),
        _ => a.as_number() == b.as_number(),
    }
}

/// The members of an object that are read, by name.
fn members(object: View<'_>) -> Vec<(Cow<'_, str>, View<'_>)> {
    let mut members: Vec<_> = object.entries().collect();
    // A stable sort, so that the first of each name stays first and is the one that is kept.
    members.sort_by(|(a, _), (b, _)| a.cmp(b));
    members.dedup_by(|(later, _), (first, _)| later == first);
    members
}
