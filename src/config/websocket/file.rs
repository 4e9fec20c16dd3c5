//! The route files of a WebSocket api.

use std::path::Path;

use crate::config::{
    Diagnostic, Diagnostics, Span, Spanned,
    access::{Access, Require, RouteAccess, Throttle},
    fields::{Fields, Wrong, unknown_name},
    folder::{self, Kind},
    load::Reading,
    resolver::{
        bound::{Draft, Rules},
        written,
    },
    unit,
    websocket::SocketRouteFile,
    yaml,
};

const KIND: Kind = Kind {
    example: "a route, such as `$connect.yaml` or `sendMessage.yaml`",
    naming: "a route file is named after its route, such as `$connect.yaml` or `sendMessage.yaml`",
};

/// The routes that no message names.
const CONNECT: &str = "$connect";
const DISCONNECT: &str = "$disconnect";
const DEFAULT: &str = "$default";

/// Reads the route files of a folder, in the order of their names; says whether these are all.
pub(super) fn read_folder(
    cx: &mut Reading,
    api: &Access,
    folder: &Spanned<String>,
) -> (Vec<SocketRouteFile>, bool) {
    let Some(paths) = folder::list(cx, folder, &KIND) else {
        return (Vec::new(), false);
    };
    let mut files: Vec<SocketRouteFile> = Vec::new();
    let mut others = Vec::new();
    let mut are_all = true;
    for path in paths {
        let Some(name) = folder::stem(&path).filter(|name| !name.is_empty()) else {
            others.push(path);
            continue;
        };
        let Some(file) = SocketRouteFile::read(cx, api, &path, name) else {
            are_all = false;
            continue;
        };
        match files.iter().find(|first| first.name == file.name) {
            Some(first) => two_files(&mut cx.faults, first, &file),
            None => files.push(file),
        }
    }
    folder::unused(cx, folder, &others, &KIND);
    (files, are_all)
}

fn two_files(faults: &mut Diagnostics, first: &SocketRouteFile, second: &SocketRouteFile) {
    let message = format!("the route `{}` has two files", second.name);
    faults.push(
        Diagnostic::error(Some(second.span), message)
            .label(first.span, "the first")
            .help("keep one of them"),
    );
}

// === impl SocketRouteFile ===

impl SocketRouteFile {
    fn read(cx: &mut Reading, api: &Access, path: &Path, name: &str) -> Option<Self> {
        let (file, text) = cx.read(path, None)?;
        let root = yaml::parse(file, &text, &mut cx.faults)?;
        check_name(&mut cx.faults, Span::new(file, 0..0), name);
        let owner = format!("the route `{name}`");
        let mut fields = Fields::open(&mut cx.faults, owner, Span::new(file, 0..0), &root)?;
        let is_written = |key: &&str| root.get(key).is_some();
        let asks_nothing = !["request", "response", "code", "pipeline"]
            .iter()
            .any(is_written);
        let rules = Rules {
            must_ask: !asks_nothing,
            remembers: false,
        };
        let draft = Draft::decode(cx, path, &mut fields, rules);
        let faults = &mut cx.faults;
        let why = "has no place in a route of a WebSocket api";
        let help = "remove it; every message is asked for on its own";
        fields.misplaced(faults, &["batch", "cache"], why, help);
        let reply = fields.optional(faults, "reply", unit::flag);
        if let Some(reply) = reply.as_ref().filter(|reply| reply.value) {
            check_reply(faults, name, reply);
        }
        let (status, access) = match name {
            CONNECT => (
                written::tree(faults, &mut fields, "status"),
                RouteAccess {
                    require: Require::decode(faults, &mut fields),
                    ..RouteAccess::decode(cx, api, &mut fields)
                },
            ),
            _ => (None, of_a_message(faults, &mut fields)),
        };
        fields.finish(&mut cx.faults);
        let span = Span::new(file, 0..text.len());
        let bound = draft.finish(cx, name.to_owned(), span);
        if bound.is_none() && !asks_nothing {
            return None;
        }
        Some(SocketRouteFile {
            name: name.to_owned(),
            span,
            bound,
            reply: reply.is_some_and(|it| it.value),
            status,
            access,
        })
    }
}

/// Only three names begin with a dollar.
fn check_name(faults: &mut Diagnostics, file: Span, name: &str) {
    let names = [CONNECT, DISCONNECT, DEFAULT];
    if name.starts_with('$') && !names.contains(&name) {
        faults.push(unknown_name(file, "route", name, &names));
    }
}

/// A reply needs a connection that is open.
fn check_reply(faults: &mut Diagnostics, name: &str, reply: &Spanned<bool>) {
    let why = match name {
        CONNECT => "comes too early: the connection is not open yet",
        DISCONNECT => "comes too late: the connection is closed",
        _ => return,
    };
    faults.push(Wrong::new(why, "remove it").at("reply", reply.span));
}

/// What a route other than `$connect` says of its callers, who were let in there.
fn of_a_message(faults: &mut Diagnostics, fields: &mut Fields<'_>) -> RouteAccess {
    let why = "is for `$connect` alone: whoever is connected was let in there";
    let help = "move it to `$connect.yaml`";
    fields.misplaced(faults, &["auth", "scopes", "require"], why, help);
    let why = "is for `$connect` alone: no other route answers a request";
    fields.misplaced(faults, &["status"], why, help);
    RouteAccess {
        throttle: Throttle::optional(faults, fields),
        ..RouteAccess::default()
    }
}
