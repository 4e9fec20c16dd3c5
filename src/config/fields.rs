//! The keys of one mapping, read one by one.
//!
//! A section asks for its keys with a decoder each; what is wrong is recorded and reading goes on.
//! [`Fields::finish`] then reports every key that nobody asked for, with the nearest one that
//! somebody did, and the required keys that are missing.

use crate::config::{
    Diagnostic, Diagnostics, Span, Spanned,
    nearest::nearest,
    yaml::{Data, Node},
};

/// Why a value cannot be used: how the sentence about its key goes on, and what would be right.
#[derive(Debug, PartialEq)]
pub(crate) struct Wrong {
    message: String,
    help: String,
}

/// What a decoder makes of a node.
pub(crate) type Decoded<T> = Result<T, Wrong>;

/// The keys of one mapping.
pub(crate) struct Fields<'a> {
    /// How messages call the mapping, such as "the source `carts`".
    owner: String,
    /// What to point at when a key is missing.
    span: Span,
    entries: &'a [(Spanned<String>, Node)],
    known: Vec<&'static str>,
    /// Words that were refused already.
    reported: Vec<&'static str>,
    missing: Vec<Missing>,
}

struct Missing {
    key: &'static str,
    example: &'static str,
}

// === impl Wrong ===

impl Wrong {
    /// A sentence about a key, such as "must be more than zero".
    pub(crate) fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Wrong {
            message: message.into(),
            help: help.into(),
        }
    }

    /// The value should have been something else.
    pub(crate) fn expected(what: &str, found: &Node, help: impl Into<String>) -> Self {
        match found.data {
            Data::Null => Wrong::new(format!("has no value; it must be {what}"), help),
            _ => Wrong::new(format!("must be {what}, not {}", found.describe()), help),
        }
    }

    /// The fault of a key's value.
    pub(crate) fn at(self, key: &str, span: Span) -> Diagnostic {
        Diagnostic::error(Some(span), format!("`{key}` {}", self.message)).help(self.help)
    }
}

// === impl Fields ===

impl<'a> Fields<'a> {
    /// Opens a mapping. Nothing at all is a mapping without keys; anything else is an error.
    pub(crate) fn open(
        faults: &mut Diagnostics,
        owner: impl Into<String>,
        span: Span,
        node: &'a Node,
    ) -> Option<Self> {
        let owner = owner.into();
        let entries = match &node.data {
            Data::Map(entries) => entries.as_slice(),
            Data::Null => &[],
            _ => {
                let message = format!("{owner} must be a mapping, not {}", node.describe());
                faults.push(
                    Diagnostic::error(Some(node.span), message)
                        .help("write `key: value` lines, indented below it"),
                );
                return None;
            }
        };
        Some(Fields {
            owner,
            span,
            entries,
            known: Vec::new(),
            reported: Vec::new(),
            missing: Vec::new(),
        })
    }

    /// The entry of a key, as it was written.
    pub(crate) fn entry(&mut self, key: &'static str) -> Option<(Span, &'a Node)> {
        if !self.known.contains(&key) {
            self.known.push(key);
        }
        let (name, node) = self.entries.iter().find(|(name, _)| name.value == key)?;
        Some((name.span, node))
    }

    /// Whether a key was written, without asking for it.
    pub(crate) fn is_written(&self, key: &str) -> bool {
        self.entries.iter().any(|(name, _)| name.value == key)
    }

    /// The value of a key that may be absent. A wrong value is recorded, and absent from then on.
    pub(crate) fn optional<T>(
        &mut self,
        faults: &mut Diagnostics,
        key: &'static str,
        decode: impl FnOnce(&Node) -> Decoded<T>,
    ) -> Option<Spanned<T>> {
        let (name, node) = self.entry(key)?;
        // Nothing has no width to point at; its key has.
        let span = if node.is_null() { name } else { node.span };
        match decode(node) {
            Ok(value) => Some(Spanned::new(value, span)),
            Err(wrong) => {
                faults.push(wrong.at(key, span));
                None
            }
        }
    }

    /// The value of a key that must be there; `example` shows how it is written.
    pub(crate) fn required<T>(
        &mut self,
        faults: &mut Diagnostics,
        key: &'static str,
        example: &'static str,
        decode: impl FnOnce(&Node) -> Decoded<T>,
    ) -> Option<Spanned<T>> {
        self.required_entry(key, example)?;
        self.optional(faults, key, decode)
    }

    /// Like [`Fields::entry`], for a key that must be there.
    pub(crate) fn required_entry(
        &mut self,
        key: &'static str,
        example: &'static str,
    ) -> Option<(Span, &'a Node)> {
        let entry = self.entry(key);
        if entry.is_none() {
            self.missing.push(Missing { key, example });
        }
        entry
    }

