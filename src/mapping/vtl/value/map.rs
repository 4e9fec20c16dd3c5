//! A map that several names may share.
//!
//! Keys are texts: whoever uses a number or a boolean as a key uses the text it prints.

use std::{
    cell::{OnceCell, RefCell},
    rc::Rc,
    sync::Arc,
};

use indexmap::IndexMap;
use smallvec::SmallVec;

use super::{
    List, Refused, Shape, Val,
    nest::{self, Nest, Nested},
};
use crate::json::{Object, Value, View};

/// After so many lists and maps that were reached one by one, all members are made values.
const FEW: usize = 8;

/// The members of a map, in the order they were first put in.
pub(crate) type Members = IndexMap<Arc<str>, Val, rustc_hash::FxBuildHasher>;

/// See the module.
#[derive(Debug, Clone)]
pub(crate) struct Map(Rc<Shared>);

#[derive(Debug)]
struct Shared {
    nest: Nest,
    state: RefCell<State>,
}

#[derive(Debug)]
struct State {
    /// What the map came from, as long as nobody has put anything in or taken anything out.
    origin: Option<Value>,
    inside: Inside,
}

#[derive(Debug)]
enum Inside {
    /// What is not here is read in the origin.
    Reached(Reached),
    All(Members),
}

#[derive(Debug, Default)]
struct Reached {
    /// Lists and maps that somebody asked for, and where they stand in the origin.
    found: SmallVec<[(Place, Val); 1]>,
    /// How many members there are, once somebody asked.
    count: OnceCell<usize>,
}

/// Where a member stands: by the node, or by the address of what was built, which the origin keeps
/// where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Node(u32),
    Built(*const Value),
}

// === impl Map ===

impl Default for Map {
    fn default() -> Self {
        Map::of(None, Inside::All(Members::default()), 1)
    }
}

impl Map {
    /// A map of these members; the last of a name counts.
    pub(crate) fn new(members: impl IntoIterator<Item = (Arc<str>, Val)>) -> Result<Self, Refused> {
        let map = Map::default();
        for (key, value) in members {
            map.put(key, value)?;
        }
        Ok(map)
    }

    /// A map that is read where it stands, until it is changed.
    pub(super) fn frozen(origin: Value, height: u16) -> Self {
        Map::of(Some(origin), Inside::Reached(Reached::default()), height)
    }

    fn of(origin: Option<Value>, inside: Inside, height: u16) -> Self {
        Map(Rc::new(Shared {
            nest: Nest::new(height),
            state: RefCell::new(State { origin, inside }),
        }))
    }

    /// How many members there are.
    pub(crate) fn len(&self) -> usize {
        // Names that a document repeats count once, which takes all of them to know.
        let state = self.0.state.borrow();
        match &state.inside {
            Inside::All(members) => members.len(),
            Inside::Reached(reached) => *reached.count.get_or_init(|| state.distinct()),
        }
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        let state = self.0.state.borrow();
        match &state.inside {
            Inside::All(members) => members.is_empty(),
            Inside::Reached(_) => state.view().is_empty(),
        }
    }

    /// A member; `None` when there is none of that name, `Val::Null` when it is null.
    pub(crate) fn get(&self, key: &str) -> Option<Val> {
        if self.is_better_filled() {
            return self.read(|members| members.get(key).cloned());
        }
        let state = &mut *self.0.state.borrow_mut();
        let member = state.view().get(key)?;
        let place = Place::of(member);
        if let Some(known) = state.inside.found(place) {
            return Some(known.clone());
        }
        let value = self.reach(member);
        if let Inside::Reached(reached) = &mut state.inside
            && value.nested().is_some()
        {
            reached.found.push((place, value.clone()));
        }
        Some(value)
    }

    /// Whether there is a member of that name.
    pub(crate) fn contains_key(&self, key: &str) -> bool {
        let state = self.0.state.borrow();
        match &state.inside {
            Inside::All(members) => members.contains_key(key),
            Inside::Reached(_) => state.view().get(key).is_some(),
        }
    }

    /// The names, in their order.
    pub(crate) fn keys(&self) -> Vec<Arc<str>> {
        self.read(|members| members.keys().cloned().collect())
    }

    /// The values, in the order of their names.
    pub(crate) fn values(&self) -> Vec<Val> {
        self.read(|members| members.values().cloned().collect())
    }

    /// All members as they are now: what changes later does not show.
    pub(crate) fn snapshot(&self) -> Vec<(Arc<str>, Val)> {
        self.read(|members| {
            let members = members.iter();
            members
                .map(|(key, value)| (Arc::clone(key), value.clone()))
                .collect()
        })
    }

    /// Reads the members in place. What it calls must not change this map.
    pub(crate) fn read<T>(&self, read: impl FnOnce(&Members) -> T) -> T {
        self.fill();
        match &self.0.state.borrow().inside {
            Inside::All(members) => read(members),
            Inside::Reached(_) => read(&Members::default()),
        }
    }

