//! Every page in `tests/cases` holds. `CASE=batching cargo test --release --test gateway cases` runs
//! those whose path contains the word.

use std::{
    fs,
    path::{Path, PathBuf},
};

use futures::{StreamExt, stream};

use crate::support::case;

/// Pages that run at the same time; each starts a gateway of its own.
const AT_ONCE: usize = 4;

fn pages(folder: &Path, found: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(folder).expect("the folder can be read");
    for path in entries.map(|entry| entry.expect("the folder can be read").path()) {
        if path.is_dir() {
            pages(&path, found);
        } else if path.extension().is_some_and(|end| end == "md") && !path.ends_with("README.md") {
            found.push(path);
        }
    }
}

/// Runs one page on a task, so that a panic of its gateway is a fault of that page alone.
async fn outcome(path: PathBuf) -> Option<String> {
    let text = fs::read_to_string(&path).expect("pages are text");
    let fault = match tokio::spawn(async move { case::run(&text).await }).await {
        Ok(Ok(())) => return None,
        Ok(Err(fault)) => fault,
        Err(panic) => panic
            .try_into_panic()
            .map_or_else(|error| error.to_string(), |panic| describe(&*panic)),
    };
    Some(format!("{}\n  {fault}", path.display()))
}

fn describe(panic: &(dyn std::any::Any + Send)) -> String {
    panic
        .downcast_ref::<String>()
        .cloned()
        .unwrap_or_else(|| "it panicked".to_owned())
}

fn all() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    pages(&folder, &mut found);
    found.sort();
    found
}

#[test]
fn every_page_can_be_read() {
    for path in all() {
        let text = fs::read_to_string(&path).expect("pages are text");
        if let Err(fault) = case::read(&text) {
            panic!("{}: {fault}", path.display());
        }
    }
}

#[tokio::test]
async fn every_case_holds() {
    let mut found = all();
    if let Ok(wanted) = std::env::var("CASE") {
        found.retain(|path| path.to_string_lossy().contains(&wanted));
    }
    assert!(!found.is_empty(), "there are no cases");
    let total = found.len();
    let outcomes = stream::iter(found).map(outcome).buffer_unordered(AT_ONCE);
    let faults: Vec<String> = outcomes.filter_map(std::future::ready).collect().await;
    assert!(
        faults.is_empty(),
        "{} of {total} cases do not hold:\n\n{}",
        faults.len(),
        faults.join("\n\n")
    );
}
