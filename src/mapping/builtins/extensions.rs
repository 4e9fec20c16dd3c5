//! `extensions`: what a mapping causes beyond its value: cache entries to drop, filters of
//! subscriptions, subscriptions to end.
//!
//! What is asked for is checked here and kept in the turn; whoever executes the field carries it out,
//! and knows whether it is a mutation or a subscription. What they give prints as nothing, so that a
//! template may call them as they are.
//!
//! See: appsync.md 3.8 (extensions), 6.2 (filters), 6.3 (invalidation).

mod filter;

#[cfg(test)]
mod tests;

use super::{
    Builtin, Languages, Namespace, Run, Services, Thrown,
    dynamodb::{MAX_MADE, called, check_size},
};
use crate::{
    json::{Kind, Value, View},
    mapping::turn::{Extension, MAX_ADDED, MAX_INVALIDATIONS, MappingError},
};

pub(super) const EXTENSIONS: Namespace = Namespace {
    name: "extensions",
    functions: &[
        function("evictFromApiCache", 3, evict),
        function("setSubscriptionFilter", 1, |services, arguments| {
            let filter = filter::checked("setSubscriptionFilter", first(arguments))?;
            add(services, Extension::Filter(filter))
        }),
        function(
            "setSubscriptionInvalidationFilter",
            1,
            |services, arguments| {
                let filter =
                    filter::checked("setSubscriptionInvalidationFilter", first(arguments))?;
                add(services, Extension::InvalidationFilter(filter))
            },
        ),
        function("invalidateSubscriptions", 1, invalidate),
    ],
    namespaces: &[],
};

/// How the names of caching keys begin.
const ROOTS: [&str; 4] = ["ctx.", "context.", "$ctx.", "$context."];

const fn function(
    name: &'static str,
    arity: usize,
    function: fn(&mut Services<'_>, &[Value]) -> Result<Value, Thrown>,
) -> Builtin {
    Builtin {
        name,
        arity: arity..=arity,
        languages: Languages::Both,
        run: Run::Values(function),
        varies: true,
    }
}

fn evict(services: &mut Services<'_>, arguments: &[Value]) -> Result<Value, Thrown> {
    let names = ["the name of a type", "the name of a field"];
    let [type_name, field_name] = [0, 1].map(|index| {
        let name = arguments.get(index).and_then(|name| name.view().as_str());
        let name = name.filter(|name| !name.is_empty());
        name.map(|name| Box::<str>::from(&*name)).ok_or_else(|| {
            let ordinal = ["first", "second"][index];
            let expected = names[index];
            Thrown::wrong(format!(
                "evictFromApiCache expects {expected} as its {ordinal} argument"
            ))
        })
    });
    let keys = arguments.get(2).map_or(View::NULL, Value::view);
    check_size(keys, MAX_MADE)?;
    let is_key = |name: &str| ROOTS.iter().any(|root| name.starts_with(root));
    if keys.kind() != Kind::Object || !keys.entries().all(|(name, _)| is_key(&name)) {
        return Err(Thrown::wrong(
            "evictFromApiCache expects an object as its third argument, whose names are caching \
             keys such as 'ctx.args.id'",
        ));
    }
    let evict = Extension::Evict {
        type_name: type_name?,
        field_name: field_name?,
        keys: keys.to_value().compact(),
    };
    add(services, evict)
}

fn invalidate(services: &mut Services<'_>, arguments: &[Value]) -> Result<Value, Thrown> {
    let target = first(arguments);
    check_size(target, MAX_MADE)?;
    let field = target.get("subscriptionField").and_then(View::as_str);
    let payload = target.get("payload").unwrap_or(View::NULL);
    let (Some(field), Kind::Object) = (field.filter(|field| !field.is_empty()), payload.kind())
    else {
        return Err(Thrown::wrong(
            "invalidateSubscriptions expects { subscriptionField: 'onEvent', payload: { … } }",
        ));
    };
    let invalidate = Extension::Invalidate {
        subscription_field: field.into(),
        payload: payload.to_value().compact(),
    };
    // The same again changes nothing and does not count.
    if services.turn.extensions.contains(&invalidate) {
        return Ok(Value::from(""));
    }
    let is_invalidation = |other: &&Extension| matches!(other, Extension::Invalidate { .. });
    let others = services
        .turn
        .extensions
        .iter()
        .filter(is_invalidation)
        .count();
    if others >= MAX_INVALIDATIONS {
        let error = MappingError::too_many_invalidations();
        return Err(Thrown::Error(Box::new(error)));
    }
    add(services, invalidate)
}

fn add(services: &mut Services<'_>, extension: Extension) -> Result<Value, Thrown> {
    let extensions = &mut services.turn.extensions;
    if extensions.len() >= MAX_ADDED {
        let message = format!("there can be {MAX_ADDED} calls of extensions in a request");
        return Err(Thrown::wrong(message));
    }
    extensions.push(extension);
    Ok(Value::from(""))
}

fn first(arguments: &[Value]) -> View<'_> {
    arguments.first().map_or(View::NULL, Value::view)
}

/// A call whose argument has the wrong shape.
fn wrong(function: &str, expected: &str, found: View<'_>) -> Thrown {
    let found = called(found.kind());
    Thrown::wrong(format!("{function} expects {expected}, not {found}"))
}
