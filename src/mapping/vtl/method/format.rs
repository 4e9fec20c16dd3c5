//! `String.format`, as far as texts need it: no dates, and the notation of this side of the ocean.

use super::{MethodFault, Room, Val};
use crate::{json::Number, mapping::vtl::value::approximate};

/// The most characters a number is written with behind its point.
const MAX_PRECISION: usize = 400;

/// The most digits a number is filled up to with zeros.
const MAX_ZEROS: usize = 4096;

/// `%1$-08.2f`, read.
#[derive(Debug, Default)]
struct Specifier<'f> {
    /// As it is written, for messages.
    written: &'f str,
    /// Which argument, from 1; the next when it does not say.
    index: Option<usize>,
    flags: &'f str,
    width: usize,
    precision: Option<usize>,
    conversion: char,
}

/// Writes a format with its arguments.
pub(super) fn format(
    format: &str,
    arguments: &[Val],
    room: &mut Room,
) -> Result<String, MethodFault> {
    let mut out = String::new();
    let mut rest = format;
    let mut next = 0;
    while let Some((plain, specifier)) = rest.split_once('%') {
        let (specifier, after) = read(specifier)?;
        rest = after;
        out.push_str(plain);
        let text = match specifier.conversion {
            'n' => "\n".to_owned(),
            '%' => "%".to_owned(),
            _ => {
                let index = specifier.index.unwrap_or_else(|| {
                    next += 1;
                    next
                });
                let argument = index.checked_sub(1).and_then(|index| arguments.get(index));
                let missing = || {
                    let written = specifier.written;
                    MethodFault::Thrown(format!("Format specifier '%{written}'"))
                };
                convert(&specifier, argument.ok_or_else(missing)?, room)?
            }
        };
        room.fits(out.len().saturating_add(text.len().max(specifier.width)))?;
        pad(&specifier, &text, &mut out);
    }
    out.push_str(rest);
    room.make(out.len())?;
    Ok(out)
}

/// Reads a specifier after its `%`, and gives what follows it.
fn read(text: &str) -> Result<(Specifier<'_>, &str), MethodFault> {
    let unknown = |conversion: &str| {
        MethodFault::Thrown(format!(
            "UnknownFormatConversion: Conversion = '{conversion}'"
        ))
    };
    let mut rest = text;
    let mut index = None;
    if let (digits, Some(after)) = number(rest)
        && let Some(after) = after.strip_prefix('$')
    {
        (index, rest) = (Some(digits), after);
    }
    let length = rest
        .bytes()
        .take_while(|byte| b"-#+ 0,(".contains(byte))
        .count();
    let (flags, after) = rest.split_at(length);
    let (width, after) = match number(after) {
        (width, Some(after)) => (width, after),
        (_, None) => (0, after),
    };
    let (precision, after) = match after.strip_prefix('.').map(number) {
        Some((precision, Some(after))) => (Some(precision), after),
        Some((_, None)) => return Err(unknown("%")),
        None => (None, after),
    };
    let conversion = after.chars().next().ok_or_else(|| unknown("%"))?;
    if !"bBhHsScCdoxXeEf%n".contains(conversion) {
        return Err(unknown(conversion.encode_utf8(&mut [0; 4])));
    }
    let after = &after[1..];
    let specifier = Specifier {
        written: &text[..text.len() - after.len()],
        index,
        flags,
        width,
        precision,
        conversion,
    };
    Ok((specifier, after))
}

/// The digits a text begins with, and what follows them when there are any.
fn number(text: &str) -> (usize, Option<&str>) {
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, after) = text.split_at(length);
    let value = digits.parse().unwrap_or(usize::MAX);
    (value, (length > 0).then_some(after))
}

fn convert(
    specifier: &Specifier<'_>,
    argument: &Val,
    room: &mut Room,
) -> Result<String, MethodFault> {
    let conversion = specifier.conversion;
    let text = match (conversion.to_ascii_lowercase(), argument) {
        ('b', Val::Bool(bool)) => bool.to_string(),
        ('b', other) => (!other.is_null()).to_string(),
        ('s', other) => {
            let text = other.printed(room.output)?;
            room.work(text.len());
            shortened(text, specifier.precision)
        }
        (_, Val::Null) => shortened("null".to_owned(), specifier.precision),
        ('h', other) => format!("{:x}", super::hash::code(other, room)?),
        ('c', Val::Text(text)) if text.chars().count() == 1 => text.as_ref().to_owned(),
        ('c', Val::Number(Number::Int(code))) => {
            let char = u32::try_from(*code).ok().and_then(char::from_u32);
            let wrong = || MethodFault::Thrown(format!("Code point = 0x{code:x}"));
            char.ok_or_else(wrong)?.to_string()
        }
        ('d', Val::Number(Number::Int(int))) => signed(specifier, &int.to_string()),
        ('d', Val::Number(Number::Text(digits))) if is_whole(digits) => signed(specifier, digits),
        ('x' | 'o', Val::Number(Number::Int(int))) => {
            let digits = unsigned(conversion.eq_ignore_ascii_case(&'x'), *int);
            let zeros = if specifier.flags.contains('0') {
                specifier.width.min(MAX_ZEROS)
            } else {
                0
            };
            format!("{digits:0>zeros$}")
        }
        ('f' | 'e', Val::Number(number)) if has_point(number) => {
            let precision = specifier.precision.unwrap_or(6).min(MAX_PRECISION);
            let scientific = conversion != 'f';
            signed(
                specifier,
                &decimal(approximate(number), precision, scientific),
            )
        }
        (_, other) => {
            let class = other.class_name();
            return Err(MethodFault::Thrown(format!("{conversion} != {class}")));
        }
    };
    Ok(match conversion.is_ascii_uppercase() {
        true => text.to_uppercase(),
        false => text,
    })
}

