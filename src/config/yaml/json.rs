//! JSON into the same nodes as YAML.
//!
//! JSON is nearly YAML, but not quite: tabs indent, escapes come in surrogate pairs. `serde_json`
//! checks the text once; its raw values borrow from it, so that where they begin is where they stand.

use rustc_hash::FxHashMap;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{Data, MAX_DEPTH, Node};
use crate::config::{Diagnostic, Diagnostics, Span, Spanned, diagnostic::FileId};

struct Reader<'a> {
    file: FileId,
    text: &'a str,
    faults: &'a mut Diagnostics,
}

/// Where an object's keys and values stand.
struct Entries<'a>(Vec<(&'a RawValue, &'a RawValue)>);

pub(super) fn document(file: FileId, text: &str, faults: &mut Diagnostics) -> Option<Node> {
    let mut reader = Reader { file, text, faults };
    match serde_json::from_str(text) {
        Ok(raw) => reader.node(raw, 0),
        Err(error) => {
            reader.syntax_error(&error);
            None
        }
    }
}

impl<'a> Reader<'a> {
    fn node(&mut self, raw: &'a RawValue, depth: usize) -> Option<Node> {
        let span = self.span(raw);
        if depth > MAX_DEPTH {
            let message = format!("lists and objects stand more than {MAX_DEPTH} levels deep");
            self.faults
                .push(Diagnostic::error(Some(span), message).help("write it flatter"));
            return None;
        }
        let data = match raw.get().as_bytes().first()? {
            b'{' => Data::Map(self.entries(raw, depth)?),
            b'[' => {
                let items: Vec<&RawValue> = self.read(raw)?;
                let items = items.into_iter().map(|item| self.node(item, depth + 1));
                Data::List(items.collect::<Option<_>>()?)
            }
            b'"' => Data::String {
                text: self.read(raw)?,
                verbatim: (!raw.get().contains('\\'))
                    .then(|| Span::new(self.file, span.start as usize + 1..span.end as usize - 1)),
            },
            b't' => Data::Bool(true),
            b'f' => Data::Bool(false),
            b'n' => Data::Null,
            _ => match raw.get().parse() {
                Ok(whole) => Data::Int(whole),
                Err(_) => Data::Float(self.read(raw)?),
            },
        };
        Some(Node { span, data })
    }

    fn entries(&mut self, raw: &'a RawValue, depth: usize) -> Option<Vec<(Spanned<String>, Node)>> {
        let Entries(pairs) = self.read(raw)?;
        let mut entries = Vec::with_capacity(pairs.len());
        let mut keys: FxHashMap<String, Span> = FxHashMap::default();
        for (key, value) in pairs {
            let span = self.span(key);
            let key: String = self.read(key)?;
            if let Some(first) = keys.get(&key) {
                self.faults.push(
                    Diagnostic::error(Some(span), format!("the key `{key}` stands here twice"))
                        .label(*first, "first written here")
                        .help("keep one of them"),
                );
                continue;
            }
            keys.insert(key.clone(), span);
            let value = self.node(value, depth + 1)?;
            entries.push((Spanned::new(key, span), value));
        }
        Some(entries)
    }

    /// Reads one level of a text that was checked as a whole; what is left to go wrong is a number
    /// beyond every double.
    fn read<T: Deserialize<'a>>(&mut self, raw: &'a RawValue) -> Option<T> {
        match serde_json::from_str(raw.get()) {
            Ok(value) => Some(value),
            Err(_) => {
                let span = self.span(raw);
                let fault = Diagnostic::error(Some(span), "this value cannot be represented");
                self.faults.push(fault);
                None
            }
        }
    }

    fn syntax_error(&mut self, error: &serde_json::Error) {
        let before = error.line().saturating_sub(1);
        let line: usize = self
            .text
            .split_inclusive('\n')
            .take(before)
            .map(str::len)
            .sum();
        let at = (line + error.column().saturating_sub(1)).min(self.text.len());
        // serde_json ends its sentence with the position, which the excerpt shows already.
        let sentence = error.to_string();
        let reason = sentence.split(" at line ").next().unwrap_or(&sentence);
        let span = Span::new(self.file, at..at);
        self.faults.push(
            Diagnostic::error(Some(span), format!("this is not JSON: {reason}"))
                .help("look at the commas and quotes before this place"),
        );
    }

    fn span(&self, raw: &RawValue) -> Span {
        let start = raw.get().as_ptr() as usize - self.text.as_ptr() as usize;
        Span::new(self.file, start..start + raw.get().len())
    }
}

// === impl Entries ===

impl<'de> Deserialize<'de> for Entries<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;

        impl<'de> Visitor<'de> for Pairs {
            type Value = Entries<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Entries(pairs))
            }
        }

        deserializer.deserialize_map(Pairs)
    }
}
