//! Runs one side a number of times and does nothing else, for `callgrind.sh` to count.
//!
//! `callgrind ours|baseline [REQUESTS] [posts_100|six_levels]`

mod baseline;
mod ours;
mod workload;

use std::{hint::black_box, process::ExitCode};

use crate::{baseline::Baseline, ours::Ours};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let side = arguments.next().unwrap_or_default();
    let requests = match arguments.next().map(|count| count.parse::<u32>()) {
        None => 1,
        Some(Ok(count)) => count,
        Some(Err(_)) => return usage(),
    };
    let name = arguments.next().unwrap_or_else(|| "posts_100".to_owned());
    let workloads = [workload::posts("posts_100", 100), workload::six_levels()];
    let Some(workload) = workloads.into_iter().find(|one| one.name == name) else {
        return usage();
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime can be built");
    match side.as_str() {
        "baseline" => {
            let baseline = Baseline::build(&workload);
            for _ in 0..requests {
                black_box(runtime.block_on(baseline.answer()));
            }
        }
        "ours" => {
            let ours = Ours::build(&workload);
            for _ in 0..requests {
                black_box(runtime.block_on(ours.answer()));
            }
            // A count without the work behind it would flatter.
            assert_eq!(ours.calls(), workload.calls() * requests as usize);
        }
        _ => return usage(),
    }
    ExitCode::SUCCESS
}

fn usage() -> ExitCode {
    eprintln!("usage: callgrind ours|baseline [REQUESTS] [posts_100|six_levels]");
    ExitCode::from(2)
}
