use super::JsonPath;
use crate::json::Value;

/// Paths, documents and what Jayway 2.0.0 answers: JSON, `missing` or `error`. `store` is the
/// document beside it.
const JAYWAY: &str = include_str!("tests/jayway.tsv");

/// The same, where Jayway 2.0.0 refuses what later versions read, or goes wrong; our answer is last.
const BEYOND: &str = include_str!("tests/beyond.tsv");

const STORE: &str = include_str!("tests/store.json");

fn answer(path: &str, document: &str) -> String {
    let document = if document == "store" { STORE } else { document };
    let Ok(path) = JsonPath::parse(path) else {
        return "error".to_owned();
    };
    let document = Value::parse(document.to_owned()).expect("a document");
    match path.read(document.view()) {
        Ok(Some(value)) => {
            let mut text = Vec::new();
            value.view().write(&mut text);
            String::from_utf8(text).expect("JSON is UTF-8")
        }
        Ok(None) => "missing".to_owned(),
        Err(error) => error.to_string(),
    }
}

fn columns(line: &str) -> Vec<&str> {
    line.split('\t').collect()
}

fn fault(path: &str) -> String {
    JsonPath::parse(path).expect_err(path).to_string()
}

#[test]
fn paths_read_as_in_jayway() {
    let mut count = 0;
    for line in JAYWAY.lines() {
        let [path, document, expected] = columns(line)[..] else {
            panic!("three columns: {line}");
        };
        assert_eq!(answer(path, document), expected, "{path} of {document}");
        count += 1;
    }
    assert!(count > 150, "{count}");
}

#[test]
fn what_old_versions_of_jayway_refuse_is_read_as_well() {
    for line in BEYOND.lines() {
        let [path, document, jayway, ours] = columns(line)[..] else {
            panic!("four columns: {line}");
        };
        assert_ne!(jayway, ours, "{path} belongs to the other table");
        assert_eq!(answer(path, document), ours, "{path} of {document}");
    }
}

#[test]
fn functions_are_applied_to_what_the_path_finds() {
    let check = |path, expected| assert_eq!(answer(path, "store"), expected, "{path}");
    check("$.list.sum()", "15.0");
    check("$.list.min()", "1.0");
    check("$.list.max()", "5.0");
    check("$.list.avg()", "3.0");
    check("$..price.max()", "22.99");
    check("$.store.book[?(@.price < 10)].length()", "2");
    check("$.store.bicycle.length()", "2");
    check("$.store.bicycle.color.length()", "missing");
    check("$.deep.empty.sum()", "missing");
    check("$.missing.length()", "missing");
}

#[test]
fn built_values_read_like_documents() {
    let built = Value::from(vec![Value::from(1_i64), Value::from("a")]);
    let read = |path: &str| JsonPath::parse(path).expect(path).read(built.view());
    assert_eq!(read("$[1]"), Ok(Some(Value::from("a"))));
    assert_eq!(read("$[-2]"), Ok(Some(Value::from(1_i64))));
    assert_eq!(read("$.a"), Ok(None));
}

#[test]
fn a_wrong_path_says_where_and_what_was_expected() {
    assert_eq!(
        fault("$.a["),
        "expected `*`, an index, a name in quotes or `?(` at character 5 of the path"
    );
    assert_eq!(
        fault("$.a b"),
        "expected `.`, `[` or the end at character 4 of the path"
    );
    assert_eq!(
        fault("$.ä."),
        "expected a name, `*` or `[` at character 5 of the path"
    );
    assert_eq!(
        fault("$['a"),
        "the text that begins here has no closing ' at character 3 of the path"
    );
    assert_eq!(
        fault("$[?(@.a = 1)]"),
        "expected `)` at character 9 of the path"
    );
    assert_eq!(
        fault("$.a.size()"),
        "there is no function `size`; there are length, min, max, avg and sum; it ends at \
         character 11 of the path"
    );
    assert_eq!(
        fault("$[?(@.a =~ /(/)]"),
        "expected a pattern such as /a.*/i at character 12 of the path"
    );
}

#[test]
fn long_deep_and_costly_paths_are_refused() {
    assert!(JsonPath::parse(&"$.aaaa".repeat(1000)).is_err());
    assert!(JsonPath::parse(&format!("${}", ".a".repeat(65))).is_err());
    assert!(JsonPath::parse(&format!("${}", ".a".repeat(64))).is_ok());
    for (open, close) in [("(", ")"), ("!", ""), ("@[?(", ")]")] {
        let nested = format!("$[?({}@.a{})]", open.repeat(9), close.repeat(9));
        assert!(JsonPath::parse(&nested).is_err(), "{nested}");
    }
    let wide = format!("[{}1]", "1,".repeat(2000));
    let costly = "$[?($[*].length() > $..*.length())]";
    assert_eq!(answer(costly, &wide), "the path finds too much");
    let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
    assert_eq!(answer("$..*..*..*..*..*", &deep), "the path finds too much");
}

#[test]
fn a_pattern_that_turns_back_forever_does_not_match() {
    let text = format!("[\"{}!\"]", "a".repeat(40));
    assert_eq!(answer(r"$[?(@ =~ /(?=(a+)+$)a*b/)]", &text), "[]");
}

proptest::proptest! {
    #[test]
    fn nothing_that_is_written_as_a_path_goes_wrong(
        path in r#"\$?(\.\.?|\[|\]|\?\(|\)|@|'|"|[a-c]|\*|[0-9]|-|:|,| |==|&&|\|\||!|in|=~|/|\(|\)){0,12}"#,
    ) {
        answer(&path, r#"{"a":[{"b":1,"c":"x"},[2,{"a":null}]],"b":{"c":[true]}}"#);
    }
}
