//! Templates written by hand, by topic. Each was tried on the real engine.

mod directives;
mod text;
mod values;

/// All of them.
pub(crate) const ALL: &[&[&str]] = &[
    text::REFERENCES,
    text::ESCAPES,
    text::WHITESPACE,
    text::COMMENTS,
    directives::CONDITIONS,
    directives::LOOPS,
    directives::MACROS,
    directives::BLOCKS,
    directives::REFUSED,
    values::LITERALS,
    values::QUOTED,
    values::ARITHMETIC,
    values::COMPARISON,
    values::SETTING,
    values::TEXTS,
    values::LISTS,
    values::MAPS,
];
