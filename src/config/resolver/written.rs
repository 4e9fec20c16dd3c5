//! Mappings as they are written: a tree, or the name of a file.

use std::path::Path;

use crate::config::{
    Diagnostic, Diagnostics,
    fields::{Fields, Wrong},
    load::Reading,
    resolver::{CodeFile, TemplateFile, Written},
    yaml::{Data, Node},
};

/// A request or a response: a tree, or the name of a `.vtl` file beside the file that names it.
pub(crate) fn mapping(
    cx: &mut Reading,
    folder: &Path,
    fields: &mut Fields<'_>,
    key: &'static str,
) -> Option<Written> {
    let (_, node) = fields.entry(key)?;
    if is_file(node, &[".js", ".ts"]) {
        let message = format!("`{key}` cannot be a module: one module holds both functions");
        let help = format!("write `code: {}`", node.as_str().unwrap_or_default());
        let fault = Diagnostic::error(Some(node.span), message).help(help);
        cx.faults.push(fault);
        return None;
    }
    if is_file(node, &[".vtl"]) {
        return template(cx, folder, node).map(Written::Template);
    }
    let mut templates = Vec::new();
    inner_templates(cx, folder, node, &mut templates);
    Some(Written::Tree {
        node: node.clone(),
        templates,
    })
}

/// A mapping that must be a tree.
pub(crate) fn tree(
    faults: &mut Diagnostics,
    fields: &mut Fields<'_>,
    key: &'static str,
) -> Option<Node> {
    let (_, node) = fields.entry(key)?;
    if is_file(node, &[".vtl", ".js", ".ts"]) {
        let message = format!("`{key}` cannot be a file");
        let help = "write what it is, such as `$ctx.result.statusCode`";
        faults.push(Diagnostic::error(Some(node.span), message).help(help));
        return None;
    }
    Some(node.clone())
}

/// `code:` the name of a module beside the file that names it.
pub(crate) fn code(cx: &mut Reading, folder: &Path, fields: &mut Fields<'_>) -> Option<CodeFile> {
    let (name, node) = fields.entry("code")?;
    if !is_file(node, &[".js", ".ts", ".mjs"]) {
        let help = "write `code: Query.post.js`; it stands beside this file";
        let wrong = Wrong::expected("the name of a `.js` or `.ts` file", node, help);
        let span = if node.is_null() { name } else { node.span };
        cx.faults.push(wrong.at("code", span));
        return None;
    }
    let path = folder.join(node.as_str()?);
    let (file, text) = cx.read(&path, Some(node.span))?;
    Some(CodeFile {
        named: node.span,
        path,
        root: cx.directory.clone(),
        file,
        text,
    })
}

/// Leaves of a tree that are templates of their own, such as `body: order.vtl`.
fn inner_templates(cx: &mut Reading, folder: &Path, node: &Node, found: &mut Vec<TemplateFile>) {
    match &node.data {
        Data::List(items) => {
            for item in items {
                inner_templates(cx, folder, item, found);
            }
        }
        Data::Map(members) => {
            for (_, member) in members {
                inner_templates(cx, folder, member, found);
            }
        }
        _ if is_file(node, &[".vtl"]) => found.extend(template(cx, folder, node)),
        _ => {}
    }
}

fn template(cx: &mut Reading, folder: &Path, node: &Node) -> Option<TemplateFile> {
    let (file, text) = cx.read(&folder.join(node.as_str()?), Some(node.span))?;
    Some(TemplateFile {
        named: node.span,
        file,
        text,
    })
}

/// Whether a node is one word with one of these endings.
fn is_file(node: &Node, endings: &[&str]) -> bool {
    let is_name = |text: &str| !text.contains(|c: char| c.is_whitespace() || c == '$');
    let ends = |text: &str| {
        endings
            .iter()
            .any(|ending| text.len() > ending.len() && text.ends_with(ending))
    };
    node.as_str()
        .is_some_and(|text| is_name(text) && ends(text))
}

// === impl Written ===

impl Written {
    /// A tree in which no leaf is a file.
    pub(crate) fn plain(node: Node) -> Self {
        Written::Tree {
            node,
            templates: Vec::new(),
        }
    }

    /// Whether it is a tree.
    pub(crate) fn is_tree(&self) -> bool {
        self.tree().is_some()
    }

    /// The tree, when it is one.
    #[must_use]
    pub fn tree(&self) -> Option<&Node> {
        match self {
            Written::Tree { node, .. } => Some(node),
            Written::Template(_) => None,
        }
    }
}
