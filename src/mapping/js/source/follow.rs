//! A module and the files it imports, each read once.

use std::{
    path::{Component, Path, PathBuf},
    sync::Arc,
};

use rustc_hash::FxHashMap;

use super::{
    Library, PLATFORM, captures,
    exported::{Exchange, Exported, Link},
    inspect::{Inspected, inspect},
};
use crate::config::{Diagnostic, Diagnostics, Severity, Span, did_you_mean, nearest};

/// How many files a module may consist of.
const MAX_FILES: usize = 64;

/// What AppSync takes, in characters.
const APPSYNC_CHARACTERS: usize = 32_768;

/// What is taken here, in bytes.
const MAX_BYTES: usize = 1 << 20;

/// The endings of files, in the order they are looked for.
const ENDINGS: [&str; 3] = ["js", "ts", "mjs"];

/// A module and the files it imports, the entry first.
#[derive(Debug)]
pub(super) struct Program {
    pub(super) files: Vec<File>,
    /// Whether nothing keeps it from being compiled.
    pub(super) is_sound: bool,
}

/// One file of it.
#[derive(Debug)]
pub(super) struct File {
    /// Its path below the folder of the configuration.
    pub(super) name: String,
    pub(super) path: PathBuf,
    pub(super) text: Arc<str>,
    pub(super) whole: Span,
    pub(super) inspected: Inspected,
    /// What each link leads to.
    pub(super) targets: Vec<Target>,
}

/// What a link leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    /// A file of the program.
    File(usize),
    /// A module of the platform.
    Platform,
    /// Nothing; a fault says why.
    Nowhere,
}

/// Reads a module and everything it imports.
pub(super) fn follow(
    path: &Path,
    named: Option<Span>,
    library: &mut Library<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Program> {
    let mut follower = Follower {
        library,
        diagnostics,
        files: Vec::new(),
        known: FxHashMap::default(),
        is_sound: true,
    };
    let entry = below(follower.library.root, path)?;
    follower.add(entry, path.to_owned(), named)?;
    let mut next = 0;
    while next < follower.files.len() {
        follower.links(next);
        next += 1;
    }
    follower.names();
    let captures = follower.files.iter().map(|file| &file.inspected.captures);
    let faults = captures::check(captures);
    faults.into_iter().for_each(|fault| follower.report(fault));
    Some(Program {
        files: follower.files,
        is_sound: follower.is_sound,
    })
}

struct Follower<'f, 'l> {
    library: &'f mut Library<'l>,
    diagnostics: &'f mut Diagnostics,
    files: Vec<File>,
    known: FxHashMap<String, usize>,
    is_sound: bool,
}

// === impl Program ===

impl Program {
    /// What a name of a file is, through files that hand it on.
    pub(super) fn resolve(&self, file: usize, name: &str) -> Option<(usize, &Exported, Span)> {
        resolve(&self.files, file, name, MAX_FILES)
    }
}

fn resolve<'p>(
    files: &'p [File],
    file: usize,
    name: &str,
    steps: usize,
) -> Option<(usize, &'p Exported, Span)> {
    let steps = steps.checked_sub(1)?;
    let exchange = &files[file].inspected.exchange;
    if let Some(export) = exchange.exports.get(name) {
        return match &export.what {
            Exported::From(link, inner) => match files[file].targets.get(*link)? {
                Target::File(next) => resolve(files, *next, inner, steps),
                Target::Platform | Target::Nowhere => Some((file, &Exported::Unknown, export.span)),
            },
            what => Some((file, what, export.span)),
        };
    }
    exchange
        .stars
        .iter()
        .find_map(|link| match files[file].targets.get(*link)? {
            Target::File(next) => resolve(files, *next, name, steps),
            Target::Platform | Target::Nowhere => None,
        })
}

// === impl Follower ===

