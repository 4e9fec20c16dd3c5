//! How often: the buckets of an api, a route or a field, and the usage plans of API keys.
//!
//! The buckets live in the [`Cluster`]; here it is decided which of them a request takes from.

pub(super) mod quota;
pub(super) mod usage_plan;

use std::{
    net::{IpAddr, Ipv6Addr},
    sync::Arc,
};

use smallvec::SmallVec;

use crate::{
    cluster::{Bucket, Cluster, Pace},
    config,
    request::{Identity, Request},
};

/// A throttle of an api, a route or a field.
#[derive(Debug)]
pub(super) enum Throttle {
    /// All callers share one bucket.
    Shared(Arc<Bucket>),
    /// Each caller has a bucket.
    PerCaller {
        cluster: Arc<Cluster>,
        /// What stands before the caller in a bucket's name.
        name: Box<[u8]>,
        pace: Pace,
    },
}

impl Throttle {
    /// `rule` tells the throttles of one api apart.
    pub(super) fn from_config(
        api: &str,
        rule: &str,
        throttle: config::access::Throttle,
        cluster: &Arc<Cluster>,
    ) -> Self {
        let name = [api.as_bytes(), rule.as_bytes(), b""].join(&0);
        let pace = Pace::from_config(throttle.rate);
        if !throttle.per_caller {
            return Throttle::Shared(cluster.buckets.named(&name, pace));
        }
        Throttle::PerCaller {
            cluster: Arc::clone(cluster),
            name: name.into(),
            pace,
        }
    }

    /// Takes a token for one request, if there is one.
    pub(super) fn take(&self, request: &Request, identity: &Identity) -> bool {
        match self {
            Throttle::Shared(bucket) => bucket.take(),
            Throttle::PerCaller {
                cluster,
                name,
                pace,
            } => {
                let mut key: SmallVec<[u8; 128]> = SmallVec::from_slice(name);
                write_caller(request, identity, &mut key);
                cluster.buckets.of_caller(&key, *pace).take()
            }
        }
    }
}

/// What tells callers apart: the name of an API key, the subject of a token, the address of anyone
/// else. Tokens without a subject, and requests without an address, have one bucket together.
fn write_caller(request: &Request, identity: &Identity, key: &mut SmallVec<[u8; 128]>) {
    match identity {
        Identity::ApiKey(api_key) => {
            key.push(b'k');
            key.extend_from_slice(api_key.name.as_bytes());
        }
        Identity::Token(token) => {
            key.push(b't');
            key.extend_from_slice(token.provider.as_bytes());
            key.push(0);
            key.extend_from_slice(token.subject.as_deref().unwrap_or_default().as_bytes());
        }
        Identity::Anonymous => {
            key.push(b'a');
            match request.client.map(|address| address.to_canonical()) {
                Some(IpAddr::V4(address)) => key.extend_from_slice(&address.octets()),
                Some(IpAddr::V6(address)) => key.extend_from_slice(&network(address)),
                None => {}
            }
        }
    }
}

/// The first 64 bits: whoever has one address of an IPv6 network commonly has all of them, and
/// would otherwise have as many buckets.
fn network(address: Ipv6Addr) -> [u8; 8] {
    let [a, b, c, d, e, f, g, h, ..] = address.octets();
    [a, b, c, d, e, f, g, h]
}

#[cfg(test)]
mod tests {
    use std::fs;

    use axum::http::{HeaderMap, HeaderValue, Method, Uri};
    use uuid::Uuid;

    use super::*;
    use crate::{
        config::load,
        guard::{Guard, Providers, Refusal, Rule},
    };

    const CONFIG: &str = "
auth: { partners: { type: api_key } }
usage_plans: { free: { quota: { limit: 3, period: day } } }
api_keys: [{ name: acme, value: acme-key-0123456789, plan: free }]
apis:
  shop:
    type: graphql
    schema: shop.graphql
    resolvers: resolvers
    auth: partners
    throttle: { rate: 0.001, burst: THROTTLE }
";

    fn guard(burst: &str) -> (Guard, Rule) {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text);
        write("loomgate.yaml", &CONFIG.replace("THROTTLE", burst)).expect("a file can be written");
        write("shop.graphql", "type Query { ping: String }").expect("a file can be written");
        fs::create_dir(folder.path().join("resolvers")).expect("a folder can be made");
        let (config, mut faults) = load(folder.path());
        let config = config.expect("it can be read");
        let cluster = Cluster::alone();
        let providers = Providers::build(&config, &cluster, &mut faults);
        let built = Guard::build(&config.apis["shop"], &providers, &cluster, &mut faults);
        assert!(!faults.has_errors(), "{}", faults.render(false));
        built
    }

    async fn operations(burst: &str) -> Vec<Option<&'static str>> {
        let (guard, rule) = guard(burst);
        let key = HeaderValue::from_static("acme-key-0123456789");
        let upgrade = Request {
            id: Uuid::nil(),
            method: Method::GET,
            uri: Uri::from_static("/graphql"),
            headers: HeaderMap::from_iter([("x-api-key".parse().expect("a name"), key)]),
            client: None,
            secure: false,
        };
        let call = guard.admit(upgrade, &rule).await.expect("it has the key");
        let again = |_| guard.readmit(&call, Uuid::nil(), &rule);
        let refusals = (0..4).map(again).map(Result::err);
        refusals
            .map(|refusal| refusal.as_ref().map(Refusal::reason))
            .collect()
    }

    #[tokio::test(start_paused = true)]
    async fn what_follows_over_a_connection_counts_as_requests_do() {
        let quota = [None, None, Some("quota"), Some("quota")];
        assert_eq!(operations("100").await, quota);
        let throttled = [
            None,
            Some("throttled"),
            Some("throttled"),
            Some("throttled"),
        ];
        assert_eq!(operations("2").await, throttled);
    }
}
