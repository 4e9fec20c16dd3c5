//! What a module may not do, case by case.

use super::{js, ts};

/// Statements in `request`: what AppSync refuses.
const REFUSED: &[&str] = &[
    "let i = 0; while (i < 3) { i += 1; }",
    "let i = 0; do { i += 1; } while (i < 3);",
    "for (let i = 0; i < 3; i += 1) {}",
    "for (const x of [1]) { if (x) { continue; } }",
    "outer: for (const x of [1]) { break outer; }",
    "throw new Error('no');",
    "try { JSON.parse('x'); } catch (e) { return e; } finally { return 1; }",
    "class A { get() { return 1; } }",
    "return this.id;",
    "function* ids() { yield 1; }",
    "let i = 0; i++; --i;",
    "return ~ctx.args.bits;",
    "return 'id' in ctx.args;",
    "return ctx.args instanceof Object;",
    "return ctx.args.id.replace(/a/g, 'b');",
    "return tag`a${ctx.args.id}`; function tag(s) { return s; }",
    "const sql = (s) => s; return sql`a`;",
    "debugger;",
    "return new Date().getTime();",
    "return new Map([['a', 1]]).get('a');",
    "return encodeURIComponent(ctx.args.id);",
    "return new RegExp('a').test('a');",
    "return Symbol('a');",
    "return globalThis.util;",
    "return Object.freeze({});",
    "return Object.fromEntries([]);",
    "return Array.from('abc');",
    "return Array.isArray(ctx.args.ids);",
    "return Math.abs(-1) + Math.max(1, 2);",
    "return Number.isInteger(1) || Number.isNaN(1);",
    "return String.fromCharCode(65);",
    "return 'a'.padStart(2) + 'a'.charCodeAt(0);",
    "return ctx.args?.name?.repeat(2);",
    "return ctx.args.hasOwnProperty('id');",
    "return [2, 1].sort((a, b) => a - b);",
    "return 'a'.replace('a', () => 'b');",
    "console.warn('x'); console.log('y');",
    "const f = (x) => x; return f.call(null, 1);",
    "return fold(3); function fold(n) { return n < 1 ? 0 : fold(n - 1); }",
    "const f = (g) => g(1); return f((x) => x);",
    "return (x) => x;",
    "const f = () => 1; const g = f; return g();",
    "let f = () => 1; f = 2; return f;",
    "return ctx.args.ids.map((id) => ({ id })).filter(keep); function keep(it) { return it; }",
];

/// Statements in `request`: what cannot work.
const IMPOSSIBLE: &[&str] = &[
    "const f = async () => 1;",
    "async function f() { await 1; }",
    "async function f() { for await (const x of []) {} }",
    "return Promise.resolve(1);",
    "return import('./x.js');",
    "return import.meta.url;",
    "return eval('1');",
    "return new Function('return 1')();",
    "return require('x');",
    "return fetch('https://example.com');",
    "setTimeout(() => {}, 1);",
    "return process.env.TABLE;",
    "return Buffer.from('a');",
    "return crypto.randomUUID();",
    "return typeof process;",
    "return cxt.args.id;",
    "return utils.toJson(1);",
    "total = 1;",
    "util.seen = true;",
    "globalThis.seen = true;",
    "return ctx.args.id",
];

/// Whole modules: what would be kept.
const KEPT: &[&str] = &[
    "let n = 0; export function request() { n += 1; }",
    "let n = 0; export function request() { n++; }",
    "let n = 0; export function request() { [n] = [1]; }",
    "let n = 0; export function request() { ({ n } = { n: 1 }); }",
    "let n = 0; export function request() { for (n of [1]) {} }",
    "const seen = {}; export function request(ctx) { seen[ctx.args.id] = 1; }",
    "const seen = {}; export function request(ctx) { seen.a.b.c = 1; }",
    "const seen = {}; export function request(ctx) { delete seen.a; }",
    "const seen = {}; export function request(ctx) { seen.n++; }",
    "const seen = {}; export function request(ctx) { [seen.a] = [1]; }",
    "const seen = {}; export function request(ctx) { ({ a: seen.a } = { a: 1 }); }",
    "const seen = {}; export function request(ctx) { seen.a ??= 1; }",
    "const list = []; export function request(ctx) { list.push(1); }",
    "const list = []; export function request(ctx) { return list.sort(); }",
    "const list = { of: [] }; export function request(ctx) { list.of.splice(0); }",
    "const list = []; export function request(ctx) { [1].forEach((x) => list.push(x)); }",
    "const all = {}; export function request(ctx) { Object.assign(all, ctx.args); }",
    "const all = {}; export function request(ctx) { return Object.assign({}, all); }",
    "const seen = new Map(); export function request(ctx) { seen.set(1, 2); }",
    "import { util } from '@aws-appsync/utils'; export function request() { util.x = 1; }",
    "export function request() { request.count = 1; }",
    "export const request = () => { helper.x = 1; }; function helper() {}",
    "{ let n = 0; globalThis.x = 1; } export function request() {}",
    "let f; { let n = 0; f = () => n; } export function request() { return f(); }",
    "const next = (() => { let n = 0; return () => { n += 1; return n; }; })(); export function request() { return next(); }",
    "const make = (n) => () => n; export function request() { return make(1)(); }",
    "const make = (list) => () => list; const f = make([]); export function request() { return f(); }",
    "const table = ['a', 'b'].join('-'); export function request() { return table; }",
    "const names = ['a'].map((x) => x + 1); export function request() { return names; }",
    "class C { #n = 0; next() { return this.#n; } } const c = new C(); export function request() { return c.next(); }",
    "let n = 0; n += 1; const list = []; list.push(n); export function request() { return list; }",
    "export function request() { let n = 0; n += 1; const list = []; list.push(n); return list; }",
    "const __loomgate_keep = 1; export function request() {}",
];

