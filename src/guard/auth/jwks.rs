//! The keys with which an issuer signs.
//!
//! They are fetched when the first token needs them, and kept. A token that names an unknown key has
//! them fetched again, and so does their age, in the background. However many requests wait, one
//! fetch is made; and none is made soon after another one, so that nobody can use us to bother the
//! issuer. While the issuer does not answer, the keys we have go on holding for a day.

mod fetch;
mod pacing;
mod set;

#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwapOption;
use bytes::Bytes;
use jsonwebtoken::Algorithm;
use tokio::time::Instant;

use self::{
    fetch::Origin,
    pacing::{Age, Pacing},
};
use crate::{
    config::{Diagnostics, Spanned, access},
    observe,
};

pub(super) use set::KeySet;

/// The keys of one issuer.
#[derive(Debug)]
pub(super) struct Jwks {
    /// Of the provider, for the log.
    name: Box<str>,
    algorithms: Box<[Algorithm]>,
    /// Where they come from; `None`: from a file, for good.
    origin: Option<Origin>,
    current: ArcSwapOption<Fetched>,
    pacing: Mutex<Pacing>,
    /// Held by the one who fetches.
    flight: tokio::sync::Mutex<()>,
}

#[derive(Debug)]
struct Fetched {
    set: Arc<KeySet>,
    /// What it was read from.
    text: Bytes,
    at: Instant,
}

// === impl Jwks ===

impl Jwks {
    /// Nothing is fetched yet.
    pub(super) fn from_config(
        name: &Spanned<String>,
        jwt: &access::Jwt,
        algorithms: Box<[Algorithm]>,
        diagnostics: &mut Diagnostics,
    ) -> Arc<Self> {
        let file = match &jwt.jwks {
            Some(access::Jwks::File { span, text }) => Some((*span, text)),
            Some(access::Jwks::Url(_)) | None => None,
        };
        let jwks = Jwks {
            name: name.value.as_str().into(),
            origin: match file {
                Some(_) => None,
                None => Origin::from_config(jwt),
            },
            algorithms,
            current: ArcSwapOption::empty(),
            pacing: Mutex::default(),
            flight: tokio::sync::Mutex::default(),
        };
        if let Some((span, text)) = file {
            match KeySet::parse(text.as_bytes(), 0) {
                Ok(set) => jwks.keep(set, Bytes::from(text.as_bytes().to_vec())),
                Err(wrong) => {
                    let help = "a JSON Web Key Set looks like `{\"keys\":[{\"kty\":\"RSA\",…}]}`";
                    diagnostics.error(Some(span), wrong.to_string(), Some(help.to_owned()));
                }
            }
        }
        Arc::new(jwks)
    }

    /// The only algorithms that its keys are used with.
    pub(super) fn algorithms(&self) -> &[Algorithm] {
        &self.algorithms
    }

    /// The keys, if there are any that still hold. Never waits.
    pub(super) fn at_hand(self: &Arc<Self>) -> Option<Arc<KeySet>> {
        let current = self.current.load();
        let fetched = current.as_ref()?;
        if self.origin.is_none() {
            return Some(Arc::clone(&fetched.set));
        }
        match Age::of(fetched.at, Instant::now()) {
            Age::Fresh => {}
            Age::Old => self.renew_behind(),
            Age::Dead => return None,
        }
        Some(Arc::clone(&fetched.set))
    }

    /// The keys; waits for them when there are none yet.
    pub(super) async fn get(self: &Arc<Self>) -> Option<Arc<KeySet>> {
        if let Some(set) = self.at_hand() {
            return Some(set);
        }
        self.renew().await;
        self.at_hand()
    }

    /// Newer keys than these, which lack one; these again, when there are no newer ones.
    pub(super) async fn newer_than(self: &Arc<Self>, known: Arc<KeySet>) -> Arc<KeySet> {
        // Somebody else may have fetched them in the meantime.
        match self.at_hand() {
            Some(newer) if newer.generation != known.generation => return newer,
            _ => {}
        }
        self.renew().await;
        self.at_hand().unwrap_or(known)
    }

    /// Fetches the keys, unless that was tried a short while ago. Whoever goes away does not take
    /// the fetch along: others wait for it.
    async fn renew(self: &Arc<Self>) {
        let Some(asked) = self.may_fetch() else {
            return;
        };
        let jwks = Arc::clone(self);
        // It ends in an error only if it panics, and then there are no newer keys either.
        let _ = tokio::spawn(async move { jwks.fetch_once(asked).await }).await;
    }

    fn renew_behind(self: &Arc<Self>) {
        // Whoever fetches already will be done without us.
        if self.flight.try_lock().is_err() {
            return;
        }
        if let Some(asked) = self.may_fetch() {
            let jwks = Arc::clone(self);
            tokio::spawn(async move { jwks.fetch_once(asked).await });
        }
    }

    /// Which fetch would be the next one; `None` when it is too early for one.
    fn may_fetch(&self) -> Option<u64> {
        self.origin.as_ref()?;
        let has_keys = self.current.load().is_some();
        self.pacing().may_fetch(Instant::now(), has_keys)
    }

    /// Fetches, unless that was done while we waited for our turn.
    async fn fetch_once(self: &Arc<Self>, asked: u64) {
        let _flight = self.flight.lock().await;
        let (Some(origin), true) = (&self.origin, self.pacing().is_next(asked)) else {
            return;
        };
        let outcome = match origin.fetch().await {
            Ok(text) => self.take_over(text),
            Err(error) => Err(error),
        };
        let label = match &outcome {
            Ok(true) => "changed",
            Ok(false) => "unchanged",
            Err(_) => "failed",
        };
        metrics::counter!(observe::KEY_FETCHES, "outcome" => label).increment(1);
        if let Err(error) = &outcome {
            let error: &dyn std::error::Error = error;
            tracing::warn!(
                target: "loomgate::guard",
                provider = &*self.name,
                error,
                "the signing keys could not be fetched"
            );
        }
        self.pacing().fetched(Instant::now(), outcome.is_ok());
    }

    /// Whether the keys are other ones than before.
    fn take_over(&self, text: Bytes) -> Result<bool, fetch::Error> {
        let current = self.current.load_full();
        if let Some(same) = current.as_ref().filter(|it| it.text == text) {
            self.current.store(Some(Arc::new(Fetched {
                set: Arc::clone(&same.set),
                text,
                at: Instant::now(),
            })));
            return Ok(false);
        }
        let generation = current.map_or(0, |it| it.set.generation + 1);
        let set = KeySet::parse(&text, generation)?;
        self.keep(set, text);
        Ok(true)
    }

    fn keep(&self, set: KeySet, text: Bytes) {
        self.current.store(Some(Arc::new(Fetched {
            set: Arc::new(set),
            text,
            at: Instant::now(),
        })));
    }

    fn pacing(&self) -> MutexGuard<'_, Pacing> {
        self.pacing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
