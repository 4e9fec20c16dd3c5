//! The harness: a running Loomgate, upstreams that count, a client, and node.

pub(crate) mod case;
pub(crate) mod client;
pub(crate) mod demo;
pub(crate) mod gateway;
pub(crate) mod issuer;
pub(crate) mod json;
pub(crate) mod node;
pub(crate) mod process;
pub(crate) mod project;
pub(crate) mod socket;
pub(crate) mod upstream;
pub(crate) mod yaml;

use std::time::Duration;

pub(crate) use client::{Client, Response};
pub(crate) use gateway::{Gateway, loomgate};
pub(crate) use issuer::Issuer;
pub(crate) use project::Project;
pub(crate) use upstream::{Answer, Received, Upstream};

/// How long anything may take that is expected to happen.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// How long a clear answer to nonsense may take, on a machine that is busy with other tests.
pub(crate) const PROMPT: Duration = Duration::from_secs(5);
