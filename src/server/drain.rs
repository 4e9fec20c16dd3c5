//! Being told to stop, and stopping without losing what runs.

use std::time::Duration;

use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::signal::unix::{self, SignalKind};
use tokio_util::sync::CancellationToken;

use crate::{errand, front::Front};

/// How long connections go on after the end was announced.
const GRACE: Duration = Duration::from_millis(500);

/// How often it is looked whether the last errand is done.
const LOOK: Duration = Duration::from_millis(20);

/// What the process was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signal {
    /// SIGTERM or SIGINT.
    Stop,
    /// SIGHUP.
    Reload,
}

/// The signals that we listen for.
pub(super) struct Signals {
    terminate: unix::Signal,
    interrupt: unix::Signal,
    hangup: unix::Signal,
}

impl Signals {
    pub(super) fn new() -> std::io::Result<Self> {
        Ok(Signals {
            terminate: unix::signal(SignalKind::terminate())?,
            interrupt: unix::signal(SignalKind::interrupt())?,
            hangup: unix::signal(SignalKind::hangup())?,
        })
    }

    /// The next signal.
    pub(super) async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.terminate.recv() => Signal::Stop,
            _ = self.interrupt.recv() => Signal::Stop,
            _ = self.hangup.recv() => Signal::Reload,
        }
    }

    /// Returns when the process is told to stop; other signals pass.
    pub(super) async fn stop(&mut self) {
        while self.next().await != Signal::Stop {}
    }
}

/// The connections that are open.
#[derive(Default)]
pub(super) struct Connections {
    graceful: GracefulShutdown,
    ending: CancellationToken,
}

impl Connections {
    /// Watches one connection.
    pub(super) fn watcher(&self) -> Watcher {
        self.graceful.watcher()
    }

    /// Cancelled when connections that have not begun need not begin any more.
    pub(super) fn ending(&self) -> CancellationToken {
        self.ending.clone()
    }

    /// Lets running requests finish, idle connections close and sockets say goodbye, and gives up
    /// after `limit`.
    ///
    /// For a moment connections go on as they were, while every answer says that it is the last:
    /// a client that is about to send would otherwise send into a connection that closes.
    pub(super) async fn drain(self, front: &Front, limit: Duration) {
        front.close_sockets();
        self.ending.cancel();
        if self.graceful.count() > 0 {
            tokio::time::sleep(GRACE).await;
        }
        tracing::info!(open = self.graceful.count(), "draining");
        let ended = async {
            tokio::join!(self.graceful.shutdown(), front.sockets_closed());
            // What was begun is done to its end, also when its client is gone.
            while errand::running() > 0 {
                tokio::time::sleep(LOOK).await;
            }
        };
        if tokio::time::timeout(limit, ended).await.is_err() {
            tracing::warn!("requests were still running after {limit:?}: they are cut off");
        }
    }
}
