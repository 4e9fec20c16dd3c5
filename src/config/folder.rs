//! A folder that an api names in `resolvers:`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::config::{
    Diagnostic, Span, Spanned,
    load::{Reading, reason},
};

/// The folder of step files, which belong to pipelines.
pub(crate) const FUNCTIONS: &str = "functions";

/// What the files of a folder are.
pub(crate) struct Kind {
    /// What one is called and named, such as "a field, such as `Query.product.yaml`".
    pub(crate) example: &'static str,
    /// How a file is named that can be used.
    pub(crate) naming: &'static str,
}

/// The files of a folder in the order of their names, without hidden ones and without step files.
/// Nothing when it cannot be read.
pub(crate) fn list(
    cx: &mut Reading,
    folder: &Spanned<String>,
    kind: &Kind,
) -> Option<Vec<PathBuf>> {
    let path = cx.resolve(&folder.value);
    match paths(&path) {
        Ok(paths) => Some(paths),
        Err(error) => {
            let why = reason(&error).replace("such file", "such folder");
            let message = format!("cannot read the folder `{}`: {why}", path.display());
            let help = format!("make it; it holds one file {}", kind.example);
            cx.faults
                .push(Diagnostic::error(Some(folder.span), message).help(help));
            None
        }
    }
}

fn paths(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        if !name.to_string_lossy().starts_with('.') && name != FUNCTIONS {
            paths.push(folder.join(name));
        }
    }
    paths.sort();
    Ok(paths)
}

/// Whether a path is a module, or a folder with one in it.
fn holds_modules(path: &Path) -> bool {
    let is_module = |path: &Path| {
        let ending = path.extension().and_then(|it| it.to_str());
        matches!(ending, Some("js" | "ts" | "mjs"))
    };
    is_module(path) || paths(path).is_ok_and(|paths| paths.iter().any(|path| is_module(path)))
}

/// The function files of a folder by their names; nothing where there is no such folder.
pub(crate) fn functions_in(folder: &Path) -> Vec<(String, PathBuf)> {
    let paths = paths(folder).unwrap_or_default();
    let named = paths
        .into_iter()
        .filter_map(|path| Some((stem(&path)?.to_owned(), path)));
    named.collect()
}

/// The name of a YAML file without its ending; nothing for every other file.
pub(crate) fn stem(path: &Path) -> Option<&str> {
    let name = path.file_name()?.to_str()?;
    let stem = name
        .strip_suffix(".yaml")
        .or_else(|| name.strip_suffix(".yml"))?;
    path.is_file().then_some(stem)
}

/// Warns of files that nothing uses: `others` are those that are no resolver or route files, once
/// all those have been read.
pub(crate) fn unused(cx: &mut Reading, folder: &Spanned<String>, others: &[PathBuf], kind: &Kind) {
    for path in others {
        // A template, a schema or a seed stands here as well. What modules import is not known yet.
        if !cx.has_read(path) && !holds_modules(path) {
            warn(cx, path, kind);
        }
    }
    let functions = cx.resolve(&folder.value).join(FUNCTIONS);
    for (_, path) in functions_in(&functions) {
        if !cx.has_read(&path) {
            let file = cx.faults.files.register(&path, "");
            let span = Span::new(file, 0..0);
            let fault = Diagnostic::warning(Some(span), "no pipeline names this function");
            cx.faults
                .push(fault.help("name it in a `pipeline:`, or remove it"));
        }
    }
}

fn warn(cx: &mut Reading, path: &Path, kind: &Kind) {
    // It may be anything, so it is not read; the empty text makes the excerpt a bare path.
    let file = cx.faults.files.register(path, "");
    let what = if path.is_dir() { "folder" } else { "file" };
    let message = format!("nothing uses this {what}");
    cx.faults
        .push(Diagnostic::warning(Some(Span::new(file, 0..0)), message).help(kind.naming));
}
