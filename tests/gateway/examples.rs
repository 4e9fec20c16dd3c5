//! Promise: the demo, every example and every command of the README work as their pages show.
//!
//! A page is Markdown. What it asks with `curl` stands in a `sh` block, and the answer in the `json`
//! block that follows; a block with a path behind its language is a file to write.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

use crate::support::{Gateway, Project, demo, process::Process};

/// What a page asks, and the answer that it shows.
#[derive(Debug)]
struct Ask {
    command: String,
    answer: Value,
}

/// A fenced block of a page.
#[derive(Debug)]
struct Block<'p> {
    language: &'p str,
    path: Option<&'p str>,
    text: String,
}

/// A header that an upstream asks for, and the variable it comes from.
const SECRET: (&str, &str) = ("CATALOG_AUTHORIZATION", "Bearer of good news");

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

// === Pages ===

fn blocks(page: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let Some(info) = line.strip_prefix("```") else {
            continue;
        };
        let (language, path) = match info.split_once(' ') {
            Some((language, path)) => (language, Some(path)),
            None => (info, None),
        };
        let text: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        blocks.push(Block {
            language,
            path,
            text: text.join("\n") + "\n",
        });
    }
    blocks
}

/// What a page asks, in its order.
fn asks(page: &str) -> Vec<Ask> {
    let blocks = blocks(page);
    let asks = blocks.windows(2).filter_map(|pair| {
        let command = command(&pair[0])?;
        // What streams has no end to compare with: `text` shows how it goes on.
        if pair[1].language == "text" {
            return None;
        }
        assert_eq!(pair[1].language, "json", "no answer: {}", pair[0].text);
        let answer = serde_json::from_str(&pair[1].text);
        let answer = answer.unwrap_or_else(|error| panic!("{error}: {}", pair[1].text));
        Some(Ask { command, answer })
    });
    asks.collect()
}

/// The `curl` command of a block, as a shell runs it.
fn command(block: &Block<'_>) -> Option<String> {
    let is_curl = block.language == "sh" && block.text.starts_with("curl ");
    is_curl.then(|| block.text.clone())
}

/// What a command prints when it asks this gateway instead of the page's.
async fn printed(command: &str, gateway: &Gateway) -> String {
    let command = command.replace("http://127.0.0.1:4000", gateway.url());
    let mut shell = Command::new("bash");
    shell.args(["-c", &command]);
    let output = tokio::task::spawn_blocking(move || shell.output());
    let output = output.await.expect("the wait is not cancelled");
    let output = output.expect("bash and curl are installed");
    assert!(output.status.success(), "{command}: {output:?}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

// === Folders ===

/// The service that an example brings, on a port of its own.
async fn upstream(folder: &Path) -> Option<(Process, String)> {
    let script = folder.join("upstream.py");
    if !script.is_file() {
        return None;
    }
    let mut command = Command::new("python3");
    command.arg(script).arg("0").env(SECRET.0, SECRET.1);
    let ready = |line: &str| line.strip_prefix("upstream listens on ").map(str::to_owned);
    Some(Process::start(command, ready).await)
}

/// Puts another address in the place of the one that the example's upstream has by default.
fn redirected(text: &str, url: &str) -> String {
    let scheme = "http://127.0.0.1:";
    let Some((before, after)) = text.split_once(scheme) else {
        return text.to_owned();
    };
    format!(
        "{before}{url}{}",
        after.trim_start_matches(|c: char| c.is_ascii_digit())
    )
}

/// Serves the files, and asks what the page asks.
async fn holds(page: &str, mut files: Vec<(String, String)>, upstream: Option<&str>) {
    let config = files.iter_mut().find(|(path, _)| path == "loomgate.yaml");
    let (_, text) = config.expect("there is a configuration");
    // Any free port, and a secret without an environment.
    *text = text.replace("listen: 127.0.0.1:4000", "listen: 127.0.0.1:0");
    *text = text.replace(&format!("env:{}", SECRET.0), SECRET.1);
    if let Some(url) = upstream {
        *text = redirected(text, url);
    }
    let gateway = Gateway::start(&Project::new(&files, &[])).await;
    let asks = asks(page);
    assert!(!asks.is_empty(), "the page asks nothing");
    for ask in asks {
        let printed = printed(&ask.command, &gateway).await;
        let answer: Value = serde_json::from_str(&printed)
            .unwrap_or_else(|error| panic!("{error}: {}{printed}", ask.command));
        assert_eq!(answer, ask.answer, "{}", ask.command);
    }
}

// === The promises ===

#[tokio::test]
async fn every_example_answers_what_its_page_shows() {
    let mut folders: Vec<PathBuf> = fs::read_dir(root().join("examples"))
        .expect("there are examples")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    assert!(folders.len() >= 5, "{folders:?}");
    for folder in folders {
        println!("{}", folder.display());
        let upstream = upstream(&folder).await;
        let url = upstream.as_ref().map(|(_, url)| url.as_str());
        holds(
            &read(&folder.join("README.md")),
            demo::files_of(&folder),
            url,
        )
        .await;
    }
}

#[tokio::test]
async fn the_demo_answers_what_the_pages_show() {
    let readme = read(&root().join("README.md"));
    let (of_demo, _) = readme
        .split_once("## A resolver of your own")
        .expect("the part about the demo comes first");
    holds(of_demo, demo::files(), None).await;
}

#[tokio::test]
async fn the_first_resolver_of_the_readme_works() {
    let readme = read(&root().join("README.md"));
    let (_, page) = readme
        .split_once("## A resolver of your own")
        .expect("the README has it");
    let files = blocks(page)
        .into_iter()
        .filter_map(|block| Some((block.path?.strip_prefix("notes/")?.to_owned(), block.text)));
    holds(page, files.collect(), None).await;
}
