//! Against an issuer on this machine, which changes its keys, hangs and fails.

mod issuer;

use std::time::Duration;

use jsonwebtoken::Algorithm;
use serde_json::json;
use url::Url;

use super::{Jwks, KeySet, set::NoKeys};
use crate::{
    config::{Diagnostics, Span, Spanned, access, diagnostic::FileId},
    guard::tests::{
        World,
        signing::{EC, ISSUER, ONE, TWO, bearer, claims, key_set},
    },
};

use issuer::{Issuer, Says};

fn jwks(issuer: &str, url: Option<String>) -> std::sync::Arc<Jwks> {
    let span = Span::new(FileId(0), 0..0);
    let jwt = access::Jwt {
        issuer: Spanned::new(issuer.to_owned(), span),
        jwks: url.map(|url| access::Jwks::Url(Url::parse(&url).unwrap())),
        audience: Vec::new(),
        algorithms: vec!["RS256".to_owned()],
        leeway: Duration::ZERO,
        user_pool: false,
    };
    let name = Spanned::new("people".to_owned(), span);
    let algorithms = [Algorithm::RS256].into();
    Jwks::from_config(&name, &jwt, algorithms, &mut Diagnostics::default())
}

fn has(set: &KeySet, id: &str) -> bool {
    set.find(Some(id), Algorithm::RS256).is_some()
}

/// Lets time go by at once, while sockets go on in real time.
async fn pass(seconds: u64) {
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(seconds)).await;
    tokio::time::resume();
}

#[tokio::test]
async fn keys_are_fetched_once_however_many_wait() {
    let issuer = Issuer::start(Says::Keys(key_set(&[&ONE]))).await;
    let jwks = jwks("", Some(issuer.url("/keys")));
    let all = futures::future::join_all((0..100).map(|_| jwks.get())).await;
    assert!(all.iter().flatten().all(|set| has(set, "one")));
    assert_eq!(all.len(), 100);
    assert_eq!(issuer.asked(), 1);
}

#[tokio::test]
async fn an_unknown_key_has_the_set_fetched_once_more_at_once_and_then_after_a_pause() {
    let issuer = Issuer::start(Says::Keys(key_set(&[&ONE]))).await;
    let jwks = jwks("", Some(issuer.url("/keys")));
    let first = jwks.get().await.unwrap();
    issuer.says(Says::Keys(key_set(&[&TWO])));
    let newer = jwks.newer_than(first.clone()).await;
    assert!(has(&newer, "two") && !has(&newer, "one"));
    assert_eq!((newer.generation, issuer.asked()), (1, 2));
    // Whoever still has the old set is given the new one without a fetch.
    assert_eq!(jwks.newer_than(first).await.generation, 1);
    issuer.says(Says::Keys(key_set(&[&ONE])));
    let same = jwks.newer_than(newer.clone()).await;
    assert_eq!((same.generation, issuer.asked()), (1, 2));
    pass(30).await;
    let newest = jwks.newer_than(newer).await;
    assert!(has(&newest, "one") && !has(&newest, "two"));
    assert_eq!((newest.generation, issuer.asked()), (2, 3));
}

#[tokio::test]
async fn old_keys_go_on_holding_while_the_issuer_fails() {
    let issuer = Issuer::start(Says::Keys(key_set(&[&ONE]))).await;
    let jwks = jwks("", Some(issuer.url("/keys")));
    let first = jwks.get().await.unwrap();
    issuer.says(Says::Nothing);
    pass(3_600).await;
    // The fetch happens behind; this does not wait for it.
    assert!(jwks.at_hand().is_some());
    issuer.wait_until_asked(2).await;
    // Nothing new, and the old ones are still there.
    drop(jwks.flight.lock().await);
    let held = jwks.at_hand().unwrap();
    assert!(std::sync::Arc::ptr_eq(&held, &first));
    pass(86_400).await;
    assert!(jwks.get().await.is_none());
}

#[tokio::test]
async fn the_same_keys_are_no_new_generation() {
    let issuer = Issuer::start(Says::Keys(key_set(&[&ONE]))).await;
    let jwks = jwks("", Some(issuer.url("/keys")));
    let first = jwks.get().await.unwrap();
    pass(60).await;
    let again = jwks.newer_than(first.clone()).await;
    assert_eq!(issuer.asked(), 2);
    assert!(std::sync::Arc::ptr_eq(&first, &again));
}

#[tokio::test]
async fn without_an_issuer_there_are_no_keys_until_it_is_back() {
    for says in [
        Says::Nothing,
        Says::Keys("no json".to_owned()),
        Says::Keys(json!({ "keys": [] }).to_string()),
        Says::Keys(" ".repeat(150_001)),
        Says::Redirect,
    ] {
        let issuer = Issuer::start(says.clone()).await;
        let jwks = jwks("", Some(issuer.url("/keys")));
        assert!(jwks.get().await.is_none(), "{says:?}");
        // At once nobody asks again.
        assert!(jwks.get().await.is_none(), "{says:?}");
        assert_eq!(issuer.asked(), 1, "{says:?}");
        issuer.says(Says::Keys(key_set(&[&ONE])));
        pass(1).await;
        assert!(jwks.get().await.is_some(), "{says:?}");
    }
}

