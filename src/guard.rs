//! The one chain: a [`Request`] becomes a [`Call`], or a `Refusal`.
//!
//! address → CORS → identity → authorization → throttle → validation: `Guard::admit` is that list.
//! Every front passes its requests through here, and nothing below a front takes anything but a
//! [`Call`], which can be made here alone. The guard is handed the `Rule` of what is asked for; it
//! knows neither GraphQL nor routes nor sources.

pub mod call;

mod refusal;

mod auth;
mod cors;
mod firewall;
mod rule;
mod throttle;
mod validate;

pub mod standalone;

#[cfg(test)]
mod tests;

use std::{collections::HashMap, sync::Arc};

use axum::http::{HeaderMap, HeaderValue};
use uuid::Uuid;

use crate::{
    clock,
    cluster::Cluster,
    config::{self, Config, Diagnostic, Diagnostics, Spanned, access::ProviderKind},
    request::{Call, Request},
};

use auth::{ApiKeys, Caller, Callers, Jwt, KeyTable, Provider};
use cors::Cors;
use firewall::Firewall;
use rule::Wanted;
use throttle::Throttle;
use validate::Require;

pub(crate) use firewall::client_address;
pub(crate) use refusal::Refusal;
pub(crate) use rule::{Admit, Denied, Rule};

/// What stands in `auth:` for callers without credentials.
const PUBLIC: &str = "public";

/// What the guards of one configuration share: who vouches for callers, their keys and plans.
#[derive(Debug)]
pub(crate) struct Providers {
    by_name: HashMap<String, Provider>,
}

/// Stands before one api.
#[derive(Debug)]
pub(crate) struct Guard {
    /// The api's.
    name: Box<str>,
    firewall: Firewall,
    cors: Option<Cors>,
    /// Whom the api lets in.
    callers: Callers,
    throttle: Option<Throttle>,
    cluster: Arc<Cluster>,
}

// === impl Providers ===

impl Providers {
    /// Compiles `auth:`, `usage_plans:` and `api_keys:`. Nothing is fetched yet.
    pub(crate) fn build(
        config: &Config,
        cluster: &Arc<Cluster>,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let table = Arc::new(KeyTable::from_config(config, cluster, diagnostics));
        let mut by_name = HashMap::new();
        for (name, provider) in &config.auth {
            let compiled = match &provider.kind {
                ProviderKind::ApiKey { header } => {
                    let keys = ApiKeys::new(name.as_str().into(), header.clone(), table.clone());
                    Provider::ApiKey(Arc::new(keys))
                }
                ProviderKind::Jwt(jwt) => {
                    let jwt = Jwt::from_config(&provider.name, jwt, diagnostics);
                    Provider::Jwt(Arc::new(jwt))
                }
            };
            by_name.insert(name.clone(), compiled);
        }
        Providers { by_name }
    }

    /// Those that an api names.
    fn named(&self, names: &[Spanned<String>], diagnostics: &mut Diagnostics) -> Box<[Provider]> {
        let mut providers: Vec<Provider> = Vec::with_capacity(names.len());
        for name in names.iter().filter(|name| name.value != PUBLIC) {
            // One that does not exist was reported where the configuration was read.
            let Some(provider) = self.by_name.get(&name.value) else {
                continue;
            };
            // A token is verified by the one provider whose issuer it names.
            if let Some(same) = providers.iter().find(|it| it.has_issuer_of(provider)) {
                let message = format!(
                    "the providers `{}` and `{}` of one api have the same issuer",
                    same.name(),
                    name.value
                );
                let help = "let one provider accept the audiences of both";
                diagnostics.push(Diagnostic::error(Some(name.span), message).help(help));
            }
            providers.push(provider.clone());
        }
        providers.into()
    }
}

// === impl Guard ===

