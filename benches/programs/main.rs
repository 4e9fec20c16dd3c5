//! What templates and modules cost once they are compiled, each beside the naive way: an engine made
//! anew for every call.
//!
//! `cargo bench --bench programs`

use std::{hint::black_box, path::Path, time::Duration};

use criterion::{Criterion, criterion_group, criterion_main};
use loomgate::{
    json::Value,
    mapping::{Dialect, Function, evaluation::Trial},
};

// The one the gateway runs with.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A versioned update, as teams write it: thirty lines.
const TEMPLATE: &str = include_str!("update.vtl");

/// About a kilobyte: an operation's arguments, a caller, a few headers, an answer.
const CONTEXT: &str = include_str!("context.json");

fn programs(c: &mut Criterion) {
    let context = Value::parse(CONTEXT).expect("the context is JSON");
    let module = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/programs/update.js");
    let mut group = c.benchmark_group("programs");
    group
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(3));

    let template = Trial::template(TEMPLATE, Dialect::AppSync).expect("the template compiles");
    let first = template.run(&context, Function::Request);
    assert!(first.error.is_none(), "{first:?}");
    group.bench_function("template", |b| {
        b.iter(|| template.run(black_box(&context), Function::Request));
    });
    group.bench_function("template, compiled each time", |b| {
        b.iter(|| {
            let template = Trial::template(TEMPLATE, Dialect::AppSync);
            template.map(|template| template.run(black_box(&context), Function::Request))
        });
    });

    let pair = |code: &Trial| {
        let request = code.run(black_box(&context), Function::Request);
        let response = code.run(black_box(&context), Function::Response);
        assert!(
            request.error.is_none() && response.error.is_none(),
            "{request:?} {response:?}"
        );
        (request, response)
    };
    let code = load(&module);
    group.bench_function("module, request and response", |b| b.iter(|| pair(&code)));
    group.bench_function("module, an engine each time", |b| {
        b.iter(|| pair(&load(&module)));
    });
    group.finish();
}

fn load(path: &Path) -> Trial {
    let (trial, diagnostics) = Trial::load(path, Dialect::AppSync);
    trial.unwrap_or_else(|| panic!("{}", diagnostics.render(false)))
}

criterion_group!(benches, programs);
criterion_main!(benches);
