//! A path, followed through a document.

use std::{cell::Cell, ops::Range, sync::Arc};

use crate::json::{Kind, Object, Value, View};

use super::{JsonPath, MAX_BYTES, MAX_FOUND, MAX_VISITS, Pick, Step, TooMuch};

/// From where paths are followed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'d, 'v> {
    /// `$`
    root: View<'d>,
    /// `@` in a condition; elsewhere the root.
    item: View<'d>,
    /// How many nodes may still be looked at.
    visits: &'v Cell<u32>,
}

/// What a path found.
#[derive(Debug, Default)]
struct Found {
    values: Vec<Value>,
    /// How long their texts are. They may contain each other, so that all of them together can be
    /// much longer than the document.
    bytes: usize,
}

/// Why following a path ends early.
enum Stop {
    /// There is no such place, and no other place the path could mean.
    Missing,
    TooMuch,
}

/// What a document has at a path.
pub(super) fn from_root(path: &JsonPath, root: View<'_>) -> Result<Option<Value>, TooMuch> {
    let visits = Cell::new(MAX_VISITS);
    let reader = Reader {
        root,
        item: root,
        visits: &visits,
    };
    reader.read(path)
}

impl<'d> Reader<'d, '_> {
    /// The same, for paths that begin with `$`.
    pub(super) fn of_root(self) -> Self {
        Reader {
            item: self.root,
            ..self
        }
    }

    /// What is at a path.
    pub(super) fn read(self, path: &JsonPath) -> Result<Option<Value>, TooMuch> {
        let mut found = Found::default();
        match self.walk(&path.steps, self.item, true, &mut found) {
            Ok(()) => {}
            Err(Stop::Missing) => return Ok(None),
            Err(Stop::TooMuch) => return Err(TooMuch),
        }
        let value = match path.is_definite() {
            true => found.values.pop(),
            false => Some(Value::from(found.values)),
        };
        Ok(match path.function {
            Some(function) => value.and_then(|value| function.apply(value.view())),
            None => value,
        })
    }

    /// Takes the steps from a node. `certain`: no step before could have led elsewhere.
    fn walk(
        self,
        steps: &[Step],
        node: View<'d>,
        certain: bool,
        found: &mut Found,
    ) -> Result<(), Stop> {
        let left = self.visits.get().checked_sub(1).ok_or(Stop::TooMuch)?;
        self.visits.set(left);
        let Some((step, rest)) = steps.split_first() else {
            return found.push(node.to_value());
        };
        if step.scan {
            return self.scan(&step.pick, rest, node, found);
        }
        self.pick(&step.pick, rest, node, certain, found)
    }

    fn pick(
        self,
        pick: &Pick,
        rest: &[Step],
        node: View<'d>,
        certain: bool,
        found: &mut Found,
    ) -> Result<(), Stop> {
        let missing = if certain { Err(Stop::Missing) } else { Ok(()) };
        match pick {
            Pick::Names(names) if let [name] = &names[..] => match node.get(name) {
                Some(member) => self.walk(rest, member, certain, found),
                None => missing,
            },
            Pick::Names(_) if node.kind() != Kind::Object => missing,
            Pick::Names(names) if rest.is_empty() => found.push(members(node, names)),
            Pick::Names(names) => {
                let mut members = names.iter().filter_map(|name| node.get(name));
                members.try_for_each(|member| self.walk(rest, member, false, found))
            }
            Pick::Every => children(node).try_for_each(|it| self.walk(rest, it, false, found)),
            Pick::Indexes(_) | Pick::Slice(..) if node.kind() != Kind::List => missing,
            Pick::Indexes(indexes) if let [index] = indexes[..] => match item(node, index) {
                Some(item) => self.walk(rest, item, certain, found),
                None => missing,
            },
            Pick::Indexes(indexes) => {
                let mut items = indexes.iter().filter_map(|index| item(node, *index));
                items.try_for_each(|item| self.walk(rest, item, false, found))
            }
            Pick::Slice(from, to) => {
                let range = range(*from, *to, node.len());
                let mut items = node.items().skip(range.start).take(range.len());
                items.try_for_each(|item| self.walk(rest, item, false, found))
            }
            Pick::Filter(filter) => match node.kind() {
                Kind::List => node.items().try_for_each(|item| {
                    if self.accepts(filter, item)? {
                        return self.walk(rest, item, false, found);
                    }
                    Ok(())
                }),
                Kind::Object if self.accepts(filter, node)? => self.walk(rest, node, false, found),
                Kind::Object => Ok(()),
                _ => missing,
            },
        }
    }

    /// `..`: the step from the node, then from each node below it. Documents nest 128 deep at the
    /// most, and so does this.
    fn scan(
        self,
        pick: &Pick,
        rest: &[Step],
        node: View<'d>,
        found: &mut Found,
    ) -> Result<(), Stop> {
        let left = self.visits.get().checked_sub(1).ok_or(Stop::TooMuch)?;
        self.visits.set(left);
        let applies = match pick {
            // An item of a list is met by itself, too; it should not be found twice.
            Pick::Filter(_) => node.kind() == Kind::Object,
            Pick::Names(names) => names.iter().all(|name| node.get(name).is_some()),
            Pick::Every | Pick::Indexes(_) | Pick::Slice(..) => true,
        };
        if applies {
            self.pick(pick, rest, node, false, found)?;
        }
        children(node).try_for_each(|child| self.scan(pick, rest, child, found))
    }

    fn accepts(self, filter: &super::Filter, item: View<'d>) -> Result<bool, Stop> {
        let left = self.visits.get().checked_sub(1).ok_or(Stop::TooMuch)?;
        self.visits.set(left);
        let reader = Reader { item, ..self };
        filter.accepts(&reader).map_err(|TooMuch| Stop::TooMuch)
    }
}