impl Follower<'_, '_> {
    /// Reads a file; its number.
    fn add(&mut self, name: String, path: PathBuf, named: Option<Span>) -> Option<usize> {
        if let Some(known) = self.known.get(&name) {
            return Some(*known);
        }
        if self.files.len() == MAX_FILES {
            let message = format!("a module may consist of {MAX_FILES} files at most");
            self.report(
                Diagnostic::error(named, message).help("bundle it, or move what it does not need"),
            );
            return None;
        }
        let Some((file, text)) = (self.library.read)(&path, named, self.diagnostics) else {
            self.is_sound = false;
            return None;
        };
        let whole = Span::new(file, 0..text.len());
        self.size(Span::new(file, 0..0), &text)?;
        let is_typescript = path.extension().is_some_and(|it| it == "ts");
        let Some(mut inspected) = inspect(file, &text, is_typescript) else {
            let message = format!("`{name}` could not be looked at: there is no thread for it");
            self.report(Diagnostic::error(named, message));
            return None;
        };
        for fault in std::mem::take(&mut inspected.faults) {
            self.report(fault);
        }
        let number = self.files.len();
        self.known.insert(name.clone(), number);
        self.files.push(File {
            name,
            path,
            text,
            whole,
            inspected,
            targets: Vec::new(),
        });
        Some(number)
    }

    fn size(&mut self, top: Span, text: &str) -> Option<()> {
        if text.len() > MAX_BYTES {
            let message = "a module may have 1 MiB at most";
            self.report(Diagnostic::error(Some(top), message).help("split it"));
            return None;
        }
        let characters = text.chars().count();
        if characters > APPSYNC_CHARACTERS {
            let message = format!(
                "works here; AppSync refuses modules beyond {APPSYNC_CHARACTERS} characters, and this one has {characters}"
            );
            let entry = Diagnostic::warning(Some(top), message);
            self.report(entry.help("make it functions of a pipeline, or leave comments out"));
        }
        Some(())
    }

    fn links(&mut self, file: usize) {
        let links = self.files[file].inspected.exchange.links.iter();
        let links: Vec<(String, Span)> = links
            .map(|link| (link.specifier.clone(), link.span))
            .collect();
        for (specifier, span) in links {
            let target = match PLATFORM.contains(&specifier.as_str()) {
                true => Target::Platform,
                false => match self.file(file, &specifier, span) {
                    Some(number) => Target::File(number),
                    None => Target::Nowhere,
                },
            };
            if let Target::File(number) = target {
                let name = format!("'{}'", self.files[number].name.escape_default());
                self.files[file].inspected.draft.replace(span.range(), name);
            }
            self.files[file].targets.push(target);
        }
    }

    /// The file that an import names.
    fn file(&mut self, from: usize, specifier: &str, span: Span) -> Option<usize> {
        if !specifier.starts_with("./") && !specifier.starts_with("../") {
            self.report(foreign(specifier, span));
            return None;
        }
        let Some(name) = join(&self.files[from].name, specifier) else {
            let message = format!("`{specifier}` stands outside of the configuration's folder");
            let entry = Diagnostic::error(Some(span), message);
            self.report(entry.help("copy the file into the folder"));
            return None;
        };
        for name in candidates(&name) {
            if let Some(known) = self.known.get(&name) {
                return Some(*known);
            }
            let path = self.library.root.join(&name);
            let found = (self.library.read)(&path, None, self.diagnostics);
            if found.is_some() {
                return self.add(name, path, Some(span));
            }
        }
        let tried: Vec<String> = candidates(&name)
            .iter()
            .map(|it| format!("`{it}`"))
            .collect();
        let message = format!("there is no file `{specifier}`");
        let entry = Diagnostic::error(Some(span), message);
        self.report(entry.help(format!("looked for {}", tried.join(", "))));
        None
    }

    /// Checks that modules export what is taken from them.
    fn names(&mut self) {
        let mut faults = Vec::new();
        for file in &self.files {
            for (link, target) in file.inspected.exchange.links.iter().zip(&file.targets) {
                match target {
                    Target::File(number) => self.of_file(link, *number, &mut faults),
                    Target::Platform => self.of_platform(link, &mut faults),
                    Target::Nowhere => {}
                }
            }
            for path in &file.inspected.exchange.mentions {
                faults.extend(self.unknown_member(path));
            }
        }
        faults.into_iter().for_each(|fault| self.report(fault));
    }

    fn of_file(&self, link: &Link, number: usize, faults: &mut Vec<Diagnostic>) {
        let file = &self.files[number];
        for (name, span) in &link.names {
            if resolve(&self.files, number, name, MAX_FILES).is_some() {
                continue;
            }
            // What a file takes from one that is broken is not known.
            if !is_known(&file.inspected.exchange, &file.targets) {
                continue;
            }
            let message = format!("`{}` exports no `{name}`", file.name);
            let help = did_you_mean(
                name,
                file.inspected.exchange.names().filter(|it| it != name),
            );
            let help = help
                .unwrap_or_else(|| "export it there; for a type, write `import type`".to_owned());
            faults.push(Diagnostic::error(Some(*span), message).help(help));
        }
    }

