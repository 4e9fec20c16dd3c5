//! How the gateway is watched: sets up the logs. The counters live beside what they count.

mod log;

pub(crate) use log::install;
