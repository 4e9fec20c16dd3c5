//! The engine with resolvers, compiled from files as a deployment is.

mod events;
mod plans;
mod programs;
mod rules;
mod subscriptions;

use std::{
    collections::HashMap,
    fs,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use futures::future::{BoxFuture, FutureExt};

use crate::{
    config::Diagnostics,
    deployment::{self, Deployment},
    graphql::{self, Cause, Event, Executed, RequestError},
    json::{Document, Value, View},
    request::{ApiKey, Call, Identity, Request},
    source::{Reply, Source, SourceError},
};

/// An api of the `none` source.
#[derive(Default)]
struct Files<'a> {
    schema: &'a str,
    /// What else `loomgate.yaml` says.
    top: &'a str,
    /// What else the api says.
    api: &'a str,
    /// File names, and what stands below `source:`. One that begins with `resolve:` has no source.
    resolvers: &'a [(&'a str, &'a str)],
    /// What stands in for sources.
    replaced: HashMap<String, Arc<dyn Source>>,
}

impl Files<'_> {
    /// The api, with the warnings.
    fn deploy(self) -> (Arc<Deployment>, Diagnostics) {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: String, text: &str| fs::write(folder.path().join(name), text).unwrap();
        fs::create_dir(folder.path().join("resolvers")).unwrap();
        write("schema.graphql".into(), self.schema);
        let (top, api) = (self.top, self.api);
        let config = format!(
            "sources: {{ data: {{ type: none }} }}\n{top}\n\
             apis: {{ it: {{ type: graphql, schema: schema.graphql, resolvers: resolvers, {api} }} }}\n"
        );
        write("loomgate.yaml".into(), &config);
        for (name, rest) in self.resolvers {
            let source = match rest.starts_with("resolve:") {
                true => "",
                false => "source: data\n",
            };
            let text = format!("{source}{rest}\n");
            write(format!("resolvers/{name}.yaml"), &text);
        }
        let (loaded, diagnostics) = deployment::load(
            &folder.path().join("loomgate.yaml"),
            self.replaced,
            &crate::cluster::Cluster::alone(),
        );
        let loaded = loaded.unwrap_or_else(|| panic!("{}", diagnostics.render(false)));
        let deployment = loaded.deployments.iter().next().unwrap();
        (Arc::clone(deployment), diagnostics)
    }
}

/// An api without anything special.
fn deployment(schema: &str, limits: &str, resolvers: &[(&str, &str)]) -> Arc<Deployment> {
    let files = Files {
        schema,
        api: &format!("limits: {{ {limits} }}"),
        resolvers,
        ..Files::default()
    };
    files.deploy().0
}

fn json(text: &str) -> Value {
    Value::Node(Document::parse(text.to_owned().into()).unwrap(), 0)
}

/// An answer as a client sees it.
fn shown(executed: &Executed) -> String {
    let mut shown = executed.out.clone();
    for error in &executed.errors {
        shown.push(b'\n');
        error.write(&mut shown);
    }
    String::from_utf8(shown).unwrap()
}

/// Why an operation is refused, as a client sees it.
fn refused(errors: &[RequestError]) -> String {
    let mut shown = Vec::new();
    errors.iter().for_each(|error| error.write(&mut shown));
    String::from_utf8(shown).unwrap()
}

/// Answers with the payload, and counts how often it is asked; equal reads of one operation are
/// made once.
#[derive(Debug, Default)]
struct Counting(AtomicUsize);

impl Source for Counting {
    fn send<'a>(&'a self, requests: &'a [Value]) -> BoxFuture<'a, Vec<Result<Reply, SourceError>>> {
        self.0.fetch_add(requests.len(), Ordering::Relaxed);
        let payload = |request: &Value| request.view().get("payload").map(Value::from);
        let replies = requests.iter().map(payload).map(|payload| {
            Ok(Reply {
                body: payload.unwrap_or_default(),
                head: None,
            })
        });
        std::future::ready(replies.collect()).boxed()
    }

    fn is_read(&self, _request: &Value) -> bool {
        true
    }

    fn is_far(&self) -> bool {
        true
    }

    fn joins_reads(&self) -> bool {
        false
    }

    fn request_members(&self) -> &'static [&'static str] {
        &["payload"]
    }
}

/// Whoever holds an API key.
fn key_holder(name: &str) -> Identity {
    Identity::ApiKey(Arc::new(ApiKey {
        name: name.into(),
        provider: "partners".into(),
        expires: None,
    }))
}

/// A plan as text, or why there is none.
fn plan(deployment: &Deployment, text: &str, variables: &str) -> String {
    let planned = deployment
        .graphql()
        .unwrap()
        .engine
        .document(text, None)
        .and_then(|document| {
            deployment
                .graphql()
                .unwrap()
                .engine
                .plan(&document, json(variables).view())
        });
    match planned {
        Ok(plan) => plan.to_string(),
        Err(errors) => errors
            .iter()
            .map(RequestError::to_string)
            .collect::<Vec<_>>()
            .join("\n"),
    }
}

/// A call of somebody.
fn call(identity: Identity) -> Arc<Call> {
    let request = Request {
        id: uuid::Uuid::nil(),
        method: http::Method::POST,
        uri: http::Uri::from_static("/"),
        headers: http::HeaderMap::new(),
        client: None,
        secure: false,
    };
    Arc::new(Call::for_tests(request, identity))
}

async fn run(deployment: &Deployment, text: &str) -> Executed {
    run_as(deployment, Identity::Anonymous, text).await.0
}

/// Runs an operation, and says what those who listen hear.
async fn run_as(deployment: &Deployment, who: Identity, text: &str) -> (Executed, Vec<Event>) {
    let document = deployment
        .graphql()
        .unwrap()
        .engine
        .document(text, None)
        .unwrap();
    let execution = deployment
        .graphql()
        .unwrap()
        .engine
        .prepare(call(who), &document, View::NULL)
        .unwrap();
    let (heard, events) = std::sync::mpsc::channel();
    let settle = move |executed: &mut Executed| {
        heard.send(std::mem::take(&mut executed.events)).unwrap();
    };
    let executed = graphql::execute(execution, Vec::new(), settle).await;
    let executed = executed.unwrap();
    assert!(executed.events.is_empty(), "they were handed over");
    (executed, events.try_iter().flatten().collect())
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
            if failure.kind() == "ResolverExecutionLimitReached")
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
    let document = api.graphql().unwrap().engine.document(&text, None).unwrap();
    let mut weight = document.weight();
    for variables in [r#"{"x":true}"#, r#"{"x":false}"#] {
        let plan = api
            .graphql()
            .unwrap()
            .engine
            .plan(&document, json(variables).view())
            .unwrap();
        assert!(plan.weight() as usize > plan.size * size_of::<graphql::plan::Field>());
        weight += plan.weight();
        assert_eq!(document.weight(), weight);
        api.graphql()
            .unwrap()
            .engine
            .plan(&document, json(variables).view())
            .unwrap();
        assert_eq!(document.weight(), weight, "the same plan is no new weight");
    }
    api.graphql().unwrap().engine.documents.run_pending_tasks();
    let kept = api.graphql().unwrap().engine.documents.weighted_size();
    assert!(kept >= u64::from(weight), "{kept} of {weight}");
}
