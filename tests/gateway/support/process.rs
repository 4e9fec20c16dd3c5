//! A child process that says when it is ready, and that never outlives its test.

use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex, PoisonError},
    thread,
};

use tokio::sync::{mpsc, oneshot};

use super::PATIENCE;

/// A running child. Dropping it kills it.
#[derive(Debug)]
pub(crate) struct Process {
    child: Option<Child>,
    pid: u32,
    output: Output,
}

/// What a process printed so far, both streams in the order of arrival.
#[derive(Debug, Clone, Default)]
struct Output(Arc<Mutex<String>>);

impl Process {
    /// Starts a command and waits for a line on its standard output in which `ready` finds something.
    pub(crate) async fn start<T>(
        mut command: Command,
        ready: impl Fn(&str) -> Option<T>,
    ) -> (Self, T) {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?} does not start: {error}"));
        let output = Output::default();
        let (lines, mut arrived) = mpsc::unbounded_channel();
        if let Some(stdout) = child.stdout.take() {
            output.collect(stdout, Some(lines));
        }
        if let Some(stderr) = child.stderr.take() {
            output.collect(stderr, None);
        }
        let process = Process {
            pid: child.id(),
            child: Some(child),
            output,
        };
        let found = tokio::time::timeout(PATIENCE, async {
            while let Some(line) = arrived.recv().await {
                if let Some(found) = ready(&line) {
                    return Some(found);
                }
            }
            None
        });
        match found.await {
            Ok(Some(found)) => (process, found),
            Ok(None) => panic!(
                "{command:?} ended before it was ready:\n{}",
                process.output()
            ),
            Err(_) => panic!(
                "{command:?} is not ready after {PATIENCE:?}:\n{}",
                process.output()
            ),
        }
    }

    /// What it printed so far.
    pub(crate) fn output(&self) -> String {
        self.output.text()
    }

    /// How much memory it holds, in KiB.
    pub(crate) fn resident_kib(&self) -> u64 {
        let path = format!("/proc/{}/status", self.pid);
        let status = std::fs::read_to_string(path).expect("it runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
        number.expect("Linux says how much memory a process holds")
    }

    /// Whether it still runs.
    pub(crate) fn is_running(&mut self) -> bool {
        let Some(child) = &mut self.child else {
            return false;
        };
        matches!(child.try_wait(), Ok(None))
    }

    /// Asks it to end: SIGTERM.
    pub(crate) fn terminate(&self) {
        self.signal("TERM");
    }

    /// Asks it to read its configuration again: SIGHUP.
    pub(crate) fn hang_up(&self) {
        self.signal("HUP");
    }

    fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .args([format!("-{name}"), self.pid.to_string()])
            .status();
        assert!(
            sent.is_ok_and(|status| status.success()),
            "SIG{name} is not delivered"
        );
    }

    /// Ends it at once, as `kill -9` does.
    pub(crate) fn kill(mut self) {
        self.kill_now();
    }

    /// Waits until it ended by itself.
    pub(crate) async fn ended(mut self) -> ExitStatus {
        let mut child = self.child.take().expect("a process is waited for once");
        let (sender, receiver) = oneshot::channel();
        let pid = self.pid;
        thread::spawn(move || sender.send(child.wait()));
        match tokio::time::timeout(PATIENCE, receiver).await {
            Ok(Ok(Ok(status))) => status,
            Ok(_) => panic!("the process cannot be waited for:\n{}", self.output()),
            Err(_) => {
                let _ = Command::new("kill")
                    .args(["-KILL", &pid.to_string()])
                    .status();
                panic!(
                    "the process does not end within {PATIENCE:?}:\n{}",
                    self.output()
                );
            }
        }
    }

    fn kill_now(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill_now();
    }
}

// === impl Output ===

impl Output {
    /// Reads a stream to its end on a thread of its own.
    fn collect(
        &self,
        stream: impl Read + Send + 'static,
        lines: Option<mpsc::UnboundedSender<String>>,
    ) {
        let output = self.clone();
        thread::spawn(move || {
            for line in BufReader::new(stream).lines().map_while(Result::ok) {
                output.push(&line);
                if let Some(lines) = &lines {
                    let _ = lines.send(line);
                }
            }
        });
    }

    fn push(&self, line: &str) {
        let mut text = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        text.push_str(line);
        text.push('\n');
    }

    fn text(&self) -> String {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}
