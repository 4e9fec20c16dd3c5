//! Compile, then swap: a faulty configuration never replaces a running one.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::{config, deployment, front::Front};

/// Reads the files again, beside the requests that go on.
pub(super) fn begin(path: PathBuf, settings: config::Server, front: Arc<Front>) {
    tokio::task::spawn_blocking(move || reload(&path, &settings, &front));
}

/// Replaces what is served by what the files say now, if they say it without faults.
fn reload(path: &Path, settings: &config::Server, front: &Front) {
    let (loaded, diagnostics) = deployment::load(path, HashMap::new());
    if !diagnostics.is_empty() {
        tracing::warn!("{}", diagnostics.render(false));
    }
    let Some(loaded) = loaded else {
        tracing::error!("the configuration has faults: what was served goes on");
        return;
    };
    if let Err(error) = loaded.sources.open(&settings.data) {
        tracing::error!(%error, "a source cannot be opened: what was served goes on");
        return;
    }
    if loaded.config.server != *settings {
        tracing::warn!("`server` has changed: that takes effect at the next start");
    }
    front.swap(loaded.deployments);
    tracing::info!("the configuration was read again");
}