    /// Puts a member in, and gives what was there before.
    pub(crate) fn put(&self, key: impl Into<Arc<str>>, value: Val) -> Result<Option<Val>, Refused> {
        nest::admit(&self.0, &value)?;
        let key = key.into();
        Ok(self.change(|members| members.insert(key, value)))
    }

    /// Takes a member out.
    pub(crate) fn remove(&self, key: &str) -> Option<Val> {
        if !self.contains_key(key) {
            return None;
        }
        self.change(|members| members.shift_remove(key))
    }

    /// Takes everything out.
    pub(crate) fn clear(&self) {
        self.change(|members| *members = Members::default());
    }

    /// What `entrySet()` gives.
    pub(crate) fn entries(&self) -> Result<List, Refused> {
        let keys = self.keys().into_iter();
        let entries = keys.map(|key| Val::Entry(self.clone(), key));
        List::shaped(Shape::Entries, entries.collect())
    }

    /// Whether both names share the map.
    pub(crate) fn ptr_eq(&self, other: &Map) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }

    /// What it came from, when neither it nor anything in it has been changed.
    pub(super) fn origin(&self) -> Option<Value> {
        let state = self.0.state.borrow();
        let origin = state.origin.as_ref()?;
        state.inside.all(Val::is_as_it_came).then(|| origin.clone())
    }

    pub(super) fn thaw(&self, left: &mut usize) -> Value {
        if let Some(origin) = self.origin() {
            return origin;
        }
        self.read(|members| {
            let members = members.iter();
            let object = members.map(|(key, value)| (Arc::clone(key), value.thaw(left)));
            Value::from(object.collect::<Object>())
        })
    }

    pub(super) fn weigh(&self, left: &mut usize) -> bool {
        if let Some(origin) = self.origin() {
            return super::from::spend(left, origin.view().size());
        }
        self.read(|members| {
            let mut members = members.iter();
            members.all(|(key, value)| super::from::spend(left, key.len() + 3) && value.weigh(left))
        })
    }

    pub(super) fn nested(&self) -> Rc<dyn Nested> {
        Rc::clone(&self.0) as Rc<dyn Nested>
    }

    pub(super) fn is_cell(&self, cell: *const Nest) -> bool {
        std::ptr::eq(&self.0.nest, cell)
    }

    /// Makes a value for a member that nobody asked for yet.
    fn reach(&self, member: View<'_>) -> Val {
        let value = Val::frozen(member, self.0.nest.below());
        nest::reach(&self.0, &value);
        value
    }

    /// Whether it is time to make values for all members, or that has happened.
    fn is_better_filled(&self) -> bool {
        match &self.0.state.borrow().inside {
            Inside::All(_) => true,
            Inside::Reached(reached) => reached.found.len() >= FEW,
        }
    }

    /// Makes values for all members.
    fn fill(&self) {
        if let Inside::All(_) = &self.0.state.borrow().inside {
            return;
        }
        let state = &mut *self.0.state.borrow_mut();
        let mut members = Members::default();
        for (key, member) in state.view().entries() {
            if members.contains_key(&*key) {
                continue;
            }
            let known = state.inside.found(Place::of(member)).cloned();
            let value = known.unwrap_or_else(|| self.reach(member));
            members.insert(key.into(), value);
        }
        state.inside = Inside::All(members);
    }

    fn change<T>(&self, go: impl FnOnce(&mut Members) -> T) -> T {
        self.fill();
        let state = &mut *self.0.state.borrow_mut();
        state.origin = None;
        match &mut state.inside {
            Inside::All(members) => go(members),
            Inside::Reached(_) => go(&mut Members::default()),
        }
    }
}

impl State {
    /// What the map came from; null when it has been changed.
    fn view(&self) -> View<'_> {
        self.origin.as_ref().map_or(View::NULL, Value::view)
    }

    fn distinct(&self) -> usize {
        let View::Node(..) = self.view() else {
            return self.view().len();
        };
        let mut keys: Vec<_> = self.view().entries().map(|(key, _)| key).collect();
        keys.sort_unstable();
        keys.dedup();
        keys.len()
    }
}

impl Nested for Shared {
    fn nest(&self) -> &Nest {
        &self.nest
    }

    fn holds(&self, cell: *const Nest) -> bool {
        let state = self.state.borrow();
        !state.inside.all(|value| !value.is_cell(cell))
    }
}

impl Inside {
    /// A member that is at hand.
    fn found(&self, place: Place) -> Option<&Val> {
        let Inside::Reached(reached) = self else {
            return None;
        };
        let mut found = reached.found.iter();
        found.find_map(|(at, value)| (*at == place).then_some(value))
    }

    /// Whether all members at hand pass. Those that are not have not been changed by anybody.
    fn all(&self, mut pass: impl FnMut(&Val) -> bool) -> bool {
        match self {
            Inside::Reached(reached) => reached.found.iter().all(|(_, value)| pass(value)),
            Inside::All(members) => members.values().all(pass),
        }
    }
}

impl Place {
    fn of(view: View<'_>) -> Self {
        match view {
            View::Node(_, place) => Place::Node(place),
            View::Built(value) => Place::Built(value),
        }
    }
}
