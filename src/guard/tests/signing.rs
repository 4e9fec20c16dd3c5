//! Keys that sign the tokens of these tests.

use std::sync::LazyLock;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, crypto, jwk::Jwk};
use serde_json::{Value, json};

use super::NOW;

pub(in crate::guard) const ISSUER: &str = "https://id.example.com";

/// A private key and what it is called.
pub(in crate::guard) struct Signer {
    id: &'static str,
    key: EncodingKey,
    algorithm: Algorithm,
}

pub(in crate::guard) static ONE: LazyLock<Signer> = LazyLock::new(|| Signer {
    id: "one",
    key: EncodingKey::from_rsa_der(include_bytes!("../../../tests/keys/one.rsa.der")),
    algorithm: Algorithm::RS256,
});

pub(in crate::guard) static TWO: LazyLock<Signer> = LazyLock::new(|| Signer {
    id: "two",
    key: EncodingKey::from_rsa_der(include_bytes!("../../../tests/keys/two.rsa.der")),
    algorithm: Algorithm::RS256,
});

pub(in crate::guard) static EC: LazyLock<Signer> = LazyLock::new(|| Signer {
    id: "three",
    key: EncodingKey::from_ec_der(include_bytes!("../../../tests/keys/three.p256.der")),
    algorithm: Algorithm::ES256,
});

impl Signer {
    pub(in crate::guard) fn jwk(&self) -> Value {
        let jwk = Jwk::from_encoding_key(&self.key, self.algorithm).unwrap();
        let mut jwk = serde_json::to_value(jwk).unwrap();
        jwk["kid"] = json!(self.id);
        jwk["use"] = json!("sig");
        jwk
    }

    /// A token that says this.
    pub(in crate::guard) fn token(&self, claims: &Value) -> String {
        let head = json!({ "typ": "JWT", "alg": format!("{:?}", self.algorithm), "kid": self.id });
        self.token_with(&head, claims)
    }

    /// A token whose head says this, whatever signs it.
    pub(in crate::guard) fn token_with(&self, head: &Value, claims: &Value) -> String {
        let signed = format!("{}.{}", encode(head), encode(claims));
        let signature = crypto::sign(signed.as_bytes(), &self.key, self.algorithm).unwrap();
        format!("{signed}.{signature}")
    }

    /// The public key as those have it who would pass it for a secret.
    pub(in crate::guard) fn public_bytes(&self) -> Vec<u8> {
        self.jwk()["n"].as_str().unwrap().as_bytes().to_vec()
    }
}

pub(in crate::guard) fn key_set(signers: &[&Signer]) -> String {
    let keys: Vec<Value> = signers.iter().map(|it| it.jwk()).collect();
    json!({ "keys": keys }).to_string()
}

pub(in crate::guard) fn encode(part: &Value) -> String {
    URL_SAFE_NO_PAD.encode(part.to_string())
}

/// The claims of somebody who may call, with changes; `null` takes one out.
#[expect(clippy::needless_pass_by_value, reason = "cases are written in place")]
pub(in crate::guard) fn claims(changes: Value) -> Value {
    let mut claims = json!({
        "iss": ISSUER, "aud": "shop", "sub": "ann", "exp": NOW + 600, "iat": NOW, "nbf": NOW,
    });
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => claims.as_object_mut().unwrap().remove(name),
            value => claims
                .as_object_mut()
                .unwrap()
                .insert(name.clone(), value.clone()),
        };
    }
    claims
}

pub(in crate::guard) fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}
