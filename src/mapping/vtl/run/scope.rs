//! Variables, and what macros see of them.
//!
//! Velocity 1.7 has one set of variables. A macro adds its parameters, which are not values but the
//! arguments as they are written: each time a parameter is read, its argument is read where the
//! macro was called. `#set` changes the variable for everybody and hides parameters of that name,
//! in all macros that are at work.
//!
//! In the turn of a loop whose item is null its name has no value, whatever `#set` says: that turn
//! has a veil over the name. A macro that is called there and sets the name sees what it set.

use smallvec::SmallVec;

use crate::mapping::vtl::{
    compile::{Argument, Slot},
    value::{ObjectId, Val},
};

/// The variables.
#[derive(Debug)]
pub(super) struct Scope<'p> {
    variables: Vec<Val>,
    frames: Vec<Frame<'p>>,
    /// The macro at work, counted from 1; 0: none. What stands above it in `frames` waits for an
    /// argument to be read.
    current: usize,
}

/// A macro at work.
#[derive(Debug)]
pub(super) struct Frame<'p> {
    /// Who called it, counted as in [`Scope::current`].
    caller: usize,
    parameters: &'p [Slot],
    arguments: &'p [Argument],
    /// Which parameters have been set, and are variables now.
    hidden: SmallVec<[bool; 8]>,
    /// `$bodyContent`.
    body: Option<(Slot, ObjectId)>,
    /// The name without value, for the turn of a loop; a loop has no parameters.
    veil: Option<Veil>,
    /// What was set in spite of a veil further out.
    lifted: SmallVec<[Slot; 2]>,
}

/// A name that has no value in the turns of a loop whose item is null.
#[derive(Debug, Clone, Copy)]
pub(super) struct Veil {
    slot: Slot,
    /// A loop inside that goes over the same name takes it away with the name.
    down: bool,
}

/// What a name stands for.
#[derive(Debug)]
pub(super) enum Binding<'p> {
    Variable,
    Nothing,
    /// An argument, and who is to read it.
    Argument(&'p Argument, Caller),
    Body(ObjectId),
}

/// Whose variables are seen.
#[derive(Debug, Clone, Copy)]
pub(super) struct Caller(usize);

// === impl Scope ===

impl<'p> Scope<'p> {
    pub(super) fn new(variables: Vec<Val>) -> Self {
        Scope {
            variables,
            frames: Vec::new(),
            current: 0,
        }
    }

    /// Adds variables: those of a text that is evaluated.
    pub(super) fn extend(&mut self, variables: impl Iterator<Item = Val>) {
        self.variables.extend(variables);
    }

