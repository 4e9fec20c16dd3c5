//! From YAML nodes to a [`Mapping`]. Goes on after a fault, so that all are told at once.

use std::{ops::Range, sync::Arc};

use super::{Origin, Template as ObjectTemplate, Tree, position};
use crate::{
    config::{
        Diagnostics, Span, Spanned,
        resolver::{TemplateFile, Written},
        yaml::{Data, Node},
    },
    json::{Number, Object, Value},
    mapping::{
        Mapping, Reads, Shape, leaf,
        place::{CallerRead, ContextNames},
        template::{Dialect, Prints, Template},
        vtl::SyntaxError,
    },
};

/// How deep a mapping may be nested.
const MAX_DEPTH: usize = 64;

impl Mapping {
    /// Compiles a tree; faults go to `diagnostics` with their positions.
    pub fn compile(node: &Node, diagnostics: &mut Diagnostics) -> Self {
        Self::compile_tree(node, &[], Dialect::AppSync, diagnostics)
    }

    /// Compiles a tree some of whose leaves are the names of templates.
    pub(in crate::mapping) fn compile_tree(
        node: &Node,
        templates: &[TemplateFile],
        dialect: Dialect,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let mut compiler = Compiler::new(diagnostics);
        (compiler.templates, compiler.dialect) = (templates, dialect);
        let tree = compiler.node(node);
        let members = match &node.data {
            Data::Map(members) => keys(members),
            _ => Vec::new(),
        };
        compiler.finish(tree, members)
    }

    /// Compiles a request with further members laid over it, as `batch:` does: a member given in
    /// the overlay replaces the request's own, and where both are mappings (`query`), the
    /// overlay's members are added to it.
    pub(crate) fn compile_with_overlay(
        request: Option<&Written>,
        overlay: &[(Spanned<String>, Node)],
        dialect: Dialect,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let (node, templates) = match request {
            Some(written) if overlay.is_empty() => {
                return Self::of_written(written, dialect, diagnostics);
            }
            Some(Written::Tree { node, templates }) => (Some(node), templates.as_slice()),
            // A batch beside a template was reported where it was read.
            Some(Written::Template(_)) | None => (None, [].as_slice()),
        };
        let base = match node.map(|node| (node, &node.data)) {
            None => &[],
            Some((_, Data::Map(members))) => members.as_slice(),
            Some((node, _)) => {
                let message = "this must be a mapping, because `batch` adds to it";
                diagnostics.error(Some(node.span), message, None);
                &[]
            }
        };
        let members = merge(base, overlay);
        let mut compiler = Compiler::new(diagnostics);
        (compiler.templates, compiler.dialect) = (templates, dialect);
        let tree = compiler.object(&members);
        compiler.finish(tree, keys(&members))
    }
}

impl Mapping {
    /// Makes a top-level member a URL path, which callers must not steer: a value in it is
    /// percent-encoded and so stays within its segment, and a path that is one reference must not
    /// come from the caller.
    pub fn guard_path(&mut self, member: &str, diagnostics: &mut Diagnostics) {
        let Shape::Tree(Tree::Object(template)) = &mut self.shape else {
            return;
        };
        let place = template.object.get_index_of(member);
        let Some((_, tree)) = template
            .slots
            .iter_mut()
            .find(|(index, _)| Some(*index) == place)
        else {
            return;
        };
        match std::mem::replace(tree, Tree::Constant(Value::Null)) {
            Tree::Text(program, origin) => *tree = Tree::Path(program, origin),
            Tree::Reference(reference, origin) => {
                let mut reads = Reads::default();
                reference.place.note(&mut reads);
                if reads.args || reads.request {
                    let key = self.members.iter().find(|key| key.value == member);
                    let message = format!(
                        "`{}` would let callers choose the whole path",
                        origin.written
                    );
                    let help = format!(
                        "write a path around it, for example `/items/{}`",
                        origin.written
                    );
                    diagnostics.error(key.map(|key| key.span), message, Some(help));
                }
                *tree = Tree::Reference(reference, origin);
            }
            other => *tree = other,
        }
    }
}

