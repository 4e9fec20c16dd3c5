//! The engine with resolvers, compiled from files as a deployment is.

mod plans;

use std::{collections::HashMap, fs, sync::Arc};

use crate::{
    deployment::{self, Deployment},
    graphql::{self, Executed, RequestError},
    guard,
    json::{Document, Value, View},
    request::Request,
};

/// An api of the `none` source: `resolvers` are file names and what stands below `source:`.
fn deployment(schema: &str, limits: &str, resolvers: &[(&str, &str)]) -> Arc<Deployment> {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: String, text: &str| fs::write(folder.path().join(name), text).unwrap();
    fs::create_dir(folder.path().join("resolvers")).unwrap();
    write("schema.graphql".into(), schema);
    let config = format!(
        "sources: {{ data: {{ type: none }} }}\n\
         apis: {{ it: {{ type: graphql, schema: schema.graphql, resolvers: resolvers, limits: {{ {limits} }} }} }}\n"
    );
    write("loomgate.yaml".into(), &config);
    for (name, rest) in resolvers {
        write(
            format!("resolvers/{name}.yaml"),
            &format!("source: data\n{rest}\n"),
        );
    }
    let (loaded, diagnostics) =
        deployment::load(&folder.path().join("loomgate.yaml"), HashMap::new());
    let loaded = loaded.unwrap_or_else(|| panic!("{}", diagnostics.render(false)));
    Arc::clone(loaded.deployments.iter().next().unwrap())
}

fn json(text: &str) -> Value {
    Value::Node(Document::parse(text.to_owned().into()).unwrap(), 0)
}

/// A plan as text, or why there is none.
fn plan(deployment: &Deployment, text: &str, variables: &str) -> String {
    let planned = deployment
        .engine
        .document(text, None)
        .and_then(|document| deployment.engine.plan(&document, json(variables).view()));
    match planned {
        Ok(plan) => plan.to_string(),
        Err(errors) => errors
            .iter()
            .map(RequestError::to_string)
            .collect::<Vec<_>>()
            .join("\n"),
    }
}

async fn run(deployment: &Deployment, text: &str) -> Executed {
    let request = Request {
        id: uuid::Uuid::nil(),
        method: http::Method::POST,
        uri: http::Uri::from_static("/"),
        headers: http::HeaderMap::new(),
        peer: None,
    };
    let call = Arc::new(guard::admit(request));
    let document = deployment.engine.document(text, None).unwrap();
    let execution = deployment
        .engine
        .prepare(call, &document, View::NULL)
        .unwrap();
    graphql::execute(execution, Vec::new()).await.unwrap()
}

const FRIENDS: &str =
    "type Query { users: [User!] } type User { id: ID! friends: [User!] name: String! }";
const TEN: &str = "request: { payload: [{id: 0},{id: 1},{id: 2},{id: 3},{id: 4},{id: 5},{id: 6},{id: 7},{id: 8},{id: 9}] }";

#[tokio::test]
async fn an_answer_that_grows_with_every_level_is_cut_off() {
    let api = deployment(FRIENDS, "", &[("Query.users", TEN), ("User.friends", TEN)]);
    let small = run(&api, "{users{friends{friends{id}}}}").await;
    assert!(small.errors.is_empty() && small.out.len() > 10_000);
    let text = format!("{{users{}{{id}}{}}}", "{friends".repeat(16), "}".repeat(16));
    let large = run(&api, &text).await;
    assert_eq!(large.out, b"null");
    assert_eq!(large.errors.len(), 1);
}

#[tokio::test]
async fn errors_count_as_part_of_the_answer() {
    let api = deployment(
        FRIENDS,
        "answer_size: 100KB",
        &[("Query.users", TEN), ("User.friends", TEN)],
    );
    let few = run(&api, "{users{friends{name}}}").await;
    assert_eq!(few.errors.len(), 10);
    let text = format!("{{users{}{{name}}{}}}", "{friends".repeat(6), "}".repeat(6));
    let many = run(&api, &text).await;
    assert_eq!((many.out.as_slice(), many.errors.len()), (&b"null"[..], 1));
}

#[tokio::test]
async fn a_level_with_too_many_objects_fails_the_field_above_it() {
    // Everybody has friends of their own: nothing is equal to anything.
    let ids =
        ["a", "b", "c", "d", "e"].map(|letter| format!("{{id: \"${{ctx.source.id}}{letter}\"}}"));
    let friends = format!("request: {{ payload: [{}] }}", ids.join(","));
    let resolvers = [("Query.users", TEN), ("User.friends", friends.as_str())];
    let api = deployment(FRIENDS, "level_objects: 49", &resolvers);
    let enough = run(&api, "{users{friends{id}}}").await;
    assert!(
        enough.errors.is_empty(),
        "nothing is resolved below the fifty"
    );
    let many = run(&api, "{users{friends{friends{id}}}}").await;
    assert_eq!(many.errors.len(), 10);
    assert!(many.errors.iter().all(|error| {
        matches!(&error.cause, graphql::Cause::Resolver(failure)
            if failure.error_type == "ResolverExecutionLimitReached")
    }));
}

#[test]
fn a_document_weighs_as_much_as_its_plans() {
    let types: String = (0..50)
        .map(|n| format!("type T{n} implements Node {{ id: ID node: Node }} "))
        .collect();
    let schema =
        format!("type Query {{ node: Node }} interface Node {{ id: ID node: Node }} {types}");
    let api = deployment(&schema, "", &[]);
    let text = format!(
        "query($x: Boolean!) {{ node {} }}",
        "{ id @skip(if: $x) node ".repeat(9) + "{ id }" + &"}".repeat(9)
    );
    let document = api.engine.document(&text, None).unwrap();
    let mut weight = document.weight();
    for variables in [r#"{"x":true}"#, r#"{"x":false}"#] {
        let plan = api.engine.plan(&document, json(variables).view()).unwrap();
        assert!(plan.weight() as usize > plan.size * size_of::<graphql::plan::Field>());
        weight += plan.weight();
        assert_eq!(document.weight(), weight);
        api.engine.plan(&document, json(variables).view()).unwrap();
        assert_eq!(document.weight(), weight, "the same plan is no new weight");
    }
    api.engine.documents.run_pending_tasks();
    let kept = api.engine.documents.weighted_size();
    assert!(kept >= u64::from(weight), "{kept} of {weight}");
}
