//! A YAML tree with VTL leaves.
//!
//! - A leaf that is one reference stands for the value itself: it keeps its JSON type and is handed
//!   on by borrowing. When there is nothing, its key is left out of its object; in a list, where a
//!   place cannot be left out, it is null. A `null` that is there stays.
//! - A leaf with text around references is a string. A reference without value (or null) in it is
//!   an error, because the text would be wrong without it; `$!{…}` says that nothing is fine.
//!   Velocity would print the reference as it was written.
//! - Keys, numbers, booleans, null and text without references are constants: built at load, shared
//!   by every document.
//! - `\$` is a dollar and `\#` a hash; a backslash before anything else is a backslash.

mod compile;
mod display;

use std::sync::Arc;

pub(super) use compile::within;

use crate::{
    config::Spanned,
    json::{Object, Value, View},
    mapping::{
        Context, Reads,
        place::{CallerRead, Place},
        vtl::{Buffer, EvalError, Operand, Program, Reference},
    },
};

/// How a request or a response is shaped, compiled.
#[derive(Debug)]
pub struct Mapping {
    tree: Tree,
    reads: Reads,
    caller_reads: Vec<CallerRead>,
    members: Vec<Spanned<String>>,
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

/// Why a mapping could not be rendered. Shown to the client as a `MappingTemplate` error.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct MappingError {
    /// What went wrong, naming the template position.
    pub message: String,
}

/// A node of a mapping.
#[derive(Debug)]
enum Tree {
    /// Nothing in it depends on the context.
    Constant(Value),
    /// One reference.
    Reference(Reference<Place>, Origin),
    /// Text around references.
    Text(Program<Place>, Origin),
    /// Text around references in a URL path: each stands for a part of one segment.
    Path(Program<Place>, Origin),
    /// A list in which something depends on the context.
    List(Box<[Tree]>),
    /// An object in which something depends on the context.
    Object(Template),
}

/// An object that waits for some of its members. It is copied whole, which hashes no key; a request
/// with three references takes a fifth fewer instructions than with its keys inserted one by one.
#[derive(Debug)]
struct Template {
    /// All keys, with the members that are constant.
    object: Object,
    /// The other members and where they stand, in their order.
    slots: Box<[(usize, Tree)]>,
}

/// Where a leaf comes from, for messages and for `explain`.
#[derive(Debug)]
struct Origin {
    /// The keys from the root of the mapping, such as `query.id`; empty at the root.
    path: Box<str>,
    /// The leaf as it was written.
    written: Box<str>,
}

// === impl Mapping ===

impl Mapping {
    /// Renders the mapping. `None`: the whole mapping is one reference to something absent.
    pub fn render(&self, cx: &Context<'_>) -> Result<Option<Value>, MappingError> {
        Ok(self.evaluate(cx, &mut 0)?.into_value())
    }

    /// Renders the mapping, borrowing what stands elsewhere: a mapping that is one reference, such
    /// as the key of a batch or `$ctx.result.body`, builds nothing.
    ///
    /// `hint` makes the same mapping faster over many contexts of one shape, such as the parents
    /// of a level: see [`View::get_hinted`]. Start with 0.
    pub fn evaluate<'a>(
        &'a self,
        cx: &Context<'a>,
        hint: &mut u32,
    ) -> Result<Rendered<'a>, MappingError> {
        match &self.tree {
            Tree::Constant(value) => Ok(Rendered::View(value.view())),
            Tree::Reference(reference, origin) => match origin.evaluate(reference, cx, hint)? {
                Some(Operand::View(view)) => Ok(Rendered::View(view)),
                Some(operand) => Ok(Rendered::Built(operand.into_value())),
                None => Ok(Rendered::Absent),
            },
            Tree::Text(..) | Tree::Path(..) | Tree::List(_) | Tree::Object(_) => Ok(self
                .tree
                .build(cx)?
                .map_or(Rendered::Absent, Rendered::Built)),
        }
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
    /// which of them it does not know. Empty when the mapping is a leaf or a list.
    #[must_use]
    pub fn members(&self) -> &[Spanned<String>] {
        &self.members
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

// === impl Tree ===

impl Tree {
    fn build(&self, cx: &Context<'_>) -> Result<Option<Value>, MappingError> {
        match self {
            Tree::Constant(value) => Ok(Some(value.clone())),
            Tree::Reference(reference, origin) => {
                let operand = origin.evaluate(reference, cx, &mut 0)?;
                Ok(operand.map(Operand::into_value))
            }
            Tree::Text(program, origin) => {
                let mut out = Buffer::new();
                let printed = program.print(cx, &mut out);
                origin.text(&out, printed).map(Some)
            }
            Tree::Path(program, origin) => {
                let mut out = Buffer::new();
                let printed = program.print_path(cx, &mut out);
                origin.text(&out, printed).map(Some)
            }
            Tree::List(items) => {
                let items = items
                    .iter()
                    .map(|item| Ok(item.build(cx)?.unwrap_or(Value::Null)));
                let items: Result<Vec<Value>, MappingError> = items.collect();
                Ok(Some(Value::List(Arc::new(items?))))
            }
            Tree::Object(template) => template.build(cx).map(Some),
        }
    }
}

// === impl Template ===

impl Template {
    fn build(&self, cx: &Context<'_>) -> Result<Value, MappingError> {
        let mut object = self.object.clone();
        let mut removed = 0;
        for (index, tree) in &self.slots {
            let index = index - removed;
            match (tree.build(cx)?, object.get_index_mut(index)) {
                (Some(value), Some((_, member))) => *member = value,
                (Some(_), None) => {}
                (None, _) => {
                    object.shift_remove_index(index);
                    removed += 1;
                }
            }
        }
        Ok(Value::Object(Arc::new(object)))
    }
}

// === impl Origin ===

impl Origin {
    fn evaluate<'a>(
        &self,
        reference: &'a Reference<Place>,
        cx: &Context<'a>,
        hint: &mut u32,
    ) -> Result<Option<Operand<'a>>, MappingError> {
        reference
            .evaluate(cx, hint)
            .map_err(|error| self.explain(&error))
    }

    /// The text that a program printed.
    fn text(
        &self,
        out: &Buffer,
        printed: Result<(), Box<EvalError>>,
    ) -> Result<Value, MappingError> {
        printed.map_err(|error| self.explain(&error))?;
        Ok(Value::String(Arc::from(String::from_utf8_lossy(out))))
    }

    /// Says where the fault stands inside the mapping. The leaf's own text is left out: the message
    /// goes to clients, and what stands beside a reference may be a secret.
    #[cold]
    fn explain(&self, error: &EvalError) -> MappingError {
        let mut place = position(&self.written, error.at);
        if !self.path.is_empty() {
            place = format!("`{}`, {place}", self.path);
        }
        MappingError {
            message: format!("{error} ({place})"),
        }
    }
}

/// Names a place in the text of a leaf.
fn position(text: &str, offset: usize) -> String {
    let before = text.get(..offset).unwrap_or_default();
    let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
    match before.matches('\n').count() {
        0 => format!("column {column}"),
        lines => format!("line {}, column {column}", lines + 1),
    }
}

#[cfg(test)]
mod tests;
