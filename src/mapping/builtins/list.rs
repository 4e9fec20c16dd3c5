//! `util.list`
//!
//! See: appsync.md 3.3.

mod equal;

#[cfg(test)]
mod tests;

use std::{cmp::Ordering, mem::discriminant, sync::Arc};

use super::{Builtin, MAX_TEXT, Namespace, Services, Thrown, argument::wrong};
use crate::{
    json::Number,
    mapping::vtl::{List, Val},
};
use equal::Members;

pub(super) const LIST: Namespace = Namespace {
    name: "util.list",
    functions: &[
        Builtin::objects("copyAndRetainAll", 2..=2, retain_all),
        Builtin::objects("copyAndRemoveAll", 2..=2, remove_all),
        Builtin::objects("sortList", 3..=3, sort_list),
    ],
    namespaces: &[],
};

/// The most items that are sorted: AppSync's own limit.
const MAX_SORTED: usize = 1000;

/// What items are sorted by. Those of one list are all of one kind.
#[derive(Debug)]
enum Rank {
    Bool(bool),
    Number(Number),
    /// In the order of UTF-16 units, as Java compares texts.
    Text(Arc<str>),
}

fn retain_all(_: &mut Services<'_>, values: &[Val]) -> Result<Val, Thrown> {
    filtered("util.list.copyAndRetainAll", values, true)
}

fn remove_all(_: &mut Services<'_>, values: &[Val]) -> Result<Val, Thrown> {
    filtered("util.list.copyAndRemoveAll", values, false)
}

/// The items of the first list that the second one has, or has not: the very items.
fn filtered(function: &str, values: &[Val], wanted: bool) -> Result<Val, Thrown> {
    let items = items(function, values, 0, "list")?;
    let members = Members::of(&self::items(function, values, 1, "other")?);
    let members = members.map_err(|message| wrong(function, message))?;
    let mut kept = Vec::new();
    for item in items {
        let is_member = members.contain(&item);
        if is_member.map_err(|message| wrong(function, message))? == wanted {
            kept.push(item);
        }
    }
    new_list(function, kept)
}

/// `sortList(list, descending, field)`: by the field where the items are objects. What cannot be
/// compared stays as it is.
fn sort_list(_: &mut Services<'_>, values: &[Val]) -> Result<Val, Thrown> {
    const NAME: &str = "util.list.sortList";
    let items = items(NAME, values, 0, "list")?;
    let descending = match values.get(1) {
        Some(Val::Bool(descending)) => *descending,
        None | Some(Val::Null) => false,
        Some(_) => return Err(wrong(NAME, "'descending' must be true or false")),
    };
    let field = match values.get(2) {
        Some(Val::Text(field)) => Arc::clone(field),
        None | Some(Val::Null) => "".into(),
        Some(_) => return Err(wrong(NAME, "'field' must be text")),
    };
    if items.len() > MAX_SORTED {
        let message = format!("a list of more than {MAX_SORTED} is not sorted");
        return Err(wrong(NAME, message));
    }
    let ranks = items.into_iter();
    let ranks = ranks.map(|item| Some((rank(&item, &field)?, item)));
    let ranks = ranks.collect::<Option<Vec<_>>>();
    let Some(mut ranks) = ranks.filter(|ranks| are_alike(ranks)) else {
        return Ok(values.first().cloned().unwrap_or_default());
    };
    ranks.sort_by(|(a, _), (b, _)| match descending {
        true => b.compare(a),
        false => a.compare(b),
    });
    new_list(NAME, ranks.into_iter().map(|(_, item)| item).collect())
}

/// The items of an argument that is to be a list.
fn items(function: &str, values: &[Val], index: usize, name: &str) -> Result<Vec<Val>, Thrown> {
    let value = values.get(index).unwrap_or(&Val::Null);
    if value.weight(MAX_TEXT).is_none() {
        return Err(wrong(function, format!("'{name}' is larger than 16 MiB")));
    }
    match value {
        Val::List(list) => Ok(list.snapshot()),
        Val::Range(first, last) if first <= last => Ok((*first..=*last).map(Val::from).collect()),
        Val::Range(first, last) => Ok((*last..=*first).rev().map(Val::from).collect()),
        _ => Err(wrong(function, format!("'{name}' must be a list"))),
    }
}

fn new_list(function: &str, items: Vec<Val>) -> Result<Val, Thrown> {
    let list = List::new(items);
    list.map(Val::List).map_err(|error| wrong(function, error))
}

fn rank(item: &Val, field: &str) -> Option<Rank> {
    match item {
        Val::Map(members) => scalar_rank(&members.get(field)?),
        _ => scalar_rank(item),
    }
}

fn scalar_rank(value: &Val) -> Option<Rank> {
    match value {
        Val::Bool(bool) => Some(Rank::Bool(*bool)),
        Val::Number(number) => Some(Rank::Number(number.clone())),
        Val::Text(text) => Some(Rank::Text(Arc::clone(text))),
        _ => None,
    }
}

/// The nearest double, and the number itself where doubles are too far apart for it: one order for
/// all numbers, whatever they are kept as.
fn number_rank(number: &Number) -> (f64, Option<i64>) {
    let nearest = number.with_text(|text| text.parse().unwrap_or_default());
    (nearest, number.as_i64())
}

/// Whether all items are of one kind, and all that they are sorted by.
fn are_alike(ranks: &[(Rank, Val)]) -> bool {
    let mut pairs = ranks.windows(2);
    pairs.all(|pair| {
        discriminant(&pair[0].0) == discriminant(&pair[1].0)
            && discriminant(&pair[0].1) == discriminant(&pair[1].1)
    })
}

// === impl Rank ===

impl Rank {
    fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Rank::Bool(a), Rank::Bool(b)) => a.cmp(b),
            (Rank::Number(a), Rank::Number(b)) => {
                let ((a, exact_a), (b, exact_b)) = (number_rank(a), number_rank(b));
                a.total_cmp(&b).then(exact_a.cmp(&exact_b))
            }
            (Rank::Text(a), Rank::Text(b)) => a.encode_utf16().cmp(b.encode_utf16()),
            _ => Ordering::Equal,
        }
    }
}
