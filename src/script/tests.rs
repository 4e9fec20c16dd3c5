//! What programs can do, and above all what they cannot.

mod bounds;
mod isolation;

use std::time::Duration;

use bytes::Bytes;

use super::*;

const UTILS: &str = "@aws-appsync/utils";

static NATIVES: [Native; 9] = [
    native(UTILS, "util.echo", true, 0),
    native(UTILS, "util.text.count", true, 1),
    native(UTILS, "util.error", true, 2),
    native(UTILS, "util.where", true, 3),
    native(UTILS, "runtime.earlyReturn", true, 2),
    native("@aws-appsync/utils/dynamodb", "get", false, 4),
    native("@aws-appsync/utils/dynamodb", "delete", false, 4),
    native("console", "console.log", true, 5),
    native("console", "console.error", true, 5),
];

const fn native(module: &'static str, path: &'static str, global: bool, function: u16) -> Native {
    Native {
        module,
        path,
        global,
        function,
    }
}

/// Functions that remember how they were called.
#[derive(Debug, Default)]
struct Recorder {
    calls: Vec<String>,
}

impl Natives for Recorder {
    fn call(
        &mut self,
        function: u16,
        arguments: &[u8],
        place: &dyn Fn() -> Option<Place>,
    ) -> Result<Bytes, Stopped> {
        let text = String::from_utf8(arguments.to_vec()).unwrap();
        let list: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
        self.calls.push(format!("{function} {text}"));
        let answer = match function {
            0 => list.first().cloned().unwrap_or_default(),
            1 => list.len().into(),
            2 => return Err(Stopped),
            3 => serde_json::to_value(place()).unwrap(),
            4 => serde_json::json!({ "operation": "GetItem", "key": list[0] }),
            _ => serde_json::Value::Null,
        };
        Ok(Bytes::from(answer.to_string()))
    }
}

/// Far more than a test needs on a busy machine.
const GENEROUS: Bounds = Bounds {
    turn: Duration::from_secs(20),
    cpu: Duration::from_secs(20),
    memory: 16 << 20,
    stack: 256 << 10,
};

fn module(name: &str, code: &str) -> ModuleText {
    ModuleText {
        name: name.to_owned(),
        code: code.to_owned(),
    }
}

fn compile_with(code: &str, bounds: Bounds) -> Arc<Program> {
    Program::compile(&[module("main.js", code)], &NATIVES, bounds).unwrap()
}

fn compile(code: &str) -> Arc<Program> {
    compile_with(code, GENEROUS)
}

fn refused(modules: &[ModuleText]) -> ScriptError {
    Program::compile(modules, &NATIVES, GENEROUS).unwrap_err()
}

fn run_with(
    program: &Arc<Program>,
    arguments: &str,
    natives: &mut Recorder,
) -> Result<String, ScriptError> {
    match program.run("request", arguments.as_bytes(), natives)? {
        Ran::Done(result) => Ok(String::from_utf8(result.to_vec()).unwrap()),
        Ran::TooLong => Ok("too long".to_owned()),
    }
}

fn run(program: &Arc<Program>, arguments: &str) -> Result<String, ScriptError> {
    run_with(program, arguments, &mut Recorder::default())
}

