//! What functions read, and whether they need a turn.

use super::{Files, js};

/// Bodies of `request(ctx)`.
const BODIES: &[&str] = &[
    "return { id: ctx.args.id };",
    "return ctx?.args?.id;",
    "return ctx['args'][`id`];",
    "return (ctx.args).id + ctx.args.name;",
    "return ctx.args.ids[0];",
    "return ctx.args[ctx.source.key];",
    "return ctx[ctx.args.key];",
    "const { args } = ctx; return args.id;",
    "const { args: { id, ...rest }, source } = ctx; return id;",
    "const { id, name: title = 'x' } = ctx.args; return id;",
    "const { [ctx.args.k]: x } = ctx; return x;",
    "const { ['id']: x, 'na\\x6de': y } = ctx.args; return x;",
    "const args = ctx.args; return args.id;",
    "const { ...all } = ctx; return all;",
    "const [a] = ctx.args.list; return a;",
    "const c = ctx; return c.args.id;",
    "let a; ({ a } = ctx.args); return a;",
    "let args; ({ args } = ctx); return args;",
    "return ctx;",
    "return { ...ctx };",
    "return { ...ctx.args };",
    "return JSON.stringify(ctx);",
    "return JSON.stringify(ctx.args);",
    "return helper(ctx); function helper(c) { return c; }",
    "return [1].map(() => ctx.args.id);",
    "return [1].map(function () { return arguments.length; });",
    "return arguments[0];",
    "ctx = { args: 1 }; return ctx.args;",
    "return ctx.source.tags.map((t) => t.id);",
    "return ctx.source.tags.length;",
    "return ctx.args.length;",
    "return ctx.args.filter;",
    "return ctx.source.name.trim();",
    "return ctx.args.toString();",
    "return ctx.args.constructor;",
    "for (const x of ctx.source.items) { if (x) { return x; } }",
    "for (const k in ctx.args) { return k; }",
    "return `${ctx.identity.sub}`;",
    "ctx.args.id = 1; return ctx.args.id;",
    "ctx.stash.id = 1;",
    "return ctx.stash.id;",
    "const { stash } = ctx; stash.x = 1;",
    "delete ctx.stash.id;",
    "return util.autoId();",
    "return util.time.nowISO8601();",
    "return util.time.parseISO8601ToEpochMilliSeconds(ctx.args.at);",
    "return util.dynamodb.toMapValues({ id: ctx.args.id });",
    "util.error('no');",
    "util.appendError('no');",
    "const { error } = util; error('x');",
    "const u = util; return u.toJson(1);",
    "return util['autoId']();",
    "return [1].map(util.toJson);",
    "console.log(ctx.args.id);",
    "extensions.evictFromApiCache('Query', 'x', {});",
    "runtime.earlyReturn(1);",
    "return Math.max(1, 2);",
    "return Math.random();",
    "return new Date();",
    "return JSON.parse(ctx.args.json);",
    "const typed = ctx.args; return typed;",
];

/// Whole modules.
const MODULES: &[&str] = &[
    "export const request = ({ args: { id }, identity }) => ({ id, identity });",
    "export const request = ({ args, ...rest }) => ({ args, rest });",
    "export const request = ({ stash }) => { stash.x = 1; };",
    "export const request = (ctx = { args: {} }) => ctx.args.id;",
    "export const request = (...all) => all[0].args.id;",
    "export const request = () => ({ a: 1 });",
    "export const request = function (c) { return c.args.id; };",
    "function go(c) { return c.args.id; } export { go as request };",
    "const go = (c) => c.args.id; export const request = go;",
    "const make = () => (c) => c.args.id; export const request = wrap(1); function wrap(x) { return x; }",
    "export function request(ctx) { return id(ctx.args); } function id(args) { return util.autoId(); }",
    "export function request(ctx) { return a(ctx.args); } function a(x) { return b(x); } function b(x) { return a(x); }",
    "const TABLE = { name: 'x' }; export function request(ctx) { return TABLE.name; }",
    "const say = { it() { console.log(1); } }; export function request(ctx) { return say.it(); }",
    "const log = console.log; export function request(ctx) { return log(1); }",
    "import { util as u } from '@aws-appsync/utils'; export function request(ctx) { return u.toJson(u.autoId()); }",
    "import { util as u } from '@aws-appsync/utils'; export function request(ctx) { return u.base64Encode(ctx.args.id); }",
    "import * as all from '@aws-appsync/utils'; export function request(ctx) { return all.util.base64Encode('x'); }",
    "import { get } from '@aws-appsync/utils/dynamodb'; export function request(ctx) { return get({ key: { id: ctx.args.id } }); }",
    "import * as ddb from '@aws-appsync/utils/dynamodb'; export function request(ctx) { return ddb.get({ key: { id: ctx.args.id } }); }",
];

#[test]
fn a_body_reads_what_it_names() {
    let mut out = String::new();
    for body in BODIES {
        let text = format!("export function request(ctx) {{ {body} }}");
        out.push_str(&format!("{body}\n    {}\n", uses(&text)));
    }
    insta::assert_snapshot!(out);
}

#[test]
fn a_function_is_found_however_it_is_exported() {
    let mut out = String::new();
    for text in MODULES {
        out.push_str(&format!("{text}\n    {}\n", uses(text)));
    }
    insta::assert_snapshot!(out);
}

#[test]
fn a_turn_is_looked_for_in_other_files() {
    let entry = "import { key } from './lib'; import { log } from './log';\n\
                 export const request = (ctx) => key(ctx.args.id);\n\
                 export const response = (ctx) => log(ctx.result.id);";
    let files = Files::new(&[
        ("main.js", entry),
        ("lib.js", "export { key } from './deep/key.js';"),
        ("deep/key.js", "export const key = (id) => ({ id });"),
        (
            "log.ts",
            "export function log(x: any) { console.log(x); return x; }",
        ),
    ]);
    let outcome = files.prepare("main.js");
    assert_eq!(outcome.faults(), "");
    let prepared = outcome.prepared.expect("a module");
    assert_eq!(prepared.request.map(|it| it.own_turn), Some(false));
    assert_eq!(prepared.response.map(|it| it.own_turn), Some(true));
}

fn uses(text: &str) -> String {
    let outcome = js(text);
    let Some(uses) = outcome.prepared.as_ref().and_then(|it| it.request.as_ref()) else {
        return format!("nothing: {}", outcome.faults().trim());
    };
    let paths = match &uses.paths {
        None => "everything".to_owned(),
        Some(paths) if paths.is_empty() => "nothing".to_owned(),
        Some(paths) => {
            let paths: Vec<String> = paths.iter().map(|path| path.join(".")).collect();
            paths.join(", ")
        }
    };
    let turn = match uses.own_turn {
        true => " (own turn)",
        false => "",
    };
    format!("{paths}{turn}")
}
