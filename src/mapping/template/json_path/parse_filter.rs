//! From the text of a condition to a [`Filter`].

use fancy_regex::RegexBuilder;

use crate::json::{Number, Value};

use super::{
    JsonPathError, MAX_NESTING,
    compare::Order,
    cursor::Cursor,
    filter::{Filter, Operand, Operator},
    parse,
};

/// How often a pattern may turn back before it is said not to match.
const MAX_BACKTRACKS: usize = 20_000;

/// The operators that are signs, the longer before those they begin with.
const SIGNS: [(&str, Operator); 6] = [
    ("==", Operator::Equal),
    ("!=", Operator::NotEqual),
    ("<=", Operator::Order(Order::AtMost)),
    (">=", Operator::Order(Order::AtLeast)),
    ("<", Operator::Order(Order::Less)),
    (">", Operator::Order(Order::Greater)),
];

/// The operators that are words.
const WORDS: [(&str, Operator); 6] = [
    ("in", Operator::In),
    ("nin", Operator::NotIn),
    ("contains", Operator::Contains),
    ("size", Operator::Size),
    ("empty", Operator::Empty),
    ("exists", Operator::Exists),
];

/// `a || b`, up to where it ends.
pub(super) fn any(cursor: &mut Cursor<'_>, depth: usize) -> Result<Filter, JsonPathError> {
    if depth > MAX_NESTING {
        return Err(cursor.error("the condition nests too deep"));
    }
    let mut conditions = vec![all(cursor, depth)?];
    while cursor.eat("||") {
        conditions.push(all(cursor, depth)?);
    }
    Ok(one_or(conditions, Filter::Any))
}

/// `a && b`
fn all(cursor: &mut Cursor<'_>, depth: usize) -> Result<Filter, JsonPathError> {
    let mut conditions = vec![condition(cursor, depth)?];
    while cursor.eat("&&") {
        conditions.push(condition(cursor, depth)?);
    }
    Ok(one_or(conditions, Filter::All))
}

fn one_or(mut conditions: Vec<Filter>, several: fn(Vec<Filter>) -> Filter) -> Filter {
    match conditions.len() {
        1 => conditions.remove(0),
        _ => several(conditions),
    }
}

/// `!a`, `(a)` or a comparison, with the blanks around it.
fn condition(cursor: &mut Cursor<'_>, depth: usize) -> Result<Filter, JsonPathError> {
    cursor.skip_blanks();
    let condition = if cursor.eat("!") {
        if depth >= MAX_NESTING {
            return Err(cursor.error("the condition nests too deep"));
        }
        Filter::Not(Box::new(condition(cursor, depth + 1)?))
    } else if cursor.eat("(") {
        let inner = any(cursor, depth + 1)?;
        cursor.expect(")")?;
        inner
    } else {
        comparison(cursor, depth)?
    };
    cursor.skip_blanks();
    Ok(condition)
}

fn comparison(cursor: &mut Cursor<'_>, depth: usize) -> Result<Filter, JsonPathError> {
    let left = operand(cursor, depth)?;
    cursor.skip_blanks();
    if cursor.eat("=~") {
        cursor.skip_blanks();
        return Ok(Filter::Matches(left, Box::new(pattern(cursor)?)));
    }
    let sign = SIGNS.iter().find(|(sign, _)| cursor.eat(sign));
    let operator = sign.or_else(|| WORDS.iter().find(|(word, _)| cursor.eat_word(word)));
    let Some((_, operator)) = operator else {
        return Ok(Filter::Holds(left));
    };
    cursor.skip_blanks();
    Ok(Filter::Compare(left, *operator, operand(cursor, depth)?))
}

fn operand(cursor: &mut Cursor<'_>, depth: usize) -> Result<Operand, JsonPathError> {
    if cursor.eat("@") {
        return parse::path_in_filter(cursor, depth).map(Operand::Item);
    }
    if cursor.eat("$") {
        return parse::path_in_filter(cursor, depth).map(Operand::Root);
    }
    literal(cursor, depth).map(Operand::Literal)
}

fn literal(cursor: &mut Cursor<'_>, depth: usize) -> Result<Value, JsonPathError> {
    if let Some(text) = cursor.quoted()? {
        return Ok(Value::from(text));
    }
    if cursor.eat("[") {
        return list(cursor, depth);
    }
    for (word, value) in [
        ("true", Value::Bool(true)),
        ("false", Value::Bool(false)),
        ("null", Value::Null),
    ] {
        if cursor.eat_word(word) {
            return Ok(value);
        }
    }
    let expected = "expected `@`, `$`, a text in quotes, a number, true, false, null or a list";
    let error = cursor.error(expected);
    let number = cursor.take_while(|next| next.is_ascii_alphanumeric() || "+-.".contains(next));
    Number::parse(number).map(Value::from).ok_or(error)
}

/// The items of a list, after its bracket.
fn list(cursor: &mut Cursor<'_>, depth: usize) -> Result<Value, JsonPathError> {
    if depth > MAX_NESTING {
        return Err(cursor.error("the list nests too deep"));
    }
    let mut items = Vec::new();
    cursor.skip_blanks();
    while !cursor.eat("]") {
        items.push(literal(cursor, depth + 1)?);
        cursor.skip_blanks();
        if !cursor.eat(",") {
            cursor.expect("]")?;
            break;
        }
        cursor.skip_blanks();
    }
    Ok(Value::from(items))
}

/// `/pattern/flags`: the pattern has to match the whole text.
fn pattern(cursor: &mut Cursor<'_>) -> Result<fancy_regex::Regex, JsonPathError> {
    let error = cursor.error("expected a pattern such as /a.*/i");
    cursor.expect("/")?;
    let rest = cursor.rest();
    let Some(end) = closing_slash(rest) else {
        return Err(error);
    };
    let source = &rest[..end];
    cursor.eat(source);
    cursor.expect("/")?;
    let flags = cursor.take_while(|next| next.is_ascii_alphabetic());
    let mut set = String::new();
    for flag in flags.chars() {
        match flag {
            'i' | 's' | 'm' | 'x' => set.push(flag),
            // Java's case folding beyond ASCII, which is always on here.
            'u' | 'U' => {}
            other => return Err(cursor.error(format!("there is no flag `{other}`; the flags end"))),
        }
    }
    let group = if set.is_empty() {
        "(?:".to_owned()
    } else {
        format!("(?{set}:")
    };
    RegexBuilder::new(&format!(r"\A{group}{source})\z"))
        .backtrack_limit(MAX_BACKTRACKS)
        .build()
        .map_err(|_| error)
}

/// Where the pattern ends: the first slash that no backslash stands before.
fn closing_slash(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (index, byte) in text.bytes().enumerate() {
        match byte {
            b'/' if !escaped => return Some(index),
            b'\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    None
}
