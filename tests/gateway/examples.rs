//! Promise: the demo, every example and every command of the README work as their pages show.
//!
//! A page is Markdown. What it asks with `curl` stands in a `sh` block, and the answer in the `json`
//! block that follows; a block with a path behind its language is a file to write.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::{Value, json};

use crate::support::{Gateway, Project, process::Process};

/// What a page asks, and the answer that it shows.
#[derive(Debug)]
struct Ask {
    request: Value,
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
        let request = request(&pair[0])?;
        assert_eq!(pair[1].language, "json", "no answer: {}", pair[0].text);
        let answer = serde_json::from_str(&pair[1].text);
        let answer = answer.unwrap_or_else(|error| panic!("{error}: {}", pair[1].text));
        Some(Ask { request, answer })
    });
    asks.collect()
}

/// The GraphQL request of a `curl` command: `query='…'` of a GET, `-d '…'` of a POST.
fn request(block: &Block<'_>) -> Option<Value> {
    if block.language != "sh" || !block.text.starts_with("curl ") {
        return None;
    }
    let quoted = |before: &str| {
        let (_, after) = block.text.split_once(before)?;
        Some(after.split_once('\'')?.0.to_owned())
    };
    match (quoted("'query="), quoted("-d '")) {
        (Some(query), None) => Some(json!({ "query": query })),
        (None, Some(body)) => Some(serde_json::from_str(&body).expect("the body is JSON")),
        _ => panic!("neither a GET nor a POST: {}", block.text),
    }
}

// === Folders ===

/// The files of a folder and of those in it, by their paths in it. `data` is no part of a project.
fn files(folder: &Path) -> Vec<(String, String)> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).expect("the folder is there") {
            let path = entry.expect("an entry").path();
            if path.is_dir() && !path.ends_with("data") {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|it| it == "yaml" || it == "graphql")
            {
                let name = path.strip_prefix(folder).expect("it stands in the folder");
                files.push((name.display().to_string(), read(&path)));
            }
        }
    }
    files
}

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
        let answer = gateway.post(&ask.request).await.json();
        assert_eq!(answer, ask.answer, "{}", ask.request);
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
        holds(&read(&folder.join("README.md")), files(&folder), url).await;
    }
}

#[tokio::test]
async fn the_demo_answers_what_the_pages_show() {
    let mut demo = vec![(
        "loomgate.yaml".to_owned(),
        read(&root().join("loomgate.yaml")),
    )];
    for folder in ["schemas", "resolvers"] {
        let inside = files(&root().join(folder));
        demo.extend(
            inside
                .into_iter()
                .map(|(path, text)| (format!("{folder}/{path}"), text)),
        );
    }
    let readme = read(&root().join("README.md"));
    let (of_demo, _) = readme
        .split_once("## A resolver of your own")
        .expect("the part about the demo comes first");
    holds(of_demo, demo, None).await;
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
