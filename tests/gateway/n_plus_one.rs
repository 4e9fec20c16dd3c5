//! Promise: a field is asked for once a level, not once a parent. The upstream's own counter proves it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::support::{Answer, Gateway, Project, Received, Upstream};

const CONFIG: &str = "sources: { blog: { type: http, url: \"{upstream}\" } }\n";

const SCHEMA: &str = "
type Query { posts: [Post!]! }
type Post { id: ID! title: String! author: Author same: Author alone: Author comments: [Comment!]! }
type Author { id: ID! name: String! company: Company }
type Company { id: ID! name: String! }
type Comment { id: ID! text: String! author: Author }
";

const RESOLVERS: &[(&str, &str)] = &[
    (
        "Query.posts",
        "source: blog\nrequest: { method: GET, path: /posts }\n",
    ),
    ("Post.author", AUTHOR),
    ("Post.same", AUTHOR),
    (
        "Post.alone",
        "source: blog\nrequest: { method: GET, path: /authors/$ctx.source.authorId }\n",
    ),
    (
        "Author.company",
        "source: blog\nrequest: { method: GET, path: /companies }\nbatch: { key: $ctx.source.companyId, query: { id: $keys }, order: true }\n",
    ),
    (
        "Post.comments",
        "source: blog\nrequest: { method: GET, path: /comments }\nbatch: { key: $ctx.source.id, query: { post: $keys }, group_by: postId }\n",
    ),
    ("Comment.author", AUTHOR),
];

const AUTHOR: &str = "source: blog
request: { method: GET, path: /authors }
batch: { key: $ctx.source.authorId, query: { id: $keys }, group_by: id, max: {max} }
";

/// A blog with so many posts, written by so many authors of three companies.
async fn blog(posts: usize, authors: usize) -> Upstream {
    Upstream::start(move |request| match request.path.as_str() {
        "/posts" => Answer::Json((0..posts).map(|id| post(id, authors)).collect()),
        // Against the order of the keys: the gateway must not rely on it.
        "/authors" => Answer::Json(request.all("id").into_iter().rev().map(author).collect()),
        "/companies" => Answer::Json(
            request
                .all("id")
                .into_iter()
                .map(|id| json!({ "id": id, "name": format!("Company {id}") }))
                .collect(),
        ),
        "/comments" => Answer::Json(comments(request)),
        path => match path.strip_prefix("/authors/") {
            Some(id) => Answer::Json(author(id)),
            None => Answer::Text(404, "application/json", "null".to_owned()),
        },
    })
    .await
}

fn post(id: usize, authors: usize) -> Value {
    json!({ "id": id.to_string(), "title": format!("Post {id}"), "authorId": id % authors })
}

fn author(id: &str) -> Value {
    let number: usize = id.parse().expect("keys arrive as they were");
    json!({ "id": number, "name": format!("Author {id}"), "companyId": number % 3 })
}

fn comments(request: &Received) -> Value {
    let of = |post: &str| {
        [0, 1].map(|nth| json!({ "id": format!("{post}-{nth}"), "text": "Hm.", "postId": post, "authorId": nth }))
    };
    request.all("post").into_iter().flat_map(of).collect()
}

async fn gateway(upstream: &Upstream, max: usize) -> Gateway {
    let mut files = vec![
        ("loomgate.yaml".to_owned(), CONFIG),
        ("schema.graphql".to_owned(), SCHEMA),
    ];
    files.extend(
        RESOLVERS
            .iter()
            .map(|(field, text)| (format!("resolvers/{field}.yaml"), *text)),
    );
    let project = Project::new(
        &files,
        &[("upstream", &upstream.url()), ("max", &max.to_string())],
    );
    Gateway::start(&project).await
}

fn counts(expected: &[(&str, usize)]) -> BTreeMap<String, usize> {
    expected
        .iter()
        .map(|(path, count)| ((*path).to_owned(), *count))
        .collect()
}

