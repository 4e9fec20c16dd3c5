//! What to say of a template whose text is no JSON: the text, the place of the fault in it, and the
//! line of the template that wrote it.
//!
//! See: appsync.md 2.4 (JSON checks).

use crate::{
    json::{Document, ParseError, Value},
    mapping::{
        MappingError,
        vtl::{Printed, line_and_column},
    },
};

/// How many lines of the text are shown around the fault.
const AROUND: usize = 2;

/// How much of a line is shown around the fault, in characters.
const WIDTH: usize = 60;

/// The document that a template printed.
pub(super) fn document(
    printed: Printed,
    source: &str,
    name: &str,
) -> Result<Value, Box<MappingError>> {
    if printed.text.trim().is_empty() {
        let message = "Template transformation yielded an empty response.";
        return Err(Box::new(MappingError::template(message)));
    }
    let text = bytes::Bytes::from(printed.text);
    match Document::parse(text.clone()) {
        Ok(document) => match document.repeated_name() {
            None => Ok(Value::from(document)),
            Some(key) => Err(Box::new(MappingError::template(format!(
                "Duplicate field '{key}' detected on Object. Duplicate JSON keys are not allowed."
            )))),
        },
        Err(error) => {
            let text = String::from_utf8_lossy(&text);
            Err(Box::new(explain(
                &text,
                &printed.origins,
                source,
                name,
                &error,
            )))
        }
    }
}

fn explain(
    text: &str,
    origins: &[(u32, u32)],
    source: &str,
    name: &str,
    error: &ParseError,
) -> MappingError {
    let offset = error.offset.min(text.len());
    let (line, column) = position(text, offset);
    let written = origins
        .iter()
        .take_while(|(at, _)| *at as usize <= offset)
        .last();
    let origin = written.map(|(at, origin)| {
        // Text is written as it stands, so that the fault lies as far behind in the template.
        let exact = *origin as usize + (offset - *at as usize);
        let same = source.get(*origin as usize..exact) == text.get(*at as usize..offset);
        position(source, if same { exact } else { *origin as usize })
    });
    let mut message = match is_trailing(text, offset) {
        true => "Trailing characters at the end of the JSON string are not allowed.".to_owned(),
        false => format!(
            "Unable to convert the text of {name} to Object: {}",
            error.message
        ),
    };
    message.push_str(&format!(" (line {line}, column {column} of the text"));
    if let Some((line, column)) = origin {
        message.push_str(&format!(
            "; line {line}, column {column} of {name} wrote it"
        ));
    }
    message.push(')');
    let mut error = MappingError::template(message);
    error.details = Some(excerpt(text, line, column, origin, source, name).into());
    error.place = origin.and_then(|(line, column)| place(line, column));
    error
}

/// Whether everything before the fault is a whole document.
fn is_trailing(text: &str, offset: usize) -> bool {
    text.get(..offset)
        .is_some_and(|before| Value::parse(before.to_owned()).is_ok())
}

/// The lines around the fault with a mark below it, and the line that wrote it.
fn excerpt(
    text: &str,
    line: usize,
    column: usize,
    origin: Option<(usize, usize)>,
    source: &str,
    name: &str,
) -> String {
    let mut out = String::from("the text is\n");
    let first = line.saturating_sub(AROUND).max(1);
    for (index, words) in text.lines().enumerate().skip(first - 1) {
        let number = index + 1;
        if number > line + AROUND {
            break;
        }
        let (shown, mark) = window(words, if number == line { column } else { 1 });
        out.push_str(&format!("{number:>5} | {shown}\n"));
        if number == line {
            out.push_str(&format!("      | {}^\n", " ".repeat(mark)));
        }
    }
    if let Some((line, _)) = origin
        && let Some(words) = source.lines().nth(line - 1)
    {
        let (shown, _) = window(words, 1);
        out.push_str(&format!("written by {name}\n{line:>5} | {shown}\n"));
    }
    out
}

/// The part of a line around a column, and where the column is in it.
fn window(line: &str, column: usize) -> (String, usize) {
    let at = column - 1;
    let start = at.saturating_sub(WIDTH);
    let shown: String = line.chars().skip(start).take(2 * WIDTH).collect();
    let shown = shown.replace('\t', " ");
    match start {
        0 => (shown, at),
        _ => (format!("…{shown}"), at - start + 1),
    }
}

/// A place as errors keep it.
pub(super) fn place(line: usize, column: usize) -> Option<(u32, u32)> {
    Some((u32::try_from(line).ok()?, u32::try_from(column).ok()?))
}

/// Line and column, both from 1, in characters.
pub(super) fn position(text: &str, offset: usize) -> (usize, usize) {
    let (line, column) = line_and_column(text, offset);
    (line as usize, column as usize)
}
