//! What a module keeps is frozen at the end of its evaluation, as deep as it goes.
//!
//! So nothing that one request leaves behind reaches the next, whatever the checks of `kept`
//! and `captures` have missed.

use oxc_ast::ast::{ExportDefaultDeclaration, ExportDefaultDeclarationKind, Expression, Statement};
use oxc_span::GetSpan;

use super::{draft::Draft, faults::Faults, parsed::Parsed};

/// The name that is kept for the freezing function.
pub(super) const KEEP: &str = "__loomgate_keep";

/// Freezes values and everything they lead to, and gives back the first. What has a state that
/// freezing does not reach (maps, sets, dates, iterators) is refused; prototypes have none of
/// their own. Written on one line, and hoisted.
const FUNCTION: &str = concat!(
    "function __loomgate_keep(...open) { ",
    "const first = open[0]; const seen = new Set(); const prototypes = new Set(); ",
    "const plain = ['Object', 'Array', 'Function', 'GeneratorFunction', 'Boolean', 'Number', ",
    "'String', 'RegExp', 'Error', 'Math', 'JSON', 'Module']; ",
    "while (open.length > 0) { const value = open.pop(); const type = typeof value; ",
    "if (value === null || (type !== 'object' && type !== 'function') || seen.has(value)) { continue; } ",
    "seen.add(value); ",
    "const tag = Object.prototype.toString.call(value).slice(8, -1); ",
    "if (!prototypes.has(value) && !plain.includes(tag)) { throw new TypeError(",
    "`a module keeps nothing between requests: it cannot hold a ${tag} outside of its functions`); } ",
    "if (tag !== 'Module') { Object.freeze(value); } ",
    "const above = Object.getPrototypeOf(value); prototypes.add(above); open.push(above); ",
    "for (const key of Reflect.ownKeys(value)) { ",
    "const member = Object.getOwnPropertyDescriptor(value, key); ",
    "if (type === 'function' && key === 'prototype') { prototypes.add(member.value); } ",
    "open.push(member.value, member.get, member.set); } } ",
    "return first; }",
);

/// Puts in what freezes everything that the module keeps.
pub(super) fn freeze(parsed: &Parsed<'_>, draft: &mut Draft, faults: &mut Faults) {
    let root = parsed.scoping.root_scope_id();
    let mut names: Vec<(u32, &str)> = Vec::new();
    for symbol in parsed.scoping.iter_bindings_in(root) {
        let flags = parsed.scoping.symbol_flags(symbol);
        let span = parsed.scoping.symbol_span(symbol);
        if parsed.scoping.symbol_name(symbol).starts_with(KEEP) {
            let message = format!("`{KEEP}` is a name that is kept for other things");
            faults.error(parsed.span(span), message, "choose another one");
        }
        if flags.is_value() && !flags.is_import() && !flags.is_ambient() {
            names.push((span.start, parsed.scoping.symbol_name(symbol)));
        }
    }
    names.sort_unstable();
    for statement in &parsed.program.body {
        if let Statement::ExportDefaultDeclaration(export) = statement {
            default(export, draft);
        }
    }
    let names: Vec<&str> = names.into_iter().map(|(_, name)| name).collect();
    let call = format!("{KEEP}({});", names.join(", "));
    draft.append(format!("\n;{FUNCTION}\n{call}\n"));
}

/// What is exported without a name is frozen where it stands.
fn default(export: &ExportDefaultDeclaration<'_>, draft: &mut Draft) {
    let span = match &export.declaration {
        ExportDefaultDeclarationKind::FunctionDeclaration(it) if it.id.is_none() => it.span,
        ExportDefaultDeclarationKind::ClassDeclaration(it) if it.id.is_none() => it.span,
        ExportDefaultDeclarationKind::FunctionDeclaration(_)
        | ExportDefaultDeclarationKind::ClassDeclaration(_)
        | ExportDefaultDeclarationKind::TSInterfaceDeclaration(_) => return,
        value => match value.as_expression() {
            // The variable itself is frozen.
            None | Some(Expression::Identifier(_)) => return,
            Some(value) => value.span(),
        },
    };
    draft.insert(span.start as usize, format!("{KEEP}("));
    draft.insert(span.end as usize, ")");
}
