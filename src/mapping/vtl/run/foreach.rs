//! `#foreach`, and what `$foreach` tells.

use super::{
    halt::{Flow, Halt, caught},
    machine::Machine,
    own::Own,
};
use crate::mapping::vtl::{
    compile::{Expression, Foreach, Slot, Span},
    error::{EvalFault, Exceeded},
    host::{Host, Names},
    value::{List, Map, ObjectId, Val},
};

/// What `$foreach` tells of a loop.
#[derive(Debug)]
pub(super) struct Loop {
    /// Turns so far.
    count: usize,
    has_next: bool,
    /// What `$foreach` was outside: the loop around this one.
    outer: Option<usize>,
    /// Whether a variable may know it after its end.
    pub(super) shared: bool,
}

/// What a loop goes over.
enum Items {
    List {
        list: List,
        at: usize,
        length: usize,
    },
    Map {
        map: Map,
        at: usize,
        length: usize,
    },
    Range {
        next: Option<i64>,
        last: i64,
    },
}

/// What the names of a loop were before it.
struct Before {
    item: Val,
    scope: Val,
    count: Val,
    has_next: Val,
}

// === impl Machine ===

impl<'p, H: Host + Names> Machine<'p, '_, H> {
    /// `#foreach`: what cannot be gone over has no items.
    pub(super) fn foreach(&mut self, foreach: &'p Foreach) -> Flow<H::Thrown> {
        let span = foreach.span;
        self.meter.pay(1, span)?;
        let Some(items) = self.items(&foreach.list, span)? else {
            return Ok(());
        };
        let before = self.before(foreach)?;
        let place = self.loops.len();
        let Some(object) = Own::new_loop(place) else {
            let depth = self.meter.bounds().depth;
            return Err(Halt::bound(span, Exceeded::Depth(depth)));
        };
        self.loops.push(Loop {
            count: 0,
            has_next: false,
            outer: match Own::of_value(&before.scope) {
                Some(Own::Loop(outer)) => Some(outer),
                _ => None,
            },
            shared: false,
        });
        self.set_if(foreach.scope, || Val::Object(object));
        let flow = caught(self.turns(foreach, place, items));
        self.set_if(foreach.count, || before.count);
        self.set_if(foreach.has_next, || before.has_next);
        match before.item {
            Val::Null => self.scope.remove(foreach.item),
            item => self.scope.set(foreach.item, item),
        }
        self.set_if(foreach.scope, || before.scope);
        let shared = self.loops.get(place).is_some_and(|known| known.shared);
        if !shared && place + 1 == self.loops.len() {
            self.loops.pop();
        }
        flow
    }

    fn turns(&mut self, foreach: &'p Foreach, place: usize, mut items: Items) -> Flow<H::Thrown> {
        let span = foreach.span;
        let mut count = 0;
        let mut veil = None;
        while let Some(item) = items.next().map_err(|fault| Halt::failed(span, fault))? {
            count += 1;
            let turns = self.meter.bounds().turns;
            if count > turns {
                return Err(Halt::bound(span, Exceeded::Turns(turns)));
            }
            self.meter.pay(1, span)?;
            let has_next = items.has_next();
            if let Some(known) = self.loops.get_mut(place) {
                known.count = count;
                known.has_next = has_next;
            }
            self.set_if(foreach.count, || Val::from(count));
            self.set_if(foreach.has_next, || Val::Bool(has_next));
            let is_null = item.is_null();
            self.scope.set(foreach.item, item);
            if !is_null {
                self.block(&foreach.body)?;
                continue;
            }
            let outside = self.scope.enter_veiled(foreach.item, veil);
            let flow = self.block(&foreach.body);
            veil = self.scope.leave_veiled(outside);
            flow?;
        }
        Ok(())
    }

    fn set_if(&mut self, slot: Option<Slot>, value: impl FnOnce() -> Val) {
        if let Some(slot) = slot {
            self.scope.set(slot, value());
        }
    }

    fn before(&mut self, foreach: &'p Foreach) -> Flow<H::Thrown, Before> {
        let mut read = |slot: Option<Slot>| match slot {
            Some(slot) => self.read(slot, foreach.span),
            None => Ok(Val::Null),
        };
        Ok(Before {
            item: read(Some(foreach.item))?,
            scope: read(foreach.scope)?,
            count: read(foreach.count)?,
            has_next: read(foreach.has_next)?,
        })
    }

    /// What a loop goes over; a range is not spelled out for it.
    fn items(&mut self, list: &'p Expression, span: Span) -> Flow<H::Thrown, Option<Items>> {
        let value = match list {
            Expression::Range(ends) => self.range(ends, span)?,
            list => self.expression(list, span)?,
        };
        Ok(match value {
            Val::Object(object) if Own::of(object).is_none() => Items::of(self.host.whole(object)),
            value => Items::of(value),
        })
    }

    /// `$foreach.name`
    pub(super) fn loop_member(&self, place: usize, name: &str) -> Val {
        let Some(known) = self.loops.get(place) else {
            return Val::Null;
        };
        match name {
            "count" => Val::from(known.count),
            "index" => Val::from(known.count.saturating_sub(1)),
            "hasNext" => Val::Bool(known.has_next),
            "first" => Val::Bool(known.count == 1),
            "last" => Val::Bool(!known.has_next),
            "parent" => known
                .outer
                .and_then(Own::new_loop)
                .map_or(Val::Null, Val::Object),
            "topmost" => self.topmost(place).map_or(Val::Null, Val::Object),
            _ => Val::Null,
        }
    }

    /// `$foreach.name()`: Velocity's own `stop()` does nothing that can be seen.
    pub(super) fn loop_method(&self, place: usize, name: &str, arguments: &[Val]) -> Val {
        let member = match (name, arguments) {
            ("getCount", []) => "count",
            ("getIndex", []) => "index",
            ("hasNext" | "getHasNext", []) => "hasNext",
            ("isFirst", []) => "first",
            ("isLast", []) => "last",
            ("getParent", []) => "parent",
            ("getTopmost", []) => "topmost",
            _ => return Val::Null,
        };
        self.loop_member(place, member)
    }

    fn topmost(&self, place: usize) -> Option<ObjectId> {
        let outer = |place: &usize| self.loops.get(*place).and_then(|known| known.outer);
        let top = std::iter::successors(Some(place), outer)
            .take(self.loops.len())
            .last()?;
        Own::new_loop(top)
    }
}

