//! What AppSync gives to templates and modules: `$util`, `util`, `$extensions`, and the modules
//! under `@aws-appsync/utils`. One implementation serves both languages.
//!
//! A namespace is a table of functions, and one file. Functions take and give JSON values; those
//! that hand on the very object they were given (`$util.defaultIfNull`) exist for templates alone.
//!
//! See: appsync.md 3 (utility functions).

mod argument;
mod catalog;
mod core;
mod dynamodb;
mod dynamodb_requests;
mod extensions;
mod http;
mod list;
mod map;
mod math;
mod rds;
mod str;
mod time;
mod transform;
mod xml;

#[cfg(test)]
mod tests;

use std::ops::RangeInclusive;

use super::{
    turn::{MappingError, Turn},
    vtl::Val,
};
use crate::json::Value;

#[cfg(test)]
use catalog::namespace;
pub(crate) use catalog::{Language, Root, function, function_id, functions, known, namespace_id};

use argument::Arguments;
use catalog::path;

/// A named collection of functions.
#[derive(Debug)]
pub(crate) struct Namespace {
    /// As a template says it, such as `util.time`.
    pub(crate) name: &'static str,
    /// What can be called.
    pub(crate) functions: &'static [Builtin],
    /// The namespaces in it, by the last part of their names.
    pub(crate) namespaces: &'static [&'static Namespace],
}

/// A function.
#[derive(Debug)]
pub(crate) struct Builtin {
    pub(crate) name: &'static str,
    /// How many arguments it takes.
    pub(crate) arity: RangeInclusive<usize>,
    pub(crate) languages: Languages,
    pub(crate) run: Run,
    /// Whether it gives something else each time, or does something beside giving a value: such a
    /// call is made for every parent.
    pub(crate) varies: bool,
}

/// Who has a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Languages {
    Both,
    Vtl,
    Js,
}

