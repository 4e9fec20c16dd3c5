use crate::config::diagnostic::{Diagnostic, Diagnostics, Position, Severity, Span};

const TEXT: &str = "größe: 12\nname: x\r\n\nlast: ü";

fn faults() -> Diagnostics {
    let mut faults = Diagnostics::default();
    faults.files.register("a.yaml", TEXT);
    faults
}

fn at(faults: &Diagnostics, words: &str) -> Span {
    let file = faults
        .files
        .find("a.yaml".as_ref())
        .expect("it was registered");
    let start = TEXT.find(words).expect("the words stand in the text");
    Span::new(file, start..start + words.len())
}

#[test]
fn positions_count_lines_and_characters_from_one() {
    let faults = faults();
    let place = |words: &str| {
        let span = at(&faults, words);
        faults.files.position(span.file, span.start)
    };
    assert_eq!(place("größe"), Some(Position { line: 1, column: 1 }));
    assert_eq!(place("12"), Some(Position { line: 1, column: 8 }));
    assert_eq!(place("x"), Some(Position { line: 2, column: 7 }));
    assert_eq!(place("ü"), Some(Position { line: 4, column: 7 }));
}

#[test]
fn an_offset_past_the_end_means_the_end() {
    let faults = faults();
    let file = at(&faults, "x").file;
    let end = faults.files.position(file, 9_999);
    assert_eq!(end, Some(Position { line: 4, column: 8 }));
}

#[test]
fn the_same_fault_is_said_once() {
    let mut faults = faults();
    let span = at(&faults, "12");
    faults.error(Some(span), "twelve", None);
    faults.error(Some(span), "twelve", None);
    assert_eq!(faults.count(Severity::Error), 1);
}

#[test]
fn sorting_puts_faults_in_reading_order() {
    let mut faults = faults();
    let spans = (at(&faults, "name"), at(&faults, "12"));
    faults.error(Some(spans.0), "second", None);
    faults.error(Some(spans.1), "first", None);
    faults.warning(None, "nowhere", None);
    faults.sort();
    let messages: Vec<_> = faults.iter().map(|entry| entry.message.as_str()).collect();
    assert_eq!(messages, ["nowhere", "first", "second"]);
}

#[test]
fn merging_renumbers_the_files_of_the_other() {
    let mut ours = faults();
    let mut theirs = Diagnostics::default();
    let file = theirs.files.register("b.graphql", "type Query");
    theirs.push(
        Diagnostic::error(Some(Span::new(file, 5..10)), "wrong")
            .label(Span::new(file, 0..4), "here"),
    );
    ours.merge(theirs);
    assert!(ours.has_errors());
    insta::assert_snapshot!(ours.render(false), @r"
    error: wrong
     --> b.graphql:1:6
      |
    1 | type Query
      | ---- ^^^^^
      | |
      | here
    ");
}

#[test]
fn a_literal_secret_is_starred_out_of_excerpts() {
    let mut faults = Diagnostics::default();
    let text = "headers: { key: s3crét, n: 1 }\n";
    let file = faults.files.register("a.yaml", text);
    let secret = text.find("s3crét").expect("it stands there");
    faults.files.conceal(Span::new(file, secret..secret + 7));
    let number = text.find('1').expect("it stands there");
    faults.error(Some(Span::new(file, number..number + 1)), "wrong", None);
    let shown = faults.render(true);
    assert!(!shown.contains("s3cr"), "{shown}");
    assert!(shown.contains("*******"), "{shown}");
}

#[test]
fn a_fault_is_json_with_both_ends() {
    let mut faults = faults();
    let (first, second) = (at(&faults, "12"), at(&faults, "x"));
    faults.push(
        Diagnostic::warning(Some(first), "a \"number\"")
            .label(second, "and this")
            .help("use another"),
    );
    faults.error(None, "nowhere", None);
    assert_eq!(Diagnostics::default().to_json(), "[]\n");
    insta::assert_snapshot!(faults.to_json(), @r#"
    [
    {"severity":"warning","message":"a \"number\"","file":"a.yaml","line":1,"column":8,"endLine":1,"endColumn":10,"help":"use another","related":[{"message":"and this","file":"a.yaml","line":2,"column":7,"endLine":2,"endColumn":8}]},
    {"severity":"error","message":"nowhere","file":null,"line":null,"column":null,"endLine":null,"endColumn":null,"help":null,"related":[]}
    ]
    "#);
}

#[test]
fn the_summary_counts() {
    let mut faults = faults();
    assert_eq!(faults.summary(), "no faults");
    faults.error(None, "a", None);
    faults.error(None, "b", None);
    assert_eq!(faults.summary(), "2 errors");
    faults.warning(None, "c", None);
    assert_eq!(faults.summary(), "2 errors, 1 warning");
}
