//! Our tape beside the JSON libraries: what it costs to parse a body of 100 rows, and to read them.

// A bench has no one to report an error to.
#![allow(clippy::unwrap_used)]

use std::{fmt::Write, hint::black_box, time::Duration};

use bytes::Bytes;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use loomgate::json::{Document, Value, View, write_string};
use serde::Deserialize;
use serde_json::value::RawValue;
use simd_json::prelude::ValueAsScalar;

// The one the gateway runs with.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const WORDS: [&str; 20] = [
    "quia",
    "et",
    "suscipit",
    "recusandae",
    "consequuntur",
    "expedita",
    "cum",
    "reprehenderit",
    "molestiae",
    "ut",
    "quas",
    "totam",
    "nostrum",
    "rerum",
    "est",
    "autem",
    "sunt",
    "rem",
    "eveniet",
    "architecto",
];

fn words(seed: usize, count: usize) -> String {
    let word = |i| WORDS[(seed * 7 + i * i + i) % WORDS.len()];
    (0..count).map(word).collect::<Vec<_>>().join(" ")
}

/// 100 posts, about 25 kB.
fn posts() -> String {
    let mut text = String::from("[");
    for id in 1..=100 {
        let separator = if id == 1 { "" } else { "," };
        let (user, title, body) = ((id - 1) / 10 + 1, words(id, 6), words(id + 3, 24));
        let _ = write!(
            text,
            r#"{separator}{{"userId":{user},"id":{id},"title":"{title}","body":"{body}"}}"#
        );
    }
    text + "]"
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Post<'a> {
    #[serde(borrow)]
    user_id: &'a RawValue,
    #[serde(borrow)]
    id: &'a RawValue,
    #[serde(borrow)]
    title: &'a RawValue,
    #[serde(borrow)]
    body: &'a RawValue,
}

#[derive(sonic_rs::Deserialize)]
#[serde(rename_all = "camelCase")]
struct LazyPost<'a> {
    #[serde(borrow)]
    user_id: sonic_rs::LazyValue<'a>,
    #[serde(borrow)]
    id: sonic_rs::LazyValue<'a>,
    #[serde(borrow)]
    title: sonic_rs::LazyValue<'a>,
    #[serde(borrow)]
    body: sonic_rs::LazyValue<'a>,
}

const KEYS: [&str; 4] = ["userId", "id", "title", "body"];

