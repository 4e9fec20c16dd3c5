//! Every way to take more than is given ends with its own error, and is not met by the next run.

use super::*;

/// Short, because these runs reach it.
const TIGHT: Bounds = Bounds {
    turn: Duration::from_millis(5),
    cpu: Duration::from_millis(300),
    ..GENEROUS
};

/// Checks that a program of this body ends so, and that nothing is left of it.
fn ends(code: &str, kind: ErrorKind) -> ScriptError {
    let error = body(code).expect_err(code);
    assert_eq!(error.kind, kind, "{code}: {}", error.message);
    assert_eq!(body("return ctx.a + 1").unwrap(), "2", "{code}");
    error
}

#[test]
fn what_takes_too_long_is_given_up() {
    for code in [
        "while (true) {}",
        "for (;;) { try { while (true) {} } catch {} finally { continue } }",
        "const f = () => f2(); const f2 = () => { let i = 0; while (i >= 0) i = (i + 1) % 7 }; f()",
        "return /^(a+)+$/.test('a'.repeat(60) + 'b')",
        "return { get a() { for (;;) {} } }",
        "return { toJSON() { for (;;) {} } }",
        "throw { toString() { for (;;) {} }, toJSON() { for (;;) {} } }",
        "throw Object.assign(new Error(), { get message() { for (;;) {} } })",
        "return [...(function* () { for (;;) yield* [] })()]",
        "return [].includes.call({ length: 2 ** 53 }, 1)",
        "return Array(4e9).indexOf(1)",
        "return new Proxy({}, { ownKeys() { for (;;) {} } })",
    ] {
        let program = compile_with(&function(code), TIGHT);
        assert_eq!(run(&program, "[{}]").as_deref(), Ok("too long"), "{code}");
        assert_eq!(body("return ctx.a").unwrap(), "1", "{code}");
    }
}

#[test]
fn loops_of_the_engine_that_it_does_not_watch_are_bounded() {
    for code in [
        "return Array(4e9).join('')",
        "return `${Array(4e9)}`",
        "return [].join.call({ length: 2 ** 53 }, '')",
        "return Array(4e9).reverse()",
        "return Array(4e9).slice(0)",
        "return Array(4e9).sort()",
        "return Array(4e9).shift()",
        "return [].concat(Array(4e9))",
        "return [Array(4e9)].flat()",
        "return Array(4e9).copyWithin(0, 1)",
        "return Array(4e9).splice(0, 1)",
        "return Array(4e9).fill(0)",
        "return String.raw({ raw: { length: 2 ** 53 } })",
        "return 'a'.repeat(4e6).indexOf('a'.repeat(2e6) + 'b')",
        "return 'a'.repeat(4e6).split('a'.repeat(2e6) + 'b')",
        "return 'a'.repeat(4e6).replaceAll('a'.repeat(2e6) + 'b', '')",
    ] {
        ends(code, ErrorKind::Threw);
    }
    assert_eq!(
        body(
            "return [[3, 1, 2].sort(), [1, [2, [3]]].flat(), ['a', 'b'].join('-'), `${[1, 2]}`,
              'a-b'.split('-'), 'aXa'.replaceAll('X', (m) => m + m), 'a1'.replace(/\\d/, '#'),
              'abc'.includes('c'), 'a,b'.split(), 'null'.indexOf(null)]"
        )
        .unwrap(),
        r##"[[1,2,3],[1,2,[3]],"a-b","1,2",["a","b"],"aXXa","a#",true,["a,b"],0]"##
    );
}

#[test]
fn calls_that_take_long_are_given_up_after_a_few_of_them() {
    for code in [
        "for (;;) util.echo('x'.repeat(1e6))",
        "for (;;) try { util.echo('x'.repeat(1e6)) } catch {}",
        "for (;;) 'x'.repeat(4e6)",
        "const s = 'x'.repeat(4e6); for (;;) s.indexOf('y')",
        "const s = 'x'.repeat(4e6); for (;;) s.toUpperCase()",
        "const s = 'x'.repeat(4e6); for (;;) parseFloat(s)",
        "const a = new Array(3e5).fill(1); for (;;) JSON.stringify(a)",
        "const a = new Array(3e5).fill(1); for (;;) a.slice()",
        "const a = {}; for (let i = 0; i < 1e4; i++) a['k' + i] = 1; for (;;) Object.keys(a)",
        "const a = new Uint8Array(4e6); for (;;) a.indexOf(5)",
        "const a = new Uint8Array(1e6); for (;;) a.sort()",
        // What is caught is no result: the run is begun again elsewhere.
        "for (;;) try { 'x'.repeat(4e6) } catch { return 'caught' }",
    ] {
        let program = compile_with(&function(code), TIGHT);
        let watch = crate::clock::Stopwatch::start();
        assert_eq!(run(&program, "[{}]").as_deref(), Ok("too long"), "{code}");
        let took = watch.elapsed();
        assert!(took < Duration::from_secs(5), "{code}: {took:?}");
    }
    ends("return new Uint8Array(3e6).sort()", ErrorKind::Threw);
}

