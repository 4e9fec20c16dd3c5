//! The `keyvalue` source: tables of items in one embedded file, spoken to as AppSync speaks to DynamoDB.
//!
//! A request is parsed into an `operation`, everything it can get wrong is
//! found there, and what is left is keys and stored items as bytes. Reads of a batch share one
//! transaction and one document. Writes go to the one writing thread and are answered when they are on
//! disk. See `record` for how an item is stored, `key` for how keys sort, `store` for what a crash
//! leaves.
//!
//! Where reads run: a point read finds its pages in memory and takes about a microsecond, less than
//! it costs to hand it to another thread and wait. So up to `INLINE` of them run where they are
//! asked for; pages and larger batches go to the blocking pool.
//!
//! The short spelling treats a null key as the key of no item, because a mapping writes it for a parent
//! that refers to nothing: `get` answers null, `query` an empty page.
//!
//! Knows nothing of GraphQL, mappings and HTTP.
//!
//! See: appsync.md 4.2 to 4.4.

mod attribute;
mod decimal;
mod expression;
mod key;
mod operation;
mod projection;
mod range;
mod read;
mod record;
mod refusal;
mod schema;
mod seed;
mod store;
mod table;
mod token;
mod write;

use std::sync::Arc;

use futures::{
    FutureExt as _,
    future::{BoxFuture, join_all},
};

pub(crate) use operation::{REQUEST_KEYS, is_read};
pub use schema::{KeyAttribute, Schema};
pub use seed::SeedError;
pub(crate) use seed::{SeedFault, SeedFaultKind, faults as seed_faults};
pub use store::{Store, StoreError};

use crate::{
    json::Value,
    source::{Reply, Source, SourceError},
};
use operation::{Operation, Read, Write};
use refusal::Refusal;
use table::Table;

/// Point reads that are quicker done than handed over.
const INLINE: usize = 128;

/// One table of a store, as a source.
#[derive(Debug, Clone)]
pub struct KeyValue {
    store: Arc<Store>,
    table: Arc<Table>,
}

/// A batch, taken apart: what is left to do, each with its place in the answer.
#[derive(Debug, Default)]
struct Batch {
    answers: Vec<Option<Result<Value, Refusal>>>,
    read_places: Vec<usize>,
    reads: Vec<Read>,
    writes: Vec<(usize, Write)>,
}

// === impl KeyValue ===

impl KeyValue {
    /// Opens a table of the store, or creates it.
    pub fn open(store: &Arc<Store>, schema: Schema) -> Result<Self, StoreError> {
        Ok(KeyValue {
            table: Arc::new(store.table(schema)?),
            store: Arc::clone(store),
        })
    }

    /// Puts the items into the table if it has none, all or nothing. How many were put is returned.
    pub fn seed(&self, items: &[Value]) -> Result<usize, SeedError> {
        seed::load(&self.store.database, &self.table, items)
    }

    async fn answer(&self, requests: &[Value]) -> Vec<Result<Reply, SourceError>> {
        let mut batch = Batch::parse(requests, &self.table);
        // Together: writes that wait at the same time share a commit.
        let writes = std::mem::take(&mut batch.writes);
        let written = join_all(writes.into_iter().map(async |(place, write)| {
            let table = Arc::clone(&self.table.stored_name);
            (place, self.store.writer.write(table, write).await)
        }));
        for (place, written) in written.await {
            let value = written.and_then(|text| text.map_or(Ok(Value::Null), read::document));
            batch.settle(place, value);
        }
        let reads = std::mem::take(&mut batch.reads);
        let places = std::mem::take(&mut batch.read_places);
        for (place, value) in places.into_iter().zip(self.read(reads).await) {
            batch.settle(place, value);
        }
        batch.finish()
    }

    async fn read(&self, reads: Vec<Read>) -> Vec<Result<Value, Refusal>> {
        if reads.is_empty() {
            return Vec::new();
        }
        if reads.iter().map(weight).sum::<usize>() <= INLINE {
            return read::answer(&self.store.database, &self.table, &reads);
        }
        let count = reads.len();
        let this = self.clone();
        let task = tokio::task::spawn_blocking(move || {
            read::answer(&this.store.database, &this.table, &reads)
        });
        match task.await {
            Ok(answers) => answers,
            Err(error) => {
                tracing::error!(%error, "a key-value read did not end");
                vec![Err(Refusal::Storage); count]
            }
        }
    }
}

impl Source for KeyValue {
    fn send<'a>(&'a self, requests: &'a [Value]) -> BoxFuture<'a, Vec<Result<Reply, SourceError>>> {
        self.answer(requests).boxed()
    }

    fn is_read(&self, request: &Value) -> bool {
        is_read(request.view())
    }

    fn joins_reads(&self) -> bool {
        true
    }

    fn request_members(&self) -> &'static [&'static str] {
        REQUEST_KEYS
    }
}

/// How many point reads a read is worth; a page has no bound that is small.
fn weight(read: &Read) -> usize {
    match read {
        Read::Get(_) => 1,
        Read::GetAll(all) => all.keys.len(),
        Read::Page(_) => INLINE + 1,
    }
}

// === impl Batch ===

impl Batch {
    fn parse(requests: &[Value], table: &Table) -> Self {
        let mut batch = Batch::default();
        for (place, request) in requests.iter().enumerate() {
            batch.answers.push(None);
            match Operation::parse(request.view(), table) {
                Ok(Operation::Read(read)) => {
                    batch.read_places.push(place);
                    batch.reads.push(read);
                }
                Ok(Operation::Write(write)) => batch.writes.push((place, write)),
                Err(refusal) => batch.settle(place, Err(refusal)),
            }
        }
        batch
    }

    fn settle(&mut self, place: usize, value: Result<Value, Refusal>) {
        if let Some(answer) = self.answers.get_mut(place) {
            *answer = Some(value);
        }
    }

    fn finish(self) -> Vec<Result<Reply, SourceError>> {
        self.answers
            .into_iter()
            .map(|answer| match answer.unwrap_or(Err(Refusal::Storage)) {
                Ok(body) => Ok(Reply { body, head: None }),
                Err(refusal) => Err(refusal.into()),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests;
