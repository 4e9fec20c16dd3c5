//! A list that several names may share.

use std::{
    cell::{OnceCell, RefCell},
    rc::Rc,
};

use smallvec::SmallVec;

use super::{
    Refused, Val,
    nest::{self, Nest, Nested},
};
use crate::json::{Value, View};

/// After so many single items the rest is made as well, and so it is for an item further on than
/// that: items of a document are found by walking from the first.
const FEW: usize = 8;

/// See the module.
#[derive(Debug, Clone)]
pub(crate) struct List(Rc<Shared>);

/// What Java has it for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// An `ArrayList`.
    List,
    /// The `keySet()` of a map.
    Keys,
    /// The `values()` of a map.
    Values,
    /// The `entrySet()` of a map.
    Entries,
}

#[derive(Debug)]
struct Shared {
    shape: Shape,
    nest: Nest,
    state: RefCell<State>,
}

#[derive(Debug)]
struct State {
    /// What the list came from, as long as nobody has put anything in or taken anything out.
    origin: Option<Value>,
    items: Items,
}

#[derive(Debug)]
enum Items {
    /// What is not here is read in the origin.
    Reached(Reached),
    All(Vec<Val>),
}

#[derive(Debug, Default)]
struct Reached {
    /// Lists and maps that somebody asked for, and where they are.
    found: SmallVec<[(usize, Val); 1]>,
    /// How many items there are, once somebody asked.
    count: OnceCell<usize>,
}

// === impl List ===

impl Default for List {
    fn default() -> Self {
        List::of(None, Items::All(Vec::new()), 1, Shape::List)
    }
}

impl List {
    /// A list of these items.
    pub(crate) fn new(items: Vec<Val>) -> Result<Self, Refused> {
        let list = List::default();
        list.extend(items)?;
        Ok(list)
    }

    /// A list that is read where it stands, until it is changed.
    pub(super) fn frozen(origin: Value, height: u16) -> Self {
        List::of(
            Some(origin),
            Items::Reached(Reached::default()),
            height,
            Shape::List,
        )
    }

    /// What a map gives of itself: it has no order that one could ask for an index.
    pub(crate) fn shaped(shape: Shape, items: Vec<Val>) -> Result<Self, Refused> {
        let list = List::of(None, Items::All(Vec::new()), 1, shape);
        list.extend(items)?;
        Ok(list)
    }

    /// What Java has it for.
    pub(crate) fn shape(&self) -> Shape {
        self.0.shape
    }

    fn of(origin: Option<Value>, items: Items, height: u16, shape: Shape) -> Self {
        List(Rc::new(Shared {
            shape,
            nest: Nest::new(height),
            state: RefCell::new(State { origin, items }),
        }))
    }

    /// How many items there are.
    pub(crate) fn len(&self) -> usize {
        let state = self.0.state.borrow();
        match &state.items {
            Items::All(items) => items.len(),
            Items::Reached(reached) => *reached.count.get_or_init(|| state.view().len()),
        }
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        let state = self.0.state.borrow();
        match &state.items {
            Items::All(items) => items.is_empty(),
            Items::Reached(_) => state.view().is_empty(),
        }
    }

    /// An item; `None` when there are not that many.
    pub(crate) fn get(&self, index: usize) -> Option<Val> {
        if self.is_better_filled(index) {
            return self.read(|items| items.get(index).cloned());
        }
        let state = &mut *self.0.state.borrow_mut();
        let known = state.items.found(index).cloned();
        if known.is_some() {
            return known;
        }
        let item = self.reach(state.view().item(index)?);
        if let Items::Reached(reached) = &mut state.items
            && item.nested().is_some()
        {
            reached.found.push((index, item.clone()));
        }
        Some(item)
    }

    /// All items as they are now: what changes later does not show.
    pub(crate) fn snapshot(&self) -> Vec<Val> {
        self.read(<[Val]>::to_vec)
    }

    /// Reads the items in place. What it calls must not change this list.
    pub(crate) fn read<T>(&self, read: impl FnOnce(&[Val]) -> T) -> T {
        self.fill();
        match &self.0.state.borrow().items {
            Items::All(items) => read(items),
            Items::Reached(_) => read(&[]),
        }
    }

    /// Puts an item to the end.
    pub(crate) fn push(&self, item: Val) -> Result<(), Refused> {
        nest::admit(&self.0, &item)?;
        self.change(|items| items.push(item));
        Ok(())
    }

    /// Puts items to the end.
    pub(crate) fn extend(&self, added: Vec<Val>) -> Result<(), Refused> {
        for item in &added {
            nest::admit(&self.0, item)?;
        }
        self.change(|items| items.extend(added));
        Ok(())
    }

    /// Puts items before the one at an index, or to the end when there are not that many.
    pub(crate) fn insert(&self, index: usize, added: Vec<Val>) -> Result<(), Refused> {
        for item in &added {
            nest::admit(&self.0, item)?;
        }
        self.change(|items| {
            let index = index.min(items.len());
            items.splice(index..index, added);
        });
        Ok(())
    }

