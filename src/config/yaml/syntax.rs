//! What the scanner's complaints mean, in words that say what to do.

/// What is said of a tab; its place must be looked for.
pub(super) const TAB: &str = "a tab stands where YAML allows only spaces";

/// A complaint in our words, and what would be right.
pub(super) fn explain(info: &str) -> (String, Option<&'static str>) {
    let known = |message: &str, help| (message.to_owned(), Some(help));
    if info.contains("tab") && !info.contains("table") {
        return known(TAB, "indent with spaces");
    }
    if let Some(rest) = info.strip_prefix("unexpected character: `") {
        let character = rest.trim_end_matches('\'');
        return known(
            &format!("text cannot begin with `{character}`"),
            "put the text in quotes",
        );
    }
    match info {
        "while scanning a quoted scalar, found unexpected end of stream" => {
            known("this quote is never closed", "close it with the same quote")
        }
        "invalid indentation in quoted scalar" => known(
            "this quote is never closed, or its next line is not indented",
            "close it with the same quote",
        ),
        "while parsing a flow mapping, did not find expected ',' or '}'" => known(
            "expected `,` or `}` here",
            "close the mapping with `}`, or separate its entries with `,`",
        ),
        "while parsing a flow sequence, expected ',' or ']'" => known(
            "expected `,` or `]` here",
            "close the list with `]`, or separate its items with `,`",
        ),
        "misplaced bracket" => known(
            "this bracket closes nothing",
            "remove it, or quote the text",
        ),
        "mapping values are not allowed in this context" => known(
            "a second `:` on one line, or a key that is indented differently from its neighbours",
            "indent keys of one mapping alike; put text that contains `: ` in quotes",
        ),
        "while parsing node, found unknown anchor" => known(
            "no anchor of this name stands above",
            "text that begins with `*` needs quotes",
        ),
        "while parsing a quoted scalar, found unknown escape character" => known(
            "an unknown escape in a double-quoted text",
            "write `\\\\` for a backslash, or use single quotes",
        ),
        "recursion limit exceeded" => known(
            "brackets are nested too deeply",
            "keep lists and mappings at most 64 levels deep",
        ),
        "simple key expected" | "simple key expect ':'" => {
            known("expected a `:` after this key", "write `key: value`")
        }
        "while parsing a block mapping, did not find expected key" => known(
            "expected a key here",
            "indent keys of one mapping alike; put special characters in quotes",
        ),
        other => (format!("this is not YAML: {other}"), None),
    }
}
