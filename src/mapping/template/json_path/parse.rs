//! From the text of a path to its steps.

use super::{
    Function, JsonPath, JsonPathError, MAX_LENGTH, MAX_STEPS, Pick, Step, cursor::Cursor,
    parse_filter,
};

/// What cannot be in a name after a dot. A filter goes on after its paths, so there its operators
/// end a name too.
const ENDS: &str = ".[( ";
const ENDS_IN_FILTER: &str = ".[( )]=<>!&|~,\t\r\n";

/// Parses a whole text.
pub(super) fn path(text: &str) -> Result<JsonPath, JsonPathError> {
    let text = text.trim();
    let mut cursor = Cursor::new(text);
    if text.len() > MAX_LENGTH {
        return Err(cursor.error("expected a path of 4096 bytes at the most"));
    }
    if text.is_empty() {
        return Err(cursor.error("expected a path"));
    }
    let rooted = cursor.eat("$") || cursor.eat("@");
    let path = steps(&mut cursor, ENDS, rooted, 0)?;
    if !cursor.is_at_end() {
        return Err(cursor.error("expected `.`, `[` or the end"));
    }
    Ok(path)
}

/// Parses a path in a filter, after its `@` or `$`; what follows is left alone.
pub(super) fn path_in_filter(
    cursor: &mut Cursor<'_>,
    depth: usize,
) -> Result<JsonPath, JsonPathError> {
    steps(cursor, ENDS_IN_FILTER, true, depth)
}

/// The steps from here on. A path without `$` begins with a name.
fn steps(
    cursor: &mut Cursor<'_>,
    ends: &str,
    rooted: bool,
    depth: usize,
) -> Result<JsonPath, JsonPathError> {
    let mut path = JsonPath {
        steps: Vec::new(),
        function: None,
    };
    let mut dotless = !rooted && cursor.peek() != Some('[');
    loop {
        let scan = cursor.eat("..");
        let dotted = scan || cursor.eat(".") || std::mem::take(&mut dotless);
        let pick = match cursor.peek() {
            Some('[') => bracket(cursor, depth)?,
            _ if !dotted => return Ok(path),
            _ => {
                let Some(pick) = name(cursor, ends, &mut path.function)? else {
                    return Ok(path);
                };
                pick
            }
        };
        if path.steps.len() >= MAX_STEPS {
            return Err(cursor.error("there may be 64 steps and no more, as"));
        }
        path.steps.push(Step { scan, pick });
    }
}

/// What follows a dot; `None` for a function, which ends the path.
fn name(
    cursor: &mut Cursor<'_>,
    ends: &str,
    function: &mut Option<Function>,
) -> Result<Option<Pick>, JsonPathError> {
    if cursor.eat("*") {
        return Ok(Some(Pick::Every));
    }
    let name = cursor.take_while(|next| !ends.contains(next));
    if name.is_empty() {
        return Err(cursor.error("expected a name, `*` or `[`"));
    }
    if !cursor.eat("(") {
        return Ok(Some(Pick::Names(vec![name.into()])));
    }
    cursor.skip_blanks();
    cursor.expect(")")?;
    let known = Function::named(name);
    *function = Some(known.ok_or_else(|| {
        cursor.error(format!(
            "there is no function `{name}`; there are length, min, max, avg and sum; it ends"
        ))
    })?);
    Ok(None)
}

/// `[…]`
fn bracket(cursor: &mut Cursor<'_>, depth: usize) -> Result<Pick, JsonPathError> {
    cursor.expect("[")?;
    cursor.skip_blanks();
    let pick = match cursor.peek() {
        Some('*') => {
            cursor.eat("*");
            Pick::Every
        }
        Some('?') => {
            cursor.eat("?");
            cursor.skip_blanks();
            cursor.expect("(")?;
            let filter = parse_filter::any(cursor, depth + 1)?;
            cursor.expect(")")?;
            Pick::Filter(filter)
        }
        Some('\'' | '"') => Pick::Names(names(cursor)?),
        _ => numbers(cursor)?,
    };
    cursor.skip_blanks();
    cursor.expect("]")?;
    Ok(pick)
}

/// `'a', 'b'`
fn names(cursor: &mut Cursor<'_>) -> Result<Vec<Box<str>>, JsonPathError> {
    let mut names = Vec::new();
    loop {
        cursor.skip_blanks();
        let Some(name) = cursor.quoted()? else {
            return Err(cursor.error("expected a name in quotes"));
        };
        names.push(name.into());
        cursor.skip_blanks();
        if !cursor.eat(",") {
            return Ok(names);
        }
    }
}

/// `0`, `0,1` or `0:2`
fn numbers(cursor: &mut Cursor<'_>) -> Result<Pick, JsonPathError> {
    let first = cursor.integer()?;
    cursor.skip_blanks();
    if cursor.eat(":") {
        cursor.skip_blanks();
        let last = cursor.integer()?;
        cursor.skip_blanks();
        // Jayway takes a step width and ignores it.
        if cursor.eat(":") {
            cursor.skip_blanks();
            cursor.integer()?;
        }
        return Ok(Pick::Slice(first, last));
    }
    let expected = "expected `*`, an index, a name in quotes or `?(`";
    let mut indexes = vec![first.ok_or_else(|| cursor.error(expected))?];
    while cursor.eat(",") {
        cursor.skip_blanks();
        let index = cursor.integer()?;
        indexes.push(index.ok_or_else(|| cursor.error("expected an index"))?);
        cursor.skip_blanks();
    }
    Ok(Pick::Indexes(indexes))
}
