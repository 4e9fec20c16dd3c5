//! What is compiled: the text, and where its parts stand.

use super::{js, ts};

const TYPED: &str = r#"import { Context, util } from '@aws-appsync/utils';
import type { Put } from './types';
import { type Key, put } from '@aws-appsync/utils/dynamodb';
import { Product } from '../gen/graphql';

type Args = { id: string; tags?: string[] };
export interface Item { id: string }
declare const env: { TABLE: string };

export enum Colour { Red = 'r', Green = 'g' }
const enum Level { Low, High = 5, Higher }

const limits: Record<string, number> = { a: 1 } as const;
let later!: string

export function request(ctx: Context<Args>): Put<Item> {
  const { id, tags = [] } = ctx.args as Args
  ;[id].forEach((it: string) => it!)
  const find = <T,>(list: T[], key?: string): T | undefined => list[0];
  const wide = (a: number): {
    b: number
  } => ({ b: a });
  return put<Item>({ key: { id: id! }, item: <Item>{ id }, n: wide(1), f: find(tags) } satisfies Put<Item>);
}

export const response = (ctx: Context): Item | null => ctx.result as unknown as Item
export type { Args };
function over(a: string): string;
function over(a: number): string;
function over(this: void, a: unknown): string { return `${a}` }
"#;

#[test]
fn types_become_spaces() {
    let outcome = ts(TYPED);
    insta::assert_snapshot!(format!("{}\n{}", outcome.faults(), outcome.code()));
}

#[test]
fn lines_and_columns_stay() {
    let outcome = ts(TYPED);
    let code = outcome.code();
    assert_eq!(code.lines().count(), TYPED.lines().count());
    for (code, text) in code.lines().zip(TYPED.lines()) {
        if !text.contains("enum") && !text.contains("import") {
            assert_eq!(code.trim_end().len().max(text.len()), text.len(), "{text}");
        }
    }
}

#[test]
fn javascript_is_left_as_it_is() {
    let text = "// ключ\nexport function request(ctx) {\n  return { id: ctx.args.id }; // ü\n}";
    assert_eq!(js(text).code(), text);
}

#[test]
fn everything_a_module_keeps_is_frozen() {
    let outcome = js("import { util } from '@aws-appsync/utils';\n\
         const { a, b: [c] } = { a: 1, b: [2] };\n\
         let list = [], later;\n\
         class Price {}\n\
         function helper() {}\n\
         export function request(ctx) { const inner = util; return inner; }");
    assert_eq!(
        outcome.frozen(),
        "__loomgate_keep(a, c, list, later, Price, helper, request);"
    );
}

#[test]
fn what_is_exported_without_a_name_is_frozen_where_it_stands() {
    let outcome = js("export default { a: [] };\nexport function request() {}");
    assert!(
        outcome
            .code()
            .starts_with("export default __loomgate_keep({ a: [] });")
    );
}

#[test]
fn a_place_of_the_code_is_found_in_the_text() {
    let text = "import { util } from '@aws-appsync/utils'; export default { ä: util.autoId };\n\
                export function request(ctx) {\n  return ctx.a.b;\n}\n";
    let outcome = js(text);
    let prepared = outcome.prepared.as_ref().expect("a module");
    let places = &prepared.places;
    let find = |line, column| {
        let (path, line, column) = places.find("main.js", line, column)?;
        Some((path.to_string_lossy().into_owned(), line, column))
    };
    assert_eq!(find(3, 14), Some(("/team/main.js".to_owned(), 3, 14)));
    // `__loomgate_keep(` stands before it.
    let code = outcome.code();
    let column = code.find("util.autoId").expect("a call") as u32;
    let expected = text.find("util.autoId").expect("a call") as u32;
    assert_eq!(find(1, column).map(|it| it.2), Some(expected));
    assert_eq!(find(99, 1), None);
    assert_eq!(places.find("other.js", 1, 1), None);
}

#[test]
fn a_deep_text_ends_in_a_fault_and_not_in_a_crash() {
    for open in [
        "(",
        "[",
        "!",
        "{",
        "a?",
        "a=>",
        "if(a)",
        "`${",
        "typeof ",
        "-",
        "a=",
        "async()=>",
    ] {
        let text = format!("const x = {}", open.repeat(30_000 / open.len()));
        assert!(js(&text).diagnostics.has_errors(), "{open}");
    }
    let long = format!(
        "export function request() {{ return {}1; }}",
        "1+".repeat(16_000)
    );
    js(&long);
    let chain = format!(
        "export function request(c) {{ return c{}; }}",
        ".a".repeat(16_000)
    );
    js(&chain);
    let otherwise = "if (c) {} else ".repeat(2_000);
    js(&format!(
        "export function request(c) {{ {otherwise} {{}} }}"
    ));
}

#[test]
fn a_long_module_is_a_warning_and_a_huge_one_an_error() {
    let long = format!("export function request() {{}}\n//{}", "x".repeat(33_000));
    insta::assert_snapshot!(js(&long).faults());
    let huge = format!("export function request() {{}}\n//{}", "x".repeat(1 << 20));
    insta::assert_snapshot!(js(&huge).faults());
}
