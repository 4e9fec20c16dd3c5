//! Methods of Java's lists.

use std::cmp::Ordering;

use super::{
    MAX_LOOKS, MethodFault, Room, Val, any,
    arguments::{int, items, text},
    nothing,
};
use crate::mapping::vtl::value::{self, List, Shape};

type Outcome = Result<Val, MethodFault>;

/// Calls a method of a list.
pub(super) fn call(list: &List, name: &str, arguments: &[Val], room: &mut Room) -> Outcome {
    let places = [
        "get",
        "set",
        "indexOf",
        "lastIndexOf",
        "subList",
        "sort",
        "clone",
    ];
    // What a map gives of itself has no places.
    if list.shape() != Shape::List && places.contains(&name) {
        return Err(MethodFault::Unknown);
    }
    for group in [ask, change, change_many] {
        match group(list, name, arguments, room) {
            Err(MethodFault::Unknown) => {}
            outcome => return outcome,
        }
    }
    any(&Val::List(list.clone()), name, arguments, room)
}

/// The numbers of a range.
pub(super) fn of_range(first: i64, last: i64, room: &mut Room) -> Result<List, MethodFault> {
    let count = usize::try_from(first.abs_diff(last)).unwrap_or(usize::MAX);
    room.make_items(count.saturating_add(1))?;
    Ok(List::new(
        value::range(first, last).map(Val::from).collect(),
    )?)
}

fn ask(list: &List, name: &str, arguments: &[Val], room: &mut Room) -> Outcome {
    Ok(match (name, arguments) {
        ("size", []) => Val::from(list.len()),
        ("isEmpty", []) => Val::Bool(list.is_empty()),
        ("get", [index]) => {
            let index = int(index)?;
            let item = usize::try_from(index)
                .ok()
                .and_then(|index| list.get(index));
            item.ok_or_else(|| out_of_bounds(index, list))?
        }
        ("contains", [item]) => Val::Bool(position(list, item, room)?.is_some()),
        ("containsAll", [others]) => {
            let others = items(others, room)?;
            let looks = &mut { MAX_LOOKS };
            for other in &others {
                if list
                    .read(|items| room.position(items.iter(), other, looks))?
                    .is_none()
                {
                    return Ok(Val::Bool(false));
                }
            }
            Val::Bool(true)
        }
        ("indexOf", [item]) => index(position(list, item, room)?),
        ("lastIndexOf", [item]) => {
            let looks = &mut { MAX_LOOKS };
            let back = list.read(|items| room.position(items.iter().rev(), item, looks))?;
            index(back.map(|back| list.len() - 1 - back))
        }
        ("subList", [begin, end]) => sub_list(list, int(begin)?, int(end)?, room)?,
        ("join", [separator]) => join(list, text(separator)?, room)?,
        ("toArray" | "clone", []) => {
            room.make_items(list.len())?;
            Val::List(List::new(list.snapshot())?)
        }
        _ => return Err(MethodFault::Unknown),
    })
}

fn change(list: &List, name: &str, arguments: &[Val], room: &mut Room) -> Outcome {
    Ok(match (name, arguments) {
        ("add", [item]) => {
            room_for(list, 1, room)?;
            list.push(item.clone())?;
            Val::Bool(true)
        }
        ("add", [index, item]) => {
            let index = insertion(list, int(index)?)?;
            room_for(list, 1, room)?;
            room.copy(list.len() - index);
            list.insert(index, vec![item.clone()])?;
            nothing()
        }
        ("set", [index, item]) => {
            let index = int(index)?;
            let before = match usize::try_from(index) {
                Ok(index) => list.set(index, item.clone())?,
                Err(_) => None,
            };
            before.ok_or_else(|| out_of_bounds(index, list))?
        }
        // Java takes a number for an index, and everything else, a `Long` too, for an item.
        ("remove", [item]) => {
            room.copy(list.len());
            if list.shape() == Shape::List
                && let Ok(index) = int(item)
            {
                let removed = usize::try_from(index)
                    .ok()
                    .and_then(|index| list.remove(index));
                return removed.ok_or_else(|| out_of_bounds(index, list));
            }
            let found = position(list, item, room)?;
            Val::Bool(found.and_then(|index| list.remove(index)).is_some())
        }
        ("clear", []) => {
            list.clear();
            nothing()
        }
        _ => return Err(MethodFault::Unknown),
    })
}

