//! Resolvers of the kinds that teams bring from AppSync, each in both spellings: a template and a
//! module that must render the same request and the same answer.
//!
//! A folder is a resolver: `request.vtl` and `response.vtl`, `resolver.js`, and the `context.json`
//! they are tried out on. What they render is in `snapshots/`.

use std::path::{Path, PathBuf};

use loomgate::{
    json::{Object, Value},
    mapping::{
        Dialect, Function,
        evaluation::{Evaluation, Trial},
    },
};

fn folders() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/resolvers");
    let entries = std::fs::read_dir(root).expect("the folder is there");
    let mut folders: Vec<PathBuf> = entries
        .map(|entry| entry.expect("the folder can be read").path())
        .filter(|path| path.join("context.json").is_file())
        .collect();
    folders.sort();
    folders
}

fn load(path: &Path) -> Trial {
    let (trial, diagnostics) = Trial::load(path, Dialect::AppSync);
    assert!(diagnostics.is_empty(), "{}", diagnostics.render(false));
    trial.expect("it compiles")
}

/// The document without its `version`, which modules do not write.
fn without_version(value: &Value) -> Value {
    let members = value.view().entries();
    let members = members.filter(|(name, _)| name != "version");
    let members = members.map(|(name, value)| (name.as_ref().into(), value.to_value()));
    Value::from(members.collect::<Object>())
}

fn text(value: &Value) -> String {
    serde_json::to_string_pretty(value).expect("a value is JSON")
}

/// What came out of it, for people to read.
fn shown(evaluation: &Evaluation) -> String {
    match (&evaluation.value, &evaluation.error) {
        (_, Some(error)) => format!(
            "error: {} ({})",
            error.message,
            error.error_type.as_deref().unwrap_or("no type")
        ),
        (Some(value), None) => text(value),
        (None, None) => "nothing".to_owned(),
    }
}

#[test]
fn both_spellings_render_the_same_requests_and_answers() {
    let folders = folders();
    assert!(folders.len() >= 15, "{} resolvers", folders.len());
    for folder in folders {
        let name = folder.file_name().expect("a name").to_string_lossy();
        let context = std::fs::read_to_string(folder.join("context.json")).expect("a context");
        let context = Value::parse(context).expect("the context is JSON");
        let module = load(&folder.join("resolver.js"));
        for (function, file) in [
            (Function::Request, "request.vtl"),
            (Function::Response, "response.vtl"),
        ] {
            let template = load(&folder.join(file)).run(&context, function);
            let code = module.run(&context, function);
            let mut said = shown(&template);
            if function == Function::Request && template.error.is_none() {
                let value = template.value.as_ref().map(without_version);
                assert_eq!(value, code.value, "{name}: {said}\n{}", shown(&code));
            } else {
                assert_eq!(said, shown(&code), "{name}");
            }
            assert_eq!(template.stash, code.stash, "{name}");
            if !template.out_errors.is_empty() {
                said.push_str(&format!("\nappended: {:?}", template.out_errors));
            }
            assert_eq!(template.out_errors, code.out_errors, "{name}");
            insta::assert_snapshot!(format!("{name}_{}", function.name()), said);
        }
    }
}