/// What a function of this body gives.
fn body(code: &str) -> Result<String, ScriptError> {
    run(&compile(&function(code)), r#"[{"a":1}]"#)
}

fn function(body: &str) -> String {
    format!("import {{ util }} from '{UTILS}';\nexport function request(ctx) {{\n{body}\n}}")
}

fn message(code: &str) -> String {
    body(code).unwrap_err().message
}

#[test]
fn a_function_takes_json_and_gives_json() {
    let program = compile(
        "export function request(ctx, n) { return { id: ctx.args.id, n: n + 1, none: undefined } }
         export const response = (ctx) => ctx.result;
         export function nothing() {}",
    );
    let mut natives = Recorder::default();
    let result = run(&program, r#"[{"args":{"id":"ä\u0000😀"}}, 2]"#);
    assert_eq!(result.unwrap(), r#"{"id":"ä\u0000😀","n":3}"#);
    let response = program.run("response", br#"[{"result":[1.5,null]}]"#, &mut natives);
    assert!(matches!(response, Ok(Ran::Done(json)) if json == "[1.5,null]"));
    let nothing = program.run("nothing", b"[]", &mut natives);
    assert!(matches!(nothing, Ok(Ran::Done(json)) if json == "null"));
    let missing = program.run("absent", b"[]", &mut natives).unwrap_err();
    assert_eq!(missing.message, "the module exports no function 'absent'");
}

#[test]
fn modules_import_each_other_by_name_and_by_path() {
    let modules = [
        module(
            "resolvers/main.js",
            "import { price } from './lib/price.js'; import * as tax from 'tax';
             export const request = (ctx) => price(ctx) * tax.rate;",
        ),
        module(
            "resolvers/lib/price.js",
            "import { unit } from '../unit.js'; export const price = (ctx) => ctx.count * unit;",
        ),
        module("resolvers/unit.js", "export const unit = 5;"),
        module("tax", "export const rate = 2;"),
    ];
    let program = Program::compile(&modules, &NATIVES, GENEROUS).unwrap();
    assert_eq!(run(&program, r#"[{"count":3}]"#).unwrap(), "30");
}

#[test]
fn a_fault_of_the_text_has_a_place() {
    let error = refused(&[module("a.js", "export const a = 1;\nconst b = = 2;")]);
    assert_eq!(error.kind, ErrorKind::Syntax);
    assert_eq!(error.place, Some(("a.js".to_owned(), 2, 11)));
    assert_eq!(
        error.message,
        "SyntaxError: unexpected token in expression: '='"
    );

    let import = module("a.js", "\nimport { b } from './b.js';");
    let error = refused(&[import]);
    assert_eq!(error.kind, ErrorKind::Syntax);
    assert_eq!(error.message, "there is no module './b.js'");
    assert_eq!(error.place, Some(("a.js".to_owned(), 2, 19)));

    let error = refused(&[module("a.js", "import { nope } from '@aws-appsync/utils';")]);
    assert_eq!(error.kind, ErrorKind::Syntax);
    assert_eq!(
        error.message,
        "SyntaxError: Could not find export 'nope' in module '@aws-appsync/utils'"
    );

    let error = refused(&[module("a.js", "const a = null;\n  a.b;")]);
    assert_eq!(error.kind, ErrorKind::Threw);
    assert_eq!(error.place, Some(("a.js".to_owned(), 2, 3)));
    let error = refused(&[module("a.js", "import 'loomgate:prelude';")]);
    assert_eq!(error.message, "there is no module 'loomgate:prelude'");
}

#[test]
fn what_a_program_throws_has_a_place() {
    let modules = [
        module(
            "main.js",
            "import { f } from './lib.js';\nexport const request = (c) => f(c);",
        ),
        module(
            "lib.js",
            "export function f(ctx) {\n  return ctx.source.id;\n}",
        ),
    ];
    let program = Program::compile(&modules, &NATIVES, GENEROUS).unwrap();
    let error = run(&program, "[{}]").unwrap_err();
    assert_eq!(error.kind, ErrorKind::Threw);
    assert_eq!(
        error.message,
        "TypeError: cannot read property 'id' of undefined"
    );
    assert_eq!(error.place, Some(("lib.js".to_owned(), 2, 10)));

    assert_eq!(message("throw 'plain'"), "plain");
    assert_eq!(message("throw { code: 7 }"), r#"{"code":7}"#);
    assert_eq!(message("throw undefined"), "undefined was thrown");
    assert_eq!(message("throw new RangeError()"), "RangeError");
    let long = message("throw new Error('x'.repeat(100000))");
    assert!(long.len() < 5000, "{}", long.len());
}

#[test]
fn native_functions_are_imported_and_global() {
    let program = compile(
        "import { util as u, runtime } from '@aws-appsync/utils';
         import * as ddb from '@aws-appsync/utils/dynamodb';
         import { get } from '@aws-appsync/utils/dynamodb';
         export function request(ctx) {
           return [u === util, typeof runtime.earlyReturn, util.text.count(1, 2, 3), get({ id: 1 }),
             ddb.delete('x').key, util.echo({ a: [undefined, null, ctx.a] }), util.echo(), util.echo.name];
         }",
    );
    let mut natives = Recorder::default();
    let result = run_with(&program, r#"[{"a":1}]"#, &mut natives).unwrap();
    assert_eq!(
        result,
        r#"[true,"function",3,{"key":{"id":1},"operation":"GetItem"},"x",{"a":[null,null,1]},null,"echo"]"#
    );
    let calls = [
        "1 [1,2,3]",
        r#"4 [{"id":1}]"#,
        r#"4 ["x"]"#,
        r#"0 [{"a":[null,null,1]}]"#,
        "0 []",
    ];
    assert_eq!(natives.calls, calls);
    assert_eq!(body("util.echo(1n)").unwrap_err().kind, ErrorKind::Threw);
}

#[test]
fn undefined_arguments_are_null() {
    let mut natives = Recorder::default();
    let program = compile(&function("util.echo(undefined, () => 1, NaN)"));
    run_with(&program, "[{}]", &mut natives).unwrap();
    assert_eq!(natives.calls, ["0 [null,null,null]"]);
}

#[test]
fn a_native_function_knows_where_it_is_called() {
    let place = body("const f = () => util.where();\nreturn f();").unwrap();
    assert_eq!(place, r#"["main.js",3,22]"#);
}

#[test]
fn a_native_function_ends_the_run_whatever_the_program_does() {
    for code in [
        "util.error('no')",
        "try { util.error('no') } catch { return 'caught' } finally { util.echo('more') }",
        "try { util.error('no') } catch {} while (true) {}",
        "return { toJSON() { util.error('no') } }",
        "[3, 2, 1].sort(() => util.error('no'))",
        "try { runtime.earlyReturn({}) } catch {} return util.echo(5)",
    ] {
        let mut natives = Recorder::default();
        let error = run_with(&compile(&function(code)), "[{}]", &mut natives).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Stopped, "{code}");
        assert_eq!(natives.calls.len(), 1, "{code}");
        assert_eq!(body("return util.echo(7)").unwrap(), "7");
    }
}

#[test]
fn native_functions_are_not_called_while_a_module_is_loaded() {
    let error = refused(&[module("a.js", "const now = util.echo(1);")]);
    assert_eq!(
        error.message,
        "TypeError: util.echo can only be called in a function, not while the module is loaded"
    );
}

#[test]
fn the_console_prints_values_as_they_are_written() {
    let code = r#"
        console.log('plain', 1, -0, null, undefined, true, 12n);
        console.log({ a: 1, 'b-c': 'it\'s', d: [1, 'x', [], {}] }, [{ e: { f: { g: 1 } } }]);
        console.log(new Map([['k', { v: 1 }]]), new Set([1]), /a+/g, new Date(0), () => 1);
        const self = {}; self.self = self; console.error(self, new TypeError('bad'));
        console.log();"#;
    let mut natives = Recorder::default();
    run_with(&compile(&function(code)), "[{}]", &mut natives).unwrap();
    let printed = [
        r#"5 ["plain 1 -0 null undefined true 12n"]"#,
        r#"5 ["{ a: 1, 'b-c': 'it\\'s', d: [ 1, 'x', [], {} ] } [ { e: { f: [Object] } } ]"]"#,
        "5 [\"Map(1) { 'k' => { v: 1 } } Set(1) { 1 } /a+/g 1970-01-01T00:00:00.000Z [Function: (anonymous)]\"]",
        r#"5 ["{ self: [Circular] } TypeError: bad"]"#,
        r#"5 [""]"#,
    ];
    assert_eq!(natives.calls, printed);
}

#[test]
fn what_is_no_json_is_no_result() {
    assert_eq!(
        message("return 1n"),
        "TypeError: BigInt are forbidden in JSON.stringify"
    );
    assert_eq!(
        message("const a = {}; a.a = a; return a"),
        "TypeError: circular reference"
    );
    assert_eq!(
        message("return { toJSON() { throw new Error('mine') } }"),
        "Error: mine"
    );
    assert_eq!(
        message("return Promise.resolve(1)"),
        "the function gave a Promise: scripts are synchronous"
    );
    assert_eq!(
        message("return 'x'.repeat(17 << 20).slice(0)"),
        "the script uses too much memory"
    );
    let roomy = Bounds {
        memory: 256 << 20,
        ..GENEROUS
    };
    let long = compile_with(&function("return 'x'.repeat(17 << 20)"), roomy);
    let error = run(&long, "[]").unwrap_err();
    assert_eq!(error.message, "the result is larger than 16 MiB");
    assert_eq!(body("return () => 1").unwrap(), "null");
    assert_eq!(body("return '\\ud800'").unwrap(), r#""\ud800""#);
}

#[test]
fn an_async_function_is_an_error_and_leaves_no_work() {
    let later = compile("export async function request() { await null; return 1 }");
    for _ in 0..3 {
        let error = run(&later, "[]").unwrap_err();
        assert_eq!(
            error.message,
            "the function gave a Promise: scripts are synchronous"
        );
    }
    let hidden = "Promise.resolve().then(() => util.echo('late')); return 1";
    assert_eq!(
        message(hidden),
        "the function left a Promise behind: scripts are synchronous"
    );
    assert_eq!(body("return 2").unwrap(), "2");
}
