//! What programs say beside the values of their fields, on the wire.

use crate::{
    graphql::{Engine, Schema, envelope, schema::Binding},
    mapping::{Mapping, MappingError, fake::value, turn::Extension},
    resolver::{
        Resolver,
        tests::{program, remembered},
    },
};

use super::*;

const SDL: &str = r#"
    type Query { post(id: ID): Post posts: [Post!] node: Node plain: Post }
    type Mutation { post: Post }
    type Subscription { posted(id: ID): Post @aws_subscribe(mutations: ["post"]) }
    directive @aws_subscribe(mutations: [String!]!) on FIELD_DEFINITION
    interface Node { id: ID! }
    type Post implements Node { id: ID! title: String! author: User tags(of: Int, as: [String]): [String] }
    type User implements Node { id: ID! name: String! best: Post }
"#;

/// An engine with these programs as responses; requests are `{ payload: 1 }`.
fn engine(programs: Vec<(&str, Resolver)>) -> Engine {
    let sdl = apollo_compiler::Schema::parse_and_validate(SDL, "schema.graphql").unwrap();
    let mut programs: HashMap<String, Arc<Resolver>> = programs
        .into_iter()
        .map(|(field, resolver)| (field.to_owned(), Arc::new(resolver)))
        .collect();
    let schema = Schema::build(sdl, false, |ty, field| Binding {
        resolver: programs.remove(&format!("{ty}.{field}")),
        ..Binding::default()
    });
    Engine::new(schema, Default::default(), json(r#"{"stage":"test"}"#))
}

async fn answer(engine: &Engine, text: &str) -> (String, Executed) {
    let document = engine.document(text, None).unwrap();
    let execution = engine
        .prepare(call(Identity::Anonymous), &document, View::NULL)
        .unwrap();
    let mut executed = execution.run(envelope::begin()).await;
    executed.evicted = engine.evict(&executed.effects);
    let effects = std::mem::take(&mut executed.effects);
    let shown = Executed {
        out: executed.out.clone(),
        errors: executed.errors.clone(),
        events: Vec::new(),
        effects: Default::default(),
        evicted: executed.evicted,
    };
    executed.effects = effects;
    (String::from_utf8(envelope::end(shown)).unwrap(), executed)
}

fn fails(error: MappingError) -> Resolver {
    program(Mapping::fake(move |_, _| Err(error.clone())))
}

fn said(message: &str) -> MappingError {
    MappingError {
        error_type: None,
        ..MappingError::template(message)
    }
}

#[tokio::test]
async fn data_of_an_error_is_what_the_selection_lets_through() {
    let error = MappingError {
        error_type: Some("Mine".into()),
        data: json(
            r#"{"id":1,"title":null,"secret":"x","author":{"id":{"secret":1},"name":"Ada","mail":"a@b"},"tags":"?"}"#,
        ),
        info: json(r#"{"secret":"told"}"#),
        ..said("no")
    };
    let engine = engine(vec![("Query.post", fails(error))]);
    let text = "{ post { key: id __typename title author { id name best { id } } tags } }";
    insta::assert_snapshot!(answer(&engine, text).await.0);
}

#[tokio::test]
async fn an_error_may_have_no_type() {
    let engine = engine(vec![("Query.post", fails(said("no")))]);
    insta::assert_snapshot!(answer(&engine, "{ post { id } }").await.0);
}

#[tokio::test]
async fn who_is_unauthorized_is_told_where() {
    let error = MappingError {
        unauthorized: true,
        ..said("Unauthorized")
    };
    let engine = engine(vec![("Query.post", fails(error))]);
    insta::assert_snapshot!(answer(&engine, "{ post { id } }").await.0);
}

#[tokio::test]
async fn added_errors_stand_beside_the_value_in_their_order() {
    let posts = Mapping::fake(|_, turn| {
        turn.appended.push(said("first"));
        turn.appended.push(said("second"));
        Ok(value(json(r#"[{"id":1},{"id":2},{"id":1}]"#)))
    });
    let title = Mapping::fake(|cx, turn| {
        turn.appended.push(said("of the title"));
        Ok(value(cx.source.get("id").unwrap().to_value()))
    });
    let engine = engine(vec![
        ("Query.posts", program(posts)),
        ("Post.title", remembered(title, "$ctx.source.id")),
    ]);
    insta::assert_snapshot!(answer(&engine, "{ posts { id title } }").await.0);
}

#[tokio::test]
async fn headers_and_evictions_are_handed_to_whoever_answers() {
    let mutation = Mapping::fake(|_, turn| {
        turn.headers.push(("x-b".into(), json("1")));
        for id in ["1", "2"] {
            turn.extensions.push(Extension::Evict {
                type_name: "Query".into(),
                field_name: "post".into(),
                keys: json(&format!(r#"{{"ctx.args.id":"{id}"}}"#)),
            });
        }
        Ok(value(json(r#"{"id":1}"#)))
    });
    let query = Mapping::fake(|_, _| Ok(value(json(r#"{"id":1}"#))));
    let engine = engine(vec![
        ("Mutation.post", program(mutation)),
        ("Query.post", remembered(query, "$ctx.args.id")),
    ]);
    answer(&engine, r#"{ post(id: "1") { id } }"#).await;
    let (text, executed) = answer(&engine, "mutation { post { id } }").await;
    assert_eq!(
        text,
        r#"{"data":{"post":{"id":"1"}},"extensions":{"apiCacheEntriesDeleted":1}}"#
    );
    assert_eq!(executed.effects.headers.len(), 1);
}

#[tokio::test]
async fn programs_are_told_what_is_selected_and_the_variables_of_the_api() {
    let post = Mapping::fake(|cx, _| {
        let selection = cx.info.selection.unwrap();
        let title = format!(
            "{}\n{}\n{}",
            cx.env.get("stage").unwrap().as_str().unwrap(),
            selection.paths().join(" "),
            selection.printed()
        );
        let title = [(Arc::from("title"), Value::from(title))];
        Ok(value(Value::from(
            title.into_iter().collect::<crate::json::Object>(),
        )))
    });
    let engine = engine(vec![("Query.post", program(post))]);
    let text = "{ post { title id @skip(if: true) ...More author { me: id ... on Node { id } } } }
        fragment More on Post { author { name best { tags(of: 1, as: [\"a\"]) } } __typename }";
    let (_, executed) = answer(&engine, text).await;
    let data = Value::parse(executed.out[8..].to_vec()).unwrap();
    let title = data.view().get("post").and_then(|it| it.get("title"));
    insta::assert_snapshot!(title.unwrap().as_str().unwrap());
}

#[tokio::test]
async fn only_what_applies_to_a_possible_type_is_listed_for_it() {
    let node = Mapping::fake(|cx, _| {
        let selection = cx.info.selection.unwrap();
        Err(said(&format!(
            "{}\n{}",
            selection.paths().join(" "),
            selection.printed()
        )))
    });
    let engine = engine(vec![("Query.node", program(node))]);
    let text = "{ node { id ... on Post { title } ... on User { best { id } } } }";
    let (_, executed) = answer(&engine, text).await;
    let Cause::Resolver(failure) = &executed.errors[0].cause else {
        panic!("the resolver failed");
    };
    insta::assert_snapshot!(failure.message);
}

#[tokio::test]
async fn filters_that_the_field_of_a_subscription_sets_tell_groups_apart() {
    let posted = Mapping::fake(|cx, turn| {
        let id = cx.args.get("id").unwrap().to_value();
        if id.view().as_str().as_deref() == Some("refused") {
            turn.appended.push(said("added"));
        }
        let text = id.view().as_str().unwrap_or_default().into_owned();
        if text != "ends" {
            turn.extensions.push(Extension::Filter(json("1")));
        }
        if text != "wants" {
            turn.extensions
                .push(Extension::InvalidationFilter(json("1")));
        }
        Ok(value(Value::Null))
    });
    let engine = engine(vec![("Subscription.posted", program(posted))]);
    let open = async |id: &str| {
        let text = format!("subscription {{ posted(id: \"{id}\") {{ id }} }}");
        let document = engine.document(&text, None).unwrap();
        let call = call(Identity::Anonymous);
        let mut subscription = engine.subscribe(call, &document, View::NULL).unwrap();
        let before = Arc::clone(&subscription.key);
        let opened = subscription.open().await;
        opened.map(|()| (subscription.key[before.len()..].to_vec(), subscription))
    };
    let (added, subscription) = open("both").await.unwrap();
    let (wants, _) = open("wants").await.unwrap();
    let (ends, _) = open("ends").await.unwrap();
    assert!(added != wants && added != ends && wants != ends);
    assert_eq!(subscription.filter, Some(json("1")));
    assert_eq!(subscription.invalidation, Some(json("1")));
    let errors = open("refused").await.unwrap_err();
    assert_eq!(errors[0].message, "added");
}
