//! A [`Deployment`]: one api, compiled, immutable, replaced as a whole.
//!
//! It exists only when its configuration has no faults.

mod compile;
mod key;
mod load;
mod reference;
pub(crate) mod route;
mod rules;
mod websocket;

use std::{sync::Arc, time::Duration};

use crate::{
    cache::Stats,
    config::{self, api::Flavor},
    graphql::Engine,
    guard::{Guard, Rule},
    json::Value,
    observe::Meter,
    subscribe::Hub,
};

use compile::compile;
pub(crate) use load::{Loaded, load};
pub(crate) use route::Routes;
pub(crate) use websocket::{Action, SocketRoute, Websocket};

/// One api, compiled.
#[derive(Debug)]
pub(crate) struct Deployment {
    /// The name under `apis:`.
    pub(crate) name: Arc<str>,
    /// Where it is served.
    pub(crate) path: Arc<str>,
    /// The host names under which it is served, in lower case; none: any.
    hosts: Vec<Box<str>>,
    /// How long one request may take.
    pub(crate) timeout: Duration,
    /// What its mappings read as `$ctx.env` and `$stageVariables`.
    pub(crate) variables: Value,
    /// Whether callers without credentials are let in.
    pub(crate) public: bool,
    /// Stands before it.
    pub(crate) guard: Guard,
    /// The rule for all of it, where no route or field has its own.
    pub(crate) rule: Rule,
    /// Counts its requests.
    pub(crate) meter: Meter,
    /// What is served.
    pub(crate) served: Served,
}

/// The types of apis.
#[derive(Debug)]
pub(crate) enum Served {
    /// `type: graphql`
    Graphql(Graphql),
    /// `type: rest` or `type: http`
    Routes(Routes),
    /// `type: websocket`
    Websocket(Websocket),
}

/// A GraphQL api.
#[derive(Debug)]
pub(crate) struct Graphql {
    /// What runs its operations.
    pub(crate) engine: Engine,
    /// Who listens.
    pub(crate) hub: Hub,
    /// How its clients listen.
    pub(crate) subscriptions: config::api::Subscriptions,
}

/// No api was named of several, or one that is not there.
#[derive(Debug, thiserror::Error)]
#[error("name one of the apis: {0}")]
pub(crate) struct UnknownApi(String);

/// All apis of a configuration.
#[derive(Debug, Default)]
pub(crate) struct Deployments {
    apis: Vec<Arc<Deployment>>,
}

impl Deployments {
    /// The api that is served at a path under a host name, and the rest of the path: the longest
    /// one, and of equally long ones the one that names the host. There is at most one of those:
    /// the configuration refuses two.
    pub(crate) fn at<'p>(
        &self,
        host: Option<&str>,
        path: &'p str,
    ) -> Option<(&Arc<Deployment>, &'p str)> {
        self.apis
            .iter()
            .filter(|deployment| deployment.is_at(host))
            .filter_map(|deployment| Some((deployment, deployment.below(path)?)))
            .min_by_key(|(deployment, below)| (below.len(), deployment.hosts.is_empty()))
    }

    /// The api of a name; without a name the only one.
    pub(crate) fn named(&self, name: Option<&str>) -> Result<&Arc<Deployment>, UnknownApi> {
        let found = match (name, self.apis.as_slice()) {
            (None, [only]) => Some(only),
            (None, _) => None,
            (Some(name), apis) => apis.iter().find(|deployment| *deployment.name == *name),
        };
        found.ok_or_else(|| {
            let names: Vec<&str> = self
                .apis
                .iter()
                .map(|deployment| &*deployment.name)
                .collect();
            UnknownApi(names.join(", "))
        })
    }

    /// All apis, in the order of the configuration.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<Deployment>> {
        self.apis.iter()
    }
}

// === impl Deployment ===

impl Deployment {
    /// Its GraphQL engine, when it is a GraphQL api.
    pub(crate) fn graphql(&self) -> Option<&Graphql> {
        match &self.served {
            Served::Graphql(graphql) => Some(graphql),
            Served::Routes(_) | Served::Websocket(_) => None,
        }
    }

    /// What `apis:` calls its type.
    pub(crate) fn type_name(&self) -> &'static str {
        self.served.type_name()
    }

    /// The host names under which it is served; none: any.
    pub(crate) fn hosts(&self) -> &[Box<str>] {
        &self.hosts
    }

    /// What its caches did, by `Type.field` or `GET /path`.
    pub(crate) fn cache_stats(&self) -> Vec<(String, Stats)> {
        match &self.served {
            Served::Graphql(graphql) => graphql.engine.cache_stats().collect(),
            Served::Routes(routes) => routes.cache_stats().collect(),
            Served::Websocket(_) => Vec::new(),
        }
    }

    fn is_at(&self, host: Option<&str>) -> bool {
        self.hosts.is_empty()
            || host.is_some_and(|host| {
                let name = without_port(host);
                self.hosts.iter().any(|pattern| is_host(pattern, name))
            })
    }

    /// What follows its own path.
    fn below<'p>(&self, path: &'p str) -> Option<&'p str> {
        let rest = path.strip_prefix(self.path.trim_end_matches('/'))?;
        (rest.is_empty() || rest.starts_with('/')).then_some(rest)
    }
}

impl Served {
    /// What `apis:` calls the type.
    fn type_name(&self) -> &'static str {
        match self {
            Served::Graphql(_) => "graphql",
            Served::Routes(routes) => match routes.flavor {
                Flavor::Rest => "rest",
                Flavor::Http => "http",
            },
            Served::Websocket(_) => "websocket",
        }
    }
}

/// A host name as a client sent it, without its port and the dot of the root.
fn without_port(host: &str) -> &str {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    name.strip_suffix('.').unwrap_or(name)
}

/// Whether a host name is what the pattern says.
fn is_host(pattern: &str, name: &str) -> bool {
    let Some(suffix) = pattern.strip_prefix('*') else {
        return name.eq_ignore_ascii_case(pattern);
    };
    let ends = name
        .len()
        .checked_sub(suffix.len())
        .and_then(|start| name.get(start..));
    name.len() > suffix.len() && ends.is_some_and(|ends| ends.eq_ignore_ascii_case(suffix))
}

#[cfg(test)]
mod tests;
