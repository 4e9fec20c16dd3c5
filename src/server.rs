//! Bind, accept, run until told to stop.

mod connection;
mod drain;
mod listener;
mod reload;

use std::{net::SocketAddr, path::PathBuf, sync::Arc};

use tokio::sync::Semaphore;

use crate::{config, front::Front};

pub(crate) use listener::Listener;

/// A gateway that is ready to accept connections.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) listener: Listener,
    pub(crate) front: Arc<Front>,
    /// What `server:` said at the start; a change of it needs a new start.
    pub(crate) settings: config::Server,
    /// What is read again on SIGHUP.
    pub(crate) config: PathBuf,
}

/// Why the gateway cannot run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ServerError {
    /// The address is taken, or not ours.
    #[error("cannot listen on {address}")]
    Bind {
        /// `server.listen`
        address: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// The process cannot be told to stop.
    #[error("cannot listen for signals")]
    Signals(#[source] std::io::Error),
}

impl Server {
    /// Serves until SIGTERM or SIGINT, then drains. SIGHUP reads the configuration again.
    pub(crate) async fn run(self) -> Result<(), ServerError> {
        let Server {
            listener,
            front,
            settings,
            config,
        } = self;
        let mut signals = drain::Signals::new().map_err(ServerError::Signals)?;
        let connections = drain::Connections::default();
        let slots = Arc::new(Semaphore::new(
            settings.max_connections.min(Semaphore::MAX_PERMITS),
        ));
        loop {
            tokio::select! {
                (stream, peer, slot) = listener.accept(&slots) => {
                    listener::serve(stream, peer, Arc::clone(&front), &connections, slot);
                }
                signal = signals.next() => match signal {
                    drain::Signal::Stop => break,
                    drain::Signal::Reload => reload::begin(config.clone(), settings.clone(), Arc::clone(&front)),
                }
            }
        }
        drop(listener);
        front.announce_end();
        connections.drain(settings.drain).await;
        front.report_caches();
        Ok(())
    }
}
