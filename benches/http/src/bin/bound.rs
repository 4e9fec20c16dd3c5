//! How far an engine could go: the three answers made by hand, on hyper alone.
//!
//! It is no GraphQL engine: it tells the queries apart by a word in them. But it does their real
//! work: `posts` calls the upstream once, `user` a second time for the distinct authors; the bodies
//! are read in place, skipping what is not asked for; the answer is one write into one buffer. It
//! caches nothing and joins no requests.

use std::{env, io, sync::Arc};

use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::{Request, StatusCode, body::Incoming};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use loomgate_http_bench::{Answer, json, port, run, serve};
use serde::Deserialize;
use serde_json::value::RawValue;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// About the size of the largest answer, so that the buffer is allocated once.
const ANSWER: usize = 16 << 10;

fn main() -> io::Result<()> {
    let port = port()?;
    let base = env::var("UPSTREAM").unwrap_or_else(|_| "http://127.0.0.1:4190".to_owned());
    run(async move {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new()).build(connector);
        serve(port, Arc::new(Upstream { client, base }), answer).await
    })
}

struct Upstream {
    client: Client<HttpConnector, Empty<Bytes>>,
    base: String,
}

#[derive(Deserialize)]
struct Operation<'a> {
    #[serde(borrow)]
    query: &'a RawValue,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Post<'a> {
    #[serde(borrow)]
    title: &'a RawValue,
    id: u64,
    user_id: u64,
}

#[derive(Deserialize)]
struct User<'a> {
    id: u64,
    #[serde(borrow)]
    name: &'a RawValue,
    #[serde(borrow)]
    email: &'a RawValue,
}

/// Why there is no answer. Any of it fails the check before the measuring, or shows as a bad status.
type Fault = Box<dyn std::error::Error + Send + Sync>;

async fn answer(
    upstream: Arc<Upstream>,
    request: Request<Incoming>,
) -> Result<Answer, hyper::Error> {
    let body = request.into_body().collect().await?.to_bytes();
    Ok(match execute(&upstream, &body).await {
        Ok(bytes) => json(bytes),
        Err(fault) => {
            let mut answer = json(format!(r#"{{"fault":{:?}}}"#, fault.to_string()));
            *answer.status_mut() = StatusCode::BAD_GATEWAY;
            answer
        }
    })
}

async fn execute(upstream: &Upstream, body: &[u8]) -> Result<Vec<u8>, Fault> {
    let query = serde_json::from_slice::<Operation<'_>>(body)?.query.get();
    if query.contains("greet") {
        return Ok(br#"{"data":{"greet":"Hello World!"}}"#.to_vec());
    }
    let posts = upstream.get("/posts").await?;
    let posts: Vec<Post<'_>> = serde_json::from_slice(&posts)?;
    if !query.contains("user ") {
        return Ok(titles(&posts));
    }
    let users = upstream.get(&users_path(&posts)).await?;
    let users: Vec<User<'_>> = serde_json::from_slice(&users)?;
    Ok(posts_with_users(&posts, &Authors::render(&users)))
}

impl Upstream {
    async fn get(&self, path: &str) -> Result<Bytes, Fault> {
        let uri = format!("{}{path}", self.base).parse()?;
        let response = self.client.get(uri).await?;
        Ok(response.into_body().collect().await?.to_bytes())
    }
}

/// `/users?id=1&id=2…`, each author once.
fn users_path(posts: &[Post<'_>]) -> String {
    let mut ids: Vec<u64> = posts.iter().map(|post| post.user_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut path = String::with_capacity(8 + 24 * ids.len());
    path.push_str("/users");
    let mut digits = itoa::Buffer::new();
    for (place, id) in ids.into_iter().enumerate() {
        path.push_str(if place == 0 { "?id=" } else { "&id=" });
        path.push_str(digits.format(id));
    }
    path
}

/// The authors as they stand in the answer, each written once: text, and where each id's part ends.
struct Authors {
    text: Vec<u8>,
    parts: Vec<(u64, std::ops::Range<usize>)>,
}

impl Authors {
    fn render(users: &[User<'_>]) -> Self {
        let mut text = Vec::with_capacity(96 * users.len());
        let mut parts = Vec::with_capacity(users.len());
        let mut digits = itoa::Buffer::new();
        for user in users {
            let start = text.len();
            put(&mut text, &[r#"{"id":"#, digits.format(user.id)]);
            put(&mut text, &[r#","name":"#, user.name.get()]);
            put(&mut text, &[r#","email":"#, user.email.get(), "}"]);
            parts.push((user.id, start..text.len()));
        }
        parts.sort_unstable_by_key(|(id, _)| *id);
        Authors { text, parts }
    }

    fn part(&self, id: u64) -> &[u8] {
        match self.parts.binary_search_by_key(&id, |(id, _)| *id) {
            Ok(place) => &self.text[self.parts[place].1.clone()],
            Err(_) => b"null",
        }
    }
}

fn titles(posts: &[Post<'_>]) -> Vec<u8> {
    write_posts(posts, |out, post| {
        put(out, &[r#"{"title":"#, post.title.get(), "}"]);
    })
}

fn posts_with_users(posts: &[Post<'_>], authors: &Authors) -> Vec<u8> {
    let (mut id, mut user) = (itoa::Buffer::new(), itoa::Buffer::new());
    write_posts(posts, |out, post| {
        put(out, &[r#"{"id":"#, id.format(post.id)]);
        put(out, &[r#","userId":"#, user.format(post.user_id)]);
        put(out, &[r#","title":"#, post.title.get(), r#","user":"#]);
        out.extend_from_slice(authors.part(post.user_id));
        out.push(b'}');
    })
}

fn write_posts(posts: &[Post<'_>], mut write: impl FnMut(&mut Vec<u8>, &Post<'_>)) -> Vec<u8> {
    let mut out = Vec::with_capacity(ANSWER);
    out.extend_from_slice(br#"{"data":{"posts":["#);
    for (place, post) in posts.iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        write(&mut out, post);
    }
    out.extend_from_slice(b"]}}");
    out
}

fn put(out: &mut Vec<u8>, texts: &[&str]) {
    for text in texts {
        out.extend_from_slice(text.as_bytes());
    }
}
