//! What is prepared runs, and keeps nothing.

use rquickjs::{
    CatchResultExt, Context, Ctx, Module, Runtime,
    loader::{BuiltinLoader, BuiltinResolver},
};

use super::{Files, Outcome, js, ts};

/// Modules whose `request` tries to leave something for its next call, each in a way that no check
/// of the source sees.
const LEAKS: &[&str] = &[
    "const list = []; const all = () => list; export const request = () => { const l = all(); l.push(1); return l.length; };",
    "const deep = { a: { b: [{}] } }; const put = (o) => { o.n = (o.n || 0) + 1; return o.n; }; export const request = () => put(deep.a.b[0]);",
    "function helper() {} const put = (o) => { o.n = (o.n || 0) + 1; return o.n; }; export const request = () => put(helper);",
    "function Helper() {} const put = (o) => { o.n = (o.n || 0) + 1; return o.n; }; export const request = () => put(Helper.prototype);",
    "class A { static of = []; } const put = (o) => o.push(1); export const request = () => put(A.of);",
    "const [first, { second }] = [{}, { second: {} }]; const put = (o) => { o.n = (o.n || 0) + 1; return o.n; }; export const request = () => put(second);",
    "let later; later = { n: [] }; const put = (o) => o.push(1); export const request = () => put(later.n);",
    "const hidden = { get inner() { return inner; } }; const inner = []; const put = (o) => o.push(1); export const request = () => put(hidden.inner);",
    "const own = Object.create({ list: [] }); const put = (o) => o.push(1); export const request = () => put(own.list);",
    "const key = Symbol('a'); const own = { [key]: [] }; const put = (o) => o.push(1); export const request = () => put(own[key]);",
    "const shallow = Object.freeze({ list: [] }); const put = (o) => o.push(1); export const request = () => put(shallow.list);",
    "const tag = (s) => s; const put = (o) => o.push(1); export const request = () => put(tag`a`);",
    "const pattern = /a/g; const test = (p) => { p.test('aa'); return p.lastIndex; }; export const request = () => test(pattern);",
    "export default { list: [] }; import own from './main.js'; const put = (o) => o.push(1); export const request = () => put(own.list);",
    "const put = (o) => { o.n = (o.n || 0) + 1; return o.n; }; export const request = () => put(request);",
    "var v = []; const put = (o) => o.push(1); export const request = () => put(v);",
];

/// Modules that hold what cannot be frozen.
const REFUSED: &[&str] = &[
    "const make = (type) => new type(); const seen = make(Map); export const request = () => seen.size;",
    "const items = [1, 2].values(); export const request = () => items.next().value;",
    "const box = { at: [].concat([1, 2][Symbol.iterator]()) }; export const request = () => box.at[0].next().value;",
    "const D = Date; const day = new D(0); export const request = () => day.setFullYear(day.getFullYear() + 1);",
    "const bytes = [1].map(() => new Uint8Array(1)); const put = (o) => { o[0] += 1; return o[0]; }; export const request = () => put(bytes[0]);",
];

#[test]
fn what_a_module_keeps_cannot_be_changed() {
    let mut out = String::new();
    for text in LEAKS {
        out.push_str(&format!("{text}\n    {}\n", twice(&js(text))));
    }
    insta::assert_snapshot!(out);
}

#[test]
fn what_cannot_be_frozen_cannot_be_kept() {
    let mut out = String::new();
    for text in REFUSED {
        let answer = twice(&js(text));
        assert!(answer.starts_with("not loaded"), "{text}\n{answer}");
        out.push_str(&format!("{text}\n    {answer}\n"));
    }
    insta::assert_snapshot!(out);
}

#[test]
fn typescript_runs() {
    let outcome = ts("enum Colour { Red = 'r', 'dark-green' = `g`, }\n\
         const enum Level { Low, High = 5, Higher, Less = -1 }\n\
         type Args = { id: string }\n\
         const wide = <T extends object,\n  U>(a: T): {\n b: T\n} => ({ b: a }) as {\n  b: T }\n\
         ;[1].forEach((n: number) => n!)\n\
         export const request = (ctx: { args: Args }): unknown =>\n  \
           [Colour.Red, Colour['dark-green'], Level.Low, Level[6], Level[-1], wide<Args, {}>(ctx.args).b] satisfies unknown[]\n");
    assert_eq!(outcome.faults(), "");
    assert_eq!(once(&outcome), r#"["r","g",0,"Higher","Less",{"id":"1"}]"#);
}

#[test]
fn files_that_import_each_other_run() {
    let files = Files::new(&[
        (
            "main.ts",
            "import { price, type Price } from './lib/price.js';\nexport const rate = 2;\n\
             export const request = (ctx: { args: Price }) => price(ctx.args);",
        ),
        (
            "lib/price.ts",
            "import { rate } from '../main';\nexport type Price = { id: string };\n\
             export const price = (it: Price) => `${it.id}:${rate}`;",
        ),
    ]);
    assert_eq!(once(&files.prepare("main.ts")), r#""1:2""#);
}

/// Calls `request` once.
fn once(outcome: &Outcome) -> String {
    run(outcome, "JSON.stringify(m.request({ args: { id: '1' } }))")
}

/// Calls `request` twice: both must give the same.
fn twice(outcome: &Outcome) -> String {
    run(
        outcome,
        "const ask = () => { try { return JSON.stringify(m.request({ args: {} })); } \
         catch (e) { return String(e); } }; const a = ask(), b = ask(); \
         a === b ? 'twice ' + a : 'LEAKED ' + a + ' ' + b",
    )
}

fn run(outcome: &Outcome, script: &str) -> String {
    let Some(prepared) = &outcome.prepared else {
        return format!("refused: {}", outcome.faults().trim());
    };
    let mut resolver = BuiltinResolver::default();
    let mut loader = BuiltinLoader::default();
    for module in &prepared.modules {
        resolver.add_module(&module.name);
        loader.add_module(&module.name, module.code.as_bytes());
    }
    let runtime = Runtime::new().expect("a runtime");
    runtime.set_loader(resolver, loader);
    let context = Context::full(&runtime).expect("a context");
    let entry = &prepared.modules[0].name;
    context.with(|cx| match load(&cx, entry) {
        Err(why) => format!("not loaded: {why}"),
        Ok(()) => match cx.eval::<String, _>(script).catch(&cx) {
            Ok(answer) => answer,
            Err(why) => format!("failed: {why}"),
        },
    })
}

fn load(cx: &Ctx<'_>, entry: &str) -> Result<(), String> {
    let text = format!("import * as m from '{entry}'; globalThis.m = m;");
    let loading = Module::evaluate(cx.clone(), "start", text);
    let done = loading.and_then(|loading| loading.finish::<()>());
    done.catch(cx).map_err(|why| why.to_string())
}
