//! Loomgate: one gateway for GraphQL, REST and WebSocket clients, driven by plain files.
//!
//! The modules stand in reading order, which is also the order of the layers: a module imports
//! only from modules below it. The layer table and the way of a request are in `ARCHITECTURE.md`.

// From the listener to a source one future holds the next; boxing them would cost every request.
#![recursion_limit = "256"]

pub mod cli;

mod server;

pub mod front;

mod control;

mod deployment;

mod subscribe;

mod graphql;

pub mod guard;
mod resolver;

mod cache;
pub mod mapping;
pub mod source;

mod cluster;
mod observe;

pub mod config;

mod clock;
mod errand;
pub mod json;
pub mod request;
pub mod script;
