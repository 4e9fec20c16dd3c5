//! How Java prints a value: `{a=1, b=[x, y]}`.

use std::fmt::Write;

use super::{List, Map, Val, from::range};
use crate::json::{Kind, Number, View};

/// A value that is spelled out would be longer than was allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("what is written is too long")]
pub(crate) struct Oversized;

impl Val {
    /// Appends what `toString()` gives; `null` for null. Stops soon after the text is longer than
    /// the limit, in bytes.
    pub(crate) fn print(&self, out: &mut String, limit: usize) -> Result<(), Oversized> {
        match self {
            Val::Null => out.push_str("null"),
            Val::Bool(bool) => out.push_str(if *bool { "true" } else { "false" }),
            Val::Number(number) => print_number(number, out),
            Val::Text(text) => return print_text(text, out, limit),
            Val::List(list) => return print_list(list, out, limit),
            Val::Map(map) => {
                return print_map(map, out, limit, &|value, out| value.print(out, limit));
            }
            Val::Range(first, last) => {
                let numbers = range(*first, *last).map(Val::from);
                return items(numbers, out, limit, |item, out| item.print(out, limit));
            }
            Val::Entry(map, key) => {
                print_text(key, out, limit)?;
                out.push('=');
                return map.get(key).unwrap_or_default().print(out, limit);
            }
            // The embedding has no text for it.
            Val::Object(_) => {}
        }
        within(out, limit)
    }

    /// What `toString()` gives.
    pub(crate) fn printed(&self, limit: usize) -> Result<String, Oversized> {
        let mut out = String::new();
        self.print(&mut out, limit)?;
        Ok(out)
    }
}

impl Map {
    /// Appends what `toString()` gives, but for lists: those are JSON, as API Gateway has it.
    pub(crate) fn print_with_json(&self, out: &mut String, limit: usize) -> Result<(), Oversized> {
        print_map(self, out, limit, &|value, out| match value {
            Val::Map(map) => map.print_with_json(out, limit),
            Val::List(_) => {
                let mut json = Vec::new();
                value.write_json(&mut json, limit.saturating_sub(out.len()))?;
                out.push_str(&String::from_utf8_lossy(&json));
                Ok(())
            }
            value => value.print(out, limit),
        })
    }
}

/// Appends a number as Java prints it.
pub(crate) fn print_number(number: &Number, out: &mut String) {
    match number {
        Number::Int(int) => out.push_str(itoa::Buffer::new().format(*int)),
        Number::Float(float) => print_double(*float, out),
        Number::Text(text) => out.push_str(text),
    }
}

/// Appends a double as `Double.toString` does: with a point always, and with an exponent from ten
/// million up and below a thousandth.
fn print_double(float: f64, out: &mut String) {
    if !float.is_finite() {
        out.push_str(match float {
            f64::INFINITY => "Infinity",
            f64::NEG_INFINITY => "-Infinity",
            _ => "NaN",
        });
        return;
    }
    let magnitude = float.abs();
    if magnitude == 0.0 || (1e-3..1e7).contains(&magnitude) {
        // Writing to a string cannot fail.
        let _ = write!(out, "{float:?}");
        return;
    }
    let scientific = format!("{float:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    out.push_str(mantissa);
    if !mantissa.contains('.') {
        out.push_str(".0");
    }
    out.push('E');
    out.push_str(exponent);
}

fn print_list(list: &List, out: &mut String, limit: usize) -> Result<(), Oversized> {
    match list.origin() {
        Some(origin) => print_view(origin.view(), out, limit),
        None => {
            list.read(|list| items(list.iter(), out, limit, |item, out| item.print(out, limit)))
        }
    }
}

fn print_map(
    map: &Map,
    out: &mut String,
    limit: usize,
    print: &dyn Fn(&Val, &mut String) -> Result<(), Oversized>,
) -> Result<(), Oversized> {
    map.read(|map| {
        out.push('{');
        for (index, (key, value)) in map.iter().enumerate() {
            separate(index, out);
            print_text(key, out, limit)?;
            out.push('=');
            print(value, out)?;
        }
        out.push('}');
        within(out, limit)
    })
}

/// Appends what stands in a document, or was built.
fn print_view(view: View<'_>, out: &mut String, limit: usize) -> Result<(), Oversized> {
    match view.kind() {
        Kind::List => items(view.items(), out, limit, |item, out| {
            print_view(item, out, limit)
        }),
        // Of a name that is repeated the first counts, which the map knows.
        Kind::Object => Val::from(view).print(out, limit),
        Kind::String => print_text(&view.as_str().unwrap_or_default(), out, limit),
        Kind::Null | Kind::Bool | Kind::Number => Val::from(view).print(out, limit),
    }
}

fn items<T>(
    items: impl Iterator<Item = T>,
    out: &mut String,
    limit: usize,
    mut print: impl FnMut(T, &mut String) -> Result<(), Oversized>,
) -> Result<(), Oversized> {
    out.push('[');
    for (index, item) in items.enumerate() {
        separate(index, out);
        print(item, out)?;
    }
    out.push(']');
    within(out, limit)
}

fn print_text(text: &str, out: &mut String, limit: usize) -> Result<(), Oversized> {
    if text.len() > limit.saturating_sub(out.len()) {
        return Err(Oversized);
    }
    out.push_str(text);
    Ok(())
}

fn separate(before: usize, out: &mut String) {
    if before > 0 {
        out.push_str(", ");
    }
}

fn within(out: &str, limit: usize) -> Result<(), Oversized> {
    if out.len() > limit {
        return Err(Oversized);
    }
    Ok(())
}
