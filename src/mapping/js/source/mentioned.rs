//! What a file names of the platform, so that a function that is not there is said at load.

use oxc_ast::{AstKind, ast::ModuleExportName};
use oxc_span::GetSpan;
use oxc_syntax::symbol::SymbolId;

use super::{chain::Role, parsed::Parsed};
use crate::config::Span;

/// The members of a namespace that are named.
pub(super) fn members(parsed: &Parsed<'_>, symbol: SymbolId) -> Vec<(String, Span)> {
    let references = parsed.references(symbol);
    let chains = references.map(|reference| parsed.chain(reference.node_id()));
    let first = chains.filter_map(|chain| {
        let name = (*chain.members.first()?).to_owned();
        Some((name, parsed.span(parsed.nodes.kind(chain.end).span())))
    });
    first.collect()
}

/// What is named of the platform: below `util`, `extensions` and `runtime`, imported or not.
pub(super) fn mentions(parsed: &Parsed<'_>) -> Vec<Vec<(String, Span)>> {
    let mut found = Vec::new();
    for (id, kind) in parsed.each() {
        let AstKind::IdentifierReference(name) = kind else {
            continue;
        };
        let reference = name
            .reference_id
            .get()
            .map(|it| parsed.scoping.get_reference(it));
        let Some(reference) = reference.filter(|it| it.flags().is_value()) else {
            continue;
        };
        let root = match reference.symbol_id() {
            None => Some(name.name.as_str()),
            Some(symbol) => platform_name(parsed, symbol),
        };
        let Some(root) = root.filter(|it| matches!(*it, "util" | "extensions" | "runtime")) else {
            continue;
        };
        let chain = parsed.chain(id);
        // That it is written to is a fault of its own.
        if matches!(parsed.role(chain.end), Role::Written) {
            continue;
        }
        let mut path = vec![(root.to_owned(), parsed.span(name.span))];
        let mut at = id;
        for member in chain.members {
            at = parsed.nodes.parent_id(parsed.unwrapped(at));
            let span = match parsed.nodes.kind(at) {
                AstKind::StaticMemberExpression(it) => it.property.span,
                kind => kind.span(),
            };
            path.push((member.to_owned(), parsed.span(span)));
        }
        found.push(path);
    }
    found
}

/// The name under which `@aws-appsync/utils` exports a variable.
fn platform_name<'a>(parsed: &Parsed<'a>, symbol: SymbolId) -> Option<&'a str> {
    let id = parsed.scoping.symbol_declaration(symbol);
    let AstKind::ImportSpecifier(specifier) = parsed.nodes.kind(id) else {
        return None;
    };
    let mut around = parsed.nodes.ancestor_kinds(id);
    let is_platform = around.any(|kind| {
        matches!(kind, AstKind::ImportDeclaration(it) if it.source.value == "@aws-appsync/utils")
    });
    is_platform.then(|| match &specifier.imported {
        ModuleExportName::IdentifierName(it) => it.name.as_str(),
        ModuleExportName::IdentifierReference(it) => it.name.as_str(),
        ModuleExportName::StringLiteral(it) => it.value.as_str(),
    })
}
