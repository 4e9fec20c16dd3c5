//! A look at an XML text before it is parsed: what would take too long, or too much memory, is
//! refused here.
//!
//! The parser compares every attribute of an element with every other, and copies the namespaces
//! around an element for each that declares one; elements nest without bound.

use crate::mapping::builtins::MAX_TEXT;

/// How deep elements nest.
const MAX_DEPTH: usize = 100;

/// The most attributes of one element.
const MAX_ATTRIBUTES: usize = 256;

/// The most declarations of namespaces in a document.
const MAX_NAMESPACES: usize = 5000;

/// Why a document is not read.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub(super) enum Refused {
    #[error("the text is longer than 16 MiB")]
    TooLong,
    #[error("a document type is not allowed")]
    DocumentType,
    #[error("the elements nest deeper than {MAX_DEPTH}")]
    TooDeep,
    #[error("an element has more than {MAX_ATTRIBUTES} attributes")]
    TooManyAttributes,
    #[error("there are more than {MAX_NAMESPACES} declarations of namespaces")]
    TooManyNamespaces,
}

/// Refuses what is too large. Of a text that is not well-formed nothing is promised but that the
/// parser finds the fault before anything that was not looked at.
pub(super) fn check(text: &str) -> Result<(), Refused> {
    if text.len() > MAX_TEXT {
        return Err(Refused::TooLong);
    }
    let (mut depth, mut namespaces) = (0_usize, 0);
    let mut rest = text;
    while let Some((_, markup)) = rest.split_once('<') {
        rest = markup;
        if markup.starts_with("!DOCTYPE") {
            return Err(Refused::DocumentType);
        }
        let skipped = [("!--", "-->"), ("![CDATA[", "]]>"), ("?", "?>")];
        let skipped = skipped.iter().find(|(start, _)| markup.starts_with(start));
        if let Some((start, end)) = skipped {
            let inside = &markup[start.len()..];
            rest = inside.split_once(end).map_or("", |(_, after)| after);
            continue;
        }
        if markup.starts_with('/') {
            depth = depth.saturating_sub(1);
            continue;
        }
        let (tag, after) = tag(markup)?;
        rest = after;
        namespaces += tag.matches("xmlns").count();
        if namespaces > MAX_NAMESPACES {
            return Err(Refused::TooManyNamespaces);
        }
        if !tag.ends_with('/') {
            depth += 1;
        }
        if depth > MAX_DEPTH {
            return Err(Refused::TooDeep);
        }
    }
    Ok(())
}

/// The inside of a tag and what follows it.
fn tag(markup: &str) -> Result<(&str, &str), Refused> {
    let mut quote = None;
    let mut attributes = 0;
    for (at, byte) in markup.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return Ok((&markup[..at], &markup[at + 1..])),
            (None, b'"' | b'\'') => {
                quote = Some(byte);
                attributes += 1;
                if attributes > MAX_ATTRIBUTES {
                    return Err(Refused::TooManyAttributes);
                }
            }
            (Some(open), _) if open == byte => quote = None,
            _ => {}
        }
    }
    Ok((markup, ""))
}
