//! Wrong configurations. Each folder of `tests/diagnostics` is one; its snapshot is what the
//! operator sees. Adding a case is adding a folder.

mod at;

use std::{collections::HashMap, fs, path::Path};

use crate::deployment::load;

const CASES: &str = "tests/diagnostics";
const SNAPSHOTS: &str = "snapshots";

#[test]
fn wrong_configurations_say_what_is_wrong() {
    let mut cases: Vec<String> = fs::read_dir(CASES)
        .expect("the cases are part of the repository")
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name != SNAPSHOTS)
        .collect();
    cases.sort();
    assert!(cases.len() >= 25, "only {} cases", cases.len());
    for case in cases {
        let path = Path::new(CASES).join(&case).join("loomgate.yaml");
        let (_, faults) = load(&path, HashMap::new(), &crate::cluster::Cluster::alone());
        assert!(!faults.is_empty(), "{case} has no fault");
        let settings = {
            let mut settings = insta::Settings::clone_current();
            settings.set_snapshot_path(Path::new("../..").join(CASES).join(SNAPSHOTS));
            settings.set_prepend_module_to_snapshot(false);
            settings.set_omit_expression(true);
            settings
        };
        settings.bind(|| insta::assert_snapshot!(case.as_str(), faults.render(false)));
    }
}

/// Writes files into a folder of their own and says what is wrong with them as a configuration.
fn faults(files: &[(&str, &str)]) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    for (name, text) in files {
        let path = folder.path().join(name);
        let parent = path.parent().expect("it stands in the folder");
        fs::create_dir_all(parent).expect("a folder can be made");
        fs::write(path, text).expect("a file can be written");
    }
    let (_, faults) = load(
        folder.path(),
        HashMap::new(),
        &crate::cluster::Cluster::alone(),
    );
    faults.iter().map(|fault| fault.message.clone()).collect()
}

const NOTES: &str = "sources: { notes: { type: keyvalue, partition_key: id, seed: seed.json } }
apis: { notes: { type: graphql, schema: s.graphql, resolvers: r } }
";

#[test]
fn a_seed_item_beyond_the_bounds_of_the_store_is_a_fault() {
    let with_seed = |seed: &str| {
        faults(&[
            ("loomgate.yaml", NOTES),
            ("seed.json", seed),
            ("s.graphql", "type Query { a: Int }"),
            (
                "r/Query.a.yaml",
                "source: notes\nrequest: { get: { id: a } }",
            ),
        ])
    };
    let long = "x".repeat(500_000);
    let text = |len: usize| &long[..len];
    let item = |id: &str, note: &str| format!(r#"[{{"id": "{id}", "note": "{note}"}}]"#);
    assert_eq!(with_seed(&item(text(2048), text(1000))), [""; 0]);
    assert_eq!(
        with_seed(&item("a", text(500_000))),
        ["the item is larger than 400 KiB"]
    );
    assert_eq!(
        with_seed(&item(text(2049), "")),
        ["the partition key is longer than 2048 bytes"]
    );
}
