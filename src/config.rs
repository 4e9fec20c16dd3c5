//! What the team wrote, typed, with positions. Nothing is compiled here.
//!
//! `loomgate.yaml` and the files it names are read once, all faults are collected as
//! [`Diagnostics`], and what comes out is data: [`Config`]. No runtime types live here.

mod load;

pub mod access;
pub mod api;
pub mod resolver;
pub mod route;
mod secret;
pub mod server;
pub mod source;
pub mod websocket;

mod fields;
mod folder;
mod glob;
mod nearest;
mod unit;

pub mod diagnostic;
pub mod yaml;

#[cfg(test)]
mod tests;

use std::path::PathBuf;

use indexmap::IndexMap;

pub use api::{Api, ApiKind, GraphqlApi};
pub use diagnostic::{Diagnostic, Diagnostics, Files, Position, Severity, Span, Spanned};
pub use load::load;
pub(crate) use load::read_source;
pub use nearest::{did_you_mean, nearest};
pub use resolver::{ResolverFile, StepFile};
pub use secret::Secret;
pub use server::Server;
pub use source::Source;

/// Everything that `loomgate.yaml` and its files say.
#[derive(Debug)]
pub struct Config {
    /// The folder of `loomgate.yaml`; paths are relative to it.
    pub directory: PathBuf,
    /// `server:`
    pub server: Server,
    /// `sources:` by name.
    pub sources: IndexMap<String, Source>,
    /// `auth:` by name.
    pub auth: IndexMap<String, access::Provider>,
    /// `usage_plans:` by name.
    pub usage_plans: IndexMap<String, access::UsagePlan>,
    /// `api_keys:`
    pub api_keys: Vec<access::ApiKey>,
    /// `apis:` by name.
    pub apis: IndexMap<String, Api>,
}