fn change_many(list: &List, name: &str, arguments: &[Val], room: &mut Room) -> Outcome {
    Ok(match (name, arguments) {
        ("addAll", [others]) => {
            let others = items(others, room)?;
            room_for(list, others.len(), room)?;
            let any = !others.is_empty();
            list.extend(others)?;
            Val::Bool(any)
        }
        ("addAll", [index, others]) => {
            let (index, others) = (int(index)?, items(others, room)?);
            let index = insertion(list, index)?;
            room_for(list, others.len(), room)?;
            room.copy(list.len());
            let any = !others.is_empty();
            list.insert(index, others)?;
            Val::Bool(any)
        }
        ("removeAll", [others]) => keep(list, &items(others, room)?, false, room)?,
        ("retainAll", [others]) => keep(list, &items(others, room)?, true, room)?,
        ("sort", [Val::Null]) => {
            sort(list, room)?;
            nothing()
        }
        // They reserve memory, which is nobody's concern here.
        ("trimToSize", []) | ("ensureCapacity", [_]) => nothing(),
        _ => return Err(MethodFault::Unknown),
    })
}

/// Keeps the items that are among others, or those that are not.
fn keep(list: &List, others: &[Val], among: bool, room: &mut Room) -> Outcome {
    let looks = &mut { MAX_LOOKS };
    let mut kept = Vec::new();
    room.copy(list.len());
    let before = list.snapshot();
    for item in &before {
        if room.position(others.iter(), item, looks)?.is_some() == among {
            kept.push(item.clone());
        }
    }
    let changed = kept.len() != before.len();
    if changed {
        list.replace_by_own(kept);
    }
    Ok(Val::Bool(changed))
}

/// Sorts texts or numbers; Java throws for anything else, and for both together.
fn sort(list: &List, room: &mut Room) -> Result<(), MethodFault> {
    let mut items = list.snapshot();
    room.copy(items.len().saturating_mul(16));
    let comparable = items
        .windows(2)
        .all(|pair| order(&pair[0], &pair[1]).is_some());
    if !comparable {
        return Err(MethodFault::thrown(
            "the items cannot be compared with each other",
        ));
    }
    items.sort_by(|a, b| order(a, b).unwrap_or(Ordering::Equal));
    list.replace_by_own(items);
    Ok(())
}

fn order(a: &Val, b: &Val) -> Option<Ordering> {
    match (a, b) {
        (Val::Text(a), Val::Text(b)) => Some(a.encode_utf16().cmp(b.encode_utf16())),
        (Val::Number(a), Val::Number(b)) => Some(value::compare(a, b)),
        (Val::Bool(a), Val::Bool(b)) => Some(a.cmp(b)),
        _ => None,
    }
}

fn sub_list(list: &List, begin: i64, end: i64, room: &mut Room) -> Outcome {
    let message = match (usize::try_from(begin), usize::try_from(end)) {
        (Err(_), _) => format!("fromIndex = {begin}"),
        (_, Ok(end)) if end > list.len() => format!("toIndex = {end}"),
        (Ok(begin), Ok(end)) if begin <= end => {
            room.make_items(end - begin)?;
            let items = list.read(|items| items.get(begin..end).map(<[Val]>::to_vec));
            return Ok(Val::List(List::new(items.unwrap_or_default())?));
        }
        _ => format!("fromIndex({begin}) > toIndex({end})"),
    };
    Err(MethodFault::Thrown(message))
}

/// The items as texts with a separator between them, which Java's lists do not have: null is
/// nothing, and lists and maps are JSON, as everywhere in a leaf.
fn join(list: &List, separator: &str, room: &mut Room) -> Outcome {
    let mut out = String::new();
    list.read(|items| {
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                out.push_str(separator);
            }
            match item {
                Val::Null => room.fits(out.len())?,
                Val::List(_) | Val::Map(_) => {
                    let mut json = Vec::new();
                    item.write_json(&mut json, room.output.saturating_sub(out.len()))?;
                    out.push_str(&String::from_utf8_lossy(&json));
                }
                other => other.print(&mut out, room.output)?,
            }
        }
        Ok::<_, MethodFault>(())
    })?;
    room.make(out.len())?;
    Ok(Val::from(out))
}

fn position(list: &List, item: &Val, room: &mut Room) -> Result<Option<usize>, MethodFault> {
    list.read(|items| room.position(items.iter(), item, &mut { MAX_LOOKS }))
}

fn index(found: Option<usize>) -> Val {
    found.map_or_else(|| Val::from(-1_i64), Val::from)
}

/// Where something may be put in.
fn insertion(list: &List, index: i64) -> Result<usize, MethodFault> {
    let size = list.len();
    match usize::try_from(index) {
        Ok(index) if index <= size => Ok(index),
        _ => Err(MethodFault::Thrown(format!("Index: {index}, Size: {size}"))),
    }
}

/// Whether a list may have so many items more.
fn room_for(list: &List, added: usize, room: &mut Room) -> Result<(), MethodFault> {
    room.copy(added);
    if list.len().saturating_add(added) > room.output {
        return Err(MethodFault::TooLarge);
    }
    Ok(())
}

fn out_of_bounds(index: i64, list: &List) -> MethodFault {
    let length = list.len();
    MethodFault::Thrown(format!("Index {index} out of bounds for length {length}"))
}
