//! Methods of Java's numbers and booleans, with those of their classes that are reached through a
//! value, such as `$number.parseInt("1")`.

use super::{
    MethodFault, Room, Val, any,
    arguments::{int, text},
};
use crate::{
    json::Number,
    mapping::vtl::value::{approximate, compare},
};

type Outcome = Result<Val, MethodFault>;

/// Calls a method of a number.
pub(super) fn call(number: &Number, name: &str, arguments: &[Val], room: &mut Room) -> Outcome {
    for group in [convert, ask, parse, compute] {
        match group(number, name, arguments) {
            Err(MethodFault::Unknown) => {}
            outcome => return outcome,
        }
    }
    any(&Val::Number(number.clone()), name, arguments, room)
}

/// Calls a method of a boolean.
pub(super) fn call_bool(bool: bool, name: &str, arguments: &[Val], room: &mut Room) -> Outcome {
    Ok(Val::Bool(match (name, arguments) {
        ("booleanValue", []) => bool,
        ("parseBoolean" | "valueOf", [Val::Text(text)]) => text.eq_ignore_ascii_case("true"),
        ("valueOf", [Val::Bool(other)]) => *other,
        ("logicalAnd", [Val::Bool(a), Val::Bool(b)]) => *a && *b,
        ("logicalOr", [Val::Bool(a), Val::Bool(b)]) => *a || *b,
        ("logicalXor", [Val::Bool(a), Val::Bool(b)]) => a != b,
        ("compareTo", [Val::Bool(other)]) => return Ok(sign(bool.cmp(other))),
        _ => return any(&Val::Bool(bool), name, arguments, room),
    }))
}

fn convert(number: &Number, name: &str, arguments: &[Val]) -> Outcome {
    let [] = arguments else {
        return Err(MethodFault::Unknown);
    };
    Ok(match name {
        "intValue" => Val::from(i64::from(match number {
            // A `Double` that does not fit becomes the nearest that does, a `Long` loses its top.
            Number::Float(float) => *float as i32,
            other => long(other) as i32,
        })),
        "shortValue" => Val::from(i64::from(long(number) as i32 as i16)),
        "byteValue" => Val::from(i64::from(long(number) as i32 as i8)),
        "longValue" => Val::from(long(number)),
        "doubleValue" => float(approximate(number)),
        // The digits that a `float` prints are the shortest that mean it.
        "floatValue" => {
            let single = approximate(number) as f32;
            float(single.to_string().parse().unwrap_or(f64::from(single)))
        }
        "toPlainString" => Val::from(Val::Number(number.clone()).printed(usize::MAX)?),
        _ => return Err(MethodFault::Unknown),
    })
}

fn ask(number: &Number, name: &str, arguments: &[Val]) -> Outcome {
    Ok(match (name, arguments) {
        ("compareTo", [Val::Number(other)]) => sign(compare(number, other)),
        ("compareTo", [other]) => {
            let (from, to) = (other.class_name(), Val::Number(number.clone()).class_name());
            let message = format!("class {from} cannot be cast to class {to}");
            return Err(MethodFault::Thrown(message));
        }
        ("isNaN" | "isInfinite", []) => Val::Bool(false),
        ("signum", []) => sign(compare(number, &Number::Int(0))),
        _ => return Err(MethodFault::Unknown),
    })
}

fn parse(number: &Number, name: &str, arguments: &[Val]) -> Outcome {
    let is_float = matches!(number, Number::Float(_));
    match (name, arguments) {
        ("parseInt", [digits]) => parse_int(text(digits)?, 10, i32::MAX.into()),
        ("parseLong", [digits]) => parse_int(text(digits)?, 10, i64::MAX),
        ("parseInt", [digits, radix]) => parse_int(text(digits)?, int(radix)?, i32::MAX.into()),
        ("parseLong", [digits, radix]) => parse_int(text(digits)?, int(radix)?, i64::MAX),
        ("parseDouble" | "parseFloat", [digits]) => parse_double(text(digits)?),
        ("valueOf", [digits @ Val::Text(_)]) if is_float => parse_double(text(digits)?),
        ("valueOf", [digits @ Val::Text(_)]) => {
            let most = if fits_int(number) {
                i32::MAX.into()
            } else {
                i64::MAX
            };
            parse_int(text(digits)?, 10, most)
        }
        ("valueOf", [Val::Number(other)]) => Ok(match is_float {
            true => float(approximate(other)),
            false => Val::Number(other.clone()),
        }),
        _ => Err(MethodFault::Unknown),
    }
}

