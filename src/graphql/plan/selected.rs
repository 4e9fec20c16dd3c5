//! What was asked for below a field, for mappings that pass it on.
//!
//! A plan is small where the same fragment stands at many places, and what is written out here is not:
//! both spellings are bounded.
//!
//! See: appsync.md 2.6 (selectionSetList rules).

use std::collections::HashSet;

use crate::{
    graphql::plan::{Field, Plan, SelectionId, Shape, ShapeKind},
    mapping::context,
};

/// The most paths that are listed, and the most fields that are looked at or printed for one field.
const MAX_FIELDS: usize = 10_000;

/// The fields below a field of a plan. Nothing is worked out before it is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Selected<'p> {
    plan: &'p Plan,
    field: &'p Field,
}

impl<'p> Selected<'p> {
    /// What stands below this field.
    pub(crate) fn below(plan: &'p Plan, field: &'p Field) -> Self {
        Selected { plan, field }
    }
}

impl context::Selection for Selected<'_> {
    fn paths(&self) -> Vec<String> {
        let mut list = List {
            plan: self.plan,
            paths: Vec::new(),
            seen: HashSet::new(),
            left: MAX_FIELDS,
        };
        list.shape(&self.field.shape, "");
        list.paths
    }

    /// With fragments written out where they stand; empty when nothing is below, or far too much.
    fn printed(&self) -> String {
        let mut print = Print {
            plan: self.plan,
            out: String::new(),
            left: MAX_FIELDS,
        };
        match print.shape(&self.field.shape, 0) {
            Some(()) => print.out,
            None => String::new(),
        }
    }
}

/// The selections that may stand at the end of a shape, by possible type.
fn selections(shape: &Shape) -> &[SelectionId] {
    match &shape.kind {
        ShapeKind::List(item) => selections(item),
        ShapeKind::Object(id) => std::slice::from_ref(id),
        ShapeKind::Abstract(choice) => &choice.selections,
        ShapeKind::Scalar(..) | ShapeKind::Enum(_) => &[],
    }
}

struct List<'p> {
    plan: &'p Plan,
    paths: Vec<String>,
    seen: HashSet<String>,
    left: usize,
}

impl List<'_> {
    /// Parents before children. What several possible types have in common is listed once.
    fn shape(&mut self, shape: &Shape, prefix: &str) {
        for id in selections(shape) {
            for field in &self.plan.selection(*id).fields {
                if self.left == 0 {
                    return;
                }
                self.left -= 1;
                let path = match prefix {
                    "" => field.key.to_string(),
                    prefix => format!("{prefix}/{}", field.key),
                };
                if self.seen.insert(path.clone()) {
                    self.paths.push(path.clone());
                }
                self.shape(&field.shape, &path);
            }
        }
    }
}

struct Print<'p> {
    plan: &'p Plan,
    out: String,
    left: usize,
}

impl Print<'_> {
    /// `None`: there is too much of it.
    fn shape(&mut self, shape: &Shape, depth: usize) -> Option<()> {
        let ids = selections(shape);
        if ids.is_empty() {
            return Some(());
        }
        self.out.push_str(if depth == 0 { "{\n" } else { " {\n" });
        let mut leaf = shape;
        while let ShapeKind::List(item) = &leaf.kind {
            leaf = item;
        }
        let is_abstract = matches!(leaf.kind, ShapeKind::Abstract(_));
        for id in ids {
            let selection = self.plan.selection(*id);
            if !is_abstract {
                self.fields(*id, depth + 1)?;
            } else if !selection.fields.is_empty() {
                self.indent(depth + 1);
                self.out.push_str("... on ");
                self.out.push_str(&selection.type_name);
                self.out.push_str(" {\n");
                self.fields(*id, depth + 2)?;
                self.indent(depth + 1);
                self.out.push_str("}\n");
            }
        }
        self.indent(depth);
        self.out.push('}');
        Some(())
    }

    fn fields(&mut self, id: SelectionId, depth: usize) -> Option<()> {
        for field in &self.plan.selection(id).fields {
            self.left = self.left.checked_sub(1)?;
            self.indent(depth);
            if field.key != field.name {
                self.out.push_str(&field.key);
                self.out.push_str(": ");
            }
            self.out.push_str(&field.name);
            self.out.push_str(&field.given);
            self.shape(&field.shape, depth)?;
            self.out.push('\n');
        }
        Some(())
    }

    fn indent(&mut self, depth: usize) {
        for _ in 0..depth {
            self.out.push_str("  ");
        }
    }
}