    /// The values of a key that may be absent, in a list; one value stands for a list of one. Wrong
    /// ones are recorded and left out.
    pub(crate) fn list<T>(
        &mut self,
        faults: &mut Diagnostics,
        key: &'static str,
        decode: impl Fn(&Node) -> Decoded<T>,
    ) -> Option<Vec<Spanned<T>>> {
        let (name, node) = self.entry(key)?;
        let items = match &node.data {
            Data::List(items) => items.as_slice(),
            _ => std::slice::from_ref(node),
        };
        if items.is_empty() {
            let wrong = Wrong::new("is an empty list", "name at least one");
            faults.push(wrong.at(key, node.span));
        }
        let mut values = Vec::with_capacity(items.len());
        for item in items {
            let span = if item.is_null() { name } else { item.span };
            match decode(item) {
                Ok(value) => values.push(Spanned::new(value, span)),
                Err(wrong) => faults.push(wrong.at(key, span)),
            }
        }
        Some(values)
    }

    /// The mapping of a key that may be absent.
    pub(crate) fn section(
        &mut self,
        faults: &mut Diagnostics,
        key: &'static str,
    ) -> Option<Fields<'a>> {
        let (span, node) = self.entry(key)?;
        Fields::open(faults, format!("`{key}`"), span, node)
    }

    /// Refuses words that a later version will understand, so that nobody looks for a typing slip.
    pub(crate) fn later(&mut self, faults: &mut Diagnostics, words: &[&'static str]) {
        self.reported.extend(words);
        for (name, _) in self.entries {
            if words.contains(&name.value.as_str()) {
                faults.push(not_supported(name.span, &format!("`{}`", name.value)));
            }
        }
    }

    /// Refuses words that mean something elsewhere; the sentence about each goes on with `why`.
    pub(crate) fn misplaced(
        &mut self,
        faults: &mut Diagnostics,
        words: &[&'static str],
        why: &str,
        help: &str,
    ) {
        self.reported.extend(words);
        for (name, _) in self.entries {
            if words.contains(&name.value.as_str()) {
                let message = format!("`{}` {why}", name.value);
                faults.push(Diagnostic::error(Some(name.span), message).help(help));
            }
        }
    }

    /// The entries that nobody has asked for so far.
    pub(crate) fn rest(&self) -> impl Iterator<Item = &'a (Spanned<String>, Node)> {
        let known = self.known.clone();
        self.entries
            .iter()
            .filter(move |(name, _)| !known.contains(&name.value.as_str()))
    }

    /// Reports the keys that nobody asked for and the required ones that are missing.
    pub(crate) fn finish(self, faults: &mut Diagnostics) {
        let absent = |key: &&&'static str| !self.entries.iter().any(|(n, _)| n.value == **key);
        let absent: Vec<&str> = self.known.iter().filter(absent).copied().collect();
        let mut meant = Vec::new();
        for (name, _) in self.rest() {
            if self.reported.contains(&name.value.as_str()) {
                continue;
            }
            if let Some(key) = self.glued(&name.value) {
                meant.push(key);
                let message = format!("`{key}` has no blank behind its colon");
                let help = format!("write `{key}: …`");
                faults.push(Diagnostic::error(Some(name.span), message).help(help));
                continue;
            }
            let guess = nearest(&name.value, absent.iter().copied());
            meant.extend(guess);
            let help = match guess {
                Some(guess) => format!("did you mean `{guess}`?"),
                None => format!("the keys here are {}", listed(&self.known)),
            };
            let message = format!("unknown key `{}` in {}", name.value, self.owner);
            faults.push(Diagnostic::error(Some(name.span), message).help(help));
        }
        self.report_missing(faults, &meant);
    }

    /// The known key that an unknown one begins with, when its value was glued to it. The value is
    /// not repeated: it may be a secret.
    fn glued(&self, name: &str) -> Option<&'static str> {
        let (key, _) = name.split_once(':')?;
        self.known.iter().copied().find(|known| *known == key)
    }

    /// Like [`Fields::finish`], for a mapping whose other keys mean something.
    pub(crate) fn finish_open(self, faults: &mut Diagnostics) {
        self.report_missing(faults, &[]);
    }

    /// A required key that an unknown one was surely meant to be is one fault, not two.
    fn report_missing(&self, faults: &mut Diagnostics, meant: &[&str]) {
        for missing in &self.missing {
            if meant.contains(&missing.key) {
                continue;
            }
            let message = format!("{} has no `{}`", self.owner, missing.key);
            faults.push(
                Diagnostic::error(Some(self.span), message)
                    .help(format!("add `{}`", missing.example)),
            );
        }
    }
}

/// The fault of a word that a later version will understand.
pub(crate) fn not_supported(span: Span, what: &str) -> Diagnostic {
    Diagnostic::error(Some(span), format!("{what} is not supported yet"))
        .help("this version of Loomgate does not know it; remove it")
}

/// The fault of a name that nothing has; the help names the nearest, or all there are.
pub(crate) fn unknown_name(span: Span, kind: &str, name: &str, names: &[&str]) -> Diagnostic {
    let help = match nearest(name, names.iter().copied()) {
        Some(guess) => format!("did you mean `{guess}`?"),
        None if names.is_empty() => format!("there is no {kind} yet; add `{name}`"),
        None => format!("known are {}", listed(names)),
    };
    Diagnostic::error(Some(span), format!("unknown {kind} `{name}`")).help(help)
}

fn listed(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    quoted.join(", ")
}
