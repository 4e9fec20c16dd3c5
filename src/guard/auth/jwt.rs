//! Signed tokens.
//!
//! A token says by itself how it was signed, so nothing of it is believed before this holds: the
//! algorithm is one of the configured ones, of which none is symmetric, and it goes with the type of
//! the key that the issuer publishes. Signatures are `jsonwebtoken`'s; the claims are checked here,
//! because its validation takes a list for `iss`, knows no `client_id` and no `iat`, and reads a
//! clock that tests cannot fix.
//!
//! Verified tokens are remembered by their text, as long as the key set is the one they were
//! verified with.
//!
//! See: RFC 8725 (JWT best current practices), apigateway.md 6.6 (JWT authorizer).

use std::{str::FromStr, sync::Arc};

use axum::http::HeaderValue;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, AlgorithmFamily, crypto};
use serde::Deserialize;

use super::jwks::{Jwks, KeySet};
use crate::{
    config::{Diagnostics, Spanned, access},
    guard::Refusal,
    json::{Value, View},
    request::Token,
};

/// Longer tokens are refused unread.
const MAX_TOKEN: usize = 16 << 10;

/// Bytes of verified tokens that one provider remembers.
const REMEMBERED_BYTES: u64 = 16 << 20;

/// What an entry takes beside its text and its claims, roughly.
const ENTRY_BYTES: usize = 512;

/// `type: jwt`
pub(in crate::guard) struct Jwt {
    pub(super) name: Arc<str>,
    pub(super) user_pool: bool,
    issuer: Box<str>,
    audience: Box<[Box<str>]>,
    /// Seconds that clocks may differ.
    leeway: u64,
    keys: Arc<Jwks>,
    /// Verified tokens by their text.
    remembered: moka::sync::Cache<Box<str>, Remembered, ahash::RandomState>,
}

/// A token that is read and not to be believed.
pub(super) struct Unverified<'a> {
    text: &'a str,
    /// What is signed.
    signed: &'a str,
    signature: &'a str,
    head: Head,
    claims: Value,
}

#[derive(Clone)]
struct Remembered {
    token: Arc<Token>,
    /// Of the key set that it was verified with.
    generation: u64,
}

/// The parts of a token's header that matter. The key is never taken from the token itself.
#[derive(Deserialize)]
struct Head {
    alg: String,
    kid: Option<String>,
    /// What must be understood; nothing is.
    crit: Option<serde::de::IgnoredAny>,
}

/// The token of an `authorization` header, with or without `Bearer` before it.
pub(super) fn text(header: &HeaderValue) -> Result<&str, Refusal> {
    if header.len() > MAX_TOKEN {
        return Err(Refusal::Malformed);
    }
    let text = header.to_str().map_err(|_| Refusal::Malformed)?.trim();
    Ok(match text.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim_start(),
        _ => text,
    })
}

// === impl Jwt ===

impl Jwt {
    pub(in crate::guard) fn from_config(
        name: &Spanned<String>,
        jwt: &access::Jwt,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let algorithms = algorithms(jwt);
        Jwt {
            name: Arc::from(name.value.as_str()),
            user_pool: jwt.user_pool,
            issuer: jwt.issuer.value.as_str().into(),
            audience: jwt.audience.iter().map(|it| it.as_str().into()).collect(),
            leeway: jwt.leeway.as_secs(),
            keys: Jwks::from_config(name, jwt, algorithms, diagnostics),
            remembered: moka::sync::Cache::builder()
                .max_capacity(REMEMBERED_BYTES)
                .weigher(weigh)
                .build_with_hasher(ahash::RandomState::new()),
        }
    }

    /// Whose tokens it verifies.
    pub(in crate::guard) fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The token, if it was verified before with the keys that hold now.
    pub(super) fn remembered(&self, text: &str) -> Option<Arc<Token>> {
        let remembered = self.remembered.get(text)?;
        let keys = self.keys.at_hand()?;
        (remembered.generation == keys.generation).then_some(remembered.token)
    }

    pub(super) fn check_expiry(token: &Token, now: u64) -> Result<(), Refusal> {
        match token.expires > now {
            true => Ok(()),
            false => Err(Refusal::Expired),
        }
    }

    /// Verifies signature and claims.
    pub(super) async fn verify(
        &self,
        unverified: &Unverified<'_>,
        now: u64,
    ) -> Result<Arc<Token>, Refusal> {
        let keys = self.check_signature(unverified).await?;
        let token = self.token(&unverified.claims)?;
        Jwt::check_expiry(&token, now)?;
        self.check_claims(unverified.claims.view(), now)?;
        let token = Arc::new(token);
        let remembered = Remembered {
            token: Arc::clone(&token),
            generation: keys.generation,
        };
        self.remembered.insert(unverified.text.into(), remembered);
        Ok(token)
    }

    /// The key set by which the signature is right.
    async fn check_signature(&self, unverified: &Unverified<'_>) -> Result<Arc<KeySet>, Refusal> {
        const ALGORITHM: Refusal =
            Refusal::Token("the token is signed with an algorithm that is not accepted");
        let head = &unverified.head;
        if head.crit.is_some() {
            return Err(Refusal::Token(
                "the token asks for an extension that is not known",
            ));
        }
        let algorithm = Algorithm::from_str(&head.alg).map_err(|_| ALGORITHM)?;
        if !self.keys.algorithms().contains(&algorithm) {
            return Err(ALGORITHM);
        }
        let kid = head.kid.as_deref();
        let mut keys = self.keys.get().await.ok_or(Refusal::Keys)?;
        if keys.find(kid, algorithm).is_none() {
            keys = self.keys.newer_than(keys).await;
        }
        let key = keys.find(kid, algorithm);
        let key = key.ok_or(Refusal::Token(
            "the token is signed with a key that is not known",
        ))?;
        let message = unverified.signed.as_bytes();
        match crypto::verify(unverified.signature, message, key, algorithm) {
            Ok(true) => Ok(keys),
            Ok(false) | Err(_) => Err(Refusal::Token("the token does not have a valid signature")),
        }
    }

