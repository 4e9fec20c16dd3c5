//! A [`Mapping`] shapes one [`Context`] into one document: a YAML tree with VTL leaves, a `.vtl`
//! template, or a `.js` module.
//!
//! Knows neither GraphQL nor sources: it is handed a context and gives back a document.
//! What is compiled is checked at load: an unknown name is a fault of the file that says it, not of
//! the request that meets it.

mod builtins;
mod compile;
pub mod context;
pub mod evaluation;
#[cfg(test)]
pub(crate) mod fake;
mod js;
mod leaf;
mod members;
mod mention;
mod pattern;
mod place;
mod scan;
mod template;
mod tree;
pub mod turn;
mod vtl;

use crate::{
    config::Spanned,
    json::{Value, View},
};

pub use context::{ConnectionView, Context, Outcome, Reads};
pub use js::Function;
pub(crate) use mention::{Mention, Subject, mentions};
pub use place::CallerRead;
pub(crate) use place::query_parameters;
pub use template::Dialect;
pub use turn::{MappingError, Turn};

use tree::Tree;

/// How a request or a response is shaped, compiled.
#[derive(Debug)]
pub struct Mapping {
    shape: Shape,
    reads: Reads,
    caller_reads: Vec<CallerRead>,
    members: Vec<Spanned<String>>,
    /// Whether it must be run for every parent, even where nothing it reads differs: it keeps or
    /// causes something in its [`Turn`], or gives something else each time.
    own_turn: bool,
}

/// The spellings.
#[derive(Debug)]
enum Shape {
    Tree(Tree),
    Template(template::Template),
    Module(std::sync::Arc<js::Module>, Function),
    #[cfg(test)]
    Fake(fake::Fake),
}

/// What a mapping makes of a context.
#[derive(Debug, Clone)]
pub enum Rendered<'a> {
    /// The whole mapping is one reference, and there is nothing.
    Absent,
    /// Something that stands elsewhere: in the context, or as a constant in the mapping.
    View(View<'a>),
    /// Something built for this context.
    Built(Value),
}

/// How a mapping ended.
#[derive(Debug)]
pub enum Yield<'a> {
    /// With its value: a request document, or an answer.
    Value(Rendered<'a>),
    /// With `#return` or `runtime.earlyReturn`: what would have followed is skipped.
    Return {
        /// What it returned; null for nothing.
        value: Value,
        /// Whether the rest of a pipeline is skipped as well (`skipTo: 'END'`).
        to_end: bool,
    },
}

/// Why a mapping has not ended with a value.
#[derive(Debug)]
pub enum Stop {
    /// It failed.
    Error(Box<MappingError>),
    /// It is a module that takes longer than an I/O worker may be held: [`Job::finish`] runs it
    /// elsewhere. The turn was moved into the job.
    Elsewhere(Box<Job>),
}

/// A module that is still to be run.
#[derive(Debug)]
pub struct Job(js::Pending);

// === impl Mapping ===

impl Mapping {
    /// Renders a mapping that keeps and causes nothing: keys, the head of an answer.
    /// `None`: the whole mapping is one reference to something absent.
    pub fn render(&self, cx: &Context<'_>) -> Result<Option<Value>, Box<MappingError>> {
        Ok(self.evaluate(cx, &mut 0)?.into_value())
    }

    /// Renders such a mapping, borrowing what stands elsewhere: a mapping that is one reference,
    /// such as the key of a batch or `$ctx.result.body`, builds nothing.
    ///
    /// `hint` makes the same mapping faster over many contexts of one shape, such as the parents
    /// of a level: see [`View::get_hinted`]. Start with 0.
    pub fn evaluate<'a>(
        &'a self,
        cx: &Context<'a>,
        hint: &mut u32,
    ) -> Result<Rendered<'a>, Box<MappingError>> {
        match &self.shape {
            Shape::Tree(tree) => tree.evaluate(cx, hint),
            // Where these mappings stand, only trees can be written.
            Shape::Template(_) | Shape::Module(..) => Ok(Rendered::Absent),
            #[cfg(test)]
            Shape::Fake(_) => unreachable!("a program is run"),
        }
    }

    /// Runs the mapping: what it keeps and causes goes into the turn.
    pub fn run<'a>(&'a self, cx: &Context<'a>, turn: &mut Turn) -> Result<Yield<'a>, Stop> {
        match &self.shape {
            Shape::Tree(tree) if !self.own_turn => {
                let rendered = tree.evaluate(cx, &mut 0);
                rendered.map(Yield::Value).map_err(Stop::Error)
            }
            Shape::Tree(tree) => {
                let stash = turn.stash.clone();
                let cx = Context {
                    stash: stash.view(),
                    ..*cx
                };
                let built = tree.build(&cx, turn).map_err(Stop::Error)?;
                Ok(Yield::Value(
                    built.map_or(Rendered::Absent, Rendered::Built),
                ))
            }
            Shape::Template(template) => template.run(cx, turn).map_err(Stop::Error),
            Shape::Module(module, function) => module.call(*function, cx, turn),
            #[cfg(test)]
            Shape::Fake(fake) => fake.run(cx, turn),
        }
    }

    /// Whether it must be run for every parent, even where nothing it reads differs: it keeps or
    /// causes something in its [`Turn`], or gives something else each time.
    #[must_use]
    pub fn has_own_turn(&self) -> bool {
        self.own_turn
    }

    /// Whether the document it yields is AppSync's: a template or a module. Then `$ctx.error` is
    /// for its response to judge, as the document's `version` says, and every HTTP status is an
    /// answer.
    #[must_use]
    pub fn is_program(&self) -> bool {
        !matches!(self.shape, Shape::Tree(_))
    }

    /// Which parts of the context it reads.
    #[must_use]
    pub fn reads(&self) -> Reads {
        self.reads
    }

    /// What it reads that differs from caller to caller, beside arguments and source.
    #[must_use]
    pub fn caller_reads(&self) -> &[CallerRead] {
        &self.caller_reads
    }

    /// The keys of the mapping's top level and where they were written, so that a source can tell
    /// which of them it does not know. Empty when the mapping is no tree, or a leaf or a list.
    #[must_use]
    pub fn members(&self) -> &[Spanned<String>] {
        &self.members
    }
}

// === impl Stop ===

impl Stop {
    fn elsewhere(pending: js::Pending) -> Self {
        Stop::Elsewhere(Box::new(Job(pending)))
    }
}

// === impl Job ===

impl Job {
    /// Runs the module where it holds up nobody. Hands back the turn.
    pub async fn finish(self) -> (Result<Yield<'static>, Box<MappingError>>, Turn) {
        self.0.finish().await
    }
}

// === impl Rendered ===

impl Rendered<'_> {
    /// The value, for reading; `None` when absent.
    #[must_use]
    pub fn view(&self) -> Option<View<'_>> {
        match self {
            Rendered::Absent => None,
            Rendered::View(view) => Some(*view),
            Rendered::Built(value) => Some(value.view()),
        }
    }

    /// Holds on to the value; `None` when absent.
    #[must_use]
    pub fn into_value(self) -> Option<Value> {
        match self {
            Rendered::Absent => None,
            Rendered::View(view) => Some(view.to_value()),
            Rendered::Built(value) => Some(value),
        }
    }
}