/// The digits of a number without a sign: an `Integer` has half as many as a `Long`.
fn unsigned(hexadecimal: bool, int: i64) -> String {
    match (i32::try_from(int), hexadecimal) {
        (Ok(int), true) => format!("{int:x}"),
        (Ok(int), false) => format!("{int:o}"),
        (Err(_), true) => format!("{int:x}"),
        (Err(_), false) => format!("{int:o}"),
    }
}

/// A number with the signs and groups that the flags ask for.
fn signed(specifier: &Specifier<'_>, number: &str) -> String {
    let (negative, magnitude) = match number.strip_prefix('-') {
        Some(magnitude) => (true, magnitude),
        None => (false, number),
    };
    let has = |flag: char| specifier.flags.contains(flag);
    let (whole, fraction) = match magnitude.find(['.', 'e']) {
        Some(point) => magnitude.split_at(point),
        None => (magnitude, ""),
    };
    let mut digits = if has(',') {
        grouped(whole)
    } else {
        whole.to_owned()
    };
    digits.push_str(fraction);
    let (before, after) = match negative {
        true if has('(') => ("(", ")"),
        true => ("-", ""),
        false if has('+') => ("+", ""),
        false if has(' ') => (" ", ""),
        false => ("", ""),
    };
    let length = before.len() + digits.len() + after.len();
    let zeros = if has('0') {
        specifier.width.min(MAX_ZEROS).saturating_sub(length)
    } else {
        0
    };
    format!("{before}{}{digits}{after}", "0".repeat(zeros))
}

fn grouped(digits: &str) -> String {
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A double with so many digits behind the point. As in Java, it is the shortest digits that mean
/// it that are rounded, and a half goes up.
fn decimal(float: f64, precision: usize, scientific: bool) -> String {
    if float.is_infinite() {
        return if float > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    let shortest = format!("{:e}", float.abs());
    let (mantissa, exponent) = shortest.split_once('e').unwrap_or((&shortest, "0"));
    let exponent: i64 = exponent.parse().unwrap_or_default();
    let digits: Vec<u8> = mantissa.bytes().filter(u8::is_ascii_digit).collect();
    let sign = if float.is_sign_negative() { "-" } else { "" };
    let point = if scientific { 1 } else { exponent + 1 };
    let (digits, carried) = rounded(&digits, point, precision);
    let (whole, fraction) = digits.split_at(digits.len() - precision);
    let (mut whole, mut fraction) = (whole.to_owned(), fraction.to_owned());
    if !scientific {
        let point = if precision > 0 { "." } else { "" };
        return format!("{sign}{whole}{point}{fraction}");
    }
    let mut exponent = exponent;
    if carried {
        // `9.99` became `10.0`.
        fraction.insert(0, '0');
        fraction.truncate(precision);
        whole.truncate(1);
        exponent += 1;
    }
    let point = if precision > 0 { "." } else { "" };
    let direction = if exponent < 0 { '-' } else { '+' };
    let exponent = exponent.unsigned_abs();
    format!("{sign}{whole}{point}{fraction}e{direction}{exponent:02}")
}

/// The digits before the point and so many behind it; whether there is one more before it now.
fn rounded(digits: &[u8], point: i64, precision: usize) -> (String, bool) {
    let wanted = point + precision as i64;
    let at = |place: i64| {
        let digit = usize::try_from(place)
            .ok()
            .and_then(|place| digits.get(place));
        digit.copied().unwrap_or(b'0')
    };
    let first = point.min(1) - 1;
    let mut kept: Vec<u8> = (first.min(0)..wanted).map(at).collect();
    let mut up = wanted >= 0 && at(wanted) >= b'5';
    for digit in kept.iter_mut().rev() {
        if !up {
            break;
        }
        up = *digit == b'9';
        *digit = if up { b'0' } else { *digit + 1 };
    }
    if up {
        kept.insert(0, b'1');
    }
    let text = String::from_utf8(kept).unwrap_or_default();
    let text = match text.len() <= precision {
        true => format!("{text:0>width$}", width = precision + 1),
        false => text,
    };
    (text, up)
}

fn shortened(text: String, precision: Option<usize>) -> String {
    match precision {
        Some(most) => text.chars().take(most).collect(),
        None => text,
    }
}

fn pad(specifier: &Specifier<'_>, text: &str, out: &mut String) {
    let missing = specifier.width.saturating_sub(text.chars().count());
    let left = specifier.flags.contains('-');
    if left {
        out.push_str(text);
    }
    out.extend(std::iter::repeat_n(' ', missing));
    if !left {
        out.push_str(text);
    }
}

fn is_whole(digits: &str) -> bool {
    !digits.contains(['.', 'e', 'E'])
}

/// Whether Java has it as a `Double` or a `BigDecimal`.
fn has_point(number: &Number) -> bool {
    match number {
        Number::Int(_) => false,
        Number::Float(_) => true,
        Number::Text(digits) => !is_whole(digits),
    }
}
