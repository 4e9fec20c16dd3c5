//! Methods of Java's maps, and of their entries.

use std::sync::Arc;

use super::{MAX_LOOKS, MethodFault, Room, Val, any, arguments::key as key_of, members, nothing};
use crate::mapping::vtl::value::{List, Map, Shape};

type Outcome = Result<Val, MethodFault>;

/// Calls a method of a map.
pub(super) fn call(map: &Map, name: &str, arguments: &[Val], room: &mut Room) -> Outcome {
    for group in [ask, put, take] {
        match group(map, name, arguments, room) {
            Err(MethodFault::Unknown) => {}
            outcome => return outcome,
        }
    }
    any(&Val::Map(map.clone()), name, arguments, room)
}

/// Calls a method of an entry.
pub(super) fn call_entry(
    map: &Map,
    key: &Arc<str>,
    name: &str,
    arguments: &[Val],
    room: &mut Room,
) -> Outcome {
    Ok(match (name, arguments) {
        ("getKey", []) => Val::Text(Arc::clone(key)),
        ("getValue", []) => map.get(key).unwrap_or_default(),
        ("setValue", [value]) => map.put(Arc::clone(key), value.clone())?.unwrap_or_default(),
        _ => {
            return any(
                &Val::Entry(map.clone(), Arc::clone(key)),
                name,
                arguments,
                room,
            );
        }
    })
}

fn ask(map: &Map, name: &str, arguments: &[Val], room: &mut Room) -> Outcome {
    Ok(match (name, arguments) {
        ("get", [key]) => map.get(&key_of(key, room)?).unwrap_or_default(),
        ("getOrDefault", [key, default]) => map
            .get(&key_of(key, room)?)
            .unwrap_or_else(|| default.clone()),
        ("containsKey", [key]) => Val::Bool(map.contains_key(&key_of(key, room)?)),
        ("containsValue", [value]) => {
            let looks = &mut { MAX_LOOKS };
            let found = map.read(|members| room.position(members.values(), value, looks))?;
            Val::Bool(found.is_some())
        }
        ("size", []) => Val::from(map.len()),
        ("isEmpty", []) => Val::Bool(map.is_empty()),
        ("keySet", []) => {
            room.make_items(map.len())?;
            let keys = map.keys().into_iter().map(Val::Text);
            Val::List(List::shaped(Shape::Keys, keys.collect())?)
        }
        ("values", []) => {
            room.make_items(map.len())?;
            Val::List(List::shaped(Shape::Values, map.values())?)
        }
        ("entrySet", []) => {
            room.make_items(map.len())?;
            Val::List(map.entries()?)
        }
        ("clone", []) => Val::Map(Map::new(members(map, room)?)?),
        _ => return Err(MethodFault::Unknown),
    })
}

fn put(map: &Map, name: &str, arguments: &[Val], room: &mut Room) -> Outcome {
    Ok(match (name, arguments) {
        ("put", [key, value]) => {
            let key = key_of(key, room)?;
            room_for(map, 1, room)?;
            map.put(key, value.clone())?.unwrap_or_default()
        }
        ("putIfAbsent", [key, value]) => {
            let key = key_of(key, room)?;
            room_for(map, 1, room)?;
            // A null counts as absent.
            match map.get(&key) {
                None | Some(Val::Null) => map.put(key, value.clone())?.unwrap_or_default(),
                Some(there) => there,
            }
        }
        ("putAll", [Val::Map(others)]) => {
            let others = members(others, room)?;
            room_for(map, others.len(), room)?;
            for (key, value) in others {
                map.put(key, value)?;
            }
            nothing()
        }
        ("replace", [key, value]) => {
            let key = key_of(key, room)?;
            if !map.contains_key(&key) {
                return Ok(Val::Null);
            }
            map.put(key, value.clone())?.unwrap_or_default()
        }
        ("replace", [key, expected, value]) => {
            let key = key_of(key, room)?;
            let replaced = is(map, &key, expected, room)?;
            if replaced {
                map.put(key, value.clone())?;
            }
            Val::Bool(replaced)
        }
        _ => return Err(MethodFault::Unknown),
    })
}

fn take(map: &Map, name: &str, arguments: &[Val], room: &mut Room) -> Outcome {
    Ok(match (name, arguments) {
        ("remove", [key]) => {
            // What follows moves up.
            room.copy(map.len());
            map.remove(&key_of(key, room)?).unwrap_or_default()
        }
        ("remove", [key, expected]) => {
            room.copy(map.len());
            let key = key_of(key, room)?;
            let removed = is(map, &key, expected, room)?;
            if removed {
                map.remove(&key);
            }
            Val::Bool(removed)
        }
        ("clear", []) => {
            map.clear();
            nothing()
        }
        _ => return Err(MethodFault::Unknown),
    })
}

/// Whether a member is there and equal to a value.
fn is(map: &Map, key: &str, expected: &Val, room: &mut Room) -> Result<bool, MethodFault> {
    match map.get(key) {
        Some(value) => room.equal(&value, expected, &mut { MAX_LOOKS }),
        None => Ok(false),
    }
}

/// Whether a map may have so many members more.
fn room_for(map: &Map, added: usize, room: &mut Room) -> Result<(), MethodFault> {
    room.copy(added);
    if map.len().saturating_add(added) > room.output {
        return Err(MethodFault::TooLarge);
    }
    Ok(())
}
