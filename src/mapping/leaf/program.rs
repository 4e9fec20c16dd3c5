//! A template, compiled: names are resolved, methods are looked up, texts are joined.

use std::ops::Range;

use super::{
    method::{self, Method},
    operand::Operand,
};
use crate::{
    json::{Number, Value},
    mapping::vtl::{
        Fault, Name, Segment, SegmentKind, SyntaxError,
        ast::{self, Block, Expression, ExpressionKind, Part},
    },
};

/// What the names of a template mean, as the embedding sees it.
pub(crate) trait Names {
    /// Somewhere a value can be found when the template runs.
    type Place;

    /// Finds the place that a reference begins at. It may take members of the path with it.
    fn bind(
        &self,
        root: &Name<'_>,
        path: &[Segment<'_>],
    ) -> Result<Bound<Self::Place>, SyntaxError>;
}

/// Where the places of a program have their values.
pub(crate) trait Scope<'a> {
    /// See [`Names::Place`].
    type Place: 'a;

    /// The value at a place; `None` when there is none.
    fn value(&self, place: &'a Self::Place) -> Option<Operand<'a>>;
}

/// A place, and how much of a reference it stands for.
#[derive(Debug)]
pub(crate) struct Bound<P> {
    pub(crate) place: P,
    /// How many segments after the root the place includes.
    pub(crate) taken: usize,
}

/// What a template does when it runs.
#[derive(Debug)]
pub(crate) struct Program<P> {
    pub(super) ops: Vec<Op<P>>,
}

/// One thing a program does.
#[derive(Debug)]
pub(crate) enum Op<P> {
    /// Prints characters.
    Text(String),
    /// Prints a value.
    Print(Reference<P>),
}

/// A reference, compiled.
#[derive(Debug)]
pub(crate) struct Reference<P> {
    pub(crate) place: P,
    pub(super) steps: Box<[Step]>,
    pub(super) quiet: bool,
    /// Where it begins in the template, and how it was written there: for messages.
    pub(super) at: usize,
    pub(super) written: Box<str>,
}

/// One step from a value to the next.
#[derive(Debug)]
pub(super) enum Step {
    /// A member of an object.
    Member(Box<str>),
    /// An item of a list; negative ones count from its end.
    Item(i64),
    /// What a method makes of the value.
    Call(&'static Method, Box<[Value]>),
}

// === impl Reference ===

impl<P> Reference<P> {
    /// The members that it follows from its place on, up to the first step that is none.
    pub(crate) fn members(&self) -> impl Iterator<Item = &str> {
        self.steps.iter().map_while(|step| match step {
            Step::Member(name) => Some(&**name),
            Step::Item(_) | Step::Call(..) => None,
        })
    }

    /// Where it stands in the template.
    pub(crate) fn range(&self) -> Range<usize> {
        self.at..self.at + self.written.len()
    }
}

// === impl Program ===

impl<P> Program<P> {
    /// Compiles a parsed template.
    pub(super) fn compile<N: Names<Place = P>>(
        source: &str,
        template: &Block<'_>,
        names: &N,
    ) -> Result<Self, SyntaxError> {
        let mut program = Program { ops: Vec::new() };
        for part in &template.parts {
            match part {
                Part::Text(text) => program.text(text),
                Part::Char(c) => program.text(c.encode_utf8(&mut [0; 4])),
                Part::Escape(written) => program.escape(written),
                Part::Reference(reference) => {
                    let reference = Reference::compile(source, reference, names)?;
                    program.ops.push(Op::Print(reference));
                }
                Part::Directive(directive) => {
                    return Err(no_directive(source, &directive.span));
                }
            }
        }
        Ok(program)
    }