#[test]
fn what_takes_too_much_memory_ends() {
    for code in [
        "const a = []; for (;;) a.push({})",
        "let s = 'x'; for (;;) s += s + Math.random()",
        "return 'x'.repeat(2 ** 29)",
        "return new Array(5e6).fill(0).map((x) => [x])",
        "return new ArrayBuffer(2 ** 30)",
        "return new Uint8Array(2 ** 30)",
        "const m = new Map(); for (let i = 0; ; i++) m.set(i, 'x'.repeat(i))",
        "return JSON.stringify(Array(4e8))",
        "return Array.from({ length: 1e9 })",
        "const a = []; try { for (;;) a.push(new Array(1000).fill(1)) } catch { for (;;) a.push([]) }",
    ] {
        ends(code, ErrorKind::Memory);
    }
    let error = ends("return 'x'.repeat(2 ** 30)", ErrorKind::Threw);
    assert_eq!(error.message, "RangeError: invalid string length");
}

#[test]
fn garbage_of_one_run_is_not_counted_against_the_next() {
    let cycles = compile(&function(
        "for (let i = 0; i < 2000; i++) { const a = { i }; a.a = a } return 1",
    ));
    for _ in 0..200 {
        assert_eq!(run(&cycles, "[{}]").unwrap(), "1");
    }
    assert_eq!(
        body("return 'x'.repeat(15 << 20).length").unwrap(),
        (15 << 20).to_string()
    );
}

#[test]
fn what_calls_itself_for_ever_ends() {
    for code in [
        "const f = () => f() + 1; return f()",
        "const o = { toJSON() { return { o } } }; return o",
        "const o = { get a() { return this.a } }; return o",
        "let a = []; for (let i = 0; i < 100000; i++) a = [a]; return a",
        "return JSON.parse('['.repeat(100000))",
        "const f = () => [1].map(f); return f()",
    ] {
        ends(code, ErrorKind::Stack);
    }
    // A program may catch it, and goes on as if nothing had been.
    let caught = "const f = () => f() + 1; try { f() } catch (e) { return e.name }";
    assert_eq!(body(caught).unwrap(), r#""RangeError""#);
    let deep = format!("[{}1{}]", "[".repeat(100_000), "]".repeat(100_000));
    let program = compile(&function("return 1"));
    assert_eq!(run(&program, &deep).unwrap_err().kind, ErrorKind::Stack);
    assert_eq!(run(&program, "[1]").unwrap(), "1");
}

#[test]
fn texts_that_nest_deeply_are_refused() {
    let code = format!(
        "export const a = {}1{};",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    assert_eq!(refused(&[module("a.js", &code)]).kind, ErrorKind::Stack);
    let modules = [module("a.js", "for (;;) {}")];
    let error = Program::compile(&modules, &NATIVES, TIGHT).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Time);
}

#[test]
fn stack_is_counted_from_where_a_run_begins() {
    fn deeper(levels: u32, program: &Arc<Program>) -> String {
        let frame = std::hint::black_box([0u8; 1024]);
        let result = match levels {
            0 => run(program, "[20]").unwrap(),
            levels => deeper(levels - 1, program),
        };
        std::hint::black_box(frame);
        result
    }
    let bounds = Bounds {
        stack: 128 << 10,
        ..GENEROUS
    };
    let code = "export const request = (n) => n === 0 ? 0 : 1 + request(n - 1);";
    let program = compile_with(code, bounds);
    for levels in [0, 400] {
        assert_eq!(deeper(levels, &program), "20");
    }
}

#[test]
fn a_run_that_was_given_up_is_finished_elsewhere() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let long = compile_with(
        &function(
            "let n = 0; util.echo('once'); for (let i = 0; i < ctx; i++) n = (n + i) % 1000; return n",
        ),
        Bounds {
            cpu: Duration::from_secs(20),
            ..TIGHT
        },
    );
    let mut natives = Recorder::default();
    let ran = long.run("request", b"[1000000]", &mut natives);
    assert!(matches!(ran, Ok(Ran::TooLong)));
    let (result, natives) = runtime.block_on(long.finish(
        "request",
        Bytes::from_static(b"[1000000]"),
        Recorder::default(),
    ));
    assert_eq!(result.unwrap(), "0");
    assert_eq!(natives.calls, [r#"0 ["once"]"#]);

    let endless = compile_with(&function("for (;;) {}"), TIGHT);
    let (result, _) = runtime.block_on(endless.finish(
        "request",
        Bytes::from_static(b"[1]"),
        Recorder::default(),
    ));
    assert_eq!(result.unwrap_err().kind, ErrorKind::Time);
    let (result, _) =
        runtime.block_on(long.finish("request", Bytes::from_static(b"[3]"), Recorder::default()));
    assert_eq!(result.unwrap(), "3");
}

#[test]
fn a_full_queue_is_an_error() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let slow = compile_with(
        &function("for (let i = 0; i < 1000000; i++); return 1"),
        GENEROUS,
    );
    let results = runtime.block_on(async {
        let arguments = Bytes::from_static(b"[1]");
        let runs = (0..100).map(|_| slow.finish("request", arguments.clone(), Recorder::default()));
        futures::future::join_all(runs).await
    });
    let busy = |result: &Result<Bytes, ScriptError>| matches!(result, Err(error) if error.kind == ErrorKind::Busy);
    assert!(results.iter().any(|(result, _)| busy(result)));
    assert!(
        results
            .iter()
            .all(|(result, _)| result.is_ok() || busy(result))
    );
}
