//! What an api and its routes say about their callers.

use crate::config::{
    Diagnostic, Diagnostics, Spanned,
    access::{Access, Addresses, Cors, PUBLIC, Require, RouteAccess, Throttle},
    fields::{Fields, unknown_name},
    load::Reading,
    unit,
};

// === impl Access ===

impl Access {
    /// `auth:`, `addresses:`, `cors:` and `throttle:` of an api.
    pub(crate) fn decode(cx: &mut Reading, fields: &mut Fields<'_>) -> Self {
        let names = fields.list(&mut cx.faults, "auth", unit::word);
        let public = match &names {
            None => true,
            Some(names) => names.iter().any(|name| name.value == PUBLIC),
        };
        let mut auth = names.unwrap_or_default();
        auth.retain(|name| name.value != PUBLIC && is_provider(cx, name));
        let faults = &mut cx.faults;
        Access {
            auth,
            public,
            addresses: Addresses::decode(faults, fields),
            cors: Cors::optional(faults, fields),
            throttle: Throttle::optional(faults, fields),
        }
    }
}

fn is_provider(cx: &mut Reading, name: &Spanned<String>) -> bool {
    let known = cx.provider_names.iter().map(String::as_str);
    let names: Vec<&str> = known.chain([PUBLIC]).collect();
    let is_known = names.contains(&name.value.as_str());
    if !is_known {
        let fault = unknown_name(name.span, "provider", &name.value, &names);
        cx.faults.push(match cx.provider_names.is_empty() {
            true => fault.help(format!(
                "there is no `auth` yet; add `{}` there",
                name.value
            )),
            false => fault,
        });
    }
    is_known
}

// === impl Addresses ===

impl Addresses {
    fn decode(faults: &mut Diagnostics, fields: &mut Fields<'_>) -> Self {
        let Some(mut fields) = fields.section(faults, "addresses") else {
            return Addresses::default();
        };
        let allow = fields.list(faults, "allow", unit::network);
        let deny = fields.list(faults, "deny", unit::network);
        fields.finish(faults);
        let values = |items: Vec<Spanned<_>>| items.into_iter().map(|item| item.value).collect();
        Addresses {
            allow: allow.map(values),
            deny: deny.map(values).unwrap_or_default(),
        }
    }
}

// === impl RouteAccess ===

impl RouteAccess {
    /// `auth:`, `scopes:` and `throttle:` of a route, within what its api has.
    pub(crate) fn decode(cx: &mut Reading, api: &Access, fields: &mut Fields<'_>) -> Self {
        let auth = fields
            .list(&mut cx.faults, "auth", unit::word)
            .map(|mut names| {
                names.retain(|name| is_of_the_api(cx, api, name));
                names
            });
        let scopes = fields.list(&mut cx.faults, "scopes", unit::word);
        let scopes = scopes.unwrap_or_default();
        RouteAccess {
            auth,
            scopes: scopes.into_iter().map(|scope| scope.value).collect(),
            throttle: Throttle::optional(&mut cx.faults, fields),
            require: Require::default(),
        }
    }
}

fn is_of_the_api(cx: &mut Reading, api: &Access, name: &Spanned<String>) -> bool {
    let own = api.auth.iter().map(|own| own.value.as_str());
    let names: Vec<&str> = own.chain([PUBLIC]).collect();
    if names.contains(&name.value.as_str()) {
        return true;
    }
    let fault = match cx.provider_names.contains(&name.value) {
        true => {
            let message = format!("the api does not take the provider `{}`", name.value);
            let help = "name it in the `auth` of the api as well";
            Diagnostic::error(Some(name.span), message).help(help)
        }
        false => unknown_name(name.span, "provider", &name.value, &names),
    };
    cx.faults.push(fault);
    false
}

// === impl Require ===

impl Require {
    /// `require:` of a route.
    pub(crate) fn decode(faults: &mut Diagnostics, fields: &mut Fields<'_>) -> Self {
        let Some(mut fields) = fields.section(faults, "require") else {
            return Require::default();
        };
        let query = fields.list(faults, "query", unit::word).unwrap_or_default();
        let headers = fields.list(faults, "headers", unit::header_name);
        let body = fields.optional(faults, "body", unit::flag);
        fields.finish(faults);
        let headers = headers.unwrap_or_default();
        Require {
            query: query.into_iter().map(|name| name.value).collect(),
            headers: headers.into_iter().map(|name| name.value).collect(),
            body: body.is_some_and(|it| it.value),
        }
    }
}
