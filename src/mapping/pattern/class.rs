//! What stands between brackets, and the escapes that stand for one character.

use super::translate::{Fault, Reader, push_literal};

/// How deep brackets may stand inside brackets.
const MAX_DEPTH: usize = 32;

const HORIZONTAL: &str = r"\x20\t\x{A0}\x{1680}\x{180e}\x{2000}-\x{200a}\x{202f}\x{205f}\x{3000}";
const VERTICAL: &str = r"\n\x0B\f\r\x{85}\x{2028}\x{2029}";

/// One character, or one of several.
pub(super) enum One {
    Char(char),
    /// What stands between brackets for them.
    Of {
        negated: bool,
        class: String,
    },
}

impl One {
    /// As it stands outside of brackets.
    pub(super) fn outside(&self) -> String {
        match self {
            One::Char(char) => {
                let mut out = String::new();
                push_literal(*char, &mut out);
                out
            }
            One::Of { negated, class } => {
                format!("[{}{class}]", if *negated { "^" } else { "" })
            }
        }
    }
}

/// Translates a class, whose bracket was read.
pub(super) fn translate(reader: &mut Reader<'_>) -> Result<(), Fault> {
    nested(reader, 0)
}

fn nested(reader: &mut Reader<'_>, depth: usize) -> Result<(), Fault> {
    if depth > MAX_DEPTH {
        return Err("brackets nest too deep".to_owned());
    }
    reader.out.push('[');
    if reader.eat("^") {
        reader.out.push('^');
    }
    let mut empty = true;
    loop {
        if reader.eat("&&") {
            reader.out.push_str("&&");
            continue;
        }
        let char = reader.next().ok_or("a `[` is never closed")?;
        match char {
            ']' if !empty => break,
            '[' => nested(reader, depth + 1)?,
            '\\' if reader.eat("Q") => {
                while !reader.eat("\\E") {
                    let quoted = reader.next().ok_or("a `[` is never closed")?;
                    push_literal(quoted, &mut reader.out);
                }
            }
            '\\' => {
                let one = escaped(reader)?;
                item(reader, &one)?;
            }
            other => item(reader, &One::Char(other))?,
        }
        empty = false;
    }
    reader.out.push(']');
    Ok(())
}

/// A character, the first of a range, or an escape that stands for several.
fn item(reader: &mut Reader<'_>, one: &One) -> Result<(), Fault> {
    let One::Char(first) = one else {
        reader.out.push_str(&one.outside());
        return Ok(());
    };
    push_literal(*first, &mut reader.out);
    let Some(after) = reader.rest().strip_prefix('-') else {
        return Ok(());
    };
    // At the end it means itself.
    if after.is_empty() || after.starts_with([']', '[']) || after.starts_with("&&") {
        return Ok(());
    }
    reader.eat("-");
    let last = match reader.next().ok_or("a `[` is never closed")? {
        '\\' => match escaped(reader)? {
            One::Char(last) => last,
            One::Of { .. } => return Err("a range ends with one character".to_owned()),
        },
        other => other,
    };
    if last < *first {
        return Err(format!("the range `{first}-{last}` is upside down"));
    }
    reader.out.push('-');
    push_literal(last, &mut reader.out);
    Ok(())
}

/// What follows a backslash and stands for a character.
pub(super) fn escaped(reader: &mut Reader<'_>) -> Result<One, Fault> {
    let char = reader.next().ok_or("a backslash ends the pattern")?;
    let of = |negated, class: &str| {
        let class = class.to_owned();
        Ok(One::Of { negated, class })
    };
    Ok(One::Char(match char {
        'd' | 'D' => return of(char == 'D', "0-9"),
        'w' | 'W' => return of(char == 'W', "a-zA-Z_0-9"),
        's' | 'S' => return of(char == 'S', r"\x20\t\n\x0B\f\r"),
        'h' | 'H' => return of(char == 'H', HORIZONTAL),
        'v' | 'V' => return of(char == 'V', VERTICAL),
        'p' | 'P' => return property(reader, char == 'P'),
        't' => '\t',
        'n' => '\n',
        'r' => '\r',
        'f' => '\u{c}',
        'a' => '\u{7}',
        'e' => '\u{1b}',
        'c' => {
            let control = reader.next().ok_or("`\\c` needs a character")?;
            char::from_u32(u32::from(control) ^ 64).ok_or("`\\c` needs a character")?
        }
        'x' | 'u' | '0' => return code(reader, char).map(One::Char),
        letter if letter.is_ascii_alphanumeric() => {
            return Err(format!("`\\{letter}` means nothing"));
        }
        other => other,
    }))
}

