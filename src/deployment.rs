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

/// No api was named of several, or one that is not there.
#[derive(Debug, thiserror::Error)]
#[error("name one of the apis: {0}")]
pub(crate) struct UnknownApi(String);

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

    /// The api of a name; without a name the only one.
    pub(crate) fn named(&self, name: Option<&str>) -> Result<&Arc<Deployment>, UnknownApi> {
        let found = match (name, self.apis.as_slice()) {
            (None, [only]) => Some(only),
            (None, _) => None,
            (Some(name), apis) => apis.iter().find(|deployment| *deployment.name == *name),
        };
        found.ok_or_else(|| {
            let names: Vec<&str> = self
                .apis
                .iter()
                .map(|deployment| &*deployment.name)
                .collect();
            UnknownApi(names.join(", "))
        })
    }

    /// All apis, in the order of the configuration.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<Deployment>> {
        self.apis.iter()
    }
}

#[cfg(test)]
mod tests;