// === impl Items ===

impl Items {
    fn of(value: Val) -> Option<Items> {
        Some(match value {
            Val::List(list) => Items::List {
                at: 0,
                length: list.len(),
                list,
            },
            Val::Map(map) => Items::Map {
                at: 0,
                length: map.len(),
                map,
            },
            Val::Range(first, last) => Items::Range {
                next: Some(first),
                last,
            },
            _ => return None,
        })
    }

    fn has_next(&self) -> bool {
        match self {
            // Java asks the list as it is now, and a map as it was at the last turn.
            Items::List { list, at, .. } => *at != list.len(),
            Items::Map { at, length, .. } => at < length,
            Items::Range { next, .. } => next.is_some(),
        }
    }

    /// The next item; fails where Java's iterators would, because the list or map has changed.
    fn next<T>(&mut self) -> Result<Option<Val>, EvalFault<T>> {
        if !self.has_next() {
            return Ok(None);
        }
        let item = match self {
            Items::List { list, at, length } => {
                let item = (list.len() == *length).then(|| list.get(*at));
                *at += 1;
                item
            }
            Items::Map { map, at, length } => {
                let item = (map.len() == *length).then(|| {
                    map.read(|members| members.get_index(*at).map(|(_, value)| value.clone()))
                });
                *at += 1;
                item
            }
            Items::Range { next, last } => {
                let item = next.map(Val::from);
                *next = next
                    .filter(|item| item != last)
                    .map(|item| if item < *last { item + 1 } else { item - 1 });
                Some(item)
            }
        };
        match item {
            Some(item) => Ok(Some(item.unwrap_or_default())),
            None => Err(EvalFault::Wrong(
                "`#foreach` goes over a list or map that grows or shrinks meanwhile".to_owned(),
            )),
        }
    }
}
