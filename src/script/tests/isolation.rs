//! Nothing that a run does is met by another.

use super::*;

#[test]
fn no_run_changes_what_the_next_one_meets() {
    let attempts = [
        "globalThis.leak = 1",
        "leak = 1",
        "Object.prototype.leak = 1",
        "({}).__proto__.leak = 1",
        "Object.setPrototypeOf(Object.prototype, { leak: 1 })",
        "Object.defineProperty(Object.prototype, 'leak', { value: 1 })",
        "Array.prototype.map = () => 'leak'",
        "Array.prototype.push.leak = 1",
        "[][Symbol.iterator]().__proto__.leak = 1",
        "(function* () {})().__proto__.__proto__.leak = 1",
        "(async () => {}).__proto__.leak = 1",
        "(async function* () {}).prototype.__proto__.leak = 1",
        "new Map().entries().__proto__.leak = 1",
        "''.matchAll(/x/g).__proto__.leak = 1",
        "/x/.__proto__.exec = () => 'leak'",
        "String.prototype.leak = 1",
        "Error.stackTraceLimit = 0; Error.leak = 1",
        "Error.prepareStackTrace = () => 'leak'; Error.leak = 1",
        "Error.prototype.name = 'leak'",
        "Object.prototype.toString = () => 'leak'",
        "JSON.stringify = () => 'leak'",
        "Math.max = () => 'leak'",
        "Date.prototype.toISOString = () => 'leak'",
        "Symbol.prototype.leak = 1",
        "BigInt.prototype.toJSON = () => 'leak'",
        "Promise.prototype.then = () => 'leak'",
        "util.leak = 1",
        "util.echo.leak = 1",
        "util.text.leak = 1",
        "util.echo = () => 'leak'",
        "delete util.echo",
        "util.text.__proto__ = null",
        "console.log = () => 'leak'",
        "import.meta.leak = 1",
        "request.leak = 1",
        "undefined = 1",
        "delete globalThis.JSON",
    ];
    for attempt in attempts {
        let error = body(attempt).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Threw, "{attempt}");
    }
    let probe = "
        return [typeof globalThis.leak, typeof ({}).leak, [1].map((x) => x + 1), typeof [].push.leak,
          typeof [].values().leak, `${{}}`, Math.max(1, 2), util.echo(1), typeof util.leak,
          typeof util.echo.leak, typeof request.leak, typeof import.meta.leak,
          new Error('x').toString(), typeof new Error('x').stack]";
    assert_eq!(
        body(probe).unwrap(),
        r#"["undefined","undefined",[2],"undefined","undefined","[object Object]",2,1,"undefined","undefined","undefined","undefined","Error: x","string"]"#
    );
}

#[test]
fn prototypes_are_not_polluted_through_json() {
    let merge = "
        const merge = (to, from) => {
          for (const key of Object.keys(from)) {
            if (typeof from[key] === 'object') merge(to[key] ??= {}, from[key]);
            else to[key] = from[key];
          }
          return to;
        };
        return merge({}, ctx)";
    let program = compile(&function(merge));
    let error = run(&program, r#"[{"__proto__":{"admin":true}}]"#).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Threw);
    let error = run(
        &program,
        r#"[{"constructor":{"prototype":{"admin":true}}}]"#,
    )
    .unwrap_err();
    assert_eq!(error.kind, ErrorKind::Threw);
    assert_eq!(body("return [({}).admin === undefined]").unwrap(), "[true]");
}

#[test]
fn no_text_becomes_code() {
    for attempt in [
        "return eval('1')",
        "return new Function('return 1')()",
        "return (() => {}).constructor('return 1')()",
        "return (function* () {}).constructor('yield 1')()",
        "return (async () => {}).constructor('return 1')()",
        "return (async function* () {}).constructor('return 1')()",
        "return Reflect.construct((() => {}).constructor, ['return 1'])()",
        "return util.echo.constructor('return 1')()",
        "return setTimeout(() => {}, 0)",
        "return require('fs')",
        "return std.exit(1)",
    ] {
        assert_eq!(
            body(attempt).unwrap_err().kind,
            ErrorKind::Threw,
            "{attempt}"
        );
    }
    // What is imported at run time would come too late for a result.
    for name in ["./other.js", "loomgate:prelude", "std", UTILS] {
        let error = body(&format!("import('{name}'); return 1")).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Threw, "{name}");
    }
    assert_eq!(body("return 1").unwrap(), "1");
}

#[test]
fn there_is_no_clock() {
    for attempt in ["Date.now()", "new Date()", "Date()", "performance.now()"] {
        assert!(body(&format!("return {attempt}")).is_err(), "{attempt}");
    }
    let given = "return [new Date(0), new Date('2024-02-29T12:00:00Z').getUTCDay(), Date.UTC(2024, 1),
        Date.parse('1970-01-01T00:00:01Z'), new Date(0) instanceof Date, new Date(5).constructor === Date]";
    assert_eq!(
        body(given).unwrap(),
        r#"["1970-01-01T00:00:00.000Z",4,1706745600000,1000,true,true]"#
    );
    assert!(body("return new (new Date(0).constructor)()").is_err());
}

