//! A running Loomgate.

use std::{path::Path, process::Command};

use serde_json::{Value, json};

use super::{Client, Project, Response, process::Process};

/// Loomgate on a directory, on a port of its own, until it is dropped.
#[derive(Debug)]
pub(crate) struct Gateway {
    process: Process,
    url: String,
    client: Client,
}

/// The command line of the program under test, in its project's directory.
pub(crate) fn loomgate(arguments: &[&str], directory: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_loomgate"));
    command.args(arguments).current_dir(directory);
    command
}

/// `http://127.0.0.1:PORT`, or the same with `https`, out of a line that mentions it.
fn address(line: &str) -> Option<String> {
    let host = line.find("://127.0.0.1:")?;
    let start = line[..host].rfind(' ').map_or(0, |blank| blank + 1);
    let digits = host + "://127.0.0.1:".len();
    let end = line[digits..]
        .find(|c: char| !c.is_ascii_digit())
        .map_or(line.len(), |length| digits + length);
    Some(line[start..end].to_owned())
}

impl Gateway {
    /// Serves a project; returns when it takes requests.
    pub(crate) async fn start(project: &Project) -> Self {
        let config = project.config();
        let config = config.to_str().expect("temporary paths are text");
        let command = loomgate(&["serve", "--config", config], project.path());
        let (process, url) = Process::start(command, address).await;
        Gateway {
            process,
            url,
            client: Client::new(),
        }
    }

    /// `http://127.0.0.1:PORT`
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Where GraphQL is served.
    pub(crate) fn graphql(&self) -> String {
        format!("{}/graphql", self.url)
    }

    /// `127.0.0.1:PORT`
    pub(crate) fn address(&self) -> &str {
        self.url.split_once("://").map_or("", |(_, rest)| rest)
    }

    /// Its client, with kept connections.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// Asks one query.
    pub(crate) async fn ask(&self, query: &str) -> Value {
        self.ask_with(query, Value::Null).await
    }

    /// Asks one query with variables.
    pub(crate) async fn ask_with(&self, query: &str, variables: Value) -> Value {
        self.post(&json!({ "query": query, "variables": variables }))
            .await
            .json()
    }

    /// Posts a JSON body.
    pub(crate) async fn post(&self, body: &Value) -> Response {
        self.client
            .post_json(&self.graphql(), &body.to_string())
            .await
    }

    /// Asserts that it still answers.
    pub(crate) async fn lives(&mut self) {
        assert!(
            self.process.is_running(),
            "the gateway is gone:\n{}",
            self.process.output()
        );
        let answer = self.ask("{ __typename }").await;
        assert_eq!(
            answer,
            json!({ "data": { "__typename": "Query" } }),
            "{}",
            self.process.output()
        );
    }

    /// How much memory it holds, in MiB.
    pub(crate) fn resident_mib(&self) -> u64 {
        self.process.resident_kib() / 1024
    }

    /// Asks it to read its configuration again: SIGHUP.
    pub(crate) fn hang_up(&self) {
        self.process.hang_up();
    }

    /// What it printed so far.
    pub(crate) fn output(&self) -> String {
        self.process.output()
    }

    /// Asks it to end: SIGTERM.
    pub(crate) fn terminate(&self) {
        self.process.terminate();
    }

    /// Ends it at once: `kill -9`.
    pub(crate) fn kill(self) {
        self.process.kill();
    }

    /// Waits until it ended by itself, and asserts that it did so cleanly.
    pub(crate) async fn ended(self) {
        let status = self.process.ended().await;
        assert!(status.success(), "the gateway ended with {status}");
    }
}

#[test]
fn the_address_is_found_in_the_line_that_mentions_it() {
    let line = "  graphql  shop  http://127.0.0.1:4321/graphql";
    assert_eq!(address(line).as_deref(), Some("http://127.0.0.1:4321"));
    assert_eq!(
        address("listening on http://127.0.0.1:80").as_deref(),
        Some("http://127.0.0.1:80")
    );
    assert_eq!(address("loading"), None);
}
