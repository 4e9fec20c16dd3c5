//! Bind, accept, run until told to stop.

mod connection;
mod drain;
mod listener;
mod reload;
mod tls;

use std::{net::SocketAddr, path::PathBuf, sync::Arc};

use crate::{config, control::Control, front::Front, observe::Metrics};

use drain::{Connections, Signal, Signals};
pub(crate) use listener::Listener;
use listener::Reception;
pub(crate) use tls::Tls;

/// Connections of the admin listener at once.
const ADMIN_CONNECTIONS: usize = 100;

/// A gateway that is ready to accept connections.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) listener: Listener,
    /// Absent: plain text.
    pub(crate) tls: Option<Arc<Tls>>,
    pub(crate) front: Arc<Front>,
    /// The listener for those who run the gateway, if there is one.
    pub(crate) admin: Option<Admin>,
    /// What is recorded; sorted from time to time, read by `admin`.
    pub(crate) metrics: Arc<Metrics>,
    /// What `server:` said at the start; a change of it needs a new start.
    pub(crate) settings: config::Server,
    /// What is read again on SIGHUP.
    pub(crate) config: PathBuf,
}

/// The admin listener, and what answers there.
#[derive(Debug)]
pub(crate) struct Admin {
    pub(crate) listener: Listener,
    pub(crate) control: Arc<Control>,
}

/// Why the gateway cannot run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ServerError {
    /// The address is taken, or not ours.
    #[error("cannot listen on {address}")]
    Bind {
        /// `server.listen`, or `server.admin.listen`
        address: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// The process cannot be told to stop.
    #[error("cannot listen for signals")]
    Signals(#[source] std::io::Error),
    /// Nobody wanted to wait for the end of the drain.
    #[error("told to stop a second time: what was running is cut off")]
    CutOff,
}

impl Server {
    /// Serves until SIGTERM or SIGINT, then drains; a second one ends at once. SIGHUP reads the
    /// configuration again. The admin listener goes on until the end.
    pub(crate) async fn run(self) -> Result<(), ServerError> {
        let mut signals = Signals::new().map_err(ServerError::Signals)?;
        let admin = self.admin.map(|admin| {
            let reception = Reception::plain(admin.control, ADMIN_CONNECTIONS, &self.settings);
            tokio::spawn(async move { reception.receive(&admin.listener).await })
        });
        let upkeep = tokio::spawn(async move { self.metrics.upkeep().await });
        let (front, settings) = (self.front, self.settings);
        let reception = Reception::new(Arc::clone(&front), self.tls.clone(), &settings);
        loop {
            tokio::select! {
                never = reception.receive(&self.listener) => match never {},
                signal = signals.next() => match signal {
                    Signal::Stop => break,
                    Signal::Reload => reload::begin(
                        self.config.clone(),
                        settings.clone(),
                        Arc::clone(&front),
                        self.tls.clone(),
                    ),
                }
            }
        }
        drop(self.listener);
        front.announce_end();
        let connections: Connections = reception.close();
        let ended = tokio::select! {
            () = connections.drain(&front, settings.drain) => Ok(()),
            () = signals.stop() => Err(ServerError::CutOff),
        };
        upkeep.abort();
        if let Some(admin) = admin {
            admin.abort();
        }
        ended
    }
}
