//! From the tree to the program.

use std::{ops::Range, sync::Arc};

use rustc_hash::FxHashMap;

use super::{
    Argument, Call, Code, Expression, Foreach, Known, Macro, Node, Operand, Print, Reference, Root,
    Slot, Span, Step, names::Survey,
};
use crate::{
    json::Number,
    mapping::vtl::{
        ast::{self, Block, Directive, DirectiveKind, ExpressionKind, Part, SegmentKind},
        error::{Fault, SyntaxError},
        host::Names,
        value::ObjectId,
    },
};

/// The most bodies that a program and the texts it evaluates may have.
const MAX_BODIES: usize = 1 << 14;

/// Writes the program.
pub(super) struct Lowering<'a, 's> {
    source: &'a str,
    names: &'a dyn Names,
    survey: &'a Survey<'s>,
    /// What programs around this one have defined.
    known: &'a Known,
    /// Where everything is said to stand, for a text that is evaluated.
    place: Option<Span>,
    /// The slots of this program alone.
    index: FxHashMap<&'s str, Slot>,
    parts: Parts,
    macros: Vec<Option<Macro>>,
    fault: Option<SyntaxError>,
}

/// What a program is made of beside its code.
#[derive(Debug, Default)]
pub(super) struct Parts {
    pub(super) slots: Vec<(Box<str>, Option<ObjectId>)>,
    pub(super) macros: Vec<Macro>,
    pub(super) bodies: Vec<Code>,
}

/// Nodes in the making: texts that follow each other are one.
#[derive(Default)]
struct Writing {
    nodes: Vec<Node>,
    text: String,
    at: u32,
}

// === impl Lowering ===

impl<'a, 's> Lowering<'a, 's> {
    pub(super) fn new(
        source: &'a str,
        names: &'a dyn Names,
        survey: &'a Survey<'s>,
        known: &'a Known,
    ) -> Self {
        Lowering {
            source,
            names,
            survey,
            known,
            place: None,
            index: FxHashMap::default(),
            parts: Parts::default(),
            macros: survey.macros.iter().map(|_| None).collect(),
            fault: None,
        }
    }

    /// Says of everything that it stands there.
    pub(super) fn at(mut self, place: Span) -> Self {
        self.place = Some(place);
        self
    }

    pub(super) fn finish(mut self) -> Result<Parts, SyntaxError> {
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        self.parts.macros = self.macros.into_iter().flatten().collect();
        Ok(self.parts)
    }

    pub(super) fn block(&mut self, block: &Block<'s>) -> Code {
        let mut writing = Writing::default();
        for part in &block.parts {
            match part {
                Part::Text(text) => writing.text(text, self.offset(text)),
                Part::Char(c) => {
                    // It stands inside a text in quotes, where nobody asks for places.
                    writing.text(c.encode_utf8(&mut [0; 4]), 0);
                }
                Part::Escape(written) => {
                    let at = self.offset(written);
                    // Two backslashes are one; the odd one goes, and what it stood before stays.
                    let rest = written.trim_start_matches('\\');
                    let backslashes = (written.len() - rest.len()) / 2;
                    writing.text(written.get(..backslashes).unwrap_or_default(), at);
                    writing.text(rest, at);
                }
                Part::Reference(reference) => {
                    let print = self.print(reference);
                    writing.node(Node::Print(print));
                }
                Part::Directive(directive) => {
                    if let Some(node) = self.directive(directive) {
                        writing.node(node);
                    }
                }
            }
        }
        writing.finish()
    }

    fn print(&mut self, reference: &ast::Reference<'s>) -> Print {
        let compiled = self.reference(reference);
        let plain = match compiled.root {
            Root::Slot(slot) if *compiled.written == *format!("${}", reference.root.text) => {
                Some(slot)
            }
            _ => None,
        };
        Print {
            quiet: reference.quiet,
            backslashes: reference.backslashes,
            plain,
            reference: compiled,
        }
    }

    /// What a directive does; `None` for a macro, which does nothing where it is defined.
    fn directive(&mut self, directive: &Directive<'s>) -> Option<Node> {
        let span = self.span(&directive.span);
        Some(match &directive.kind {
            DirectiveKind::Set { target, value } => Node::Set {
                span,
                target: Box::new(self.reference(target)),
                value: self.expression(value),
            },
            DirectiveKind::If { arms, otherwise } => Node::If {
                span,
                arms: arms
                    .iter()
                    .map(|(condition, block)| (self.expression(condition), self.block(block)))
                    .collect(),
                otherwise: otherwise.as_ref().map(|block| self.block(block)),
            },
            DirectiveKind::Foreach { name, list, body } => Node::Foreach(Box::new(Foreach {
                span,
                item: self.slot(name.text),
                list: self.expression(list),
                body: self.block(body),
                scope: self.slot_if_read("foreach"),
                count: self.slot_if_read("velocityCount"),
                has_next: self.slot_if_read("velocityHasNext"),
            })),
            DirectiveKind::Break => Node::Break,
            DirectiveKind::Stop => Node::Stop,
            DirectiveKind::Return(value) => Node::Return {
                span,
                value: value.as_ref().map(|value| self.expression(value)),
            },
            DirectiveKind::Define { name, body } => Node::Define {
                slot: self.slot(name.text),
                body: self.body(body, &directive.span),
            },
            DirectiveKind::Macro {
                name,
                parameters,
                body,
            } => {
                self.define_macro(name, parameters, body);
                return None;
            }
            DirectiveKind::Call {
                name,
                arguments,
                body,
            } => Node::Call(Box::new(self.call(
                directive,
                name,
                arguments,
                body.as_ref(),
            ))),
            DirectiveKind::Evaluate(text) => Node::Evaluate {
                span,
                text: self.expression(text),
            },
        })
    }