impl Found {
    fn push(&mut self, value: Value) -> Result<(), Stop> {
        if let View::Node(..) = value.view() {
            self.bytes = self.bytes.saturating_add(value.view().size());
        }
        if self.values.len() >= MAX_FOUND || self.bytes > MAX_BYTES {
            return Err(Stop::TooMuch);
        }
        self.values.push(value);
        Ok(())
    }
}

/// The items of a list, the values of an object.
fn children(node: View<'_>) -> impl Iterator<Item = View<'_>> {
    let members = node.entries().map(|(_, value)| value);
    node.items().chain(members)
}

/// An object of those members that are there.
fn members(node: View<'_>, names: &[Box<str>]) -> Value {
    let members = names.iter().filter_map(|name| {
        let value = node.get(name)?;
        Some((Arc::from(&**name), value.to_value()))
    });
    Value::from(members.collect::<Object>())
}

/// The item at an index, which counts from the end when it is negative.
fn item(list: View<'_>, index: i64) -> Option<View<'_>> {
    match usize::try_from(index) {
        Ok(index) => list.item(index),
        Err(_) => {
            let from_end = usize::try_from(index.unsigned_abs()).ok()?;
            list.item(list.len().checked_sub(from_end)?)
        }
    }
}

/// The places of a slice. Jayway counts an end from the end only where there is no start, or the
/// start is counted from there as well.
fn range(from: Option<i64>, to: Option<i64>, length: usize) -> Range<usize> {
    let place = |index: i64| match usize::try_from(index) {
        Ok(index) => index.min(length),
        Err(_) => {
            length.saturating_sub(usize::try_from(index.unsigned_abs()).unwrap_or(usize::MAX))
        }
    };
    let end = match (from, to) {
        (_, None) => length,
        (Some(0..), Some(..0)) => 0,
        (_, Some(to)) => place(to),
    };
    let start = from.map_or(0, place);
    start..end.max(start)
}
