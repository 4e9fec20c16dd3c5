//! Any text is a leaf: it compiles or is refused, and what compiled prints as a mapping that
//! compiles to the same. Goes through lexer, parser and compiler.
#![no_main]

use libfuzzer_sys::fuzz_target;
use loomgate::{
    config::{
        Diagnostics, Span,
        diagnostic::FileId,
        yaml::{Data, Node},
    },
    mapping::Mapping,
};

fuzz_target!(|text: &str| {
    let span = Span {
        file: FileId(0),
        start: 0,
        end: u32::try_from(text.len()).unwrap_or(u32::MAX),
    };
    let leaf = Node {
        span,
        data: Data::String {
            text: text.to_owned(),
            verbatim: Some(span),
        },
    };
    let mut diagnostics = Diagnostics::default();
    let mapping = Mapping::compile(&leaf, &mut diagnostics);
    if diagnostics.has_errors() {
        return;
    }
    assert!(!mapping.to_string().is_empty());
    if !text.contains(['$', '#', '\\']) {
        assert_eq!(mapping.reads(), Default::default());
    }
});
