//! The community's own tools, run by node.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use super::process::Process;

/// Where the scripts are.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/js")
}

fn node(script: &str, arguments: &[&str]) -> Command {
    assert!(
        folder().join("node_modules").is_dir(),
        "the tools are not installed: run `npm ci` in tests/js, or ./test, which does so"
    );
    let mut command = Command::new("node");
    command.arg(script).args(arguments).current_dir(folder());
    command
}

/// Runs a script to its end; everything it prints is shown when it fails.
pub(crate) async fn run(script: &str, arguments: &[&str]) {
    let mut command = node(script, arguments);
    let output = tokio::task::spawn_blocking(move || command.output());
    let output = output
        .await
        .expect("the wait is not cancelled")
        .expect("node is installed");
    let printed = String::from_utf8_lossy(&output.stdout);
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{script} {}:\n{printed}\n{complaints}",
        output.status
    );
}

/// Starts a script that serves, and waits until it says where.
pub(crate) async fn serve(script: &str) -> (Process, String) {
    let address = |line: &str| line.strip_prefix("upstream ").map(str::to_owned);
    Process::start(node(script, &[]), address).await
}
