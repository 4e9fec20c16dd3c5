//! `projection`: which attributes of an item are answered.
//!
//! Whole attributes only. Paths into maps and lists need the item taken apart and put together again;
//! until that is built they are refused, not ignored.

use crate::{
    json::{Document, Kind, View, write_string},
    source::keyvalue::{
        attribute::{self, At},
        expression::{Bindings, Clause, parse_paths},
        refusal::Refusal,
    },
};

/// The attributes that an answer keeps.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Projection(Vec<String>);

// === impl Projection ===

impl Projection {
    /// Reads `{ expression, expressionNames }`.
    pub(crate) fn parse(given: View<'_>, at: At<'_>) -> Result<Self, Refusal> {
        if given.kind() != Kind::Object {
            return Err(attribute::wrong_kind("OBJECT", given, at));
        }
        let here = At::Member(&at, "expression");
        let expression = given.get("expression").unwrap_or(View::NULL);
        let text = expression
            .as_str()
            .ok_or_else(|| attribute::wrong_kind("STRING", expression, here))?;
        let bindings = Bindings::of(Clause::Projection, given);
        let mut names = Vec::new();
        for path in parse_paths(Clause::Projection, &text)? {
            if path.is_nested {
                return Err(Refusal::NotYet(format!(
                    "a path into an attribute ('{}…') in a projection",
                    path.root
                )));
            }
            let name = bindings.name(path.root)?;
            if names.contains(&name) {
                return Err(Clause::Projection.invalid(format_args!(
                    "Two document paths overlap with each other; must remove or rewrite one of \
                     these paths; path one: [{name}], path two: [{name}]"
                )));
            }
            names.push(name);
        }
        bindings.finish()?;
        Ok(Projection(names))
    }

    /// Appends what is kept of an item's text.
    pub(crate) fn write(&self, item: &[u8], out: &mut Vec<u8>) -> Result<(), Refusal> {
        let document = Document::parse(bytes::Bytes::copy_from_slice(item))
            .map_err(|_| Refusal::corrupt("an item's text"))?;
        out.push(b'{');
        let mut is_first = true;
        for (name, value) in View::Node(&document, 0).entries() {
            if !self.0.iter().any(|kept| *kept == name) {
                continue;
            }
            if !is_first {
                out.push(b',');
            }
            is_first = false;
            write_string(&name, out);
            out.push(b':');
            value.write(out);
        }
        out.push(b'}');
        Ok(())
    }
}
