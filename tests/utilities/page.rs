//! How cases are written.
//!
//! ```text
//! # A comment.
//! @ {"arguments":{"id":"1"}}
//! vtl $util.urlEncode($ctx.args.id)
//!   | a further line of the program
//!   = 1
//! ```
//!
//! `@` is the context of the cases below it. A case begins with its language: `vtl` and `gateway`
//! for templates, `js` for what a `request` function returns, `module` for a whole module. Below it
//! stand the lines of what is expected, each with a word in front that [`expect`](crate::expect)
//! knows.

/// A program and what is expected of it.
#[derive(Debug)]
pub(crate) struct Case<'t> {
    pub(crate) language: Language,
    pub(crate) context: &'t str,
    pub(crate) code: String,
    /// Words and what is behind them.
    pub(crate) expected: Vec<(&'t str, &'t str)>,
    /// The line at which it begins.
    pub(crate) line: usize,
}

/// What a case is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    Vtl,
    Gateway,
    Js,
    Module,
}

impl Language {
    pub(crate) fn of(word: &str) -> Self {
        match word {
            "vtl" => Language::Vtl,
            "gateway" => Language::Gateway,
            "js" => Language::Js,
            "module" => Language::Module,
            other => panic!("`{other}` is no language"),
        }
    }
}

pub(crate) fn cases(page: &str) -> Vec<Case<'_>> {
    let mut cases: Vec<Case<'_>> = Vec::new();
    let mut context = "{}";
    for (index, line) in page.lines().enumerate() {
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(written) = line.strip_prefix("@ ") {
            context = written;
            continue;
        }
        let Some(below) = line.strip_prefix("  ") else {
            let (word, code) = line.split_once(' ').unwrap_or((line, ""));
            cases.push(Case {
                language: Language::of(word),
                context,
                code: code.to_owned(),
                expected: Vec::new(),
                line: index + 1,
            });
            continue;
        };
        let case = cases
            .last_mut()
            .expect("a case stands above what belongs to it");
        let (word, rest) = below.split_once(' ').unwrap_or((below, ""));
        if word == "|" {
            if !case.code.is_empty() {
                case.code.push('\n');
            }
            case.code.push_str(rest);
        } else {
            case.expected.push((word, rest));
        }
    }
    cases
}
