//! Promise: `explain` says what an operation will do before it does it.

use crate::support::{Project, loomgate};

const FILES: &[(&str, &str)] = &[
    (
        "loomgate.yaml",
        "sources: { rest: { type: http, url: \"http://127.0.0.1:9\" } }\n",
    ),
    (
        "schema.graphql",
        "type Query { posts: [Post!] }\ntype Post { id: ID! title: String author: Author tags: [String!] }\ntype Author { name: String }\n",
    ),
    (
        "resolvers/Query.posts.yaml",
        "source: rest\nrequest: { path: /posts }\ncache: { ttl: 5s }\n",
    ),
    (
        "resolvers/Post.author.yaml",
        "source: rest\nrequest: { path: /authors }\nbatch: { key: $ctx.source.authorId, query: { id: $keys }, group_by: id, max: 50 }\n",
    ),
    (
        "resolvers/Post.tags.yaml",
        "source: rest\nrequest: { path: /tags/$ctx.source.id }\n",
    ),
];

fn explain(query: &str, arguments: &[&str]) -> (bool, String) {
    let project = Project::new(FILES, &[]);
    project.write("query.graphql", query);
    let config = project.config();
    let config = config.to_str().expect("text");
    let mut all = vec!["explain", "query.graphql", "--config", config];
    all.extend(arguments);
    let output = loomgate(&all, project.path()).output().expect("it runs");
    let text = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&text).into_owned(),
    )
}

#[test]
fn the_plan_names_levels_requests_batches_caches_and_calls() {
    let (ok, text) = explain("{ posts { id by: author { name } tags } }", &[]);
    assert!(ok, "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn what_is_skipped_is_not_planned() {
    let query = "query ($more: Boolean!) { posts { id author @include(if: $more) { name } } }";
    let (ok, text) = explain(query, &["--variables", "{\"more\": false}"]);
    assert!(ok, "{text}");
    assert!(!text.contains("author"), "{text}");
}

#[test]
fn a_wrong_operation_is_named_with_its_place() {
    let (ok, text) = explain("{ posts {\n  nope } }", &[]);
    assert!(!ok);
    assert!(text.contains("query.graphql:2:3"), "{text}");
}

#[test]
fn one_of_several_apis_is_named() {
    let project = Project::new(FILES, &[]);
    project.write(
        "loomgate.yaml",
        "sources: { rest: { type: http, url: \"http://127.0.0.1:9\" } }\napis:\n  a: { type: graphql, path: /a, schema: schema.graphql, resolvers: resolvers }\n  b: { type: graphql, path: /b, schema: schema.graphql, resolvers: resolvers }\n",
    );
    project.write("query.graphql", "{ posts { id } }");
    let config = project.config();
    let config = config.to_str().expect("text");
    let explain = |more: &[&str]| {
        let arguments = [&["explain", "query.graphql", "--config", config], more].concat();
        let output = loomgate(&arguments, project.path())
            .output()
            .expect("it runs");
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.success(), text)
    };
    let (ok, text) = explain(&[]);
    assert!(!ok && text.contains("name one of the apis: a, b"), "{text}");
    let (ok, text) = explain(&["--api", "b"]);
    assert!(ok, "{text}");
}
