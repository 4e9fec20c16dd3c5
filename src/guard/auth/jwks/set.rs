//! A JSON Web Key Set, as far as it is of use.
//!
//! Keys that cannot be read, or are for something else, are left out: an issuer may publish more
//! than we know. Symmetric keys are never taken.
//!
//! See: RFC 7517 (JWK), RFC 7518 §6 (parameters).

use jsonwebtoken::{
    Algorithm, DecodingKey,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyOperations, PublicKeyUse},
};
use serde::Deserialize;

/// The signing keys of an issuer.
#[derive(Debug)]
pub(in crate::guard::auth) struct KeySet {
    /// Tells one set of an issuer from the next one.
    pub(in crate::guard::auth) generation: u64,
    keys: Vec<SigningKey>,
}

#[derive(Debug)]
struct SigningKey {
    id: Option<Box<str>>,
    /// Those that go with its type, and with what it says about itself.
    algorithms: Vec<Algorithm>,
    key: DecodingKey,
}

/// The text is no key set, or there is no key in it that could be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(in crate::guard::auth) enum NoKeys {
    /// It is something else.
    #[error("this is no JSON Web Key Set")]
    Unreadable,
    /// It is one, without a public signing key.
    #[error("there is no public signing key in this JSON Web Key Set")]
    Empty,
}

/// The keys are read one by one, so that one of them does not spoil the others.
#[derive(Deserialize)]
struct Written {
    keys: Vec<serde_json::Value>,
}

// === impl KeySet ===

impl KeySet {
    pub(super) fn parse(text: &[u8], generation: u64) -> Result<Self, NoKeys> {
        let written: Written = serde_json::from_slice(text).map_err(|_| NoKeys::Unreadable)?;
        let jwks = written.keys.into_iter();
        let jwks = jwks.filter_map(|it| serde_json::from_value::<Jwk>(it).ok());
        let keys: Vec<SigningKey> = jwks.filter_map(|jwk| SigningKey::read(&jwk)).collect();
        if keys.is_empty() {
            return Err(NoKeys::Empty);
        }
        Ok(KeySet { generation, keys })
    }

    /// The key of this name for this algorithm. Without a name it must be the only one.
    pub(in crate::guard::auth) fn find(
        &self,
        id: Option<&str>,
        algorithm: Algorithm,
    ) -> Option<&DecodingKey> {
        let fits = |key: &&SigningKey| {
            let is_named = id.is_none_or(|id| key.id.as_deref() == Some(id));
            is_named && key.algorithms.contains(&algorithm)
        };
        let mut fitting = self.keys.iter().filter(fits);
        let first = fitting.next()?;
        let is_only = fitting.next().is_none();
        (id.is_some() || is_only).then_some(&first.key)
    }
}

// === impl SigningKey ===

impl SigningKey {
    fn read(jwk: &Jwk) -> Option<Self> {
        let common = &jwk.common;
        let is_for_signing = common
            .public_key_use
            .as_ref()
            .is_none_or(|it| *it == PublicKeyUse::Signature);
        let may_verify = common
            .key_operations
            .as_ref()
            .is_none_or(|it| it.contains(&KeyOperations::Verify));
        if !is_for_signing || !may_verify {
            return None;
        }
        let mut algorithms = of_type(&jwk.algorithm)?.to_vec();
        if let Some(algorithm) = common.key_algorithm {
            let only = Algorithm::try_from(algorithm).ok()?;
            algorithms.retain(|it| *it == only);
        }
        Some(SigningKey {
            id: common.key_id.as_deref().map(Box::from),
            algorithms,
            key: DecodingKey::from_jwk(jwk).ok()?,
        })
    }
}

/// What a key can do by its type and curve.
fn of_type(parameters: &AlgorithmParameters) -> Option<&'static [Algorithm]> {
    match parameters {
        AlgorithmParameters::RSA(_) => Some(&[
            Algorithm::RS256,
            Algorithm::RS384,
            Algorithm::RS512,
            Algorithm::PS256,
            Algorithm::PS384,
            Algorithm::PS512,
        ]),
        AlgorithmParameters::EllipticCurve(key) => match key.curve {
            EllipticCurve::P256 => Some(&[Algorithm::ES256]),
            EllipticCurve::P384 => Some(&[Algorithm::ES384]),
            _ => None,
        },
        AlgorithmParameters::OctetKeyPair(key) => {
            (key.curve == EllipticCurve::Ed25519).then_some(&[Algorithm::EdDSA])
        }
        // Symmetric keys, and types that are not known.
        _ => None,
    }
}
