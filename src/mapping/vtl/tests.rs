//! What the parser refuses and where it points, and how far it goes. What templates print is
//! compared with Velocity itself, in `tests/velocity`.

use proptest::prelude::*;

use super::{
    Fault, MAX_DEPTH, MAX_OPERATORS, SyntaxError,
    ast::{Block, DirectiveKind, ExpressionKind, Part},
    parse, parse_within,
};

fn refused(source: &str) -> SyntaxError {
    parse(source).expect_err("the template is refused")
}

/// The fault of a template, and the part of it that is to blame.
fn told(source: &str) -> (String, &str) {
    let error = refused(source);
    let blamed = source.get(error.span.clone()).expect("it stands inside");
    (error.to_string(), blamed)
}

/// What a template prints that only consists of text.
fn text(template: &Block<'_>) -> String {
    let parts = template.parts.iter();
    parts
        .map(|part| match part {
            Part::Text(text) => (*text).to_owned(),
            Part::Char(c) => c.to_string(),
            other => panic!("{other:?} is no text"),
        })
        .collect()
}

#[test]
fn an_unclosed_directive_is_pointed_at_where_it_begins() {
    assert_eq!(
        told("a #if($x) b #foreach($i in $l) c #end"),
        ("`#if` is never closed".to_owned(), "#if")
    );
    assert_eq!(told("#define($d) a").1, "#define");
    assert_eq!(told("#macro(m) a").1, "#macro");
    assert_eq!(told("#@m() a").1, "#@m");
}

#[test]
fn an_end_without_a_beginning_is_told() {
    assert_eq!(told("a #end").1, "#end");
    assert_eq!(told("a #{else}\nb").1, "#{else}");
    assert_eq!(told("#if($x)#else a#else b#end").1, "#else");
}

#[test]
fn a_misspelled_directive_is_named() {
    let error = refused("#if($x) a #elsif($y) b #end");
    assert_eq!(error.help().as_deref(), Some("did you mean `#elseif`?"));
    assert!(parse("#elsif a").is_ok());
}

#[test]
fn what_appsync_does_not_have_is_refused() {
    let unavailable = |word: &str| Fault::Unavailable(word.to_owned());
    assert_eq!(refused("#include('a')").fault, unavailable("#include"));
    assert_eq!(refused("#parse('a')").fault, unavailable("#parse"));
}

#[test]
fn faults_in_values_point_at_the_value() {
    assert_eq!(told("#set($x = null)").1, "null");
    assert_eq!(told("#set($x = 'a)").0, "the quote is never closed");
    assert_eq!(told("#set($x = \"C:\\users\")").1, "\\u");
    assert_eq!(told("#set($x = \"a $b[\")").1, "");
    assert_eq!(told("#set($x = 1 -1)").1, "-1");
    assert_eq!(told("a $").1, "$");
    assert_eq!(told("#[[ a ]]").0, "`#[[` is never closed");
}

#[test]
fn a_quoted_template_stands_where_it_is_written() {
    let source = "#set($x = \"a \"\"$b.c\"\"\")";
    let template = parse(source).expect("it parses");
    let [Part::Directive(directive)] = template.parts.as_slice() else {
        panic!("one directive")
    };
    assert_eq!(directive.span, 0..source.len());
    let DirectiveKind::Set { value, .. } = &directive.kind else {
        panic!("a #set")
    };
    let ExpressionKind::Interpolated(block) = &value.kind else {
        panic!("a template")
    };
    let reference = block.parts.iter().find_map(|part| match part {
        Part::Reference(reference) => source.get(reference.span.clone()),
        _ => None,
    });
    assert_eq!(reference, Some("$b.c"));
}

#[test]
fn an_unknown_macro_is_text_and_a_known_one_may_come_later() {
    let unknown = parse("#m() #m\n").expect("text");
    assert_eq!(text(&unknown), "#m() #m\n");
    let calls = |template: &Block<'_>| {
        let is_call = |part: &&Part<'_>| {
            matches!(part, Part::Directive(directive)
                if matches!(directive.kind, DirectiveKind::Call { .. }))
        };
        template.parts.iter().filter(is_call).count()
    };
    let later = parse("#m() #m #macro(m)M#end").expect("it parses");
    assert_eq!(calls(&later), 2);
    let elsewhere = parse_within("#m() #n()", &|name| name == "m").expect("it parses");
    assert_eq!(calls(&elsewhere), 1);
}

#[test]
fn nesting_is_bounded() {
    let too_deep = |source: &str| refused(source).fault == Fault::TooDeep;
    let nested = |open: &str, inner: &str, close: &str, depth: usize| {
        format!("{}{inner}{}", open.repeat(depth), close.repeat(depth))
    };
    assert!(parse(&nested("#if(true)", "a", "#end", MAX_DEPTH)).is_ok());
    assert!(too_deep(&nested("#if(true)", "a", "#end", 4000)));
    assert!(too_deep(&format!(
        "#set($x = {})",
        nested("(", "1", ")", 20_000)
    )));
    assert!(too_deep(&format!(
        "#set($x = {})",
        nested("[", "1", "]", 20_000)
    )));
    assert!(too_deep(&format!("#set($x = {}true)", "!".repeat(60_000))));
    assert!(too_deep(&format!("#m({})", "{'a':".repeat(10_000))));
    assert!(too_deep(&"$a.b(".repeat(12_000)));
    let chain = |length: usize| format!("#set($x = 1{})", " + 1".repeat(length));
    assert!(parse(&chain(MAX_OPERATORS)).is_ok());
    assert!(too_deep(&chain(MAX_OPERATORS + 1)));
}

proptest! {
    #[test]
    fn whatever_is_written_is_read_or_refused(source in any::<String>()) {
        if let Err(error) = parse(&source) {
            prop_assert!(source.get(error.span).is_some());
        }
    }

    #[test]
    fn soup_is_read_or_refused(words in proptest::collection::vec(proptest::sample::select(vec![
        "$", "#", "\\", "!", "{", "}", "(", ")", "[", "]", ".", ",", ":", "\"", "'", "''", "\"\"",
        " ", "\n", "a", "$a", "${a}", "$a.b(", "#if(", "#if(true)", "#else", "#elseif(true)",
        "#end", "#set($a = ", "#set($a = \"", "#foreach($a in ", "#macro(m", "#m(", "#@m()", "##",
        "#*", "*#", "#[[", "]]#", "\\u0041", "\\u", "1", "..", "é", "#literal()", "#break", "=",
    ]), 0..24)) {
        let source = words.concat();
        if let Err(error) = parse(&source) {
            prop_assert!(source.get(error.span).is_some());
        }
    }
}