fn compute(number: &Number, name: &str, arguments: &[Val]) -> Outcome {
    let both = |a: &Val, b: &Val| match (a, b) {
        (Val::Number(a), Val::Number(b)) => Ok((a.clone(), b.clone())),
        _ => Err(MethodFault::Unknown),
    };
    Ok(match (name, arguments) {
        ("max", [a, b]) => {
            let (a, b) = both(a, b)?;
            Val::Number(if compare(&a, &b).is_lt() { b } else { a })
        }
        ("min", [a, b]) => {
            let (a, b) = both(a, b)?;
            Val::Number(if compare(&a, &b).is_gt() { b } else { a })
        }
        ("compare", [a, b]) => {
            let (a, b) = both(a, b)?;
            sign(compare(&a, &b))
        }
        ("sum", [a, b]) => match both(a, b)? {
            (Number::Int(a), Number::Int(b)) if fits_int(number) => {
                Val::from(i64::from(a.wrapping_add(b) as i32))
            }
            (Number::Int(a), Number::Int(b)) => Val::from(a.wrapping_add(b)),
            (a, b) => float(approximate(&a) + approximate(&b)),
        },
        ("signum", [Val::Number(other)]) => sign(compare(other, &Number::Int(0))),
        ("toHexString", [value]) => Val::from(format!("{:x}", unsigned(int(value)?))),
        ("toOctalString", [value]) => Val::from(format!("{:o}", unsigned(int(value)?))),
        ("toBinaryString", [value]) => Val::from(format!("{:b}", unsigned(int(value)?))),
        ("toString", [Val::Number(other)]) => {
            Val::from(Val::Number(other.clone()).printed(usize::MAX)?)
        }
        ("toString", [Val::Number(Number::Int(value)), radix]) => {
            Val::from(in_radix(*value, int(radix)?))
        }
        _ => return Err(MethodFault::Unknown),
    })
}

fn parse_int(digits: &str, radix: i64, most: i64) -> Outcome {
    let fault = || MethodFault::Thrown(format!("For input string: \"{digits}\""));
    let radix = u32::try_from(radix)
        .ok()
        .filter(|radix| (2..=36).contains(radix));
    let value = i64::from_str_radix(digits, radix.ok_or_else(fault)?).map_err(|_| fault())?;
    if value > most || value < -most - 1 {
        return Err(fault());
    }
    Ok(Val::from(value))
}

fn parse_double(digits: &str) -> Outcome {
    let trimmed = digits.trim_matches(|char: char| char <= ' ');
    let numeric = trimmed
        .strip_suffix(['d', 'D', 'f', 'F'])
        .unwrap_or(trimmed);
    // Rust reads words that Java does not.
    let plain = numeric
        .bytes()
        .all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'-' | b'+' | b'e' | b'E'));
    let value = plain.then(|| numeric.parse::<f64>().ok()).flatten();
    let value = value.and_then(Number::from_f64);
    value.map(Val::Number).ok_or_else(|| {
        MethodFault::Thrown(match trimmed {
            "" => "empty String".to_owned(),
            _ => format!("For input string: \"{digits}\""),
        })
    })
}

fn in_radix(value: i64, radix: i64) -> String {
    let radix = u32::try_from(radix)
        .ok()
        .filter(|radix| (2..=36).contains(radix));
    let radix = radix.unwrap_or(10);
    let mut digits = Vec::new();
    let mut rest = value.unsigned_abs();
    loop {
        let digit = (rest % u64::from(radix)) as u32;
        digits.extend(char::from_digit(digit, radix));
        rest /= u64::from(radix);
        if rest == 0 {
            break;
        }
    }
    if value < 0 {
        digits.push('-');
    }
    digits.into_iter().rev().collect()
}

/// The number as a `long`, as Java narrows it.
fn long(number: &Number) -> i64 {
    match number {
        Number::Int(int) => *int,
        Number::Float(float) => *float as i64,
        Number::Text(digits) => match digits.parse::<i128>() {
            Ok(whole) => whole as i64,
            Err(_) => number
                .as_i64()
                .unwrap_or_else(|| approximate(number) as i64),
        },
    }
}

fn float(float: f64) -> Val {
    Number::from_f64(float).map_or(Val::Null, Val::Number)
}

fn fits_int(number: &Number) -> bool {
    matches!(number, Number::Int(int) if i32::try_from(*int).is_ok())
}

fn unsigned(int: i64) -> u32 {
    int as i32 as u32
}

fn sign(order: std::cmp::Ordering) -> Val {
    Val::from(order as i64)
}
