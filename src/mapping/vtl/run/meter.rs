//! How much a program may still do.

use super::{
    Bounds,
    halt::{Flow, Halt},
};
use crate::mapping::vtl::{compile::Span, error::Exceeded};

/// How deep blocks, expressions and calls may be at work inside each other: what the stack of a
/// thread bears, whatever the settings say.
pub(super) const MAX_LEVELS: usize = 300;

/// Counts.
#[derive(Debug)]
pub(super) struct Meter {
    bounds: Bounds,
    steps: u64,
    /// Bytes that were copied and are not paid for yet: less than a thousand.
    owed: usize,
    /// Blocks and expressions at work.
    levels: usize,
    /// Macros, bodies and evaluated texts at work.
    calls: usize,
}

// === impl Meter ===

impl Meter {
    pub(super) fn new(bounds: Bounds) -> Self {
        Meter {
            bounds,
            steps: bounds.steps,
            owed: 0,
            levels: 0,
            calls: 0,
        }
    }

    pub(super) fn bounds(&self) -> &Bounds {
        &self.bounds
    }

    /// Pays for something that is done.
    #[inline]
    pub(super) fn pay<T>(&mut self, steps: u64, span: Span) -> Flow<T> {
        match self.steps.checked_sub(steps) {
            Some(left) => {
                self.steps = left;
                Ok(())
            }
            None => {
                self.steps = 0;
                Err(Halt::bound(span, Exceeded::Steps(self.bounds.steps)))
            }
        }
    }

    /// Pays for bytes that are copied or looked at. What is less than a thousand is paid for when
    /// it has become one: nothing is free for being done bit by bit.
    #[inline]
    pub(super) fn pay_for<T>(&mut self, copied: usize, span: Span) -> Flow<T> {
        let owed = self.owed.saturating_add(copied);
        self.owed = owed % 1000;
        match owed / 1000 {
            0 => Ok(()),
            thousands => self.pay(thousands as u64, span),
        }
    }

    /// Checks how long a text has become.
    #[inline]
    pub(super) fn check<T>(&self, length: usize, span: Span) -> Flow<T> {
        if length > self.bounds.output {
            return Err(Halt::bound(span, Exceeded::Output(self.bounds.output)));
        }
        Ok(())
    }

    /// Goes one block or expression deeper; whoever does so leaves it again.
    #[inline]
    pub(super) fn enter<T>(&mut self, span: Span) -> Flow<T> {
        if self.levels >= MAX_LEVELS {
            return Err(Halt::bound(span, Exceeded::Depth(self.bounds.depth)));
        }
        self.levels += 1;
        Ok(())
    }

    #[inline]
    pub(super) fn leave(&mut self) {
        self.levels -= 1;
    }

    /// Goes into a macro, a body or an evaluated text; whoever does so leaves it again.
    pub(super) fn enter_call<T>(&mut self, span: Span) -> Flow<T> {
        if self.calls >= self.bounds.depth {
            return Err(Halt::bound(span, Exceeded::Depth(self.bounds.depth)));
        }
        self.calls += 1;
        Ok(())
    }

    pub(super) fn leave_call(&mut self) {
        self.calls -= 1;
    }
}
