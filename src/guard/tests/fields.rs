//! Whom fields admit.

use serde_json::json;

use super::{
    World, request,
    signing::{ONE, TWO, bearer, claims},
};
use crate::{
    config::access::{Rate, Throttle},
    guard::{Admit, Denied},
    request::{Call, Mode},
};

const ALL: &str = "
auth:
  partners: { type: api_key }
  people: { type: jwt, issuer: https://id.example.com, jwks: keys.json, audience: shop }
  pool: { type: jwt, issuer: https://pool.example.com, jwks: two.json, audience: shop, user_pool: true }
api_keys:
  - { name: acme, value: acme-acme-acme-acme }
";

/// Anyone, a partner, a person, somebody of the pool, somebody of the pool in a group.
async fn callers(world: &World) -> Vec<Call> {
    let pool = |groups| {
        let issuer = "https://pool.example.com";
        bearer(&TWO.token(&claims(json!({ "iss": issuer, "cognito:groups": groups }))))
    };
    let tokens = [
        bearer(&ONE.token(&claims(json!({ "cognito:groups": ["admins"] })))),
        pool(json!([])),
        pool(json!(["clerks", "admins"])),
    ];
    let mut headers = vec![vec![], vec![("x-api-key", "acme-acme-acme-acme")]];
    headers.extend(tokens.iter().map(|it| vec![("authorization", it.as_str())]));
    let mut callers = Vec::new();
    for headers in headers {
        let admitted = world.admit(request("POST /graphql", &headers)).await;
        callers.push(admitted.unwrap());
    }
    callers
}

/// Which of the callers a field with these directives admits: `+` or `-` for each.
async fn admitted(auth: &str, admits: &[Admit]) -> String {
    let world = World::new(ALL, "auth: [partners, people, pool, public]");
    let field = World::new(ALL, &format!("auth: {auth}"));
    let rule = field.guard.field_rule("Query.orders", admits, None);
    let Some(rule) = rule else {
        return "all".to_owned();
    };
    let callers = callers(&world).await;
    let signs = callers.iter().map(|call| match rule.check(call) {
        Ok(()) => '+',
        Err(_) => '-',
    });
    signs.collect()
}

/// See: appsync.md 7.7 (combining directives).
#[tokio::test]
async fn directives_say_whom_a_field_admits() {
    let groups = |names: &[&str]| Admit::Groups(names.iter().map(|it| (*it).into()).collect());
    let all = "[partners, people, pool, public]";
    let cases = [
        // anyone, key, oidc, pool, pool in admins
        (all, vec![Admit::Mode(Mode::ApiKey)], "-+---"),
        (all, vec![Admit::Mode(Mode::Oidc)], "--+++"),
        (all, vec![Admit::Mode(Mode::UserPool)], "---++"),
        (all, vec![groups(&["admins", "owners"])], "----+"),
        (all, vec![groups(&["owners"])], "-----"),
        (
            all,
            vec![groups(&["admins"]), Admit::Mode(Mode::ApiKey)],
            "-+--+",
        ),
        // No directive: the default mode, and where the api is public, everybody.
        (all, vec![], "all"),
        ("[partners, people, pool]", vec![], "-+---"),
        ("[people, pool]", vec![], "--+--"),
        ("[pool, people]", vec![], "---++"),
        // Nobody else is let in.
        ("[people]", vec![], "all"),
        ("[people, public]", vec![], "all"),
        ("[public]", vec![], "all"),
    ];
    for (auth, admits, expected) in cases {
        assert_eq!(admitted(auth, &admits).await, expected, "{auth} {admits:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_field_s_throttle_is_taken_when_it_is_checked() {
    let world = World::new(ALL, "auth: [partners, public]");
    let rate = Rate {
        rate: 0.5,
        burst: 1,
    };
    let throttle = Throttle {
        rate,
        per_caller: true,
    };
    let partners = [Admit::Mode(Mode::ApiKey)];
    let rule = world
        .guard
        .field_rule("Query.orders", &partners, Some(throttle));
    let rule = rule.unwrap();
    let anyone = world.admit(request("POST /", &[])).await.unwrap();
    let acme = request("POST /", &[("x-api-key", "acme-acme-acme-acme")]);
    let acme = world.admit(acme).await.unwrap();
    assert_eq!(rule.check(&anyone), Err(Denied::Unauthorized));
    assert_eq!(rule.check(&acme), Ok(()));
    assert_eq!(rule.check(&acme), Err(Denied::Throttled));
    tokio::time::advance(std::time::Duration::from_secs(2)).await;
    assert_eq!(rule.check(&acme), Ok(()));
}
