//! Where an api is served: its path, and the names of its hosts.

use indexmap::IndexMap;

use crate::config::{
    Api, Diagnostic, Diagnostics, Spanned,
    fields::{Decoded, Fields, Wrong},
    unit,
    yaml::Node,
};

/// Refuses two apis on one path under one host name. An api that names the host goes before one
/// that is served under any.
pub(crate) fn check_places(faults: &mut Diagnostics, apis: &IndexMap<String, Api>) {
    for (index, api) in apis.values().enumerate() {
        let mut others = apis.values().take(index);
        let Some(first) = others.find(|first| is_same_place(first, api)) else {
            continue;
        };
        let message = format!(
            "the apis `{}` and `{}` are both served on `{}`",
            first.name.value, api.name.value, api.path.value
        );
        let help = match api.hosts.is_empty() {
            true => "give one of them another `path`",
            false => "give one of them another `path`, or another `host`",
        };
        faults.push(
            Diagnostic::error(Some(api.path.span), message)
                .label(first.path.span, "taken here")
                .help(help),
        );
    }
}

fn is_same_place(first: &Api, second: &Api) -> bool {
    let share_a_host = match (first.hosts.as_slice(), second.hosts.as_slice()) {
        ([], []) => true,
        (first, second) => first.iter().any(|first| {
            second
                .iter()
                .any(|second| overlap(&first.value, &second.value))
        }),
    };
    first.path.value == second.path.value && share_a_host
}

/// Whether a host name exists that both stand for.
fn overlap(first: &str, second: &str) -> bool {
    let (first, second) = (first.to_ascii_lowercase(), second.to_ascii_lowercase());
    match (first.strip_prefix('*'), second.strip_prefix('*')) {
        (Some(first), Some(second)) => first.ends_with(second) || second.ends_with(first),
        (Some(suffix), None) => second.ends_with(suffix),
        (None, Some(suffix)) => first.ends_with(suffix),
        (None, None) => first == second,
    }
}

/// `path:` of an api; without it the fallback.
pub(super) fn path(
    faults: &mut Diagnostics,
    name: &Spanned<String>,
    fields: &mut Fields<'_>,
    fallback: String,
) -> Spanned<String> {
    if let Some(path) = fields.optional(faults, "path", http_path) {
        return path;
    }
    if let Some((span, _)) = fields.entry("path") {
        // A wrong path must not look taken; a name has no slash, so nobody else is served there.
        return Spanned::new(name.value.clone(), span);
    }
    if !is_plain(&fallback) {
        let message = format!("the name `{}` is no path", name.value);
        let help = "say where the api is served: `path: /store`";
        faults.push(Diagnostic::error(Some(name.span), message).help(help));
    }
    Spanned::new(fallback, name.span)
}

fn http_path(node: &Node) -> Decoded<String> {
    let help = "write `/graphql` or `/shop/graphql`";
    let path = unit::text(node)?;
    if !path.starts_with('/') {
        let wrong = format!("must begin with `/`, not {}", node.describe());
        return Err(Wrong::new(wrong, format!("write `/{path}`")));
    }
    if path.len() > 1 && path.ends_with('/') {
        let right = path.trim_end_matches('/');
        return Err(Wrong::new(
            "must not end with `/`",
            format!("write `/{}`", right.trim_start_matches('/')),
        ));
    }
    if !is_plain(&path) {
        return Err(Wrong::expected("a plain path", node, help));
    }
    Ok(path)
}

fn is_plain(path: &str) -> bool {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "/-_.~".contains(c);
    path.chars().all(is_allowed) && !path.contains("//")
}

/// A host name, or `*.` and what all of them end with.
pub(super) fn host(node: &Node) -> Decoded<String> {
    let help = "write `api.example.com`, or `*.example.com` for all names below it";
    let text = unit::word(node)?;
    let name = text.strip_prefix("*.").unwrap_or(&text);
    let is_label = |label: &str| {
        !label.is_empty()
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    if name.split('.').all(is_label) {
        return Ok(text);
    }
    let without_port = name.split_once(':').map(|(name, _)| name);
    match without_port.is_some_and(|name| name.split('.').all(is_label) && !text.contains('/')) {
        true => Err(Wrong::new(
            "must not hold a port",
            "write the name alone; it holds for every port",
        )),
        false => Err(Wrong::expected("a host name", node, help)),
    }
}
