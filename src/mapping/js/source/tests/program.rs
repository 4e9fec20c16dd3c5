//! Modules of several files.

use super::Files;

#[test]
fn files_are_found_with_and_without_their_endings() {
    let files = Files::new(&[
        (
            "resolvers/main.ts",
            "import { a } from './a';\nimport { b } from '../lib/b.js';\nimport c from './c.js';\n\
             export const request = () => a + b + c;",
        ),
        ("resolvers/a.ts", "export const a: number = 1;"),
        ("lib/b.ts", "export const b = 2;"),
        ("resolvers/c.js", "const c = 3; export { c as default };"),
    ]);
    let outcome = files.prepare("resolvers/main.ts");
    assert_eq!(outcome.faults(), "");
    let prepared = outcome.prepared.expect("a module");
    let names: Vec<_> = prepared.modules.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "resolvers/main.ts",
            "resolvers/a.ts",
            "lib/b.ts",
            "resolvers/c.js"
        ]
    );
    let code = &prepared.modules[0].code;
    assert!(code.contains("from 'resolvers/a.ts'"), "{code}");
    assert!(code.contains("from 'lib/b.ts'"), "{code}");
}

#[test]
fn files_may_import_each_other() {
    let files = Files::new(&[
        (
            "main.js",
            "import { b } from './b'; export const a = 1; export const request = () => b();",
        ),
        (
            "b.js",
            "import { a } from './main'; export const b = () => a;",
        ),
    ]);
    let outcome = files.prepare("main.js");
    assert_eq!(outcome.faults(), "");
    assert_eq!(outcome.prepared.expect("a module").modules.len(), 2);
}

#[test]
fn functions_may_come_from_other_files() {
    let files = Files::new(&[
        (
            "main.js",
            "export * from './all'; export { done as response } from './done';",
        ),
        ("all.js", "export { request } from './request';"),
        ("request.js", "export const request = (ctx) => ctx.args.id;"),
        (
            "done.js",
            "export function done(ctx) { return ctx.result; }",
        ),
    ]);
    let outcome = files.prepare("main.js");
    assert_eq!(outcome.faults(), "");
    let prepared = outcome.prepared.expect("a module");
    let id: Vec<Box<str>> = vec!["args".into(), "id".into()];
    assert_eq!(prepared.request.and_then(|it| it.paths), Some(vec![id]));
    let result: Vec<Box<str>> = vec!["result".into()];
    assert_eq!(
        prepared.response.and_then(|it| it.paths),
        Some(vec![result])
    );
}

#[test]
fn files_that_hand_on_each_other_end() {
    let files = Files::new(&[
        (
            "main.js",
            "export * from './b'; export { request } from './b';",
        ),
        (
            "b.js",
            "export * from './main'; export { request } from './main';",
        ),
    ]);
    let outcome = files.prepare("main.js");
    assert!(outcome.prepared.is_none());
    insta::assert_snapshot!(outcome.faults());
}

#[test]
fn faults_of_other_files_are_said_there() {
    let files = Files::new(&[
        (
            "main.ts",
            "import { prize, Price } from './lib';\nimport './broken';\nimport { x } from './nowhere';\n\
             import { t } from './types';\n\
             export const request = (ctx: Price) => prize(x, t);",
        ),
        (
            "lib.ts",
            "export type Price = number;\nlet n = 0;\nexport const price = () => { n = 1; };",
        ),
        ("broken.js", "export const a = ;"),
        ("types.ts", "export type t = 1; export const other = 1;"),
    ]);
    let outcome = files.prepare("main.ts");
    assert!(outcome.prepared.is_none());
    insta::assert_snapshot!(outcome.diagnostics.render(false));
}

#[test]
fn a_call_into_a_file_that_makes_functions_is_refused() {
    let files = Files::new(&[
        (
            "main.js",
            "import { once } from './once';\nconst get = once();\nexport const request = () => get();",
        ),
        (
            "once.js",
            "export const once = () => { const seen = []; return () => seen.push(1); };",
        ),
    ]);
    insta::assert_snapshot!(files.prepare("main.js").faults());
}

#[test]
fn what_the_platform_does_not_have_is_an_error() {
    let text = "import { util as u } from '@aws-appsync/utils';\n\
                import * as ddb from '@aws-appsync/utils/dynamodb';\n\
                export const request = () => [u.platform.autoID(), util.platform.x, ddb.putt()];";
    insta::assert_snapshot!(Files::new(&[("main.js", text)]).prepare("main.js").faults());
}

#[test]
fn too_many_files_are_refused() {
    let names: Vec<(String, String)> = (0..70)
        .map(|n| {
            (
                format!("f{n}.js"),
                format!("import './f{}.js'; export const request = () => 1;", n + 1),
            )
        })
        .collect();
    let files: Vec<(&str, &str)> = names
        .iter()
        .map(|(a, b)| (a.as_str(), b.as_str()))
        .collect();
    insta::assert_snapshot!(Files::new(&files).prepare("f0.js").faults());
}