    /// See: RFC 7519 §4.1 (registered claim names).
    fn check_claims(&self, claims: View<'_>, now: u64) -> Result<(), Refusal> {
        if claims.get("iss").and_then(View::as_str).as_deref() != Some(&*self.issuer) {
            return Err(Refusal::Token("the token does not have a valid issuer"));
        }
        if !self.is_for_us(claims) {
            return Err(Refusal::Token("the token does not have a valid audience"));
        }
        let latest = now.saturating_add(self.leeway) as f64;
        for (name, wrong) in [
            ("nbf", "the token is not valid yet"),
            ("iat", "the token was issued in the future"),
        ] {
            let Some(time) = present(claims, name) else {
                continue;
            };
            if time.as_f64().is_none_or(|time| time > latest) {
                return Err(Refusal::Token(wrong));
            }
        }
        Ok(())
    }

    /// Without any configured audience, whatever the issuer signs is for us.
    fn is_for_us(&self, claims: View<'_>) -> bool {
        let is_ours = |name: View<'_>| {
            let name = name.as_str();
            name.is_some_and(|name| self.audience.iter().any(|it| **it == *name))
        };
        if self.audience.is_empty() {
            return true;
        }
        match present(claims, "aud") {
            Some(audience) => is_ours(audience) || audience.items().any(is_ours),
            None => ["client_id", "azp"]
                .iter()
                .any(|name| claims.get(name).is_some_and(is_ours)),
        }
    }

    fn token(&self, claims: &Value) -> Result<Token, Refusal> {
        let view = claims.view();
        let text = |name| view.get(name)?.as_str().map(|it| Box::<str>::from(&*it));
        let expires = view.get("exp").and_then(View::as_f64);
        let expires = expires.filter(|it| *it >= 0.0);
        let expires = expires.ok_or(Refusal::Token("the token has no valid expiry"))? as u64;
        Ok(Token {
            provider: Arc::clone(&self.name),
            user_pool: self.user_pool,
            issuer: self.issuer.clone(),
            subject: text("sub"),
            username: text("cognito:username").or_else(|| text("username")),
            groups: words(view.get("cognito:groups")),
            scopes: words(present(view, "scope").or_else(|| view.get("scp"))),
            claims: claims.clone(),
            expires: expires.saturating_add(self.leeway),
        })
    }
}

impl std::fmt::Debug for Jwt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Jwt")
            .field("name", &self.name)
            .field("issuer", &self.issuer)
            .finish_non_exhaustive()
    }
}

/// Symmetric ones, and those that are not known, were reported where the configuration was read;
/// whatever it says, none of them is ever accepted.
fn algorithms(jwt: &access::Jwt) -> Box<[Algorithm]> {
    let known = jwt
        .algorithms
        .iter()
        .filter_map(|it| Algorithm::from_str(it).ok());
    known
        .filter(|it| it.family() != AlgorithmFamily::Hmac)
        .collect()
}

/// A claim that is there; `null` is not.
fn present<'a>(claims: View<'a>, name: &str) -> Option<View<'a>> {
    claims.get(name).filter(|claim| !claim.is_null())
}

/// A text with blanks between the words, or a list of texts.
fn words(claim: Option<View<'_>>) -> Vec<Box<str>> {
    let Some(claim) = claim else {
        return Vec::new();
    };
    match claim.as_str() {
        Some(text) => text.split_whitespace().map(Box::from).collect(),
        None => {
            let items = claim.items().filter_map(View::as_str);
            items.map(|it| Box::from(&*it)).collect()
        }
    }
}

#[expect(clippy::borrowed_box, reason = "this is what the cache hands over")]
fn weigh(text: &Box<str>, remembered: &Remembered) -> u32 {
    let claims = remembered.token.claims.view().size();
    // A document is its text and a tape of its nodes.
    u32::try_from(text.len() + 3 * claims + ENTRY_BYTES).unwrap_or(u32::MAX)
}

// === impl Unverified ===

impl<'a> Unverified<'a> {
    pub(super) fn parse(text: &'a str) -> Result<Self, Refusal> {
        let (signed, signature) = text.rsplit_once('.').ok_or(Refusal::Malformed)?;
        let (head, claims) = signed.split_once('.').ok_or(Refusal::Malformed)?;
        // A second dot in the claims is no character of base64.
        let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| Refusal::Malformed);
        let head = serde_json::from_slice(&decode(head)?).map_err(|_| Refusal::Malformed)?;
        let claims = Value::parse(decode(claims)?).map_err(|_| Refusal::Malformed)?;
        Ok(Unverified {
            text,
            signed,
            signature,
            head,
            claims,
        })
    }

    /// Whether it says that the provider's issuer made it.
    pub(super) fn is_from(&self, jwt: &Jwt) -> bool {
        let issuer = self.claims.view().get("iss").and_then(View::as_str);
        issuer.as_deref() == Some(&*jwt.issuer)
    }
}
