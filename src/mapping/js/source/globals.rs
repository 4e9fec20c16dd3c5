//! Names that no module declares: those of the platform, those that AppSync refuses, those that
//! cannot be had here, and those that are nobody's.

use oxc_ast::AstKind;
use oxc_syntax::{node::NodeId, operator::UnaryOperator};

use super::{
    chain::Role,
    faults::Faults,
    parsed::{Parsed, is_same},
};
use crate::config::{Diagnostic, nearest};

/// What a module may use.
const KNOWN: [&str; 18] = [
    "Array",
    "Boolean",
    "Infinity",
    "JSON",
    "Math",
    "NaN",
    "Number",
    "Object",
    "String",
    "console",
    "extensions",
    "isFinite",
    "isNaN",
    "parseFloat",
    "parseInt",
    "runtime",
    "undefined",
    "util",
];

/// What works here, and what to use instead.
const REFUSED: [(&str, &str); 47] = [
    ("AggregateError", ERROR),
    ("ArrayBuffer", PLAIN),
    ("BigInt", "use numbers, or strings for those beyond 2^53"),
    ("BigInt64Array", PLAIN),
    ("BigUint64Array", PLAIN),
    ("DataView", PLAIN),
    ("Date", "use `util.time`"),
    ("Error", ERROR),
    ("EvalError", ERROR),
    ("Float32Array", PLAIN),
    ("Float64Array", PLAIN),
    ("Int16Array", PLAIN),
    ("Int32Array", PLAIN),
    ("Int8Array", PLAIN),
    ("Iterator", PLAIN),
    ("Map", "use a plain object"),
    ("Proxy", "use a plain object"),
    ("RangeError", ERROR),
    ("ReferenceError", ERROR),
    (
        "Reflect",
        "use `Object.keys`, `Object.hasOwn` and plain member access",
    ),
    ("RegExp", "use `util.matches(pattern, text)`"),
    ("Set", "use a plain object, or a list with `filter`"),
    ("Symbol", "use strings"),
    ("SyntaxError", ERROR),
    ("TypeError", ERROR),
    ("URIError", ERROR),
    ("Uint16Array", PLAIN),
    ("Uint32Array", PLAIN),
    ("Uint8Array", PLAIN),
    ("Uint8ClampedArray", PLAIN),
    ("WeakMap", "use a plain object"),
    ("WeakRef", "use the object itself"),
    ("WeakSet", "use a plain object"),
    ("FinalizationRegistry", PLAIN),
    ("decodeURI", URL),
    ("decodeURIComponent", URL),
    ("encodeURI", URL),
    ("encodeURIComponent", URL),
    ("escape", URL),
    ("unescape", URL),
    ("globalThis", "name what you mean"),
    ("Float16Array", PLAIN),
    ("SuppressedError", ERROR),
    ("DisposableStack", PLAIN),
    ("Temporal", "use `util.time`"),
    ("Atomics", PLAIN),
    ("SharedArrayBuffer", PLAIN),
];

const PLAIN: &str = "use lists, plain objects and strings";
const ERROR: &str = "use `util.error(message, type)`";
const URL: &str = "use `util.urlEncode` and `util.urlDecode`";

/// What cannot be had here.
const IMPOSSIBLE: [(&str, &str); 40] = [
    ("AsyncFunction", WAIT),
    ("Buffer", BASE64),
    ("Function", "write the function"),
    ("Intl", "format where the answer is shown"),
    ("Promise", WAIT),
    ("TextDecoder", BASE64),
    ("TextEncoder", BASE64),
    ("URL", URL),
    ("URLSearchParams", URL),
    ("WebAssembly", "ask a data source"),
    ("WebSocket", SOURCE),
    ("Worker", WAIT),
    ("XMLHttpRequest", SOURCE),
    ("__dirname", FILE),
    ("__filename", FILE),
    ("atob", BASE64),
    ("alert", "use `console.log`"),
    ("btoa", BASE64),
    ("cancelAnimationFrame", TIMER),
    ("clearImmediate", TIMER),
    ("clearInterval", TIMER),
    ("clearTimeout", TIMER),
    (
        "crypto",
        "use `util.autoId()`, `util.autoUlid()` or `util.autoKsuid()`",
    ),
    ("document", "there is no browser"),
    ("eval", "write the code"),
    ("exports", EXPORT),
    ("fetch", SOURCE),
    ("global", "name what you mean"),
    ("importScripts", FILE),
    ("localStorage", "use `ctx.stash`, or a data source"),
    ("module", EXPORT),
    ("navigator", "there is no browser"),
    ("performance", "use `util.time`"),
    (
        "process",
        "what differs from stage to stage is in `ctx.env`",
    ),
    ("queueMicrotask", TIMER),
    ("require", "write `import { … } from './file.js'`"),
    ("sessionStorage", "use `ctx.stash`, or a data source"),
    ("setImmediate", TIMER),
    ("setInterval", TIMER),
    ("setTimeout", TIMER),
];

