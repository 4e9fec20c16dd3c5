//! The one thread that writes.
//!
//! redb has one writer at a time, and a commit costs a flush of the disk, whatever is in it. So writes
//! are queued, and whoever waits when a commit ends shares the next one: one flush for all. Nothing
//! waits for company, so a lone write is as quick as it can be.
//!
//! A write is understood and checked before it is queued; in here only the disk can refuse it. Writes
//! that may refuse themselves (conditions) must do so before they change anything, then their
//! neighbours in the commit are untouched.

use std::{
    sync::Arc,
    thread::{self, JoinHandle},
    time::Duration,
};

use bytes::Bytes;
use redb::{Database, Durability};
use tokio::sync::{mpsc, oneshot};

use crate::source::keyvalue::{operation::Write, record::Record, refusal::Refusal, table};

/// Writes that may wait; more wait outside, in their senders.
const QUEUE: usize = 1024;

/// Writes in one commit, so that the first of them is not kept waiting by the last.
const GROUP: usize = 512;

/// How long a write may take before its client is told so.
const PATIENCE: Duration = Duration::from_secs(10);

/// An item's JSON text, if there is an item.
pub(super) type Written = Result<Option<Bytes>, Refusal>;

/// The writing thread, from outside.
#[derive(Debug)]
pub(super) struct Writer {
    jobs: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

/// One write on its way.
#[derive(Debug)]
struct Job {
    /// The stored name of its table.
    table: Arc<str>,
    write: Write,
    done: oneshot::Sender<Written>,
}

// === impl Writer ===

impl Writer {
    /// Starts the thread; it ends when this is dropped and the queue is empty.
    pub(super) fn start(database: Arc<Database>) -> Result<Self, redb::Error> {
        let (jobs, queue) = mpsc::channel(QUEUE);
        let thread = thread::Builder::new()
            .name("keyvalue-writer".into())
            .spawn(move || run(&database, queue))
            .map_err(redb::Error::Io)?;
        Ok(Writer {
            jobs: Some(jobs),
            thread: Some(thread),
        })
    }

    /// Applies a write. When this returns `Ok`, it is on disk.
    pub(super) async fn write(&self, table: Arc<str>, write: Write) -> Written {
        let (done, answer) = oneshot::channel();
        let job = Job { table, write, done };
        let queued_and_done = async {
            let jobs = self.jobs.as_ref().ok_or(Refusal::Storage)?;
            jobs.send(job).await.map_err(|_| Refusal::Storage)?;
            answer.await.map_err(|_| Refusal::Storage)?
        };
        match tokio::time::timeout(PATIENCE, queued_and_done).await {
            Ok(written) => written,
            Err(_) => Err(Refusal::Slow),
        }
    }
}

impl Drop for Writer {
    /// Waits for what is queued: a store that is gone has its file closed and unlocked.
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the key-value writer had panicked");
        }
    }
}

fn run(database: &Database, mut queue: mpsc::Receiver<Job>) {
    while let Some(first) = queue.blocking_recv() {
        let mut group = vec![first];
        while group.len() < GROUP
            && let Ok(next) = queue.try_recv()
        {
            group.push(next);
        }
        match commit(database, &group) {
            Ok(answers) => {
                for (job, answer) in group.into_iter().zip(answers) {
                    // Whoever gave up waiting does not hear it.
                    drop(job.done.send(answer));
                }
            }
            Err(error) => {
                let refusal = Refusal::storage(error);
                for job in group {
                    drop(job.done.send(Err(refusal.clone())));
                }
            }
        }
    }
}

/// One transaction for all; their answers, in order, once it is on disk.
fn commit(database: &Database, group: &[Job]) -> Result<Vec<Written>, redb::Error> {
    let mut transaction = database.begin_write()?;
    transaction.set_durability(Durability::Immediate)?;
    let mut answers = Vec::with_capacity(group.len());
    for run in group.chunk_by(|one, next| one.table == next.table) {
        let Some(first) = run.first() else { continue };
        let mut items = transaction.open_table(table::items(&first.table))?;
        for job in run {
            answers.push(apply(&mut items, &job.write)?);
        }
    }
    transaction.commit()?;
    Ok(answers)
}

fn apply(
    items: &mut redb::Table<'_, &'static [u8], &'static [u8]>,
    write: &Write,
) -> Result<Written, redb::StorageError> {
    match write {
        Write::Put { key, record } => {
            items.insert(key.as_slice(), record.as_ref())?;
            let text = Record::read(record).map(|stored| record.slice_ref(stored.text));
            Ok(text.map(Some))
        }
        Write::Delete { key } => {
            let Some(old) = items.remove(key.as_slice())? else {
                return Ok(Ok(None));
            };
            let text = Record::read(old.value()).map(|old| Bytes::copy_from_slice(old.text));
            Ok(text.map(Some))
        }
    }
}
