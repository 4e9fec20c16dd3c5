//! Promise: `loomgate check` finds the faults, says where they stand, and its exit code says so too.

use std::process::Output;

use serde_json::Value;

use crate::support::{Project, gateway::loomgate, json::like};

const SCHEMA: (&str, &str) = ("schema.graphql", "type Query { hello: String }\n");
const CONFIG: (&str, &str) = ("loomgate.yaml", "sources: { local: { type: none } }\n");
const HELLO: (&str, &str) = (
    "resolvers/Query.hello.yaml",
    "source: local\nrequest: { payload: Hello }\n",
);

fn check(project: &Project, extra: &[&str]) -> Output {
    let config = project.config();
    let mut arguments = vec![
        "check",
        "--config",
        config.to_str().expect("temporary paths are text"),
    ];
    arguments.extend(extra);
    loomgate(&arguments, project.path())
        .output()
        .expect("the program starts")
}

/// Asserts exit code 1 and a text somewhere in what was printed; `…` stands for any text.
fn assert_fault(files: &[(&str, &str)], expected: &[&str]) {
    let output = check(&Project::new(files, &[]), &[]);
    let printed = printed(&output);
    assert_eq!(output.status.code(), Some(1), "{printed}");
    for text in expected {
        assert!(
            like(&format!("…{text}…"), &printed),
            "expected {text:?} in\n{printed}"
        );
    }
}

fn printed(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

#[test]
fn a_sound_project_passes() {
    let output = check(&Project::new(&[CONFIG, SCHEMA, HELLO], &[]), &[]);
    assert!(output.status.success(), "{}", printed(&output));
}

#[test]
fn an_unknown_key_is_named_with_its_place_and_the_nearest_one() {
    let config = (
        "loomgate.yaml",
        "sources:\n  local:\n    type: none\n    tipe: none\n",
    );
    assert_fault(
        &[config, SCHEMA, HELLO],
        &["loomgate.yaml:4:5", "tipe", "type"],
    );
}

#[test]
fn an_unknown_source_is_named_with_its_place_and_the_nearest_one() {
    let hello = (
        "resolvers/Query.hello.yaml",
        "source: lokal\nrequest: { payload: Hello }\n",
    );
    assert_fault(
        &[CONFIG, SCHEMA, hello],
        &["resolvers/Query.hello.yaml:1:9", "lokal", "local"],
    );
}

#[test]
fn a_resolver_for_a_field_that_does_not_exist_is_a_fault() {
    let other = (
        "resolvers/Query.helo.yaml",
        "source: local\nrequest: { payload: Hello }\n",
    );
    assert_fault(
        &[CONFIG, SCHEMA, HELLO, other],
        &["Query.helo.yaml", "hello"],
    );
}

#[test]
fn a_fault_in_the_schema_has_its_place() {
    let schema = ("schema.graphql", "type Query {\n  hello: Strin\n}\n");
    assert_fault(&[CONFIG, schema, HELLO], &["schema.graphql:2:10", "Strin"]);
}

#[test]
fn yaml_that_cannot_be_read_has_its_place() {
    let config = (
        "loomgate.yaml",
        "sources: { local: { type: none }\nserver: [\n",
    );
    assert_fault(&[config, SCHEMA, HELLO], &["loomgate.yaml:"]);
}

#[test]
fn all_faults_of_all_files_come_together() {
    let config = (
        "loomgate.yaml",
        "sources:\n  local: { type: none }\n  other: { type: htp }\n",
    );
    let hello = ("resolvers/Query.hello.yaml", "source: lokal\nreqest: {}\n");
    assert_fault(&[config, SCHEMA, hello], &["htp"]);
    assert_fault(&[config, SCHEMA, hello], &["lokal"]);
    assert_fault(&[config, SCHEMA, hello], &["reqest"]);
}

#[test]
fn faults_are_told_to_programs_as_json() {
    let hello = (
        "resolvers/Query.hello.yaml",
        "source: lokal\nrequest: { payload: Hello }\n",
    );
    let output = check(
        &Project::new(&[CONFIG, SCHEMA, hello], &[]),
        &["--format", "json"],
    );
    assert_eq!(output.status.code(), Some(1), "{}", printed(&output));
    let text = String::from_utf8_lossy(&output.stdout);
    let faults: Value =
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    assert!(faults.to_string().contains("lokal"), "{faults}");
}

#[test]
fn what_does_not_pass_does_not_start() {
    let config = ("loomgate.yaml", "sources: { local: { tipe: none } }\n");
    let project = Project::new(&[config, SCHEMA, HELLO], &[]);
    let config = project.config();
    let arguments = [
        "serve",
        "--config",
        config.to_str().expect("temporary paths are text"),
    ];
    let output = loomgate(&arguments, project.path())
        .output()
        .expect("the program starts");
    assert!(!output.status.success());
    assert!(printed(&output).contains("tipe"), "{}", printed(&output));
}

#[test]
fn a_missing_configuration_is_a_fault() {
    let project = Project::new(&[SCHEMA], &[]);
    let output = check(&project, &[]);
    assert_eq!(output.status.code(), Some(1), "{}", printed(&output));
    assert!(
        printed(&output).contains("loomgate.yaml"),
        "{}",
        printed(&output)
    );
}