    /// The characters, when the program prints nothing else.
    pub(crate) fn constant(&self) -> Option<&str> {
        match self.ops.as_slice() {
            [] => Some(""),
            [Op::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// The reference, when the program is nothing else.
    pub(crate) fn into_reference(mut self) -> Result<Reference<P>, Self> {
        match self.ops.pop() {
            Some(Op::Print(reference)) if self.ops.is_empty() => Ok(reference),
            Some(op) => {
                self.ops.push(op);
                Err(self)
            }
            None => Err(self),
        }
    }

    /// The references in it.
    pub(crate) fn references(&self) -> impl Iterator<Item = &Reference<P>> {
        self.ops.iter().filter_map(|op| match op {
            Op::Text(_) => None,
            Op::Print(reference) => Some(reference),
        })
    }

    fn text(&mut self, text: &str) {
        match self.ops.last_mut() {
            Some(Op::Text(before)) => before.push_str(text),
            _ => self.ops.push(Op::Text(text.to_owned())),
        }
    }

    /// Two backslashes are one; the odd one goes, and what it stood before stays.
    fn escape(&mut self, written: &str) {
        let escaped = written.trim_start_matches('\\');
        let backslashes = (written.len() - escaped.len()) / 2;
        self.text(&"\\".repeat(backslashes));
        self.text(escaped);
    }
}

// === impl Reference ===

impl<P> Reference<P> {
    fn compile<N: Names<Place = P>>(
        source: &str,
        reference: &ast::Reference<'_>,
        names: &N,
    ) -> Result<Self, SyntaxError> {
        let Bound { place, taken } = names.bind(&reference.root, &reference.path)?;
        let rest = reference.path.get(taken..).unwrap_or_default();
        let steps: Result<Box<[Step]>, SyntaxError> = rest
            .iter()
            .map(|segment| Step::compile(source, segment))
            .collect();
        Ok(Reference {
            place,
            steps: steps?,
            quiet: reference.quiet,
            at: reference.span.start,
            written: source
                .get(reference.span.clone())
                .unwrap_or_default()
                .into(),
        })
    }
}

// === impl Step ===

impl Step {
    fn compile(source: &str, segment: &Segment<'_>) -> Result<Self, SyntaxError> {
        let value = match &segment.kind {
            SegmentKind::Member(name) => return Ok(Step::Member((*name).into())),
            SegmentKind::Call(name, arguments) => {
                return Self::call(source, segment, name, arguments);
            }
            SegmentKind::Index(value) => value,
        };
        match &value.kind {
            ExpressionKind::Text(name) => Ok(Step::Member((*name).into())),
            ExpressionKind::Integer(index) => match index.parse() {
                Ok(index) => Ok(Step::Item(index)),
                Err(_) => Err(SyntaxError::new(value.span.clone(), Fault::HugeNumber)),
            },
            _ => Err(unsupported(source, value)),
        }
    }

    fn call(
        source: &str,
        segment: &Segment<'_>,
        name: &str,
        arguments: &[Expression<'_>],
    ) -> Result<Self, SyntaxError> {
        let Some(method) = method::find(name) else {
            let fault = Fault::Method(name.to_owned());
            return Err(SyntaxError::new(segment.span.clone(), fault));
        };
        if method.arity != arguments.len() {
            let fault = Fault::Arity {
                name: method.name,
                expected: method.arity,
                given: arguments.len(),
            };
            return Err(SyntaxError::new(segment.span.clone(), fault));
        }
        let arguments: Result<Box<[Value]>, SyntaxError> = arguments
            .iter()
            .map(|argument| constant(source, argument))
            .collect();
        Ok(Step::Call(method, arguments?))
    }
}

/// The value of an argument, as long as arguments are constants.
fn constant(source: &str, expression: &Expression<'_>) -> Result<Value, SyntaxError> {
    match expression.kind {
        ExpressionKind::Text(text) => Ok(Value::String(text.into())),
        ExpressionKind::Integer(integer) => match integer.parse() {
            Ok(integer) => Ok(Value::Number(Number::Int(integer))),
            Err(_) => Err(SyntaxError::new(expression.span.clone(), Fault::HugeNumber)),
        },
        _ => Err(unsupported(source, expression)),
    }
}

/// Names a directive by its first word.
fn no_directive(source: &str, span: &Range<usize>) -> SyntaxError {
    let written = source.get(span.clone()).unwrap_or_default();
    let end = written.find(|c: char| c == '(' || c.is_whitespace());
    let word = written
        .get(..end.unwrap_or(written.len()))
        .unwrap_or_default();
    let fault = Fault::Unsupported(word.to_owned());
    SyntaxError::new(span.start..span.start + word.len(), fault)
}

fn unsupported(source: &str, expression: &Expression<'_>) -> SyntaxError {
    let written = source.get(expression.span.clone()).unwrap_or_default();
    let fault = Fault::Inside(written.to_owned());
    SyntaxError::new(expression.span.clone(), fault)
}
