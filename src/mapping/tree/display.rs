//! A mapping as one line of YAML, as `explain` shows it.

use std::fmt;

use super::{Template, Tree};
use crate::{
    json::{Kind, Value, View},
    mapping::{Mapping, Shape, leaf, place::ContextNames, vtl},
};

impl fmt::Display for Mapping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.shape {
            Shape::Tree(tree) => write_tree(f, tree),
            Shape::Template(template) => f.write_str(template.name()),
            Shape::Module(module, function) => {
                write!(f, "{}#{}", module.name(), function.name())
            }
            #[cfg(test)]
            Shape::Fake(_) => f.write_str("fake"),
        }
    }
}

fn write_tree(f: &mut fmt::Formatter<'_>, tree: &Tree) -> fmt::Result {
    match tree {
        Tree::Constant(value) => write_value(f, value.view()),
        Tree::Reference(_, origin) | Tree::Text(_, origin) | Tree::Path(_, origin) => {
            write_text(f, &origin.written)
        }
        Tree::Program(template) => write_text(f, template.source()),
        Tree::List(items) => write_list(f, items, write_tree),
        Tree::Object(template) => write_object(f, template.members(), write_member),
    }
}

/// A member of an object: a constant, or what waits for the context.
#[derive(Clone, Copy)]
enum Member<'t> {
    Constant(&'t Value),
    Slot(&'t Tree),
}

impl Template {
    fn members(&self) -> impl Iterator<Item = (&str, Member<'_>)> {
        let mut slots = self.slots.iter().peekable();
        self.object
            .iter()
            .enumerate()
            .map(move |(index, (key, constant))| {
                let slot = slots.next_if(|(place, _)| *place == index);
                let member = match slot {
                    Some((_, tree)) => Member::Slot(tree),
                    None => Member::Constant(constant),
                };
                (&**key, member)
            })
    }
}

fn write_member(f: &mut fmt::Formatter<'_>, member: Member<'_>) -> fmt::Result {
    match member {
        Member::Constant(value) => write_value(f, value.view()),
        Member::Slot(tree) => write_tree(f, tree),
    }
}

fn write_value(f: &mut fmt::Formatter<'_>, view: View<'_>) -> fmt::Result {
    match view.kind() {
        Kind::String => write_constant(f, &view.as_str().unwrap_or_default()),
        Kind::List => write_list(f, view.items(), write_value),
        Kind::Object => write_object(f, view.entries(), write_value),
        Kind::Null | Kind::Bool | Kind::Number => f.write_str(&json(view)),
    }
}

fn write_list<T>(
    f: &mut fmt::Formatter<'_>,
    items: impl IntoIterator<Item = T>,
    write: fn(&mut fmt::Formatter<'_>, T) -> fmt::Result,
) -> fmt::Result {
    f.write_str("[")?;
    for (index, item) in items.into_iter().enumerate() {
        f.write_str(if index == 0 { "" } else { ", " })?;
        write(f, item)?;
    }
    f.write_str("]")
}

fn write_object<K: AsRef<str>, T>(
    f: &mut fmt::Formatter<'_>,
    members: impl IntoIterator<Item = (K, T)>,
    write: fn(&mut fmt::Formatter<'_>, T) -> fmt::Result,
) -> fmt::Result {
    let mut separator = " ";
    f.write_str("{")?;
    for (key, member) in members {
        f.write_str(separator)?;
        separator = ", ";
        write_text(f, key.as_ref())?;
        f.write_str(": ")?;
        write(f, member)?;
    }
    f.write_str(if separator == " " { "}" } else { " }" })
}

/// Text without references; what would be taken for one is escaped again.
fn write_constant(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    match leaf::compile(text, &ContextNames) {
        Ok(program) if program.constant() == Some(text) => write_text(f, text),
        _ => write_text(f, &vtl::escape(text)),
    }
}

/// Text: plain where YAML would read it back as text, quoted otherwise.
fn write_text(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    if is_plain(text) {
        return f.write_str(text);
    }
    f.write_str(&json(Value::String(text.into()).view()))
}

fn is_plain(text: &str) -> bool {
    let starts = text.starts_with(|c: char| c.is_alphabetic() || "/$_\\".contains(c));
    let inside = text
        .chars()
        .all(|c| c.is_alphanumeric() || "/$_\\.!-+=?&~();'| ".contains(c));
    let is_word = matches!(
        text.to_ascii_lowercase().as_str(),
        "null" | "true" | "false" | "yes" | "no" | "on" | "off" | "inf" | "infinity" | "nan"
    );
    starts && inside && !is_word && !text.ends_with(' ')
}

fn json(view: View<'_>) -> String {
    let mut out = Vec::new();
    view.write(&mut out);
    String::from_utf8_lossy(&out).into_owned()
}
