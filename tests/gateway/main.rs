//! What Loomgate promises, seen from outside: every test starts the program and talks to it.
//!
//! One binary, a module per promise. Promises that are one request and one answer long are pages in
//! `tests/cases`; here stands what needs processes, concurrency or sockets of its own.

#![allow(
    clippy::disallowed_methods,
    reason = "these tests wait for a real process"
)]

mod support;

mod brought;
mod caching;
mod cases;
mod chat;
mod check;
mod conformance;
mod durability;
mod examples;
mod explain;
mod hostile;
mod lifecycle;
mod mounted;
mod n_plus_one;
mod passing_through;
mod persisted;
mod programs;
mod refusals;
mod reload;
mod subscriptions;
mod templates;
mod tls;
mod upstream_faults;
