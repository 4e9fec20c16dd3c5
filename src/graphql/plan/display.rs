//! A plan as text: what `explain` prints and snapshots show.

use std::fmt;

use rustc_hash::FxHashSet;

use crate::graphql::plan::{Field, Origin, Plan, SelectionId, Shape, ShapeKind};

/// Shows the plan as a tree: each resolver with its level, its request and its calls.
impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut tree = Tree {
            plan: self,
            out: f,
            levels: 0,
            resolvers: 0,
            calls: 0,
            several: 0,
            shown: FxHashSet::default(),
        };
        tree.selection(self.root, 1, "")?;
        let Tree {
            levels,
            resolvers,
            calls,
            several,
            ..
        } = tree;
        writeln!(
            f,
            "{}: {} on {}",
            self.operation.name(),
            count(resolvers, "resolver"),
            count(levels, "level")
        )?;
        let calls = count(calls, "source call");
        match several {
            0 => writeln!(
                f,
                "expected: {calls}, if no batch is larger than its maximum and nothing is cached"
            ),
            _ => writeln!(
                f,
                "expected: {calls}, and for {} one for each distinct request",
                count(several, "field")
            ),
        }
    }
}

fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

struct Tree<'a, 'f, 'o> {
    plan: &'a Plan,
    out: &'o mut fmt::Formatter<'f>,
    levels: usize,
    resolvers: usize,
    /// Calls of resolvers that make as many for any number of parents.
    calls: usize,
    /// The selections that stand above already: a plan is no tree, and would be without end as one.
    shown: FxHashSet<SelectionId>,
    /// Resolvers that may make several calls.
    several: usize,
}

impl Tree<'_, '_, '_> {
    fn selection(&mut self, id: SelectionId, level: usize, indent: &str) -> fmt::Result {
        if !self.shown.insert(id) && self.plan.has_objects(id) {
            return writeln!(
                self.out,
                "{indent}└─ … as {} above",
                self.plan.selection(id).type_name
            );
        }
        let selection = self.plan.selection(id);
        let last = selection.fields.len().saturating_sub(1);
        for (index, field) in selection.fields.iter().enumerate() {
            let (branch, below) = if index == last {
                ("└─ ", "   ")
            } else {
                ("├─ ", "│  ")
            };
            writeln!(
                self.out,
                "{indent}{branch}{}",
                Label {
                    plan: self.plan,
                    field
                }
            )?;
            let indent = format!("{indent}{below}");
            let mut below_level = level;
            if let Origin::Resolver(resolver) = &field.origin {
                self.resolvers += 1;
                match resolver.calls() {
                    Some(calls) => self.calls += calls,
                    None => self.several += 1,
                }
                self.levels = self.levels.max(level);
                below_level = level + 1;
                writeln!(self.out, "{indent}  level {level}: {resolver}")?;
            }
            self.shape(&field.shape, below_level, &indent)?;
        }
        Ok(())
    }

    fn shape(&mut self, shape: &Shape, level: usize, indent: &str) -> fmt::Result {
        match &shape.kind {
            ShapeKind::List(item) => self.shape(item, level, indent),
            ShapeKind::Object(id) => self.selection(*id, level, indent),
            ShapeKind::Abstract(choice) => {
                for id in &choice.selections {
                    writeln!(
                        self.out,
                        "{indent}… on {}",
                        self.plan.selection(*id).type_name
                    )?;
                    self.selection(*id, level, &format!("{indent}  "))?;
                }
                Ok(())
            }
            ShapeKind::Scalar(..) | ShapeKind::Enum(_) => Ok(()),
        }
    }
}

/// `alias = field: Type, with a rule, publishes`
struct Label<'a> {
    plan: &'a Plan,
    field: &'a Field,
}

impl fmt::Display for Label<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.field.key != self.field.name {
            write!(f, "{} = ", self.field.key)?;
        }
        write!(
            f,
            "{}: {}",
            self.field.name,
            self.plan.type_name(&self.field.shape)
        )?;
        if self.field.rule.is_some() {
            f.write_str(", with a rule")?;
        }
        if self.field.publishes {
            f.write_str(", publishes")?;
        }
        Ok(())
    }
}

impl Plan {
    /// Whether anything but leaves is selected.
    fn has_objects(&self, id: SelectionId) -> bool {
        self.selection(id)
            .fields
            .iter()
            .any(|field| !field.shape.is_leaf())
    }

    /// A shape's type, as it is written in SDL.
    pub(crate) fn type_name(&self, shape: &Shape) -> String {
        let bang = if shape.nullable { "" } else { "!" };
        match &shape.kind {
            ShapeKind::List(item) => format!("[{}]{bang}", self.type_name(item)),
            ShapeKind::Scalar(_, name) => format!("{name}{bang}"),
            ShapeKind::Enum(values) => format!("{}{bang}", values.name),
            ShapeKind::Object(id) => format!("{}{bang}", self.selection(*id).type_name),
            ShapeKind::Abstract(choice) => format!("{}{bang}", choice.type_name),
        }
    }
}

impl Shape {
    fn is_leaf(&self) -> bool {
        match &self.kind {
            ShapeKind::List(item) => item.is_leaf(),
            ShapeKind::Scalar(..) | ShapeKind::Enum(_) => true,
            ShapeKind::Object(_) | ShapeKind::Abstract(_) => false,
        }
    }
}