fn keys(members: &[(Spanned<String>, Node)]) -> Vec<Spanned<String>> {
    members.iter().map(|(key, _)| key.clone()).collect()
}

/// Lays members over others. Copies nodes, which is fine at load.
fn merge(
    base: &[(Spanned<String>, Node)],
    overlay: &[(Spanned<String>, Node)],
) -> Vec<(Spanned<String>, Node)> {
    let mut merged = base.to_vec();
    for (key, node) in overlay {
        let Some((_, below)) = merged
            .iter_mut()
            .find(|(known, _)| known.value == key.value)
        else {
            merged.push((key.clone(), node.clone()));
            continue;
        };
        match (&mut below.data, &node.data) {
            (Data::Map(below), Data::Map(above)) => replace(below, above),
            _ => *below = node.clone(),
        }
    }
    merged
}

fn replace(below: &mut Vec<(Spanned<String>, Node)>, above: &[(Spanned<String>, Node)]) {
    for (key, node) in above {
        match below.iter_mut().find(|(known, _)| known.value == key.value) {
            Some((_, known)) => *known = node.clone(),
            None => below.push((key.clone(), node.clone())),
        }
    }
}

/// Walks the nodes; knows where it is.
struct Compiler<'d> {
    diagnostics: &'d mut Diagnostics,
    reads: Reads,
    caller_reads: Vec<CallerRead>,
    own_turn: bool,
    /// Leaves that are the names of templates, and whose templates they are.
    templates: &'d [TemplateFile],
    dialect: Dialect,
    /// The keys and indexes from the root to the node at hand.
    path: Vec<String>,
}

// === impl Compiler ===

impl<'d> Compiler<'d> {
    fn new(diagnostics: &'d mut Diagnostics) -> Self {
        Compiler {
            diagnostics,
            reads: Reads::default(),
            caller_reads: Vec::new(),
            own_turn: false,
            templates: &[],
            dialect: Dialect::AppSync,
            path: Vec::new(),
        }
    }

    fn finish(self, tree: Tree, members: Vec<Spanned<String>>) -> Mapping {
        Mapping {
            shape: Shape::Tree(tree),
            reads: self.reads,
            caller_reads: self.caller_reads,
            members,
            own_turn: self.own_turn || self.reads.stash,
        }
    }

    fn node(&mut self, node: &Node) -> Tree {
        if self.path.len() > MAX_DEPTH {
            let message = format!("the mapping is nested more than {MAX_DEPTH} levels deep");
            self.diagnostics.error(Some(node.span), message, None);
            return Tree::Constant(Value::Null);
        }
        match &node.data {
            Data::Null => Tree::Constant(Value::Null),
            Data::Bool(bool) => Tree::Constant(Value::Bool(*bool)),
            Data::Int(int) => Tree::Constant(Value::Number(Number::Int(*int))),
            Data::Float(float) => self.float(node.span, *float),
            Data::String { text, verbatim } => self.leaf(node.span, text, *verbatim),
            Data::List(items) => self.list(items),
            Data::Map(members) => self.object(members),
        }
    }

    fn float(&mut self, span: Span, float: f64) -> Tree {
        if !float.is_finite() {
            let message = "JSON has no such number";
            self.diagnostics.error(Some(span), message, None);
        }
        Tree::Constant(Value::Number(Number::Float(float)))
    }

    fn list(&mut self, items: &[Node]) -> Tree {
        let items: Vec<Tree> = items
            .iter()
            .enumerate()
            .map(|(index, item)| self.inner(index.to_string(), item))
            .collect();
        let constants: Option<Vec<Value>> = items.iter().map(Tree::constant).collect();
        match constants {
            Some(values) => Tree::Constant(Value::List(Arc::new(values))),
            None => Tree::List(items.into()),
        }
    }

    fn object(&mut self, members: &[(Spanned<String>, Node)]) -> Tree {
        let mut object = Object::default();
        let mut slots = Vec::new();
        for (key, node) in members {
            let key = key.value.as_str();
            let tree = self.inner(key.to_owned(), node);
            let constant = tree.constant();
            let is_constant = constant.is_some();
            let (index, _) = object.insert_full(Arc::from(key), constant.unwrap_or_default());
            if !is_constant {
                slots.push((index, tree));
            }
        }
        if slots.is_empty() {
            return Tree::Constant(Value::Object(Arc::new(object)));
        }
        Tree::Object(ObjectTemplate {
            object,
            slots: slots.into(),
        })
    }