const WAIT: &str = "a module runs to its end at once: what it waits for is the business of the \
     data source; make another function of the pipeline";
const BASE64: &str = "use `util.base64Encode` and `util.base64Decode`";
const SOURCE: &str = "ask an `http` data source: return the request from `request`";
const FILE: &str = "a module reads no files: `import` what it needs";
const TIMER: &str = "there are no timers: a module runs to its end at once";
const EXPORT: &str = "write `export function request(ctx) { … }`";

/// Reports names that no module declares.
pub(super) fn check(parsed: &Parsed<'_>, faults: &mut Faults) {
    let unresolved = parsed.scoping.root_unresolved_references();
    let mut found: Vec<(&str, NodeId)> = Vec::new();
    for (name, references) in unresolved {
        for reference in references {
            let reference = parsed.scoping.get_reference(*reference);
            if reference.flags().is_value() {
                found.push((name.as_str(), reference.node_id()));
            }
        }
    }
    found.sort_unstable_by_key(|(_, node)| *node);
    for (name, node) in found {
        global(parsed, name, node, faults);
    }
}

fn global(parsed: &Parsed<'_>, name: &str, node: NodeId, faults: &mut Faults) {
    let span = parsed.span(oxc_span::GetSpan::span(&parsed.nodes.kind(node)));
    let chain = parsed.chain(node);
    if matches!(parsed.role(chain.end), Role::Written) {
        let message = match chain.members.is_empty() && !chain.goes_on {
            true => format!("`{name}` is declared nowhere, so it cannot be assigned"),
            false => format!("`{name}` is shared by all requests, so it cannot be changed"),
        };
        faults.error(
            span,
            message,
            "declare a variable in the function, or use `ctx.stash`",
        );
        return;
    }
    if let Some((_, help)) = IMPOSSIBLE.iter().find(|(word, _)| *word == name) {
        if !is_asked_for(parsed, node) {
            faults.error(span, format!("there is no `{name}` here"), help);
        }
        return;
    }
    if let Some((_, help)) = REFUSED.iter().find(|(word, _)| *word == name) {
        faults.refused(span, &format!("`{name}`"), help);
        return;
    }
    let is_platform = KNOWN.contains(&name) || name == "arguments";
    if is_platform || is_asked_for(parsed, node) {
        return;
    }
    let message = format!("`{name}` is declared nowhere, so using it is an error of the request");
    let entry = Diagnostic::warning(Some(span), message);
    let near = nearest(name, visible(parsed, node));
    let help = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => "declare it, or import it".to_owned(),
    };
    faults.push(entry.help(help));
}

/// `typeof name` asks whether there is such a thing.
fn is_asked_for(parsed: &Parsed<'_>, node: NodeId) -> bool {
    let whole = parsed.nodes.kind(node);
    match parsed.parent(node) {
        AstKind::UnaryExpression(it) => {
            it.operator == UnaryOperator::Typeof && is_same(&it.argument, whole)
        }
        _ => false,
    }
}

/// The names that could have been meant.
fn visible<'p>(parsed: &'p Parsed<'_>, node: NodeId) -> Vec<&'p str> {
    let scopes = parsed.scoping.scope_ancestors(parsed.scope_of(node));
    let symbols = scopes.flat_map(|scope| parsed.scoping.iter_bindings_in(scope));
    let names = symbols.map(|symbol| parsed.scoping.symbol_name(symbol));
    names.chain(KNOWN.iter().copied()).collect()
}
