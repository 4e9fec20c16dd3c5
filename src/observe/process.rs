//! What the process takes of the machine, as Linux tells it under `/proc`; elsewhere nothing is said.

use std::fs;

use crate::observe::metrics::{OPEN_FDS, RESIDENT};

/// Writes the metrics of the process.
pub(super) fn report() {
    if let Some(bytes) = resident() {
        metrics::gauge!(RESIDENT).set(bytes);
    }
    if let Ok(open) = fs::read_dir("/proc/self/fd") {
        // One of them is the folder that is being read.
        metrics::gauge!(OPEN_FDS).set(open.count().saturating_sub(1) as f64);
    }
}

/// See: proc_pid_status(5).
fn resident() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024.0)
}