#[test]
fn what_is_frozen_may_still_be_overridden_in_what_inherits_it() {
    let code = "
        class Refusal extends Error { constructor(m) { super(m); this.name = 'Refusal' } }
        const e = new Error('a'); e.message = 'b'; e.name = 'Mine';
        const o = {}; o.toString = () => 'o'; o.constructor = 1;
        return [`${new Refusal('x')}`, `${e}`, `${o}`, Object.keys(o), new Refusal('x') instanceof Error]";
    assert_eq!(
        body(code).unwrap(),
        r#"["Refusal: x","Mine: b","o",["toString","constructor"],true]"#
    );
}

#[test]
fn two_programs_do_not_meet_though_their_modules_have_the_same_names() {
    let program = |n: u32| {
        let modules = [
            module(
                "main.js",
                "import { n } from './n.js'; export const request = () => n;",
            ),
            module("n.js", &format!("export const n = {n};")),
        ];
        Program::compile(&modules, &NATIVES, GENEROUS).unwrap()
    };
    let (one, two) = (program(1), program(2));
    for _ in 0..3 {
        assert_eq!(run(&one, "[]").unwrap(), "1");
        assert_eq!(run(&two, "[]").unwrap(), "2");
    }
    let steal = format!("import {{ n }} from '{}:n.js';", one.id);
    assert_eq!(
        refused(&[module("main.js", &steal)]).kind,
        ErrorKind::Syntax
    );
}

#[test]
fn threads_run_the_same_programs_at_once() {
    let sum = compile(
        "export const request = (n) => { let s = 0; for (let i = 0; i < n; i++) s += i; return s }",
    );
    let echo = compile(&function("return util.echo(ctx)"));
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (sum, echo) = (&sum, &echo);
            scope.spawn(move || {
                for round in 0..50 {
                    assert_eq!(run(sum, "[100]").unwrap(), "4950");
                    let json = format!(r#"{{"thread":{thread},"round":{round}}}"#);
                    assert_eq!(
                        run(echo, &format!("[{json}]")).map(|json| json.len()),
                        Ok(json.len())
                    );
                }
            });
        }
    });
}

#[test]
fn a_realm_forgets_programs_that_are_gone() {
    let natives: &'static [Native] = Box::leak(Box::new(NATIVES));
    let make = |n: u32| {
        let code = format!("export const request = () => {n};");
        Program::compile(&[module("main.js", &code)], natives, GENEROUS).unwrap()
    };
    let kept = make(0);
    for generation in 1..200 {
        let program = make(generation);
        assert_eq!(run(&program, "[]").unwrap(), generation.to_string());
        assert_eq!(run(&kept, "[]").unwrap(), "0");
    }
    let (loaded, dead) = super::super::realm::census(&kept);
    assert!(loaded <= 2 && dead <= 2, "{loaded} loaded, {dead} dead");
}

#[test]
fn a_function_may_run_another_program() {
    struct Nested(Arc<Program>);
    impl Natives for Nested {
        fn call(
            &mut self,
            _: u16,
            arguments: &[u8],
            _: &dyn Fn() -> Option<Place>,
        ) -> Result<Bytes, Stopped> {
            let inner = run(&self.0, std::str::from_utf8(arguments).unwrap());
            Ok(Bytes::from(inner.unwrap()))
        }
    }
    let mut nested = Nested(compile("export const request = (x) => x * 2;"));
    let outer = compile(&function("return [util.echo(21), util.echo(1)]"));
    let result = outer.run("request", b"[{}]", &mut nested);
    assert!(matches!(result, Ok(Ran::Done(json)) if json == "[42,2]"));
}

#[test]
fn a_panic_of_a_function_does_not_spoil_the_thread() {
    struct Panics;
    impl Natives for Panics {
        fn call(
            &mut self,
            _: u16,
            _: &[u8],
            _: &dyn Fn() -> Option<Place>,
        ) -> Result<Bytes, Stopped> {
            panic!("on purpose");
        }
    }
    let program = compile(&function("try { util.echo(1) } catch {} return 1"));
    let run_it = || program.run("request", b"[{}]", &mut Panics);
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run_it));
    assert!(result.is_err());
    assert_eq!(run(&program, "[{}]").unwrap(), "1");
}

#[test]
fn an_idle_realm_and_a_program_in_it_are_small() {
    let natives: &'static [Native] = Box::leak(Box::new(NATIVES));
    let make = || {
        let code = "export const request = (ctx) => ({ id: ctx.id }); export const response = (ctx) => ctx;";
        Program::compile(&[module("main.js", code)], natives, GENEROUS).unwrap()
    };
    let first = make();
    let alone = super::super::realm::weigh(&first);
    let others: Vec<Arc<Program>> = (0..100).map(|_| make()).collect();
    let each = (super::super::realm::weigh(&first) - alone) / others.len();
    println!("{alone} bytes for a realm with one program, {each} for each other");
    assert!(alone < 600 << 10, "{alone}");
    assert!(each < 8 << 10, "{each}");
}