    /// The first definition of a name counts.
    fn define_macro(
        &mut self,
        name: &ast::Name<'s>,
        parameters: &[ast::Name<'s>],
        body: &Block<'s>,
    ) {
        let number = self
            .survey
            .macros
            .iter()
            .position(|known| *known == name.text);
        let compiled = Macro {
            name: name.text.into(),
            parameters: parameters.iter().map(|name| self.slot(name.text)).collect(),
            body: self.block(body),
        };
        if let Some(place) = number.and_then(|number| self.macros.get_mut(number)) {
            place.get_or_insert(compiled);
        }
    }

    fn call(
        &mut self,
        directive: &Directive<'s>,
        name: &ast::Name<'s>,
        arguments: &[ast::Expression<'s>],
        body: Option<&Block<'s>>,
    ) -> Call {
        let own = |name: &str| {
            let number = self.survey.macros.iter().position(|own| *own == name)?;
            Some(self.known.macro_count + number)
        };
        let number = self
            .known
            .macro_number(name.text)
            .or_else(|| own(name.text));
        Call {
            span: self.span(&directive.span),
            name: name.text.into(),
            number,
            arguments: arguments.iter().map(|value| self.argument(value)).collect(),
            body: body.map(|body| {
                let number = self.body(body, &directive.span);
                (self.slot("bodyContent"), number)
            }),
            written: self.written(&directive.span),
        }
    }

    fn argument(&mut self, value: &ast::Expression<'s>) -> Argument {
        let constant = matches!(
            value.kind,
            ExpressionKind::Integer(_) | ExpressionKind::Float(_) | ExpressionKind::Bool(_)
        );
        Argument {
            written: (!constant).then(|| self.written(&value.span)),
            value: self.expression(value),
        }
    }

    /// Keeps a body under a number.
    fn body(&mut self, block: &Block<'s>, span: &Range<usize>) -> u16 {
        let code = self.block(block);
        let number = self.known.bodies + self.parts.bodies.len();
        if number >= MAX_BODIES {
            self.fault
                .get_or_insert(SyntaxError::new(span.clone(), Fault::TooDeep));
        }
        self.parts.bodies.push(code);
        u16::try_from(number).unwrap_or(u16::MAX)
    }

    fn reference(&mut self, reference: &ast::Reference<'s>) -> Reference {
        let (root, taken) = self.root(reference);
        let steps = reference.path.iter().skip(taken).enumerate();
        let steps = steps
            .map(|(at, segment)| {
                let object = match root {
                    Root::Object(object) if at == 0 => Some(object),
                    _ => None,
                };
                self.step(segment, object)
            })
            .collect();
        Reference {
            span: self.span(&reference.span),
            written: self.written(&reference.span),
            root,
            steps,
        }
    }

    /// Where a reference begins, and how many of its links that takes in: what the embedding names
    /// and the template never changes is found now.
    fn root(&mut self, reference: &ast::Reference<'s>) -> (Root, usize) {
        let name = reference.root.text;
        let fixed = !self.survey.may_assign(name) && !self.known.slots.contains_key(name);
        let object = if fixed { self.names.root(name) } else { None };
        let Some(mut object) = object else {
            return (Root::Slot(self.slot(name)), 0);
        };
        let mut taken = 0;
        for segment in &reference.path {
            let member = segment.member();
            let Some(inner) = member.and_then(|name| self.names.namespace(object, name)) else {
                break;
            };
            object = inner;
            taken += 1;
        }
        (Root::Object(object), taken)
    }

    fn step(&mut self, segment: &ast::Segment<'s>, object: Option<ObjectId>) -> Step {
        match &segment.kind {
            SegmentKind::Member(name) => Step::Member((*name).into()),
            SegmentKind::Index(index) => Step::Index(self.expression(index)),
            SegmentKind::Call(name, arguments) => {
                let arguments = self.expressions(arguments);
                let function = object.and_then(|object| self.names.function(object, name));
                match function {
                    Some(function) => Step::Function(function, arguments),
                    None => Step::Method((*name).into(), arguments),
                }
            }
        }
    }

    fn expressions(&mut self, expressions: &[ast::Expression<'s>]) -> Box<[Expression]> {
        expressions
            .iter()
            .map(|expression| self.expression(expression))
            .collect()
    }

    fn expression(&mut self, expression: &ast::Expression<'s>) -> Expression {
        match &expression.kind {
            ExpressionKind::Text(text) => Expression::Text(Arc::from(*text)),
            ExpressionKind::Interpolated(block) => Expression::Interpolated(self.block(block)),
            ExpressionKind::Integer(digits) => Expression::Number(self.integer(digits, expression)),
            ExpressionKind::Float(digits) => Expression::Number(self.float(digits, expression)),
            ExpressionKind::Bool(bool) => Expression::Bool(*bool),
            ExpressionKind::Null => Expression::Null,
            ExpressionKind::Reference(reference) => {
                Expression::Reference(Box::new(self.reference(reference)))
            }
            ExpressionKind::List(items) => Expression::List(self.expressions(items)),
            ExpressionKind::Map(entries) => Expression::Map(
                entries
                    .iter()
                    .map(|(key, value)| (self.expression(key), self.expression(value)))
                    .collect(),
            ),
            ExpressionKind::Range(first, last) => {
                Expression::Range(Box::new((self.expression(first), self.expression(last))))
            }
            ExpressionKind::Not(value) => Expression::Not(Box::new(self.expression(value))),
            ExpressionKind::Binary(operator, left, right) => Expression::Binary(
                *operator,
                Box::new((self.operand(left), self.operand(right))),
            ),
        }
    }

    fn operand(&mut self, value: &ast::Expression<'s>) -> Operand {
        Operand {
            value: self.expression(value),
            written: self.written(&value.span),
        }
    }

    /// A whole number, as long as it may be.
    fn integer(&mut self, digits: &str, expression: &ast::Expression<'s>) -> Number {
        if let Ok(int) = digits.parse() {
            return Number::Int(int);
        }
        let (sign, digits) = match digits.strip_prefix('-') {
            Some(digits) => ("-", digits),
            None => ("", digits),
        };
        let text = format!("{sign}{}", digits.trim_start_matches('0'));
        Number::parse(&text).unwrap_or_else(|| self.huge(expression))
    }

    /// A `Double`, as Velocity reads it: what is too large is infinite.
    fn float(&mut self, digits: &str, expression: &ast::Expression<'s>) -> Number {
        match digits.parse() {
            Ok(float) => Number::Float(float),
            Err(_) => self.huge(expression),
        }
    }

    fn huge(&mut self, expression: &ast::Expression<'s>) -> Number {
        let error = SyntaxError::new(expression.span.clone(), Fault::HugeNumber);
        self.fault.get_or_insert(error);
        Number::Int(0)
    }

    /// The slot of a name, which is the embedding's until the template says otherwise.
    fn slot(&mut self, name: &'s str) -> Slot {
        if let Some(slot) = self.known.slots.get(name).or_else(|| self.index.get(name)) {
            return *slot;
        }
        let number = self.known.slots.len() + self.parts.slots.len();
        let slot = Slot::try_from(number).unwrap_or(Slot::MAX);
        self.parts.slots.push((name.into(), self.names.root(name)));
        self.index.insert(name, slot);
        slot
    }

    /// The slot of a name that only matters when somebody may read it.
    fn slot_if_read(&mut self, name: &'static str) -> Option<Slot> {
        let read = self.survey.evaluates
            || self.survey.read.contains(name)
            || self.known.slots.contains_key(name);
        read.then(|| self.slot(name))
    }

    fn written(&self, span: &Range<usize>) -> Box<str> {
        self.source.get(span.clone()).unwrap_or_default().into()
    }

    fn span(&self, span: &Range<usize>) -> Span {
        self.place.unwrap_or_else(|| Span::of(span))
    }

    /// Where a text that was cut out of the source begins in it.
    fn offset(&self, text: &str) -> u32 {
        if let Some(place) = self.place {
            return place.start;
        }
        let distance = text
            .as_ptr()
            .addr()
            .wrapping_sub(self.source.as_ptr().addr());
        u32::try_from(distance.min(self.source.len())).unwrap_or(u32::MAX)
    }
}

// === impl Writing ===

impl Writing {
    fn text(&mut self, text: &str, at: u32) {
        if self.text.is_empty() {
            self.at = at;
        }
        self.text.push_str(text);
    }

    fn node(&mut self, node: Node) {
        self.flush();
        self.nodes.push(node);
    }

    fn flush(&mut self) {
        if self.text.is_empty() {
            return;
        }
        let text = std::mem::take(&mut self.text).into_boxed_str();
        self.nodes.push(Node::Text { text, at: self.at });
    }

    fn finish(mut self) -> Code {
        self.flush();
        Code {
            nodes: self.nodes.into_boxed_slice(),
        }
    }
}
