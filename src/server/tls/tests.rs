use std::error::Error;

use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};
use tempfile::TempDir;

use super::*;
use crate::config::{Span, Spanned, diagnostic::FileId, server};

/// A certificate for `localhost` and its key, in files of their own.
pub(in crate::server) struct Pair {
    folder: TempDir,
    pub(in crate::server) certificate: CertificateDer<'static>,
}

impl Pair {
    pub(in crate::server) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let certificate = issue(folder.path());
        Pair {
            folder,
            certificate,
        }
    }

    /// Replaces both files by those of another pair.
    pub(in crate::server) fn renew(&mut self) {
        self.certificate = issue(self.folder.path());
    }

    pub(in crate::server) fn write(&self, name: &str, text: &str) {
        fs::write(self.folder.path().join(name), text).unwrap();
    }

    pub(in crate::server) fn load(&self) -> Result<Tls, TlsError> {
        let nowhere = Span::new(FileId(0), 0..0);
        Tls::load(&server::Tls {
            cert: Spanned::new(self.folder.path().join("cert.pem"), nowhere),
            key: Spanned::new(self.folder.path().join("key.pem"), nowhere),
        })
    }

    /// What is wrong with the pair, without the folder's name.
    fn fault(&self) -> String {
        let error = self.load().expect_err("the pair is no good");
        let error = error.to_string();
        error.replace(&format!("{}/", self.folder.path().display()), "")
    }
}

fn issue(folder: &Path) -> CertificateDer<'static> {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    fs::write(folder.join("cert.pem"), cert.pem()).unwrap();
    fs::write(folder.join("key.pem"), signing_key.serialize_pem()).unwrap();
    cert.der().clone()
}

fn key() -> String {
    KeyPair::generate().unwrap().serialize_pem()
}

#[test]
fn a_pair_is_read() {
    assert!(Pair::new().load().is_ok());
}

#[test]
fn a_missing_file_is_named_with_its_reason() {
    let pair = Pair::new();
    fs::remove_file(pair.folder.path().join("key.pem")).unwrap();
    let error = pair.load().expect_err("the key is missing");
    assert!(error.to_string().contains("key.pem"), "{error}");
    let cause = error.source().map(ToString::to_string);
    assert!(cause.is_some_and(|cause| cause.contains("No such file")));
}

#[test]
fn what_is_no_pem_is_named() {
    let pair = Pair::new();
    pair.write("cert.pem", "certificate");
    assert!(
        pair.fault().starts_with("`cert.pem` holds no certificate"),
        "{}",
        pair.fault()
    );
    pair.write("cert.pem", "-----BEGIN CERTIFICATE-----\n!\n");
    assert_eq!(
        pair.fault(),
        "`cert.pem` is no PEM file: a section has no `-----END …-----`"
    );
    pair.write(
        "cert.pem",
        "-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n",
    );
    assert_eq!(
        pair.fault(),
        "`cert.pem` is no PEM file: a section is not Base64"
    );
}

#[test]
fn files_that_hold_the_wrong_thing_are_named() {
    let pair = Pair::new();
    let certificate = fs::read_to_string(pair.folder.path().join("cert.pem")).unwrap();
    pair.write("key.pem", &certificate);
    assert!(
        pair.fault().starts_with("`key.pem` holds no private key"),
        "{}",
        pair.fault()
    );
    pair.write("key.pem", &key());
    assert_eq!(
        pair.fault(),
        "the key in `key.pem` does not fit the certificate in `cert.pem`"
    );
    pair.write(
        "cert.pem",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    );
    assert_eq!(
        pair.fault(),
        "`cert.pem` and `key.pem` cannot be used for TLS"
    );
}

#[test]
fn no_message_repeats_the_key() {
    let pair = Pair::new();
    let secret = key();
    let cut = secret.replace("-----END PRIVATE KEY-----", "");
    let line = secret.lines().nth(1).expect("a key has several lines");
    for broken in [cut.as_str(), &secret.replace("KEY-----", "KEY--")] {
        pair.write("key.pem", broken);
        let error = pair.load().expect_err("the key is broken");
        let cause = error.source().map(ToString::to_string);
        assert!(!format!("{error} {cause:?} {error:?}").contains(line));
    }
}

#[test]
fn a_bad_pair_does_not_replace_a_good_one() {
    let mut pair = Pair::new();
    let tls = pair.load().unwrap();
    let before = tls.current.load_full();
    pair.write("key.pem", &key());
    assert!(tls.reload().is_err());
    assert!(Arc::ptr_eq(&before, &tls.current.load_full()));
    pair.renew();
    assert!(tls.reload().is_ok());
    assert!(!Arc::ptr_eq(&before, &tls.current.load_full()));
}
