//! One file by itself: it is parsed, and every pass looks at it.
//!
//! The parser goes as deep as the text does, so this runs on a thread whose stack is as large as
//! the text can need.

use std::thread;

use oxc_allocator::Allocator;
use oxc_diagnostics::OxcDiagnostic;
use oxc_parser::Parser;
use oxc_semantic::SemanticBuilder;
use oxc_span::{GetSpan, SourceType, Span};

use super::{
    captures::{self, Captures},
    draft::Draft,
    exported::{self, Exchange},
    faults::Faults,
    freeze, globals, kept, methods,
    parsed::Parsed,
    passing, refused, types,
};
use crate::config::{self, Diagnostic, diagnostic::FileId};

/// The stack that any text needs.
const STACK: usize = 16 << 20;

/// The stack that each byte of a text may need: `(` is a level of its own.
const STACK_PER_BYTE: usize = 4 << 10;

/// How deep parts of a text may stand in each other.
const MAX_DEPTH: usize = 2_000;

/// What one file says.
#[derive(Debug)]
pub(super) struct Inspected {
    pub(super) faults: Vec<Diagnostic>,
    pub(super) exchange: Exchange,
    pub(super) captures: Captures,
    pub(super) draft: Draft,
}

/// Looks at one file. `None`: the machine gives no thread.
pub(super) fn inspect(file: FileId, text: &str, is_typescript: bool) -> Option<Inspected> {
    let stack = STACK + text.len() * STACK_PER_BYTE;
    thread::scope(|scope| {
        let work = move || look(file, text, is_typescript);
        let thread = thread::Builder::new()
            .name("loomgate-module".to_owned())
            .stack_size(stack)
            .spawn_scoped(scope, work);
        thread.ok()?.join().ok()
    })
}

fn look(file: FileId, text: &str, is_typescript: bool) -> Inspected {
    let mut found = Inspected {
        faults: Vec::new(),
        exchange: Exchange::default(),
        captures: Captures::default(),
        draft: Draft::new(text),
    };
    let allocator = Allocator::default();
    let kind = match is_typescript {
        true => SourceType::ts(),
        false => SourceType::mjs(),
    };
    let parsed = Parser::new(&allocator, text, kind).parse();
    found.syntax(file, &parsed.diagnostics);
    if parsed.panicked || !found.faults.is_empty() {
        return found;
    }
    let program = allocator.alloc(parsed.program);
    let built = SemanticBuilder::new()
        .with_build_nodes(true)
        .with_check_syntax_error(true)
        .build(program);
    found.syntax(file, &built.diagnostics);
    if !found.faults.is_empty() {
        return found;
    }
    let (scoping, nodes) = built.semantic.into_scoping_and_nodes();
    let parsed = Parsed {
        file,
        text,
        program,
        nodes,
        scoping,
        is_typescript,
    };
    match too_deep(&parsed) {
        Some(fault) => found.faults.push(fault),
        None => found.passes(&parsed),
    }
    found
}

/// The passes look at what is around a node, and around that: so there is a bound to it.
fn too_deep(parsed: &Parsed<'_>) -> Option<Diagnostic> {
    let mut depths: Vec<usize> = Vec::with_capacity(parsed.nodes.len());
    for (id, kind) in parsed.each() {
        // Nodes come after the one they are in; the first is in itself.
        let around = parsed.nodes.parent_id(id).index();
        let depth = depths.get(around).map_or(0, |depth| depth + 1);
        if depth > MAX_DEPTH {
            let span = parsed.span(Span::new(kind.span().start, kind.span().start));
            let entry = Diagnostic::error(Some(span), "this is nested too deeply");
            return Some(entry.help("split it into several statements or functions"));
        }
        depths.push(depth);
    }
    None
}

// === impl Inspected ===

impl Inspected {
    fn passes(&mut self, parsed: &Parsed<'_>) {
        let mut faults = Faults::default();
        refused::check(parsed, &mut faults);
        globals::check(parsed, &mut faults);
        methods::check(parsed, &mut faults);
        passing::check(parsed, &mut faults);
        kept::check(parsed, &mut faults);
        types::strip(parsed, &mut self.draft, &mut faults);
        freeze::freeze(parsed, &mut self.draft, &mut faults);
        self.faults = faults.entries;
        self.faults.sort_by_key(|entry| entry.span);
        self.captures = captures::find(parsed);
        self.exchange = exported::find(parsed);
    }

    fn syntax(&mut self, file: FileId, faults: &[OxcDiagnostic]) {
        self.faults
            .extend(faults.iter().map(|fault| fault_of(file, fault)));
    }
}

/// A fault of the parser, as ours.
fn fault_of(file: FileId, fault: &OxcDiagnostic) -> Diagnostic {
    let place = |label: &oxc_span::LabeledSpan| config::Span {
        file,
        start: label.offset(),
        end: label.offset() + label.len(),
    };
    let mut labels = fault.labels.iter();
    let first = labels.next();
    let message = in_our_words(&fault.message);
    let mut entry = Diagnostic::error(first.map(place), message);
    for label in labels {
        let words = label.label().unwrap_or("has to do with it");
        entry = entry.label(place(label), words);
    }
    match &fault.help {
        Some(help) => entry.help(help.trim_end_matches('.')),
        None => entry,
    }
}

/// Messages begin in lower case, and end without a full stop.
fn in_our_words(message: &str) -> String {
    let message = message
        .trim_end_matches('.')
        .replace("`EOF`", "the end of the file");
    let mut characters = message.chars();
    match characters.next() {
        Some(first) => first.to_lowercase().chain(characters).collect(),
        None => message,
    }
}
