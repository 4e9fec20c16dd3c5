use crate::resolver::pipeline::Shortcut;

use super::*;

fn pipeline(functions: Vec<Arc<Step>>) -> Pipeline {
    Pipeline {
        before: None,
        shortcut: Shortcut::Answers,
        functions,
        after: None,
        head: None,
        cache: None,
    }
}

fn resolver(pipeline: Pipeline) -> Resolver {
    Resolver::Pipeline(Box::new(pipeline))
}

/// The previous result with a letter behind it.
fn then(letter: &'static str) -> Mapping {
    asks(move |cx| {
        let prev = cx.prev.and_then(View::as_str).unwrap_or_default();
        Value::from(format!("{prev}{letter}"))
    })
}

fn returns(answer: &'static str, to_end: bool) -> Mapping {
    Mapping::fake(move |_, _| {
        Ok(Yield::Return {
            value: answer.into(),
            to_end,
        })
    })
}

#[tokio::test]
async fn each_function_sees_what_the_one_before_came_to() {
    let source = Arc::new(Echo::default());
    let before = Mapping::fake(|cx, _| Ok(value(member(cx.source, "id"))));
    let after = Mapping::fake(|cx, _| {
        assert_eq!(cx.prev, Some(result(cx).view()));
        Ok(value(json("[1]"))).map(|_| value(Value::from(vec![result(cx)])))
    });
    let functions = vec![
        step(&source, then("b"), None),
        step(&source, then("c"), Some(tree("$ctx.result"))),
    ];
    let pipeline = Pipeline {
        before: Some(before),
        after: Some(after),
        ..pipeline(functions)
    };
    let ran = run(&resolver(pipeline), &[r#"{"id":"1"}"#, r#"{"id":"2"}"#]).await;
    assert_eq!(ran.answers, [r#"["1bc"]"#, r#"["2bc"]"#]);
    let calls = source.calls();
    assert_eq!(calls.len(), 2, "a function's requests go out together");
    assert_eq!(calls[1], [r#"{"payload":"1bc"}"#, r#"{"payload":"2bc"}"#]);
}

#[tokio::test]
async fn the_stash_is_kept_through_all_functions() {
    let source = Arc::new(Echo::default());
    let keep = Mapping::fake(|cx, turn| {
        turn.stash = cx.source.to_value();
        Ok(value(Value::Null))
    });
    let tell = Mapping::fake(|_, turn| Ok(value(object([("payload", turn.stash.clone())]))));
    let pipeline = Pipeline {
        before: Some(keep),
        ..pipeline(vec![
            step(&source, then("a"), None),
            step(&source, tell, None),
        ])
    };
    let ran = run(&resolver(pipeline), &[r#"{"id":1}"#, r#"{"id":2}"#]).await;
    assert_eq!(ran.answers, [r#"{"id":1}"#, r#"{"id":2}"#]);
}

#[tokio::test]
async fn what_a_function_returns_early_goes_on_to_the_next() {
    let source = Arc::new(Echo::default());
    let never = || Some(Mapping::fake(|_, _| panic!("it was skipped")));
    let functions = vec![
        step(&source, returns("early", false), never()),
        step(&source, then("!"), None),
    ];
    let ran = run(&resolver(pipeline(functions)), &["{}"]).await;
    assert_eq!(ran.answers, [r#""early!""#]);
    assert_eq!(source.calls().len(), 1);
}

#[tokio::test]
async fn what_is_returned_to_the_end_skips_the_other_functions() {
    let source = Arc::new(Echo::default());
    let after = Mapping::fake(|cx, _| Ok(value(Value::from(vec![result(cx)]))));
    let pipeline = Pipeline {
        after: Some(after),
        ..pipeline(vec![
            step(&source, returns("early", true), None),
            step(&source, then("!"), None),
        ])
    };
    let ran = run(&resolver(pipeline), &["{}"]).await;
    assert_eq!(ran.answers, [r#"["early"]"#]);
    assert!(source.calls().is_empty());
}

#[tokio::test]
async fn what_is_returned_before_the_functions_skips_them() {
    for (shortcut, answer) in [
        (Shortcut::Answers, r#""early""#),
        (Shortcut::SkipsFunctions, r#"["early"]"#),
    ] {
        let source = Arc::new(Echo::default());
        let after = Mapping::fake(|cx, _| Ok(value(Value::from(vec![result(cx)]))));
        let pipeline = Pipeline {
            before: Some(returns("early", false)),
            shortcut,
            after: Some(after),
            ..pipeline(vec![step(&source, then("!"), None)])
        };
        let ran = run(&resolver(pipeline), &["{}"]).await;
        assert_eq!(ran.answers, [answer]);
        assert!(source.calls().is_empty());
    }
}

#[tokio::test]
async fn a_failure_ends_the_pipeline_of_its_parent_alone() {
    let source = Arc::new(Echo::default());
    let picky = Mapping::fake(|cx, _| match member(cx.source, "id") {
        Value::Null => Err(error("no id")),
        id => Ok(value(object([("payload", id)]))),
    });
    let second = asks(|cx| Value::from(vec![cx.prev.unwrap().to_value()]));
    let functions = vec![step(&source, picky, None), step(&source, second, None)];
    let ran = run(&resolver(pipeline(functions)), &["{}", r#"{"id":1}"#]).await;
    assert_eq!(ran.answers, [": no id null", "[1]"]);
    assert_eq!(source.calls()[1].len(), 1);
}

#[tokio::test]
async fn a_program_decides_about_an_error_of_the_source() {
    let source = Arc::new(Echo::default());
    let failing = || tree("fail: no");
    let judged = step(
        &source,
        failing(),
        Some(Mapping::fake(|cx, _| Ok(value(source_error(cx))))),
    );
    let echo = || step(&source, then("!"), None);
    let ran = run(&resolver(pipeline(vec![judged, echo()])), &["{}"]).await;
    assert_eq!(ran.answers, [r#""Echo:Failed/no!""#]);
    for response in [None, Some(tree("shaped"))] {
        let left = step(&source, failing(), response);
        let ran = run(&resolver(pipeline(vec![left, echo()])), &["{}"]).await;
        assert_eq!(ran.answers, ["Echo:Failed: no null"]);
    }
}

#[tokio::test]
async fn versions_mean_nothing_in_a_function() {
    let source = Arc::new(Echo::default());
    let request = tree(r#"{ version: "2017-02-28", fail: "no" }"#);
    let response = Mapping::fake(|cx, _| Ok(value(source_error(cx))));
    let function = step(&source, request, Some(response));
    let ran = run(&resolver(pipeline(vec![function])), &["{}"]).await;
    assert_eq!(ran.answers, [r#""Echo:Failed/no""#]);
}

#[tokio::test]
async fn a_pipeline_is_remembered_by_its_keys() {
    let source = Arc::new(Echo::default());
    let pipeline = Pipeline {
        cache: Some(memory(&["$ctx.source.id"])),
        ..pipeline(vec![step(&source, then("a"), None)])
    };
    let resolver = resolver(pipeline);
    for _ in 0..2 {
        let ran = run(&resolver, &[r#"{"id":1}"#, r#"{"id":1}"#]).await;
        assert_eq!(ran.answers, [r#""a""#; 2]);
    }
    assert_eq!(source.calls().len(), 1);
}

#[tokio::test]
async fn a_function_is_remembered_by_its_keys() {
    let source = Arc::new(Echo::default());
    let mut parts = parts(&source, then("b"), None);
    parts.cache = Some(memory(&["$ctx.source.id"]));
    let functions = vec![step(&source, then("a"), None), parts.assemble()];
    let resolver = resolver(pipeline(functions));
    let parents = [r#"{"id":1}"#, r#"{"id":2}"#, r#"{"id":1}"#];
    for _ in 0..2 {
        let ran = run(&resolver, &parents).await;
        assert_eq!(ran.answers, [r#""ab""#; 3]);
    }
    let calls: Vec<usize> = source.calls().iter().map(Vec::len).collect();
    assert_eq!(
        calls,
        [1, 1, 1],
        "the function is called for once, and for equal parents once"
    );
}

#[tokio::test]
async fn parents_of_one_key_in_a_batch_are_asked_for_once() {
    use crate::resolver::batch::{Batch, Spread};

    let source = Arc::new(Echo::default());
    let mut parts = parts(
        &source,
        tree("{ payload: [{ id: 1 }, { id: 2 }], ids: $keys }"),
        None,
    );
    parts.batch = Some(Batch {
        key: tree("$ctx.source.id"),
        spread: Spread::GroupBy("id".into()),
        max: 10,
        many: false,
    });
    let functions = vec![step(&source, then("a"), None), parts.assemble()];
    let parents = [r#"{"id":1}"#, r#"{"id":2}"#, r#"{"id":1}"#, "{}"];
    let ran = run(&resolver(pipeline(functions)), &parents).await;
    assert_eq!(
        ran.answers,
        [r#"{"id":1}"#, r#"{"id":2}"#, r#"{"id":1}"#, "null"]
    );
    assert_eq!(
        source.calls()[1],
        [r#"{"payload":[{"id":1},{"id":2}],"ids":[1,2]}"#]
    );
}

#[tokio::test]
async fn a_pipeline_is_shown_with_its_functions() {
    let source = Arc::new(Echo::default());
    let functions = vec![
        step(&source, tree("payload: 1"), None),
        step(&source, tree("payload: $ctx.source.id"), None),
    ];
    let pipeline = Pipeline {
        after: Some(tree("$ctx.result")),
        ..pipeline(functions)
    };
    assert_eq!(
        resolver(pipeline).to_string(),
        "pipeline; 1. echo ← { payload: 1 }; 1 call; \
         2. echo ← { payload: $ctx.source.id }; 1 call for each distinct request of a parent; \
         after $ctx.result"
    );
}
