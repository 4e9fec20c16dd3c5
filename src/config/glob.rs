//! Files by pattern.

use std::{
    fs,
    path::{Path, PathBuf},
};

use globset::{GlobBuilder, GlobMatcher};

use crate::config::{Diagnostic, Spanned, load::Reading};

/// How deep a `**` looks, and how many files it may find: a pattern that starts at the root of a
/// disk by mistake is told so instead of walking it.
const MAX_DEPTH: usize = 16;
const MAX_FILES: usize = 10_000;

/// The files that a path or a pattern names, sorted. A plain path is not looked at: whoever reads
/// it says what is wrong.
pub(crate) fn expand(cx: &mut Reading, pattern: &Spanned<String>) -> Vec<PathBuf> {
    let Some((folder, rest)) = split(&pattern.value) else {
        return vec![cx.resolve(&pattern.value)];
    };
    let matcher = match GlobBuilder::new(rest).literal_separator(true).build() {
        Ok(glob) => glob.compile_matcher(),
        Err(error) => {
            let message = format!("`{}` is not a glob: {}", pattern.value, error.kind());
            let help = "write `*` for any name, `**` for any folders";
            cx.faults
                .push(Diagnostic::error(Some(pattern.span), message).help(help));
            return Vec::new();
        }
    };
    let depth = match rest.contains("**") {
        true => MAX_DEPTH,
        false => rest.split('/').count(),
    };
    let mut files = Vec::new();
    walk(
        &cx.resolve(folder),
        Path::new(""),
        depth,
        &matcher,
        &mut files,
    );
    files.sort();
    let fault = match files.len() {
        0 => Diagnostic::error(
            Some(pattern.span),
            format!("no file matches `{}`", pattern.value),
        )
        .help(
            "patterns are relative to the folder of the configuration; `**` stands for any folders",
        ),
        count if count > MAX_FILES => Diagnostic::error(
            Some(pattern.span),
            format!("more than {MAX_FILES} files match `{}`", pattern.value),
        )
        .help("name a folder before the first `*`"),
        _ => return files,
    };
    cx.faults.push(fault);
    Vec::new()
}

/// The folder before the first special character, and the rest; `None` when there is none.
fn split(pattern: &str) -> Option<(&str, &str)> {
    let special = pattern.find(['*', '?', '[', '{'])?;
    Some(match pattern[..special].rfind('/') {
        Some(slash) => (&pattern[..=slash], &pattern[slash + 1..]),
        None => ("", pattern),
    })
}

fn walk(root: &Path, below: &Path, depth: usize, matcher: &GlobMatcher, files: &mut Vec<PathBuf>) {
    let folder = match root.join(below) {
        path if path.as_os_str().is_empty() => PathBuf::from("."),
        path => path,
    };
    // A folder that cannot be read matches nothing, which is said at the end.
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        if files.len() > MAX_FILES || name.to_string_lossy().starts_with('.') {
            continue;
        }
        let relative = below.join(&name);
        let path = root.join(&relative);
        // Links to folders are not followed, so that no ring is walked; links to files are.
        match entry.file_type() {
            Ok(kind) if kind.is_dir() && depth > 1 => {
                walk(root, &relative, depth - 1, matcher, files);
            }
            Ok(kind) if !kind.is_dir() && matcher.is_match(&relative) && path.is_file() => {
                files.push(path);
            }
            _ => {}
        }
    }
}
