//! Steps and pipelines of programs, over a source that notes what it is asked.

mod pipelines;
mod units;

use std::sync::{Mutex, atomic::AtomicUsize};

use ::http::{HeaderMap, Method, StatusCode, Uri};
use futures::future::BoxFuture;

use crate::{
    cache::{Bounds, Cache},
    config::{Diagnostics, yaml},
    json::Object,
    mapping::{
        Mapping, MappingError, Yield,
        fake::value,
        turn::{Extension, LogLevel},
    },
    request::{Identity, Request},
    resolver::{memory::Memory, step::Parts},
    source::{Head, Reply, Source, SourceError},
};

use super::*;

/// Answers with the payload; `fail` fails, `status` is an HTTP answer, `write` is no read.
#[derive(Debug, Default)]
struct Echo {
    calls: Mutex<Vec<Vec<String>>>,
}

impl Echo {
    fn calls(&self) -> Vec<Vec<String>> {
        self.calls.lock().unwrap().clone()
    }

    fn answer(request: View<'_>) -> Result<Reply, SourceError> {
        if let Some(fail) = request.get("fail") {
            return Err(SourceError {
                error_type: "Echo:Failed".into(),
                message: fail.as_str().unwrap().into_owned(),
            });
        }
        let head = request.get("status").and_then(View::as_i64).map(|status| {
            Arc::new(Head {
                status: StatusCode::from_u16(u16::try_from(status).unwrap()).unwrap(),
                headers: HeaderMap::new(),
                unread: None,
            })
        });
        let body = request
            .get("payload")
            .map(|it| text(it))
            .map(|it| json(&it));
        Ok(Reply {
            body: body.unwrap_or_default(),
            head,
        })
    }
}

impl Source for Echo {
    fn send<'a>(&'a self, requests: &'a [Value]) -> BoxFuture<'a, Vec<Result<Reply, SourceError>>> {
        let texts = requests.iter().map(|request| text(request.view()));
        self.calls.lock().unwrap().push(texts.collect());
        let replies = requests.iter().map(|it| Echo::answer(it.view()));
        let replies = replies.collect();
        Box::pin(async move { replies })
    }

    fn is_read(&self, request: &Value) -> bool {
        request.view().get("write").is_none()
    }

    fn joins_reads(&self) -> bool {
        false
    }

    fn request_members(&self) -> &'static [&'static str] {
        &[]
    }
}

fn json(text: &str) -> Value {
    Value::parse(text.to_owned()).unwrap()
}

fn text(view: View<'_>) -> String {
    let mut text = Vec::new();
    view.write(&mut text);
    String::from_utf8(text).unwrap()
}

fn tree(text: &str) -> Mapping {
    let mut diagnostics = Diagnostics::default();
    let file = diagnostics.files.register("case.yaml", text);
    let node = yaml::parse(file, text, &mut diagnostics).unwrap();
    let mapping = Mapping::compile(&node, &mut diagnostics);
    assert!(!diagnostics.has_errors(), "{}", diagnostics.render(false));
    mapping
}

/// A program that yields `{ payload: … }` of what it is shown.
fn asks(payload: impl Fn(&Context<'_>) -> Value + Send + Sync + 'static) -> Mapping {
    Mapping::fake(move |cx, _| Ok(value(object([("payload", payload(cx))]))))
}

fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    let members = members.into_iter().map(|(name, it)| (Arc::from(name), it));
    Value::from(members.collect::<Object>())
}

/// A step over a source.
fn step(source: &Arc<Echo>, request: Mapping, response: Option<Mapping>) -> Arc<Step> {
    parts(source, request, response).assemble()
}

fn parts(source: &Arc<Echo>, request: Mapping, response: Option<Mapping>) -> Parts {
    Parts {
        source_name: "echo".into(),
        source: Arc::clone(source) as Arc<dyn Source>,
        request,
        response,
        head: None,
        batch: None,
        cache: None,
    }
}

fn memory(keys: &[&str]) -> Memory {
    let bounds = Bounds {
        ttl: std::time::Duration::from_secs(60),
        max_entries: 100,
        max_bytes: 1 << 20,
    };
    Memory {
        answers: Cache::new(bounds, |_| 100),
        ttl: bounds.ttl,
        keys: Some(keys.iter().map(|key| tree(key)).collect()),
        reads_variables: false,
    }
}

/// What came of a level: each parent's answer or failure, with what stands beside it, and what was
/// caused.
struct Outcomes {
    answers: Vec<String>,
    effects: Effects,
}

async fn run(resolver: &Resolver, parents: &[&str]) -> Outcomes {
    let request = Request {
        id: uuid::Uuid::nil(),
        method: Method::GET,
        uri: Uri::from_static("/"),
        headers: HeaderMap::new(),
        client: None,
        secure: false,
    };
    let (call, asked) = (
        Call::for_tests(request, Identity::Anonymous),
        Asked::default(),
    );
    let (args, env) = (json(r#"{"id":"7"}"#), json(r#"{"stage":"test"}"#));
    let inputs = Inputs {
        call: &call,
        args: args.view(),
        body: View::NULL,
        connection: None,
        env: env.view(),
        info: Info {
            field_name: "author",
            parent_type_name: "Post",
            variables: View::NULL,
            selection: None,
        },
        asked: &asked,
        alone: false,
    };
    let parents: Vec<Value> = parents.iter().map(|text| json(text)).collect();
    let parents: Vec<View<'_>> = parents.iter().map(Value::view).collect();
    let answers = resolver.resolve(inputs, &parents).await;
    let shown = (0..parents.len()).map(|parent| {
        let place = answers.places.of(parent);
        let mut shown = match &answers.distinct[place] {
            Ok(value) => text(value.view()),
            Err(failure) => format!(
                "{}: {failure} {}",
                failure.kind(),
                text(failure.data.view())
            ),
        };
        for failure in answers.beside(place) {
            shown.push_str(&format!(" + {failure}"));
        }
        shown
    });
    Outcomes {
        answers: shown.collect(),
        effects: asked.effects(),
    }
}

/// A member of an object, as a value.
fn member(view: View<'_>, name: &str) -> Value {
    view.get(name).map(View::to_value).unwrap_or_default()
}

fn result(cx: &Context<'_>) -> Value {
    match cx.result {
        Outcome::None => Value::Null,
        Outcome::Document(view) | Outcome::Http { body: view, .. } => view.to_value(),
    }
}

fn source_error(cx: &Context<'_>) -> Value {
    let said = cx
        .error
        .map(|it| format!("{}/{}", it.error_type, it.message));
    said.map_or(Value::Null, Value::from)
}

fn error(message: &str) -> MappingError {
    MappingError {
        error_type: None,
        ..MappingError::template(message)
    }
}

/// A resolver of a source that answers null, shaped by a program.
pub(crate) fn program(response: Mapping) -> Resolver {
    let source = Arc::new(Echo::default());
    Resolver::Step(step(&source, tree("{}"), Some(response)))
}

/// Like [`program`], remembered by this key.
pub(crate) fn remembered(response: Mapping, key: &str) -> Resolver {
    let source = Arc::new(Echo::default());
    let mut parts = parts(&source, tree("{}"), Some(response));
    parts.cache = Some(memory(&[key]));
    Resolver::Step(parts.assemble())
}
