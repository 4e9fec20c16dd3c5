//! What `velocity.txt` expects was taken from Apache Velocity 1.7 itself, run with the variables of
//! [`PRELUDE`]: a template, `=> ` and what it prints, and an empty line. Where Velocity shows what
//! only Java has (classes, maps with keys that are no texts), there is no case.

mod host;

use super::*;
use crate::mapping::vtl::{self, EvalFault, Exceeded};
use host::{Fake, SETTINGS, print, run_in, run_with};

/// Gives a template the variables that Velocity was given.
const PRELUDE: &str = concat!(
    r#"#set($map = {"name": "Ada", "n": 3, "empty": "", "nil": $never, "deep": {"x": 1}})"#,
    r#"#set($list = ["a", "b", "c"])#set($text = "hello")#set($one = 1)#set($pi = 3.5)"#,
    "#set($big = 4000000000)#set($yes = true)#set($no = false)",
);

fn fault(template: &str) -> EvalFault<String> {
    match run_with(template, &SETTINGS) {
        Ok(printed) => panic!("`{template}` printed `{}`", printed.text),
        Err(error) => error.fault,
    }
}

#[test]
fn templates_print_what_velocity_prints() {
    let mut wrong = String::new();
    let mut count = 0;
    for case in include_str!("tests/velocity.txt").split("\n\n") {
        let Some((template, expected)) = case.trim_start_matches('\n').split_once("\n=> ") else {
            continue;
        };
        count += 1;
        let expected = expected.strip_suffix('\n').unwrap_or(expected);
        let printed = print(&format!("{PRELUDE}{template}"));
        if printed != expected {
            wrong += &format!("{template}\n  expected {expected}\n  printed  {printed}\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(count > 200, "{count} cases");
}

#[test]
fn a_loop_over_a_huge_range_ends_at_its_bound() {
    let huge = "#foreach($i in [1..1000000000])x#end";
    assert_eq!(fault(huge), EvalFault::Bound(Exceeded::Turns(1000)));
}

#[test]
fn a_huge_range_that_is_not_walked_costs_nothing() {
    assert_eq!(print("#set($r = [1..1000000000])ok"), "ok");
    assert_eq!(
        print("#foreach($i in [1..1000000000])$i#if($i == 3)#break#end#end"),
        "123"
    );
}

#[test]
fn a_text_that_doubles_ends_at_its_bound() {
    let bomb = r#"#set($a = "xxxxxxxxxx")#foreach($i in [1..100])#set($a = "$a$a")#end"#;
    assert_eq!(fault(bomb), EvalFault::Bound(Exceeded::Output(100_000)));
    let bomb = r#"#set($a = "xxxxxxxxxx")#foreach($i in [1..100])#set($a = $a + $a)#end"#;
    assert_eq!(fault(bomb), EvalFault::Bound(Exceeded::Output(100_000)));
}

#[test]
fn lists_that_are_copied_again_and_again_end_at_the_bound_of_steps() {
    let copies = "#set($l = [1..900])#set($kept = [])#foreach($i in [1..4])\
                  #foreach($j in [1..1000])#set($x = $kept.add($l.clone()))#end#end";
    assert_eq!(fault(copies), EvalFault::Bound(Exceeded::Steps(100_000)));
}

#[test]
fn searches_that_go_on_and_on_end_at_the_bound_of_steps() {
    let searches = "#set($x = 'xxxxxxxxxxxx')#foreach($i in [1..10])#foreach($j in [1..1000])\
                    #if($x.matches('(x+x+)+\\1y'))y#end#end#end";
    assert_eq!(fault(searches), EvalFault::Bound(Exceeded::Steps(100_000)));
}

#[test]
fn a_list_of_one_large_text_ends_at_the_bound_of_output() {
    let bomb = concat!(
        r#"#set($a = "xxxxxxxxxx")#foreach($i in [1..12])#set($a = "$a$a")#end"#,
        "#set($l = [$a, $a, $a, $a, $a])#set($m = [$l, $l, $l])$m",
    );
    assert_eq!(fault(bomb), EvalFault::Bound(Exceeded::Output(100_000)));
}

#[test]
fn loops_inside_loops_end_at_the_bound_of_steps() {
    let bomb = "#foreach($i in [1..1000])#foreach($j in [1..1000])#end#end";
    assert_eq!(fault(bomb), EvalFault::Bound(Exceeded::Steps(100_000)));
}

#[test]
fn recursion_ends_at_the_bound_of_depth() {
    let bound = EvalFault::Bound(Exceeded::Depth(20));
    assert_eq!(fault("#macro(m)#m()#end#m()"), bound);
    assert_eq!(fault("#set($e = '#evaluate($e)')#evaluate($e)"), bound);
    assert_eq!(fault(r##"#macro(m $p)#m("$p$p")#end#m("")"##), bound);
}

#[test]
fn the_deepest_nesting_fits_a_thread() {
    let mut settings = SETTINGS;
    settings.bounds.depth = 10_000;
    let deep = "#if(true)".repeat(20) + "#m()" + &"#end".repeat(20);
    let template = format!("#macro(m){deep}#end#m()");
    let error = run_with(&template, &settings).expect_err("it never ends");
    assert!(matches!(error.fault, EvalFault::Bound(Exceeded::Depth(_))));
    let deep = "('' + ".repeat(25) + "\"#m()\"" + &")".repeat(25);
    let template = format!("#macro(m)#set($x = {deep})#end#m()");
    let error = run_with(&template, &settings).expect_err("it never ends");
    assert!(matches!(error.fault, EvalFault::Bound(Exceeded::Depth(_))));
}

#[test]
fn many_evaluated_texts_are_dropped_one_by_one() {
    let mut settings = SETTINGS;
    settings.bounds.turns = 50_000;
    settings.bounds.steps = 10_000_000;
    settings.bounds.output = 10_000_000;
    let many = "#foreach($i in [1..30000])#evaluate(\"$i,\")#end";
    let printed = run_with(many, &settings).expect("it is within its bounds");
    assert!(printed.text.ends_with(",30000,"));
}

#[test]
fn return_ends_the_template_with_its_value() {
    let printed = run_with("a#foreach($i in [1..3])#return($i)#end b", &SETTINGS);
    let printed = printed.expect("it runs");
    assert_eq!(printed.text, "a");
    assert_eq!(
        printed.returned.map(|value| value.to_value()),
        Some(1.into())
    );
    let printed = run_with("a#macro(m)#return#end#m()b", &SETTINGS).expect("it runs");
    assert!(matches!(printed.returned, Some(Val::Null)));
    let printed = run_with("a", &SETTINGS).expect("it runs");
    assert!(printed.returned.is_none());
}

#[test]
fn functions_of_the_embedding_are_called() {
    assert_eq!(print("$util.upper('a')$util.time.now()"), "Anow");
    assert_eq!(print("$util.qr($ctx.stash.put('a', 1))|$ctx.stash.a"), "|1");
    assert_eq!(print("#set($u = $util)$u.upper('a')$u.time.now()"), "Anow");
    assert_eq!(
        print("$util.nope('a') $util.nope"),
        "$util.nope('a') $util.nope"
    );
    assert_eq!(
        print("$ctx.args.id $ctx.args['id'] $ctx['args'].id"),
        "7 7 7"
    );
    assert_eq!(print("$ctx.get('args') $ctx"), "{id=7} {args={id=7}}");
    assert_eq!(print("$util $!util"), "$util ");
}

#[test]
fn a_name_of_the_embedding_may_be_given_a_value() {
    assert_eq!(print("$util.upper('a')#set($util = 'x')$util"), "Ax");
    assert_eq!(print("#foreach($ctx in [1..2])$ctx#end$ctx.args.id"), "127");
    assert_eq!(print("#evaluate('#set($util = 5)')$util"), "5");
}

#[test]
fn what_a_function_throws_says_where() {
    let error = run_with("a $util.fail('no')", &SETTINGS).expect_err("it throws");
    assert_eq!(error.fault, EvalFault::Thrown("no".to_owned()));
    assert_eq!(error.span, 2..18);
}

#[test]
fn an_object_of_the_embedding_is_assigned_to() {
    let mut host = Fake::default();
    let template = "#set($ctx.x = 1)#set($ctx['y'] = [2])$!ctx.put('z', 3)";
    run_in(template, &SETTINGS, &mut host).expect("it runs");
    let assigned = [("x", "1"), ("y", "[2]"), ("z", "3")];
    let assigned = assigned.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(host.assigned, assigned);
}

#[test]
fn api_gateway_prints_nothing_for_nothing_and_lists_as_json() {
    let settings = Settings {
        absent: Absent::Nothing,
        lists_as_json: true,
        set_null: true,
        null_is_empty: true,
        ..SETTINGS
    };
    let print = |template| run_with(template, &settings).map(|printed| printed.text);
    assert_eq!(print("[$none]").as_deref(), Ok("[]"));
    assert_eq!(print("#set($l = [1, 'a'])$l").as_deref(), Ok(r#"[1,"a"]"#));
    assert_eq!(print("#set($m = {'a': [1]})$m").as_deref(), Ok("{a=[1]}"));
    assert_eq!(
        print("#set($m = {'a': {'b': ['c', 1]}})$m").as_deref(),
        Ok(r#"{a={b=["c",1]}}"#)
    );
    assert_eq!(
        print("#if($none == '' && '' == $none && $none != 'a')same#end").as_deref(),
        Ok("same")
    );
    assert_eq!(
        print("#set($a = 1)#set($a = $none)[$a]").as_deref(),
        Ok("[]")
    );
}

/// From Velocity with `directive.set.null.allowed`.
#[test]
fn nothing_can_be_set_where_the_settings_allow_it() {
    let settings = Settings {
        set_null: true,
        ..SETTINGS
    };
    for (template, expected) in [
        ("#set($a = 1)#set($a = $none)[$a]", "[$a]"),
        (
            "#set($m = {'n': 3})#set($m.n = $none)[$m.n]$m",
            "[$m.n]{n=null}",
        ),
        ("#set($l = [1, 2])#set($l[0] = $none)$l", "[null, 2]"),
        ("#macro(m $p)#set($p = $none)[$p]#end#m(1)", "[$p]"),
        (
            "#macro(m $p)#set($p = 2)#set($p = $none)[$p]#end#m(1)",
            "[$p]",
        ),
        (
            "#foreach($i in [1..2])#set($i = $none)[$i]#end$i",
            "[$i][$i]$i",
        ),
        (
            "#macro(m)#set($g = $none)[$g]#end#set($g = 1)#m()$g",
            "[$g]$g",
        ),
    ] {
        let printed = run_with(template, &settings).map(|printed| printed.text);
        assert_eq!(printed.as_deref(), Ok(expected), "{template}");
    }
}

#[test]
fn where_nothing_is_an_error_it_says_what_is_missing() {
    let settings = Settings {
        absent: Absent::Error,
        ..SETTINGS
    };
    let error = run_with("a$!none$none.x", &settings).expect_err("it is missing");
    assert_eq!(error.fault, EvalFault::Missing("$none.x".to_owned()));
    assert_eq!(error.span, 7..14);
}

#[test]
fn a_list_that_grows_under_its_loop_is_an_error() {
    let fault = fault("#set($l = [1])#foreach($i in $l)#set($x = $l.add(2))#end");
    assert!(matches!(fault, EvalFault::Wrong(_)), "{fault:?}");
}

#[test]
fn an_evaluated_text_that_is_no_template_is_an_error() {
    let fault = fault("#set($t = '#if(')#evaluate($t)");
    assert!(matches!(fault, EvalFault::Evaluated(_)), "{fault:?}");
}

#[test]
fn an_index_beyond_the_list_is_an_error() {
    let fault = fault("#set($l = [1])$l[5]");
    assert!(matches!(fault, EvalFault::Method { .. }), "{fault:?}");
}

#[test]
fn a_map_cannot_be_put_into_itself() {
    let fault = fault("#set($m = {})#set($m.a = $m)");
    assert!(matches!(fault, EvalFault::Wrong(_)), "{fault:?}");
}

#[test]
fn each_part_of_the_text_knows_who_wrote_it() {
    let template = "ab$ctx.args.id#if(true)c#end#set($x = \"$ctx.args.id\")$x";
    let printed = run_with(template, &SETTINGS).expect("it runs");
    assert_eq!(printed.text, "ab7c7");
    let at = |text: &str| template.find(text).map_or(0, |at| at as u32);
    let last = template.rfind("$x").map_or(0, |at| at as u32);
    assert_eq!(
        printed.origins,
        [(0, 0), (2, 2), (3, at("c#end")), (4, last)]
    );
}

#[test]
fn a_template_that_is_one_reference_has_a_value() {
    let mut host = Fake::default();
    let value = |template: &str, host: &mut Fake| {
        let program = vtl::compile(template, host).expect("it compiles");
        program
            .value(host, &SETTINGS)
            .map(|value| value.map(|value| value.to_value()))
    };
    assert_eq!(value("$ctx.args.id", &mut host), Some(Ok("7".into())));
    assert_eq!(
        value("$ctx.args.nope", &mut host),
        Some(Ok(crate::json::Value::Null))
    );
    assert_eq!(value("$ctx.args.id ", &mut host), None);
    assert_eq!(value("#set($x = 1)$x", &mut host), None);
}

#[test]
fn places_are_lines_and_columns_in_characters() {
    let source = "aé\n ü$x";
    let at = |text: &str| source.find(text).unwrap_or_default();
    assert_eq!(vtl::line_and_column(source, 0), (1, 1));
    assert_eq!(vtl::line_and_column(source, at("\n")), (1, 3));
    assert_eq!(vtl::line_and_column(source, at("$x")), (2, 3));
    assert_eq!(vtl::line_and_column(source, 1000), (2, 5));
}
