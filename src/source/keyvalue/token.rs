//! `nextToken`: where a page ended, signed, so that a client can hand it back but not make one up.
//!
//! A token is base64url of a format byte, 16 bytes of HMAC-SHA-256 and the key behind which the next
//! page starts. The signature covers the table and the kind of the operation; the key of the signature
//! is made when the store is, so tokens outlive a restart.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use crate::source::keyvalue::{key::Key, refusal::Refusal};

const FORMAT: u8 = 1;
const SIGNATURE: usize = 16;
const BLOCK: usize = 64;

/// Issues and redeems the tokens of one table.
#[derive(Clone)]
pub(crate) struct Tokens {
    secret: [u8; 32],
    table: String,
}

// === impl Tokens ===

impl Tokens {
    pub(crate) fn new(secret: [u8; 32], table: String) -> Self {
        Tokens { secret, table }
    }

    /// The token for a page that ended with this key. `purpose` names the operation.
    pub(crate) fn issue(&self, purpose: &str, last: &[u8]) -> String {
        let mut bytes = Vec::with_capacity(1 + SIGNATURE + last.len());
        bytes.push(FORMAT);
        bytes.extend_from_slice(&self.sign(purpose, last));
        bytes.extend_from_slice(last);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The key inside a token that [`Tokens::issue`] made for this purpose.
    pub(crate) fn redeem(&self, purpose: &str, token: &str) -> Result<Key, Refusal> {
        let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| Refusal::Token)?;
        let Some((&FORMAT, rest)) = bytes.split_first() else {
            return Err(Refusal::Token);
        };
        let Some((signature, last)) = rest.split_first_chunk::<SIGNATURE>() else {
            return Err(Refusal::Token);
        };
        if !equal(signature, &self.sign(purpose, last)) {
            return Err(Refusal::Token);
        }
        Ok(last.to_vec())
    }

    /// HMAC-SHA-256, cut to 128 bits. See: RFC 2104.
    fn sign(&self, purpose: &str, last: &[u8]) -> [u8; SIGNATURE] {
        let mut pad = [0u8; BLOCK];
        pad[..self.secret.len()].copy_from_slice(&self.secret);
        let mut inner = Sha256::new();
        inner.update(pad.map(|byte| byte ^ 0x36));
        for part in [purpose.as_bytes(), self.table.as_bytes(), last] {
            inner.update((part.len() as u64).to_le_bytes());
            inner.update(part);
        }
        let mut outer = Sha256::new();
        outer.update(pad.map(|byte| byte ^ 0x5C));
        outer.update(inner.finalize());
        let digest: [u8; 32] = outer.finalize().into();
        let mut signature = [0; SIGNATURE];
        signature.copy_from_slice(&digest[..SIGNATURE]);
        signature
    }
}

/// Compares without telling by its time where the difference is.
fn equal(left: &[u8; SIGNATURE], right: &[u8; SIGNATURE]) -> bool {
    let difference = left
        .iter()
        .zip(right)
        .fold(0u8, |seen, (left, right)| seen | (left ^ right));
    std::hint::black_box(difference) == 0
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tokens")
            .field("table", &self.table)
            .finish()
    }
}