#[tokio::test]
async fn a_hundred_posts_with_their_authors_make_two_calls() {
    let upstream = blog(100, 100).await;
    let answer = gateway(&upstream, 100)
        .await
        .ask("{ posts { id author { id name } } }")
        .await;
    assert_eq!(answer.get("errors"), None);
    for number in [0, 1, 57, 99] {
        let expected = json!({ "id": number.to_string(), "author": { "id": number.to_string(), "name": format!("Author {number}") } });
        assert_eq!(answer["data"]["posts"][number], expected);
    }
    assert_eq!(upstream.counts(), counts(&[("/posts", 1), ("/authors", 1)]));
}

#[tokio::test]
async fn three_levels_make_three_calls() {
    let upstream = blog(100, 40).await;
    let answer = gateway(&upstream, 100)
        .await
        .ask("{ posts { author { company { name } } } }")
        .await;
    assert_eq!(
        answer["data"]["posts"][41],
        json!({ "author": { "company": { "name": "Company 1" } } })
    );
    assert_eq!(
        upstream.counts(),
        counts(&[("/posts", 1), ("/authors", 1), ("/companies", 1)])
    );
}

#[tokio::test]
async fn duplicates_are_asked_for_once() {
    let upstream = blog(100, 7).await;
    gateway(&upstream, 100)
        .await
        .ask("{ posts { author { name } } }")
        .await;
    let requests = upstream.requests();
    let keys = requests.last().expect("authors were asked for").all("id");
    assert_eq!(keys, ["0", "1", "2", "3", "4", "5", "6"]);
}

#[tokio::test]
async fn more_keys_than_max_go_in_chunks() {
    let upstream = blog(25, 25).await;
    let answer = gateway(&upstream, 10)
        .await
        .ask("{ posts { author { name } } }")
        .await;
    assert_eq!(answer["data"]["posts"][24]["author"]["name"], "Author 24");
    let chunks: Vec<Vec<String>> = (upstream.requests().iter().skip(1))
        .map(|request| request.all("id").into_iter().map(str::to_owned).collect())
        .collect();
    let mut sizes: Vec<usize> = chunks.iter().map(Vec::len).collect();
    sizes.sort_unstable();
    assert_eq!(sizes, [5, 10, 10]);
    assert_eq!(
        chunks.concat().into_iter().collect::<BTreeSet<_>>().len(),
        25
    );
}

#[tokio::test]
async fn lists_below_lists_make_one_call_a_level() {
    let upstream = blog(100, 100).await;
    let answer = gateway(&upstream, 100)
        .await
        .ask("{ posts { comments { id author { name company { id } } } } }")
        .await;
    let expected = json!([
        { "id": "7-0", "author": { "name": "Author 0", "company": { "id": "0" } } },
        { "id": "7-1", "author": { "name": "Author 1", "company": { "id": "1" } } },
    ]);
    assert_eq!(answer["data"]["posts"][7]["comments"], expected);
    assert_eq!(
        upstream.counts(),
        counts(&[
            ("/posts", 1),
            ("/comments", 1),
            ("/authors", 1),
            ("/companies", 1)
        ])
    );
}

#[tokio::test]
async fn equal_gets_of_one_request_are_made_once_without_a_batch() {
    let upstream = blog(100, 4).await;
    let answer = gateway(&upstream, 100)
        .await
        .ask("{ posts { alone { name } } }")
        .await;
    assert_eq!(answer["data"]["posts"][99]["alone"]["name"], "Author 3");
    assert_eq!(upstream.count(), 1 + 4, "{:?}", upstream.counts());
}

#[tokio::test]
async fn the_next_request_asks_again() {
    let upstream = blog(3, 3).await;
    let gateway = gateway(&upstream, 100).await;
    for _ in 0..2 {
        gateway.ask("{ posts { author { name } } }").await;
    }
    assert_eq!(upstream.counts(), counts(&[("/posts", 2), ("/authors", 2)]));
}