    /// Replaces an item and gives the one before; `None` when there are not that many.
    pub(crate) fn set(&self, index: usize, item: Val) -> Result<Option<Val>, Refused> {
        if index >= self.len() {
            return Ok(None);
        }
        nest::admit(&self.0, &item)?;
        Ok(self.change(|items| {
            let place = items.get_mut(index)?;
            Some(std::mem::replace(place, item))
        }))
    }

    /// Takes an item out; `None` when there are not that many.
    pub(crate) fn remove(&self, index: usize) -> Option<Val> {
        if index >= self.len() {
            return None;
        }
        self.change(|items| (index < items.len()).then(|| items.remove(index)))
    }

    /// Replaces all items by some of their own, in whatever order.
    pub(crate) fn replace_by_own(&self, own: Vec<Val>) {
        self.change(|items| *items = own);
    }

    /// Takes everything out.
    pub(crate) fn clear(&self) {
        self.replace_by_own(Vec::new());
    }

    /// Whether both names share the list.
    pub(crate) fn ptr_eq(&self, other: &List) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }

    /// What it came from, when neither it nor anything in it has been changed.
    pub(super) fn origin(&self) -> Option<Value> {
        let state = self.0.state.borrow();
        let origin = state.origin.clone()?;
        state.items.all(Val::is_as_it_came).then_some(origin)
    }

    pub(super) fn thaw(&self, left: &mut usize) -> Value {
        self.origin().unwrap_or_else(|| {
            let items = self.snapshot();
            items.iter().map(|item| item.thaw(left)).collect()
        })
    }

    pub(super) fn weigh(&self, left: &mut usize) -> bool {
        if let Some(origin) = self.origin() {
            return super::from::spend(left, origin.view().size());
        }
        self.read(|items| items.iter().all(|item| item.weigh(left)))
    }

    pub(super) fn nested(&self) -> Rc<dyn Nested> {
        Rc::clone(&self.0) as Rc<dyn Nested>
    }

    pub(super) fn is_cell(&self, cell: *const Nest) -> bool {
        std::ptr::eq(&self.0.nest, cell)
    }

    /// Makes a value for an item that nobody asked for yet.
    fn reach(&self, item: View<'_>) -> Val {
        let item = Val::frozen(item, self.0.nest.below());
        nest::reach(&self.0, &item);
        item
    }

    /// Whether it is time to make values for all items, or that has happened.
    fn is_better_filled(&self, index: usize) -> bool {
        match &self.0.state.borrow().items {
            Items::All(_) => true,
            Items::Reached(reached) => index >= FEW || reached.found.len() >= FEW,
        }
    }

    /// Makes values for all items.
    fn fill(&self) {
        if let Items::All(_) = &self.0.state.borrow().items {
            return;
        }
        let state = &mut *self.0.state.borrow_mut();
        let items = state.view().items().enumerate().map(|(index, item)| {
            let known = state.items.found(index).cloned();
            known.unwrap_or_else(|| self.reach(item))
        });
        state.items = Items::All(items.collect());
    }

    fn change<T>(&self, go: impl FnOnce(&mut Vec<Val>) -> T) -> T {
        self.fill();
        let state = &mut *self.0.state.borrow_mut();
        state.origin = None;
        match &mut state.items {
            Items::All(items) => go(items),
            Items::Reached(_) => go(&mut Vec::new()),
        }
    }
}

impl State {
    /// What the list came from; null when it has been changed.
    fn view(&self) -> View<'_> {
        self.origin.as_ref().map_or(View::NULL, Value::view)
    }
}

// === impl Shape ===

impl Shape {
    /// Java's name for it.
    pub(super) fn class_name(self) -> &'static str {
        match self {
            Shape::List => "java.util.ArrayList",
            Shape::Keys => "java.util.LinkedHashMap$LinkedKeySet",
            Shape::Values => "java.util.LinkedHashMap$LinkedValues",
            Shape::Entries => "java.util.LinkedHashMap$LinkedEntrySet",
        }
    }
}

impl Nested for Shared {
    fn nest(&self) -> &Nest {
        &self.nest
    }

    fn holds(&self, cell: *const Nest) -> bool {
        let state = self.state.borrow();
        !state.items.all(|item| !item.is_cell(cell))
    }
}

impl Items {
    /// An item that is at hand.
    fn found(&self, index: usize) -> Option<&Val> {
        match self {
            Items::Reached(reached) => {
                let mut found = reached.found.iter();
                found.find_map(|(at, item)| (*at == index).then_some(item))
            }
            Items::All(items) => items.get(index),
        }
    }

    /// Whether all items at hand pass. Those that are not have not been changed by anybody.
    fn all(&self, mut pass: impl FnMut(&Val) -> bool) -> bool {
        match self {
            Items::Reached(reached) => reached.found.iter().all(|(_, item)| pass(item)),
            Items::All(items) => items.iter().all(pass),
        }
    }
}
