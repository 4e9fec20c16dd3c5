//! The threads for programs that take longer than an I/O worker may be held.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, LazyLock, Mutex, PoisonError,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
};

use bytes::Bytes;
use tokio::sync::oneshot;

use super::{ErrorKind, Natives, Program, ScriptError, realm};

const THREADS: usize = 2;

/// How many may wait. Each may take as long as its bound says, so that more would wait for nothing.
const WAITING: usize = 64;

const STACK: usize = 4 << 20;

type Job = Box<dyn FnOnce() + Send>;

static POOL: LazyLock<SyncSender<Job>> = LazyLock::new(|| {
    let (sender, receiver) = sync_channel(WAITING);
    let receiver = Arc::new(Mutex::new(receiver));
    for _ in 0..THREADS {
        let receiver = Arc::clone(&receiver);
        let spawned = thread::Builder::new()
            .name("script".to_owned())
            .stack_size(STACK)
            .spawn(move || work(&receiver));
        if let Err(error) = spawned {
            // With no thread at all the channel is closed, and each job is told so.
            tracing::error!(%error, "a script thread cannot be started");
        }
    }
    sender
});

fn work(receiver: &Mutex<Receiver<Job>>) {
    loop {
        let job = receiver
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .recv();
        match job {
            Ok(job) => job(),
            Err(_) => return,
        }
    }
}

/// Runs a program on one of the threads.
pub(super) async fn finish<N: Natives + Send + 'static>(
    program: Arc<Program>,
    function: &'static str,
    arguments: Bytes,
    natives: N,
) -> (Result<Bytes, ScriptError>, N) {
    // The functions come back even when the queue is full: they lie where the job would find them.
    let slot = Arc::new(Mutex::new(Some(natives)));
    let (reply, answer) = oneshot::channel();
    let job = {
        let slot = Arc::clone(&slot);
        move || {
            // Nobody waits any more.
            if reply.is_closed() {
                return;
            }
            let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
            let Some(natives) = slot.as_mut() else { return };
            let allowance = program.bounds.cpu;
            let run = || realm::run(&program, function, &arguments, natives, allowance);
            let result = catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| Err(failed()));
            drop(slot);
            drop(reply.send(result));
        }
    };
    let result = match POOL.try_send(Box::new(job)) {
        Ok(()) => answer.await.unwrap_or_else(|_| Err(failed())),
        Err(_) => Err(ScriptError::new(
            ErrorKind::Busy,
            "too many scripts wait for a thread",
        )),
    };
    let natives = slot.lock().unwrap_or_else(PoisonError::into_inner).take();
    (result, natives.expect("only this function takes them out"))
}

fn failed() -> ScriptError {
    ScriptError::new(ErrorKind::Threw, "the script engine failed")
}