impl Guard {
    /// The guard of an api, and the rule that holds for all of the api.
    pub(crate) fn build(
        api: &config::Api,
        providers: &Providers,
        cluster: &Arc<Cluster>,
        diagnostics: &mut Diagnostics,
    ) -> (Self, Rule) {
        let access = &api.access;
        let name = api.name.value.as_str();
        let throttle = |it| Throttle::from_config(name, "", it, cluster);
        let guard = Guard {
            name: name.into(),
            firewall: Firewall::from_config(&access.addresses),
            cors: access.cors.as_ref().map(Cors::from_config),
            callers: Callers {
                providers: providers.named(&access.auth, diagnostics),
                public: access.public,
            },
            throttle: access.throttle.map(throttle),
            cluster: Arc::clone(cluster),
        };
        (guard, Rule::default())
    }

    /// The rule of one route: what its api asks, as far as the route does not ask something else.
    /// `name` is what its bucket is called, such as `GET /products/{id}`.
    pub(crate) fn route_rule(
        &self,
        name: &str,
        access: &config::access::RouteAccess,
        diagnostics: &mut Diagnostics,
    ) -> Rule {
        let throttle = |it| Throttle::from_config(&self.name, name, it, &self.cluster);
        let callers = access.auth.as_deref().map(|it| self.some_callers(it));
        let asked = callers.as_ref().unwrap_or(&self.callers);
        if !access.scopes.is_empty() && !asked.may_have_scopes() {
            let message = format!("nobody may use `{name}`: it asks for scopes, which tokens have");
            let help = "add a provider of `type: jwt` to its `auth`, or remove `scopes`";
            diagnostics.error(None, message, Some(help.to_owned()));
        }
        Rule {
            callers,
            admits: None,
            scopes: access.scopes.iter().map(|it| it.as_str().into()).collect(),
            throttle: access.throttle.map(throttle),
            require: Require::from_config(&access.require),
        }
    }

    /// Those of the api's callers that a route names, asked in the api's order; and callers without
    /// credentials where the route says so, whatever its api says.
    fn some_callers(&self, auth: &[Spanned<String>]) -> Callers {
        let has = |wanted: &str| auth.iter().any(|name| name.value == wanted);
        let providers = self.callers.providers.iter();
        Callers {
            providers: providers.filter(|it| has(it.name())).cloned().collect(),
            public: has(PUBLIC),
        }
    }

    /// The rule of one GraphQL field; `None`: it asks nothing that its api does not ask. `name` is
    /// what its bucket is called, such as `Query.orders`. `admits` is what its directives say:
    /// nothing means the default mode alone. Where the api is `public` it means everybody: nobody
    /// who shows credentials may see less than those who show none.
    ///
    /// See: appsync.md 7.7 (combining directives).
    pub(crate) fn field_rule(
        &self,
        name: &str,
        admits: &[Admit],
        throttle: Option<config::access::Throttle>,
    ) -> Option<Rule> {
        let admits = match admits {
            [] => self.default_admits(),
            some => Some(some.iter().cloned().map(Wanted::Directive).collect()),
        };
        if admits.is_none() && throttle.is_none() {
            return None;
        }
        Some(Rule {
            admits,
            throttle: throttle.map(|it| Throttle::from_config(&self.name, name, it, &self.cluster)),
            ..Rule::default()
        })
    }

    /// Whom a field without directives admits; `None`: whoever is let in.
    fn default_admits(&self) -> Option<Box<[Wanted]>> {
        if self.callers.public {
            return None;
        }
        let first = self.callers.providers.first()?.mode();
        if self.callers.providers.iter().all(|it| it.mode() == first) {
            return None;
        }
        Some([Wanted::Exactly(first)].into())
    }

    /// Lets a request pass that the rule admits.
    pub(crate) async fn admit(&self, request: Request, rule: &Rule) -> Result<Call, Refusal> {
        let admitted = self.admit_at(clock::unix_seconds(), request, rule).await;
        admitted.inspect_err(Refusal::count)
    }

    /// The chain.
    async fn admit_at(&self, now: u64, request: Request, rule: &Rule) -> Result<Call, Refusal> {
        self.firewall.check(request.client)?;
        self.answer_preflight(&request)?;
        let caller = self.identify(&request, rule, now).await?;
        rule.authorize(&caller.identity)?;
        let call = Call::admitted(request, caller);
        self.throttle(&call, rule, now)?;
        rule.require.check(call.request())?;
        Ok(call)
    }

