//! The community's own tools agree: the GraphQL-over-HTTP audit suite, and graphql-js.

use std::{fs, path::Path};

use crate::support::{Gateway, Project, node};

const SMALL: &[(&str, &str)] = &[
    ("loomgate.yaml", "sources: { local: { type: none } }\n"),
    ("schema.graphql", "type Query { hello: String }\n"),
    (
        "resolvers/Query.hello.yaml",
        "source: local\nrequest: { payload: Hello }\n",
    ),
];

#[tokio::test]
async fn the_http_audits_pass() {
    let gateway = Gateway::start(&Project::new(SMALL, &[])).await;
    node::run("audit.mjs", &[&gateway.graphql()]).await;
}

#[tokio::test]
async fn every_operation_is_answered_as_graphql_js_does() {
    let (_upstream, address) = node::serve("differential/upstream.mjs").await;
    let project = Project::new(&menagerie(), &[("upstream", &address)]);
    let gateway = Gateway::start(&project).await;
    node::run("differential/compare.mjs", &[&gateway.graphql()]).await;
}

#[tokio::test]
async fn the_tools_notice_what_is_wrong() {
    node::run("self-check.mjs", &[]).await;
}

/// The files of the menagerie, as they stand in the repository.
fn menagerie() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/js/differential");
    let read = |path: &Path| fs::read_to_string(path).expect("the menagerie is there");
    let mut files: Vec<_> = ["loomgate.yaml", "schema.graphql"]
        .iter()
        .map(|name| ((*name).to_owned(), read(&folder.join(name))))
        .collect();
    for entry in fs::read_dir(folder.join("resolvers")).expect("the menagerie is there") {
        let path = entry.expect("the folder can be read").path();
        let name = path
            .file_name()
            .expect("a file has a name")
            .to_string_lossy()
            .into_owned();
        files.push((format!("resolvers/menagerie/{name}"), read(&path)));
    }
    files
}
