//! What rendering a mapping costs: a request with three references, text, and the two that the
//! engine evaluates most, the key of a batch and the response of a call.

use std::{hint::black_box, time::Duration};

use criterion::{Criterion, criterion_group, criterion_main};
use http::{HeaderMap, Method};
use loomgate::{
    config::{Diagnostics, yaml},
    guard,
    json::Value,
    mapping::{
        Context, Mapping, Outcome,
        context::{Caller, Info},
    },
    request::{Call, Request},
};
use uuid::Uuid;

// The one the gateway runs with.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const REQUEST: &str = "
method: GET
path: /reviews
query:
  product: $ctx.source.id
  first: $ctx.args.first
  after: $ctx.args.after
";

/// What a context borrows.
struct Parts {
    call: Call,
    args: Value,
    source: Value,
}

impl Parts {
    fn new() -> Self {
        let request = Request {
            id: Uuid::nil(),
            method: Method::POST,
            uri: http::Uri::from_static("/graphql"),
            headers: HeaderMap::new(),
            client: None,
            secure: false,
        };
        let parse = |text: &'static str| Value::parse(text).expect("it is JSON");
        Parts {
            call: guard::mounted(request),
            args: parse(r#"{"first":10,"after":"b2Zmc2V0OjEw"}"#),
            source: parse(r#"{"id":"p-1017","title":"A lamp","price":12.5,"categoryId":"c-3"}"#),
        }
    }

    fn context(&self) -> Context<'_> {
        Context {
            caller: Caller::Call(&self.call),
            args: self.args.view(),
            source: self.source.view(),
            prev: None,
            stash: loomgate::json::View::NULL,
            error: None,
            env: loomgate::json::View::NULL,
            result: Outcome::Document(self.source.view()),
            body: loomgate::json::View::NULL,
            connection: None,
            keys: None,
            info: Info {
                field_name: "reviews",
                parent_type_name: "Product",
                variables: self.args.view(),
                selection: None,
            },
        }
    }
}

fn compile(text: &str) -> Mapping {
    let mut diagnostics = Diagnostics::default();
    let file = diagnostics.files.register("bench.yaml", text);
    let node = yaml::parse(file, text, &mut diagnostics).expect("it is YAML");
    let mapping = Mapping::compile(&node, &mut diagnostics);
    assert!(!diagnostics.has_errors());
    mapping
}

fn render(c: &mut Criterion) {
    let parts = Parts::new();
    let cx = parts.context();
    let mut group = c.benchmark_group("mapping");
    group
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2));

    for (name, text) in [
        ("request, three references", REQUEST),
        (
            "flat object, three references",
            "{ a: $ctx.source.id, b: $ctx.args.first, c: $ctx.args.after }",
        ),
        (
            "text, two references",
            "/products/$ctx.source.id/reviews/${ctx.args.first}",
        ),
        ("constant", "{ method: GET, path: /reviews }"),
    ] {
        let mapping = compile(text);
        group.bench_function(name, |b| b.iter(|| mapping.render(black_box(&cx))));
    }

    for (name, text) in [
        ("key of a batch", "$ctx.source.categoryId"),
        ("response of a call", "$ctx.result"),
    ] {
        let mapping = compile(text);
        let mut hint = 0;
        group.bench_function(name, |b| {
            b.iter(|| {
                let rendered = mapping.evaluate(black_box(&cx), &mut hint);
                rendered.is_ok_and(|rendered| rendered.view().is_some())
            });
        });
    }

    let source = "/products/$ctx.source.id/reviews/${ctx.args.first}";
    group.bench_function("compile a leaf", |b| b.iter(|| compile(black_box(source))));
    group.finish();
}

criterion_group!(benches, render);
criterion_main!(benches);
