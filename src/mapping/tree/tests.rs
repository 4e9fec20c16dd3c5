//! What mappings render, and what is said of those that do not compile: one file a case, in
//! `tests/vtl`. What a file cannot show (what is shared, what is read) stands here.

mod cases;
mod fixture;

use std::sync::Arc;

use crate::{
    config::resolver::Written,
    mapping::{Dialect, Mapping, Rendered},
};
use crate::{
    config::{
        Diagnostics, Spanned,
        yaml::{self, Data, Node},
    },
    json::{Value, View},
    mapping::Reads,
};
use fixture::Fixture;

fn node(text: &str) -> (Node, Diagnostics) {
    let mut diagnostics = Diagnostics::default();
    let file = diagnostics.files.register("case.yaml", text);
    let node = yaml::parse(file, text, &mut diagnostics).expect("the case is YAML");
    (node, diagnostics)
}

fn mapping(text: &str) -> Mapping {
    let (node, mut diagnostics) = node(text);
    let mapping = Mapping::compile(&node, &mut diagnostics);
    assert!(!diagnostics.has_errors(), "{}", diagnostics.render(false));
    mapping
}

fn overlaid(request: Option<&str>, overlay: &str) -> (Mapping, Diagnostics) {
    let request = request.map(|text| node(text).0);
    let (overlay, mut diagnostics) = node(overlay);
    let Data::Map(overlay) = overlay.data else {
        panic!("an overlay is a mapping");
    };
    let mapping = Mapping::compile_with_overlay(
        request.map(Written::plain).as_ref(),
        &overlay,
        Dialect::AppSync,
        &mut diagnostics,
    );
    (mapping, diagnostics)
}

fn json(value: &Value) -> String {
    let mut out = Vec::new();
    value.view().write(&mut out);
    String::from_utf8(out).expect("JSON is UTF-8")
}

#[test]
fn one_reference_is_handed_on_by_borrowing() {
    let fixture = Fixture::parse("result: { body: { id: 1 } }");
    let mapping = mapping("$ctx.result.body");
    let cx = fixture.context();
    let rendered = mapping.evaluate(&cx, &mut 0).expect("it renders");
    let Rendered::View(View::Node(document, _)) = rendered else {
        panic!("a node of the answer, not {rendered:?}");
    };
    assert!(Arc::ptr_eq(document, fixture.result_document()));
}

#[test]
fn one_reference_in_an_object_shares_its_document() {
    let fixture = Fixture::parse("result: { body: { id: 1 } }");
    let mapping = mapping("{ item: $ctx.result.body }");
    let value = mapping.render(&fixture.context()).expect("it renders");
    let Some(Value::Object(members)) = value else {
        panic!("an object, not {value:?}");
    };
    let Some(Value::Node(document, _)) = members.get("item") else {
        panic!("a node of the answer, not {members:?}");
    };
    assert!(Arc::ptr_eq(document, fixture.result_document()));
}

#[test]
fn constants_are_built_once() {
    let mapping = mapping("{ constant: { a: [1, 2] }, id: $ctx.args.id }");
    let fixture = Fixture::parse("{}");
    let constant = || match mapping.render(&fixture.context()) {
        Ok(Some(Value::Object(members))) => match members.get("constant") {
            Some(Value::Object(constant)) => Arc::clone(constant),
            other => panic!("an object, not {other:?}"),
        },
        other => panic!("an object, not {other:?}"),
    };
    assert!(Arc::ptr_eq(&constant(), &constant()));
}

#[test]
fn a_hint_changes_no_answer() {
    let mapping = mapping("$ctx.source.id");
    let mut hint = 0;
    for source in [
        "{ id: 1, a: 2 }",
        "{ a: 1, id: 2 }",
        "{ a: 1 }",
        "{ b: [], id: 3 }",
    ] {
        let fixture = Fixture::parse(&format!("source: {source}"));
        let plain = mapping.render(&fixture.context()).expect("it renders");
        let cx = fixture.context();
        let hinted = mapping.evaluate(&cx, &mut hint).expect("it renders");
        let hinted = hinted.into_value();
        assert_eq!(hinted.as_ref().map(json), plain.as_ref().map(json));
    }
}

