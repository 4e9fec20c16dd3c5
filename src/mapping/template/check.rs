//! What can be said of a template before it runs: what it reads, and which of its names nothing has.

use super::{
    Dialect,
    names::{CONTEXT, GATEWAY, INPUT, KEYS, TemplateNames, VARIABLES, namespace},
};
use crate::{
    config::{Diagnostic, Diagnostics, Severity, Span, nearest},
    mapping::{
        builtins, members,
        place::Place,
        scan::Scan,
        vtl::{FunctionId, Mention, Names, ObjectId, Program},
    },
};

/// What a program reads, and whether it must be run for every parent.
pub(super) fn scan(program: &Program, dialect: Dialect) -> (Scan, bool) {
    let names = TemplateNames(dialect);
    let mut scan = Scan::default();
    let mut own_turn = false;
    for mention in program.mentions() {
        let path: Vec<&str> = mention.path.iter().map(|name| &**name).collect();
        let Some((root, rest)) = path.split_first() else {
            continue;
        };
        match names.root(root) {
            Some(CONTEXT) => scan.note(rest),
            Some(GATEWAY) => own_turn |= gateway(&mut scan, rest),
            Some(INPUT) => {
                scan.place(&Place::Args, &[]);
                scan.place(&Place::Request, &[]);
                scan.place(&Place::Document, &[]);
            }
            Some(KEYS) => scan.reads.keys = true,
            Some(VARIABLES) | None => {}
            Some(object) => own_turn |= varies(&names, object, rest, mention),
        }
    }
    own_turn |= scan.reads.stash;
    (scan, own_turn)
}

/// `$context` of a route; says whether the turn is touched.
fn gateway(scan: &mut Scan, path: &[&str]) -> bool {
    match path.first() {
        None => {
            scan.note_all();
            scan.reads.head = true;
            true
        }
        Some(&"responseOverride") => {
            scan.reads.head = true;
            true
        }
        Some(&"requestOverride") => true,
        Some(name) if members::NAMES.contains(name) && *name != "identity" => {
            scan.note(path);
            false
        }
        Some(_) => {
            scan.place(&Place::Request, &[]);
            scan.place(&Place::Identity, &[]);
            false
        }
    }
}

/// Whether a utility gives something else each time, or does something; so may one that is only
/// known while the template runs.
fn varies(names: &TemplateNames, object: ObjectId, path: &[&str], mention: &Mention) -> bool {
    match function(names, object, path, mention) {
        Some(FunctionId(id)) => builtins::function(id).varies,
        None => true,
    }
}

fn function(
    names: &TemplateNames,
    object: ObjectId,
    path: &[&str],
    mention: &Mention,
) -> Option<FunctionId> {
    let object = path
        .iter()
        .try_fold(object, |object, name| names.namespace(object, name))?;
    names.function(object, mention.call.as_deref()?)
}

/// Reports names that nothing has. In a leaf of a tree they are errors; a template prints them as
/// they are written, so that a root may be meant as text.
pub(super) fn report(
    program: &Program,
    dialect: Dialect,
    at: &dyn Fn(std::ops::Range<usize>) -> Span,
    severity: Severity,
    diagnostics: &mut Diagnostics,
) {
    let names = TemplateNames(dialect);
    for span in program.unknown() {
        let written = program.source().get(span.clone()).unwrap_or_default();
        let message = format!("`{written}` is never given a value");
        let root = written.trim_start_matches(['$', '!', '{']);
        let root = root
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .next();
        let guess = nearest(root.unwrap_or_default(), names.known(None));
        let help = match guess {
            Some(guess) => format!("did you mean `${guess}`?"),
            None => {
                "give it one with `#set`, or write `\\$` for a `$` that is meant as text".to_owned()
            }
        };
        push(diagnostics, severity, at(span.clone()), message, help);
    }
    for mention in program.mentions() {
        unknown_member(&names, mention, at, diagnostics);
    }
}

/// A member of `$ctx`, or a function of `$util`, that is not there.
fn unknown_member(
    names: &TemplateNames,
    mention: &Mention,
    at: &dyn Fn(std::ops::Range<usize>) -> Span,
    diagnostics: &mut Diagnostics,
) {
    let Some((root, rest)) = mention.path.split_first() else {
        return;
    };
    let Some(mut object) = names.root(root) else {
        return;
    };
    let mut known_as = format!("${root}");
    for name in rest {
        if let Some(inner) = names.namespace(object, name) {
            object = inner;
            known_as = format!("{known_as}.{name}");
            continue;
        }
        let known = names.known(Some(object));
        if known.is_empty() || known.contains(&&**name) || object == CONTEXT && &**name == "args" {
            return;
        }
        if object == GATEWAY && members::NAMES.contains(&&**name)
            || [KEYS, VARIABLES].contains(&object)
        {
            return;
        }
        if object == GATEWAY && super::gateway::EMPTY.contains(&&**name) {
            let message = format!("`{known_as}.{name}` is always empty");
            let help = "Loomgate has nothing that it could stand for".to_owned();
            let at = at(mention.span.clone());
            return push(diagnostics, Severity::Warning, at, message, help);
        }
        let message = format!("`{known_as}` has no member `{name}`");
        let help = help(name, &known);
        return push(
            diagnostics,
            Severity::Error,
            at(mention.span.clone()),
            message,
            help,
        );
    }
    let Some(call) = &mention.call else {
        return;
    };
    if namespace(object).is_some() && names.function(object, call).is_none() {
        let message = format!("`{known_as}` has no function `{call}`");
        let help = help(call, &names.known(Some(object)));
        push(
            diagnostics,
            Severity::Error,
            at(mention.span.clone()),
            message,
            help,
        );
    }
}

fn help(name: &str, known: &[&str]) -> String {
    match nearest(name, known.iter().copied()) {
        Some(guess) => format!("did you mean `{guess}`?"),
        None => format!("there are {}", known.join(", ")),
    }
}

fn push(
    diagnostics: &mut Diagnostics,
    severity: Severity,
    span: Span,
    message: String,
    help: String,
) {
    let fault = match severity {
        Severity::Error => Diagnostic::error(Some(span), message),
        Severity::Warning => Diagnostic::warning(Some(span), message),
    };
    diagnostics.push(fault.help(help));
}
