//! `auth:`

use std::time::Duration;

use http::HeaderName;
use url::Url;

use crate::config::{
    Diagnostic, Diagnostics, Spanned,
    access::{Jwks, Jwt, PUBLIC, Provider, ProviderKind},
    fields::{Decoded, Fields, Wrong, not_supported, unknown_name},
    load::Reading,
    nearest::did_you_mean,
    unit,
    yaml::{self, Data, Node},
};

const TYPES: [&str; 2] = ["api_key", "jwt"];

/// Types of later versions.
const LATER_TYPES: [&str; 2] = ["iam", "lambda"];

/// The signatures that are made with one key and verified with another.
const ALGORITHMS: [&str; 9] = [
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA",
];

// === impl Provider ===

impl Provider {
    pub(crate) fn decode(cx: &mut Reading, name: &Spanned<String>, node: &Node) -> Option<Self> {
        if name.value == PUBLIC {
            let message = format!("no provider can be named `{PUBLIC}`");
            let help = "an api admits callers without credentials by that word; take another name";
            let fault = Diagnostic::error(Some(name.span), message).help(help);
            cx.faults.push(fault);
            return None;
        }
        let owner = format!("the provider `{}`", name.value);
        let mut fields = Fields::open(&mut cx.faults, owner, name.span, node)?;
        let Some(ty) = fields.required(&mut cx.faults, "type", "type: api_key", unit::word) else {
            fields.finish_open(&mut cx.faults);
            return None;
        };
        let kind = match ty.value.as_str() {
            "api_key" => Some(api_key(&mut cx.faults, fields)),
            "jwt" => Jwt::decode(cx, name, fields).map(ProviderKind::Jwt),
            later if LATER_TYPES.contains(&later) => {
                let what = format!("the provider type `{later}`");
                cx.faults.push(not_supported(ty.span, &what));
                None
            }
            unknown => {
                let fault = unknown_name(ty.span, "provider type", unknown, &TYPES);
                cx.faults.push(fault);
                None
            }
        };
        Some(Provider {
            name: name.clone(),
            kind: kind?,
        })
    }
}

fn api_key(faults: &mut Diagnostics, mut fields: Fields<'_>) -> ProviderKind {
    let header = fields.optional(faults, "header", unit::header_name);
    fields.finish(faults);
    ProviderKind::ApiKey {
        header: header.map_or(HeaderName::from_static("x-api-key"), |it| it.value),
    }
}

// === impl Jwt ===

impl Jwt {
    fn decode(cx: &mut Reading, name: &Spanned<String>, mut fields: Fields<'_>) -> Option<Self> {
        let faults = &mut cx.faults;
        let example = "issuer: https://id.example.com";
        let issuer = fields.required(faults, "issuer", example, unit::word);
        let names_keys = fields.entry("jwks").is_some();
        let jwks = fields.optional(faults, "jwks", place);
        let names_audience = fields.entry("audience").is_some();
        let audience = fields.list(faults, "audience", unit::word);
        let algorithms = fields.list(faults, "algorithms", algorithm);
        let leeway = fields.optional(faults, "leeway", unit::duration);
        let user_pool = fields.optional(faults, "user_pool", unit::flag);
        fields.finish(faults);
        if !names_audience {
            warn_any_audience(faults, name);
        }
        if let Some(issuer) = issuer.as_ref().filter(|_| !names_keys) {
            check_discovery(faults, issuer);
        }
        let jwks = jwks.map(|place| keys(cx, place));
        let algorithms = algorithms.unwrap_or_default();
        Some(Jwt {
            issuer: issuer?,
            // A file that is wrong was reported, and nothing is served.
            jwks: jwks.flatten(),
            audience: audience.map(values).unwrap_or_default(),
            algorithms: match algorithms.is_empty() {
                true => vec!["RS256".to_owned()],
                false => values(algorithms),
            },
            leeway: leeway.map_or(Duration::from_secs(30), |it| it.value),
            user_pool: user_pool.is_some_and(|it| it.value),
        })
    }
}

fn values(items: Vec<Spanned<String>>) -> Vec<String> {
    items.into_iter().map(|item| item.value).collect()
}

fn warn_any_audience(faults: &mut Diagnostics, name: &Spanned<String>) {
    let message = format!(
        "the provider `{}` takes the issuer's tokens for any audience, those made for other services too",
        name.value
    );
    let help = "add `audience: …` with what `aud` must name";
    faults.push(Diagnostic::warning(Some(name.span), message).help(help));
}

/// Without `jwks:` the keys are looked up below the issuer.
fn check_discovery(faults: &mut Diagnostics, issuer: &Spanned<String>) {
    if web_url(&issuer.value).is_none() {
        let wrong = Wrong::new(
            "is no URL, so its keys cannot be looked up",
            "add `jwks: …` with a URL or a file",
        );
        faults.push(wrong.at("issuer", issuer.span));
    }
}

fn web_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    matches!(url.scheme(), "http" | "https").then_some(url)
}

fn algorithm(node: &Node) -> Decoded<String> {
    let listed = ALGORITHMS.join(", ");
    let what = "an algorithm with a public key";
    let name = unit::text(node)?;
    if ALGORITHMS.contains(&name.as_str()) {
        return Ok(name);
    }
    let upper = name.to_ascii_uppercase();
    let help = match upper.as_str() {
        "NONE" => "a token without a signature can be written by anyone; remove `none`".to_owned(),
        "HS256" | "HS384" | "HS512" => format!(
            "whoever can verify such a token can also make one, and a public key would pass as its secret; take one of {listed}"
        ),
        _ => did_you_mean(&name, ALGORITHMS).unwrap_or_else(|| format!("known are {listed}")),
    };
    Err(Wrong::expected(what, node, help))
}

/// Where keys are, before the file is read.
enum Place {
    Url(Url),
    File(String),
}

fn place(node: &Node) -> Decoded<Place> {
    let help = "write `https://id.example.com/jwks.json`, or the path of a file";
    let text = unit::word(node)?;
    if !text.contains("://") {
        return Ok(Place::File(text));
    }
    match web_url(&text) {
        Some(url) => Ok(Place::Url(url)),
        None => Err(Wrong::expected("an `http` or `https` URL", node, help)),
    }
}

fn keys(cx: &mut Reading, place: Spanned<Place>) -> Option<Jwks> {
    let path = match place.value {
        Place::Url(url) => return Some(Jwks::Url(url)),
        Place::File(path) => cx.resolve(&path),
    };
    let (file, text) = cx.read(&path, Some(place.span))?;
    let node = yaml::parse_json(file, &text, &mut cx.faults)?;
    match node.get("keys").map(|keys| &keys.data) {
        Some(Data::List(keys)) if !keys.is_empty() => Some(Jwks::File {
            span: place.span,
            text,
        }),
        _ => {
            let message = "a key set must be an object with a list of `keys`, at least one";
            let fault = Diagnostic::error(Some(node.span), message)
                .label(place.span, "named here")
                .help("write `{ \"keys\": [ … ] }`");
            cx.faults.push(fault);
            None
        }
    }
}
