//! What routes ask beyond their api, how often, and from where.

use std::{sync::Arc, time::Duration};

use axum::http::HeaderMap;
use serde_json::json;

use super::{
    Headers, NOW, World, outcome, request,
    signing::{ONE, bearer, claims},
};
use crate::{
    config::{
        Diagnostics, Span, Spanned,
        access::{Rate, Require, RouteAccess, Throttle},
    },
    guard::{Refusal, Rule},
};

const BOTH: &str = "
auth:
  partners: { type: api_key }
  people: { type: jwt, issuer: https://id.example.com, jwks: keys.json, audience: shop }
usage_plans:
  free: { rate: 1, burst: 2, quota: { limit: 3, period: day } }
api_keys:
  - { name: acme, value: acme-acme-acme-acme, plan: free }
  - { name: globex, value: globex-globex-globex, plan: free }
";
const ACME: (&str, &str) = ("x-api-key", "acme-acme-acme-acme");
const GLOBEX: (&str, &str) = ("x-api-key", "globex-globex-globex");

fn named(names: &[&str], world: &World) -> Vec<Spanned<String>> {
    let span: Span = world.config.apis["shop"].name.span;
    let names = names.iter().map(|it| (*it).to_owned());
    names.map(|it| Spanned::new(it, span)).collect()
}

fn route(world: &World, access: &RouteAccess) -> Rule {
    let mut faults = Diagnostics::default();
    let rule = world.guard.route_rule("GET /", access, &mut faults);
    assert!(!faults.has_errors(), "{}", faults.render(false));
    rule
}

async fn ask(world: &World, rule: &Rule, headers: &[(&str, &str)]) -> String {
    let request = request("GET /", headers);
    outcome(world.guard.admit_at(NOW, request, rule).await)
}

#[tokio::test]
async fn a_route_takes_some_of_the_api_s_callers() {
    let world = World::new(BOTH, "auth: [partners, people]");
    let token = bearer(&ONE.token(&claims(json!({}))));
    let token = ("authorization", token.as_str());
    let cases: [(&[&str], Headers<'_>, &str); 6] = [
        (&["people"], &[ACME, token], "token ann by people"),
        (
            &["people"],
            &[ACME],
            "no_credentials: there are no credentials",
        ),
        (
            &["people", "partners"],
            &[ACME, token],
            "api_key acme by partners",
        ),
        (&["public"], &[], "anyone"),
        (&["public"], &[("x-api-key", "nobody")], "anyone"),
        (&["people", "public"], &[], "anyone"),
    ];
    for (auth, headers, expected) in cases {
        let access = RouteAccess {
            auth: Some(named(auth, &world)),
            ..RouteAccess::default()
        };
        let asked = ask(&world, &route(&world, &access), headers).await;
        assert_eq!(asked, expected, "{auth:?} {headers:?}");
    }
}

#[tokio::test]
async fn one_of_the_scopes_is_enough_and_only_tokens_have_any() {
    let world = World::new(BOTH, "auth: [partners, people, public]");
    let rule = route(
        &world,
        &RouteAccess {
            scopes: vec!["orders:read".to_owned(), "orders:write".to_owned()],
            ..RouteAccess::default()
        },
    );
    let cases = [
        (
            json!({ "scope": "openid orders:read" }),
            "token ann by people",
        ),
        (json!({ "scp": ["orders:write"] }), "token ann by people"),
        (json!({ "scp": "a orders:write" }), "token ann by people"),
        (
            json!({ "scope": "orders" }),
            "scope: the token has none of the scopes that are needed",
        ),
        (
            json!({}),
            "scope: the token has none of the scopes that are needed",
        ),
    ];
    for (changes, expected) in cases {
        let token = bearer(&ONE.token(&claims(changes.clone())));
        let asked = ask(&world, &rule, &[("authorization", &token)]).await;
        assert_eq!(asked, expected, "{changes}");
    }
    assert_eq!(
        ask(&world, &rule, &[ACME]).await,
        "not_allowed: the caller may not do this"
    );
    assert_eq!(
        ask(&world, &rule, &[]).await,
        "no_credentials: there are no credentials"
    );
}

#[test]
fn scopes_without_tokens_are_a_mistake() {
    let world = World::new(BOTH, "auth: [partners]");
    let access = RouteAccess {
        scopes: vec!["orders:read".to_owned()],
        ..RouteAccess::default()
    };
    let mut faults = Diagnostics::default();
    world.guard.route_rule("GET /orders", &access, &mut faults);
    let shown = faults.render(false);
    assert!(shown.contains("nobody may use `GET /orders`"), "{shown}");
}

#[tokio::test]
async fn what_is_required_is_asked_last() {
    let world = World::new(BOTH, "auth: [people]");
    let rule = route(
        &world,
        &RouteAccess {
            require: Require {
                query: vec!["page".to_owned()],
                ..Require::default()
            },
            ..RouteAccess::default()
        },
    );
    let refused = ask(&world, &rule, &[]).await;
    assert_eq!(refused, "no_credentials: there are no credentials");
    let token = bearer(&ONE.token(&claims(json!({}))));
    let refused = ask(&world, &rule, &[("authorization", &token)]).await;
    assert_eq!(
        refused,
        "missing: missing required request parameters: [page]"
    );
}

#[tokio::test(start_paused = true)]
async fn a_plan_bounds_the_rate_and_the_quota_of_each_key() {
    let world = World::new(BOTH, "auth: [partners]");
    assert_eq!(world.ask(&[ACME]).await, "api_key acme by partners");
    assert_eq!(world.ask(&[ACME]).await, "api_key acme by partners");
    assert_eq!(world.ask(&[ACME]).await, "throttled: too many requests");
    // Another holder of the same plan has a bucket of its own.
    assert_eq!(world.ask(&[GLOBEX]).await, "api_key globex by partners");
    tokio::time::advance(Duration::from_secs(1)).await;
    // What was refused for its rate did not count.
    assert_eq!(world.ask(&[ACME]).await, "api_key acme by partners");
    tokio::time::advance(Duration::from_secs(1)).await;
    assert_eq!(world.ask(&[ACME]).await, "quota: the quota is used up");
    // A reload brings nothing back.
    let reloaded = World::reloaded(Arc::clone(&world.cluster), BOTH, "auth: [partners]");
    tokio::time::advance(Duration::from_secs(9)).await;
    assert_eq!(reloaded.ask(&[ACME]).await, "quota: the quota is used up");
    let tomorrow = reloaded
        .guard
        .admit_at(NOW + 86_400, request("POST /", &[ACME]), &reloaded.rule)
        .await;
    assert_eq!(outcome(tomorrow), "api_key acme by partners");
}

#[tokio::test(start_paused = true)]
async fn a_reload_keeps_the_buckets_whose_rate_is_the_same() {
    let api = "throttle: { rate: 1, burst: 2 }";
    let world = World::new("", api);
    assert_eq!(world.ask(&[]).await, "anyone");
    let same = World::reloaded(Arc::clone(&world.cluster), "", api);
    assert_eq!(same.ask(&[]).await, "anyone");
    assert_eq!(same.ask(&[]).await, "throttled: too many requests");
    let api = "throttle: { rate: 1, burst: 3 }";
    let other = World::reloaded(Arc::clone(&world.cluster), "", api);
    assert_eq!(other.ask(&[]).await, "anyone");
}

#[tokio::test(start_paused = true)]
async fn callers_are_told_apart_by_key_subject_and_address() {
    let auth = BOTH.replace(", plan: free", "");
    let world = World::new(
        &auth,
        "auth: [partners, people, public]\nthrottle: { rate: 1, burst: 1, per: caller }",
    );
    let ann = bearer(&ONE.token(&claims(json!({}))));
    let ann_again = bearer(&ONE.token(&claims(json!({ "jti": "2" }))));
    let bob = bearer(&ONE.token(&claims(json!({ "sub": "bob" }))));
    let cases = [
        (ACME, true),
        (ACME, false),
        (GLOBEX, true),
        (("authorization", ann.as_str()), true),
        (("authorization", ann_again.as_str()), false),
        (("authorization", bob.as_str()), true),
    ];
    for (header, passes) in cases {
        let asked = world.ask(&[header]).await;
        assert_eq!(
            !asked.starts_with("throttled"),
            passes,
            "{header:?} {asked}"
        );
    }
    let addresses = [
        ("192.0.2.1", true),
        ("192.0.2.1", false),
        ("::ffff:192.0.2.1", false),
        ("192.0.2.2", true),
        ("2001:db8::1", true),
        // Of the same network.
        ("2001:db8::2", false),
        ("2001:db8:0:1::1", true),
    ];
    for (address, passes) in addresses {
        let mut request = request("POST /", &[]);
        request.client = address.parse().ok();
        let admitted = world.admit(request).await;
        assert_eq!(admitted.is_ok(), passes, "{address}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_route_s_throttle_comes_on_top_of_its_api_s() {
    let world = World::new("", "throttle: { rate: 1, burst: 3 }");
    let rate = Rate {
        rate: 1.0,
        burst: 2,
    };
    let access = RouteAccess {
        throttle: Some(Throttle {
            rate,
            per_caller: false,
        }),
        ..RouteAccess::default()
    };
    let rule = route(&world, &access);
    assert_eq!(ask(&world, &rule, &[]).await, "anyone");
    assert_eq!(ask(&world, &rule, &[]).await, "anyone");
    assert_eq!(
        ask(&world, &rule, &[]).await,
        "throttled: too many requests"
    );
    // What the route refused took nothing from the api.
    assert_eq!(world.ask(&[]).await, "anyone");
    assert_eq!(world.ask(&[]).await, "throttled: too many requests");
}

#[tokio::test]
async fn addresses_come_before_everything_else() {
    let world = World::new(
        BOTH,
        "auth: [people]\naddresses: { allow: [198.51.100.0/24] }\ncors: { allow_origins: ['*'] }",
    );
    let preflight = [
        ("origin", "https://shop.example"),
        ("access-control-request-method", "POST"),
    ];
    let mut request = request("OPTIONS /graphql", &preflight);
    let refused = outcome(world.admit(request.clone()).await);
    assert_eq!(refused, "address: the address may not call this api");
    request.client = "198.51.100.7".parse().ok();
    let answered = world.admit(request).await;
    let Err(Refusal::Preflight(headers)) = answered else {
        panic!("{answered:?}");
    };
    assert_eq!(headers["access-control-allow-origin"], "*");
    let mut dressed = HeaderMap::new();
    world.guard.dress(None, &mut dressed);
    assert!(dressed.is_empty());
}
