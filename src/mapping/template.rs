//! A mapping that is a template: `.vtl`, or a leaf that says more than text and references.
//!
//! This is where the template language meets AppSync and API Gateway: what `$ctx`, `$context`,
//! `$util`, `$extensions`, `$input` and `$stageVariables` are, and what becomes of what a template
//! prints.
//!
//! See: appsync.md 2.3, 2.4; apigateway.md 4.

mod broken;
mod check;
mod frame;
mod gateway;
mod json_path;
mod names;

use std::{ops::Range, sync::Arc};

use super::{
    Context, MappingError, Rendered, Turn, Yield,
    builtins::Thrown,
    scan::Scan,
    vtl::{self, Absent, Bounds, EvalError, EvalFault, Program, Settings, SyntaxError, Val},
};
use crate::{
    config::{Diagnostics, Severity, Span},
    json::Value,
};

use frame::Frame;
use names::TemplateNames;

/// Whose templates these are: the two services differ in what absent references print, in what
/// `$context` is, and in whether the text must be JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// AppSync's: of GraphQL fields and pipeline functions.
    AppSync,
    /// API Gateway's: of routes.
    ApiGateway,
}

/// What becomes of the text that a template prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Prints {
    /// It must be JSON.
    Json,
    /// It is JSON where it can be read as such, and text where not: the body of a route.
    JsonOrText,
    /// It is text: a leaf of a tree. A template that is one reference gives the value itself.
    Text,
}

/// A template, compiled.
#[derive(Debug)]
pub(crate) struct Template {
    program: Program,
    settings: Settings,
    dialect: Dialect,
    prints: Prints,
    /// What messages call it: the name of its file, or the path of the leaf.
    name: Arc<str>,
}

/// How much a template may do. AppSync allows 1000 turns of a loop.
const BOUNDS: Bounds = Bounds {
    steps: 200_000,
    output: 5 << 20,
    turns: 1000,
    depth: 64,
};

impl Prints {
    /// What the text of a file must be.
    pub(super) fn of_file(dialect: Dialect) -> Self {
        match dialect {
            Dialect::AppSync => Prints::Json,
            Dialect::ApiGateway => Prints::JsonOrText,
        }
    }
}

impl Template {
    /// Compiles a template.
    pub(super) fn compile(
        source: &str,
        name: Arc<str>,
        dialect: Dialect,
        prints: Prints,
    ) -> Result<Self, SyntaxError> {
        let program = vtl::compile(source, &TemplateNames(dialect))?;
        let is_gateway = dialect == Dialect::ApiGateway;
        let settings = Settings {
            absent: match (prints, is_gateway) {
                (Prints::Text, _) => Absent::Error,
                (_, true) => Absent::Nothing,
                (_, false) => Absent::AsWritten,
            },
            lists_as_json: is_gateway,
            set_null: is_gateway,
            null_is_empty: is_gateway,
            bounds: BOUNDS,
        };
        Ok(Template {
            program,
            settings,
            dialect,
            prints,
            name,
        })
    }

    /// The template as it was written.
    pub(super) fn source(&self) -> &str {
        self.program.source()
    }

    /// What messages call it.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Reports names that nothing has.
    pub(super) fn report(&self, at: &dyn Fn(Range<usize>) -> Span, diagnostics: &mut Diagnostics) {
        let severity = match self.prints {
            Prints::Text => Severity::Error,
            Prints::Json | Prints::JsonOrText => Severity::Warning,
        };
        check::report(&self.program, self.dialect, at, severity, diagnostics);
    }

    /// What it reads, and whether it must be run for every parent.
    pub(super) fn scan(&self) -> (Scan, bool) {
        check::scan(&self.program, self.dialect)
    }

    /// Runs the template.
    pub(super) fn run(
        &self,
        cx: &Context<'_>,
        turn: &mut Turn,
    ) -> Result<Yield<'static>, Box<MappingError>> {
        let mut frame = Frame::new(self.dialect, cx, turn);
        let ended = self.evaluate(&mut frame, &mut |_| {});
        frame.keep();
        ended
    }

    /// Runs the template, and hands back its text as well.
    pub(super) fn print(
        &self,
        cx: &Context<'_>,
        turn: &mut Turn,
    ) -> (Option<String>, Result<Yield<'static>, Box<MappingError>>) {
        let mut text = None;
        let mut frame = Frame::new(self.dialect, cx, turn);
        let ended = self.evaluate(&mut frame, &mut |printed| text = Some(printed.to_owned()));
        frame.keep();
        (text, ended)
    }

    fn evaluate(
        &self,
        frame: &mut Frame<'_, '_>,
        see: &mut dyn FnMut(&str),
    ) -> Result<Yield<'static>, Box<MappingError>> {
        if self.prints == Prints::Text
            && let Some(value) = self.program.value(frame, &self.settings)
        {
            let value = value.map_err(|error| self.explain(error))?;
            return Ok(Yield::Value(match value {
                Val::Null => Rendered::Absent,
                value => Rendered::Built(frame.value(&value)),
            }));
        }
        let printed = match self.program.run(frame, &self.settings) {
            Ok(printed) => printed,
            Err(error) => return self.thrown(error),
        };
        see(&printed.text);
        if let Some(value) = printed.returned {
            return Ok(Yield::Return {
                value: frame.value(&value),
                to_end: false,
            });
        }
        let value = match self.prints {
            Prints::Text => Value::from(printed.text),
            Prints::Json => broken::document(printed, self.program.source(), &self.name)?,
            Prints::JsonOrText => match Value::parse(printed.text.clone()) {
                Ok(value) => value,
                Err(_) => Value::from(printed.text),
            },
        };
        Ok(Yield::Value(Rendered::Built(value)))
    }

    fn thrown(&self, error: EvalError<Thrown>) -> Result<Yield<'static>, Box<MappingError>> {
        match error.fault {
            EvalFault::Thrown(Thrown::Return { value, to_end }) => {
                Ok(Yield::Return { value, to_end })
            }
            _ => Err(self.explain(error)),
        }
    }

    /// What `$util.error` said stands as it is; what is the template's fault names its place.
    #[cold]
    fn explain(&self, error: EvalError<Thrown>) -> Box<MappingError> {
        let (line, column) = broken::position(self.program.source(), error.span.start);
        let place = format!("({}, line {line}, column {column})", self.name);
        let mut explained = match error.fault {
            EvalFault::Thrown(Thrown::Error(mut thrown)) => {
                if thrown.is_misuse() {
                    thrown.message = format!("{} {place}", thrown.message);
                }
                thrown
            }
            fault => Box::new(MappingError::template(format!("{fault} {place}"))),
        };
        explained.place = broken::place(line, column);
        explained
    }
}
