//! Loomgate: one gateway for GraphQL, REST and WebSocket clients, driven by plain files.
//!
//! The modules stand in reading order, which is also the order of the layers: a module imports
//! only from modules below it. The layer table and the way of a request are in `ARCHITECTURE.md`.

pub mod cli;

mod server;

pub mod front;

mod deployment;

mod graphql;

pub mod guard;
mod resolver;

mod cache;
pub mod mapping;
pub mod source;

mod observe;

pub mod config;

mod clock;
pub mod json;
pub mod request;
