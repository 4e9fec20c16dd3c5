//! The chain as a whole, on guards that are built from configurations as people write them.

mod admission;
mod fields;
mod refusals;
pub(super) mod signing;

use std::fs;

use axum::http::{HeaderName, HeaderValue};
use uuid::Uuid;

use super::{Guard, Providers, Refusal, Rule};
use crate::{
    cluster::Cluster,
    config::{self, Config, Diagnostics},
    request::{Call, Identity, Request},
};

/// The time at which these tests happen: 2026-11-20 20:00:00.
pub(super) const NOW: u64 = 1_795_204_800;

/// Header fields as tests write them.
pub(super) type Headers<'a> = &'a [(&'a str, &'a str)];

/// A guard and what it was built from.
pub(super) struct World {
    pub(super) guard: Guard,
    /// Of the api.
    pub(super) rule: Rule,
    pub(super) cluster: std::sync::Arc<Cluster>,
    pub(super) config: Config,
}

impl World {
    /// The api `shop`. `auth` is what stands before `apis:`, `api` are keys of the api.
    pub(super) fn new(auth: &str, api: &str) -> Self {
        World::reloaded(Cluster::alone(), auth, api)
    }

    pub(super) fn reloaded(cluster: std::sync::Arc<Cluster>, auth: &str, api: &str) -> Self {
        let config = read(auth, api);
        let mut faults = Diagnostics::default();
        let providers = Providers::build(&config, &cluster, &mut faults);
        let shop = &config.apis["shop"];
        let (guard, rule) = Guard::build(shop, &providers, &cluster, &mut faults);
        assert!(!faults.has_errors(), "{}", faults.render(false));
        World {
            guard,
            rule,
            cluster,
            config,
        }
    }

    pub(super) async fn admit(&self, request: Request) -> Result<Call, Refusal> {
        self.guard.admit_at(NOW, request, &self.rule).await
    }

    /// What becomes of a request with these headers, in a few words.
    pub(super) async fn ask(&self, headers: &[(&str, &str)]) -> String {
        outcome(self.admit(request("POST /graphql", headers)).await)
    }
}

/// Who was let in, or why not.
#[expect(clippy::needless_pass_by_value, reason = "answers are made in place")]
pub(super) fn outcome(admitted: Result<Call, Refusal>) -> String {
    match admitted.as_ref().map(Call::identity) {
        Ok(Identity::Anonymous) => "anyone".to_owned(),
        Ok(Identity::ApiKey(key)) => format!("api_key {} by {}", key.name, key.provider),
        Ok(Identity::Token(token)) => {
            let subject = token.subject.as_deref().unwrap_or_default();
            format!("token {subject} by {}", token.provider)
        }
        Err(refusal) => format!("{}: {refusal}", refusal.reason()),
    }
}

/// `GET /path?query`, with these headers.
pub(super) fn request(line: &str, headers: &[(&str, &str)]) -> Request {
    let (method, uri) = line.split_once(' ').unwrap();
    let headers = headers.iter().map(|(name, value)| {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        (name, HeaderValue::from_str(value).unwrap())
    });
    let mut request = Request {
        id: Uuid::nil(),
        method: method.parse().unwrap(),
        uri: uri.parse().unwrap(),
        headers: axum::http::HeaderMap::new(),
        client: "192.0.2.1".parse().ok(),
        secure: false,
    };
    headers.for_each(|(name, value)| {
        request.headers.append(name, value);
    });
    request
}

fn read(auth: &str, api: &str) -> Config {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    let mut yaml = format!("{auth}\napis:\n  shop:\n    type: graphql\n");
    yaml.push_str("    schema: shop.graphql\n    resolvers: resolvers\n");
    for line in api.lines() {
        yaml.push_str(&format!("    {line}\n"));
    }
    write("loomgate.yaml", &yaml);
    write("shop.graphql", "type Query { ping: String }");
    write(
        "keys.json",
        &signing::key_set(&[&signing::ONE, &signing::EC]),
    );
    write(
        "two.json",
        &signing::key_set(&[&signing::ONE, &signing::TWO]),
    );
    fs::create_dir(folder.path().join("resolvers")).unwrap();
    let (config, faults) = config::load(folder.path());
    assert!(!faults.has_errors(), "{}", faults.render(false));
    config.unwrap()
}