#[tokio::test]
async fn an_issuer_that_hangs_is_given_up() {
    let issuer = Issuer::start(Says::Hang).await;
    let jwks = jwks("", Some(issuer.url("/keys")));
    let waiting = tokio::spawn({
        let jwks = jwks.clone();
        async move { jwks.get().await.is_none() }
    });
    issuer.wait_until_asked(1).await;
    pass(6).await;
    assert!(waiting.await.unwrap());
}

#[tokio::test]
async fn a_waiter_that_goes_away_does_not_take_the_fetch_along() {
    let issuer = Issuer::start(Says::Keys(key_set(&[&ONE]))).await;
    let jwks = jwks("", Some(issuer.url("/keys")));
    let gone = futures::poll!(std::pin::pin!(jwks.get()));
    assert!(gone.is_pending());
    issuer.wait_until_asked(1).await;
    assert!(jwks.get().await.is_some());
    assert_eq!(issuer.asked(), 1);
}

#[tokio::test]
async fn discovery_says_where_the_keys_are() {
    let issuer = Issuer::start(Says::Keys(key_set(&[&ONE]))).await;
    for (own, slash) in [("", ""), ("", "/"), ("/tenant", "/")] {
        let name = issuer.url(&format!("{own}{slash}"));
        issuer.names_itself(&name);
        let found = jwks(&name, None).get().await;
        assert!(has(&found.unwrap(), "one"), "{name}");
    }
    // A document of somebody else.
    issuer.names_itself("https://id.example.com");
    assert!(jwks(&issuer.url(""), None).get().await.is_none());
}

fn world(issuer: &Issuer) -> World {
    let auth = format!(
        "auth:\n  people: {{ type: jwt, issuer: {ISSUER}, jwks: '{}', audience: shop }}",
        issuer.url("/keys")
    );
    World::new(&auth, "auth: [people]")
}

#[tokio::test]
async fn a_remembered_token_does_not_outlive_its_key() {
    let issuer = Issuer::start(Says::Keys(key_set(&[&ONE]))).await;
    let world = world(&issuer);
    let old = bearer(&ONE.token(&claims(json!({}))));
    let new = bearer(&TWO.token(&claims(json!({}))));
    let ask = |header: &str| {
        let header = header.to_owned();
        let world = &world;
        async move { world.ask(&[("authorization", &header)]).await }
    };
    assert_eq!(ask(&old).await, "token ann by people");
    issuer.says(Says::Keys(key_set(&[&TWO])));
    // It is remembered until somebody finds out that the keys are other ones.
    assert_eq!(ask(&old).await, "token ann by people");
    assert_eq!(ask(&new).await, "token ann by people");
    let unknown = "token: the token is signed with a key that is not known";
    assert_eq!(ask(&old).await, unknown);
    assert_eq!(issuer.asked(), 2);
}

#[tokio::test]
async fn without_keys_nobody_can_say_whether_a_token_is_right() {
    let issuer = Issuer::start(Says::Nothing).await;
    let world = world(&issuer);
    let token = bearer(&ONE.token(&claims(json!({}))));
    let asked = world.ask(&[("authorization", &token)]).await;
    assert_eq!(asked, "keys: the keys of the token's issuer cannot be had");
    // Of a token that is wrong in any case the issuer is not asked.
    let wrong = bearer(&ONE.token(&claims(json!({ "iss": "https://evil.example.com" }))));
    pass(60).await;
    world.ask(&[("authorization", &wrong)]).await;
    world.ask(&[("authorization", "nonsense")]).await;
    assert_eq!(issuer.asked(), 1);
}

#[test]
fn a_set_keeps_the_public_signing_keys() {
    let mut encryption = TWO.jwk();
    encryption["use"] = json!("enc");
    let mut signs = TWO.jwk();
    signs["key_ops"] = json!(["sign"]);
    let mut pinned = TWO.jwk();
    pinned["alg"] = json!("PS512");
    let mut open = TWO.jwk();
    open.as_object_mut().unwrap().remove("alg");
    let symmetric = json!({ "kty": "oct", "k": "c2VjcmV0", "kid": "two", "alg": "RS256" });
    let unknown = json!({ "kty": "future", "kid": "two" });
    let rsa = [
        Algorithm::RS256,
        Algorithm::RS384,
        Algorithm::RS512,
        Algorithm::PS256,
        Algorithm::PS384,
        Algorithm::PS512,
    ];
    let cases: [(_, &[Algorithm]); 8] = [
        (TWO.jwk(), &[Algorithm::RS256]),
        (pinned, &[Algorithm::PS512]),
        (open, &rsa),
        (encryption, &[]),
        (signs, &[]),
        (symmetric, &[]),
        (unknown, &[]),
        (json!("nonsense"), &[]),
    ];
    let others = [Algorithm::ES256, Algorithm::EdDSA, Algorithm::HS256];
    for (key, expected) in cases {
        let text = json!({ "keys": [key, EC.jwk()] }).to_string();
        let set = KeySet::parse(text.as_bytes(), 0).unwrap();
        let tried = rsa.into_iter().chain(others);
        let found = tried.filter(|it| set.find(Some("two"), *it).is_some());
        assert_eq!(found.collect::<Vec<_>>(), expected, "{text}");
        assert!(set.find(Some("three"), Algorithm::ES256).is_some());
    }
    let parse = |text: &str| KeySet::parse(text.as_bytes(), 0).map(|_| ());
    assert_eq!(parse("{\"keys\":[{}]}"), Err(NoKeys::Empty));
    assert_eq!(parse("[]"), Err(NoKeys::Unreadable));
}
