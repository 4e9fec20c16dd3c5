//! Faults for people, as `rustc` shows them, and for machines, as JSON.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use serde::Serialize;

use crate::config::diagnostic::{Diagnostic, Diagnostics, FileId, Files, Severity, Span};

/// One fault as JSON. Lines and columns count from 1, columns in characters; the end is exclusive.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    severity: &'static str,
    message: &'a str,
    #[serde(flatten)]
    place: Place,
    help: Option<&'a str>,
    related: Vec<Related<'a>>,
}

/// Another place that has to do with a fault, as JSON.
#[derive(Serialize)]
struct Related<'a> {
    message: &'a str,
    #[serde(flatten)]
    place: Place,
}

#[derive(Serialize, Default)]
#[serde(rename_all = "camelCase")]
struct Place {
    file: Option<String>,
    line: Option<usize>,
    column: Option<usize>,
    end_line: Option<usize>,
    end_column: Option<usize>,
}

/// The parts of one file that a fault points at; the first is the fault itself when `primary`.
struct Excerpt<'a> {
    file: FileId,
    primary: Option<Range<usize>>,
    labels: Vec<(Range<usize>, &'a str)>,
}

// === impl Diagnostics ===

impl Diagnostics {
    /// All faults for people: each with an excerpt and, when we know it, what would be right.
    #[must_use]
    pub fn render(&self, colour: bool) -> String {
        let renderer = if colour {
            Renderer::styled()
        } else {
            Renderer::plain()
        };
        let mut out = String::new();
        for entry in self.iter() {
            let text = renderer.render(&[group(&self.files, entry)]);
            // The renderer pads empty gutters, which would stand as blanks in logs.
            for line in text.lines() {
                out.push_str(line.trim_end());
                out.push('\n');
            }
            out.push('\n');
        }
        out
    }

    /// All faults for machines: a JSON array, one object a line.
    #[must_use]
    pub fn to_json(&self) -> String {
        let lines: Vec<String> = self
            .iter()
            .map(|entry| {
                let record = Record::new(&self.files, entry);
                serde_json::to_string(&record).expect("a record holds only text and numbers")
            })
            .collect();
        match lines.is_empty() {
            true => "[]\n".to_owned(),
            false => format!("[\n{}\n]\n", lines.join(",\n")),
        }
    }

    /// How many there are, such as `2 errors, 1 warning`; `no faults` when there are none.
    #[must_use]
    pub fn summary(&self) -> String {
        let counted = |count: usize, word: &str| match count {
            0 => None,
            1 => Some(format!("1 {word}")),
            many => Some(format!("{many} {word}s")),
        };
        let errors = counted(self.count(Severity::Error), "error");
        let warnings = counted(self.count(Severity::Warning), "warning");
        match (errors, warnings) {
            (Some(errors), Some(warnings)) => format!("{errors}, {warnings}"),
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => "no faults".to_owned(),
        }
    }
}

fn group<'a>(files: &'a Files, entry: &'a Diagnostic) -> Group<'a> {
    let level = match entry.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut group = Group::with_title(level.primary_title(&entry.message));
    for excerpt in &excerpts(files, entry) {
        group = add_excerpt(group, files, excerpt);
    }
    match &entry.help {
        Some(help) => group.element(Level::HELP.message(help)),
        None => group,
    }
}

/// The places of a fault, gathered by file, its own file first.
fn excerpts<'a>(files: &Files, entry: &'a Diagnostic) -> Vec<Excerpt<'a>> {
    let mut excerpts: Vec<Excerpt<'a>> = Vec::new();
    if let Some((span, range)) = entry.span.and_then(|s| Some((s, files.first_line(s)?))) {
        excerpts.push(Excerpt {
            file: span.file,
            primary: Some(range),
            labels: Vec::new(),
        });
    }
    for (span, words) in &entry.labels {
        let Some(range) = files.first_line(*span) else {
            continue;
        };
        match excerpts.iter_mut().find(|e| e.file == span.file) {
            Some(excerpt) => excerpt.labels.push((range, words)),
            None => excerpts.push(Excerpt {
                file: span.file,
                primary: None,
                labels: vec![(range, words)],
            }),
        }
    }
    excerpts
}

fn add_excerpt<'a>(group: Group<'a>, files: &'a Files, excerpt: &Excerpt<'a>) -> Group<'a> {
    let path = files.path(excerpt.file).map(|path| path.to_string_lossy());
    if files.text(excerpt.file).is_none_or(|text| text.is_empty()) {
        return match path {
            Some(path) => group.element(Origin::path(path)),
            None => group,
        };
    }
    let ranges = || {
        let labels = excerpt.labels.iter().map(|(range, _)| range);
        excerpt.primary.iter().chain(labels)
    };
    let start = ranges().map(|range| range.start).min().unwrap_or(0);
    let end = ranges().map(|range| range.end).max().unwrap_or(0);
    let Some((lines, begin, number)) = files.excerpt(excerpt.file, &(start..end)) else {
        return group;
    };
    let shift = |range: &Range<usize>| range.start - begin..range.end - begin;
    let primary = excerpt
        .primary
        .iter()
        .map(|range| AnnotationKind::Primary.span(shift(range)));
    let labels = excerpt
        .labels
        .iter()
        .map(|(range, words)| AnnotationKind::Context.span(shift(range)).label(*words));
    group.element(
        Snippet::source(lines)
            .line_start(number)
            .path(path)
            .annotations(primary.chain(labels)),
    )
}

// === impl Record ===

impl<'a> Record<'a> {
    fn new(files: &Files, entry: &'a Diagnostic) -> Self {
        Record {
            severity: match entry.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            },
            message: &entry.message,
            place: entry
                .span
                .map_or_else(Place::default, |span| Place::new(files, span)),
            help: entry.help.as_deref(),
            related: entry
                .labels
                .iter()
                .map(|(span, words)| Related {
                    message: words,
                    place: Place::new(files, *span),
                })
                .collect(),
        }
    }
}

// === impl Place ===

impl Place {
    fn new(files: &Files, span: Span) -> Self {
        let start = files.position(span.file, span.start);
        let end = files.position(span.file, span.end);
        Place {
            file: files
                .path(span.file)
                .map(|path| path.to_string_lossy().into_owned()),
            line: start.map(|place| place.line),
            column: start.map(|place| place.column),
            end_line: end.map(|place| place.line),
            end_column: end.map(|place| place.column),
        }
    }
}