    /// What a name stands for.
    #[inline]
    pub(super) fn binding(&self, slot: Slot) -> Binding<'p> {
        if self.current == 0 {
            return Binding::Variable;
        }
        self.search(slot)
    }

    fn search(&self, slot: Slot) -> Binding<'p> {
        let mut at = self.current;
        while let Some(frame) = self.frame(at) {
            match frame.body {
                Some((name, body)) if name == slot => return Binding::Body(body),
                _ => {}
            }
            if frame.veils(slot) {
                return Binding::Nothing;
            }
            if frame.lifted.contains(&slot) {
                return Binding::Variable;
            }
            if let Some(number) = frame.parameter(slot) {
                if frame.hidden.get(number).copied().unwrap_or_default() {
                    return Binding::Variable;
                }
                if let Some(argument) = frame.arguments.get(number) {
                    return Binding::Argument(argument, Caller(frame.caller));
                }
            }
            at = frame.caller;
        }
        Binding::Variable
    }

    /// The nearest argument of that name that is no constant, whether or not it is hidden: what
    /// prints where there is no value.
    pub(super) fn written(&self, slot: Slot) -> Option<&'p str> {
        let mut at = self.current;
        while let Some(frame) = self.frame(at) {
            let argument = frame.parameter(slot);
            let argument = argument.and_then(|number| frame.arguments.get(number));
            if let Some(written) = argument.and_then(|argument| argument.written.as_deref()) {
                return Some(written);
            }
            at = frame.caller;
        }
        None
    }

    /// The variable of that name.
    #[inline]
    pub(super) fn variable(&self, slot: Slot) -> &Val {
        const NOTHING: &Val = &Val::Null;
        self.variables.get(slot as usize).unwrap_or(NOTHING)
    }

    /// Gives a name a value.
    #[inline]
    pub(super) fn set(&mut self, slot: Slot, value: Val) {
        if let Some(variable) = self.variables.get_mut(slot as usize) {
            *variable = value;
        }
        if self.current > 0 {
            self.hide(slot);
        }
    }

    /// Takes a name away, as a loop does at its end when there was no such name before it.
    pub(super) fn remove(&mut self, slot: Slot) {
        self.set(slot, Val::Null);
        let mut at = self.current;
        while let Some(frame) = at.checked_sub(1).and_then(|at| self.frames.get_mut(at)) {
            frame.lifted.retain(|lifted| *lifted != slot);
            if let Some(veil) = frame.veil.as_mut().filter(|veil| veil.slot == slot) {
                veil.down = false;
            }
            at = frame.caller;
        }
    }

    fn hide(&mut self, slot: Slot) {
        if self.is_veiled(slot) {
            self.lift(slot);
        }
        let mut at = self.current;
        while let Some(frame) = at.checked_sub(1).and_then(|at| self.frames.get_mut(at)) {
            if let Some(hidden) = frame
                .parameter(slot)
                .and_then(|number| frame.hidden.get_mut(number))
            {
                *hidden = true;
            }
            if frame.body.is_some_and(|(name, _)| name == slot) {
                frame.body = None;
            }
            at = frame.caller;
        }
    }

    fn is_veiled(&self, slot: Slot) -> bool {
        let mut at = self.current;
        while let Some(frame) = self.frame(at) {
            if frame.veils(slot) {
                return true;
            }
            at = frame.caller;
        }
        false
    }

    /// Notes for the macros at work that a name has been set.
    fn lift(&mut self, slot: Slot) {
        let mut at = self.current;
        while let Some(frame) = at.checked_sub(1).and_then(|at| self.frames.get_mut(at)) {
            if frame.veil.is_none() && !frame.lifted.contains(&slot) {
                frame.lifted.push(slot);
            }
            at = frame.caller;
        }
    }

    /// Enters the turn of a loop whose item is null; `veil` is what the last such turn left.
    pub(super) fn enter_veiled(&mut self, slot: Slot, veil: Option<Veil>) -> Caller {
        let caller = self.current;
        self.frames.push(Frame {
            caller,
            parameters: &[],
            arguments: &[],
            hidden: SmallVec::new(),
            body: None,
            veil: Some(veil.unwrap_or(Veil { slot, down: true })),
            lifted: SmallVec::new(),
        });
        self.current = self.frames.len();
        Caller(caller)
    }

    /// Leaves that turn; the veil as it is now.
    pub(super) fn leave_veiled(&mut self, caller: Caller) -> Option<Veil> {
        self.current = caller.0;
        self.frames.pop()?.veil
    }

    /// Enters a macro; returns what [`Scope::leave`] needs.
    pub(super) fn enter(
        &mut self,
        parameters: &'p [Slot],
        arguments: &'p [Argument],
        body: Option<(Slot, ObjectId)>,
    ) -> Caller {
        let caller = self.current;
        self.frames.push(Frame {
            caller,
            parameters,
            arguments,
            hidden: SmallVec::from_elem(false, parameters.len()),
            body,
            veil: None,
            lifted: SmallVec::new(),
        });
        self.current = self.frames.len();
        Caller(caller)
    }

    /// Leaves the macro that was entered last.
    pub(super) fn leave(&mut self, caller: Caller) {
        self.frames.pop();
        self.current = caller.0;
    }

    /// Sees the variables as somebody else does; returns who saw them until now.
    pub(super) fn see_as(&mut self, caller: Caller) -> Caller {
        Caller(std::mem::replace(&mut self.current, caller.0))
    }

    fn frame(&self, at: usize) -> Option<&Frame<'p>> {
        self.frames.get(at.checked_sub(1)?)
    }
}

// === impl Frame ===

impl Frame<'_> {
    fn veils(&self, slot: Slot) -> bool {
        self.veil.is_some_and(|veil| veil.down && veil.slot == slot)
    }

    /// The number of a parameter; of several with one name, the last counts.
    fn parameter(&self, slot: Slot) -> Option<usize> {
        self.parameters.iter().rposition(|name| *name == slot)
    }
}
