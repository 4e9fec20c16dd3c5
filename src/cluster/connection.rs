//! The connections of WebSocket apis by their ids: what back ends reach through `@connections`.
//!
//! Knows no socket: how a connection is written to is a [`Peer`]'s business.

use std::{
    fmt,
    net::IpAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use ahash::AHashMap;
use base64::{Engine as _, engine::general_purpose::URL_SAFE};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::clock;

/// Bytes of an id: sixteen that nobody can guess, and one so that the text of it ends in one `=`, as
/// API Gateway's do.
const ID: usize = 17;

/// Writes to a connection, and ends it.
pub(crate) trait Peer: Send + Sync {
    /// Queues a text message; never waits.
    fn offer(&self, text: String) -> Result<(), Unsent>;

    /// Ends the connection as a back end does.
    fn close(&self);
}

/// Why a message was not queued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unsent {
    /// As many wait as may.
    Full,
    /// The connection is gone.
    Gone,
}

/// A connection, as others see it.
pub(crate) struct Connection {
    /// What names it. Whoever knows it and may use `@connections` can write to it.
    pub(crate) id: Box<str>,
    /// The api that it belongs to.
    pub(crate) api: Arc<str>,
    /// In milliseconds since 1970.
    pub(crate) connected_at: u64,
    /// The client's address.
    pub(crate) client: Option<IpAddr>,
    /// What the client calls itself.
    pub(crate) user_agent: Option<Box<str>>,
    /// How it is written to.
    pub(crate) peer: Box<dyn Peer>,
    last_active: AtomicU64,
}

/// The connections that there are.
#[derive(Debug, Clone, Default)]
pub(crate) struct Connections {
    // Held for a moment only, never across an await.
    by_id: Arc<Mutex<AHashMap<Box<str>, Arc<Connection>>>>,
}

/// A connection that can be found, until this is dropped.
#[derive(Debug)]
pub(crate) struct Registered {
    connections: Connections,
    connection: Arc<Connection>,
}

// === impl Connection ===

impl Connection {
    /// A connection that begins now.
    pub(crate) fn new(id: Box<str>, api: Arc<str>, peer: Box<dyn Peer>) -> Self {
        let now = clock::unix_millis();
        Connection {
            id,
            api,
            connected_at: now,
            client: None,
            user_agent: None,
            peer,
            last_active: AtomicU64::new(now),
        }
    }

    /// A new id.
    pub(crate) fn new_id() -> Box<str> {
        // Each of the two has 122 random bits at fixed places; hashed, they are spread over all.
        let random = [Uuid::new_v4(), Uuid::new_v4()].map(Uuid::into_bytes);
        let mut id = Sha256::digest(random.concat()).to_vec();
        id.truncate(ID);
        URL_SAFE.encode(id).into()
    }

    /// Notes that a message went one way or the other.
    pub(crate) fn touch(&self) {
        self.last_active.store(clock::unix_millis(), Relaxed);
    }

    /// When the last message went, in milliseconds since 1970.
    pub(crate) fn last_active(&self) -> u64 {
        self.last_active.load(Relaxed)
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without its id, which is as good as a key.
        let mut connection = f.debug_struct("Connection");
        connection.field("api", &self.api).finish_non_exhaustive()
    }
}

// === impl Connections ===

impl Connections {
    /// Makes a connection known.
    pub(crate) fn register(&self, connection: Connection) -> Registered {
        let connection = Arc::new(connection);
        self.by_id()
            .insert(connection.id.clone(), Arc::clone(&connection));
        Registered {
            connections: self.clone(),
            connection,
        }
    }

    /// The connection of an api that has this id.
    pub(crate) fn find(&self, api: &str, id: &str) -> Option<Arc<Connection>> {
        let found = self.by_id().get(id).cloned();
        found.filter(|connection| *connection.api == *api)
    }

    /// Like [`Connections::find`]; from now on nobody finds it any more.
    pub(crate) fn take(&self, api: &str, id: &str) -> Option<Arc<Connection>> {
        let mut by_id = self.by_id();
        by_id.get(id).filter(|found| *found.api == *api)?;
        by_id.remove(id)
    }

    fn by_id(&self) -> MutexGuard<'_, AHashMap<Box<str>, Arc<Connection>>> {
        self.by_id.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl Registered ===

impl Registered {
    /// Nobody finds it any more.
    pub(crate) fn end(self) -> Arc<Connection> {
        Arc::clone(&self.connection)
    }

    /// The connection itself.
    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        self.connections.by_id().remove(&self.connection.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Nobody;

    impl Peer for Nobody {
        fn offer(&self, _: String) -> Result<(), Unsent> {
            Err(Unsent::Gone)
        }

        fn close(&self) {}
    }

    #[test]
    fn ids_look_like_api_gateways_and_differ() {
        let (one, other) = (Connection::new_id(), Connection::new_id());
        assert_ne!(one, other);
        assert_eq!(one.len(), 24);
        assert!(one.ends_with('=') && !one.ends_with("=="));
    }

    #[test]
    fn a_connection_is_found_by_its_api_while_it_is_there() {
        let connections = Connections::default();
        let chat = Connection::new("id=".into(), "chat".into(), Box::new(Nobody));
        let registered = connections.register(chat);
        assert!(connections.find("chat", "id=").is_some());
        assert!(connections.find("shop", "id=").is_none());
        assert!(connections.find("chat", "id").is_none());
        drop(registered);
        assert!(connections.find("chat", "id=").is_none());
    }

    #[test]
    fn a_connection_that_was_taken_is_found_no_more() {
        let connections = Connections::default();
        let chat = Connection::new("id=".into(), "chat".into(), Box::new(Nobody));
        let _registered = connections.register(chat);
        assert!(connections.take("shop", "id=").is_none());
        assert!(connections.take("chat", "id=").is_some());
        assert!(connections.find("chat", "id=").is_none());
    }
}
