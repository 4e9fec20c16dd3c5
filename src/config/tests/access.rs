//! Who may call, and how often.

use std::time::Duration;

use crate::config::{
    Config, Severity,
    access::{Addresses, Jwks, Period, ProviderKind, Quota, Rate, Throttle},
    tests::{read, read_well},
};

const KEYS: &str = r#"{ "keys": [{ "kty": "RSA" }] }"#;

/// Reads a configuration with one route, and an api `store` with the given keys.
fn with_api(head: &str, api: &str) -> Config {
    let text = format!(
        "sources: {{ local: {{ type: none }} }}
{head}
apis:
  store:
    type: rest
    resolvers: routes
{api}
"
    );
    read_well(&[
        ("loomgate.yaml", &text),
        ("routes/list.yaml", "route: GET /\nsource: local"),
        ("keys.json", KEYS),
        ("key.txt", "key-that-stands-in-a-file\n"),
        ("server.pem", "-----BEGIN CERTIFICATE-----"),
        ("server.key", "-----BEGIN EC PRIVATE KEY-----"),
    ])
}

#[test]
fn the_server_is_read_key_by_key() {
    let config = with_api(
        "server:
  listen: 127.0.0.1:0
  tls: { cert: server.pem, key: server.key }
  admin: { listen: 127.0.0.1:0, token: file:key.txt }
  max_headers: 32KiB
  max_url: 4KiB
  max_requests: 50
  trusted_proxies: [10.0.0.0/8, 192.0.2.7, \"2001:db8::1\"]",
        "",
    );
    let server = &config.server;
    let tls = server.tls.as_ref().expect("there is TLS");
    assert_eq!(tls.cert.value, config.directory.join("server.pem"));
    assert_eq!(tls.key.value, config.directory.join("server.key"));
    let admin = server.admin.as_ref().expect("there is an admin listener");
    assert_eq!(admin.listen.to_string(), "127.0.0.1:0");
    let token = admin.token.as_ref().expect("there is a token");
    assert_eq!(token.reveal(), "key-that-stands-in-a-file");
    assert_eq!((server.max_headers, server.max_url), (32 << 10, 4 << 10));
    assert_eq!(server.max_requests, 50);
    let proxies: Vec<_> = server
        .trusted_proxies
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(proxies, ["10.0.0.0/8", "192.0.2.7/32", "2001:db8::1/128"]);
}

#[test]
fn without_a_word_nothing_of_it_is_there() {
    let config = with_api("", "");
    assert!(config.server.tls.is_none() && config.server.admin.is_none());
    assert!(config.server.trusted_proxies.is_empty());
    let api = &config.apis["store"];
    assert_eq!(api.path.value, "/store");
    assert!(api.hosts.is_empty() && api.access.auth.is_empty());
    assert!(api.access.public, "without `auth:` everyone may call");
    assert!(api.access.cors.is_none() && api.access.throttle.is_none());
    assert_eq!(api.access.addresses, Addresses::default());
    assert_eq!(api.timeout, Duration::from_secs(30));
}

#[test]
fn providers_are_read_with_their_defaults() {
    let config = with_api(
        "auth:
  partners: { type: api_key }
  clients: { type: api_key, header: X-Client-Key }
  plain: { type: jwt, issuer: https://id.example.com, audience: shop }
  full:
    type: jwt
    issuer: shop
    jwks: keys.json
    audience: [shop, store]
    algorithms: [ES256, EdDSA]
    leeway: 0s
    user_pool: true
  remote: { type: jwt, issuer: shop, audience: shop, jwks: \"https://id.example.com/keys\" }",
        "",
    );
    let headers = ["partners", "clients"].map(|name| match &config.auth[name].kind {
        ProviderKind::ApiKey { header } => header.as_str().to_owned(),
        other @ ProviderKind::Jwt(_) => panic!("{other:?}"),
    });
    assert_eq!(headers, ["x-api-key", "x-client-key"]);
    let jwt = |name: &str| match &config.auth[name].kind {
        ProviderKind::Jwt(jwt) => jwt.clone(),
        other @ ProviderKind::ApiKey { .. } => panic!("{other:?}"),
    };
    let plain = jwt("plain");
    assert_eq!((plain.jwks.is_none(), plain.user_pool), (true, false));
    assert_eq!(plain.audience, ["shop"]);
    assert_eq!(plain.algorithms, ["RS256"]);
    assert_eq!(plain.leeway, Duration::from_secs(30));
    let full = jwt("full");
    assert!(matches!(&full.jwks, Some(Jwks::File { text, .. }) if **text == *KEYS));
    assert_eq!(full.audience, ["shop", "store"]);
    assert_eq!(full.algorithms, ["ES256", "EdDSA"]);
    assert_eq!((full.leeway, full.user_pool), (Duration::ZERO, true));
    let remote = jwt("remote").jwks;
    assert!(
        matches!(remote, Some(Jwks::Url(url)) if url.as_str() == "https://id.example.com/keys")
    );
}

#[test]
fn keys_and_plans_are_read_key_by_key() {
    let config = with_api(
        "usage_plans:
  free: { rate: 0.5, quota: { limit: 1000, period: month } }
  premium: { rate: 1000, burst: 2000 }
api_keys:
  - { name: acme, value: file:key.txt, plan: premium, expires: 2100-03-01 }
  - { name: other, value: abcdefghijklmnop }",
        "",
    );
    let free = &config.usage_plans["free"];
    assert_eq!(
        free.rate,
        Some(Rate {
            rate: 0.5,
            burst: 1
        })
    );
    let month = Quota {
        limit: 1000,
        period: Period::Month,
    };
    assert_eq!(free.quota, Some(month));
    let premium = &config.usage_plans["premium"];
    let rate = Rate {
        rate: 1000.0,
        burst: 2000,
    };
    assert_eq!((premium.rate, premium.quota), (Some(rate), None));
    let [acme, other] = config.api_keys.as_slice() else {
        panic!("there are two keys");
    };
    assert_eq!(acme.value.reveal(), "key-that-stands-in-a-file");
    assert_eq!(
        acme.plan.as_ref().map(|plan| plan.value.as_str()),
        Some("premium")
    );
    assert_eq!(acme.expires, Some(4_107_542_400));
    assert_eq!((other.plan.is_none(), other.expires), (true, None));
    assert!(!format!("{config:?}").contains("stands-in-a-file"));
}

#[test]
fn an_api_says_who_may_call_it() {
    let config = with_api(
        "auth: { partners: { type: api_key }, others: { type: api_key, header: x-other } }",
        "    path: /
    host: [api.example.com, \"*.example.org\"]
    auth: [others, public, partners]
    addresses: { allow: 10.0.0.0/8, deny: [10.1.0.0/16, 10.2.0.1] }
    throttle: { rate: 10, per: caller }
    timeout: 5s",
    );
    let api = &config.apis["store"];
    assert_eq!(api.path.value, "/");
    let hosts: Vec<_> = api.hosts.iter().map(|host| host.value.as_str()).collect();
    assert_eq!(hosts, ["api.example.com", "*.example.org"]);
    let names: Vec<_> = api.access.auth.iter().map(|it| it.value.as_str()).collect();
    assert_eq!(
        (names, api.access.public),
        (vec!["others", "partners"], true)
    );
    let network = |text: &str| text.parse().expect("a network");
    let addresses = Addresses {
        allow: Some(vec![network("10.0.0.0/8")]),
        deny: vec![network("10.1.0.0/16"), network("10.2.0.1/32")],
    };
    assert_eq!(api.access.addresses, addresses);
    let throttle = Throttle {
        rate: Rate {
            rate: 10.0,
            burst: 10,
        },
        per_caller: true,
    };
    assert_eq!(api.access.throttle, Some(throttle));
    assert_eq!(api.timeout, Duration::from_secs(5));
}

#[test]
fn an_api_with_providers_is_not_public_unless_it_says_so() {
    let config = with_api(
        "auth: { partners: { type: api_key } }",
        "    auth: partners",
    );
    assert!(!config.apis["store"].access.public);
    let config = with_api("", "    auth: public");
    let access = &config.apis["store"].access;
    assert!(access.public && access.auth.is_empty());
}

#[test]
fn what_other_origins_may_do_is_read_key_by_key() {
    let config = with_api("", "    cors: { allow_origins: \"*\" }");
    let cors = config.apis["store"].access.cors.clone();
    let cors = cors.expect("there is `cors`");
    assert_eq!(cors.allow_origins, ["*"]);
    assert_eq!(cors.allow_methods.len(), 7);
    assert!(cors.allow_headers.is_none() && cors.expose_headers.is_empty());
    assert_eq!((cors.max_age, cors.allow_credentials), (None, false));
    let config = with_api(
        "",
        "    cors:
      allow_origins: [https://shop.example.com, \"http://*\", capacitor://localhost, \"http://localhost:3000\"]
      allow_methods: [GET, POST]
      allow_headers: [Content-Type, authorization]
      expose_headers: x-request-id
      max_age: 10m
      allow_credentials: true",
    );
    let cors = config.apis["store"].access.cors.clone();
    let cors = cors.expect("there is `cors`");
    assert_eq!(cors.allow_origins.len(), 4);
    assert_eq!(cors.allow_methods, ["GET", "POST"]);
    let allowed = cors.allow_headers.expect("there are headers");
    assert_eq!(allowed, ["content-type", "authorization"]);
    assert_eq!(cors.expose_headers, ["x-request-id"]);
    assert_eq!(cors.max_age, Some(Duration::from_secs(600)));
    assert!(cors.allow_credentials);
}

#[test]
fn a_key_that_has_expired_is_no_error() {
    let (config, faults) = read(&[
        (
            "loomgate.yaml",
            "api_keys: [{ name: acme, value: abcdefghijklmnop, expires: 2001-09-09 }]
apis: { store: { type: rest, resolvers: routes } }",
        ),
        ("routes/.keep", ""),
    ]);
    assert_eq!(faults.count(Severity::Warning), 1);
    assert!(!faults.has_errors());
    assert_eq!(config.map(|it| it.api_keys.len()), Some(1));
}
