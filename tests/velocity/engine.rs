//! Apache Velocity itself, in a Java process.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::{Value, json};

/// What Debian's packages put there.
const JARS: [&str; 3] = [
    "/usr/share/java/velocity.jar",
    "/usr/share/java/commons-collections3.jar",
    "/usr/share/java/commons-lang.jar",
];

/// Renders all templates with one engine: what each prints, or why it does not.
pub(crate) fn render(templates: &[String], context: &Value) -> Vec<Result<String, String>> {
    let mut java = Command::new("java")
        .args(["-XX:TieredStopAtLevel=1", "-Xss8m", "-cp"])
        .arg(format!("{}:{}", compiled().display(), JARS.join(":")))
        .arg("Render")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("java is installed: ./test does so");
    let mut input = java.stdin.take().expect("the input is a pipe");
    let requests: String = templates
        .iter()
        .map(|template| format!("{}\n", json!({ "template": template, "context": context })))
        .collect();
    // Answers come while requests still go out: neither pipe may fill up.
    let writer = std::thread::spawn(move || input.write_all(requests.as_bytes()));
    let output = java.wait_with_output().expect("the engine runs to its end");
    writer
        .join()
        .expect("the writer does not panic")
        .expect("the engine reads every request");
    let answers = String::from_utf8(output.stdout).expect("answers are text");
    let answers: Vec<_> = answers.lines().map(answer).collect();
    assert_eq!(answers.len(), templates.len(), "one answer for each");
    answers
}

fn answer(line: &str) -> Result<String, String> {
    let answer: Value = serde_json::from_str(line).expect("an answer is JSON");
    let member = |name: &str| answer[name].as_str().map(str::to_owned);
    match member("output") {
        Some(output) => Ok(output),
        None => Err(member("error").unwrap_or_default()),
    }
}

/// The folder with the compiled class. Each test has its own process, and so its own folder.
fn compiled() -> PathBuf {
    let folder =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("velocity-{}", std::process::id()));
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        for jar in JARS {
            assert!(
                Path::new(jar).exists(),
                "{jar} is missing: ./test installs it"
            );
        }
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/velocity/Render.java");
        let status = Command::new("javac")
            .args(["-cp", JARS[0], "-d"])
            .args([&folder, &source])
            .status()
            .expect("javac is installed: ./test does so");
        assert!(status.success(), "Render.java compiles");
    });
    folder
}