    fn answer_preflight(&self, request: &Request) -> Result<(), Refusal> {
        match &self.cors {
            Some(cors) => cors.answer_preflight(request),
            None => Ok(()),
        }
    }

    async fn identify(&self, request: &Request, rule: &Rule, now: u64) -> Result<Caller, Refusal> {
        let callers = rule.callers.as_ref().unwrap_or(&self.callers);
        callers.identify(request, now).await
    }

    /// From what is the caller's own to what all share, so that one caller does not use up what is
    /// there for others. The quota comes last: what is refused for its rate does not count.
    ///
    /// See: apigateway.md 7 (throttling).
    fn throttle(&self, call: &Call, rule: &Rule, now: u64) -> Result<(), Refusal> {
        let (request, identity) = (call.request(), call.identity());
        let allowance = call.caller().allowance.as_deref();
        let api = self.throttle.as_ref();
        let passes = allowance.is_none_or(|it| it.take_rate())
            && rule.take(request, identity)
            && api.is_none_or(|it| it.take(request, identity));
        if !passes {
            return Err(Refusal::Throttled);
        }
        match allowance.is_none_or(|it| it.take_quota(now)) {
            true => Ok(()),
            false => Err(Refusal::Quota),
        }
    }

    /// Lets one more request pass of a caller who was admitted before over the same connection. The
    /// identity is that of then; expiry, authorization and throttles are of now: nobody gets more by
    /// keeping a connection open than by asking again and again.
    pub(crate) fn readmit(&self, before: &Call, id: Uuid, rule: &Rule) -> Result<Call, Refusal> {
        still_valid(before)
            .and_then(|()| rule.authorize(before.identity()))
            .inspect_err(Refusal::count)?;
        self.charge(before, rule)?;
        Ok(self.follow(before, id))
    }

    /// Takes for one more operation of an admitted call what was taken for the first one.
    pub(crate) fn charge(&self, call: &Call, rule: &Rule) -> Result<(), Refusal> {
        let charged = self.throttle(call, rule, clock::unix_seconds());
        charged.inspect_err(Refusal::count)
    }

    /// What a connection causes by itself in the name of a caller who was admitted before, such as
    /// its `$disconnect`: nobody asks for it, so that nobody is refused.
    pub(crate) fn follow(&self, before: &Call, id: Uuid) -> Call {
        let request = Request {
            id,
            ..before.request().clone()
        };
        Call::admitted(request, before.caller().clone())
    }

    /// Whether the client's address may call, and the answer to a preflight: all that can be said
    /// before anyone has shown credentials.
    pub(crate) fn greet(&self, request: &Request) -> Result<(), Refusal> {
        let address = self.firewall.check(request.client);
        let greeted = address.and_then(|()| self.answer_preflight(request));
        greeted.inspect_err(Refusal::count)
    }

    /// Whether pages of this other origin may connect: all, where nothing is said of origins.
    /// Browsers ask nobody before they open a socket.
    pub(crate) fn allows_origin(&self, origin: &HeaderValue) -> bool {
        let cors = self.cors.as_ref();
        cors.is_none_or(|cors| cors.allows(origin))
    }

    /// Adds what pages of other origins need to see of an answer; `origin` is what the request said.
    pub(crate) fn dress(&self, origin: Option<&HeaderValue>, headers: &mut HeaderMap) {
        if let Some(cors) = &self.cors {
            cors.dress(origin, headers);
        }
    }
}

/// Who was admitted by a token is not admitted for longer than it holds.
fn still_valid(call: &Call) -> Result<(), Refusal> {
    let expires = call.identity().expires();
    match expires.is_some_and(|at| at <= clock::unix_seconds()) {
        true => Err(Refusal::Expired),
        false => Ok(()),
    }
}

/// A call without a request behind it: for an api that is mounted elsewhere, where whoever mounts it
/// decides who may call.
#[must_use]
pub fn mounted(request: Request) -> Call {
    Call::admitted(request, Caller::default())
}
