//! The route files of a REST or HTTP api.

use std::path::Path;

use http::HeaderName;

use crate::config::{
    Diagnostic, Diagnostics, Severity, Span, Spanned,
    access::{Access, Require, RouteAccess},
    api::Flavor,
    fields::{Decoded, Fields, Wrong},
    folder::{self, Kind},
    load::Reading,
    nearest::did_you_mean,
    resolver::{
        bound::{self, Draft, Rules},
        written,
    },
    route::{RouteFile, RouteKey, RouteStep, RouteTarget},
    unit,
    yaml::{self, Data, Node},
};

const KIND: Kind = Kind {
    example: "a route, with `route: GET /products/{id}` in it",
    naming: "a route file ends with `.yaml`",
};

/// Keys of a step and its head, which a proxy does without.
const SHAPING: [&str; 9] = [
    "request", "response", "code", "pipeline", "batch", "cache", "status", "headers", "absent",
];

/// Reads the route files of a folder, in the order of their names; says whether these are all.
pub(crate) fn read_folder(
    cx: &mut Reading,
    flavor: Flavor,
    api: &Access,
    folder: &Spanned<String>,
) -> (Vec<RouteFile>, bool) {
    let Some(paths) = folder::list(cx, folder, &KIND) else {
        return (Vec::new(), false);
    };
    let mut files: Vec<RouteFile> = Vec::new();
    let mut others = Vec::new();
    let mut are_all = true;
    for path in paths {
        if folder::stem(&path).is_none() {
            others.push(path);
            continue;
        }
        let Some(file) = RouteFile::read(cx, flavor, api, &path) else {
            are_all = false;
            continue;
        };
        let same = |first: &&RouteFile| first.route.value.is_like(&file.route.value);
        match files.iter().find(same) {
            Some(first) => two_files(&mut cx.faults, first, &file),
            None => files.push(file),
        }
    }
    folder::unused(cx, folder, &others, &KIND);
    (files, are_all)
}

fn two_files(faults: &mut Diagnostics, first: &RouteFile, second: &RouteFile) {
    let message = match first.route.value == second.route.value {
        true => format!("the route `{}` has two files", second.route.value),
        false => format!(
            "the route `{}` takes the same requests as `{}`",
            second.route.value, first.route.value
        ),
    };
    faults.push(
        Diagnostic::error(Some(second.route.span), message)
            .label(first.route.span, "the first")
            .help("keep one of them"),
    );
}

// === impl RouteFile ===

impl RouteFile {
    fn read(cx: &mut Reading, flavor: Flavor, api: &Access, path: &Path) -> Option<Self> {
        let (file, text) = cx.read(path, None)?;
        let root = yaml::parse(file, &text, &mut cx.faults)?;
        let faults = &mut cx.faults;
        let mut fields = Fields::open(faults, "the route file", Span::new(file, 0..0), &root)?;
        let example = "route: GET /products/{id}";
        let route = fields.required(faults, "route", example, RouteKey::decode);
        let mut access = RouteAccess::decode(cx, api, &mut fields);
        access.require = Require::decode(&mut cx.faults, &mut fields);
        let proxy = fields.optional(&mut cx.faults, "proxy", unit::flag);
        let span = Span::new(file, 0..text.len());
        let key = route.as_ref().map(|route| &route.value);
        let target = match proxy.is_some_and(|it| it.value) {
            true => proxied(cx, key, fields),
            false => resolved(cx, key, path, span, fields),
        };
        let route = route?;
        check_default(&mut cx.faults, flavor, &route);
        Some(RouteFile {
            route,
            span,
            access,
            target: target?,
        })
    }
}

/// See: apigateway.md 2.1 and 2.2 (only HTTP apis have a default route).
fn check_default(faults: &mut Diagnostics, flavor: Flavor, route: &Spanned<RouteKey>) {
    if flavor == Flavor::Rest && route.value == RouteKey::Default {
        let wrong = Wrong::new(
            "is `$default`, which only an api of the type `http` has",
            "write `ANY /{proxy+}`",
        );
        faults.push(wrong.at("route", route.span));
    }
}

fn proxied(
    cx: &mut Reading,
    route: Option<&RouteKey>,
    mut fields: Fields<'_>,
) -> Option<RouteTarget> {
    let faults = &mut cx.faults;
    let source = fields.required(faults, "source", "source: name", unit::word);
    let path = fields.optional(faults, "path", |node| match route {
        Some(route) => target_path(route, node),
        None => unit::text(node),
    });
    let why = "has no meaning beside `proxy: true`, which passes requests through as they are";
    fields.misplaced(faults, &SHAPING, why, "remove it, or `proxy`");
    fields.finish(faults);
    let source = source?;
    bound::check_source(cx, &source);
    if cx.not_http.contains(&source.value) {
        let message = format!("the source `{}` is not of the type `http`", source.value);
        let help = "only `http` sources can be passed through to; remove `proxy`";
        let fault = Diagnostic::error(Some(source.span), message).help(help);
        cx.faults.push(fault);
    }
    Some(RouteTarget::Proxy { source, path })
}