    fn inner(&mut self, key: String, node: &Node) -> Tree {
        self.path.push(key);
        let tree = self.node(node);
        self.path.pop();
        tree
    }

    fn leaf(&mut self, span: Span, text: &str, verbatim: Option<Span>) -> Tree {
        if let Some(file) = self.templates.iter().find(|file| file.named == span) {
            return self.file(file);
        }
        let program = match leaf::compile(text, &ContextNames) {
            Ok(program) => program,
            Err(error) if error.fault.is_of_the_whole_language() => {
                return self.program(span, text, verbatim);
            }
            Err(error) => {
                self.fault(&error, span, text, verbatim);
                return Tree::Constant(Value::Null);
            }
        };
        if let Some(constant) = program.constant() {
            return Tree::Constant(Value::String(Arc::from(constant)));
        }
        for reference in program.references() {
            reference.place.note(&mut self.reads);
            let members = reference.members().map(Box::from).collect();
            self.caller_reads
                .extend(CallerRead::new(&reference.place, members));
        }
        let origin = Origin {
            path: self.path.join(".").into(),
            written: text.into(),
        };
        match program.into_reference() {
            Ok(reference) => Tree::Reference(reference, origin),
            Err(program) => Tree::Text(program, origin),
        }
    }

    /// A leaf that says more than text and references.
    fn program(&mut self, span: Span, text: &str, verbatim: Option<Span>) -> Tree {
        let path = self.path.join(".");
        let name = match path.as_str() {
            "" => Arc::from("the template"),
            path => Arc::from(format!("`{path}`")),
        };
        match Template::compile(text, name, Dialect::ApiGateway, Prints::Text) {
            Ok(template) => {
                let at = |range: Range<usize>| match verbatim {
                    Some(verbatim) => within(verbatim, &range),
                    None => span,
                };
                template.report(&at, self.diagnostics);
                self.keep(template)
            }
            Err(error) => {
                self.fault(&error, span, text, verbatim);
                Tree::Constant(Value::Null)
            }
        }
    }

    /// A leaf that is the name of a template.
    fn file(&mut self, file: &TemplateFile) -> Tree {
        match Template::of_file(file, self.dialect, Prints::JsonOrText, self.diagnostics) {
            Some(template) => self.keep(template),
            None => Tree::Constant(Value::Null),
        }
    }

    fn keep(&mut self, template: Template) -> Tree {
        let (scan, own_turn) = template.scan();
        self.reads.add(scan.reads);
        self.caller_reads.extend(scan.caller_reads);
        self.own_turn |= own_turn;
        Tree::Program(Box::new(template))
    }

    /// Points into the file where the leaf stands in it as it is, and into the leaf where not.
    fn fault(&mut self, error: &SyntaxError, leaf: Span, text: &str, verbatim: Option<Span>) {
        let (span, message) = match verbatim {
            Some(verbatim) => (within(verbatim, &error.span), error.to_string()),
            None => {
                let place = position(text, error.span.start);
                (leaf, format!("{error} ({place} of the text)"))
            }
        };
        self.diagnostics.error(Some(span), message, error.help());
    }
}

/// A part of a leaf that stands in the file as it is.
pub(in crate::mapping) fn within(leaf: Span, part: &Range<usize>) -> Span {
    let place = |offset: usize| {
        let offset = u32::try_from(offset).unwrap_or(u32::MAX);
        leaf.start.saturating_add(offset).min(leaf.end)
    };
    Span {
        file: leaf.file,
        start: place(part.start),
        end: place(part.end),
    }
}

// === impl Tree ===

impl Tree {
    fn constant(&self) -> Option<Value> {
        match self {
            Tree::Constant(value) => Some(value.clone()),
            Tree::Reference(..)
            | Tree::Text(..)
            | Tree::Path(..)
            | Tree::Program(_)
            | Tree::List(_)
            | Tree::Object(_) => None,
        }
    }
}
