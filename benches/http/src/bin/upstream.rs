//! The REST service behind the gateways: 100 posts by 10 users, rendered once at start.
//!
//! `GET /posts`, `/posts/:id`, `/users`, `/users/:id`, `/users?id=1&id=2…` (those users, by id), and
//! `GET /calls`: how often posts and users were asked for so far, so that N+1 cannot hide.

use std::{
    fmt::Write as _,
    io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use bytes::Bytes;
use hyper::{Request, StatusCode, body::Incoming};
use loomgate_http_bench::{Answer, json, port, run, serve};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const POSTS: usize = 100;
const USERS: usize = 10;

fn main() -> io::Result<()> {
    let rest = Arc::new(Rest {
        posts: Collection::render(POSTS, post),
        users: Collection::render(USERS, user),
    });
    let port = port()?;
    run(async move { serve(port, rest, answer).await })
}

struct Rest {
    posts: Collection,
    users: Collection,
}

/// A list of JSON objects with the ids 1, 2, 3, …
struct Collection {
    all: Bytes,
    each: Vec<Bytes>,
    calls: AtomicU64,
}

impl Collection {
    fn render(count: usize, item: fn(usize) -> String) -> Self {
        let each: Vec<Bytes> = (1..=count).map(|id| item(id).into()).collect();
        Collection {
            all: list(each.iter()),
            each,
            calls: AtomicU64::new(0),
        }
    }

    fn one(&self, id: &str) -> Option<&Bytes> {
        self.each.get(id.parse::<usize>().ok()?.checked_sub(1)?)
    }

    /// The items that `id=…&id=…` names; all of them, ready made, when it names that many.
    fn named(&self, query: &str) -> Bytes {
        let ids = query.split('&').filter_map(|pair| pair.strip_prefix("id="));
        if ids.clone().count() == self.each.len() {
            return self.all.clone();
        }
        list(ids.filter_map(|id| self.one(id)))
    }

    fn answer(&self, id: Option<&str>, query: Option<&str>) -> Option<Bytes> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        match (id, query) {
            (Some(id), _) => self.one(id).cloned(),
            (None, Some(query)) => Some(self.named(query)),
            (None, None) => Some(self.all.clone()),
        }
    }

    fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }
}

async fn answer(rest: Arc<Rest>, request: Request<Incoming>) -> Result<Answer, hyper::Error> {
    let uri = request.uri();
    let mut steps = uri.path().trim_start_matches('/').splitn(2, '/');
    let body = match (steps.next(), steps.next()) {
        (Some("posts"), id) => rest.posts.answer(id, uri.query()),
        (Some("users"), id) => rest.users.answer(id, uri.query()),
        (Some("calls"), None) => {
            let (posts, users) = (rest.posts.calls(), rest.users.calls());
            Some(format!(r#"{{"posts":{posts},"users":{users}}}"#).into())
        }
        _ => None,
    };
    Ok(body.map_or_else(not_found, json))
}

fn not_found() -> Answer {
    let mut answer = json("{}");
    *answer.status_mut() = StatusCode::NOT_FOUND;
    answer
}

fn list<'a>(items: impl Iterator<Item = &'a Bytes>) -> Bytes {
    let mut text = vec![b'['];
    for item in items {
        if text.len() > 1 {
            text.push(b',');
        }
        text.extend_from_slice(item);
    }
    text.push(b']');
    text.into()
}

fn post(id: usize) -> String {
    let (user, title, body) = ((id - 1) / 10 + 1, words(id, 6), words(id + 3, 24));
    format!(r#"{{"userId":{user},"id":{id},"title":"{title}","body":"{body}"}}"#)
}

fn user(id: usize) -> String {
    format!(
        r#"{{"id":{id},"name":"User Number {id}","username":"user{id}","email":"user{id}@example.org","phone":"1-770-736-80{id:02}","website":"user{id}.example.org"}}"#
    )
}

/// Filler text that differs from row to row and repeats from run to run.
fn words(seed: usize, count: usize) -> String {
    const WORDS: &str = "quia et suscipit recusandae consequuntur expedita cum reprehenderit \
                         molestiae ut quas totam nostrum rerum est autem sunt rem eveniet architecto";
    let words: Vec<&str> = WORDS.split(' ').collect();
    let mut text = String::new();
    for place in 0..count {
        let gap = if place == 0 { "" } else { " " };
        let word = words[(seed * 7 + place * place + place) % words.len()];
        let _ = write!(text, "{gap}{word}");
    }
    text
}
