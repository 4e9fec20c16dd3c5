use super::*;
use crate::{
    config::access,
    guard::tests::{Headers, request},
};

fn cors(origins: &[&str], change: impl FnOnce(&mut access::Cors)) -> Cors {
    let mut cors = access::Cors {
        allow_origins: origins.iter().map(|it| (*it).to_owned()).collect(),
        allow_methods: vec![Method::GET, Method::POST],
        allow_headers: None,
        expose_headers: Vec::new(),
        max_age: None,
        allow_credentials: false,
    };
    change(&mut cors);
    Cors::from_config(&cors)
}

fn nothing_more(_: &mut access::Cors) {}

fn everything(cors: &mut access::Cors) {
    cors.allow_credentials = true;
    cors.allow_headers = Some(vec![HeaderName::from_static("x-tenant"), ORIGIN]);
    cors.expose_headers = vec![HeaderName::from_static("x-total"), VARY];
    cors.max_age = Some(std::time::Duration::from_secs(600));
}

/// Each header on a line, without what all of them begin with.
fn show(headers: &HeaderMap) -> Vec<String> {
    let line = |(name, value): (&HeaderName, &HeaderValue)| {
        let name = name.as_str();
        let name = name.strip_prefix("access-control-").unwrap_or(name);
        format!("{name}: {}", value.to_str().unwrap())
    };
    let mut lines: Vec<String> = headers.iter().map(line).collect();
    lines.sort();
    lines
}

fn dressed(cors: &Cors, origin: Option<&'static str>, upstream: &[(&str, &str)]) -> Vec<String> {
    let mut headers = request("GET /", upstream).headers;
    let origin = origin.map(HeaderValue::from_static);
    cors.dress(origin.as_ref(), &mut headers);
    show(&headers)
}

fn preflight(cors: &Cors, origin: &str) -> Vec<String> {
    let headers = [
        ("origin", origin),
        ("access-control-request-method", "PUT"),
        ("access-control-request-headers", "x-a,x-b"),
    ];
    match cors.answer_preflight(&request("OPTIONS /", &headers)) {
        Err(Refusal::Preflight(headers)) => show(&headers),
        other => panic!("{other:?}"),
    }
}

#[test]
fn origins_are_exact_or_of_a_scheme() {
    let cases: [(&[&str], &str, bool); 10] = [
        (&["*"], "https://shop.example", true),
        (&["*"], "null", true),
        (&["https://*"], "https://shop.example", true),
        (&["https://*"], "http://shop.example", false),
        (&["http://*"], "http://shop.example:8080", true),
        (&["http://*"], "https://shop.example", false),
        (
            &["https://a.example", "https://b.example"],
            "https://b.example",
            true,
        ),
        (
            &["https://a.example"],
            "https://a.example.evil.example",
            false,
        ),
        (&["https://a.example"], "https://A.example", false),
        (&["https://a.example"], "null", false),
    ];
    for (origins, origin, allowed) in cases {
        let cors = cors(origins, nothing_more);
        let origin = HeaderValue::from_static(origin);
        assert_eq!(
            cors.origins.allow(&origin),
            allowed,
            "{origins:?} {origin:?}"
        );
    }
}

#[test]
fn actual_answers_say_who_may_read_them() {
    let all = cors(&["*"], nothing_more);
    let some = cors(&["https://a.example"], everything);
    let a = Some("https://a.example");
    assert_eq!(dressed(&all, a, &[]), ["allow-origin: *"]);
    assert!(dressed(&all, None, &[]).is_empty());
    let full = [
        "allow-credentials: true",
        "allow-origin: https://a.example",
        "expose-headers: x-total,vary",
        "vary: origin",
    ];
    assert_eq!(dressed(&some, a, &[]), full);
    // A cache must not keep this answer for pages.
    assert_eq!(dressed(&some, None, &[]), ["vary: origin"]);
    assert_eq!(
        dressed(&some, Some("https://b.example"), &[]),
        ["vary: origin"]
    );
}

#[test]
fn what_an_upstream_says_is_replaced() {
    let some = cors(&["https://a.example"], nothing_more);
    let upstream = [
        ("access-control-allow-origin", "*"),
        ("access-control-allow-credentials", "true"),
        ("access-control-expose-headers", "x-internal"),
        ("vary", "accept"),
    ];
    assert_eq!(
        dressed(&some, Some("https://b.example"), &upstream),
        ["vary: accept", "vary: origin"]
    );
    assert_eq!(
        dressed(&some, Some("https://a.example"), &upstream),
        [
            "allow-origin: https://a.example",
            "vary: accept",
            "vary: origin"
        ]
    );
    let varied = [("vary", "Accept, Origin")];
    assert_eq!(dressed(&some, None, &varied), ["vary: Accept, Origin"]);
}

#[test]
fn preflights_are_answered() {
    let all = cors(&["*"], nothing_more);
    let some = cors(&["https://a.example"], everything);
    assert_eq!(
        preflight(&all, "https://a.example"),
        [
            "allow-headers: x-a,x-b",
            "allow-methods: GET,POST",
            "allow-origin: *",
            "vary: access-control-request-headers",
        ]
    );
    assert_eq!(
        preflight(&some, "https://a.example"),
        [
            "allow-credentials: true",
            "allow-headers: x-tenant,origin",
            "allow-methods: GET,POST",
            "allow-origin: https://a.example",
            "max-age: 600",
            "vary: origin",
        ]
    );
    assert_eq!(preflight(&some, "https://b.example"), ["vary: origin"]);
}

#[test]
fn other_requests_go_on() {
    let all = cors(&["*"], nothing_more);
    let origin = ("origin", "https://a.example");
    let method = ("access-control-request-method", "PUT");
    let cases: [(&str, Headers<'_>); 4] = [
        ("OPTIONS /", &[]),
        ("OPTIONS /", &[origin]),
        ("OPTIONS /", &[method]),
        ("POST /", &[origin, method]),
    ];
    for (line, headers) in cases {
        let request = request(line, headers);
        assert!(all.answer_preflight(&request).is_ok(), "{line} {headers:?}");
    }
}

#[test]
fn dressing_a_preflight_s_answer_once_more_takes_nothing_away() {
    let some = cors(&["https://a.example"], |cors| cors.allow_credentials = true);
    let asked = [
        ("origin", "https://a.example"),
        ("access-control-request-method", "PUT"),
    ];
    let answer = some.answer_preflight(&request("OPTIONS /", &asked));
    let Err(Refusal::Preflight(mut headers)) = answer else {
        panic!("{answer:?}");
    };
    let before = show(&headers);
    some.dress(
        Some(&HeaderValue::from_static("https://a.example")),
        &mut headers,
    );
    assert_eq!(show(&headers), before);
}
