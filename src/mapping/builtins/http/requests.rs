//! `@aws-appsync/utils/http`: requests for HTTP sources, one function for each method.
//!
//! AppSync documents no such module; it is an extension, built like the one for DynamoDB.
//! `get('/posts', { query: { author: 1 } })` is `{ method: 'GET', resourcePath: '/posts', params:
//! { query: { author: 1 } } }`.
//!
//! See: appsync.md 4.7 (HTTP requests).

use super::super::{
    Builtin, Languages, Namespace, Run, Services, Thrown,
    dynamodb::{called, object},
};
use crate::json::{Kind, Value, View};

pub(in super::super) const HTTP_REQUESTS: Namespace = Namespace {
    name: "@aws-appsync/utils/http",
    functions: &[
        function("get", |_, arguments| request("get", "GET", arguments)),
        function("post", |_, arguments| request("post", "POST", arguments)),
        function("put", |_, arguments| request("put", "PUT", arguments)),
        function("patch", |_, arguments| request("patch", "PATCH", arguments)),
        function("delete", |_, arguments| {
            request("delete", "DELETE", arguments)
        }),
    ],
    namespaces: &[],
};

/// What a request may say, and of which kind it is; a body may be anything.
const PARAMS: [(&str, Option<Kind>); 3] = [
    ("query", Some(Kind::Object)),
    ("headers", Some(Kind::Object)),
    ("body", None),
];

const fn function(
    name: &'static str,
    function: fn(&mut Services<'_>, &[Value]) -> Result<Value, Thrown>,
) -> Builtin {
    Builtin {
        name,
        arity: 1..=2,
        languages: Languages::Js,
        run: Run::Values(function),
        varies: false,
    }
}

fn request(function: &str, method: &'static str, arguments: &[Value]) -> Result<Value, Thrown> {
    let path = arguments.first().cloned().unwrap_or_default();
    if !path
        .view()
        .as_str()
        .is_some_and(|path| path.starts_with('/'))
    {
        let message = format!("{function}: the path must be a string that begins with '/'");
        return Err(Thrown::wrong(message));
    }
    let method = ("method", Value::from(method));
    let Some(params) = arguments.get(1).filter(|params| !params.view().is_null()) else {
        return Ok(object([method, ("resourcePath", path)]));
    };
    check(function, params.view())?;
    Ok(object([
        method,
        ("resourcePath", path),
        ("params", params.clone()),
    ]))
}

fn check(function: &str, params: View<'_>) -> Result<(), Thrown> {
    if params.kind() != Kind::Object {
        let message = format!("{function}: the second argument must be an object");
        return Err(Thrown::wrong(message));
    }
    for (name, value) in params.entries() {
        let Some((_, kind)) = PARAMS.iter().find(|(known, _)| *known == name) else {
            let known = PARAMS.map(|(name, _)| name).join(", ");
            let message = format!("{function}: there is no '{name}'; there are {known}");
            return Err(Thrown::wrong(message));
        };
        if let Some(kind) = kind
            && !value.is_null()
            && value.kind() != *kind
        {
            let message = format!("{function}: '{name}' must be {}", called(*kind));
            return Err(Thrown::wrong(message));
        }
    }
    Ok(())
}
