//! The template language against Apache Velocity 1.7 itself: what both print must be the same to
//! the byte, and what one refuses the other must refuse.
//!
//! Needs a JDK and Debian's `velocity`; `./test` installs both.

mod cases;
mod differences;
mod engine;
mod grammar;

use loomgate::mapping::{Dialect, Function, evaluation::Trial};
use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::TestRunner,
};
use serde_json::{Value, json};

/// How many templates are made up per run.
const MADE_UP: usize = 1000;

/// What every template sees.
fn context() -> Value {
    json!({
        "text": "Ada Lovelace",
        "empty": "",
        "quote": "it's \"so\"",
        "number": 7,
        "zero": 0,
        "long": 5_000_000_000_i64,
        "double": 1.5,
        "whole": 2.0,
        "yes": true,
        "no": false,
        "list": [3, 1, 2],
        "words": ["b", "a", "c"],
        "mixed": [1, "a", null, true, [1], { "a": 1 }],
        "none": [],
        "map": { "a": 1, "b": { "c": [10, 20, 30] }, "text": "T", "nothing": null },
        "bare": {},
        "people": [{ "name": "Ada", "age": 36 }, { "name": "Alan", "age": 41 }],
    })
}

/// What Loomgate makes of a template whose names are the members of the context.
fn ours(template: &str, context: &Value) -> Result<String, String> {
    let names = context.as_object().expect("the context is an object");
    let mut whole = String::new();
    for name in names.keys() {
        whole.push_str(&format!("#set(${name} = $ctx.args.{name})"));
    }
    // Nothing, so that the last `#set` does not take the line end of the template with it.
    whole.push_str("$!{nothing}");
    whole.push_str(template);
    let trial = Trial::template(&whole, Dialect::AppSync);
    let trial = trial.map_err(|faults| faults.render(false))?;
    let context = loomgate::json::Value::from(json!({ "arguments": context }));
    let evaluation = trial.run(&context, Function::Request);
    match (evaluation.text, evaluation.error) {
        // That the text is no JSON is no matter here.
        (Some(text), _) => Ok(text),
        (None, error) => Err(error.map_or_else(|| "nothing".to_owned(), |it| it.message)),
    }
}

/// Says where the two differ, a line for each template.
fn differences(templates: &[String]) -> Vec<String> {
    let context = context();
    let theirs = engine::render(templates, &context);
    let mut found = Vec::new();
    for (template, theirs) in templates.iter().zip(theirs) {
        let ours = ours(template, &context);
        let same = match (&ours, &theirs) {
            (Ok(ours), Ok(theirs)) => ours == theirs,
            (Err(_), Err(_)) => true,
            _ => false,
        };
        if !same {
            found.push(format!(
                "{template:?}\n  Velocity: {theirs:?}\n  Loomgate: {ours:?}"
            ));
        }
    }
    found
}

fn assert_alike(templates: &[String]) {
    let found = differences(templates);
    assert!(
        found.is_empty(),
        "{} of {} templates differ:\n{}",
        found.len(),
        templates.len(),
        found.join("\n")
    );
}

#[test]
fn templates_written_by_hand_print_the_same() {
    let templates: Vec<String> = cases::ALL
        .iter()
        .flat_map(|topic| topic.iter().map(|template| (*template).to_owned()))
        .collect();
    assert!(templates.len() >= 150);
    assert_alike(&templates);
}

#[test]
fn made_up_templates_print_the_same() {
    let mut runner = TestRunner::deterministic();
    let strategy = grammar::template();
    let templates: Vec<String> = (0..MADE_UP)
        .map(|_| {
            let tree = strategy.new_tree(&mut runner).expect("nothing is rejected");
            tree.current()
        })
        .collect();
    assert_alike(&templates);
}

#[test]
fn intended_differences_are_still_there() {
    let templates: Vec<String> = differences::INTENDED
        .iter()
        .map(|(template, _)| (*template).to_owned())
        .collect();
    let context = context();
    for ((template, why), theirs) in differences::INTENDED
        .iter()
        .zip(engine::render(&templates, &context))
    {
        let ours = ours(template, &context);
        let same = match (&ours, &theirs) {
            (Ok(ours), Ok(theirs)) => ours == theirs,
            (ours, theirs) => ours.is_err() && theirs.is_err(),
        };
        assert!(!same, "{template:?} is the same by now ({why}): {ours:?}");
    }
}
