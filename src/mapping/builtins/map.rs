//! `util.map`
//!
//! See: appsync.md 3.3.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::{Builtin, Namespace, Services, Thrown, argument::wrong};
use crate::mapping::vtl::{Map, Val};

pub(super) const MAP: Namespace = Namespace {
    name: "util.map",
    functions: &[
        Builtin::objects("copyAndRetainAllKeys", 2..=2, retain_all),
        Builtin::objects("copyAndRemoveAllKeys", 2..=2, remove_all),
    ],
    namespaces: &[],
};

fn retain_all(_: &mut Services<'_>, values: &[Val]) -> Result<Val, Thrown> {
    filtered("util.map.copyAndRetainAllKeys", values, true)
}

fn remove_all(_: &mut Services<'_>, values: &[Val]) -> Result<Val, Thrown> {
    filtered("util.map.copyAndRemoveAllKeys", values, false)
}

/// The members whose names a list has, or has not: the very values. What is no text names nothing.
fn filtered(function: &str, values: &[Val], wanted: bool) -> Result<Val, Thrown> {
    let Some(Val::Map(map)) = values.first() else {
        return Err(wrong(function, "'map' must be a map"));
    };
    let Some(Val::List(names)) = values.get(1) else {
        return Err(wrong(function, "'keys' must be a list"));
    };
    let names: FxHashSet<Arc<str>> = names.read(|names| {
        let texts = names.iter().filter_map(|name| match name {
            Val::Text(text) => Some(Arc::clone(text)),
            _ => None,
        });
        texts.collect()
    });
    let members = map.snapshot().into_iter();
    let kept = Map::new(members.filter(|(name, _)| names.contains(name) == wanted));
    kept.map(Val::Map).map_err(|error| wrong(function, error))
}

#[cfg(test)]
mod tests {
    use crate::mapping::builtins::tests::{refused, value};

    #[test]
    fn maps_are_filtered_by_their_keys() {
        let (map, keys) = (r#"{"a":1,"b":null,"c":{"a":2}}"#, r#"["c", "b", "z", 1]"#);
        let kept = value("map.copyAndRetainAllKeys", &[map, keys]);
        assert_eq!(kept, r#"{"b":null,"c":{"a":2}}"#);
        assert_eq!(
            value("map.copyAndRemoveAllKeys", &[map, keys]),
            r#"{"a":1}"#
        );
        assert_eq!(value("map.copyAndRemoveAllKeys", &[map, "[]"]), map);
    }

    #[test]
    fn wrong_maps_are_refused() {
        insta::assert_snapshot!(refused(&[
            ("map.copyAndRetainAllKeys", &["[]", "[]"]),
            ("map.copyAndRemoveAllKeys", &["{}", r#""a""#]),
            ("map.copyAndRemoveAllKeys", &["{}"]),
        ]));
    }
}
