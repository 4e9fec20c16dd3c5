//! `#evaluate`: a text becomes a program while the template runs.

use std::{cell::OnceCell, sync::Arc};

use rustc_hash::FxHashMap;

use super::{
    halt::{Flow, Halt, caught},
    machine::{Machine, initial},
};
use crate::mapping::vtl::{
    self,
    compile::{Expression, Known, Program, Span},
    error::EvalFault,
    host::{Host, Names},
};

/// Bytes of a text that are read and compiled for one step.
const BYTES_PER_STEP: usize = 16;

/// The programs that evaluated texts became. Variables may hold what they define, so that they live
/// as long as the run.
#[derive(Debug, Default)]
pub(super) struct Fragments(OnceCell<Box<Fragment>>);

#[derive(Debug)]
struct Fragment {
    program: Program,
    next: Fragments,
}

/// What was evaluated so far.
#[derive(Debug)]
pub(super) struct Evaluated<'p> {
    template: &'p Program,
    /// Where the next fragment goes.
    end: &'p Fragments,
    /// What is known from all programs; `None` before the first `#evaluate`.
    known: Option<Known>,
    /// A text that is evaluated at the same place again is the same program.
    programs: FxHashMap<(Span, Arc<str>), &'p Program>,
    /// The length of all of them.
    length: usize,
}

// === impl Evaluated ===

impl<'p> Evaluated<'p> {
    pub(super) fn new(template: &'p Program, end: &'p Fragments) -> Self {
        Evaluated {
            template,
            end,
            known: None,
            programs: FxHashMap::default(),
            length: 0,
        }
    }

    /// The number of a macro that an evaluated text has defined.
    pub(super) fn macro_number(&self, name: &str) -> Option<usize> {
        self.known.as_ref()?.macro_number(name)
    }

    /// Keeps a program.
    fn keep(&mut self, program: Program) -> &'p Program {
        let next = Fragments::default();
        let fragment = self
            .end
            .0
            .get_or_init(|| Box::new(Fragment { program, next }));
        self.end = &fragment.next;
        &fragment.program
    }
}

// === impl Machine ===

impl<'p, H: Host + Names> Machine<'p, '_, H> {
    /// `#evaluate`: `#break` and `#stop` inside end the text, and no more.
    pub(super) fn evaluate(&mut self, span: Span, text: &'p Expression) -> Flow<H::Thrown> {
        self.meter.pay(1, span)?;
        let value = self.expression(text, span)?;
        let Some(text) = self.text_of(&value, span)? else {
            return Ok(());
        };
        let program = self.program(span, &text)?;
        self.meter.enter_call(span)?;
        let flow = self.block(&program.code);
        self.meter.leave_call();
        match caught(flow) {
            Err(Halt::Stop) => Ok(()),
            flow => flow,
        }
    }

    fn program(&mut self, span: Span, text: &Arc<str>) -> Flow<H::Thrown, &'p Program> {
        let key = (span, Arc::clone(text));
        if let Some(program) = self.evaluated.programs.get(&key) {
            return Ok(program);
        }
        self.evaluated.length += text.len();
        self.meter.check(self.evaluated.length, span)?;
        self.meter.pay((text.len() / BYTES_PER_STEP) as u64, span)?;
        let template = self.evaluated.template;
        let known = self.evaluated.known.get_or_insert_with(|| {
            let mut known = Known::default();
            known.add(template);
            known
        });
        let is_macro = |name: &str| known.macro_number(name).is_some();
        let program = vtl::parse_within(text, &is_macro)
            .and_then(|block| Program::evaluated(text, &block, &*self.host, known, span))
            .map_err(|error| Halt::failed(span, EvalFault::Evaluated(error.fault)))?;
        known.add(&program);
        let program = self.evaluated.keep(program);
        self.scope.extend(initial(program));
        self.macros.extend(&program.macros);
        self.bodies.extend(&program.bodies);
        self.evaluated.programs.insert(key, program);
        Ok(program)
    }
}

impl Drop for Fragments {
    /// One after the other: there may be too many for each to drop the next.
    fn drop(&mut self) {
        let mut next = self.0.take();
        while let Some(mut fragment) = next {
            next = fragment.next.0.take();
        }
    }
}
