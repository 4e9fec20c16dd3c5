//! Nothing that a request does stays for the next: a function may not change what its module
//! keeps.
//!
//! This finds what can be seen; what cannot (a list that is handed to another function, and
//! changed there) fails when it runs, because `freeze` froze it.

use oxc_ast::{
    AstKind,
    ast::{CallExpression, Expression},
};
use oxc_span::GetSpan;
use oxc_syntax::{node::NodeId, symbol::SymbolId};

use super::{
    chain::{Chain, Role},
    faults::Faults,
    parsed::{Parsed, is_same},
};

const HELP: &str = "use `ctx.stash`, or a variable of the function";

/// What changes a list.
const LIST_METHODS: [&str; 9] = [
    "copyWithin",
    "fill",
    "pop",
    "push",
    "reverse",
    "shift",
    "sort",
    "splice",
    "unshift",
];

/// What changes a map or a set.
const COLLECTION_METHODS: [&str; 4] = ["add", "clear", "delete", "set"];

/// What changes its first argument.
const CHANGERS: [&str; 5] = [
    "assign",
    "defineProperties",
    "defineProperty",
    "set",
    "setPrototypeOf",
];

/// Built-in things with a state that cannot be frozen.
const COLLECTIONS: [&str; 5] = ["Date", "Map", "Set", "WeakMap", "WeakSet"];

/// Reports changes of what the module keeps.
pub(super) fn check(parsed: &Parsed<'_>, faults: &mut Faults) {
    for symbol in parsed.scoping.symbol_ids() {
        if parsed.is_of_module(symbol) && parsed.scoping.symbol_flags(symbol).is_value() {
            variable(parsed, symbol, faults);
        }
    }
    for (id, kind) in parsed.each() {
        if let AstKind::NewExpression(it) = kind
            && let Some(name) = parsed.global(&it.callee)
            && COLLECTIONS.contains(&name)
            && !parsed.is_in_function(id)
        {
            let message = format!(
                "a module keeps nothing between requests, so no `{name}` can stand outside of a function"
            );
            faults.error(
                parsed.span(it.span),
                message,
                "use a plain object or a list",
            );
        }
    }
}

fn variable(parsed: &Parsed<'_>, symbol: SymbolId, faults: &mut Faults) {
    let name = parsed.scoping.symbol_name(symbol);
    for reference in parsed.references(symbol) {
        let node = reference.node_id();
        if !parsed.is_in_function(node) {
            continue;
        }
        let chain = parsed.chain(node);
        let span = parsed.span(parsed.nodes.kind(chain.end).span());
        let is_changed = reference.flags().is_write() || is_changed(parsed, symbol, &chain);
        if is_changed {
            let message =
                format!("a module keeps nothing between requests, so `{name}` cannot be changed");
            faults.error(span, message, HELP);
        } else if !parsed.is_at_top(symbol) {
            let message = format!("`{name}` stands in a block outside of all functions");
            let help = "declare it at the top of the file, where it is kept from changes";
            faults.error(span, message, help);
        }
    }
}

fn is_changed(parsed: &Parsed<'_>, symbol: SymbolId, chain: &Chain<'_>) -> bool {
    let is_member = !chain.members.is_empty() || chain.goes_on;
    match parsed.role(chain.end) {
        Role::Written => is_member || is_pattern(parsed, chain.end),
        Role::Called => is_mutator(parsed, symbol, chain),
        Role::Used => is_first_of_changer(parsed, chain.end),
    }
}

/// A bare name in a pattern is a write of its own, and has been seen as one.
fn is_pattern(parsed: &Parsed<'_>, end: NodeId) -> bool {
    matches!(parsed.parent(end), AstKind::UnaryExpression(_))
}

fn is_mutator(parsed: &Parsed<'_>, symbol: SymbolId, chain: &Chain<'_>) -> bool {
    let Some(method) = chain.members.last().filter(|_| !chain.goes_on) else {
        return false;
    };
    let is_namespace = matches!(
        parsed.declaration(symbol),
        AstKind::ImportNamespaceSpecifier(_)
    );
    // `store.push()` of a namespace is a function of that file.
    if is_namespace && chain.members.len() == 1 {
        return false;
    }
    let is_collection = matches!(
        parsed.declaration(symbol),
        AstKind::VariableDeclarator(it)
            if matches!(it.init, Some(Expression::NewExpression(_)))
    );
    let is_own_function = is_function_member(parsed, symbol, method);
    (LIST_METHODS.contains(method) && !is_own_function)
        || (COLLECTION_METHODS.contains(method) && is_collection)
}

/// `const store = { push(item) { … } }`
fn is_function_member(parsed: &Parsed<'_>, symbol: SymbolId, method: &str) -> bool {
    let AstKind::VariableDeclarator(declarator) = parsed.declaration(symbol) else {
        return false;
    };
    let Some(Expression::ObjectExpression(object)) = declarator
        .init
        .as_ref()
        .map(Expression::get_inner_expression)
    else {
        return false;
    };
    let mut members = object.properties.iter().filter_map(|it| it.as_property());
    members.any(|it| it.key.static_name().is_some_and(|name| name == method))
}

fn is_first_of_changer(parsed: &Parsed<'_>, end: NodeId) -> bool {
    let AstKind::CallExpression(call) = parsed.parent(end) else {
        return false;
    };
    let whole = parsed.nodes.kind(end);
    let is_first = call.arguments.first().is_some_and(|it| is_same(it, whole));
    is_first && is_changer(parsed, call)
}

fn is_changer(parsed: &Parsed<'_>, call: &CallExpression<'_>) -> bool {
    let Expression::StaticMemberExpression(member) = call.callee.get_inner_expression() else {
        return false;
    };
    let object = parsed.global(&member.object);
    matches!(object, Some("Object" | "Reflect"))
        && CHANGERS.contains(&member.property.name.as_str())
}
