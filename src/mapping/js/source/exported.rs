//! What a file takes from others and what it gives to them.

use oxc_ast::{
    AstKind,
    ast::{
        Declaration, ExportDefaultDeclarationKind, Expression, ImportDeclaration,
        ImportDeclarationSpecifier, ModuleExportName, Statement, StringLiteral,
    },
};
use oxc_span::GetSpan;
use oxc_syntax::{node::NodeId, symbol::SymbolId};
use rustc_hash::FxHashMap;

use super::{
    mentioned::{members, mentions},
    parsed::{Parsed, function_in},
    types::{is_value, names_type},
    uses::{self, FunctionUses, Turns},
};
use crate::config::Span;

/// What a file takes from others and what it gives to them.
#[derive(Debug, Default)]
pub(super) struct Exchange {
    /// In the order they are written.
    pub(super) links: Vec<Link>,
    /// What is exported, by name.
    pub(super) exports: FxHashMap<String, Export>,
    /// `export * from '…'`: indices of links.
    pub(super) stars: Vec<usize>,
    /// Functions of the top that are not exported, and where their declarations begin.
    pub(super) hidden: Vec<(String, Span)>,
    /// What is named of the platform, part by part: `util`, `time`, `nowISO8601`.
    pub(super) mentions: Vec<Vec<(String, Span)>>,
}

/// Another module that a file names.
#[derive(Debug)]
pub(super) struct Link {
    /// As it is written, without quotes.
    pub(super) specifier: String,
    /// Where, with quotes.
    pub(super) span: Span,
    /// The names that are taken from it, and where.
    pub(super) names: Vec<(String, Span)>,
}

/// Something that a file exports.
#[derive(Debug, Clone)]
pub(super) struct Export {
    pub(super) span: Span,
    pub(super) what: Exported,
}

/// What it is.
#[derive(Debug, Clone)]
pub(super) enum Exported {
    Function(FunctionUses),
    /// Surely no function.
    Value,
    /// Only the run knows.
    Unknown,
    /// `export { name } from '…'`: the index of the link, and the name there.
    From(usize, String),
    /// `export * as name from '…'`
    Namespace,
}

/// Looks through the top of a file.
pub(super) fn find(parsed: &Parsed<'_>) -> Exchange {
    let mut found = Exchange::default();
    for statement in &parsed.program.body {
        found.links(parsed, statement);
    }
    let turns = Turns::new(parsed, &found.links);
    let mut finder = Finder {
        parsed,
        turns,
        found,
    };
    for statement in &parsed.program.body {
        finder.statement(statement);
    }
    finder.found.mentions = mentions(parsed);
    finder.found
}

/// Finds what a file exports, once its links are known.
struct Finder<'p, 'a> {
    parsed: &'p Parsed<'a>,
    turns: Turns,
    found: Exchange,
}

// === impl Exchange ===

