//! A function that is made while the module loads may hold on to variables of the function that
//! made it, and freezing does not reach those. So where one could be made, the module is refused.
//!
//! What is looked for: a call outside of all functions, in a program where some function makes
//! another that uses its variables. Callbacks of list methods are gone when the call is over, and
//! do not count.

use oxc_ast::{
    AstKind,
    ast::{Argument, CallExpression, Expression},
};
use oxc_span::GetSpan;
use oxc_syntax::node::NodeId;
use rustc_hash::FxHashSet;

use super::{
    parsed::{Parsed, function_in, is_same},
    passing::CALLBACKS,
};
use crate::config::{Diagnostic, Span};

/// What a file has of both.
#[derive(Debug, Default)]
pub(super) struct Captures {
    /// Calls while the module loads that may run functions of the program.
    calls: Vec<Span>,
    /// Where functions are made that hold on to something.
    makers: Vec<Span>,
}

/// Finds both in a file.
pub(super) fn find(parsed: &Parsed<'_>) -> Captures {
    let mut captures = Captures::default();
    let holders = holders(parsed);
    for (id, kind) in parsed.each() {
        if holders.contains(&id) {
            captures.makers.push(parsed.span(short(kind.span())));
        }
        if matches!(kind, AstKind::PrivateIdentifier(_)) {
            captures.makers.push(parsed.span(kind.span()));
        }
        if !parsed.is_in_function(id) && runs_functions(parsed, kind) {
            captures.calls.push(parsed.span(kind.span()));
        }
    }
    captures
}

/// The fault, when the files of a program have both.
pub(super) fn check<'c>(files: impl Iterator<Item = &'c Captures> + Clone) -> Vec<Diagnostic> {
    let Some(maker) = files.clone().find_map(|file| file.makers.first()) else {
        return Vec::new();
    };
    let calls = files.flat_map(|file| file.calls.iter());
    let fault = |call: &Span| {
        let message =
            "what this call makes while the module loads could keep something between requests";
        Diagnostic::error(Some(*call), message)
            .label(*maker, "this could hold on to variables")
            .help("make the call in the function that needs it, or write down its value")
    };
    calls.map(fault).collect()
}

/// The functions that use variables of a function around them, and may outlive that one's call.
fn holders(parsed: &Parsed<'_>) -> FxHashSet<NodeId> {
    let mut holders = FxHashSet::default();
    for symbol in parsed.scoping.symbol_ids() {
        if parsed.is_of_module(symbol) {
            continue;
        }
        let declared = parsed.scoping.symbol_declaration(symbol);
        let owner = match parsed.nodes.kind(declared) {
            // The name of a function expression is known in it alone.
            AstKind::Function(it) if it.is_expression() => Some(declared),
            _ => parsed.functions_around(declared).next(),
        };
        for reference in parsed.references(symbol) {
            let around = parsed.functions_around(reference.node_id());
            holders.extend(around.take_while(|it| Some(*it) != owner));
        }
    }
    holders.retain(|function| !is_callback(parsed, *function));
    holders
}

/// Whether a function is handed to a method of a list, which calls it at once.
fn is_callback(parsed: &Parsed<'_>, function: NodeId) -> bool {
    let whole = parsed.nodes.kind(function);
    let AstKind::CallExpression(call) = parsed.parent(function) else {
        return false;
    };
    let Expression::StaticMemberExpression(member) = call.callee.get_inner_expression() else {
        return false;
    };
    call.arguments.iter().any(|it| is_same(it, whole))
        && CALLBACKS.contains(&member.property.name.as_str())
}

/// Whether a call may run functions of the program, or make an object of a class.
fn runs_functions(parsed: &Parsed<'_>, kind: AstKind<'_>) -> bool {
    match kind {
        AstKind::CallExpression(call) => !is_built_in(parsed, call),
        AstKind::NewExpression(it) => parsed.global(&it.callee).is_none(),
        AstKind::TaggedTemplateExpression(it) => !is_platform(parsed, &it.tag),
        _ => false,
    }
}

fn is_built_in(parsed: &Parsed<'_>, call: &CallExpression<'_>) -> bool {
    let is_value = |argument: &Argument<'_>| {
        let Some(value) = argument.as_expression() else {
            return false;
        };
        function_in(value).is_none() && parsed.symbol(value).is_none()
    };
    let is_harmless = call.arguments.iter().all(is_value);
    is_harmless && (is_platform(parsed, &call.callee) || is_method_of_literal(&call.callee))
}

/// `util.…`, `Object.…`, and what is imported from the platform.
fn is_platform(parsed: &Parsed<'_>, callee: &Expression<'_>) -> bool {
    let mut callee = callee.get_inner_expression();
    while let Expression::StaticMemberExpression(member) = callee {
        callee = member.object.get_inner_expression();
    }
    if parsed.global(callee).is_some() {
        return true;
    }
    parsed.symbol(callee).is_some_and(|symbol| {
        let id = parsed.scoping.symbol_declaration(symbol);
        let imports = parsed.nodes.ancestor_kinds(id).find_map(|kind| match kind {
            AstKind::ImportDeclaration(it) => Some(it.source.value.as_str()),
            _ => None,
        });
        imports.is_some_and(|source| !source.starts_with('.'))
    })
}

/// `['a', 'b'].join('.')`
fn is_method_of_literal(callee: &Expression<'_>) -> bool {
    let Expression::StaticMemberExpression(member) = callee.get_inner_expression() else {
        return false;
    };
    matches!(
        member.object.get_inner_expression(),
        Expression::StringLiteral(_) | Expression::ArrayExpression(_)
    )
}

/// Functions are long: their beginning is enough.
fn short(span: oxc_span::Span) -> oxc_span::Span {
    oxc_span::Span::new(span.start, span.end.min(span.start + 8))
}
