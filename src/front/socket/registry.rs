//! All the connections that there are: how many, of which api, and how to end them all.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use hyper::upgrade::OnUpgrade;
use metrics::gauge;
use tokio::sync::watch;

use crate::{
    front::socket::ending::{Cause, Ending},
    observe,
};

/// What an upgrade needs: the connection below, and where the socket is counted.
pub(in crate::front) struct Upgrade {
    on: OnUpgrade,
    sockets: Sockets,
    api: Arc<str>,
}

/// All the connections that there are.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sockets(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    // Held for a moment only, never across an await.
    open: Mutex<Open>,
    count: watch::Sender<usize>,
}

#[derive(Debug, Default)]
struct Open {
    closing: bool,
    next: u64,
    by_api: HashMap<Arc<str>, usize>,
    all: HashMap<u64, Arc<Ending>>,
}

/// A connection's place among all of them, until it is dropped.
#[derive(Debug)]
pub(super) struct Seat {
    sockets: Sockets,
    api: Arc<str>,
    number: u64,
}

/// There is no room for another connection.
#[derive(Debug)]
pub(super) struct Full;

// === impl Upgrade ===

impl Upgrade {
    /// An upgrade of a request for this api.
    pub(in crate::front) fn new(on: OnUpgrade, sockets: &Sockets, api: &Arc<str>) -> Self {
        Upgrade {
            on,
            sockets: sockets.clone(),
            api: Arc::clone(api),
        }
    }

    /// Takes a seat, if the api has fewer than `limit` connections.
    pub(super) fn seat(
        self,
        limit: usize,
        ending: &Arc<Ending>,
    ) -> Result<(OnUpgrade, Seat), Full> {
        let seat = self.sockets.seat(self.api, limit, ending)?;
        Ok((self.on, seat))
    }
}

impl fmt::Debug for Upgrade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upgrade").field("api", &self.api).finish()
    }
}

// === impl Sockets ===

impl Sockets {
    /// Ends all connections with 1001, and lets no new one begin.
    pub(in crate::front) fn close_all(&self) {
        let endings: Vec<Arc<Ending>> = {
            let mut open = self.open();
            open.closing = true;
            open.all.values().cloned().collect()
        };
        for ending in endings {
            ending.ask(Cause::Shutdown, Cause::Shutdown.close());
        }
    }

    /// Waits until there are none.
    pub(in crate::front) async fn closed(&self) {
        // The sender is ours: it is not gone while we wait.
        let _ = self.0.count.subscribe().wait_for(|count| *count == 0).await;
    }

    pub(super) fn seat(
        &self,
        api: Arc<str>,
        limit: usize,
        ending: &Arc<Ending>,
    ) -> Result<Seat, Full> {
        let mut open = self.open();
        let of_api = open.by_api.get(&api).copied().unwrap_or_default();
        if open.closing || of_api >= limit {
            return Err(Full);
        }
        open.by_api.insert(Arc::clone(&api), of_api + 1);
        let number = open.next;
        open.next += 1;
        open.all.insert(number, Arc::clone(ending));
        self.counted(open.all.len());
        drop(open);
        Ok(Seat {
            sockets: self.clone(),
            api,
            number,
        })
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Called with the lock held, so that counts are told in their order.
    fn counted(&self, count: usize) {
        self.0.count.send_replace(count);
        #[expect(clippy::cast_precision_loss, reason = "fewer than 2^53 connections")]
        gauge!(observe::SOCKETS).set(count as f64);
    }
}

impl Default for Shared {
    fn default() -> Self {
        Shared {
            open: Mutex::default(),
            count: watch::Sender::new(0),
        }
    }
}

// === impl Seat ===

impl Drop for Seat {
    fn drop(&mut self) {
        let mut open = self.sockets.open();
        open.all.remove(&self.number);
        if let Some(of_api) = open.by_api.get_mut(&self.api) {
            *of_api -= 1;
            if *of_api == 0 {
                open.by_api.remove(&self.api);
            }
        }
        self.sockets.counted(open.all.len());
    }
}
