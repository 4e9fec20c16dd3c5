//! From what the team wrote to what is compiled.
//!
//! [`follow`] reads a module and the files it imports. [`inspect`] looks at one of them by itself:
//! types are blanked out, so that lines and columns stay; what APPSYNC_JS refuses is a warning;
//! what would be kept from one request to the next is an error. [`entry`] finds `request` and
//! `response` and what they use.
//!
//! What is compiled is the text as it was written, but for types, the names of imported files and
//! a few words that freeze whatever a module keeps.

mod captures;
mod chain;
mod draft;
mod entry;
mod exported;
mod faults;
mod follow;
mod freeze;
mod globals;
mod inspect;
mod kept;
mod mentioned;
mod methods;
mod parsed;
mod passing;
mod refused;
mod types;
mod uses;

#[cfg(test)]
mod tests;

use std::{path::Path, sync::Arc};

use super::Uses;
use crate::{
    config::{Diagnostics, Span, diagnostic::FileId},
    script::ModuleText,
};

pub(super) use draft::Places;

/// What is compiled: plain JavaScript, the entry first.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) modules: Vec<ModuleText>,
    pub(super) request: Option<Uses>,
    pub(super) response: Option<Uses>,
    pub(super) places: Places,
}

/// Where modules come from.
pub(super) struct Library<'l> {
    /// The folder of the configuration: nothing outside it is read.
    pub(super) root: &'l Path,
    /// Reads a file and registers it for excerpts. With a place, a fault is said there; without
    /// one nothing is said when the file is not there.
    pub(super) read: &'l mut ReadFile<'l>,
    /// The names in a module of the platform (`@aws-appsync/utils`) or in a namespace of it
    /// (`util`, `util.time`, `extensions`, `runtime`). `None`: not known, so any is taken.
    pub(super) exports: &'l dyn Fn(&str) -> Option<Vec<String>>,
}

/// Reads a file: see [`Library::read`].
pub(super) type ReadFile<'l> =
    dyn FnMut(&Path, Option<Span>, &mut Diagnostics) -> Option<(FileId, Arc<str>)> + 'l;

/// The modules that a module may import beside files.
pub(super) const PLATFORM: [&str; 5] = [
    "@aws-appsync/utils",
    "@aws-appsync/utils/ai",
    "@aws-appsync/utils/dynamodb",
    "@aws-appsync/utils/http",
    "@aws-appsync/utils/rds",
];

/// Reads and prepares a module and what it imports; faults go to `diagnostics`, each at its place.
/// `None`: there were errors.
pub(super) fn prepare(
    path: &Path,
    named: Option<Span>,
    library: &mut Library<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Prepared> {
    let program = follow::follow(path, named, library, diagnostics)?;
    let entry = entry::find(&program, diagnostics);
    if !program.is_sound {
        return None;
    }
    let entry = entry?;
    let mut places = Places::default();
    let mut modules = Vec::with_capacity(program.files.len());
    for file in program.files {
        let (code, map) = file.inspected.draft.finish();
        places.add(&file.name, file.path, file.text, code.as_str(), map);
        modules.push(ModuleText {
            name: file.name,
            code,
        });
    }
    Some(Prepared {
        modules,
        request: entry.request,
        response: entry.response,
        places,
    })
}
