//! A [`Deployment`]: one api, compiled, immutable, replaced as a whole.
//!
//! It exists only when its configuration has no faults.

mod compile;
mod key;
mod load;
mod reference;

use std::sync::Arc;

use crate::graphql::Engine;

use compile::compile;
pub(crate) use load::{Loaded, load};

/// One api, compiled.
#[derive(Debug)]
pub(crate) struct Deployment {
    /// The name under `apis:`.
    pub(crate) name: Arc<str>,
    /// Where it is served.
    pub(crate) path: Arc<str>,
    /// What runs its operations.
    pub(crate) engine: Engine,
}

/// All apis of a configuration.
#[derive(Debug, Default)]
pub(crate) struct Deployments {
    apis: Vec<Arc<Deployment>>,
}

impl Deployments {
    /// The api that is served at a path.
    pub(crate) fn at(&self, path: &str) -> Option<&Arc<Deployment>> {
        self.apis
            .iter()
            .find(|deployment| &*deployment.path == path)
    }

    /// All apis, in the order of the configuration.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<Deployment>> {
        self.apis.iter()
    }
}

#[cfg(test)]
mod tests;
