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
    json::{Object, Value},
    mapping::{
        Context, MappingError, Rendered, Turn, Yield,
        leaf::{Buffer, EvalError, Operand, Program, Reference},
        place::Place,
    },
};

/// A node of a mapping.
#[derive(Debug)]
pub(super) enum Tree {
    /// Nothing in it depends on the context.
    Constant(Value),
    /// One reference.
    Reference(Reference<Place>, Origin),
    /// Text around references.
    Text(Program<Place>, Origin),
    /// Text around references in a URL path: each stands for a part of one segment.
    Path(Program<Place>, Origin),
    /// More than text and references: a program, which may keep and cause something.
    Program(Box<super::template::Template>),
    /// A list in which something depends on the context.
    List(Box<[Tree]>),
    /// An object in which something depends on the context.
    Object(Template),
}

/// An object that waits for some of its members. It is copied whole, which hashes no key; a request
/// with three references takes a fifth fewer instructions than with its keys inserted one by one.
#[derive(Debug)]
pub(super) struct Template {
    /// All keys, with the members that are constant.
    object: Object,
    /// The other members and where they stand, in their order.
    slots: Box<[(usize, Tree)]>,
}

/// Where a leaf comes from, for messages and for `explain`.
#[derive(Debug)]
pub(super) struct Origin {
    /// The keys from the root of the mapping, such as `query.id`; empty at the root.
    path: Box<str>,
    /// The leaf as it was written.
    written: Box<str>,
}

// === impl Tree ===

impl Tree {
    /// A mapping that is null.
    pub(super) const NULL: Tree = Tree::Constant(Value::Null);

    /// See [`Mapping::evaluate`](super::Mapping::evaluate).
    pub(super) fn evaluate<'a>(
        &'a self,
        cx: &Context<'a>,
        hint: &mut u32,
    ) -> Result<Rendered<'a>, Box<MappingError>> {
        match self {
            Tree::Constant(value) => Ok(Rendered::View(value.view())),
            Tree::Reference(reference, origin) => match origin.evaluate(reference, cx, hint)? {
                Some(Operand::View(view)) => Ok(Rendered::View(view)),
                Some(operand) => Ok(Rendered::Built(operand.into_value())),
                None => Ok(Rendered::Absent),
            },
            Tree::Text(..)
            | Tree::Path(..)
            | Tree::Program(_)
            | Tree::List(_)
            | Tree::Object(_) => {
                let built = self.build(cx, &mut Turn::default())?;
                Ok(built.map_or(Rendered::Absent, Rendered::Built))
            }
        }
    }

    /// See [`Mapping::run`](super::Mapping::run).
    pub(super) fn build(
        &self,
        cx: &Context<'_>,
        turn: &mut Turn,
    ) -> Result<Option<Value>, Box<MappingError>> {
        match self {
            Tree::Constant(value) => Ok(Some(value.clone())),
            Tree::Reference(reference, origin) => {
                let operand = origin.evaluate(reference, cx, &mut 0);
                Ok(operand?.map(Operand::into_value))
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
            Tree::Program(template) => match template.run(cx, turn)? {
                Yield::Value(rendered) => Ok(rendered.into_value()),
                Yield::Return { value, .. } => Ok(Some(value)),
            },
            Tree::List(items) => {
                let mut values = Vec::with_capacity(items.len());
                for item in items {
                    values.push(item.build(cx, turn)?.unwrap_or_default());
                }
                Ok(Some(Value::List(Arc::new(values))))
            }
            Tree::Object(template) => template.build(cx, turn).map(Some),
        }
    }
}

// === impl Template ===

impl Template {
    fn build(&self, cx: &Context<'_>, turn: &mut Turn) -> Result<Value, Box<MappingError>> {
        let mut object = self.object.clone();
        let mut removed = 0;
        for (index, tree) in &self.slots {
            let index = index - removed;
            match (tree.build(cx, turn)?, object.get_index_mut(index)) {
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
    ) -> Result<Option<Operand<'a>>, Box<MappingError>> {
        reference
            .evaluate(cx, hint)
            .map_err(|error| self.explain(&error))
    }

    /// The text that a program printed.
    fn text(
        &self,
        out: &Buffer,
        printed: Result<(), Box<EvalError>>,
    ) -> Result<Value, Box<MappingError>> {
        printed.map_err(|error| self.explain(&error))?;
        Ok(Value::String(Arc::from(String::from_utf8_lossy(out))))
    }

    /// Says where the fault stands inside the mapping. The leaf's own text is left out: the message
    /// goes to clients, and what stands beside a reference may be a secret.
    #[cold]
    fn explain(&self, error: &EvalError) -> Box<MappingError> {
        let mut place = position(&self.written, error.at);
        if !self.path.is_empty() {
            place = format!("`{}`, {place}", self.path);
        }
        Box::new(MappingError::template(format!("{error} ({place})")))
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
