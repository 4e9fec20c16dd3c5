use apollo_compiler::{Schema, ast};

use super::*;

fn build(sdl: &str) -> Inputs {
    let sdl = format!("type Query {{ a: Int }} {sdl}");
    // Not validated: some of these schemas are refused by newer editions of the specification.
    Inputs::build(&Schema::parse(sdl, "schema").expect("the schema parses"))
}

/// The value of an empty object of a type, with all defaults.
fn empty(inputs: &Inputs, ty: &str) -> String {
    let ty = inputs
        .resolve(&ast::Type::parse(ty, "type").expect("a type"))
        .expect("input type");
    let value = inputs.constant(&ty, &ast::Value::Object(Vec::new()));
    let mut out = Vec::new();
    value.expect("the defaults fit").view().write(&mut out);
    String::from_utf8(out).expect("JSON is UTF-8")
}

#[test]
fn types_are_shown_as_they_are_written() {
    let inputs = build("input I { a: Int } enum E { A } scalar S");
    for text in ["Int", "I!", "[E]", "[[S!]]!", "[[[String]!]!]!"] {
        let ty = inputs.resolve(&ast::Type::parse(text, "type").expect("a type"));
        assert_eq!(ty.map(|ty| ty.to_string()).as_deref(), Some(text));
    }
}

#[test]
fn output_types_are_no_input_types() {
    let inputs = build("interface N { a: Int } union U = Query");
    for text in ["Query", "[N!]", "U", "Unknown"] {
        assert_eq!(
            inputs.resolve(&ast::Type::parse(text, "type").expect("a type")),
            None
        );
    }
}

#[test]
fn defaults_are_filled_in_whatever_the_order_of_the_types() {
    let sdl = "
        input A { b: B = { x: 1 } , list: [B!] = {} }
        input B { x: Int = 0, c: C = {}, d: C }
        input C { y: E = ONE, z: [Int!]! = 5 }
        enum E { ONE TWO }";
    let inputs = build(sdl);
    let c = r#"{"y":"ONE","z":[5]}"#;
    let b = |x| format!(r#"{{"x":{x},"c":{c}}}"#);
    assert_eq!(empty(&inputs, "C"), c);
    assert_eq!(empty(&inputs, "B"), b(0));
    assert_eq!(
        empty(&inputs, "A"),
        format!(r#"{{"b":{},"list":[{}]}}"#, b(1), b(0))
    );
}

#[test]
fn a_circle_of_defaults_ends() {
    let inputs = build("input A { b: B = {} } input B { a: A = {}, x: Int = 1 }");
    assert_eq!(empty(&inputs, "A"), r#"{"b":{"a":{},"x":1}}"#);
    let inputs = build("input A { a: A = { a: { a: {} } } }");
    assert_eq!(empty(&inputs, "A"), r#"{"a":{"a":{"a":{}}}}"#);
}

#[test]
fn a_default_that_is_given_in_full_is_no_circle() {
    let inputs = build("input A { a: A = { a: null, x: 2 }, x: Int = 1 }");
    assert_eq!(empty(&inputs, "A"), r#"{"a":{"a":null,"x":2},"x":1}"#);
}

#[test]
fn very_long_chains_of_defaults_do_not_overflow() {
    let chain = (0..5_000).map(|i| format!("input I{i} {{ next: I{} = {{}} }} ", i + 1));
    let inputs = build(&(chain.collect::<String>() + "input I5000 { x: Int = 1 }"));
    assert_eq!(empty(&inputs, "I5000"), r#"{"x":1}"#);
}

#[test]
fn results_of_enums_are_their_names() {
    let inputs = build("enum E { ONE TWO }");
    let ty = inputs.resolve(&ast::Type::parse("E", "type").expect("a type"));
    let Some(InputKind::Enum(id, _)) = ty.map(|ty| ty.kind) else {
        panic!("E is an enum");
    };
    let write = |json: &str| {
        let mut out = b">".to_vec();
        let value = Value::parse(json.to_owned()).expect("JSON");
        let written = inputs.enum_type(id).write_result(value.view(), &mut out);
        written.map(|()| String::from_utf8(out).expect("UTF-8"))
    };
    assert_eq!(write(r#""TWO""#).as_deref(), Ok(r#">"TWO""#));
    assert_eq!(write(r#""\u004FNE""#).as_deref(), Ok(r#">"\u004FNE""#));
    let refusal = Err(r#"Enum "E" cannot represent value: "two""#.to_owned());
    assert_eq!(write(r#""two""#), refusal);
    assert_eq!(
        write("1"),
        Err(r#"Enum "E" cannot represent value: 1"#.to_owned())
    );
}