impl Exchange {
    /// The names that are exported, stars left out.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.exports.keys().map(String::as_str)
    }

    fn links(&mut self, parsed: &Parsed<'_>, statement: &Statement<'_>) {
        match statement {
            Statement::ImportDeclaration(it) => self.import(parsed, it),
            Statement::ExportFromDeclaration(it) if !it.export_kind.is_type() => {
                let names = it.specifiers.iter().filter(|it| !it.export_kind.is_type());
                let names = names.map(|it| named(parsed, &it.local)).collect();
                self.link(parsed, &it.source, names);
            }
            Statement::ExportAllDeclaration(it) if !it.export_kind.is_type() => {
                self.link(parsed, &it.source, Vec::new());
                if it.exported.is_none() {
                    self.stars.push(self.links.len() - 1);
                }
            }
            _ => {}
        }
    }

    fn import(&mut self, parsed: &Parsed<'_>, import: &ImportDeclaration<'_>) {
        if import.import_kind.is_type() {
            return;
        }
        let mut names = Vec::new();
        let mut is_used = false;
        for specifier in import.specifiers.iter().flatten() {
            if !is_value(parsed, specifier) {
                continue;
            }
            is_used = true;
            match specifier {
                ImportDeclarationSpecifier::ImportSpecifier(it) => {
                    names.push(named(parsed, &it.imported));
                }
                ImportDeclarationSpecifier::ImportDefaultSpecifier(it) => {
                    names.push(("default".to_owned(), parsed.span(it.span)));
                }
                ImportDeclarationSpecifier::ImportNamespaceSpecifier(it) => {
                    let symbol = it.local.symbol_id.get();
                    names.extend(symbol.into_iter().flat_map(|it| members(parsed, it)));
                }
            }
        }
        let is_bare = import.specifiers.as_ref().is_none_or(|it| it.is_empty());
        if is_used || is_bare {
            self.link(parsed, &import.source, names);
        }
    }

    fn link(
        &mut self,
        parsed: &Parsed<'_>,
        source: &StringLiteral<'_>,
        names: Vec<(String, Span)>,
    ) {
        self.links.push(Link {
            specifier: source.value.as_str().to_owned(),
            span: parsed.span(source.span),
            names,
        });
    }

    /// The link that a literal is the source of.
    fn index(&self, span: Span) -> Option<usize> {
        self.links.iter().position(|link| link.span == span)
    }
}

// === impl Finder ===