/// What a function does.
#[derive(Clone, Copy)]
pub(crate) enum Run {
    /// From values to a value.
    Values(fn(&mut Services<'_>, &[Value]) -> Result<Value, Thrown>),
    /// With the very objects of a template; for [`Languages::Vtl`] alone.
    Objects(fn(&mut Services<'_>, &[Val]) -> Result<Val, Thrown>),
}

/// What functions can reach.
#[derive(Debug)]
pub(crate) struct Services<'t> {
    /// The turn at hand.
    pub(crate) turn: &'t mut Turn,
    /// What `authType()` says.
    pub(crate) auth_type: &'static str,
    /// Where the call stands, for log lines: line and column from 1.
    pub(crate) place: Option<(u32, u32)>,
}

/// How a function ends a mapping.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Thrown {
    /// `$util.error`, or a function that was called wrongly.
    Error(Box<MappingError>),
    /// `runtime.earlyReturn`
    Return {
        /// What it was given; null for nothing.
        value: Value,
        /// `skipTo: 'END'`: the rest of the pipeline is skipped.
        to_end: bool,
    },
}

/// `$util`, `util`
pub(crate) static UTIL: Namespace = Namespace {
    name: "util",
    functions: core::FUNCTIONS,
    namespaces: &[
        &core::LOG,
        &dynamodb::DYNAMODB,
        &http::HTTP,
        &list::LIST,
        &map::MAP,
        &math::MATH,
        &rds::RDS,
        &str::STR,
        &time::TIME,
        &transform::TRANSFORM,
        &xml::XML,
    ],
};

/// `$extensions`, `extensions`
pub(crate) static EXTENSIONS: Namespace = extensions::EXTENSIONS;

/// `runtime`, of modules alone.
pub(crate) static RUNTIME: Namespace = core::RUNTIME;

/// `@aws-appsync/utils/dynamodb`
pub(crate) static DYNAMODB_REQUESTS: Namespace = dynamodb_requests::DYNAMODB_REQUESTS;

/// `@aws-appsync/utils/http`: one function for each method.
pub(crate) static HTTP_REQUESTS: Namespace = http::HTTP_REQUESTS;

/// `$util` of API Gateway.
///
/// See: apigateway.md 4.4.
pub(crate) static GATEWAY_UTIL: Namespace = core::GATEWAY_UTIL;

/// The longest text that a function gives, in bytes. [`Builtin::call`] and
/// [`Builtin::call_objects`] refuse a longer one; a function whose text could be much longer than
/// what it was given checks before it builds it.
pub(crate) const MAX_TEXT: usize = 16 * 1024 * 1024;

// === impl Builtin ===

impl Builtin {
    /// A function from values to a value, for both languages.
    const fn values(
        name: &'static str,
        arity: RangeInclusive<usize>,
        run: fn(&mut Services<'_>, &[Value]) -> Result<Value, Thrown>,
    ) -> Self {
        Builtin {
            name,
            arity,
            languages: Languages::Both,
            run: Run::Values(run),
            varies: false,
        }
    }

    /// A function that needs the very objects of a template.
    const fn objects(
        name: &'static str,
        arity: RangeInclusive<usize>,
        run: fn(&mut Services<'_>, &[Val]) -> Result<Val, Thrown>,
    ) -> Self {
        Builtin {
            name,
            arity,
            languages: Languages::Vtl,
            run: Run::Objects(run),
            varies: false,
        }
    }

    /// The same, for one language alone.
    const fn only(mut self, languages: Languages) -> Self {
        self.languages = languages;
        self
    }

    /// The same, as a function that gives something else each time or does something.
    const fn varying(mut self) -> Self {
        self.varies = true;
        self
    }

    /// Calls the function with values. What is missing at the end counts as null.
    pub(crate) fn call(
        &self,
        services: &mut Services<'_>,
        arguments: &[Value],
    ) -> Result<Value, Thrown> {
        self.check_arity(arguments.len())?;
        let value = match self.run {
            Run::Values(run) => run(services, arguments)?,
            Run::Objects(run) => {
                let objects: Vec<_> = arguments.iter().cloned().map(Val::from).collect();
                run(services, &objects)?.to_value()
            }
        };
        if let Value::String(text) = &value {
            self.check_length(text)?;
        }
        Ok(value)
    }

    /// Calls the function with the objects of a template.
    pub(crate) fn call_objects(
        &self,
        services: &mut Services<'_>,
        arguments: &[Val],
    ) -> Result<Val, Thrown> {
        let Run::Objects(run) = self.run else {
            // The same list may stand in many places of a value, and stands in each of them as JSON.
            if arguments
                .iter()
                .any(|value| value.weight(MAX_TEXT).is_none())
            {
                let path = path(self);
                return Err(Thrown::wrong(format!(
                    "{path}: an argument is larger than 16 MiB"
                )));
            }
            let values: Vec<_> = arguments.iter().map(Val::to_value).collect();
            return self.call(services, &values).map(Val::from);
        };
        self.check_arity(arguments.len())?;
        let value = run(services, arguments)?;
        if let Val::Text(text) = &value {
            self.check_length(text)?;
        }
        Ok(value)
    }

    fn check_arity(&self, given: usize) -> Result<(), Thrown> {
        if self.arity.contains(&given) {
            return Ok(());
        }
        let (least, most) = (*self.arity.start(), *self.arity.end());
        let takes = match (least, most) {
            (0, 0) => "no arguments".to_owned(),
            (1, 1) => "1 argument".to_owned(),
            (_, usize::MAX) => format!("{least} or more arguments"),
            _ if least == most => format!("{most} arguments"),
            _ if least + 1 == most => format!("{least} or {most} arguments"),
            _ => format!("{least} to {most} arguments"),
        };
        let path = path(self);
        Err(Thrown::wrong(format!("{path} takes {takes}, not {given}")))
    }

    fn check_length(&self, text: &str) -> Result<(), Thrown> {
        if text.len() <= MAX_TEXT {
            return Ok(());
        }
        let path = path(self);
        Err(Thrown::wrong(format!(
            "{path} gives a text that is longer than 16 MiB"
        )))
    }
}

// === impl Thrown ===

impl Thrown {
    /// A function was called wrongly.
    pub(crate) fn wrong(message: impl Into<String>) -> Self {
        Thrown::Error(Box::new(MappingError::code(message)))
    }
}

impl std::fmt::Debug for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Run::Values(_) => "Values",
            Run::Objects(_) => "Objects",
        })
    }
}
