//! JavaScript that runs inside the process: QuickJS, bounded in time, memory and stack.
//!
//! A [`Program`] is compiled once, to bytecode. Each thread that runs programs keeps one context
//! for all that use the same native functions; everything built in is frozen there, and the
//! compiler is left out, so that one run cannot leave anything for the next. There is no network,
//! no file, no timer and no clock.
//!
//! A run that takes longer than an I/O worker may be held is given up there and begun again on a
//! thread of its own: what runs here has no effect beside its result and the functions it is given.
//!
//! What a module keeps in its own variables is frozen by whoever prepared its text, not here.

mod compile;
mod fault;
mod native;
mod pool;
mod realm;
mod watch;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;

use realm::Setting;

/// What is run: modules that import each other, compiled.
#[derive(Debug)]
pub struct Program {
    id: u64,
    /// The entry first.
    modules: Vec<compile::Compiled>,
    setting: Arc<Setting>,
    bounds: Bounds,
}

/// A module of a program, as text.
#[derive(Debug, Clone)]
pub struct ModuleText {
    /// What imports call it, as written or relative to the importing module; error positions name
    /// it.
    pub name: String,
    /// Plain JavaScript, an ES module.
    pub code: String,
}

/// Functions that a program may call, gathered as modules it may import and as globals.
///
/// A path that begins with `console.` gets one text: its arguments as a console prints them.
#[derive(Debug, Clone, Copy)]
pub struct Native {
    /// What imports call it, such as `@aws-appsync/utils`.
    pub module: &'static str,
    /// The name it exports, such as `util`; a path makes objects: `util.time.nowISO8601`.
    pub path: &'static str,
    /// Whether the first part of the path is a global as well.
    pub global: bool,
    /// Handed to [`Natives::call`].
    pub function: u16,
}

/// What a program finds in its context beside the language.
#[derive(Debug, Clone, Copy)]
pub struct Platform {
    /// The functions it may call.
    pub natives: &'static [Native],
    /// A module that exports a function `setup`, which may change what is built in before it is
    /// frozen. It finds the functions in `modules` of `loomgate:prelude`. Empty: nothing is changed.
    pub setup: &'static str,
}

impl From<&'static [Native]> for Platform {
    fn from(natives: &'static [Native]) -> Self {
        Platform { natives, setup: "" }
    }
}

impl<const N: usize> From<&'static [Native; N]> for Platform {
    fn from(natives: &'static [Native; N]) -> Self {
        Platform::from(natives.as_slice())
    }
}

/// A module, a line and a column, both from 1, as compiled.
pub type Place = (String, u32, u32);

/// What stands behind the functions of a run.
pub trait Natives {
    /// Calls a function with its arguments as a JSON list; the result is JSON. An error ends the
    /// run, whatever the program does about it.
    ///
    /// `place` finds where the program calls it, which takes some microseconds.
    fn call(
        &mut self,
        function: u16,
        arguments: &[u8],
        place: &dyn Fn() -> Option<Place>,
    ) -> Result<Bytes, Stopped>;
}

/// A function ended the run on purpose. Why is known to whoever gave the functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stopped;

/// How much a run may use.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// How long an I/O worker may be held.
    pub turn: Duration,
    /// How long it may take in all, on a thread of its own.
    pub cpu: Duration,
    /// Bytes of memory.
    pub memory: usize,
    /// Bytes of stack. The threads that run programs must have as much left.
    pub stack: usize,
}

/// Why there is no result, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ScriptError {
    /// What kind of end it is.
    pub kind: ErrorKind,
    /// Such as `TypeError: cannot read property 'id' of undefined`.
    pub message: String,
    /// Where in the program it came about, when that is known.
    pub place: Option<Place>,
}

/// What kind of end a run came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The text is no JavaScript, or imports what is not there.
    Syntax,
    /// The program threw, or its result is no JSON.
    Threw,
    /// It took too long.
    Time,
    /// It used too much memory.
    Memory,
    /// It called itself too often.
    Stack,
    /// One of its functions ended it: see [`Stopped`].
    Stopped,
    /// Too many programs wait for a thread of their own.
    Busy,
}

/// How a run on an I/O worker ended.
#[derive(Debug)]
pub enum Ran {
    /// With a result: JSON, `null` for `undefined`.
    Done(Bytes),
    /// It was given up: [`Program::finish`] runs it again, elsewhere.
    TooLong,
}

// === impl Program ===

impl Program {
    /// Compiles modules, the entry first, and evaluates them once: what fails at load is known
    /// before the first run.
    pub fn compile(
        modules: &[ModuleText],
        platform: impl Into<Platform>,
        bounds: Bounds,
    ) -> Result<Arc<Self>, ScriptError> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let setting = Setting::of(platform.into())?;
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        let modules = compile::program(id, modules, &setting, bounds)?;
        let program = Arc::new(Program {
            id,
            modules,
            setting,
            bounds,
        });
        realm::load(&program)?;
        Ok(program)
    }

    /// Calls a function that the entry exports, on this thread, with arguments given as a JSON list.
    pub fn run(
        self: &Arc<Self>,
        function: &str,
        arguments: &[u8],
        natives: &mut dyn Natives,
    ) -> Result<Ran, ScriptError> {
        match realm::run(self, function, arguments, natives, self.bounds.turn) {
            Ok(result) => Ok(Ran::Done(result)),
            Err(error) if error.kind == ErrorKind::Time => Ok(Ran::TooLong),
            Err(error) => Err(error),
        }
    }

    /// Calls a function on a thread that does nothing else, and gives the functions back.
    pub async fn finish<N: Natives + Send + 'static>(
        self: &Arc<Self>,
        function: &'static str,
        arguments: Bytes,
        natives: N,
    ) -> (Result<Bytes, ScriptError>, N) {
        pool::finish(Arc::clone(self), function, arguments, natives).await
    }
}

// === impl ScriptError ===

impl ScriptError {
    fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        ScriptError {
            kind,
            message: message.into(),
            place: None,
        }
    }
}

#[cfg(test)]
mod tests;