/// `path:` of a proxy: a path in which `{name}` stands for a parameter of the route.
fn target_path(route: &RouteKey, node: &Node) -> Decoded<String> {
    let help = "write `/v1/products/{id}`, with the parameters of the route";
    let text = unit::text(node)?;
    if !text.starts_with('/') {
        let wrong = format!("must begin with `/`, not {}", node.describe());
        return Err(Wrong::new(wrong, format!("write `/{text}`")));
    }
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once('{') {
        let name = after.split_once('}').filter(|_| !before.contains('}'));
        let Some((name, after)) = name else {
            return Err(Wrong::expected("a path", node, help));
        };
        check_parameter(route, name)?;
        rest = after;
    }
    // As in RFC 3986, section 3.3, without what would need to be encoded.
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "/-._~!$&'()*+,;=:@%{}".contains(c);
    let climbs = text.split('/').any(|segment| matches!(segment, "." | ".."));
    if rest.contains('}') || climbs || !text.chars().all(is_allowed) {
        return Err(Wrong::expected("a path", node, help));
    }
    Ok(text)
}

fn check_parameter(route: &RouteKey, name: &str) -> Decoded<()> {
    let names = route.parameters();
    if names.contains(&name) {
        return Ok(());
    }
    let listed: Vec<String> = names.iter().map(|name| format!("`{{{name}}}`")).collect();
    let help = match did_you_mean(name.trim_end_matches('+'), names) {
        Some(_) if name.ends_with('+') => format!("write `{{{}}}`", name.trim_end_matches('+')),
        Some(help) => help,
        None if listed.is_empty() => "the route has no parameters".to_owned(),
        None => format!("the route has {}", listed.join(", ")),
    };
    let wrong = format!("has `{{{name}}}`, which is no parameter of the route");
    Err(Wrong::new(wrong, help))
}

fn resolved(
    cx: &mut Reading,
    route: Option<&RouteKey>,
    path: &Path,
    span: Span,
    mut fields: Fields<'_>,
) -> Option<RouteTarget> {
    let rules = Rules {
        must_ask: true,
        remembers: true,
    };
    let draft = Draft::decode(cx, path, &mut fields, rules);
    let faults = &mut cx.faults;
    let cache = fields.entry("cache");
    if let Some((span, _)) = cache.filter(|_| route.is_some_and(|route| !route.only_reads())) {
        let wrong = Wrong::new(
            "is only for routes with the method GET or HEAD",
            "remove it; what changes something must happen every time",
        );
        faults.push(wrong.at("cache", span));
    }
    let status = status(faults, &mut fields);
    let headers = headers(faults, &mut fields);
    let absent = fields.optional(faults, "absent", absent);
    let why = "is for `proxy: true`";
    let help = "write it in `request: { path: … }`";
    fields.misplaced(faults, &["path"], why, help);
    fields.finish(faults);
    let bound = draft.finish(cx, route.map(RouteKey::to_string)?, span)?;
    Some(RouteTarget::Resolver(Box::new(RouteStep {
        bound,
        status,
        headers,
        absent: absent.map(|it| it.value),
    })))
}

/// `status:` a mapping; one that is written out must be a status.
fn status(faults: &mut Diagnostics, fields: &mut Fields<'_>) -> Option<Node> {
    let (name, _) = fields.entry("status")?;
    let node = written::tree(faults, fields, "status")?;
    let is_sound = match node.data {
        Data::Int(status) => (200..=599).contains(&status),
        Data::String { .. } => true,
        _ => false,
    };
    if !is_sound {
        let help = "write a number from 200 to 599, or what it is: `$ctx.result.status`";
        let wrong = Wrong::expected("a status", &node, help);
        let span = if node.is_null() { name } else { node.span };
        faults.push(wrong.at("status", span));
    }
    is_sound.then_some(node)
}

/// `headers:` a mapping to an object; names that are written out must be names.
fn headers(faults: &mut Diagnostics, fields: &mut Fields<'_>) -> Option<Node> {
    let (name, _) = fields.entry("headers")?;
    let node = written::tree(faults, fields, "headers")?;
    let is_sound = match &node.data {
        Data::Map(entries) => {
            let count = faults.count(Severity::Error);
            faults.extend(entries.iter().filter_map(|(name, _)| check_header(name)));
            faults.count(Severity::Error) == count
        }
        Data::String { .. } => true,
        _ => {
            let help = "write `headers: { cache-control: no-store }`";
            let wrong = Wrong::expected("a mapping of names to values", &node, help);
            let span = if node.is_null() { name } else { node.span };
            faults.push(wrong.at("headers", span));
            false
        }
    };
    is_sound.then_some(node)
}

fn check_header(name: &Spanned<String>) -> Option<Diagnostic> {
    let wrong = match name.value.parse::<HeaderName>() {
        Err(_) => Wrong::new("is not a header name", "write letters, digits and `-`"),
        Ok(name) if unit::is_of_the_connection(&name) => {
            Wrong::new("belongs to the connection and cannot be set", "remove it")
        }
        Ok(_) => return None,
    };
    Some(wrong.at(&name.value, name.span))
}

/// `absent:` a status that says that something went wrong.
fn absent(node: &Node) -> Decoded<u16> {
    let status = match node.data {
        Data::Int(status) if (400..=599).contains(&status) => u16::try_from(status).ok(),
        _ => None,
    };
    status.ok_or_else(|| {
        let help = "write `404`; without `absent` the answer is `null`";
        Wrong::expected("a status from 400 to 599", node, help)
    })
}