/// `\x41`, `\x{1F600}`, `\u0041`, `\0101`
fn code(reader: &mut Reader<'_>, kind: char) -> Result<char, Fault> {
    let fault = || format!("`\\{kind}` needs a number");
    if kind == 'x' && reader.eat("{") {
        let (digits, _) = reader.rest().split_once('}').ok_or_else(fault)?;
        let code = u32::from_str_radix(digits, 16).map_err(|_| fault())?;
        reader.eat(digits);
        reader.eat("}");
        return char::from_u32(code).ok_or_else(fault);
    }
    let code = match kind {
        'x' => hex(reader, 2),
        'u' => hex(reader, 4),
        _ => octal(reader),
    };
    let code = code.ok_or_else(fault)?;
    if !(0xd800..0xdc00).contains(&code) {
        return char::from_u32(code).ok_or_else(fault);
    }
    // Two of them are one character.
    let low = if reader.eat("\\u") {
        hex(reader, 4)
    } else {
        None
    };
    let low = low
        .and_then(|low| u16::try_from(low).ok())
        .ok_or_else(fault)?;
    let pair = [code as u16, low];
    let joined = char::decode_utf16(pair).next().and_then(Result::ok);
    joined.ok_or_else(fault)
}

fn hex(reader: &mut Reader<'_>, length: usize) -> Option<u32> {
    let digits = reader.rest().get(..length)?;
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    reader.eat(digits);
    u32::from_str_radix(digits, 16).ok()
}

/// One to three digits, 377 at most.
fn octal(reader: &mut Reader<'_>) -> Option<u32> {
    let rest = reader.rest();
    let length = rest
        .bytes()
        .take(3)
        .take_while(|byte| (b'0'..=b'7').contains(byte))
        .count();
    let length = if length == 3 && !rest.starts_with(['0', '1', '2', '3']) {
        2
    } else {
        length
    };
    let digits = rest.get(..length).filter(|digits| !digits.is_empty())?;
    reader.eat(digits);
    u32::from_str_radix(digits, 8).ok()
}

/// `\p{Alpha}`, `\pL`
fn property(reader: &mut Reader<'_>, negated: bool) -> Result<One, Fault> {
    let name = if reader.eat("{") {
        let (name, _) = reader
            .rest()
            .split_once('}')
            .ok_or("a `\\p{` is never closed")?;
        reader.eat(name);
        reader.eat("}");
        name
    } else {
        let name = reader.rest().get(..1).ok_or("`\\p` needs a name")?;
        reader.eat(name);
        name
    };
    let class = match name {
        "Lower" => "a-z",
        "Upper" => "A-Z",
        "ASCII" => r"\x00-\x7F",
        "Alpha" => "a-zA-Z",
        "Digit" => "0-9",
        "Alnum" => "a-zA-Z0-9",
        "Punct" => r"\x21-\x2F\x3A-\x40\x5B-\x60\x7B-\x7E",
        "Graph" => r"\x21-\x7E",
        "Print" => r"\x20-\x7E",
        "Blank" => r"\x20\t",
        "Cntrl" => r"\x00-\x1F\x7F",
        "XDigit" => "0-9a-fA-F",
        "Space" => r"\x20\t\n\x0B\f\r",
        "javaLowerCase" => r"\p{Lowercase}",
        "javaUpperCase" => r"\p{Uppercase}",
        "javaWhitespace" => r"\p{White_Space}",
        other => return unicode(other, negated),
    };
    let class = class.to_owned();
    Ok(One::Of { negated, class })
}

/// What Unicode calls it: `L`, `Lu`, `IsLatin`, `IsAlphabetic`, `script=Greek`, `gc=Lu`.
fn unicode(name: &str, negated: bool) -> Result<One, Fault> {
    let plain = name.strip_prefix("Is").unwrap_or(name);
    let plain = plain.split_once('=').map_or(plain, |(_, value)| value);
    let letters = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if plain.is_empty() || !plain.bytes().all(letters) || name.starts_with("In") {
        return Err(format!("`\\p{{{name}}}` means nothing"));
    }
    let class = format!("\\p{{{plain}}}");
    Ok(One::Of { negated, class })
}
