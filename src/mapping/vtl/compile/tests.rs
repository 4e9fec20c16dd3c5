use super::*;
use crate::mapping::vtl::{self, FunctionId};

/// `$ctx` and `$util`.
struct TwoRoots;

impl Names for TwoRoots {
    fn root(&self, name: &str) -> Option<ObjectId> {
        let number = ["ctx", "util"].iter().position(|root| *root == name)?;
        u16::try_from(number).ok().map(ObjectId)
    }

    fn namespace(&self, _: ObjectId, _: &str) -> Option<ObjectId> {
        None
    }

    fn function(&self, _: ObjectId, _: &str) -> Option<FunctionId> {
        None
    }

    fn known(&self, _: Option<ObjectId>) -> Vec<&str> {
        vec!["ctx", "util"]
    }
}

fn compile(template: &str) -> Program {
    vtl::compile(template, &TwoRoots).expect("it compiles")
}

/// Mentions as `ctx.args.id` or, where they are called, `util.qr()`.
fn mentions(template: &str) -> Vec<String> {
    let program = compile(template);
    let mentions = program.mentions().iter().map(|mention| {
        let call = mention.call.iter().map(|name| format!(".{name}()"));
        mention.path.join(".") + &call.collect::<String>()
    });
    mentions.collect()
}

#[test]
fn a_mention_goes_as_far_as_is_known() {
    assert_eq!(mentions("$ctx.args.id"), ["ctx.args.id"]);
    assert_eq!(mentions("$ctx['args'].id"), ["ctx.args.id"]);
    assert_eq!(mentions("$ctx.args[$x].id"), ["ctx.args"]);
    assert_eq!(mentions("$ctx.args.get('id').x"), ["ctx.args.get()"]);
    assert_eq!(mentions("$x.y"), [""; 0]);
}

#[test]
fn what_is_aliased_is_mentioned_whole() {
    assert_eq!(mentions("#set($a = $ctx.args)$a.id"), ["ctx.args"]);
    assert_eq!(mentions("#set($a = $ctx)$a.args.id"), ["ctx"]);
    assert_eq!(
        mentions("#foreach($i in $ctx.args.ids)$i.x#end"),
        ["ctx.args.ids"]
    );
    assert_eq!(mentions("#macro(m $p)$p.id#end#m($ctx.args)"), ["ctx.args"]);
}

#[test]
fn mentions_are_found_wherever_they_stand() {
    assert_eq!(
        mentions("$util.toJson($ctx.args)\\$ctx.a"),
        ["util.toJson()", "ctx.args", "ctx.a"]
    );
    assert_eq!(mentions("#set($x = \"a$ctx.b\")"), ["ctx.b"]);
    assert_eq!(
        mentions("#if($ctx.a == 1 && !$ctx.b)$ctx.c#elseif($ctx.d)#else$ctx.e#end").len(),
        5
    );
    assert_eq!(
        mentions("#set($x = [$ctx.a, {'k': $ctx.b}, [1..$ctx.c]])").len(),
        3
    );
    assert_eq!(
        mentions("#define($d)$ctx.a#end#macro(m)$ctx.b#end").len(),
        2
    );
    assert_eq!(
        mentions("#set($ctx.stash.x = 1)$x[$ctx.a]"),
        ["ctx.stash.x", "ctx.a"]
    );
    assert_eq!(
        mentions("#macro(m $p)#end#m($ctx.a)#return($ctx.b)"),
        ["ctx.a", "ctx.b"]
    );
}

#[test]
fn an_evaluated_text_may_read_what_it_says_or_everything() {
    assert_eq!(mentions("#evaluate('$ctx.a')"), ["ctx.a"]);
    assert_eq!(
        mentions("#macro(m $p)$p#end#evaluate('#m($ctx.a)')"),
        ["ctx.a"]
    );
    assert_eq!(mentions("#evaluate('#evaluate($x)')"), ["ctx", "util"]);
    assert_eq!(mentions("#evaluate($x)"), ["ctx", "util"]);
    assert_eq!(mentions("#evaluate('#if(')"), ["ctx", "util"]);
}

#[test]
fn a_name_that_nobody_gives_a_value_is_unknown() {
    let unknown = |template: &str| {
        let program = compile(template);
        let unknown = program.unknown().iter();
        unknown
            .map(|span| template.get(span.clone()).unwrap_or_default().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        unknown("$cxt.args $ctx $!{typo.x}"),
        ["$cxt.args", "$!{typo.x}"]
    );
    assert_eq!(unknown("#if($a)#set($a = 1)#end$a"), [""; 0]);
    assert_eq!(
        unknown("#foreach($i in $l)$i$foreach.count$velocityCount#end"),
        ["$l"]
    );
    assert_eq!(
        unknown("#macro(m $p)$p$bodyContent#end#define($d)#end$d"),
        [""; 0]
    );
    assert_eq!(unknown("$x#evaluate($ctx.a)"), [""; 0]);
    assert_eq!(unknown("$x$y#evaluate('#set($x = 1)')"), ["$y"]);
}

#[test]
fn texts_that_follow_each_other_are_one() {
    let program = compile("a\\#b#[[c]]#");
    assert!(
        matches!(&*program.code.nodes, [Node::Text { .. }]),
        "{program:?}"
    );
}

#[test]
fn a_program_may_be_run_by_any_thread() {
    fn is_shared<T: Send + Sync>() {}
    is_shared::<Program>();
}