#[test]
fn what_is_read_is_known_at_load() {
    let reads = |text| mapping(text).reads();
    let none = Reads::default();
    assert_eq!(reads("{ a: 1, b: [text, '\\$ctx.args.a'] }"), none);
    assert_eq!(reads("$ctx.arguments.a"), Reads { args: true, ..none });
    assert_eq!(
        reads("[{ a: x$ctx.source.a }]"),
        Reads {
            source: true,
            ..none
        }
    );
    assert_eq!(
        reads("$ctx.result.body"),
        Reads {
            result: true,
            ..none
        }
    );
    assert_eq!(
        reads("$ctx.result.headers.etag"),
        Reads {
            result: true,
            ..none
        }
    );
    let status = Reads {
        result: true,
        status: true,
        ..none
    };
    assert_eq!(reads("$ctx.result.statusCode"), status);
    assert_eq!(reads("$ctx.result"), status);
    assert_eq!(
        reads("$ctx.identity.sub"),
        Reads {
            identity: true,
            ..none
        }
    );
    assert_eq!(
        reads("$ctx.request.headers.a"),
        Reads {
            request: true,
            ..none
        }
    );
    assert_eq!(reads("$ctx.info.fieldName"), Reads { info: true, ..none });
    assert_eq!(reads("$keys.join(',')"), Reads { keys: true, ..none });
    let both = Reads {
        args: true,
        keys: true,
        ..none
    };
    assert_eq!(
        reads("{ a: $ctx.args.a, b: '$!ctx.args.b-$keys[0]' }"),
        both
    );
}

#[test]
fn the_members_of_the_top_level_are_named() {
    let text = "method: GET\nquery: { id: $ctx.args.id }\n";
    let mapping = mapping(text);
    let written = |member: &Spanned<String>| {
        let range = member.span.start as usize..member.span.end as usize;
        (member.value.clone(), text[range].to_owned())
    };
    let members: Vec<(String, String)> = mapping.members().iter().map(written).collect();
    let twice = |word: &str| (word.to_owned(), word.to_owned());
    assert_eq!(members, [twice("method"), twice("query")]);
    assert!(self::mapping("[a]").members().is_empty());
}

#[test]
fn an_overlay_replaces_extends_and_merges_one_level() {
    let request = "{ method: GET, path: /a, query: { page: 1, id: 2, in: { x: 1 } }, last: 3 }";
    let overlay = "{ path: /b, query: { id: $keys, in: { y: 2 } }, last: { z: 4 }, more: 5 }";
    let (mapping, diagnostics) = overlaid(Some(request), overlay);
    assert!(!diagnostics.has_errors());
    assert_eq!(
        mapping.to_string(),
        "{ method: GET, path: /b, query: { page: 1, id: $keys, in: { y: 2 } }, last: { z: 4 }, more: 5 }"
    );
    let names: Vec<&str> = mapping
        .members()
        .iter()
        .map(|key| key.value.as_str())
        .collect();
    assert_eq!(names, ["method", "path", "query", "last", "more"]);
    assert!(mapping.reads().keys);
}

#[test]
fn an_overlay_stands_alone_without_a_request() {
    let (mapping, _) = overlaid(None, "{ query: { id: $keys } }");
    assert_eq!(mapping.to_string(), "{ query: { id: $keys } }");
    let (mapping, _) = overlaid(None, "{}");
    assert_eq!(mapping.to_string(), "{}");
}

#[test]
fn an_overlay_needs_a_mapping_below_it() {
    let (mapping, diagnostics) = overlaid(Some("$ctx.args"), "{}");
    assert_eq!(mapping.to_string(), "$ctx.args");
    assert!(!diagnostics.has_errors());
    let (_, diagnostics) = overlaid(Some("$ctx.args"), "{ query: {} }");
    assert!(diagnostics.has_errors());
}

#[test]
fn a_mapping_prints_as_it_was_written() {
    for text in [
        "{ method: GET, path: /users/$ctx.args.id, query: { first: $ctx.args.first, all: true } }",
        "[$ctx.args.a, 1, 1.5, null, {}, [], { a: [b] }]",
        r#"["true", "1", "", " a", "a: b", "${ctx.args.a}b", "$ctx.args.list[0]", $5, \\\$ctx, "\\#if", don't]"#,
        "Bearer $ctx.request.headers.x-token",
    ] {
        let printed = mapping(text).to_string();
        assert_eq!(printed, text);
        assert_eq!(mapping(&printed).to_string(), text);
    }
}

#[test]
fn nesting_is_bounded() {
    let mut node = node("leaf").0;
    for _ in 0..200 {
        let span = node.span;
        node = Node {
            span,
            data: Data::List(vec![node]),
        };
    }
    let mut diagnostics = Diagnostics::default();
    Mapping::compile(&node, &mut diagnostics);
    assert!(diagnostics.has_errors());
}
