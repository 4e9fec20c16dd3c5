//! Connections in: accept, speak HTTP/1.1 or HTTP/2, hand requests to the front.

use std::{convert::Infallible, net::SocketAddr, sync::Arc, time::Duration};

use axum::body::Body;
use hyper::{Request, body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto::Builder,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
};

use crate::{
    front::Front,
    server::{
        ServerError,
        connection::{Activity, Counted},
        drain::Connections,
    },
};

/// How long a client may take to send the head of a request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);

/// How long to wait before accepting again when the system has no room for a connection.
const PAUSE: Duration = Duration::from_millis(50);

/// A bound address.
#[derive(Debug)]
pub(crate) struct Listener {
    socket: TcpListener,
    address: SocketAddr,
}

impl Listener {
    /// Binds the address.
    pub(crate) async fn bind(address: SocketAddr) -> Result<Self, ServerError> {
        let bind = async {
            let socket = TcpListener::bind(address).await?;
            let address = socket.local_addr()?;
            Ok(Listener { socket, address })
        };
        bind.await
            .map_err(|source| ServerError::Bind { address, source })
    }

    /// Where clients connect; the port is known even when port 0 was asked for.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The next connection, when there is a slot for it; until then it waits with the system.
    pub(super) async fn accept(
        &self,
        slots: &Arc<Semaphore>,
    ) -> (TcpStream, SocketAddr, OwnedSemaphorePermit) {
        let slot = Arc::clone(slots)
            .acquire_owned()
            .await
            .expect("slots are never closed");
        loop {
            match self.socket.accept().await {
                Ok((stream, peer)) => return (stream, peer, slot),
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }
}

/// Serves one connection in a task of its own; `slot` is its place among all connections.
pub(super) fn serve(
    stream: TcpStream,
    peer: SocketAddr,
    front: Arc<Front>,
    connections: &Connections,
    slot: OwnedSemaphorePermit,
) {
    let _ = stream.set_nodelay(true);
    let activity = Arc::new(Activity::default());
    let stream = TokioIo::new(Counted::new(stream, Arc::clone(&activity)));
    let watched = Arc::clone(&activity);
    let service = service_fn(move |request: Request<Incoming>| {
        let front = Arc::clone(&front);
        let running = activity.run();
        async move {
            let response = front.answer(request.map(Body::new), Some(peer)).await;
            drop(running);
            Ok::<_, Infallible>(response)
        }
    });
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT);
    builder.http2().timer(TokioTimer::new());
    let watcher = connections.watcher();
    let connection = builder
        .serve_connection_with_upgrades(stream, service)
        .into_owned();
    tokio::spawn(async move {
        let _slot = slot;
        tokio::select! {
            ended = watcher.watch(connection) => if let Err(error) = ended {
                tracing::debug!(%error, "a connection ended badly");
            },
            () = watched.standstill() => tracing::debug!(%peer, "a connection stood still and is closed"),
        }
    });
}
