//! What the nodes of a gateway share: counters, messages, connections. In this process today; behind
//! the same doors over Redis later.
//!
//! It outlives deployments: a reload changes no bucket, loses no message and closes no connection.

mod broker;
mod bucket;
mod connection;

use std::sync::Arc;

pub(crate) use broker::{Broker, Ear, Heard, Listening, Local, ear};
pub(crate) use bucket::{Bucket, Buckets, Counter, Pace};
pub(crate) use connection::{Connection, Connections, Peer, Registered, Unsent};

/// What nodes share.
#[derive(Debug)]
pub(crate) struct Cluster {
    /// Events from those who cause them to those who listen.
    pub(crate) broker: Arc<dyn Broker>,
    /// The connections of WebSocket apis, by their ids.
    pub(crate) connections: Connections,
    /// How often callers called.
    pub(crate) buckets: Buckets,
}

impl Cluster {
    /// One node, alone.
    pub(crate) fn alone() -> Arc<Self> {
        Arc::new(Cluster {
            broker: Arc::new(Local::default()),
            connections: Connections::default(),
            buckets: Buckets::default(),
        })
    }
}
