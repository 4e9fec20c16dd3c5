use crate::mapping::builtins::tests::{refused, value};

fn map(xml: &str) -> String {
    value("xml.toMap", &[&format!("{xml:?}")])
}

#[test]
fn the_root_is_the_only_member() {
    let xml = "<?xml version='1.0' encoding='UTF-8'?>
        <posts>
          <post><id>1</id><title>Getting started</title></post>
        </posts>";
    let expected = r#"{"posts":{"post":{"id":1,"title":"Getting started"}}}"#;
    assert_eq!(map(xml), expected);
}

#[test]
fn elements_of_one_name_are_a_list() {
    assert_eq!(
        map("<a><b>1</b><c/><b>2</b><b>x</b></a>"),
        r#"{"a":{"b":[1,2,"x"],"c":""}}"#
    );
}

#[test]
fn attributes_are_members_and_text_beside_them_is_the_content() {
    assert_eq!(
        map("<a id='7' x:y='true' xmlns:x='u'> t &amp; <![CDATA[<u>]]></a>"),
        r#"{"a":{"id":7,"x:y":true,"content":["t &","<u>"]}}"#
            .replace(r#"["t &","<u>"]"#, r#""t & <u>""#)
    );
    assert_eq!(map("<x:a xmlns:x='u'>1</x:a>"), r#"{"x:a":1}"#);
}

#[test]
fn texts_of_numbers_booleans_and_null_become_such() {
    let scalars = map("<a><b>01</b><b>-1.5</b><b>1e2</b><b>TRUE</b><b>null</b><b>1.</b></a>");
    assert_eq!(scalars, r#"{"a":{"b":["01",-1.5,100.0,true,null,"1."]}}"#);
}

#[test]
fn the_json_text_may_keep_scalars_as_texts() {
    let xml = r#""<a><b>1</b><c>true</c></a>""#;
    let kept = value("xml.toJsonString", &[xml, "true"]);
    assert_eq!(kept, format!("{:?}", r#"{"a":{"b":"1","c":"true"}}"#));
    for options in [&[xml][..], &[xml, "false"]] {
        let text = value("xml.toJsonString", options);
        assert_eq!(text, format!("{:?}", r#"{"a":{"b":1,"c":true}}"#));
    }
}

#[test]
fn an_empty_text_is_null() {
    assert_eq!(value("xml.toMap", &[r#""  ""#]), "null");
}

#[test]
fn what_is_wrong_or_too_large_is_refused() {
    let quoted = |xml: String| format!("{xml:?}");
    let deep = quoted("<a>".repeat(101) + &"</a>".repeat(101));
    let attributes: String = (0..257).map(|index| format!(" a{index}='>'")).collect();
    let wide = quoted(format!("<![CDATA[\"<]]><a{attributes}/>"));
    let declared = quoted(format!("<a>{}</a>", "<b xmlns='u'/>".repeat(5001)));
    let large = quoted(format!("<a>{}</a>", "<b/>".repeat(200_000)));
    insta::assert_snapshot!(refused(&[
        ("xml.toMap", &[r#""<a>""#]),
        ("xml.toMap", &["null"]),
        (
            "xml.toMap",
            &[r#""<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>""#]
        ),
        ("xml.toMap", &[r#""<a>&b;</a>""#]),
        ("xml.toMap", &[&deep]),
        ("xml.toMap", &[&wide]),
        ("xml.toMap", &[&declared]),
        ("xml.toJsonString", &[&large]),
        ("xml.toJsonString", &[r#""<a/>""#, "1"]),
    ]));
}
