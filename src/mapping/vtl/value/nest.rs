//! What keeps lists and maps from holding themselves.
//!
//! Each has a height that is more than that of every list and map in it. A list that is put into a
//! higher one cannot hold it, so that nothing has to be looked at. When the inner one is as high or
//! higher, the outer one and, where that is needed, what it was ever put into are raised above it;
//! if the inner one is met among them, it would hold itself and is refused. A height only rises,
//! and to [`MAX_NESTING`] at most: all the raising ever done is at most that many steps for each
//! time something was put somewhere.

use std::{
    cell::{Cell, RefCell},
    rc::{Rc, Weak},
};

use smallvec::SmallVec;

use super::Val;

/// How deep lists and maps may stand inside each other. A document, which nests up to 128 deep,
/// counts as that deep unseen.
pub(crate) const MAX_NESTING: u16 = 256;

/// The depth that a document may have.
pub(super) const DOCUMENT: u16 = 128;

/// After this many holders, those that are gone are looked for.
const CROWD: usize = 8;

/// Why a list or map does not take a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refused {
    /// It would hold itself.
    #[error("a list or map cannot hold itself")]
    Itself,
    /// It would nest too deep.
    #[error("lists and maps nest deeper than {MAX_NESTING} levels")]
    TooDeep,
}

/// What a list or map knows of its place among others.
#[derive(Debug)]
pub(super) struct Nest {
    height: Cell<u16>,
    /// What it was ever put into, as long as that is there.
    holders: RefCell<Holders>,
}

#[derive(Debug)]
struct Holders {
    cells: SmallVec<[Weak<dyn Nested>; 1]>,
    /// How many there may be before those that are gone are looked for.
    room: usize,
}

/// Something that holds values.
pub(super) trait Nested: std::fmt::Debug {
    fn nest(&self) -> &Nest;

    /// Whether it holds this cell right now.
    fn holds(&self, cell: *const Nest) -> bool;
}

/// Allows a value to be put into a holder, and remembers that it was.
#[inline]
pub(super) fn admit<N: Nested + 'static>(holder: &Rc<N>, value: &Val) -> Result<(), Refused> {
    match value.nested() {
        Some(inner) => admit_cell(&(Rc::clone(holder) as Rc<dyn Nested>), &inner),
        None => Ok(()),
    }
}

/// Remembers what a holder holds from the start: it was made lower.
pub(super) fn reach<N: Nested + 'static>(holder: &Rc<N>, value: &Val) {
    if let Some(inner) = value.nested() {
        inner.nest().held_by(&(Rc::clone(holder) as Rc<dyn Nested>));
    }
}

fn admit_cell(holder: &Rc<dyn Nested>, inner: &Rc<dyn Nested>) -> Result<(), Refused> {
    let (outer, inner) = (holder.nest(), inner.nest());
    if std::ptr::eq(outer, inner) {
        return Err(Refused::Itself);
    }
    if inner.height.get() >= outer.height.get() {
        raise(holder, inner)?;
    }
    inner.held_by(holder);
    Ok(())
}

/// Raises a holder above what is put into it, and above that what holds the holder.
#[cold]
fn raise(holder: &Rc<dyn Nested>, inner: &Nest) -> Result<(), Refused> {
    let mut raised = Vec::new();
    let mut work = vec![(Rc::clone(holder), inner.height.get() + 1)];
    while let Some((cell, height)) = work.pop() {
        let nest = cell.nest();
        if nest.height.get() >= height {
            continue;
        }
        let itself = std::ptr::eq(nest, inner);
        if itself || height > MAX_NESTING {
            restore(&raised);
            return Err(if itself {
                Refused::Itself
            } else {
                Refused::TooDeep
            });
        }
        nest.push_holders(height, &mut work);
        let before = nest.height.replace(height);
        raised.push((cell, before));
    }
    Ok(())
}

/// Puts the heights back, the last change first.
fn restore(raised: &[(Rc<dyn Nested>, u16)]) {
    for (cell, height) in raised.iter().rev() {
        cell.nest().height.set(*height);
    }
}

// === impl Nest ===

impl Nest {
    pub(super) fn new(height: u16) -> Self {
        Nest {
            height: Cell::new(height),
            holders: RefCell::new(Holders {
                cells: SmallVec::new(),
                room: CROWD,
            }),
        }
    }

    /// The height for what is reached inside.
    pub(super) fn below(&self) -> u16 {
        self.height.get().saturating_sub(1)
    }

    /// The holders that must be higher than this height. Those that let go of it in the meantime
    /// need not be, and are forgotten.
    fn push_holders(&self, height: u16, work: &mut Vec<(Rc<dyn Nested>, u16)>) {
        self.holders.borrow_mut().cells.retain(|holder| {
            let Some(holder) = holder.upgrade() else {
                return false;
            };
            if holder.nest().height.get() > height {
                return true;
            }
            let holds = holder.holds(self);
            if holds {
                work.push((holder, height + 1));
            }
            holds
        });
    }

    fn held_by(&self, holder: &Rc<dyn Nested>) {
        let mut holders = self.holders.borrow_mut();
        let holder = Rc::downgrade(holder);
        let Holders { cells, room } = &mut *holders;
        if cells
            .last()
            .is_some_and(|last| address(last) == address(&holder))
        {
            return;
        }
        if cells.len() >= *room {
            cells.retain(|cell| cell.strong_count() > 0);
            cells.sort_unstable_by_key(address);
            cells.dedup_by_key(|cell| address(cell));
            *room = CROWD.max(cells.len() * 2);
        }
        cells.push(holder);
    }
}

fn address(cell: &Weak<dyn Nested>) -> *const () {
    cell.as_ptr().cast()
}
