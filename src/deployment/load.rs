//! From a path to what may be served.

use std::{collections::HashMap, path::Path, sync::Arc};

use crate::{
    cluster::Cluster,
    config::{self, Config, Diagnostics},
    deployment::{Deployments, compile},
    source::{Source, Sources},
};

/// A configuration that may be served.
#[derive(Debug)]
pub(crate) struct Loaded {
    /// What was written.
    pub(crate) config: Config,
    /// Where its data lives.
    pub(crate) sources: Sources,
    /// What is served.
    pub(crate) deployments: Deployments,
}

/// Reads and compiles a configuration; all faults are in the diagnostics. `replaced` stands in
/// for sources of the same name; `cluster` is what outlives the configuration.
pub(crate) fn load(
    path: &Path,
    replaced: HashMap<String, Arc<dyn Source>>,
    cluster: &Arc<Cluster>,
) -> (Option<Loaded>, Diagnostics) {
    let (config, mut diagnostics) = config::load(path);
    let Some(config) = config else {
        return (None, diagnostics);
    };
    let mut sources = Sources::build(&config, &mut diagnostics);
    for (name, source) in replaced {
        sources.replace(name, source);
    }
    let deployments = compile(&config, &sources, cluster, &mut diagnostics);
    diagnostics.sort();
    let loaded = deployments.map(|deployments| Loaded {
        config,
        sources,
        deployments,
    });
    (loaded, diagnostics)
}
