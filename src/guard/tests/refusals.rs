//! Who is refused, and for what reason.

use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use serde_json::{Value, json};

use super::{
    Headers, NOW, World, outcome, request,
    signing::{EC, ISSUER, ONE, TWO, bearer, claims, encode},
};

const BOTH: &str = "
auth:
  partners: { type: api_key }
  people: { type: jwt, issuer: https://id.example.com, jwks: keys.json, audience: [shop, desk] }
api_keys:
  - { name: acme, value: acme-acme-acme-acme }
  - { name: acme-next, value: acme-next-acme-next }
  - { name: gone, value: gone-gone-gone-gone, expires: 2026-11-20T20:00:00Z }
  - { name: soon, value: soon-soon-soon-soon, expires: 2026-11-20T20:00:01Z }
";

async fn ask(api: &str, headers: &[(&str, &str)]) -> String {
    World::new(BOTH, api).ask(headers).await
}

/// What becomes of a token.
async fn show(world: &World, token: &str) -> String {
    world.ask(&[("authorization", &bearer(token))]).await
}

#[tokio::test]
async fn api_keys_are_known_until_they_expire() {
    let cases: [(Headers<'_>, &str); 8] = [
        (
            &[("x-api-key", "acme-acme-acme-acme")],
            "api_key acme by partners",
        ),
        (
            &[("x-api-key", "acme-next-acme-next")],
            "api_key acme-next by partners",
        ),
        (
            &[("x-api-key", "soon-soon-soon-soon")],
            "api_key soon by partners",
        ),
        (
            &[("x-api-key", "gone-gone-gone-gone")],
            "api_key: the API key is not valid",
        ),
        (
            &[("x-api-key", "acme-acme-acme-acm")],
            "api_key: the API key is not valid",
        ),
        (&[("x-api-key", "")], "api_key: the API key is not valid"),
        (
            &[
                ("x-api-key", "acme-acme-acme-acme"),
                ("x-api-key", "acme-acme-acme-acme"),
            ],
            "api_key acme by partners",
        ),
        (
            &[
                ("x-api-key", "acme-acme-acme-acme"),
                ("x-api-key", "acme-next-acme-next"),
            ],
            "api_key: the API key is not valid",
        ),
    ];
    for (headers, expected) in cases {
        assert_eq!(
            ask("auth: [partners]", headers).await,
            expected,
            "{headers:?}"
        );
    }
}

#[tokio::test]
async fn the_first_provider_that_finds_credentials_decides() {
    let token = ONE.token(&claims(json!({})));
    let good_key = ("x-api-key", "acme-acme-acme-acme");
    let bad_key = ("x-api-key", "nobody");
    let good_token = ("authorization", token.as_str());
    let bad_token = ("authorization", "nonsense");
    let cases: [(&str, Headers<'_>, &str); 14] = [
        (
            "[partners, people]",
            &[],
            "no_credentials: there is no API key",
        ),
        (
            "[people, partners]",
            &[],
            "no_credentials: there are no credentials",
        ),
        ("[people, public]", &[], "anyone"),
        (
            "[partners, people]",
            &[good_key, good_token],
            "api_key acme by partners",
        ),
        (
            "[people, partners]",
            &[good_key, good_token],
            "token ann by people",
        ),
        (
            "[people, partners]",
            &[good_key],
            "api_key acme by partners",
        ),
        // Wrong credentials are refused, whatever else would let the request in.
        (
            "[partners, people]",
            &[bad_key, good_token],
            "api_key: the API key is not valid",
        ),
        (
            "[people, partners]",
            &[good_key, bad_token],
            "malformed: the token cannot be read",
        ),
        (
            "[partners, public]",
            &[bad_key],
            "api_key: the API key is not valid",
        ),
        (
            "[people, public]",
            &[bad_token],
            "malformed: the token cannot be read",
        ),
        (
            "[people, public]",
            &[("authorization", "")],
            "malformed: the token cannot be read",
        ),
        (
            "[people, public]",
            &[("authorization", "Basic YTpi")],
            "malformed: the token cannot be read",
        ),
        // Of other providers nobody asks.
        (
            "[people]",
            &[good_key],
            "no_credentials: there are no credentials",
        ),
        ("[partners, public]", &[good_token], "anyone"),
    ];
    for (auth, headers, expected) in cases {
        let asked = ask(&format!("auth: {auth}"), headers).await;
        assert_eq!(asked, expected, "{auth} {headers:?}");
    }
    assert_eq!(ask("", &[bad_key, bad_token]).await, "anyone");
    let twice = [good_token, bad_token];
    assert_eq!(
        ask("auth: [people]", &twice).await,
        "malformed: the token cannot be read"
    );
}

#[tokio::test]
async fn claims_decide_who_is_believed() {
    let world = World::new(BOTH, "auth: [people]");
    let cases = [
        (json!({}), "token ann by people"),
        (json!({ "aud": ["other", "desk"] }), "token ann by people"),
        (
            json!({ "aud": null, "client_id": "desk" }),
            "token ann by people",
        ),
        (json!({ "aud": null, "azp": "shop" }), "token ann by people"),
        (
            json!({ "nbf": null, "iat": null, "sub": null }),
            "token  by people",
        ),
        // Within the leeway of 30 s.
        (json!({ "exp": NOW - 29 }), "token ann by people"),
        (
            json!({ "nbf": NOW + 30, "iat": NOW + 30 }),
            "token ann by people",
        ),
        (json!({ "exp": NOW as f64 + 0.5 }), "token ann by people"),
        (json!({ "exp": NOW - 30 }), "expired: the token has expired"),
        (
            json!({ "exp": null }),
            "token: the token has no valid expiry",
        ),
        (
            json!({ "exp": "soon" }),
            "token: the token has no valid expiry",
        ),
        (json!({ "exp": -1 }), "token: the token has no valid expiry"),
        (
            json!({ "nbf": NOW + 31 }),
            "token: the token is not valid yet",
        ),
        (
            json!({ "iat": NOW + 31 }),
            "token: the token was issued in the future",
        ),
        (
            json!({ "nbf": "yesterday" }),
            "token: the token is not valid yet",
        ),
        (
            json!({ "iss": "https://id.example.com/" }),
            "token: the token does not have a valid issuer",
        ),
        (
            json!({ "iss": [ISSUER] }),
            "token: the token does not have a valid issuer",
        ),
        (
            json!({ "iss": null }),
            "token: the token does not have a valid issuer",
        ),
        (
            json!({ "aud": "other" }),
            "token: the token does not have a valid audience",
        ),
        (
            json!({ "aud": [] }),
            "token: the token does not have a valid audience",
        ),
        (
            json!({ "aud": null }),
            "token: the token does not have a valid audience",
        ),
        // Another audience is not made good by a client.
        (
            json!({ "aud": "other", "client_id": "shop" }),
            "token: the token does not have a valid audience",
        ),
    ];
    for (changes, expected) in cases {
        let token = ONE.token(&claims(changes.clone()));
        assert_eq!(show(&world, &token).await, expected, "{changes}");
        // The second time it may be remembered.
        assert_eq!(show(&world, &token).await, expected, "{changes}");
    }
}

#[tokio::test]
async fn only_what_the_issuer_signed_is_believed() {
    const ALGORITHM: &str = "token: the token is signed with an algorithm that is not accepted";
    const KEY: &str = "token: the token is signed with a key that is not known";
    const SIGNATURE: &str = "token: the token does not have a valid signature";
    const MALFORMED: &str = "malformed: the token cannot be read";
    let world = World::new(BOTH, "auth: [people]");
    let head = |alg: &str, kid: Value| json!({ "alg": alg, "kid": kid });
    let good = claims(json!({}));
    let unsigned = |alg: &str| format!("{}.{}.", encode(&head(alg, json!("one"))), encode(&good));
    let symmetric = {
        let signed = format!("{}.{}", encode(&head("HS256", json!("one"))), encode(&good));
        let secret = EncodingKey::from_secret(&ONE.public_bytes());
        let signature = crypto::sign(signed.as_bytes(), &secret, Algorithm::HS256).unwrap();
        format!("{signed}.{signature}")
    };
    let sound = ONE.token(&good);
    let (signed, signature) = sound.rsplit_once('.').unwrap();
    let (_, foreign) = sound.split_once('.').unwrap();
    let other_claims = ONE.token(&claims(json!({ "sub": "eve" })));
    let (other, _) = other_claims.rsplit_once('.').unwrap();
    let cases = [
        (sound.clone(), "token ann by people"),
        (unsigned("none"), ALGORITHM),
        (unsigned("None"), ALGORITHM),
        (unsigned("RS256"), SIGNATURE),
        (symmetric, ALGORITHM),
        // A right key, and an algorithm that is not configured.
        (
            ONE.token_with(&head("RS512", json!("one")), &good),
            ALGORITHM,
        ),
        (EC.token(&good), ALGORITHM),
        (TWO.token(&good), KEY),
        (
            TWO.token_with(&head("RS256", json!("one")), &good),
            SIGNATURE,
        ),
        // The key's own type counts, whatever the token says.
        (ONE.token_with(&head("RS256", json!("three")), &good), KEY),
        // Without `kid` there must be one fitting key, which there is.
        (
            ONE.token_with(&json!({ "alg": "RS256" }), &good),
            "token ann by people",
        ),
        (TWO.token_with(&json!({ "alg": "RS256" }), &good), SIGNATURE),
        (
            ONE.token_with(
                &json!({ "alg": "RS256", "kid": "one", "crit": ["b64"] }),
                &good,
            ),
            "token: the token asks for an extension that is not known",
        ),
        (format!("{other}.{signature}"), SIGNATURE),
        (format!("{signed}.{signature}x"), SIGNATURE),
        (signed.to_owned(), MALFORMED),
        (format!("{sound}.{signature}"), MALFORMED),
        (format!("e30.{foreign}"), MALFORMED),
        ("a.b.c".to_owned(), MALFORMED),
        ("..".to_owned(), MALFORMED),
    ];
    for (token, expected) in cases {
        assert_eq!(show(&world, &token).await, expected, "{token}");
    }
}

#[tokio::test]
async fn a_token_without_a_key_s_name_is_not_tried_on_several_keys() {
    let mut both = BOTH.replace(
        "jwks: keys.json",
        "jwks: keys.json, algorithms: [RS256, ES256]",
    );
    let head = json!({ "alg": "ES256" });
    let token = EC.token_with(&head, &claims(json!({})));
    let world = World::new(&both, "auth: [people]");
    assert_eq!(show(&world, &token).await, "token ann by people");
    both = both.replace("keys.json", "two.json");
    let world = World::new(&both, "auth: [people]");
    let token = TWO.token_with(&json!({ "alg": "RS256" }), &claims(json!({})));
    let expected = "token: the token is signed with a key that is not known";
    assert_eq!(show(&world, &token).await, expected);
}

#[tokio::test]
async fn a_prefix_is_no_matter_and_long_tokens_are_not_read() {
    let world = World::new(BOTH, "auth: [people]");
    let token = ONE.token(&claims(json!({})));
    for header in [
        token.clone(),
        format!("Bearer {token}"),
        format!("bearer  {token}"),
        format!("BEARER {token} "),
    ] {
        let asked = world.ask(&[("authorization", &header)]).await;
        assert_eq!(asked, "token ann by people", "{header}");
    }
    let long = ONE.token(&claims(json!({ "padding": "x".repeat(16 << 10) })));
    assert_eq!(
        show(&world, &long).await,
        "malformed: the token cannot be read"
    );
}

/// The wall time is long past the end of this key.
#[tokio::test]
async fn what_a_key_began_ends_with_it() {
    let world = World::new(BOTH, "auth: [partners]");
    let request = request("GET /graphql", &[("x-api-key", "soon-soon-soon-soon")]);
    let admitted = world.guard.admit_at(NOW, request, &world.rule).await;
    let readmitted = world
        .guard
        .readmit(&admitted.unwrap(), uuid::Uuid::nil(), &world.rule);
    assert_eq!(outcome(readmitted), "expired: the token has expired");
}

#[tokio::test]
async fn a_remembered_token_expires() {
    let world = World::new(BOTH, "auth: [people]");
    let header = bearer(&ONE.token(&claims(json!({ "exp": NOW + 10 }))));
    for (now, expected) in [
        (NOW, "token ann by people"),
        (NOW + 39, "token ann by people"),
        (NOW + 40, "expired: the token has expired"),
    ] {
        let request = request("POST /graphql", &[("authorization", &header)]);
        let admitted = world.guard.admit_at(now, request, &world.rule).await;
        assert_eq!(outcome(admitted), expected, "{now}");
    }
}

#[tokio::test]
async fn each_issuer_vouches_for_its_own_tokens_alone() {
    let auth = "
auth:
  people: { type: jwt, issuer: https://id.example.com, jwks: keys.json, audience: shop }
  staff: { type: jwt, issuer: https://staff.example.com, jwks: two.json, audience: shop }
";
    let world = World::new(auth, "auth: [people, staff]");
    let staff = json!({ "iss": "https://staff.example.com" });
    let cases = [
        (ONE.token(&claims(json!({}))), "token ann by people"),
        (TWO.token(&claims(staff.clone())), "token ann by staff"),
        (
            EC.token_with(&json!({ "alg": "RS256", "kid": "two" }), &claims(staff)),
            "token: the token does not have a valid signature",
        ),
        (
            TWO.token(&claims(json!({}))),
            "token: the token is signed with a key that is not known",
        ),
        (
            ONE.token(&claims(json!({ "iss": "https://evil.example.com" }))),
            "token: the token does not have a valid issuer",
        ),
    ];
    for (token, expected) in cases {
        assert_eq!(show(&world, &token).await, expected, "{token}");
    }
}

#[tokio::test]
async fn nothing_that_is_logged_shows_a_credential() {
    let world = World::new(BOTH, "auth: [partners, people]");
    let token = ONE.token(&claims(json!({})));
    let signature = token.rsplit_once('.').unwrap().1.to_owned();
    show(&world, &token).await;
    let key = world.ask(&[("x-api-key", "nobody-has-this-key")]).await;
    let shown = format!("{:?} {:?} {key}", world.guard, world.config);
    for secret in ["acme-acme-acme-acme", "nobody-has-this-key", &signature] {
        assert!(!shown.contains(secret), "{shown}");
    }
}
