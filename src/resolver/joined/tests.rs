use std::sync::Mutex as StdMutex;

use ::http::{HeaderMap, Method, Uri};
use futures::future::join_all;
use tokio::sync::Semaphore;

use crate::{
    config::{Diagnostics, yaml},
    json::{Document, Value, View},
    request::{Call, Identity, Request},
    resolver::{
        Resolver,
        batch::{Batch, Spread},
        step::Parts,
    },
};

use super::*;

/// A source that notes its calls, waits for leave to answer, and answers `{"id": …}` items.
#[derive(Debug)]
struct Table {
    calls: StdMutex<Vec<Vec<String>>>,
    leave: Semaphore,
    joins_reads: bool,
}

impl Table {
    fn new(joins_reads: bool) -> Arc<Self> {
        Arc::new(Table {
            calls: StdMutex::default(),
            leave: Semaphore::new(Semaphore::MAX_PERMITS),
            joins_reads,
        })
    }

    fn calls(&self) -> Vec<Vec<String>> {
        self.calls.lock().unwrap().clone()
    }

    fn answer(request: View<'_>) -> Result<Reply, SourceError> {
        let body = match (request.get("ids"), request.get("fail")) {
            (_, Some(_)) => return Err(failed()),
            (Some(ids), _) => Value::List(Arc::new(
                ids.items()
                    .map(|id| json(&format!(r#"{{"id":{}}}"#, text(id))))
                    .collect(),
            )),
            _ => request.to_value(),
        };
        Ok(Reply { body, head: None })
    }
}

impl Source for Table {
    fn send<'a>(&'a self, requests: &'a [Value]) -> BoxFuture<'a, Vec<Result<Reply, SourceError>>> {
        let texts = requests.iter().map(|request| text(request.view()));
        self.calls.lock().unwrap().push(texts.collect());
        Box::pin(async move {
            let _leave = self.leave.acquire().await.unwrap();
            requests
                .iter()
                .map(|request| Table::answer(request.view()))
                .collect()
        })
    }

    fn is_read(&self, request: &Value) -> bool {
        request.view().get("write").is_none()
    }

    fn joins_reads(&self) -> bool {
        self.joins_reads
    }

    fn request_members(&self) -> &'static [&'static str] {
        &[]
    }
}

fn failed() -> SourceError {
    SourceError {
        error_type: "Failed".into(),
        message: "it failed".to_owned(),
    }
}

fn json(text: &str) -> Value {
    Value::Node(Document::parse(text.to_owned().into()).unwrap(), 0)
}

fn text(view: View<'_>) -> String {
    let mut text = Vec::new();
    view.write(&mut text);
    String::from_utf8(text).unwrap()
}

fn mapping(text: &str) -> Mapping {
    let mut diagnostics = Diagnostics::default();
    let file = diagnostics.files.register("case.yaml", text);
    let node = yaml::parse(file, text, &mut diagnostics).unwrap();
    let mapping = Mapping::compile(&node, &mut diagnostics);
    assert!(!diagnostics.has_errors(), "{}", diagnostics.render(false));
    mapping
}

fn call() -> Call {
    let request = Request {
        id: uuid::Uuid::nil(),
        method: Method::GET,
        uri: Uri::from_static("/"),
        headers: HeaderMap::new(),
        client: None,
        secure: false,
    };
    Call::for_tests(request, Identity::Anonymous)
}

/// A step of this request; batched by `$ctx.args.id` when it uses `$keys`.
fn step(source: &Arc<Table>, request: &str) -> Resolver {
    let request = mapping(request);
    let batch = request.reads().keys.then(|| Batch {
        key: mapping("$ctx.args.id"),
        spread: Spread::GroupBy("id".into()),
        max: 20,
        many: false,
    });
    let parts = Parts {
        source_name: "table".into(),
        source: Arc::clone(source) as Arc<dyn Source>,
        request,
        response: None,
        head: None,
        batch,
        cache: None,
    };
    Resolver::Step(parts.assemble())
}

/// What a caller with these arguments is answered.
async fn ask(resolver: &Resolver, args: &str, alone: bool) -> String {
    let (call, args) = (call(), json(args));
    let inputs = Inputs {
        call: &call,
        args: args.view(),
        body: View::NULL,
        connection: None,
        info: Info {
            field_name: "",
            parent_type_name: "",
            variables: View::NULL,
            selection: None,
        },
        env: View::NULL,
        asked: &Asked::default(),
        alone,
    };
    match resolver.resolve_one(inputs).await {
        Ok(value) => text(value.view()),
        Err(failure) => failure.message.clone(),
    }
}

/// What fifty callers at once are answered: their ids go from 0 to 24, twice.
async fn ask_fifty(resolver: &Resolver, alone: bool) -> Vec<String> {
    join_all((0..50).map(|caller| async move {
        let args = format!(r#"{{"id":{}}}"#, caller % 25);
        ask(resolver, &args, alone).await
    }))
    .await
}

fn expected(of: impl Fn(usize) -> String) -> Vec<String> {
    (0..50).map(|caller| of(caller % 25)).collect()
}

const READ: &str = "{ get: $ctx.args.id }";

#[tokio::test]
async fn single_reads_of_concurrent_callers_are_one_call_and_equal_ones_are_made_once() {
    let table = Table::new(true);
    let answers = ask_fifty(&step(&table, READ), true).await;
    assert_eq!(answers, expected(|id| format!(r#"{{"get":{id}}}"#)));
    let [call] = &table.calls()[..] else {
        panic!("one call, not {:?}", table.calls());
    };
    assert_eq!(call.len(), 25);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callers_on_several_threads_have_their_own_answers() {
    let table = Table::new(true);
    let resolver = Arc::new(step(&table, READ));
    let callers = (0..500).map(|caller| {
        let resolver = Arc::clone(&resolver);
        tokio::spawn(async move {
            let args = format!(r#"{{"id":{caller}}}"#);
            assert_eq!(
                ask(&resolver, &args, true).await,
                format!(r#"{{"get":{caller}}}"#)
            );
        })
    });
    for caller in join_all(callers).await {
        caller.unwrap();
    }
    assert_eq!(table.calls().concat().len(), 500, "each was read once");
}

#[tokio::test]
async fn nothing_is_joined_below_a_graphql_field_nor_for_a_source_that_joins_nothing() {
    for (joins_reads, alone) in [(true, false), (false, true)] {
        let table = Table::new(joins_reads);
        ask_fifty(&step(&table, READ), alone).await;
        assert_eq!(table.calls().len(), 50);
    }
}

#[tokio::test]
async fn writes_are_never_joined() {
    for request in ["{ write: $ctx.args.id }", "{ write: true, ids: $keys }"] {
        let table = Table::new(true);
        ask_fifty(&step(&table, request), true).await;
        assert_eq!(table.calls().len(), 50, "{request}");
    }
}

#[tokio::test]
async fn keys_of_concurrent_callers_become_chunks_and_each_has_its_own_item() {
    let table = Table::new(false);
    let answers = ask_fifty(&step(&table, "{ ids: $keys }"), true).await;
    assert_eq!(answers, expected(|id| format!(r#"{{"id":{id}}}"#)));
    let sizes: Vec<usize> = table
        .calls()
        .iter()
        .map(|call| json(&call[0]).view().get("ids").unwrap().len())
        .collect();
    assert_eq!(sizes.iter().sum::<usize>(), 25, "each key once: {sizes:?}");
    assert!(
        sizes.len() <= 3 && sizes.iter().all(|size| *size <= 20),
        "{sizes:?}"
    );
}

#[tokio::test]
async fn a_batch_that_reads_anything_of_its_caller_is_asked_for_alone() {
    for request in [
        "{ ids: $keys, who: $ctx.identity }",
        "{ ids: $keys, team: $ctx.request.headers.x-team }",
        "{ ids: $keys, limit: $ctx.args.limit }",
        "{ ids: $keys, sent: $ctx.request.body }",
        "{ ids: $keys, name: $ctx.info.fieldName }",
    ] {
        let table = Table::new(false);
        let answers = ask_fifty(&step(&table, request), true).await;
        assert_eq!(answers, expected(|id| format!(r#"{{"id":{id}}}"#)));
        assert_eq!(table.calls().len(), 50, "{request}");
    }
}

#[tokio::test]
async fn an_error_reaches_everyone_who_waits_for_it() {
    for request in ["{ fail: $ctx.args.id }", "{ fail: 1, ids: $keys }"] {
        let table = Table::new(true);
        let answers = ask_fifty(&step(&table, request), true).await;
        assert_eq!(answers, expected(|_| "it failed".to_owned()), "{request}");
        assert!(table.calls().len() <= 3);
    }
}

#[tokio::test]
async fn a_caller_that_goes_away_takes_nobody_with_it() {
    let table = Table::new(true);
    table.leave.forget_permits(Semaphore::MAX_PERMITS);
    let resolver = step(&table, READ);
    let mut callers: Vec<_> = (0..3)
        .map(|id| {
            let resolver = &resolver;
            Box::pin(async move { ask(resolver, &format!(r#"{{"id":{id}}}"#), true).await })
        })
        .collect();
    while table.calls().is_empty() {
        for caller in &mut callers {
            assert!(futures::poll!(caller).is_pending());
        }
        tokio::task::yield_now().await;
    }
    // Whoever of them began the call, one of the two that stay did not.
    drop(callers.remove(0));
    drop(callers.remove(1));
    table.leave.add_permits(1);
    assert_eq!(callers.remove(0).await, r#"{"get":1}"#);
    assert_eq!(table.calls().len(), 1);
}

#[tokio::test]
async fn who_comes_after_a_call_began_is_asked_for_anew() {
    let table = Table::new(true);
    table.leave.forget_permits(Semaphore::MAX_PERMITS);
    let resolver = step(&table, READ);
    let mut first = Box::pin(ask(&resolver, r#"{"id":1}"#, true));
    while table.calls().is_empty() {
        assert!(futures::poll!(&mut first).is_pending());
        tokio::task::yield_now().await;
    }
    let mut second = Box::pin(ask(&resolver, r#"{"id":1}"#, true));
    while table.calls().len() < 2 {
        assert!(futures::poll!(&mut second).is_pending());
        tokio::task::yield_now().await;
    }
    table.leave.add_permits(1);
    assert_eq!(first.await, second.await);
    let Resolver::Step(step) = &resolver else {
        panic!("it is a step");
    };
    assert!(lock(&step.joined.reads.open).is_none(), "nothing is kept");
}
