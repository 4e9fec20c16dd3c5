//! How far a word reaches. All of them look at the start of a text; zero is no match.

/// The bytes that continue a run.
fn run(bytes: &[u8], belongs: impl Fn(u8) -> bool) -> usize {
    bytes.iter().take_while(|byte| belongs(**byte)).count()
}

fn letter(byte: u8) -> bool {
    byte.is_ascii_alphabetic()
}

/// A root, member or method: a hyphen belongs to it.
pub(super) fn identifier(text: &[u8]) -> usize {
    match text.first() {
        Some(first) if letter(*first) || *first == b'_' => run(text, |byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
        }),
        _ => 0,
    }
}

/// The name of a directive.
pub(super) fn word(text: &[u8]) -> usize {
    match text.first() {
        Some(first) if letter(*first) || matches!(first, b'_' | b'@') => run(text, |byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'@')
        }),
        _ => 0,
    }
}

/// `{name}`
pub(super) fn bracketed_word(text: &[u8]) -> usize {
    let [b'{', inner @ ..] = text else { return 0 };
    if inner.first() == Some(&b'@') {
        return 0;
    }
    match word(inner) {
        0 => 0,
        length if inner.get(length) == Some(&b'}') => length + 2,
        _ => 0,
    }
}

pub(super) fn blanks(text: &[u8]) -> usize {
    run(text, |byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
}

/// One line end.
pub(super) fn newline(text: &[u8]) -> usize {
    match text {
        [b'\r', b'\n', ..] => 2,
        [b'\r' | b'\n', ..] => 1,
        _ => 0,
    }
}

/// Blanks up to a line end, and it; nothing when something else stands in the line.
pub(super) fn rest_of_line(text: &[u8]) -> usize {
    let blanks = run(text, |byte| matches!(byte, b' ' | b'\t'));
    match newline(text.get(blanks..).unwrap_or_default()) {
        0 => 0,
        length => blanks + length,
    }
}

pub(super) fn backslashes(text: &[u8]) -> usize {
    run(text, |byte| byte == b'\\')
}

/// `#set(`, with the blanks before it.
pub(super) fn set(text: &[u8]) -> usize {
    let before = run(text, |byte| matches!(byte, b' ' | b'\t'));
    let rest = text.get(before..).unwrap_or_default();
    let name = match rest {
        [b'#', b's', b'e', b't', ..] => 4,
        [b'#', b'{', b's', b'e', b't', b'}', ..] => 6,
        _ => return 0,
    };
    let rest = rest.get(name..).unwrap_or_default();
    let between = run(rest, |byte| byte == b' ');
    match rest.get(between) {
        Some(b'(') => before + name + between + 1,
        _ => 0,
    }
}

/// `"…"` or `'…'`, in which a doubled quote is one of them.
pub(super) fn quoted(text: &[u8]) -> usize {
    let Some(quote @ (b'"' | b'\'')) = text.first() else {
        return 0;
    };
    let (mut at, mut end) = (1, 0);
    while let Some(length) = memchr::memchr(*quote, text.get(at..).unwrap_or_default()) {
        end = at + length + 1;
        if text.get(end) != Some(quote) {
            break;
        }
        at = end + 1;
    }
    end
}

fn digits(text: &[u8]) -> usize {
    run(text, |byte| byte.is_ascii_digit())
}

/// A whole number, and whether it is one because two dots follow.
pub(super) fn integer(text: &[u8]) -> (usize, bool) {
    let sign = usize::from(text.first() == Some(&b'-'));
    match digits(text.get(sign..).unwrap_or_default()) {
        0 => (0, false),
        digits => {
            let length = sign + digits;
            (
                length,
                text.get(length..).unwrap_or_default().starts_with(b".."),
            )
        }
    }
}

fn exponent(text: &[u8]) -> usize {
    let [b'e' | b'E', rest @ ..] = text else {
        return 0;
    };
    let sign = usize::from(matches!(rest.first(), Some(b'+' | b'-')));
    match digits(rest.get(sign..).unwrap_or_default()) {
        0 => 0,
        digits => 1 + sign + digits,
    }
}

pub(super) fn float(text: &[u8]) -> usize {
    let sign = usize::from(text.first() == Some(&b'-'));
    let rest = text.get(sign..).unwrap_or_default();
    let whole = digits(rest);
    let after = rest.get(whole..).unwrap_or_default();
    if let [b'.', fraction @ ..] = after {
        let places = digits(fraction);
        if whole + places == 0 {
            return 0;
        }
        let power = exponent(fraction.get(places..).unwrap_or_default());
        return sign + whole + 1 + places + power;
    }
    match exponent(after) {
        power if whole > 0 && power > 0 => sign + whole + power,
        _ => 0,
    }
}
