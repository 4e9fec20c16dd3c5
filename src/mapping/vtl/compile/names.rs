//! The first look at a template: which names it gives values to, and which it reads.

use std::ops::Range;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{MAX_NESTING, Program, Slot};
use crate::mapping::vtl::{
    self,
    ast::{
        Block, Directive, DirectiveKind, Expression, ExpressionKind, Name, Part, Reference,
        SegmentKind,
    },
    error::{Fault, SyntaxError},
};

/// What a template is made of, as far as names are concerned.
#[derive(Debug, Default)]
pub(super) struct Survey<'s> {
    /// Names that the template may give a value to.
    pub(super) assigned: FxHashSet<&'s str>,
    /// Names that are read.
    pub(super) read: FxHashSet<&'s str>,
    /// The macros, once each, in the order of their first definitions.
    pub(super) macros: Vec<&'s str>,
    /// What is read, in the order of the template.
    pub(super) references: Vec<Seen<'s>>,
    /// Where a text is evaluated that is not known before it runs: it may do anything.
    pub(super) unseen: Vec<Range<usize>>,
    /// Whether any text is evaluated.
    pub(super) evaluates: bool,
    /// Set while a text that is evaluated is looked at: where its directive stands.
    place: Option<Range<usize>>,
}

/// A reference, up to where it is known.
#[derive(Debug)]
pub(super) struct Seen<'s> {
    pub(super) path: Vec<&'s str>,
    pub(super) call: Option<&'s str>,
    pub(super) span: Range<usize>,
}

/// What the programs before one have defined, for the text of an `#evaluate`.
#[derive(Debug, Default)]
pub(in crate::mapping::vtl) struct Known {
    pub(super) slots: FxHashMap<Box<str>, Slot>,
    macros: FxHashMap<Box<str>, usize>,
    /// How many macros there are, those included that nobody can call.
    pub(super) macro_count: usize,
    pub(super) bodies: usize,
}

type Walked = Result<(), SyntaxError>;

// === impl Survey ===

impl<'s> Survey<'s> {
    /// Looks at a template; fails when it nests too deep for those who come after.
    pub(super) fn of(template: &Block<'s>) -> Result<Self, SyntaxError> {
        let mut survey = Survey::default();
        survey.block(template, 0)?;
        Ok(survey)
    }

    /// Whether the template alone decides what a name is.
    pub(super) fn may_assign(&self, name: &str) -> bool {
        self.evaluates || self.assigned.contains(name)
    }

    fn block(&mut self, block: &Block<'s>, depth: usize) -> Walked {
        for part in &block.parts {
            match part {
                Part::Text(_) | Part::Char(_) | Part::Escape(_) => {}
                Part::Reference(reference) => self.reference(reference, depth + 1)?,
                Part::Directive(directive) => self.directive(directive, depth + 1)?,
            }
        }
        Ok(())
    }

    fn directive(&mut self, directive: &Directive<'s>, depth: usize) -> Walked {
        check(depth, &directive.span)?;
        match &directive.kind {
            DirectiveKind::Set { target, value } => {
                self.target(target, depth)?;
                self.expression(value, depth)
            }
            DirectiveKind::If { arms, otherwise } => {
                for (condition, block) in arms {
                    self.expression(condition, depth)?;
                    self.block(block, depth)?;
                }
                otherwise
                    .as_ref()
                    .map_or(Ok(()), |block| self.block(block, depth))
            }
            DirectiveKind::Foreach { name, list, body } => {
                for name in [name.text, "foreach", "velocityCount", "velocityHasNext"] {
                    self.assigned.insert(name);
                }
                self.expression(list, depth)?;
                self.block(body, depth)
            }
            DirectiveKind::Break | DirectiveKind::Stop => Ok(()),
            DirectiveKind::Return(value) => value
                .as_ref()
                .map_or(Ok(()), |value| self.expression(value, depth)),
            DirectiveKind::Define { name, body } => {
                self.assigned.insert(name.text);
                self.block(body, depth)
            }
            DirectiveKind::Macro {
                name,
                parameters,
                body,
            } => {
                self.define_macro(name, parameters);
                self.block(body, depth)
            }
            DirectiveKind::Call {
                arguments, body, ..
            } => {
                self.expressions(arguments, depth)?;
                let Some(body) = body else { return Ok(()) };
                self.assigned.insert("bodyContent");
                self.block(body, depth)
            }
            DirectiveKind::Evaluate(text) => self.evaluate(directive, text, depth),
        }
    }

