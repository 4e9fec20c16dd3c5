//! A mapping that is a module: `request(ctx)` and `response(ctx)` of APPSYNC_JS.
//!
//! `source` reads what the team wrote: types are stripped, local imports are followed, what
//! APPSYNC_JS forbids is reported, and everything that a module keeps is frozen. `call` runs one of
//! its functions through [`script`](crate::script).
//!
//! See: appsync.md 2.5.

mod call;
mod source;

use std::{sync::Arc, time::Duration};

pub(super) use call::Pending;

use crate::{
    config::{Diagnostic, Diagnostics, read_source, resolver::CodeFile},
    script::{Bounds, ModuleText, Program},
};

/// How much a function may use.
const BOUNDS: Bounds = Bounds {
    turn: Duration::from_millis(5),
    cpu: Duration::from_secs(1),
    memory: 32 << 20,
    stack: 256 << 10,
};

/// Which function of a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    /// `request`
    Request,
    /// `response`
    Response,
}

/// A module, compiled.
#[derive(Debug)]
pub(crate) struct Module {
    pub(super) program: Arc<Program>,
    /// What `request` and `response` read; `None`: there is no such function.
    pub(super) request: Option<Uses>,
    pub(super) response: Option<Uses>,
    /// Where positions of the running code stand in what the team wrote.
    pub(super) places: source::Places,
    /// What messages call it: the name of its file.
    name: Box<str>,
}

/// What a function reads of the context, as far as the source says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Uses {
    /// Paths after `ctx`, such as `["args", "id"]`. `None`: the whole context may be read.
    pub(crate) paths: Option<Vec<Vec<Box<str>>>>,
    /// Whether it may keep or cause something in its turn, or give something else each time: then
    /// it is run for every parent.
    pub(crate) own_turn: bool,
}

// === impl Module ===

impl Module {
    /// Compiles a module and what it imports; faults go to `diagnostics`, each at its place.
    pub(super) fn compile(file: &CodeFile, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut library = source::Library {
            root: &file.root,
            read: &mut |path, named, diagnostics| read_source(path, named, diagnostics),
            exports: &call::exports,
        };
        let prepared = source::prepare(&file.path, Some(file.named), &mut library, diagnostics)?;
        let entry = prepared.modules.first()?.name.clone();
        let door = ModuleText {
            name: call::DOOR.to_owned(),
            code: call::door(
                &entry,
                prepared.request.is_some(),
                prepared.response.is_some(),
            ),
        };
        let modules: Vec<ModuleText> = std::iter::once(door).chain(prepared.modules).collect();
        let program = match Program::compile(&modules, call::platform(), BOUNDS) {
            Ok(program) => program,
            Err(error) => {
                let message = match &error.place {
                    Some((module, line, column)) => format!("{error} ({module}:{line}:{column})"),
                    None => error.to_string(),
                };
                diagnostics.push(Diagnostic::error(Some(file.named), message));
                return None;
            }
        };
        let name = file.path.file_name().unwrap_or_default().to_string_lossy();
        Some(Module {
            program,
            request: prepared.request,
            response: prepared.response,
            places: prepared.places,
            name: name.into(),
        })
    }

    /// What a function reads; `None`: there is no such function.
    pub(super) fn uses(&self, function: Function) -> Option<&Uses> {
        match function {
            Function::Request => self.request.as_ref(),
            Function::Response => self.response.as_ref(),
        }
    }

    /// What messages call it.
    pub(super) fn name(&self) -> &str {
        &self.name
    }
}
