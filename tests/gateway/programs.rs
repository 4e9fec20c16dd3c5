//! Promise: a template or a module that does too much ends with a clear error within its bound,
//! whatever it does; other requests go on, and nothing of it is left for the next one.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{Gateway, PROMPT, Project};

const CONFIG: &str = "sources: { local: { type: none } }\n";

/// The fields of the api: each is a program of that name.
const SCHEMA: &str = "
type Query {
  calm(say: String): String
  forever: String
  callbacks: String
  recursion: String
  huge: String
  hoard: String
  pollute: String
  polluted: String
  remember: String
  caught: String
  turns: String
  doubling: String
  macros: String
  itself: String
}
";

const CALM: &str = "
export function request(ctx) { return { payload: `calm ${ctx.args.say}` } }
export function response(ctx) { return ctx.result }
";

const RESPONSE: &str = "export function response(ctx) { return ctx.result }\n";

/// What each module does in its `request`.
const MODULES: [(&str, &str); 9] = [
    ("forever", "while (true) {}"),
    (
        "callbacks",
        "const more = [1]; more.forEach(() => { for (;;) {} })",
    ),
    ("recursion", "const dig = (n) => dig(n + 1) + 1; dig(0)"),
    ("huge", "return { payload: 'x'.repeat(2 ** 30) }"),
    (
        "hoard",
        "const all = []; while (true) { all.push(new Array(1000).fill('x')) }",
    ),
    (
        "pollute",
        "const [all] = [Object]; all.prototype.stolen = ctx.args; return { payload: 'wrote' }",
    ),
    (
        "polluted",
        "return { payload: `${{}.stolen} ${[globalThis][0].kept} ${[].kept} ${[util][0].kept}` }",
    ),
    (
        "remember",
        "const [all] = [globalThis]; all.kept = 'kept'; return { payload: 'wrote' }",
    ),
    (
        "caught",
        "try { util.error('meant', 'Meant') } catch { } return { payload: 'went on' }",
    ),
];

const TEMPLATES: [(&str, &str); 4] = [
    ("turns", "#foreach($i in [1..1000000000])$i#end"),
    (
        "doubling",
        "#set($x = \"0123456789\")#foreach($i in [1..60])#set($x = \"$x$x\")#end$x",
    ),
    ("macros", "#macro(again)#again()#again()#end#again()"),
    (
        "itself",
        "#set($m = {})$util.qr($m.put(\"m\", $m))$util.toJson($m)",
    ),
];

async fn gateway() -> Gateway {
    let mut files: Vec<(String, String)> = vec![
        ("loomgate.yaml".to_owned(), CONFIG.to_owned()),
        ("schema.graphql".to_owned(), SCHEMA.to_owned()),
        (
            "resolvers/Query.calm.yaml".to_owned(),
            "source: local\ncode: calm.js\n".to_owned(),
        ),
        ("resolvers/calm.js".to_owned(), CALM.to_owned()),
    ];
    for (name, body) in MODULES {
        let yaml = format!("source: local\ncode: {name}.js\n");
        let code = format!("export function request(ctx) {{ {body} }}\n{RESPONSE}");
        files.push((format!("resolvers/Query.{name}.yaml"), yaml));
        files.push((format!("resolvers/{name}.js"), code));
    }
    for (name, text) in TEMPLATES {
        let yaml = format!("source: local\nrequest: {name}.vtl\n");
        files.push((format!("resolvers/Query.{name}.yaml"), yaml));
        files.push((format!("resolvers/{name}.vtl"), text.to_owned()));
    }
    Gateway::start(&Project::new(&files, &[])).await
}

/// The message and the type of the only error.
fn error(answer: &Value) -> (String, String) {
    let errors = answer["errors"].as_array();
    let [error] = errors.map(Vec::as_slice).unwrap_or_default() else {
        panic!("expected one error: {answer}");
    };
    let text = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
    (text("message"), text("errorType"))
}

#[tokio::test]
async fn what_does_too_much_ends_with_a_clear_error() {
    let gateway = gateway().await;
    for (field, said, error_type) in [
        ("forever", "runs too long", "Code"),
        ("callbacks", "runs too long", "Code"),
        ("recursion", "calls itself too often", "Code"),
        ("huge", "invalid string length", "Code"),
        ("hoard", "too much memory", "Code"),
        ("turns", "more than 1000 turns", "MappingTemplate"),
        ("doubling", "makes more than", "MappingTemplate"),
        ("macros", "", "MappingTemplate"),
        ("itself", "", "MappingTemplate"),
    ] {
        let started = Instant::now();
        let answer = gateway.ask(&format!("{{ {field} }}")).await;
        let (message, kind) = error(&answer);
        assert!(message.contains(said), "{field}: {message}");
        assert_eq!(kind, error_type, "{field}: {message}");
        assert!(
            started.elapsed() < PROMPT,
            "{field}: {:?}",
            started.elapsed()
        );
        let calm = gateway.ask(r#"{ calm(say: "again") }"#).await;
        assert_eq!(
            calm,
            json!({ "data": { "calm": "calm again" } }),
            "after {field}"
        );
    }
}

#[tokio::test]
async fn others_go_on_while_programs_run_for_ever() {
    let gateway = gateway().await;
    let slow = async {
        let four = (0..4).map(|_| gateway.ask("{ forever }"));
        futures::future::join_all(four).await
    };
    let quick = async {
        let mut longest = Duration::ZERO;
        for _ in 0..50 {
            let started = Instant::now();
            let answer = gateway.ask(r#"{ calm(say: "on") }"#).await;
            assert_eq!(answer, json!({ "data": { "calm": "calm on" } }));
            longest = longest.max(started.elapsed());
        }
        longest
    };
    let (slow, longest) = tokio::join!(slow, quick);
    assert!(
        slow.iter().all(|answer| error(answer).1 == "Code"),
        "{slow:?}"
    );
    assert!(longest < PROMPT, "{longest:?}");
}

#[tokio::test]
async fn nothing_is_left_for_the_next_request() {
    let gateway = gateway().await;
    for field in ["pollute", "remember"] {
        let (message, kind) = error(&gateway.ask(&format!("{{ {field} }}")).await);
        assert_eq!(kind, "Code", "{message}");
    }
    // On every thread that may have run them.
    for _ in 0..20 {
        let answer = gateway.ask("{ polluted }").await;
        let clean = "undefined undefined undefined undefined";
        assert_eq!(answer, json!({ "data": { "polluted": clean } }));
    }
}

#[tokio::test]
async fn an_error_that_is_raised_cannot_be_caught() {
    let gateway = gateway().await;
    let raised = error(&gateway.ask("{ caught }").await);
    assert_eq!(raised, ("meant".to_owned(), "Meant".to_owned()));
}
