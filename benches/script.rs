//! What a resolver's module costs: a `request` and `response` pair over a context of about a
//! kilobyte, beside the same in an engine made for each call, and a function that calls five
//! native functions.

use std::{hint::black_box, sync::Arc, time::Duration};

use bytes::Bytes;
use criterion::{Criterion, criterion_group, criterion_main};
use loomgate::script::{Bounds, ModuleText, Native, Natives, Place, Program, Ran, Stopped};
use rquickjs::{Context, Function, Module, Object, Runtime, Value};

// The one the gateway runs with.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const MODULE: &str = "
export function request(ctx) {
  const { id, input } = ctx.args;
  return {
    operation: 'UpdateItem',
    key: { id: { S: id } },
    update: {
      expression: 'SET #title = :title, #version = #version + :one',
      expressionNames: { '#title': 'title', '#version': 'version' },
      expressionValues: { ':title': { S: input.title }, ':one': { N: 1 } },
    },
    condition: { expression: 'attribute_exists(id)', owner: ctx.identity.sub },
  };
}
export function response(ctx) {
  if (ctx.error) return { error: ctx.error.message };
  return ctx.result;
}
";

const NATIVE: &str = "
import { util } from '@aws-appsync/utils';
export function request(ctx) {
  return {
    id: util.same(ctx.args.id), title: util.same(ctx.args.input.title), map: util.same(ctx.args.input),
    list: util.same([1, 2, 3]), now: util.same(),
  };
}
";

static NATIVES: [Native; 1] = [Native {
    module: "@aws-appsync/utils",
    path: "util.same",
    global: true,
    function: 0,
}];

/// Gives back the first argument, without looking at it.
struct Same;

impl Natives for Same {
    fn call(
        &mut self,
        _: u16,
        arguments: &[u8],
        _: &dyn Fn() -> Option<Place>,
    ) -> Result<Bytes, Stopped> {
        match arguments {
            b"[]" => Ok(Bytes::from_static(b"null")),
            list => Ok(Bytes::copy_from_slice(&list[1..list.len() - 1])),
        }
    }
}

fn context() -> String {
    let tags: Vec<String> = (0..12).map(|n| format!("\"tag number {n}\"")).collect();
    let item = format!(
        r#"{{"id":"b7c1","title":"A title of some length","version":7,"price":12.5,"tags":[{}],"author":{{"id":"u-17","name":"Somebody"}}}}"#,
        tags.join(",")
    );
    format!(
        r#"[{{"args":{{"id":"b7c1","input":{item}}},"identity":{{"sub":"a7f2","claims":{{"iss":"https://issuer.example","aud":"client","scope":"read write"}}}},"source":null,"request":{{"headers":{{"host":"api.example.com","content-type":"application/json"}}}},"stash":{{}},"result":{item}}}]"#
    )
}

fn compile(code: &str) -> Arc<Program> {
    let module = ModuleText {
        name: "main.js".to_owned(),
        code: code.to_owned(),
    };
    let bounds = Bounds {
        turn: Duration::from_millis(500),
        cpu: Duration::from_secs(1),
        memory: 16 << 20,
        stack: 256 << 10,
    };
    Program::compile(&[module], &NATIVES, bounds).expect("it is right")
}

fn run(program: &Arc<Program>, function: &str, context: &str) -> Bytes {
    match program.run(function, context.as_bytes(), &mut Same) {
        Ok(Ran::Done(json)) => json,
        other => panic!("{other:?}"),
    }
}

/// The pair as it would be without anything kept.
fn fresh(context: &str) -> String {
    let runtime = Runtime::new().expect("an engine");
    let engine = Context::full(&runtime).expect("a context");
    engine.with(|ctx| {
        let (module, _) = Module::declare(ctx.clone(), "main.js", MODULE)
            .and_then(Module::eval)
            .expect("a module");
        let exports: Object<'_> = module.namespace().expect("exports");
        let mut text = String::new();
        for name in ["request", "response"] {
            let function: Function<'_> = exports.get(name).expect("a function");
            let list: Vec<Value<'_>> = ctx
                .json_parse(context)
                .and_then(|list| list.get())
                .expect("a list");
            let result: Value<'_> = function.call((list[0].clone(),)).expect("a result");
            let json = ctx.json_stringify(result).expect("JSON").expect("JSON");
            text += &json.to_string().expect("text");
        }
        text
    })
}

fn script(criterion: &mut Criterion) {
    let context = context();
    println!("the context is {} bytes", context.len());
    let pair = compile(MODULE);
    let natives = compile(NATIVE);
    let mut group = criterion.benchmark_group("script");
    group.bench_function("request and response", |bencher| {
        bencher.iter(|| {
            black_box(run(&pair, "request", &context));
            black_box(run(&pair, "response", &context))
        });
    });
    group.bench_function("request and response, an engine each", |bencher| {
        bencher.iter(|| black_box(fresh(&context)));
    });
    group.bench_function("five native calls", |bencher| {
        bencher.iter(|| black_box(run(&natives, "request", &context)));
    });
    group.bench_function("compile", |bencher| bencher.iter(|| compile(MODULE)));
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().measurement_time(Duration::from_secs(4));
    targets = script
}
criterion_main!(benches);