impl<'a> Finder<'_, 'a> {
    fn statement(&mut self, statement: &Statement<'a>) {
        match statement {
            Statement::FunctionDeclaration(it) => {
                if let Some(id) = &it.id {
                    let span = self.parsed.span(id.span);
                    self.found.hidden.push((id.name.as_str().to_owned(), span));
                }
            }
            Statement::VariableDeclaration(it) => {
                for id in it
                    .declarations
                    .iter()
                    .filter_map(|it| it.id.get_binding_identifier())
                {
                    let span = self.parsed.span(id.span);
                    self.found.hidden.push((id.name.as_str().to_owned(), span));
                }
            }
            Statement::ExportDeclaration(it) => self.declaration(&it.declaration),
            Statement::ExportNamedDeclaration(it) if !it.export_kind.is_type() => {
                for it in &it.specifiers {
                    let is_type = it.export_kind.is_type() || names_type(self.parsed, &it.local);
                    if let ModuleExportName::IdentifierReference(local) = &it.local
                        && !is_type
                    {
                        let reference = local.reference_id.get();
                        let symbol = reference
                            .and_then(|it| self.parsed.scoping.get_reference(it).symbol_id());
                        let what = symbol.map_or(Exported::Unknown, |it| self.variable(it));
                        self.add(it.exported.name().as_str(), it.span, what);
                    }
                }
            }
            Statement::ExportFromDeclaration(it) => {
                let Some(link) = self.index(&it.source) else {
                    return;
                };
                for it in it.specifiers.iter().filter(|it| !it.export_kind.is_type()) {
                    let what = Exported::From(link, it.local.name().as_str().to_owned());
                    self.add(it.exported.name().as_str(), it.span, what);
                }
            }
            Statement::ExportAllDeclaration(it) => {
                if let Some(name) = it.exported.as_ref().filter(|_| !it.export_kind.is_type()) {
                    self.add(name.name().as_str(), it.span, Exported::Namespace);
                }
            }
            Statement::ExportDefaultDeclaration(it) => {
                let function = match &it.declaration {
                    ExportDefaultDeclarationKind::FunctionDeclaration(it) => Some(it.node_id.get()),
                    value => value.as_expression().and_then(function_in),
                };
                let what = function.map_or(Exported::Unknown, |it| self.function(it));
                self.add("default", it.span, what);
            }
            _ => {}
        }
    }

    fn declaration(&mut self, declaration: &Declaration<'a>) {
        match declaration {
            Declaration::FunctionDeclaration(it) => {
                if let Some(id) = it.id.as_ref().filter(|_| it.body.is_some()) {
                    let what = self.function(it.node_id.get());
                    self.add(id.name.as_str(), id.span, what);
                }
            }
            Declaration::ClassDeclaration(it) => {
                if let Some(id) = &it.id {
                    self.add(id.name.as_str(), id.span, Exported::Value);
                }
            }
            Declaration::TSEnumDeclaration(it) => {
                self.add(it.id.name.as_str(), it.id.span, Exported::Value);
            }
            Declaration::VariableDeclaration(it) => {
                for id in it
                    .declarations
                    .iter()
                    .flat_map(|it| it.id.get_binding_identifiers())
                {
                    let symbol = id.symbol_id.get();
                    let what = symbol.map_or(Exported::Unknown, |it| self.variable(it));
                    self.add(id.name.as_str(), id.span, what);
                }
            }
            _ => {}
        }
    }

    /// What a variable of the module is.
    fn variable(&self, symbol: SymbolId) -> Exported {
        let mut symbol = symbol;
        // `const a = b; const b = a;` goes round: every step is one of a chain that is bounded.
        for _ in 0..16 {
            if let Some(function) = self.parsed.function_of(symbol) {
                return self.function(function);
            }
            match self.parsed.declaration(symbol) {
                AstKind::VariableDeclarator(it) => {
                    let Some(value) = it.init.as_ref().filter(|_| it.id.is_binding_identifier())
                    else {
                        return Exported::Unknown;
                    };
                    match self.parsed.symbol(value) {
                        Some(other) => symbol = other,
                        None if is_plain(value) => return Exported::Value,
                        None => return Exported::Unknown,
                    }
                }
                AstKind::Class(_) | AstKind::TSEnumDeclaration(_) => return Exported::Value,
                AstKind::ImportSpecifier(it) => {
                    let id = self.parsed.scoping.symbol_declaration(symbol);
                    return self.imported(id, it.imported.name().as_str());
                }
                AstKind::ImportDefaultSpecifier(_) => {
                    let id = self.parsed.scoping.symbol_declaration(symbol);
                    return self.imported(id, "default");
                }
                AstKind::ImportNamespaceSpecifier(_) => return Exported::Namespace,
                _ => return Exported::Unknown,
            }
        }
        Exported::Unknown
    }

    fn imported(&self, specifier: NodeId, name: &str) -> Exported {
        let mut around = self.parsed.nodes.ancestor_kinds(specifier);
        let source = around.find_map(|kind| match kind {
            AstKind::ImportDeclaration(it) => Some(&it.source),
            _ => None,
        });
        match source.and_then(|source| self.index(source)) {
            Some(link) => Exported::From(link, name.to_owned()),
            None => Exported::Unknown,
        }
    }

    fn add(&mut self, name: &str, span: oxc_span::Span, what: Exported) {
        let span = self.parsed.span(span);
        self.found
            .exports
            .insert(name.to_owned(), Export { span, what });
    }

    fn function(&self, function: NodeId) -> Exported {
        Exported::Function(uses::of_function(self.parsed, &self.turns, function))
    }

    fn index(&self, source: &StringLiteral<'_>) -> Option<usize> {
        self.found.index(self.parsed.span(source.span))
    }
}

fn named(parsed: &Parsed<'_>, name: &ModuleExportName<'_>) -> (String, Span) {
    (name.name().as_str().to_owned(), parsed.span(name.span()))
}

/// Whether a value is surely no function.
fn is_plain(value: &Expression<'_>) -> bool {
    matches!(
        value.get_inner_expression(),
        Expression::StringLiteral(_)
            | Expression::NumericLiteral(_)
            | Expression::BooleanLiteral(_)
            | Expression::NullLiteral(_)
            | Expression::TemplateLiteral(_)
            | Expression::ObjectExpression(_)
            | Expression::ArrayExpression(_)
            | Expression::BinaryExpression(_)
    )
}
