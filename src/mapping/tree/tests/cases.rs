//! Runs the files of `tests/vtl`.

use std::{fs, path::Path};

use super::{Fixture, Mapping, json};
use crate::{
    config::{Diagnostics, yaml},
    json::{Value, View},
};

/// `context:` and `mapping:` of a file, rendered.
#[test]
fn every_mapping_renders_as_recorded() {
    each("rendered", |name, text| {
        let mut diagnostics = Diagnostics::default();
        let mapping = compile(name, text, &mut diagnostics);
        assert!(!diagnostics.has_errors(), "{}", diagnostics.render(false));
        let context = super::node(text).0;
        let fixture = Fixture::new(context.get("context").expect("a case has a context"));
        let rendered = match mapping.render(&fixture.context()) {
            Ok(Some(value)) => lines(&value),
            Ok(None) => "(absent)".to_owned(),
            Err(error) => format!("error: {error}"),
        };
        format!("{mapping}\n\n{rendered}")
    });
}

/// `mapping:` of a file, and what is said of it.
#[test]
fn every_fault_is_told_as_recorded() {
    each("faults", |name, text| {
        let mut diagnostics = Diagnostics::default();
        compile(name, text, &mut diagnostics);
        assert!(diagnostics.has_errors(), "{name} compiles");
        diagnostics.render(false)
    });
}

fn compile(name: &str, text: &str, diagnostics: &mut Diagnostics) -> Mapping {
    let file = diagnostics.files.register(format!("{name}.yaml"), text);
    let node = yaml::parse(file, text, diagnostics).expect("the case is YAML");
    Mapping::compile(
        node.get("mapping").expect("a case has a mapping"),
        diagnostics,
    )
}

/// One member or item a line, each as it was rendered.
fn lines(value: &Value) -> String {
    let view = value.view();
    let members = view
        .entries()
        .map(|(key, member)| format!("{key}: {}", text(member)));
    let items = view.items().map(text);
    let lines: Vec<String> = members.chain(items).collect();
    match lines.is_empty() {
        true => text(view),
        false => lines.join("\n"),
    }
}

fn text(view: View<'_>) -> String {
    json(&view.to_value())
}

fn each(folder: &str, run: impl Fn(&str, &str) -> String) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vtl");
    let entries = fs::read_dir(root.join(folder)).expect("the folder is there");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("a case").path()).collect();
    paths.sort();
    assert!(!paths.is_empty());
    for path in paths {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let text = fs::read_to_string(&path).expect("a case is text");
        insta::with_settings!({
            snapshot_path => root.join("snapshots").join(folder),
            prepend_module_to_snapshot => false,
            omit_expression => true,
        }, {
            insta::assert_snapshot!(&*name, run(&name, &text));
        });
    }
}
