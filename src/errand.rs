//! Errands: work that is done to its end, whether or not somebody still waits for it.
//!
//! A request is dropped when its client goes away. What it reads is then not needed any more; what it
//! writes must not be cut in half. An errand runs in a task of its own, and the drain waits for it.

use std::{
    future::Future,
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
};

use tracing::Instrument;

/// The errands that run in this process.
static RUNNING: AtomicUsize = AtomicUsize::new(0);

/// The errand ended in a fault of our own.
#[derive(Debug, thiserror::Error)]
#[error("stopped by an internal failure")]
pub(crate) struct Broken;

/// One of those that run.
struct Running;

/// Does the work and waits for it. Whoever stops waiting does not stop the work.
pub(crate) async fn run<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> Result<T, Broken> {
    let running = Running::begin();
    let task = async move {
        let done = work.await;
        drop(running);
        done
    };
    tokio::spawn(task.in_current_span())
        .await
        .map_err(|_| Broken)
}

/// How many errands run.
pub(crate) fn running() -> usize {
    RUNNING.load(Relaxed)
}

impl Running {
    fn begin() -> Self {
        RUNNING.fetch_add(1, Relaxed);
        Running
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        RUNNING.fetch_sub(1, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn an_errand_goes_on_when_nobody_waits_for_it() {
        let (go, gone) = oneshot::channel::<()>();
        let (tell, told) = oneshot::channel();
        let errand = run(async move {
            let _ = gone.await;
            let _ = tell.send("done");
        });
        let mut errand = Box::pin(errand);
        assert!(futures::poll!(&mut errand).is_pending());
        drop(errand);
        assert!(running() > 0);
        go.send(()).expect("the errand waits for it");
        assert_eq!(told.await, Ok("done"));
    }

    #[tokio::test]
    async fn an_errand_that_panics_is_broken() {
        let outcome = run(async { panic!("on purpose") }).await;
        assert!(matches!(outcome, Err::<(), _>(Broken)));
    }
}
