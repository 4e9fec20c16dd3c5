//! Compile, then swap: a faulty configuration never replaces a running one.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::{config, deployment, front::Front, server::Tls};

/// Reads the files again, beside the requests that go on.
pub(super) fn begin(
    path: PathBuf,
    settings: config::Server,
    front: Arc<Front>,
    tls: Option<Arc<Tls>>,
) {
    tokio::task::spawn_blocking(move || {
        if let Some(tls) = tls {
            reload_tls(&tls);
        }
        reload(&path, &settings, &front);
    });
}

fn reload_tls(tls: &Tls) {
    match tls.reload() {
        Ok(()) => tracing::info!("the TLS certificate was read again"),
        Err(error) => {
            let error: &dyn std::error::Error = &error;
            tracing::error!(error, "the TLS certificate that was served goes on");
        }
    }
}

/// Replaces what is served by what the files say now, if they say it without faults.
fn reload(path: &Path, settings: &config::Server, front: &Front) {
    let (loaded, diagnostics) = deployment::load(path, HashMap::new(), &front.cluster);
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
    if !is_same(&loaded.config.server, settings) {
        tracing::warn!("`server` has changed: that takes effect at the next start");
    }
    front.swap(loaded.deployments);
    tracing::info!("the configuration was read again");
}

/// Whether two `server:` say the same. Where in the file a path stands makes no difference.
fn is_same(now: &config::Server, before: &config::Server) -> bool {
    let paths = |settings: &config::Server| {
        let tls = settings.tls.as_ref();
        tls.map(|tls| (tls.cert.value.clone(), tls.key.value.clone()))
    };
    let rest = |settings: &config::Server| config::Server {
        tls: None,
        ..settings.clone()
    };
    paths(now) == paths(before) && rest(now) == rest(before)
}

#[cfg(test)]
mod tests {
    use std::{fs, time::Duration};

    use rcgen::{CertifiedKey, generate_simple_self_signed};

    use super::*;

    #[test]
    fn only_what_the_settings_say_is_a_change_of_them() {
        let folder = tempfile::tempdir().unwrap();
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        for name in ["c.pem", "d.pem"] {
            fs::write(folder.path().join(name), cert.pem()).unwrap();
        }
        fs::write(folder.path().join("k.pem"), signing_key.serialize_pem()).unwrap();
        let path = folder.path().join("loomgate.yaml");
        let read = |tls: &str| {
            fs::write(&path, format!("server: {{ tls: {tls} }}\napis: {{}}\n")).unwrap();
            let (config, _) = config::load(&path);
            config.expect("the file can be read").server
        };
        let before = read("{ cert: c.pem, key: k.pem }");
        assert!(before.tls.is_some());
        assert!(is_same(&read("{   key: k.pem,   cert: c.pem }"), &before));
        assert!(!is_same(&read("{ cert: d.pem, key: k.pem }"), &before));
        let drain = Duration::from_secs(1);
        assert!(!is_same(
            &config::Server {
                drain,
                ..before.clone()
            },
            &before
        ));
    }
}