/// Whole modules: imports and exports.
const EXCHANGED: &[&str] = &[
    "import { util } from '@aws-appsync/utils'; export function request() { return util.autoId(); }",
    "import { utils } from '@aws-appsync/utils'; export function request() { return utils; }",
    "import { put } from '@aws-appsync/utils'; export function request() { return put({}); }",
    "import * as ddb from '@aws-appsync/utils/dynamodb'; export function request() { return ddb.put({}); }",
    "import { anything } from '@aws-appsync/utils/ai'; export function request() { return anything; }",
    "import { get } from '@aws-appsync/utils/dynamo'; export function request() { return get; }",
    "import { put } from 'appsync-utils'; export function request() { return put; }",
    "import { head } from 'lodash'; export function request() { return head([]); }",
    "import x from '/etc/passwd'; export function request() { return x; }",
    "import x from '../../secret.js'; export function request() { return x; }",
    "import { x } from './lib'; export function request() { return x; }",
    "export function requets(ctx) {}",
    "export function request(ctx) {} export function reponse(ctx) {}",
    "export function onPublish(ctx) {}",
    "export default { request(ctx) {} };",
    "export const request = {};",
    "export const request = 5, response = () => 1;",
    "function request(ctx) {} function response(ctx) {}",
    "function go(ctx) {} export { go as request };",
    "",
];

/// Text that is no JavaScript.
const SYNTAX: &[&str] = &[
    "export function request(ctx) { return { a: 1 }",
    "export function request(ctx) { const = 1; }",
    "export function request(ctx) { let a; let a; }",
    "export function request(ctx) { return `a ${ }`; }",
    "export function request(ctx: Context) { return 1; }",
    "export function request(ctx) { return ctx.args.id;; } }",
    "export { nothing };",
    "export function request(ctx) { with (ctx) {} }",
];

/// TypeScript that is more than types.
const TYPESCRIPT: &[&str] = &[
    "namespace A { export const x = 1; } export function request() {}",
    "export function request() {} export = request;",
    "import fs = require('fs'); export function request() { return fs; }",
    "class A { constructor(private x: number) {} } export function request() {}",
    "abstract class A { private x = 1; } export function request() {}",
    "@sealed class A {} export function request() {} declare const sealed: any;",
    "enum A { X = f() } function f() { return 1; } export function request() {}",
    "enum A { X = 'x', Y } export function request() {}",
    "import { Missing } from 'not-installed'; export function request(ctx: Missing) { return ctx; }",
    "declare const table: string; export function request() { return table; }",
];

#[test]
fn what_appsync_refuses_is_a_warning() {
    insta::assert_snapshot!(in_request(REFUSED));
}

#[test]
fn what_cannot_work_is_an_error() {
    insta::assert_snapshot!(in_request(IMPOSSIBLE));
}

#[test]
fn what_would_be_kept_is_an_error() {
    insta::assert_snapshot!(modules(KEPT));
}

#[test]
fn imports_and_exports_are_checked() {
    insta::assert_snapshot!(modules(EXCHANGED));
}

#[test]
fn what_is_no_javascript_is_said_at_its_place() {
    insta::assert_snapshot!(modules(SYNTAX));
}

#[test]
fn typescript_that_is_more_than_types_is_refused() {
    let mut out = String::new();
    for text in TYPESCRIPT {
        out.push_str(&format!("{text}\n{}", ts(text).faults()));
    }
    insta::assert_snapshot!(out);
}

fn in_request(statements: &[&str]) -> String {
    let mut out = String::new();
    for text in statements {
        let outcome = js(&format!("export function request(ctx) {{ {text} }}"));
        out.push_str(&format!("{text}\n{}", outcome.faults()));
    }
    out
}

fn modules(modules: &[&str]) -> String {
    let mut out = String::new();
    for text in modules {
        out.push_str(&format!("{text}\n{}", js(text).faults()));
    }
    out
}
