//! What the guard costs, beside what it cannot do without.
//!
//! `api_key` is a request with an API key under a usage plan, beside the bare SHA-256 of the key.
//! `token` is a request with a token that was verified before, beside its verification, which is
//! what each request would cost without remembering.
//!
//! `cargo bench --bench guard`

use std::{
    hint::black_box,
    time::{SystemTime, UNIX_EPOCH},
};

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, jwk::Jwk};
use loomgate::{config, guard::standalone::Standalone, request::Request};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

const KEY: &str = "da2-abcdefghijklmnopqrstuvwxyz";

const ISSUER: &str = "https://id.example.com";

const CONFIG: &str = "
auth:
  partners: { type: api_key }
  people: { type: jwt, issuer: https://id.example.com, jwks: keys.json, audience: shop }
usage_plans:
  premium: { rate: 1000000000, burst: 4000000000, quota: { limit: 1000000000000, period: month } }
api_keys:
  - { name: acme, value: da2-abcdefghijklmnopqrstuvwxyz, plan: premium }
apis:
  shop:
    type: graphql
    schema: shop.graphql
    resolvers: resolvers
    auth: [partners, people]
    throttle: { rate: 1000000000, burst: 4000000000 }
";

fn signer() -> EncodingKey {
    EncodingKey::from_rsa_der(include_bytes!("../tests/keys/one.rsa.der"))
}

fn jwk() -> Jwk {
    Jwk::from_encoding_key(&signer(), Algorithm::RS256).expect("the key is sound")
}

fn guard() -> Standalone {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let write = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).expect("a file can be written");
    };
    write("loomgate.yaml", CONFIG);
    write("shop.graphql", "type Query { ping: String }");
    write("keys.json", &json!({ "keys": [jwk()] }).to_string());
    std::fs::create_dir(folder.path().join("resolvers")).expect("a folder can be made");
    let (config, faults) = config::load(folder.path());
    let config = config.unwrap_or_else(|| panic!("{}", faults.render(false)));
    Standalone::build(&config).unwrap_or_else(|faults| panic!("{}", faults.render(false)))
}

fn request(name: HeaderName, value: &str) -> Request {
    let mut headers = HeaderMap::new();
    headers.insert(
        name,
        HeaderValue::from_str(value).expect("it is a header's value"),
    );
    headers.insert("content-type", HeaderValue::from_static("application/json"));
    Request {
        id: Uuid::nil(),
        method: Method::POST,
        uri: Uri::from_static("/graphql"),
        headers,
        client: "192.0.2.1".parse().ok(),
        secure: true,
    }
}

#[expect(clippy::disallowed_methods, reason = "a token must hold now")]
fn token() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.expect("it is after 1970").as_secs();
    let claims = json!({
        "iss": ISSUER, "aud": "shop", "sub": "7f3a", "exp": now + 3_600, "iat": now,
        "scope": "openid orders:read orders:write", "cognito:groups": ["admins", "clerks"],
    });
    let header = Header::new(Algorithm::RS256);
    jsonwebtoken::encode(&header, &claims, &signer()).expect("the key signs")
}

fn admit(c: &mut Criterion) {
    let guard = guard();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime can be made");
    let token = token();
    let shown = format!("Bearer {token}");
    let cases = [
        (
            "api_key",
            request(HeaderName::from_static("x-api-key"), KEY),
        ),
        ("token", request(axum::http::header::AUTHORIZATION, &shown)),
    ];
    for (name, request) in cases {
        let admitted = runtime.block_on(guard.admit(request.clone()));
        admitted.unwrap_or_else(|why| panic!("{name}: {why}"));
        c.bench_function(&format!("guard/{name}"), |b| {
            b.iter_batched(
                || request.clone(),
                |request| runtime.block_on(guard.admit(request)),
                BatchSize::SmallInput,
            );
        });
    }
    c.bench_function("guard/api_key/baseline_sha256", |b| {
        b.iter(|| Sha256::digest(black_box(KEY.as_bytes())));
    });
    let key = DecodingKey::from_jwk(&jwk()).expect("the key is sound");
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_audience(&["shop"]);
    validation.set_issuer(&[ISSUER]);
    c.bench_function("guard/token/baseline_verification", |b| {
        b.iter(|| jsonwebtoken::decode::<Value>(black_box(&token), &key, &validation));
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .warm_up_time(std::time::Duration::from_secs(1))
        .measurement_time(std::time::Duration::from_secs(3));
    targets = admit
}
criterion_main!(benches);
