//! Methods that APPSYNC_JS does not have.
//!
//! Without types, a method is known by its name and by what stands before it: `Object.freeze`.
//! Names that modules give to functions of their own (`keys`, `entries`) count only where what
//! stands before them is a list literal or the like.
//!
//! See: the rule `no-disallowed-methods` of `@aws-appsync/eslint-plugin`.

use oxc_ast::{
    AstKind,
    ast::{CallExpression, Expression},
};
use oxc_span::GetSpan;

use super::{
    faults::Faults,
    parsed::{Parsed, function_in},
};

/// What the built-in objects have, as far as AppSync documents it.
const OF_OBJECTS: [(&str, &[&str]); 6] = [
    ("Object", &["assign", "entries", "hasOwn", "keys", "values"]),
    ("Math", &["random", "min", "max", "round", "floor", "ceil"]),
    ("Number", &["isFinite", "isNaN"]),
    ("JSON", &["parse", "stringify"]),
    ("Array", &["isArray"]),
    ("console", &["log", "error", "debug", "info"]),
];

/// What strings, lists and objects do not have, and what to use instead.
const REFUSED: [(&str, &str); 25] = [
    (
        "apply",
        "call the function, with `...list` for its arguments",
    ),
    ("bind", "write an arrow function"),
    ("call", "call the function"),
    ("charCodeAt", "compare the characters themselves"),
    ("codePointAt", "compare the characters themselves"),
    ("copyWithin", "use `slice` and `concat`"),
    ("group", "use `reduce`"),
    ("groupToMap", "use `reduce`"),
    ("hasOwnProperty", "use `Object.hasOwn(object, key)`"),
    ("isPrototypeOf", "look at a member"),
    ("localeCompare", "compare with `<`"),
    ("matchAll", "use `util.matches(pattern, text)`"),
    ("match", "use `util.matches(pattern, text)`"),
    ("normalize", "use `util.str.normalize(text, form)`"),
    ("padEnd", "use `concat`"),
    ("padStart", "use `concat`"),
    ("propertyIsEnumerable", "use `Object.keys(object)`"),
    ("repeat", "use `concat`, or a loop"),
    ("search", "use `indexOf`, or `util.matches(pattern, text)`"),
    ("toLocaleLowerCase", "use `toLowerCase`"),
    ("toLocaleString", "format where the answer is shown"),
    ("toLocaleUpperCase", "use `toUpperCase`"),
    (
        "toSorted",
        "use `sort()` on a copy, or `util.list.sortList`",
    ),
    ("toReversed", "use `reverse()` on a copy"),
    ("valueOf", "use the value itself"),
];

/// Reports methods that AppSync does not have.
pub(super) fn check(parsed: &Parsed<'_>, faults: &mut Faults) {
    for (_, kind) in parsed.each() {
        match kind {
            AstKind::CallExpression(call) => method(parsed, call, faults),
            AstKind::StaticMemberExpression(member) => {
                let Some(object) = parsed.global(&member.object) else {
                    continue;
                };
                let name = member.property.name.as_str();
                if is_missing(object, name) {
                    let span = parsed.span(member.span);
                    faults.refused(span, &format!("`{object}.{name}`"), advice(object, name));
                }
            }
            _ => {}
        }
    }
}

fn is_missing(object: &str, name: &str) -> bool {
    if object == "String" {
        return matches!(name, "fromCharCode" | "fromCodePoint");
    }
    let members = OF_OBJECTS.iter().find(|(known, _)| *known == object);
    members.is_some_and(|(_, members)| !members.contains(&name))
}

fn advice(object: &str, name: &str) -> &'static str {
    match (object, name) {
        ("Object", "fromEntries") => "use `reduce`",
        ("Object", "freeze" | "seal" | "preventExtensions") => "leave it out",
        ("Object", "create") => "write `{}`, or `{ ...other }`",
        ("Object", "getOwnPropertyNames") => "use `Object.keys(object)`",
        ("Object", "is") => "compare with `===`",
        ("Object", "groupBy") => "use `reduce`",
        ("Array", "from") => "write `[...values]`",
        ("Array", "of") => "write `[…]`",
        ("Math", "abs") => "write `x < 0 ? -x : x`",
        ("Math", "trunc") => "use `Math.floor` or `Math.ceil`",
        ("Math", _) => "it has `ceil`, `floor`, `max`, `min`, `random` and `round`",
        ("Number", "isInteger") => "write `Math.floor(x) === x`",
        ("Number", _) => "it has `isFinite` and `isNaN`",
        ("console", "warn") => "use `console.error`",
        ("console", _) => "use `console.log` or `console.error`",
        ("String", _) => "write the characters themselves",
        _ => "use plain member access",
    }
}

fn method(parsed: &Parsed<'_>, call: &CallExpression<'_>, faults: &mut Faults) {
    let Some(Expression::StaticMemberExpression(member)) = Some(call.callee.get_inner_expression())
    else {
        return chained(parsed, call, faults);
    };
    if is_of_module(parsed, &member.object) {
        return;
    }
    let name = member.property.name.as_str();
    let span = parsed.span(member.property.span);
    if let Some((_, help)) = REFUSED.iter().find(|(word, _)| *word == name) {
        faults.refused(span, &format!("`{name}`"), help);
        return;
    }
    arguments(parsed, call, name, faults);
}

/// `list?.toSorted()`: the member stands in a chain of its own.
fn chained(parsed: &Parsed<'_>, call: &CallExpression<'_>, faults: &mut Faults) {
    let Expression::ChainExpression(chain) = call.callee.get_inner_expression() else {
        return;
    };
    let Some(member) = chain.expression.as_member_expression() else {
        return;
    };
    if let Some(name) = member.static_property_name()
        && let Some((_, help)) = REFUSED.iter().find(|(word, _)| *word == name)
    {
        faults.refused(parsed.span(member.span()), &format!("`{name}`"), help);
    }
}

/// Methods that take less than JavaScript's.
fn arguments(parsed: &Parsed<'_>, call: &CallExpression<'_>, name: &str, faults: &mut Faults) {
    let argument = |index: usize| call.arguments.get(index).and_then(|it| it.as_expression());
    let is_function = |expression: &Expression<'_>| {
        let symbol = parsed.symbol(expression);
        function_in(expression).is_some()
            || symbol.is_some_and(|symbol| parsed.function_of(symbol).is_some())
    };
    match name {
        "sort" if !call.arguments.is_empty() => faults.refused(
            parsed.span(call.arguments[0].span()),
            "an argument of `sort`",
            "use `util.list.sortList(list, desc, field)`",
        ),
        "replace" | "replaceAll" if argument(1).is_some_and(is_function) => faults.refused(
            parsed.span(call.arguments[1].span()),
            "a function as the replacement",
            "use `split` and `map`",
        ),
        _ => {}
    }
}

/// Whether a method is one of something that is imported, or of the platform.
fn is_of_module(parsed: &Parsed<'_>, object: &Expression<'_>) -> bool {
    let mut object = object.get_inner_expression();
    while let Expression::StaticMemberExpression(member) = object {
        object = member.object.get_inner_expression();
    }
    if let Some(global) = parsed.global(object) {
        return matches!(global, "util" | "extensions" | "runtime");
    }
    let symbol = parsed.symbol(object);
    symbol.is_some_and(|symbol| parsed.scoping.symbol_flags(symbol).is_import())
}
