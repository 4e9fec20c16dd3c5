//! `request` and `response` of a module.

use rustc_hash::FxHashSet;

use super::{
    exported::Exported,
    follow::{Program, Target},
    uses::FunctionUses,
};
use crate::{
    config::{Diagnostic, Diagnostics, Severity, Span, nearest},
    mapping::js::Uses,
};

/// What a module offers.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) request: Option<Uses>,
    pub(super) response: Option<Uses>,
}

/// The functions of a module for events, which AppSync has as well.
const OF_EVENTS: [&str; 2] = ["onPublish", "onSubscribe"];

const FORM: &str = "write `export function request(ctx) { … }` and `export function response(ctx) \
     { return ctx.result; }`";

/// Finds the functions of a module; `None`: there are none, and a fault says so.
pub(super) fn find(program: &Program, diagnostics: &mut Diagnostics) -> Option<Entry> {
    let before = diagnostics.count(Severity::Error);
    let request = function(program, "request", diagnostics);
    let response = function(program, "response", diagnostics);
    let is_sound = diagnostics.count(Severity::Error) == before;
    if !is_sound {
        return None;
    }
    if request.is_none() || response.is_none() {
        missing(
            program,
            request.is_some() || response.is_some(),
            diagnostics,
        );
    }
    let is_there = request.is_some() || response.is_some();
    is_there.then_some(Entry { request, response })
}

fn function(program: &Program, name: &str, diagnostics: &mut Diagnostics) -> Option<Uses> {
    let (file, exported, span) = program.resolve(0, name)?;
    match exported {
        Exported::Function(uses) => Some(Uses {
            paths: uses.uses.paths.clone(),
            own_turn: has_own_turn(program, file, uses),
        }),
        // A function that another one made: what it reads is not known.
        Exported::Unknown | Exported::From(..) => Some(Uses {
            paths: None,
            own_turn: true,
        }),
        Exported::Value | Exported::Namespace => {
            let message = format!("`{name}` must be a function");
            let help = format!("write `export function {name}(ctx) {{ … }}`");
            diagnostics.push(Diagnostic::error(Some(span), message).help(help));
            None
        }
    }
}

/// Asks the functions of other files as well.
fn has_own_turn(program: &Program, file: usize, uses: &FunctionUses) -> bool {
    if uses.uses.own_turn {
        return true;
    }
    let mut reached = FxHashSet::default();
    let mut open: Vec<(usize, &FunctionUses)> = vec![(file, uses)];
    while let Some((file, uses)) = open.pop() {
        for (link, name) in &uses.calls {
            let Some(Target::File(next)) = program.files[file].targets.get(*link) else {
                return true;
            };
            match program.resolve(*next, name) {
                Some((file, Exported::Function(uses), span)) => {
                    if uses.is_busy {
                        return true;
                    }
                    if reached.insert(span) {
                        open.push((file, uses));
                    }
                }
                // A constant.
                Some((_, Exported::Value, _)) => {}
                _ => return true,
            }
        }
    }
    false
}

fn missing(program: &Program, has_one: bool, diagnostics: &mut Diagnostics) {
    let Some(entry) = program.files.first() else {
        return;
    };
    let exchange = &entry.inspected.exchange;
    let mut exports: Vec<_> = exchange.exports.iter().collect();
    exports.sort_by_key(|(_, export)| export.span);
    for (name, export) in exports {
        if OF_EVENTS.contains(&name.as_str()) {
            let message = format!("`{name}` handles events, and that is not supported yet");
            let entry = Diagnostic::error(Some(export.span), message);
            diagnostics.push(entry.help("a resolver exports `request` and `response`"));
            return;
        }
        if let Some(near) = nearest(name, ["request", "response"]).filter(|near| near != name) {
            let message = format!("`{name}` is none of a resolver's functions");
            let entry = match has_one {
                true => Diagnostic::warning(Some(export.span), message),
                false => Diagnostic::error(Some(export.span), message),
            };
            diagnostics.push(entry.help(format!("did you mean `{near}`?")));
            return;
        }
    }
    // A file that was not understood says so already.
    if has_one || !program.is_sound {
        return;
    }
    let message = "the module exports neither `request` nor `response`";
    let mut hidden = exchange.hidden.iter();
    let hidden = hidden.find(|(name, _)| name == "request" || name == "response");
    let top = Span::new(entry.whole.file, 0..0);
    let (top, help) = match hidden {
        Some((name, span)) => (*span, format!("write `export` before its `{name}`")),
        None if exchange.exports.contains_key("default") => {
            (top, format!("it exports a `default`; {FORM}"))
        }
        None => (top, FORM.to_owned()),
    };
    diagnostics.push(Diagnostic::error(Some(top), message).help(help));
}
