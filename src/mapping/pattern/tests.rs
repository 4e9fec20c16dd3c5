mod java;

use proptest::prelude::*;

use super::*;

fn answer(kind: &str, pattern: &str, text: &str, more: &str) -> Result<String, PatternError> {
    let pattern = Pattern::compile(pattern)?;
    Ok(match kind {
        "matches" => pattern.matches(text)?.to_string(),
        "find" => pattern.find(text)?.to_string(),
        "all" => pattern.replace_all(text, more, 1000)?,
        "first" => pattern.replace_first(text, more, 1000)?,
        _ => {
            let parts = pattern.split(text, more.parse().unwrap())?;
            format!("{}#{}", parts.join("|"), parts.len())
        }
    })
}

#[test]
fn patterns_mean_what_they_mean_in_java() {
    let mut wrong = Vec::new();
    for (kind, pattern, text, more, expected) in java::CASES {
        let ours = answer(kind, pattern, text, more);
        if ours.as_deref().unwrap_or("error") != *expected {
            wrong.push(format!(
                "{kind} {pattern:?} {text:?} {more:?}: {ours:?}, not {expected:?}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_pattern_that_would_never_end_is_given_up() {
    let text = "a".repeat(5000);
    for pattern in ["(a|aa)+\\1c", "(?:(a+)(?=a))+\\1b"] {
        let compiled = Pattern::compile(pattern).unwrap();
        assert_eq!(
            compiled.matches(&text),
            Err(PatternError::Endless),
            "{pattern}"
        );
    }
}

#[test]
fn what_is_too_large_is_refused() {
    let long = "a".repeat(MAX_PATTERN + 1);
    assert_eq!(Pattern::compile(&long).unwrap_err(), PatternError::Long);
    let nested = "[".repeat(100);
    assert!(Pattern::compile(&nested).is_err());
    assert!(Pattern::compile(&"(".repeat(4000)).is_err());
    assert!(Pattern::compile(&format!("{}{}", "(".repeat(2000), ")".repeat(2000))).is_err());
    assert!(Pattern::compile("(?:(?:a{1000}){1000}){1000}").is_err());
    let any = Pattern::compile("a").unwrap();
    assert_eq!(
        any.find(&"a".repeat(MAX_TEXT + 1)),
        Err(PatternError::LongText)
    );
    let grown = any.replace_all("aaa", "0123456789", 20);
    assert_eq!(grown, Err(PatternError::TooLarge));
}

#[test]
fn faults_say_what_java_says() {
    let fault = |replacement| {
        let pattern = Pattern::compile("(l)").unwrap();
        pattern
            .replace_all("hello", replacement, 100)
            .unwrap_err()
            .to_string()
    };
    assert_eq!(fault("$9"), "No group 9");
    assert_eq!(fault("${n}"), "No group with name {n}");
    assert_eq!(fault("$x"), "Illegal group reference");
    assert_eq!(
        fault("$"),
        "Illegal group reference: group index is missing"
    );
    assert_eq!(fault("\\"), "character to be escaped is missing");
    let open = Pattern::compile("a(b").unwrap_err();
    assert_eq!(
        open.to_string(),
        "`a(b` is no pattern: a group is never closed"
    );
}

#[test]
fn clusters_of_characters_are_not_known() {
    assert!(Pattern::compile("\\X").is_err());
}

proptest! {
    #[test]
    fn no_pattern_breaks_anything(
        pattern in r"(\\|\[|\]|\(|\)|\?|<|>|[a-cQEpPuxkR0-9]|&&|\^|-|\{|\}|:|\$|\.|\*|\+|,|#|ä|😀){0,14}",
        text in "[a-c0-9ä😀\n]{0,10}",
        replacement in r"[$\\{}a0-3]{0,6}",
    ) {
        if let Ok(pattern) = Pattern::compile(&pattern) {
            let _ = pattern.matches(&text);
            let _ = pattern.replace_all(&text, &replacement, 1000);
            let parts = pattern.split(&text, -1);
            prop_assert!(parts.map_or(true, |parts| !parts.is_empty()));
        }
    }
}
