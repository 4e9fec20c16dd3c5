//! TLS: a certificate and its key, read at the start and again on SIGHUP.
//!
//! A pair that is no good never replaces one that is.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use arc_swap::ArcSwap;
use rustls::{
    InconsistentKeys, ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{
        CertificateDer, PrivateKeyDer,
        pem::{self, PemObject},
    },
};
use tokio_rustls::TlsAcceptor;

use crate::config;

/// The protocols that we speak, the preferred one first.
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// What a listener needs to speak TLS.
#[derive(Debug)]
pub(crate) struct Tls {
    certificate: PathBuf,
    key: PathBuf,
    current: ArcSwap<ServerConfig>,
}

/// Why a certificate and its key cannot be used. No message repeats the key.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TlsError {
    /// The file cannot be read.
    #[error("cannot read `{}`, which `server.tls` names", .path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file is no PEM, or damaged.
    #[error("`{}` is no PEM file: {why}", .path.display())]
    Pem {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        why: &'static str,
    },
    /// There is no certificate in it.
    #[error("`{}` holds no certificate: `server.tls.cert` is a PEM file with `-----BEGIN CERTIFICATE-----`", .0.display())]
    NoCertificate(PathBuf),
    /// There is no key in it.
    #[error("`{}` holds no private key that can be read: `server.tls.key` is a PEM file with `-----BEGIN PRIVATE KEY-----`, without a passphrase", .0.display())]
    NoKey(PathBuf),
    /// They are not a pair.
    #[error("the key in `{}` does not fit the certificate in `{}`", .key.display(), .certificate.display())]
    Mismatch {
        /// The file of the certificate.
        certificate: PathBuf,
        /// The file of the key.
        key: PathBuf,
    },
    /// The key or the certificate is of a kind that we cannot use.
    #[error("`{}` and `{}` cannot be used for TLS", .certificate.display(), .key.display())]
    Unusable {
        /// The file of the certificate.
        certificate: PathBuf,
        /// The file of the key.
        key: PathBuf,
        /// What is wrong with them.
        source: rustls::Error,
    },
}

// === impl Tls ===

impl Tls {
    /// Reads what `server.tls` names.
    pub(crate) fn load(settings: &config::server::Tls) -> Result<Self, TlsError> {
        let (certificate, key) = (&settings.cert.value, &settings.key.value);
        let current = read(certificate, key)?;
        Ok(Tls {
            certificate: certificate.clone(),
            key: key.clone(),
            current: ArcSwap::from_pointee(current),
        })
    }

    /// Reads the files again. Connections that are open go on as they are.
    pub(super) fn reload(&self) -> Result<(), TlsError> {
        let current = read(&self.certificate, &self.key)?;
        self.current.store(Arc::new(current));
        Ok(())
    }

    /// Takes the next handshake.
    pub(super) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(self.current.load_full())
    }
}

fn read(certificate: &Path, key: &Path) -> Result<ServerConfig, TlsError> {
    let chain = read_chain(certificate)?;
    let private = read_key(key)?;
    let unusable = |source| TlsError::Unusable {
        certificate: certificate.to_owned(),
        key: key.to_owned(),
        source,
    };
    let provider = Arc::new(aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(unusable)?
        .with_no_client_auth()
        .with_single_cert(chain, private)
        .map_err(|error| match error {
            rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => TlsError::Mismatch {
                certificate: certificate.to_owned(),
                key: key.to_owned(),
            },
            other => unusable(other),
        })?;
    config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).to_vec();
    Ok(config)
}

fn read_chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&read_file(path)?).collect();
    let chain = chain.map_err(|error| damaged(path, &error))?;
    match chain.is_empty() {
        true => Err(TlsError::NoCertificate(path.to_owned())),
        false => Ok(chain),
    }
}

fn read_key(path: &Path) -> Result<PrivateKeyDer<'static>, TlsError> {
    PrivateKeyDer::from_pem_slice(&read_file(path)?).map_err(|error| match error {
        pem::Error::NoItemsFound => TlsError::NoKey(path.to_owned()),
        error => damaged(path, &error),
    })
}

fn read_file(path: &Path) -> Result<Vec<u8>, TlsError> {
    fs::read(path).map_err(|source| TlsError::Read {
        path: path.to_owned(),
        source,
    })
}

/// The library's own messages repeat lines of the file, which may be a key's.
fn damaged(path: &Path, error: &pem::Error) -> TlsError {
    let why = match error {
        pem::Error::MissingSectionEnd { .. } => "a section has no `-----END …-----`",
        pem::Error::IllegalSectionStart { .. } => {
            "a section does not begin with `-----BEGIN …-----`"
        }
        pem::Error::Base64Decode(_) => "a section is not Base64",
        _ => "it cannot be read",
    };
    TlsError::Pem {
        path: path.to_owned(),
        why,
    }
}

#[cfg(test)]
pub(super) mod tests;
