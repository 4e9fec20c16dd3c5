//! The engine beside its baseline: same schema, same upstream bytes in memory, same answer.
//!
//! `cargo bench --bench engine` measures both sides one after the other with criterion, then both
//! in alternation for the ratio, and says which targets are met. The baseline and what it was
//! allowed are in `baseline.rs`.

mod baseline;
mod ours;
mod workload;

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use criterion::{BenchmarkId, Criterion, SamplingMode};
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::{baseline::Baseline, ours::Ours, workload::Workload};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How many times faster than the baseline the engine has to be.
const TIMES_FASTER: f64 = 9.0;
/// How much a row may cost at a thousand and ten thousand, measured in rows of a hundred.
const COST_OF_ROW: f64 = 1.3;
/// Turns in the alternation; odd, so that the median is one of them.
const TURNS: usize = 15;
/// How long one side runs in one turn.
const TURN: Duration = Duration::from_millis(100);

/// A workload with both sides ready to answer it.
struct Match {
    workload: Workload,
    rows: usize,
    ours: Ours,
    baseline: Baseline,
}

/// Microseconds a request.
struct Score {
    ours: f64,
    baseline: f64,
}

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime can be built");
    let matches = [
        (workload::posts("posts_100", 100), 100),
        (workload::posts("posts_1000", 1_000), 1_000),
        (workload::posts("posts_10000", 10_000), 10_000),
        (workload::six_levels(), 100),
    ]
    .map(|(workload, rows)| Match::prepare(&runtime, workload, rows));

    let mut criterion = Criterion::default().configure_from_args();
    for pair in &matches {
        pair.bench(&mut criterion, &runtime);
    }
    criterion.final_summary();
    // Cargo says `--bench` when it measures; listing and testing stop here.
    if std::env::args().any(|argument| argument == "--bench") {
        report(&matches, &runtime);
    }
}

impl Match {
    /// Builds both sides and makes sure that they give the same answer.
    fn prepare(runtime: &Runtime, workload: Workload, rows: usize) -> Self {
        let baseline = Baseline::build(&workload);
        let ours = Ours::build(&workload);
        let expected = parse(&runtime.block_on(baseline.answer()));
        assert_eq!(expected.get("errors"), None, "{}", workload.name);
        assert_eq!(
            expected["data"]["posts"].as_array().map(Vec::len),
            Some(rows)
        );
        let answer = parse(&runtime.block_on(ours.answer()));
        assert!(answer == expected, "{}: the answers differ", workload.name);
        assert_eq!(ours.calls(), workload.calls(), "{}", workload.name);
        Match {
            workload,
            rows,
            ours,
            baseline,
        }
    }

    fn bench(&self, criterion: &mut Criterion, runtime: &Runtime) {
        let mut group = criterion.benchmark_group("engine");
        group
            .sampling_mode(SamplingMode::Flat)
            .sample_size(20)
            .warm_up_time(Duration::from_millis(500))
            .measurement_time(Duration::from_secs(2));
        let id = BenchmarkId::new("loomgate", self.workload.name);
        group.bench_function(id, |bencher| {
            bencher.iter(|| runtime.block_on(self.ours.answer()));
        });
        let id = BenchmarkId::new("async-graphql", self.workload.name);
        group.bench_function(id, |bencher| {
            bencher.iter(|| runtime.block_on(self.baseline.answer()));
        });
        group.finish();
    }

    /// Both sides in alternation, so that whatever else the machine does meets both alike.
    fn score(&self, runtime: &Runtime) -> Score {
        let (mut ours, mut baseline) = (Vec::new(), Vec::new());
        for _ in 0..TURNS {
            ours.push(turn(|| runtime.block_on(self.ours.answer())));
            baseline.push(turn(|| runtime.block_on(self.baseline.answer())));
        }
        Score {
            ours: median(ours),
            baseline: median(baseline),
        }
    }
}

/// Microseconds of one request, over one turn.
#[expect(clippy::disallowed_methods, reason = "a bench measures real time")]
fn turn(mut request: impl FnMut() -> Vec<u8>) -> f64 {
    let start = Instant::now();
    let mut requests = 0;
    while start.elapsed() < TURN {
        black_box(request());
        requests += 1;
    }
    start.elapsed().as_secs_f64() * 1e6 / f64::from(requests)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn parse(answer: &[u8]) -> Value {
    serde_json::from_slice(answer).expect("an answer is JSON")
}

fn report(matches: &[Match], runtime: &Runtime) {
    let mut cost_of_first = None;
    for pair in matches {
        let score = pair.score(runtime);
        let name = pair.workload.name;
        let ours = score.ours;
        let ratio = score.baseline / ours;
        let cost = ours / pair.rows as f64;
        let relative = cost / *cost_of_first.get_or_insert(cost);
        println!(
            "{name}: loomgate {ours:.0} µs, async-graphql {:.0} µs, ×{ratio:.1}; a row costs {relative:.2}",
            score.baseline
        );
        match name {
            "posts_100" => verdict(ratio >= TIMES_FASTER, &format!("at least ×{TIMES_FASTER}")),
            "posts_1000" | "posts_10000" => verdict(
                relative <= COST_OF_ROW,
                &format!("a row costs at most {COST_OF_ROW}"),
            ),
            _ => {}
        }
    }
}

fn verdict(met: bool, target: &str) {
    println!("  {} {target}", if met { "PASS" } else { "FAIL" });
}
