//! Functions as values: APPSYNC_JS has them as callbacks of list methods alone, and no recursion.
//!
//! See: the rules `no-recursion`, `no-function-passing`, `no-function-return` and
//! `no-function-reassign` of `@aws-appsync/eslint-plugin`.

use oxc_ast::{
    AstKind,
    ast::{ArrowFunctionBody, CallExpression, Expression},
};
use oxc_span::GetSpan;
use oxc_syntax::symbol::SymbolId;

use super::{
    chain::Role,
    faults::Faults,
    parsed::{Parsed, function_in},
};

/// The methods of lists that call a function at once, and keep nothing of it.
pub(super) const CALLBACKS: [&str; 14] = [
    "every",
    "filter",
    "find",
    "findIndex",
    "findLast",
    "findLastIndex",
    "flatMap",
    "forEach",
    "map",
    "reduce",
    "reduceRight",
    "some",
    "sort",
    "toSorted",
];

const HELP: &str = "write the function where it is called, or call it by its name";

/// Reports functions that are handed about.
pub(super) fn check(parsed: &Parsed<'_>, faults: &mut Faults) {
    for symbol in parsed.scoping.symbol_ids() {
        if parsed.declared_function(symbol).is_some() {
            own_function(parsed, symbol, faults);
        }
    }
    for (_, kind) in parsed.each() {
        match kind {
            AstKind::CallExpression(call) => passed(parsed, call, faults),
            AstKind::ReturnStatement(it) => {
                if let Some(value) = &it.argument {
                    returned(parsed, value, faults);
                }
            }
            AstKind::ArrowFunctionExpression(it) => {
                if let Some(value) = arrow_value(&it.body) {
                    returned(parsed, value, faults);
                }
            }
            AstKind::VariableDeclarator(it) => {
                if let Some(value) = &it.init {
                    renamed(parsed, value, faults);
                }
            }
            AstKind::AssignmentExpression(it) => renamed(parsed, &it.right, faults),
            _ => {}
        }
    }
}

fn own_function(parsed: &Parsed<'_>, symbol: SymbolId, faults: &mut Faults) {
    let function = parsed.declared_function(symbol);
    for reference in parsed.references(symbol) {
        let node = reference.node_id();
        let span = parsed.span(parsed.nodes.kind(node).span());
        let is_inside = parsed.functions_around(node).any(|it| Some(it) == function);
        let is_call = matches!(parsed.role(parsed.unwrapped(node)), Role::Called);
        if is_inside && is_call {
            let help = "use a loop over a list whose length is known";
            faults.refused(span, "a function that calls itself", help);
        }
        if reference.flags().is_write() {
            faults.refused(
                span,
                "another value for a function's name",
                "use another name",
            );
        }
    }
}

/// The value of an arrow function without braces.
fn arrow_value<'b, 'a>(body: &'b ArrowFunctionBody<'a>) -> Option<&'b Expression<'a>> {
    body.as_expression()
}

fn is_function(parsed: &Parsed<'_>, value: &Expression<'_>) -> bool {
    let symbol = parsed.symbol(value);
    function_in(value).is_some()
        || symbol.is_some_and(|symbol| parsed.declared_function(symbol).is_some())
}

fn returned(parsed: &Parsed<'_>, value: &Expression<'_>, faults: &mut Faults) {
    if is_function(parsed, value) {
        faults.refused(
            first_line(parsed, value),
            "a function that returns a function",
            HELP,
        );
    }
}

/// `const other = named;`
fn renamed(parsed: &Parsed<'_>, value: &Expression<'_>, faults: &mut Faults) {
    if function_in(value).is_none() && is_function(parsed, value) {
        faults.refused(
            first_line(parsed, value),
            "another name for a function",
            HELP,
        );
    }
}

fn passed(parsed: &Parsed<'_>, call: &CallExpression<'_>, faults: &mut Faults) {
    let is_own = |callee: &Expression<'_>| {
        let symbol = parsed.symbol(callee);
        symbol.is_some() || function_in(callee).is_some()
    };
    if !is_own(&call.callee) {
        return;
    }
    for argument in &call.arguments {
        if let Some(value) = argument
            .as_expression()
            .filter(|it| is_function(parsed, it))
        {
            let span = first_line(parsed, value);
            faults.refused(
                span,
                "a function as an argument of your own functions",
                HELP,
            );
        }
    }
}

/// A function in several lines is shown by its beginning.
fn first_line(parsed: &Parsed<'_>, value: &Expression<'_>) -> crate::config::Span {
    let mut span = value.span();
    let text = parsed.text.get(span.start as usize..span.end as usize);
    if let Some(end) = text.and_then(|text| text.find('\n')) {
        span.end = span.start + u32::try_from(end).unwrap_or(0);
    }
    parsed.span(span)
}
