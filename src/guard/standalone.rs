//! A guard by itself, for measuring it from outside.

use super::{Guard, Providers, Rule};
use crate::{
    cluster::Cluster,
    config::{Config, Diagnostics},
    request::{Call, Request},
};

/// The guard of one api, without a front before it or an api behind it.
#[derive(Debug)]
pub struct Standalone {
    guard: Guard,
    rule: Rule,
}

impl Standalone {
    /// The guard of the first api of a configuration.
    ///
    /// # Errors
    ///
    /// What is wrong with the configuration; nothing, when it has no api.
    pub fn build(config: &Config) -> Result<Self, Diagnostics> {
        let mut diagnostics = Diagnostics::default();
        let cluster = Cluster::alone();
        let providers = Providers::build(config, &cluster, &mut diagnostics);
        let Some(api) = config.apis.values().next() else {
            return Err(diagnostics);
        };
        let (guard, rule) = Guard::build(api, &providers, &cluster, &mut diagnostics);
        match diagnostics.has_errors() {
            true => Err(diagnostics),
            false => Ok(Standalone { guard, rule }),
        }
    }

    /// Lets a request pass, or says why not.
    ///
    /// # Errors
    ///
    /// Why the request does not pass.
    pub async fn admit(&self, request: Request) -> Result<Call, String> {
        let admitted = self.guard.admit(request, &self.rule).await;
        admitted.map_err(|refusal| refusal.to_string())
    }
}
