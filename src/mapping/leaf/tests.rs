//! Laws of the lexer and the parser. What templates mean is shown by `tests/vtl`.

use proptest::prelude::*;

use super::{Bound, Names, Program, compile};
use crate::mapping::vtl::{
    Fault, MAX_LENGTH, MAX_SEGMENTS, Name, Segment, SyntaxError, escape, parse_leaf,
};

/// Names of a language in which every root is known.
struct AnyName;

impl Names for AnyName {
    type Place = String;

    fn bind(&self, root: &Name<'_>, _: &[Segment<'_>]) -> Result<Bound<String>, SyntaxError> {
        Ok(Bound {
            place: root.text.to_owned(),
            taken: 0,
        })
    }
}

fn places(source: &str) -> Vec<String> {
    let program = compile(source, &AnyName).expect("the template compiles");
    program
        .references()
        .map(|reference| reference.place.clone())
        .collect()
}

/// Mostly what the language is made of, so that the unlikely becomes likely.
fn template() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        Just("$"),
        Just("!"),
        Just("{"),
        Just("}"),
        Just("."),
        Just("["),
        Just("]"),
        Just("("),
        Just(")"),
        Just("\""),
        Just("'"),
        Just("#"),
        Just("\\"),
        Just("*"),
        Just(","),
        Just("-"),
        Just(" "),
        Just("\n"),
        Just("a"),
        Just("ctx"),
        Just("if"),
        Just("0"),
        Just("12"),
        Just("é"),
    ];
    proptest::collection::vec(word, 0..24).prop_map(|words| words.concat())
}

proptest! {
    #[test]
    fn a_fault_stands_inside_the_template(source in prop_oneof![template(), any::<String>()]) {
        if let Err(error) = compile(&source, &AnyName) {
            prop_assert!(error.span.start <= error.span.end);
            prop_assert!(source.get(error.span).is_some());
        }
    }

    #[test]
    fn text_without_signs_is_itself(source in "[^$#\\\\]*") {
        let program = compile(&source, &AnyName).expect("there is nothing to get wrong");
        prop_assert_eq!(program.constant(), Some(source.as_str()));
    }

    #[test]
    fn an_escaped_text_is_itself(source in prop_oneof![template(), any::<String>()]) {
        let program = compile(&escape(&source), &AnyName).expect("every sign is escaped");
        prop_assert_eq!(program.constant(), Some(source.as_str()));
    }
}

#[test]
fn a_name_ends_where_velocity_ends_it() {
    assert_eq!(
        places("$a.b. $c-d.e $_f ${g}h $!i $!{j}k"),
        ["a", "c-d", "_f", "g", "i", "j"]
    );
    assert_eq!(places("$1 $ $$ $-a $. 5$"), [] as [&str; 0]);
    assert_eq!(places("$$a"), ["a"]);
}

#[test]
fn a_root_is_no_method() {
    let program = compile("$a(b)", &AnyName).expect("a root and text");
    assert_eq!(program.ops.len(), 2);
}

#[test]
fn neighbouring_texts_are_one() {
    let program = compile(r"a\$b # \\ c", &AnyName).expect("text");
    assert_eq!(program.constant(), Some(r"a$b # \\ c"));
}

#[test]
fn a_reference_alone_is_no_text() {
    let alone = |source| {
        let program: Program<String> = compile(source, &AnyName).expect("the template compiles");
        program.into_reference().is_ok()
    };
    assert!(alone("$a.b[0]"));
    assert!(!alone(" $a"));
    assert!(!alone("$a$b"));
    assert!(!alone("a"));
}

#[test]
fn templates_are_bounded() {
    assert!(compile(&"a".repeat(MAX_LENGTH), &AnyName).is_ok());
    assert!(compile(&"a".repeat(MAX_LENGTH + 1), &AnyName).is_err());
    assert!(compile(&format!("$a{}", ".b".repeat(MAX_SEGMENTS)), &AnyName).is_ok());
    assert!(compile(&format!("$a{}", ".b".repeat(MAX_SEGMENTS + 1)), &AnyName).is_err());
}

#[test]
fn deep_brackets_are_refused() {
    assert!(parse_leaf(&format!("$a{}", "[".repeat(60_000))).is_err());
    assert!(parse_leaf(&"$a[".repeat(20_000)).is_err());
    let deep = |depth| format!("{}{}", "$a[".repeat(depth), "]".repeat(depth - 1));
    assert!(matches!(parse_leaf(&deep(15_000)), Err(error) if error.fault == Fault::TooDeep));
}
