//! The `keyvalue` source beside `redb` alone, on the same kind of file in the same run.
//!
//! What the source adds: the request is read, the key encoded, the answer indexed as a document.
//! `together` is what group commit buys: 64 writes that wait at the same time.

use std::{hint::black_box, path::Path};

use criterion::{Criterion, criterion_group, criterion_main};
use futures::FutureExt as _;
use loomgate::{
    config::source::KeyKind,
    json::Value,
    source::{
        Source as _,
        keyvalue::{KeyAttribute, KeyValue, Schema, Store},
    },
};
use redb::{Database, ReadableDatabase, TableDefinition};
use tokio::runtime::Runtime;

// The one the gateway runs with.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const RAW: TableDefinition<'static, &'static [u8], &'static [u8]> = TableDefinition::new("raw");

/// Items in the table; a level asks for [`LEVEL`] of them.
const ITEMS: usize = 10_000;
const LEVEL: usize = 100;
const TOGETHER: usize = 64;

fn item(index: usize) -> String {
    format!(
        r#"{{"id":"product-{index:06}","name":"Thing number {index}","price":{index}.5,"tags":["new","red"],"stock":{{"here":4,"there":17}}}}"#
    )
}

fn json(text: &str) -> Value {
    Value::parse(text.to_owned()).expect("is JSON")
}

fn raw(folder: &Path) -> Database {
    let database = Database::create(folder.join("raw.redb")).expect("a file");
    let transaction = database.begin_write().expect("a transaction");
    {
        let mut table = transaction.open_table(RAW).expect("a table");
        for index in 0..ITEMS {
            let key = format!("product-{index:06}");
            let value = item(index);
            table
                .insert(key.as_bytes(), value.as_bytes())
                .expect("is inserted");
        }
    }
    transaction.commit().expect("is committed");
    database
}

fn source(folder: &Path) -> KeyValue {
    let store = Store::open(&folder.join("loomgate.redb")).expect("a store");
    let schema = Schema {
        table: "products".into(),
        partition_key: KeyAttribute {
            name: "id".into(),
            kind: KeyKind::String,
        },
        sort_key: None,
    };
    let source = KeyValue::open(&store, schema).expect("a table");
    let items: Vec<Value> = (0..ITEMS).map(|index| json(&item(index))).collect();
    source.seed(&items).expect("a seed");
    source
}

fn gets(count: usize) -> Vec<Value> {
    (0..count)
        .map(|index| index * (ITEMS / count))
        .map(|index| {
            json(&format!(
                r#"{{"operation":"GetItem","key":{{"id":{{"S":"product-{index:06}"}}}}}}"#
            ))
        })
        .collect()
}

fn reads(criterion: &mut Criterion, database: &Database, source: &KeyValue) {
    for (name, count) in [("get_item", 1), ("get_item_level_of_100", LEVEL)] {
        let keys: Vec<String> = (0..count)
            .map(|index| format!("product-{:06}", index * (ITEMS / count)))
            .collect();
        let requests = gets(count);
        let mut group = criterion.benchmark_group(name);
        group.bench_function("redb", |bencher| {
            bencher.iter(|| {
                let transaction = database.begin_read().expect("a transaction");
                let table = transaction.open_table(RAW).expect("a table");
                for key in &keys {
                    let found = table.get(key.as_bytes()).expect("is read");
                    black_box(found.expect("is there").value().to_vec());
                }
            });
        });
        group.bench_function("loomgate", |bencher| {
            bencher.iter(|| black_box(source.send(&requests).now_or_never().expect("is inline")));
        });
        group.finish();
    }
}

fn writes(criterion: &mut Criterion, database: &Database, source: &KeyValue) {
    let runtime = Runtime::new().expect("a runtime");
    let put = |index: usize| json(&format!(r#"{{"put":{}}}"#, item(index)));
    let one = [put(5)];
    let together: Vec<Value> = (0..TOGETHER).map(put).collect();
    let commit_one = |index: usize| {
        let transaction = database.begin_write().expect("a transaction");
        let key = format!("product-{index:06}");
        let value = item(index);
        transaction
            .open_table(RAW)
            .expect("a table")
            .insert(key.as_bytes(), value.as_bytes())
            .expect("is inserted");
        transaction.commit().expect("is committed");
    };
    let mut group = criterion.benchmark_group("put_item");
    group.sample_size(20);
    group.bench_function("redb", |bencher| bencher.iter(|| commit_one(5)));
    group.bench_function("loomgate", |bencher| {
        bencher.iter(|| runtime.block_on(source.send(&one)));
    });
    group.finish();
    let mut group = criterion.benchmark_group("put_item_64_together");
    group.sample_size(10);
    group.bench_function("redb_one_commit_each", |bencher| {
        bencher.iter(|| (0..TOGETHER).for_each(commit_one));
    });
    group.bench_function("loomgate", |bencher| {
        bencher.iter(|| runtime.block_on(source.send(&together)));
    });
    group.finish();
}

fn keyvalue(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder");
    let database = raw(folder.path());
    let source = source(folder.path());
    reads(criterion, &database, &source);
    writes(criterion, &database, &source);
}

criterion_group!(benches, keyvalue);
criterion_main!(benches);
