//! What templates and modules may say, member by member, as AppSync and API Gateway have it.
//!
//! Each page in `cases` is a list of cases: a program, the context before it, and what comes of it.
//! What is expected was recorded from the services, or comes from Java and Apache Velocity 1.7.
//! `members.txt` names everything that there is, so that nothing stays without a case.

mod expect;
mod page;

use std::{fs, path::PathBuf};

use expect::differences;
use page::{Case, Language, cases};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/utilities")
}

/// Every page and its name.
fn pages() -> Vec<(String, String)> {
    let entries = fs::read_dir(folder().join("cases")).expect("the test is sound");
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.expect("the test is sound").path())
        .collect();
    paths.sort();
    let read = |path: PathBuf| {
        let name = path
            .file_name()
            .expect("the test is sound")
            .to_string_lossy()
            .into_owned();
        (name, fs::read_to_string(&path).expect("the test is sound"))
    };
    paths.into_iter().map(read).collect()
}

#[test]
fn every_case_comes_to_what_is_written() {
    let mut found = Vec::new();
    let mut count = 0;
    for (name, text) in pages() {
        for case in cases(&text) {
            count += 1;
            for difference in differences(&case) {
                found.push(format!(
                    "{name}:{}\n  {}\n{difference}",
                    case.line, case.code
                ));
            }
        }
    }
    assert!(
        found.is_empty(),
        "{} of {count} cases differ:\n\n{}",
        found.len(),
        found.join("\n\n")
    );
    assert!(count >= 250, "there are only {count} cases");
}

#[test]
fn every_member_has_a_case_in_each_language_that_has_it() {
    let pages = pages();
    let cases: Vec<Case<'_>> = pages.iter().flat_map(|(_, text)| cases(text)).collect();
    let members = fs::read_to_string(folder().join("members.txt")).expect("the test is sound");
    let mut missing = Vec::new();
    let lines = members.lines().filter(|line| !line.starts_with('#'));
    for line in lines.filter(|line| !line.is_empty()) {
        let (languages, members) = line.split_once(": ").expect("the test is sound");
        for language in languages.split(' ').map(Language::of) {
            let of_language = || cases.iter().filter(|case| case.language == language);
            for member in members.split(' ') {
                if !of_language().any(|case| mentions(&case.code, member)) {
                    missing.push(format!("{language:?} {member}"));
                }
            }
        }
    }
    assert!(
        missing.is_empty(),
        "without a case:\n{}",
        missing.join("\n")
    );
}

/// Whether a member is named, and no longer name of which it is the beginning.
fn mentions(code: &str, member: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut found = code.match_indices(member);
    found.any(|(at, _)| {
        let begins = !code[..at].ends_with(is_word) || !member.starts_with(is_word);
        begins && !code[at + member.len()..].starts_with(is_word)
    })
}