/// Parsing alone: the whole text is checked, and an index or a tree of it kept.
fn parse(c: &mut Criterion) {
    let text = posts();
    let bytes = Bytes::from(text.clone());
    let pretty = {
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        Bytes::from(serde_json::to_string_pretty(&value).unwrap())
    };
    let one = Bytes::from_static(br#"{"id":1,"name":"User Number 1","email":"user1@example.org"}"#);
    let mut group = c.benchmark_group("parse");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("utf8 alone", |b| {
        b.iter(|| str::from_utf8(black_box(&bytes)).is_ok())
    });
    group.bench_function("loomgate", |b| {
        b.iter(|| Document::parse(bytes.clone()).unwrap())
    });
    group.bench_function("loomgate pretty", |b| {
        b.iter(|| Document::parse(pretty.clone()).unwrap())
    });
    group.bench_function("loomgate one row", |b| {
        b.iter(|| Document::parse(one.clone()).unwrap())
    });
    group.bench_function("jiter value", |b| {
        b.iter(|| black_box(jiter::JsonValue::parse(&bytes, false)).is_ok())
    });
    group.bench_function("sonic-rs value", |b| {
        b.iter(|| sonic_rs::from_slice::<sonic_rs::Value>(&bytes).unwrap())
    });
    group.bench_function("simd-json tape", |b| {
        // It unescapes in place, so it needs a copy of a shared body.
        let mut buffers = simd_json::Buffers::default();
        b.iter(|| {
            let mut copy = bytes.to_vec();
            black_box(simd_json::to_tape_with_buffers(&mut copy, &mut buffers)).is_ok()
        })
    });
    group.bench_function("serde_json value", |b| {
        b.iter(|| serde_json::from_slice::<serde_json::Value>(&bytes).unwrap())
    });
    group.finish();
}

/// Parsing, and copying four members of each of 100 rows to an answer.
fn rows(c: &mut Criterion) {
    let bytes = Bytes::from(posts());
    let mut group = c.benchmark_group("rows");
    group.bench_function("loomgate, already parsed", |b| {
        let value = Value::parse(bytes.clone()).unwrap();
        b.iter(|| loomgate_rows(value.view()))
    });
    group.bench_function("loomgate, already parsed, without hints", |b| {
        let value = Value::parse(bytes.clone()).unwrap();
        b.iter(|| {
            let mut out = Vec::with_capacity(30_000);
            for row in value.view().items() {
                for key in KEYS {
                    out.extend_from_slice(row.get(key).and_then(View::raw).unwrap());
                }
            }
            out
        })
    });
    group.bench_function("loomgate", |b| {
        b.iter(|| loomgate_rows(Value::parse(bytes.clone()).unwrap().view()))
    });
    group.bench_function("jiter iterator", |b| b.iter(|| jiter_rows(&bytes)));
    group.bench_function("sonic-rs lazy struct", |b| {
        b.iter(|| {
            let posts: Vec<LazyPost<'_>> = sonic_rs::from_slice(&bytes).unwrap();
            let mut out = Vec::with_capacity(30_000);
            for post in &posts {
                for field in [&post.user_id, &post.id, &post.title, &post.body] {
                    out.extend_from_slice(field.as_raw_str().as_bytes());
                }
            }
            out
        })
    });
    group.bench_function("simd-json tape", |b| b.iter(|| simd_json_rows(&bytes)));
    group.bench_function("serde_json raw struct", |b| {
        b.iter(|| {
            let posts: Vec<Post<'_>> = serde_json::from_slice(&bytes).unwrap();
            let mut out = Vec::with_capacity(30_000);
            for post in &posts {
                for field in [post.user_id, post.id, post.title, post.body] {
                    out.extend_from_slice(field.get().as_bytes());
                }
            }
            out
        })
    });
    group.finish();
}

fn loomgate_rows(posts: View<'_>) -> Vec<u8> {
    let mut out = Vec::with_capacity(30_000);
    let mut hints = [0; KEYS.len()];
    for row in posts.items() {
        for (key, hint) in KEYS.iter().zip(&mut hints) {
            out.extend_from_slice(row.get_hinted(key, hint).and_then(View::raw).unwrap());
        }
    }
    out
}

fn jiter_rows(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(30_000);
    let mut json = jiter::Jiter::new(bytes);
    let mut row = json.next_array().unwrap();
    while row.is_some() {
        let mut key = json.next_object().unwrap().map(|key| KEYS.contains(&key));
        while let Some(wanted) = key {
            let start = json.current_index();
            json.next_skip().unwrap();
            if wanted {
                out.extend_from_slice(json.slice_to_current(start));
            }
            key = json.next_key().unwrap().map(|key| KEYS.contains(&key));
        }
        row = json.array_step().unwrap();
    }
    json.finish().unwrap();
    out
}

fn simd_json_rows(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(30_000);
    let mut copy = bytes.to_vec();
    let tape = simd_json::to_tape(&mut copy).unwrap();
    for row in tape.as_value().as_array().unwrap().iter() {
        let row = row.as_object().unwrap();
        for key in KEYS {
            let value = row.get(key).unwrap();
            match value.as_str() {
                Some(string) => write_string(string, &mut out),
                None => out.extend_from_slice(
                    itoa::Buffer::new()
                        .format(value.as_i64().unwrap())
                        .as_bytes(),
                ),
            }
        }
    }
    out
}

fn configured() -> Criterion {
    Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_millis(1200))
}

criterion_group! { name = benches; config = configured(); targets = parse, rows }
criterion_main!(benches);