    fn define_macro(&mut self, name: &Name<'s>, parameters: &[Name<'s>]) {
        // What an evaluated text defines is known when it is evaluated, and numbered then.
        if self.place.is_none() && !self.macros.contains(&name.text) {
            self.macros.push(name.text);
        }
        self.assigned.insert("bodyContent");
        self.assigned
            .extend(parameters.iter().map(|name| name.text));
    }

    /// A text that is known is looked at as if it stood there.
    fn evaluate(
        &mut self,
        directive: &Directive<'s>,
        text: &Expression<'s>,
        depth: usize,
    ) -> Walked {
        self.evaluates = true;
        self.expression(text, depth)?;
        let place = self.span(&directive.span);
        let readings = match text.kind {
            ExpressionKind::Text(text) => readings(text),
            _ => None,
        };
        let Some(readings) = readings else {
            self.unseen.push(place);
            return Ok(());
        };
        let outer = self.place.replace(place);
        let walked = readings
            .iter()
            .try_for_each(|block| self.block(block, depth));
        self.place = outer;
        walked
    }

    /// What `#set` changes. A member that is changed is read as well: its owner must be there.
    fn target(&mut self, target: &Reference<'s>, depth: usize) -> Walked {
        if target.path.is_empty() {
            self.assigned.insert(target.root.text);
            return Ok(());
        }
        self.reference(target, depth)
    }

    fn reference(&mut self, reference: &Reference<'s>, depth: usize) -> Walked {
        check(depth, &reference.span)?;
        let mut path = vec![reference.root.text];
        let mut call = None;
        for segment in &reference.path {
            match &segment.kind {
                SegmentKind::Member(name) => path.push(name),
                SegmentKind::Index(index) => match index.kind {
                    ExpressionKind::Text(name) => path.push(name),
                    _ => break,
                },
                SegmentKind::Call(name, _) => {
                    call = Some(*name);
                    break;
                }
            }
        }
        self.read.insert(reference.root.text);
        self.references.push(Seen {
            path,
            call,
            span: self.span(&reference.span),
        });
        for segment in &reference.path {
            match &segment.kind {
                SegmentKind::Member(_) => {}
                SegmentKind::Index(index) => self.expression(index, depth)?,
                SegmentKind::Call(_, arguments) => self.expressions(arguments, depth)?,
            }
        }
        Ok(())
    }

    fn expressions(&mut self, expressions: &[Expression<'s>], depth: usize) -> Walked {
        expressions
            .iter()
            .try_for_each(|expression| self.expression(expression, depth))
    }

    fn expression(&mut self, expression: &Expression<'s>, depth: usize) -> Walked {
        let depth = depth + 1;
        check(depth, &expression.span)?;
        match &expression.kind {
            ExpressionKind::Text(_)
            | ExpressionKind::Null
            | ExpressionKind::Integer(_)
            | ExpressionKind::Float(_)
            | ExpressionKind::Bool(_) => Ok(()),
            ExpressionKind::Interpolated(block) => self.block(block, depth),
            ExpressionKind::Reference(reference) => self.reference(reference, depth),
            ExpressionKind::List(items) => self.expressions(items, depth),
            ExpressionKind::Map(entries) => entries.iter().try_for_each(|(key, value)| {
                self.expression(key, depth)?;
                self.expression(value, depth)
            }),
            ExpressionKind::Range(a, b) | ExpressionKind::Binary(_, a, b) => {
                self.expression(a, depth)?;
                self.expression(b, depth)
            }
            ExpressionKind::Not(value) => self.expression(value, depth),
        }
    }

    fn span(&self, span: &Range<usize>) -> Range<usize> {
        self.place.as_ref().unwrap_or(span).clone()
    }
}

/// How a text may be read when it is evaluated: whether `#name(…)` in it calls a macro is known
/// only then.
fn readings(text: &str) -> Option<Vec<Block<'_>>> {
    let calling = vtl::parse_within(text, &|_| true).ok()?;
    let plain = vtl::parse(text).ok()?;
    Some(if plain == calling {
        vec![plain]
    } else {
        vec![calling, plain]
    })
}

fn check(depth: usize, span: &Range<usize>) -> Walked {
    if depth > MAX_NESTING {
        return Err(SyntaxError::new(span.clone(), Fault::TooDeep));
    }
    Ok(())
}

// === impl Known ===

impl Known {
    /// Adds what a program has defined.
    pub(in crate::mapping::vtl) fn add(&mut self, program: &Program) {
        for (name, _) in &program.slots {
            let slot = Slot::try_from(self.slots.len()).unwrap_or(Slot::MAX);
            self.slots.insert(name.clone(), slot);
        }
        for item in &program.macros {
            // The first definition of a name counts.
            let number = self.macro_count;
            self.macros.entry(item.name.clone()).or_insert(number);
            self.macro_count += 1;
        }
        self.bodies += program.bodies.len();
    }

    /// The number of a macro.
    pub(in crate::mapping::vtl) fn macro_number(&self, name: &str) -> Option<usize> {
        self.macros.get(name).copied()
    }
}
