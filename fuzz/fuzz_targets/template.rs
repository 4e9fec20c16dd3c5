//! Any text is a template: it compiles or is refused, and what compiled ends within its bounds, with
//! a document or with an error, in both dialects.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use loomgate::{
    json::Value,
    mapping::{Dialect, Function, evaluation::Trial},
};

static CONTEXT: LazyLock<Value> = LazyLock::new(|| {
    let context = r#"{
        "arguments": { "id": "p1", "n": 3, "f": 1.5, "b": true, "list": ["a", "b", { "k": null }] },
        "source": { "id": 7 },
        "identity": { "sub": "u1", "groups": ["x"] },
        "result": { "items": [{ "name": "é" }, { "name": "z" }], "big": 12345678901234567890 },
        "stash": { "m": {} },
        "body": { "a": [1, 2, 3] },
        "params": { "header": { "h": "v" } }
    }"#;
    Value::parse(context).expect("the context is JSON")
});

fuzz_target!(|text: &str| {
    for dialect in [Dialect::AppSync, Dialect::ApiGateway] {
        if let Ok(trial) = Trial::template(text, dialect) {
            let evaluation = trial.run(&CONTEXT, Function::Request);
            assert!(evaluation.error.is_some() || evaluation.value.is_some() || evaluation.text.is_some());
        }
    }
});