    fn of_platform(&self, link: &Link, faults: &mut Vec<Diagnostic>) {
        let Some(exports) = (self.library.exports)(&link.specifier) else {
            return;
        };
        for (name, span) in link
            .names
            .iter()
            .filter(|(name, _)| !exports.contains(name))
        {
            let message = format!("`{}` exports no `{name}`", link.specifier);
            let help = did_you_mean(name, exports.iter().map(String::as_str));
            let help = help.unwrap_or_else(|| elsewhere(self.library, name, &exports));
            faults.push(Diagnostic::error(Some(*span), message).help(help));
        }
    }

    /// A function that the platform does not have: `util.autoID`.
    fn unknown_member(&self, path: &[(String, Span)]) -> Option<Diagnostic> {
        let ((root, _), members) = path.split_first()?;
        let mut namespace = root.clone();
        for (name, span) in members {
            // What is no namespace has members that only the run knows.
            let exports = (self.library.exports)(&namespace)?;
            if !exports.contains(name) {
                let message = format!("`{namespace}` has no `{name}`");
                let help = did_you_mean(name, exports.iter().map(String::as_str));
                let help = help.unwrap_or_else(|| listed(&exports));
                return Some(Diagnostic::error(Some(*span), message).help(help));
            }
            namespace = format!("{namespace}.{name}");
        }
        None
    }

    fn report(&mut self, fault: Diagnostic) {
        if fault.severity == Severity::Error {
            self.is_sound = false;
        }
        self.diagnostics.push(fault);
    }
}

/// Which module of the platform has a name, or what this one has.
fn elsewhere(library: &Library<'_>, name: &str, exports: &[String]) -> String {
    let has = |module: &&&str| {
        let exports = (library.exports)(module);
        exports.is_some_and(|exports| exports.iter().any(|it| it == name))
    };
    match PLATFORM.iter().find(has) {
        Some(module) => format!("`{module}` does"),
        None => listed(exports),
    }
}

fn listed(exports: &[String]) -> String {
    let names: Vec<String> = exports.iter().map(|name| format!("`{name}`")).collect();
    format!("it has {}", names.join(", "))
}

/// Whether everything that a file hands on is known: a file that could not be parsed exports
/// nothing, and one that hands on everything of an unknown file may export anything.
fn is_known(exchange: &Exchange, targets: &[Target]) -> bool {
    let is_read = !exchange.exports.is_empty() || !exchange.links.is_empty();
    let is_file = |link: &usize| matches!(targets.get(*link), Some(Target::File(_)));
    is_read && exchange.stars.iter().all(is_file)
}

/// An import of something that is neither a file nor of the platform.
fn foreign(specifier: &str, span: Span) -> Diagnostic {
    let message = format!("there is no module `{specifier}` here");
    let help = match nearest(specifier, PLATFORM) {
        Some(near) => format!("did you mean `{near}`?"),
        None if specifier.starts_with('/') => {
            "write the path from this file on: `./file.js`".to_owned()
        }
        None => "packages are not installed here: bundle it into the file with a tool such as \
             esbuild, or import a file: `./file.js`"
            .to_owned(),
    };
    Diagnostic::error(Some(span), message).help(help)
}

/// The path of a file below the root, with `/` between its parts.
fn below(root: &Path, path: &Path) -> Option<String> {
    let rest = path.strip_prefix(root).unwrap_or(path);
    let parts = rest.components().filter_map(|part| match part {
        Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
        _ => None,
    });
    Some(parts.collect::<Vec<_>>().join("/"))
}

/// What a relative path means from a file on; `None` outside of the root.
fn join(from: &str, specifier: &str) -> Option<String> {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in specifier.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The files that a name may mean. `./price.js` is also how TypeScript writes `price.ts`.
fn candidates(name: &str) -> Vec<String> {
    let ending = name.rsplit_once('.');
    match ending {
        Some((stem, "js")) => vec![name.to_owned(), format!("{stem}.ts")],
        Some((_, ending)) if ENDINGS.contains(&ending) => vec![name.to_owned()],
        _ => ENDINGS
            .iter()
            .map(|ending| format!("{name}.{ending}"))
            .collect(),
    }
}
