use super::*;

fn unit(source: &Arc<Echo>, request: Mapping, response: Option<Mapping>) -> Resolver {
    Resolver::Step(step(source, request, response))
}

#[tokio::test]
async fn request_and_response_of_a_parent_share_its_turn() {
    let source = Arc::new(Echo::default());
    let request = Mapping::fake(|cx, turn| {
        turn.stash = object([("from", member(cx.source, "id"))]);
        Ok(value(json(r#"{"payload":1}"#)))
    });
    let response = Mapping::fake(|_, turn| Ok(value(turn.stash.clone())));
    let ran = run(
        &unit(&source, request, Some(response)),
        &[r#"{"id":1}"#, r#"{"id":2}"#],
    )
    .await;
    assert_eq!(ran.answers, [r#"{"from":1}"#, r#"{"from":2}"#]);
    assert_eq!(
        source.calls(),
        [[r#"{"payload":1}"#]],
        "equal reads are sent once"
    );
}

#[tokio::test]
async fn writes_are_made_for_each_parent() {
    let source = Arc::new(Echo::default());
    let request = Mapping::fake_pure(|_| json(r#"{"payload":1,"write":true}"#));
    let response = Mapping::fake_pure(result);
    let ran = run(&unit(&source, request, Some(response)), &["{}", "{}"]).await;
    assert_eq!(ran.answers, ["1", "1"]);
    assert_eq!(source.calls()[0].len(), 2);
}

#[tokio::test]
async fn pure_programs_run_once_for_equal_requests() {
    let source = Arc::new(Echo::default());
    let times = Arc::new(AtomicUsize::new(0));
    let request = tree("payload: $ctx.source.id");
    let counted = Arc::clone(&times);
    let response = Mapping::fake_pure(move |cx| {
        counted.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        result(cx)
    });
    let parents = [r#"{"id":1}"#, r#"{"id":2}"#, r#"{"id":1}"#];
    let ran = run(&unit(&source, request, Some(response)), &parents).await;
    assert_eq!(ran.answers, ["1", "2", "1"]);
    assert_eq!(source.calls(), [[r#"{"payload":1}"#, r#"{"payload":2}"#]]);
    assert_eq!(times.load(std::sync::atomic::Ordering::Relaxed), 2);
}

#[tokio::test]
async fn a_program_judges_an_error_of_the_source() {
    for version in ["", r#""version":"2018-05-29","#] {
        let source = Arc::new(Echo::default());
        let request = json(&format!(r#"{{{version}"fail":"no"}}"#));
        let request = Mapping::fake_pure(move |_| request.clone());
        let response = Mapping::fake_pure(source_error);
        let ran = run(&unit(&source, request, Some(response)), &["{}"]).await;
        assert_eq!(ran.answers, [r#""Echo:Failed/no""#]);
    }
}

#[tokio::test]
async fn the_first_version_raises_an_error_with_what_the_response_says_as_its_data() {
    let source = Arc::new(Echo::default());
    let request = Mapping::fake_pure(|_| json(r#"{"version":"2017-02-28","fail":"no"}"#));
    let response = Mapping::fake_pure(|cx| {
        assert!(cx.error.is_none());
        json(r#"{"id":1}"#)
    });
    let ran = run(&unit(&source, request, Some(response)), &["{}"]).await;
    assert_eq!(ran.answers, [r#"Echo:Failed: no {"id":1}"#]);
}

#[tokio::test]
async fn the_first_version_does_not_shape_a_null() {
    for (version, answer) in [("2017-02-28", "null"), ("2018-05-29", "1")] {
        let source = Arc::new(Echo::default());
        let request = json(&format!(r#"{{"version":"{version}"}}"#));
        let request = Mapping::fake_pure(move |_| request.clone());
        let response = Mapping::fake_pure(|_| json("1"));
        let ran = run(&unit(&source, request, Some(response)), &["{}"]).await;
        assert_eq!(ran.answers, [answer]);
    }
}

#[tokio::test]
async fn a_tree_leaves_an_error_of_the_source_as_it_is() {
    let source = Arc::new(Echo::default());
    let request = Mapping::fake_pure(|_| json(r#"{"fail":"no"}"#));
    let ran = run(
        &unit(&source, request, Some(tree("never: shaped"))),
        &["{}"],
    )
    .await;
    assert_eq!(ran.answers, ["Echo:Failed: no null"]);
}

#[tokio::test]
async fn every_status_is_an_answer_to_a_program() {
    let source = Arc::new(Echo::default());
    let request = || Mapping::fake_pure(|_| json(r#"{"status":404,"payload":{"a": 1}}"#));
    let response = Mapping::fake_pure(|cx| Value::from(&*cx.result.body_text().unwrap()));
    let ran = run(&unit(&source, request(), Some(response)), &["{}"]).await;
    assert_eq!(ran.answers, [r#""{\"a\":1}""#]);
    let ran = run(
        &unit(&source, request(), Some(tree("$ctx.result.body.a"))),
        &["{}"],
    )
    .await;
    assert_eq!(
        ran.answers,
        ["Http:404: the source answered 404 Not Found null"]
    );
}

#[tokio::test]
async fn what_a_request_returns_early_is_the_answer() {
    let source = Arc::new(Echo::default());
    let request = Mapping::fake(|cx, _| match member(cx.source, "id") {
        Value::Null => Ok(value(json(r#"{"payload":"asked"}"#))),
        id => Ok(Yield::Return {
            value: id,
            to_end: false,
        }),
    });
    let response = Mapping::fake(|_, _| Ok(value("shaped")));
    let parents = [r#"{"id":1}"#, "{}"];
    let ran = run(&unit(&source, request, Some(response)), &parents).await;
    assert_eq!(ran.answers, ["1", r#""shaped""#]);
    assert_eq!(source.calls(), [[r#"{"payload":"asked"}"#]]);
}

#[tokio::test]
async fn a_failed_request_fails_its_parent_alone() {
    let source = Arc::new(Echo::default());
    let request = Mapping::fake(|cx, _| match cx.source.is_empty() {
        true => Err(MappingError {
            unauthorized: true,
            ..error("Unauthorized")
        }),
        false => Ok(value(object([("payload", member(cx.source, "id"))]))),
    });
    let ran = run(&unit(&source, request, None), &["{}", r#"{"id":2}"#]).await;
    let denied = "Unauthorized: Not Authorized to access author on type Post null";
    assert_eq!(ran.answers, [denied, "2"]);
}

#[tokio::test]
async fn what_a_turn_causes_is_kept_for_the_operation() {
    let source = Arc::new(Echo::default());
    let request = Mapping::fake(|_, turn| {
        turn.headers.push(("x-a".into(), json("1")));
        turn.appended.push(error("first"));
        turn.log(LogLevel::Info, "seen".into(), None);
        Ok(value(json("{}")))
    });
    let response = Mapping::fake(|_, turn| {
        turn.extensions.push(Extension::Filter(json("{}")));
        turn.appended.push(error("second"));
        Ok(value("shaped"))
    });
    let ran = run(&unit(&source, request, Some(response)), &["{}", "{}"]).await;
    assert_eq!(ran.answers, [r#""shaped" + first + second"#; 2]);
    // Two turns, one name.
    assert_eq!(ran.effects.headers.len(), 1);
    assert_eq!(ran.effects.extensions.len(), 2);
}

#[tokio::test]
async fn an_answer_with_errors_beside_it_is_not_remembered() {
    let source = Arc::new(Echo::default());
    let request = Mapping::fake(|cx, turn| {
        if member(cx.source, "bad").view().as_bool() == Some(true) {
            turn.appended.push(error("beside"));
        }
        Ok(value(object([("payload", member(cx.source, "id"))])))
    });
    let mut parts = parts(&source, request, None);
    parts.cache = Some(memory(&["$ctx.source.id"]));
    let resolver = Resolver::Step(parts.assemble());
    let parents = [r#"{"id":2}"#, r#"{"id":1,"bad":true}"#, r#"{"id":1}"#];
    let ran = run(&resolver, &parents).await;
    assert_eq!(
        ran.answers,
        ["2", "1 + beside", "1 + beside"],
        "they are of one key"
    );
    let ran = run(&resolver, &[r#"{"id":1}"#, r#"{"id":2}"#]).await;
    assert_eq!(ran.answers, ["1", "2"]);
    assert_eq!(source.calls()[1], [r#"{"payload":1}"#]);
}

#[tokio::test]
async fn an_entry_is_evicted_by_the_values_of_its_keys() {
    let source = Arc::new(Echo::default());
    let mut parts = parts(&source, tree("payload: $ctx.args.id"), None);
    parts.cache = Some(memory(&["$ctx.args.id", "$ctx.source.id"]));
    let resolver = Resolver::Step(parts.assemble());
    let parents = [r#"{"id":1}"#];
    run(&resolver, &parents).await;
    let evict = |keys| resolver.evict(json(keys).view());
    assert!(!evict(r#"{"ctx.args.id":"8","ctx.source.id":1}"#));
    assert!(!evict(r#"{"ctx.args.id":"7"}"#));
    run(&resolver, &parents).await;
    assert_eq!(source.calls().len(), 1);
    assert!(evict(r#"{"$context.arguments.id":"7","ctx.source.id":1}"#));
    run(&resolver, &parents).await;
    assert_eq!(source.calls().len(), 2);
}

#[tokio::test]
async fn what_a_template_of_a_route_overrides_is_put_on_the_answer() {
    let source = Arc::new(Echo::default());
    let request = Mapping::fake(|_, turn| {
        turn.overrides.request = json(r#"{"querystring":{"a":"1"}}"#);
        Ok(value(json(r#"{"payload":2}"#)))
    });
    let response = Mapping::fake(|cx, turn| {
        turn.overrides.response = json(r#"{"status":418}"#);
        Ok(value(result(cx)))
    });
    let mut parts = parts(&source, request, Some(response));
    parts.head = Some(crate::resolver::step::ResponseHead {
        status: Some(tree("201")),
        headers: None,
    });
    let ran = run(&Resolver::Step(parts.assemble()), &["{}"]).await;
    assert_eq!(ran.answers, [r#"{"statusCode":418,"body":2}"#]);
    assert_eq!(source.calls(), [[r#"{"payload":2,"query":{"a":"1"}}"#]]);
}
